"""A named circuit: its page, its model, what is proved of it, and the parts that builders share.

Among the parts are positions on the circle by the 3-4-5 angle: all rational, one matrix from each
to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.gallery.question import CircuitPrediction
from handcalc.circuits.proving import Enumeration, SequenceClaim
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.run_steps import expression_of
from handcalc.derivation import Claim, Expression, Findings
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Plotted
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import exact
from handcalc.wording import joined

FRAMEWORK = "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits"

# what a finding is proved on, so that a page shows at once: sequences, and tokens to make them of
_FEW = 400
_FEW_TOKENS = 4

Cells = Mapping[tuple[int, int], "int | Fraction"]
Plane = tuple[Fraction, Fraction]

COS, SIN = Fraction(3, 5), Fraction(4, 5)
TURN: tuple[Plane, Plane] = ((COS, SIN), (-SIN, COS))  # R
BACK: tuple[Plane, Plane] = ((COS, -SIN), (SIN, COS))  # Rᵀ
MOST_PLACES = 10  # later ones come round too close to the first


@dataclass(frozen=True, repr=False)
class Circuit(Displayed, Plotted):
    """A named circuit: a model built by hand, its story, a worked sentence, and its claims.

    ``claims`` are proved by enumeration: ``claim`` is the first of them, ``claim.prove(up_to=6)``
    the proof. ``findings`` says what is gained and what fails, computed from the model, and
    ``question`` what a reader may try to answer before the work is shown.
    """

    name: str
    title: str
    story: str
    model: AttentionOnly
    example: str
    claims: tuple[SequenceClaim, ...]
    source: str
    find: Callable[[Circuit], Findings]
    ask: Callable[[Circuit, CircuitRun], CircuitPrediction]

    @property
    def claim(self) -> SequenceClaim:
        """The first of its claims."""
        return self.claims[0]

    @property
    def findings(self) -> Findings:
        """What is gained and what fails, computed."""
        return self.find(self)

    def run(self) -> CircuitRun:
        """The example sentence worked through."""
        return run_circuit(self.model, self.example)

    def question(self, run: CircuitRun | None = None) -> CircuitPrediction:
        """A question on the example, or on another run, with its answer computed.

        >>> import handcalc
        >>> asked = handcalc.circuit("induction").question()
        >>> asked.choices, asked.right
        (('a', 'b', 'c', 'd'), (1,))
        """
        return self.ask(self, run or self.run())

    def plot(
        self,
        layer: int | None = None,
        head: int | None = None,
        *,
        ax: Any = None,
        dark: bool | None = None,
    ) -> Any:
        """Draw the example: the attention of a head, or the residual stream; return the axes.

        Errors: ``head``; ``missing_extra`` without matplotlib.

        >>> import handcalc
        >>> handcalc.circuit("previous-token").plot(1, 1).get_title(loc="left")
        'Head 1.1 attends'
        """
        return self.run().plot(layer, head, ax=ax, dark=dark)

    def __repr__(self) -> str:
        return f"<Circuit {self.name}: {self.title}>"


def matrix(rows: int, columns: int, cells: Cells) -> list[list[int | Fraction]]:
    """A matrix of zeros but for these cells, by row and column from 0.

    >>> matrix(2, 2, {(0, 1): 3})
    [[0, 3], [0, 0]]
    """
    return [[cells.get((i, j), 0) for j in range(columns)] for i in range(rows)]


def read_size(value: object, name: str, least: int, most: int) -> int:
    """A size of a circuit within its limits. Errors: ``size``.

    >>> read_size(4, "V", 2, 26)
    4
    """
    found = read_whole(value, f"size {name}", "size")
    if not least <= found <= most:
        raise InputError("size", f"{name} is from {least} to {most} here, not {found}.")
    return found


def short_sentence(V: int, n: int) -> str:
    """A sentence with a repeat, of tokens and places that there are.

    >>> [short_sentence(V, n) for V, n in ((4, 7), (2, 7), (4, 2))]
    ['a b c a', 'a b a', 'a a']
    """
    text = "abca" if V > 2 and n > 3 else "aba" if n > 2 else "aa"[:n]
    return " ".join(text)


def letters(V: int) -> tuple[str, ...]:
    """The first letters of the alphabet, as names of tokens."""
    return tuple(ascii_lowercase[:V])


def says(sentence: str, *numbers: int | Fraction | sympy.Expr | ExponentialSum) -> Claim:
    """A claim with exact numbers in its sentence."""
    return Claim(sentence, tuple(map(_shown, numbers)))


def slots(numbers: Sequence[object]) -> str:
    """A place for each of some numbers in a sentence.

    >>> slots([1, 2])
    '{}, {}'
    """
    return ", ".join(["{}"] * len(numbers))


def _shown(number: int | Fraction | sympy.Expr | ExponentialSum) -> Expression:
    given = number if isinstance(number, ExponentialSum) else exact(number)
    return expression_of(given)


def judged(claims: Sequence[SequenceClaim]) -> tuple[list[Claim], list[Claim]]:
    """What proofs by enumeration found, of claims that hold and of those that do not."""
    proofs = [_short_proof(claim) for claim in claims]
    told = [(proof.holds, _told(proof)) for proof in proofs]
    return [said for holds, said in told if holds], [said for holds, said in told if not holds]


def proved(claim: SequenceClaim, few: int = _FEW) -> Claim:
    """What a proof by enumeration found, in a sentence; on sequences as long as a few allow."""
    return _told(_short_proof(claim, few))


def _short_proof(claim: SequenceClaim, few: int = _FEW) -> Enumeration:
    names = claim.alphabet[:_FEW_TOKENS]
    size, room = len(names), claim.room
    up_to = 1
    while sum(size**k for k in range(1, up_to + 2)) <= few and (room is None or up_to < room):
        up_to += 1
    return replace(claim, alphabet=names).prove(up_to)


def _told(found: Enumeration) -> Claim:
    claim = found.claim
    all_names = [name for name in claim.model.vocabulary if name not in claim.before]
    of = "" if len(all_names) <= _FEW_TOKENS else f" out of {joined(claim.alphabet)}"
    such = f"{{}} such sequences of {found.lengths_met}{of}"
    if not found.sequences:
        return says(f"{claim.sentence} So few tokens have no such sequence.")
    if found.counterexample is not None:
        where = " ".join(found.counterexample)
        return says(
            f"{claim.sentence} That is not always so: of {such} {{}} break it, such as {where}.",
            found.sequences,
            found.failures,
        )
    said = f"{claim.sentence} Proved on {such}"
    if found.margin is None:
        return says(f"{said}.", found.sequences)
    if isinstance(found.margin, ExponentialSum):  # which is a page long
        about = f"{found.margin.to_float():.7f}"
        return says(f"{said}; the smallest lead is about {about}.", found.sequences)
    return says(f"{said}; the smallest lead is {{}}.", found.sequences, found.margin)


# -- positions on the circle -----------------------------------------------------------------------


def turned(point: Plane, by: tuple[Plane, Plane] = TURN) -> Plane:
    """p R.

    >>> turned((Fraction(1), Fraction(0)))
    (Fraction(3, 5), Fraction(4, 5))
    """
    (a, b), (c, d) = by
    x, y = point
    return x * a + y * c, x * b + y * d


def circle(count: int, start: Plane = (Fraction(1), Fraction(0))) -> list[Plane]:
    """start·Rʲ for j = 0 … count − 1.

    >>> circle(3)[2]
    (Fraction(-7, 25), Fraction(24, 25))
    """
    points = [start]
    while len(points) < count:
        points.append(turned(points[-1]))
    return points[:count]
