"""Models of several matrices: each read, refused and written out by its name."""

from __future__ import annotations

from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, read_matrix
from handcalc.numbers.exact import join_text

_MOST_SUGGESTED = 100  # numbers of a matrix that an error writes out


def read_named(value: object, name: str, floats: str = "") -> Matrix:
    """The rows of a matrix; an error in a text says in which one it is.

    >>> read_named("1 0; 0 1", "W_E")
    ((1, 0), (0, 1))
    """
    try:
        return read_matrix(value, name, floats)
    except InputError as error:
        if not isinstance(value, str):
            raise
        raise InputError(
            error.code,
            f"{name}: {error.message}",
            text=error.text,
            row=error.row,
            column=error.column,
            suggestion=error.suggestion,
        ) from error


def check_shape(name: str, matrix: Matrix, shape: tuple[int, int], why: str) -> None:
    """Refuse a matrix of another shape; the paper's, which is the transpose, by that name.

    Errors: ``transposed``, ``wrong_shape``.
    """
    found = (len(matrix), len(matrix[0]))
    if found == shape:
        return
    wanted, came = (f"{rows} × {columns}" for rows, columns in (shape, found))
    if found != shape[::-1]:
        raise InputError("wrong_shape", f"{name} must be {wanted}, not {came}: {why}.")
    turned = matrix_text(tuple(zip(*matrix, strict=True)))
    short = len(matrix) * len(matrix[0]) <= _MOST_SUGGESTED
    remedy = f'type "{turned}"' if short else "give its transpose"
    raise InputError(
        "transposed",
        f"{name} must be {wanted}, not {came}: {why}. This looks like the paper's {name}, which is "
        f"the transpose of the one here: {remedy}.",
        suggestion=turned if short else None,
    )


def matrix_text(rows: Matrix) -> str:
    """A matrix as the reader reads it back."""
    return "; ".join(map(join_text, rows))
