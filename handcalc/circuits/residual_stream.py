"""The residual stream as a memory: what is read of what was written, and what is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.circuits.head import check_shape, matrix_text, multiplied
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, read_matrix, read_vector
from handcalc.numbers.exact import elements
from handcalc.wording import counted


@dataclass(frozen=True, repr=False)
class VirtualWeight:
    """W_O W_I, of shape (d_write, d_read): what is read by x W_I of what was written as y W_O.

    ``disjoint`` says that nothing is. That is a fact about the product, and not about which
    coordinates are used.
    """

    W_O: Matrix
    W_I: Matrix
    product: Matrix

    @property
    def disjoint(self) -> bool:
        """Whether the product is 0."""
        return not any(cell for row in self.product for cell in row)

    @property
    def shared_coordinates(self) -> tuple[int, ...]:
        """The coordinates, counted from 1, that one writes and the other reads."""
        writes = [any(column) for column in zip(*self.W_O, strict=True)]
        pairs = enumerate(zip(writes, map(any, self.W_I), strict=True), 1)
        return tuple(k for k, (written, read) in pairs if written and read)

    def __repr__(self) -> str:
        return f"<VirtualWeight {matrix_text(self.product)}>"


def virtual_weight(W_O: object, W_I: object) -> VirtualWeight:
    """W_O W_I for a writer of shape (d_write, d_model) and a reader of shape (d_model, d_read).

    Errors: ``wrong_shape``, ``transposed``, those of a number.

    Source: Elhage et al. 2021, "Virtual Weights and the Residual Stream as a Communication
    Channel"; the paper's W_I² W_O¹ is the transpose.

    >>> virtual_weight("1 2 0 0", "2; -1; 3; 0").disjoint
    True
    """
    writer, reader = read_matrix(W_O, "W_O"), read_matrix(W_I, "W_I")
    d_model = len(writer[0])
    why = f"W_O writes {counted(d_model, 'dimension')}"
    check_shape("W_I", reader, (d_model, len(reader[0])), why)
    return VirtualWeight(writer, reader, multiplied(writer, reader))


def deleting_matrix(direction: object) -> Matrix:
    """−P, with P = uᵀu/(uuᵀ) the projection on a direction u: the W_OV that deletes it.

    A head with this W_OV must attend to its own position with weight 1; with weight A it leaves
    1 − A of the direction. Errors: ``zero``, those of a number.

    >>> deleting_matrix("1 2")
    ((-1/5, -2/5), (-2/5, -4/5))
    """
    row = read_vector(direction, "the direction")
    if not any(row):
        raise InputError("zero", "A direction has at least one number that is not 0.")
    field, u = elements(*row)
    norm = sum((x * x for x in u), field.rational(0))
    return tuple(tuple((-(x * y) / norm).to_sympy() for y in u) for x in u)


def room_left(d_model: int, writers: Sequence[object]) -> int:
    """d_model − Σ rank(W_O): the dimensions left where no message may disturb another.

    A negative number says that they cannot all be apart. Each writer is a W_O of shape (…,
    d_model). Errors: ``wrong_shape``, those of a number.

    >>> room_left(4, ["1 2 0 0", "0 0 1 0; 0 0 2 0"])
    2
    """
    read = [read_matrix(each, "W_O") for each in writers]
    for matrix in read:
        why = f"the stream has {counted(d_model, 'dimension')}"
        check_shape("W_O", matrix, (len(matrix), d_model), why)
    return d_model - sum(int(sympy.Matrix(matrix).rank()) for matrix in read)
