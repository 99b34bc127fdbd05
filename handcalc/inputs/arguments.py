"""Arguments from Python: texts, nested lists, arrays, tensors and frames, as exact numbers.

No array library is imported here. An array, a tensor, a frame or a matrix of any library is asked
for its own nested lists, so that what counts is what it holds: integers, fractions and texts are
exact and taken, floats and booleans are refused with what to type instead.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite, ulp
from typing import NoReturn, TypeAlias

import sympy
from sympy.logic.boolalg import BooleanAtom

from handcalc.errors import InputError
from handcalc.inputs.containers import as_int, as_lists, is_float, kind, start
from handcalc.inputs.floats import is_narrow, narrow, shown
from handcalc.numbers import exact as number
from handcalc.numbers.tower import Sign
from handcalc.parsing import parse_matrix, parse_scalar, parse_vector
from handcalc.wording import brief

Vector: TypeAlias = tuple[sympy.Expr, ...]
Matrix: TypeAlias = tuple[Vector, ...]
_Read: TypeAlias = Callable[[object], sympy.Expr]

_MOST_SHOWN = 24  # numbers of a text that an error suggests
_LONGEST = 1000  # its characters


# -- what is public -------------------------------------------------------------------------------


def exact(value: object) -> sympy.Expr:
    """The exact number that a text, an int, a Fraction, a Decimal or a sympy number is, tidied.

    Args:
        value: The number. Numbers of other libraries are taken if they are exact: numpy's integers,
            an integer tensor with one element, flint's fractions.

    Returns:
        A real algebraic number of sympy's. Fractions and sums of square roots come out in one form,
        so that == compares them; cosines and nested roots can be written in several ways, and
        ``equal`` compares them.

    Raises:
        InputError: ``float``, ``boolean``, ``not_exact`` or ``not_finite``, with what to type
            instead; ``too_large``, ``too_complicated``; or that of a text, as ``parse_scalar``
            raises it.

    Examples:
        >>> from fractions import Fraction
        >>> exact("1/2") == exact(Fraction(2, 4)), exact(1 / (1 + sympy.sqrt(2)))
        (True, -1 + sqrt(2))
    """
    return read_number(value)


def sign(value: object) -> Sign:
    """The sign of an exact number, always decided.

    Args:
        value: A number, as ``exact`` takes it.

    Returns:
        −1, 0 or 1.

    Raises:
        InputError: What ``exact`` raises.

    Examples:
        >>> sign("sqrt(2) + sqrt(3) - sqrt(5 + 2 sqrt(6))")
        0
    """
    return number.sign(exact(value))


def equal(a: object, b: object) -> bool:
    """Whether two exact numbers are the same number, always decided.

    Args:
        a: A number, as ``exact`` takes it.
        b: The other one.

    Returns:
        True where a − b is 0 exactly, in whatever forms the two are written.

    Raises:
        InputError: What ``exact`` raises.

    Examples:
        >>> equal("sqrt(2)/2", "1/sqrt(2)"), equal("cos(pi/5)", (1 + sympy.sqrt(5)) / 4)
        (True, True)
    """
    return number.equal(exact(a), exact(b))


# -- numbers, vectors, matrices -------------------------------------------------------------------


def read_number(value: object, where: str = "", floats: str = "") -> sympy.Expr:
    """One exact number; ``where`` it stands and what to say of ``floats`` go into an error.

    >>> read_number("0.5"), read_number(7)
    (1/2, 7)
    """
    plain = as_lists(value, where)
    if isinstance(plain, list):
        raise InputError(
            "not_exact", f"{start(where)}One number is asked for, not a {kind(value)}."
        )
    if isinstance(plain, str):
        return _in_place(parse_scalar, plain, where)
    if isinstance(plain, bool | BooleanAtom):
        raise InputError(
            "boolean",
            f"{start(where)}A number is asked for, not {plain}; type {int(bool(plain))} instead.",
        )
    if isinstance(plain, int | Fraction):
        return _in_place(number.exact, plain, where)
    if is_float(plain):
        _refuse_floats([[plain]], where, floats)
    if isinstance(plain, sympy.Expr):
        return _in_place(number.exact, plain, where)
    raise InputError(
        "not_exact",
        f"{start(where)}An exact number is a text, an int, a Fraction or a sympy number, "
        f"not a {kind(plain)}.",
    )


def read_vector(
    values: object, name: str, floats: str = "", read: _Read | None = None
) -> tuple[sympy.Expr, ...]:
    """The numbers of a list, a row or a column; one number alone is a list of one.

    ``name`` is the argument's; ``read`` reads a cell, ``read_number`` unless given.

    >>> read_vector([1, "1/2"], "b"), read_vector("0 1/2", "b"), read_vector(3, "b")
    ((1, 1/2), (0, 1/2), (3,))
    """
    if isinstance(values, str):
        found: Vector = parse_vector(values)
        return found
    cells = as_lists(values, name)
    if not isinstance(cells, list):
        return (read(cells) if read else read_number(cells, name, floats),)
    cells = _one_line(cells, name)
    _check_floats([cells], name, floats)
    return tuple(
        _in_place(read, cell, place(name, i)) if read else read_number(cell, place(name, i), floats)
        for i, cell in enumerate(cells, 1)
    )


def spread(values: Vector, count: int, wanted: str) -> Vector:
    """``count`` values from as many, or from one that stands for all.

    Error: ``wrong_shape``, which begins with what is ``wanted``.

    >>> spread((sympy.Integer(1),), 3, "b has one number per feature, 3")
    (1, 1, 1)
    """
    if len(values) not in (1, count):
        raise InputError("wrong_shape", f"{wanted}, not {len(values)}.")
    return values * count if len(values) == 1 else values


def read_matrix(values: object, name: str = "W", floats: str = "") -> Matrix:
    """The rows of a matrix. Errors: ``empty``, ``ragged``, ``wrong_shape``, those of a number.

    >>> read_matrix([[1, "1/2"], [0, 3]])
    ((1, 1/2), (0, 3))
    """
    if isinstance(values, str):
        found: Matrix = parse_matrix(values)
        return found
    rows = matrix_cells(values, name)
    _check_floats(rows, name, floats, is_matrix=True)
    return tuple(
        tuple(read_number(cell, place(name, i, j), floats) for j, cell in enumerate(row, 1))
        for i, row in enumerate(rows, 1)
    )


def matrix_cells(values: object, name: str = "W") -> list[list[object]]:
    """The rows of what is no text, not yet read as numbers, all of one length.

    >>> matrix_cells(((1, 0), (0, 0.5)))
    [[1, 0], [0, 0.5]]
    """
    given = as_lists(values, name)
    if not isinstance(given, list):
        raise InputError(
            "wrong_shape",
            f'{name} is a text such as "1 0; 0 1", or a list of rows, not a {kind(values)}.',
        )
    _refuse_batch(given, name)
    rows: list[list[object]] = []
    for row in given:
        if not isinstance(row, list):
            raise InputError(
                "wrong_shape",
                f"{name} is a list of rows, one list per feature, such as [[1, 0], [0, 1]], "
                f"not a list with {brief(row)} in it.",
            )
        rows.append(row)
    if not rows or not rows[0]:
        raise InputError(
            "empty", f'{name} has no numbers; type one row per feature, as in "1 0; 0 1".'
        )
    for index, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(
                "ragged",
                f"Every row of {name} has as many numbers as the first, {len(rows[0])}; "
                f"row {index} has {len(row)}.",
            )
    return rows


def vector_cells(values: object, name: str) -> list[object]:
    """The cells of what is no text, not yet read as numbers: of a list, a row or a column.

    >>> vector_cells([[0.5], [1]], "b"), vector_cells(0.5, "b")
    ([0.5, 1], [0.5])
    """
    cells = as_lists(values, name)
    return _one_line(cells, name) if isinstance(cells, list) else [cells]


def _refuse_batch(cells: list[object], name: str) -> None:
    """Refuse several models at once, and say how to take one of them."""
    shape = _shape(cells)
    if len(shape) > 2:
        models = "1 model" if shape[0] == 1 else f"{shape[0]} models"
        size = " × ".join(map(str, shape[1:]))
        raise InputError(
            "wrong_shape",
            f"{name} has {models} of {size}: take one of them, as in {name}[{shape[0] - 1}] "
            "for the last.",
            suggestion=f"{name}[0]",
        )


def read_whole(value: object, what: str, code: str) -> int:
    """A whole number, such as a number of restarts; error ``code`` for anything else.

    >>> read_whole(sympy.Integer(3), "number of restarts", "restarts")
    3
    """
    found = as_int(value)
    if found is None:
        raise InputError(code, f"The {what} is a whole number, not {brief(value)}.")
    return found


def place(name: str, row: int, column: int | None = None) -> str:
    """Where a number stands, counted from 1.

    >>> place("W", 2, 1), place("b", 3)
    ('row 2, column 1 of W', 'place 3 of b')
    """
    return f"place {row} of {name}" if column is None else f"row {row}, column {column} of {name}"


def _one_line(cells: list[object], name: str) -> list[object]:
    """The cells of a list, a row [[…]] or a column [[…], …]."""
    shape = _shape(cells)
    if len(shape) == 1:
        return cells
    if len(shape) == 2 and 1 in shape and all(isinstance(row, list) for row in cells):
        return [cell for row in cells if isinstance(row, list) for cell in row]
    size = " × ".join(map(str, shape))
    raise InputError(
        "wrong_shape",
        f"{name} is a list of numbers, a row or a column, not a table of {size}; "
        f"take a row of it, as in {name}[0].",
    )


def _shape(cells: object) -> list[int]:
    """The lengths of nested lists, by the first of each."""
    shape = []
    while isinstance(cells, list):
        shape.append(len(cells))
        cells = next((cell for cell in cells if isinstance(cell, list)), None)
    return shape


# -- what is refused ------------------------------------------------------------------------------


def _check_floats(
    rows: list[list[object]], name: str, floats: str, is_matrix: bool = False
) -> None:
    """Refuse rows with floats in them, with the text of all of them where that is short."""
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row, 1):
            if is_float(cell):
                where = place(name, i, j) if is_matrix else place(name, j)
                _refuse_floats(rows, where, floats, cell)


def _refuse_floats(
    rows: list[list[object]], where: str, floats: str, found: object = None
) -> NoReturn:
    found = rows[0][0] if found is None else found
    at = f" ({where})" if where else ""
    if not _is_finite(found):
        raise InputError("float", f"A float such as {found}{at} is no number.")
    suggestion = _as_text(rows)
    remedy = f'type "{suggestion}" instead.' if suggestion else "type fractions, as a text."
    said = f"A float such as {shown(found)}{at} is only near a number; {remedy} {floats}"
    raise InputError("float", said.rstrip(), suggestion=suggestion)


def _as_text(rows: list[list[object]]) -> str | None:
    """What to type for a few rows of floats and exact numbers; None where that would be long."""
    if sum(map(len, rows)) > _MOST_SHOWN:
        return None
    texts = [[_near_text(cell) for cell in row] for row in rows]
    if not all(text for row in texts for text in row):
        return None
    shown = "; ".join(" ".join(filter(None, row)) for row in texts)
    return shown if len(shown) <= _LONGEST else None


def _near_text(cell: object) -> str | None:
    """A simple fraction very near to a float, else its decimals; an exact number as it is."""
    if isinstance(cell, str) and len(cell.split()) == 1:
        return cell
    if isinstance(cell, bool) or not _is_finite(cell):
        return None
    if isinstance(cell, int | Fraction):
        cell = number.exact(cell)
    if isinstance(cell, sympy.Expr) and not cell.has(sympy.Float):
        return number.to_text(cell).replace(" ", "")
    text = shown(cell)
    near, value = Fraction(text).limit_denominator(1000), float(cell)  # type: ignore[arg-type]  # what is left are floats
    # 1/3 is meant where the two are one in the float's width, or apart by its last steps only
    if is_narrow(value):
        is_same = narrow(float(near)) == value
    else:
        is_same = abs(float(near) - value) <= 4 * ulp(value)
    return str(near) if is_same else text


def _is_finite(value: object) -> bool:
    try:
        return isfinite(value)  # type: ignore[arg-type]  # what is no number is not finite
    except (TypeError, ValueError):
        return False
    except OverflowError:  # an int past all floats
        return True


def _in_place(read: Callable[..., sympy.Expr], value: object, where: str) -> sympy.Expr:
    """Read a number; an error says where it stands."""
    try:
        return read(value)
    except InputError as error:
        if not where:
            raise
        raise InputError(
            error.code,
            f"{start(where)}{error.message}",
            text=error.text,
            row=error.row,
            column=error.column,
            suggestion=error.suggestion,
        ) from error
