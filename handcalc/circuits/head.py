"""One attention head: where it looks, W_QK, and what it moves from there, W_OV."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from handcalc.display import Displayed
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix
from handcalc.inputs.named_matrices import check_shape, matrix_text, read_named
from handcalc.inputs.nearest import nearest_matrix, read_bound
from handcalc.numbers.exact import elements, equal, to_float
from handcalc.numbers.field import Element

_MOST_CELLS = 100  # of a matrix in a repr
FROM_FLOATS = "For trained weights there is Head.from_floats(W_Q, W_K, W_V, W_O)."
_ONE, _ZERO = sympy.Integer(1), sympy.Integer(0)


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class Head(Displayed, Exported):
    """score(i, j) = xᵢ W_QK xⱼᵀ with W_QK = W_Q W_Kᵀ, and output A X W_OV with W_OV = W_V W_O.

    ``W_Q`` and ``W_K`` have shape (d_model, d_head), ``W_V`` (d_model, d_value), which is d_head as
    a rule, and ``W_O`` (d_value, d_model). W_QK is [query, key], W_OV [read, write]; the paper's
    W_Q, W_K, W_V, W_O and W_OV are these transposed. Texts, nested lists and arrays of exact
    numbers are taken. Two heads are equal if their four matrices are. Errors: ``InputError`` with
    code ``wrong_shape``, ``transposed``, or that of a number or text that could not be taken.

    Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".

    >>> head = Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
    >>> head.W_QK, head.W_OV
    (((1, 0), (1, 0)), ((1, -1), (2, -2)))
    """

    W_Q: Matrix
    W_K: Matrix
    W_V: Matrix
    W_O: Matrix
    factored: bool

    def __init__(self, W_Q: object, W_K: object, W_V: object, W_O: object) -> None:
        given = {"W_Q": W_Q, "W_K": W_K, "W_V": W_V, "W_O": W_O}
        read = {name: read_named(value, name, FROM_FLOATS) for name, value in given.items()}
        _check_shapes(read)
        self._fill(read, factored=True)

    @classmethod
    def of_circuits(cls, W_QK: object, W_OV: object) -> Head:
        """The head of two square matrices of size d_model: W_QK [query, key], W_OV [read, write].

        Its factors are W_Q = W_QK, W_V = W_OV and identities.

        >>> Head.of_circuits("0 1; 1 0", "2 0; 0 2").W_OV
        ((2, 0), (0, 2))
        """
        read = {"W_QK": read_named(W_QK, "W_QK"), "W_OV": read_named(W_OV, "W_OV")}
        size = len(read["W_QK"])
        for name, matrix in read.items():
            check_shape(name, matrix, (size, size), "W_QK and W_OV are square, of one size")
        identity = tuple(tuple(_ONE if i == j else _ZERO for j in range(size)) for i in range(size))
        head = object.__new__(cls)
        parts = {"W_Q": read["W_QK"], "W_K": identity, "W_V": read["W_OV"], "W_O": identity}
        head._fill(parts, factored=False)
        return head

    @classmethod
    def from_floats(
        cls, W_Q: object, W_K: object, W_V: object, W_O: object, max_denominator: int = 1000
    ) -> Head:
        """The head whose numbers are the fractions nearest to floats, as from training.

        >>> Head.from_floats([[0.5001]], [[1.0]], [[1.0]], [[2.0]], max_denominator=10).W_QK
        ((1/2,),)
        """
        bound = read_bound(max_denominator)
        given = {"W_Q": W_Q, "W_K": W_K, "W_V": W_V, "W_O": W_O}
        return cls(**{name: nearest_matrix(each, bound, name) for name, each in given.items()})

    def _fill(self, matrices: dict[str, Matrix], *, factored: bool) -> None:
        for name, matrix in matrices.items():
            object.__setattr__(self, name, matrix)
        object.__setattr__(self, "factored", factored)

    @property
    def d_model(self) -> int:
        """The width of the residual stream that it reads from and writes to."""
        return len(self.W_Q)

    @property
    def d_head(self) -> int:
        """The width of its queries and keys."""
        return len(self.W_Q[0])

    @property
    def W_QK(self) -> Matrix:
        """W_Q W_Kᵀ, of shape (d_model, d_model), [query, key]."""
        if not self.factored:
            return self.W_Q
        return multiplied(self.W_Q, tuple(zip(*self.W_K, strict=True)))

    @property
    def W_OV(self) -> Matrix:
        """W_V W_O, of shape (d_model, d_model), [read, write]."""
        return multiplied(self.W_V, self.W_O) if self.factored else self.W_V

    @property
    def matrices(self) -> dict[str, Matrix]:
        """The four matrices by name."""
        return {"W_Q": self.W_Q, "W_K": self.W_K, "W_V": self.W_V, "W_O": self.W_O}

    @property
    def named(self) -> dict[str, Matrix]:
        """The four matrices and the two circuits by name."""
        return {**self.matrices, "W_QK": self.W_QK, "W_OV": self.W_OV}

    def arrays(self) -> dict[str, Matrix]:
        """The four matrices, exact."""
        return self.matrices

    def numbers(self) -> tuple[sympy.Expr, ...]:
        """All its numbers, one matrix after the other."""
        return tuple(cell for rows in self.matrices.values() for row in rows for cell in row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Head):
            return NotImplemented
        return self._shapes() == other._shapes() and all(
            equal(a, b) for a, b in zip(self.numbers(), other.numbers(), strict=True)
        )

    def __hash__(self) -> int:
        return hash((self._shapes(), *map(to_float, self.numbers())))

    def __repr__(self) -> str:
        shown = self.matrices if self.factored else {"W_QK": self.W_Q, "W_OV": self.W_V}
        if any(len(rows) * len(rows[0]) > _MOST_CELLS for rows in shown.values()):
            return f"<Head: d_model {self.d_model}, d_head {self.d_head}>"
        parts = ", ".join(f'{name}="{matrix_text(rows)}"' for name, rows in shown.items())
        return f"Head({parts})" if self.factored else f"Head.of_circuits({parts})"

    def _shapes(self) -> tuple[tuple[int, int], ...]:
        return tuple((len(rows), len(rows[0])) for rows in self.matrices.values())


def multiplied(A: Matrix, B: Matrix) -> Matrix:
    """A B.

    >>> from handcalc.inputs.arguments import read_matrix
    >>> multiplied(read_matrix("1 2"), read_matrix("3; 4"))
    ((11,),)
    """
    field, found = elements(*(cell for rows in (A, B) for row in rows for cell in row))
    inner, width = len(B), len(B[0])
    first, second = found[: len(A) * inner], found[len(A) * inner :]
    zero = field.rational(0)

    def cell(i: int, j: int) -> Element:
        row, column = first[i * inner : (i + 1) * inner], second[j::width]
        return sum((a * b for a, b in zip(row, column, strict=True) if a and b), zero)

    return tuple(tuple(cell(i, j).to_sympy() for j in range(width)) for i in range(len(A)))


def _check_shapes(read: dict[str, Matrix]) -> None:
    """Four matrices that fit together, or the error that says which does not, and how it would."""
    d_model, d_head = len(read["W_Q"]), len(read["W_Q"][0])
    check_shape("W_K", read["W_K"], (d_model, d_head), "W_Q and W_K have one shape")
    # values may have a width of their own: it is read off W_V, or off a W_V that is turned
    values, output = read["W_V"], read["W_O"]
    turned = len(values) != d_model and len(values[0]) == d_model
    d_value = len(values) if turned else len(values[0])
    check_shape("W_V", values, (d_model, d_value), "it has a row for each residual dimension")
    check_shape("W_O", output, (d_value, d_model), "it has a row for each column of W_V")
