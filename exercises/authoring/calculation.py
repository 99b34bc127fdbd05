"""What a table ``[engine]`` describes: a calculation, and what is said if it disagrees."""

from __future__ import annotations

from exercises.tables import TableError, TableRecord
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, to_text


class TaggedCalculation(TableRecord, kw_only=True, tag_field="kind"):
    """A calculation that a table ``[engine]`` names by its ``kind``."""


def pick(numbers: Vector, key: str, names: str | None) -> Vector:
    """The entries that are named, counted from 1; all of them where none is.

    Errors: ``TableError`` at ``key`` for one that is not there.

    >>> pick((5, 6, 7), "features", "1 3"), pick((5, 6, 7), "features", None)
    ((5, 7), (5, 6, 7))
    """
    named = (names or "").split()
    known = {str(i): number for i, number in enumerate(numbers, 1)}
    if not known.keys() >= set(named):
        said = f"there are the entries 1 to {len(numbers)}, not {' '.join(named)}."
        raise TableError("wrong_value", key, said)
    return tuple(known[name] for name in named or known)


def compare(numbers: Vector, value: Vector) -> str | None:
    """What is said where a stored value is not what the engine gives; None where it is.

    >>> import sympy
    >>> compare((sympy.Integer(2),), (sympy.Integer(3),))
    'the engine gives 2'
    """
    agree = len(numbers) == len(value) and all(
        equal(a, b) for a, b in zip(numbers, value, strict=True)
    )
    return None if agree else f"the engine gives {', '.join(map(to_text, numbers))}"
