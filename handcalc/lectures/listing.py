"""The lectures in their order: a new one is a file beside this one, and a row here."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from handcalc.errors import InputError
from handcalc.wording import brief, joined


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture of a part of the course; its notebook is the file of its name."""

    name: str
    title: str
    about: str
    minutes: int
    part: str

    @property
    def file(self) -> Path:
        """The notebook.

        >>> LECTURES[0].file.name
        'by_hand.py'
        """
        return Path(__file__).parent / "notebooks" / f"{self.name.replace('-', '_')}.py"


_SUPERPOSITION, _CIRCUITS, _DIRECTIONS = "Toy models of superposition", "Circuits", "Directions"

LECTURES = (
    Lecture(
        "by-hand",
        "What an embedding is, by hand",
        "Arrows, the way into the plane and back, what is kept and what is shared, and why a third "
        "feature is lost.",
        60,
        _SUPERPOSITION,
    ),
    Lecture(
        "interference",
        "Interference, importance, bias",
        "A third feature let in, acute and obtuse angles, who matters most, and a bias as a bet.",
        60,
        _SUPERPOSITION,
    ),
    Lecture(
        "sparsity",
        "ReLU and sparsity",
        "One bend, interference that is free with one feature on, how often two are on, and what "
        "sharing costs beside dropping.",
        70,
        _SUPERPOSITION,
    ),
    Lecture(
        "best-embedding",
        "The expected loss, and the best embedding",
        "What is drawn, an integral by hand, what a loss is made of, the named embeddings along S, "
        "which way is down, and the best there is.",
        90,
        _SUPERPOSITION,
    ),
    Lecture(
        "phase-changes",
        "Phase changes",
        "Dropped, alone or in a pair, by importance and sparsity; borders as exact numbers, the "
        "map, what its candidates miss, and triangle against pair.",
        90,
        _SUPERPOSITION,
    ),
    Lecture(
        "trained",
        "Trained, and worked by hand",
        "A step of descent in fractions, dead outputs, minima in which descent stays, restarts, "
        "and models trained in torch beside the best known.",
        90,
        _SUPERPOSITION,
    ),
    Lecture(
        "geometry",
        "Geometry, dimensionality, capacity",
        "How many dimensions a feature has, the solids behind the fractions, products of them, "
        "superposition in steps, and who is put back to back.",
        100,
        _SUPERPOSITION,
    ),
    Lecture(
        "one-layer",
        "One head and one layer",
        "The residual stream, softmax as fractions, a head three ways, bigrams, skip-trigrams and "
        "their bug, copying, positions.",
        90,
        _CIRCUITS,
    ),
    Lecture(
        "two-layers",
        "Two layers and induction",
        "Paths through the heads, composition, virtual heads, four induction heads, and what one "
        "layer cannot do.",
        90,
        _CIRCUITS,
    ),
    Lecture(
        "ways-out",
        "Ways out",
        "Almost-orthogonal directions and how many fit, which sparse inputs come back, sparse "
        "autoencoders, and what each way out of superposition costs.",
        90,
        _DIRECTIONS,
    ),
)


def find_lecture(which: str) -> Lecture:
    """A lecture by its number, from 1, or by its name. Errors: ``unknown_lecture``.

    >>> find_lecture("1").name, find_lecture("one-layer").title
    ('by-hand', 'One head and one layer')
    """
    known = {name: each for k, each in enumerate(LECTURES, 1) for name in (str(k), each.name)}
    if which not in known:
        names = [each.name for each in LECTURES]
        close = get_close_matches(which.lower(), names, n=1)  # no number is near another one
        listed = joined(names, "or")
        raise InputError(
            "unknown_lecture",
            f"Lectures have the numbers 1 to {len(LECTURES)}, or the names {listed}; "
            f"{brief(which)} is none of them.",
            suggestion=close[0] if close else None,
        )
    return known[which]
