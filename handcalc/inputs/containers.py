"""What arrays, tensors, frames and matrices of other libraries hold, as Python's own lists.

None of those libraries is imported: each container is asked by the method that its library has for
this, so that numpy, torch (on any device, with gradients), jax, pandas, polars, scipy's sparse
arrays, sympy and flint are all taken, and what is like them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Set
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from numbers import Complex, Rational, Real
from typing import Any, Final

import sympy
from sympy.logic.boolalg import BooleanAtom

from handcalc.errors import InputError
from handcalc.wording import brief

_MOST = 100_000  # numbers of something that may never end
_DEEPEST = 8  # lists in one another; a list may hold itself
_MOST_EXPONENT = 10_000  # of a Decimal: its digits are written out
_LABELS = {"index", "level_0", "Unnamed: 0"}  # what pandas calls row labels that became a column


def as_lists(value: object, name: str = "", depth: int = 0) -> object:
    """Nested lists of Python's own numbers, texts and sympy's numbers; one number as itself.

    ``depth`` is how many lists it stands in. Errors: ``wrong_shape`` for sets, dictionaries and
    lists in one another without end, ``array`` for what cannot be read.

    >>> as_lists(range(3)), as_lists(sympy.Matrix([[1, 2]])), as_lists("1/2")
    ([0, 1, 2], [[1, 2]], '1/2')
    """
    is_matrix = isinstance(value, sympy.MatrixBase | sympy.MatrixExpr | sympy.NDimArray)
    is_symbolic = isinstance(value, sympy.Expr | BooleanAtom) and not is_matrix
    if isinstance(value, str | int | float | Fraction) or is_symbolic:
        return value
    if isinstance(value, bytes | bytearray):
        raise InputError("array", f"{start(name)}A text is asked for, not bytes; decode it.")
    if isinstance(value, Mapping | Set):
        raise InputError(
            "wrong_shape",
            f"{start(name)}Numbers in their order are asked for, such as a list, "
            f"not a {kind(value)}.",
        )
    held = _held(value, name)
    if held is None:
        return _scalar(value, name)
    if not isinstance(held, list):
        return as_lists(held, name, depth)
    if depth > _DEEPEST:
        raise InputError("wrong_shape", f"{start(name)}Lists lie too deep in one another.")
    return [as_lists(each, name, depth + 1) for each in held]


def _held(value: Any, name: str) -> object | None:
    """What an array or another container holds, as its library gives it; None for a number."""
    method = next((each for each in _METHODS if callable(getattr(value, each, None))), None)
    if method is None:
        found = list(islice(value, _MOST + 1)) if isinstance(value, Iterable) else None
        if found is not None and len(found) > _MOST:
            raise InputError("too_large", f"{start(name)}At most {_MOST} numbers are taken.")
        return found
    if method in _FRAMES:
        _check_labels(value, name)
    try:
        whole = value.to_dense() if getattr(value, "is_sparse", False) else value
        held = _METHODS[method](getattr(whole, method))
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            "array", f"{start(name)}The numbers of this {kind(value)} cannot be read: {reason}"
        ) from error
    # numpy's long doubles give themselves, and would be asked without end
    return None if type(held) is type(value) else held


_METHODS: Final[Mapping[str, Callable[[Any], object]]] = {
    # pandas, column by column, so that ints beside floats stay ints
    "itertuples": lambda ask: list(map(list, ask(index=False, name=None))),
    "rows": lambda ask: list(map(list, ask())),  # polars
    "tolist": lambda ask: ask(),  # numpy, torch, jax, sympy, flint, a pandas series
    "to_list": lambda ask: ask(),  # a polars series
    "to_pylist": lambda ask: ask(),  # pyarrow
    "toarray": lambda ask: ask(),  # scipy's sparse arrays
    "__array__": lambda ask: ask(),  # tensorflow, xarray
}
"""The ways in which libraries give what a container holds, the best one first."""

_FRAMES = {"itertuples", "rows"}


def _scalar(value: object, name: str) -> object:
    """One number of another library as one of Python's, if it is exact."""
    if isinstance(value, Decimal) and value.is_finite():
        if abs(value.adjusted()) > _MOST_EXPONENT:
            raise InputError("too_large", f"{start(name)}{brief(value)} has too many digits.")
        return Fraction(value)
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    whole = as_int(value)
    if whole is not None:
        return whole
    parts = as_int(getattr(value, "p", None)), as_int(getattr(value, "q", None))  # flint's fmpq
    if parts[0] is not None and parts[1]:
        return Fraction(parts[0], parts[1])
    return value


def _check_labels(frame: object, name: str) -> None:
    """Refuse a frame whose row labels became a column."""
    columns = [str(column) for column in getattr(frame, "columns", ())]
    found = next((column for column in columns if column in _LABELS), None)
    if found is not None:
        raise InputError(
            "labels",
            f'{start(name)}The column "{found}" holds row labels, it seems, and no numbers of a '
            f"model: drop it, or give the frame's to_numpy() if it is meant.",
        )


def is_float(value: object) -> bool:
    """Whether a number is one of floating point, of whatever library.

    >>> is_float(0.5), is_float(sympy.Float(1)), is_float(sympy.sqrt(2)), is_float(None)
    (True, True, False, False)
    """
    if isinstance(value, sympy.Basic):
        return isinstance(value, sympy.Expr) and value.has(sympy.Float) and bool(value.is_real)
    if isinstance(value, Real | Decimal):
        return not isinstance(value, Rational)
    return hasattr(value, "__float__") and not isinstance(value, Complex | str)


def as_int(value: object) -> int | None:
    """The whole number that an int is, or one of numpy, torch or sympy; None for anything else.

    >>> as_int(sympy.Integer(3)), as_int(True), as_int(3.0)
    (3, None, None)
    """
    if isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool"):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # what has no index is what is asked
    except TypeError:
        return None


def start(where: str) -> str:
    """The beginning of a sentence about a place.

    >>> start("row 1 of W"), start("b"), start("")
    ('Row 1 of W: ', 'b: ', '')
    """
    if " " not in where:  # the name of an argument keeps its case
        return f"{where}: " if where else ""
    return f"{where[0].upper()}{where[1:]}: "


def kind(value: object) -> str:
    """What a value is, for an error."""
    return type(value).__name__
