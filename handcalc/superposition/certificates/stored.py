"""The certificates that come with the package, for the problems that its pages speak of.

``certify`` makes each of them again; the file of 3 → 2 at S = 1/2 takes some minutes.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from handcalc.superposition.loss.problem import Problem

_STORED: dict[str, tuple[int, int, str]] = {
    "two-in-one-half": (2, 1, "1/2"),
    "three-in-two-three-tenths": (3, 2, "3/10"),
    "three-in-two-half": (3, 2, "1/2"),
    "three-in-two-nine-tenths": (3, 2, "9/10"),
}
"""What each is about: n, m and S, every feature as important as any other."""

_FOLDER = "files"


@cache
def _problems() -> dict[str, Problem]:
    return {name: Problem.of(*stated) for name, stated in _STORED.items()}


def stored_names() -> tuple[str, ...]:
    """The names of all of them."""
    return tuple(_STORED)


def stored_content(name: str) -> bytes:
    """The bytes of one, by its name."""
    return (files(__package__) / _FOLDER / f"{name}.npz").read_bytes()


def stored_certificate(problem: Problem) -> str | None:
    """The name of the one that proves the best embedding of a problem, if there is one.

    >>> stored_certificate(Problem.of(3, 2, "1/2"))
    'three-in-two-half'
    >>> stored_certificate(Problem.of(3, 2, "2/5")) is None
    True
    """
    return next((name for name, known in _problems().items() if known == problem), None)
