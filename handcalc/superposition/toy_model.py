"""The toy model: W squeezes n features into m dimensions, Wᵀ and b and ReLU bring them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.number import elements, equal, exact, join_text, to_float
from handcalc.parsing import parse_matrix, parse_scalar, parse_vector

if TYPE_CHECKING:
    from handcalc.field import Element, Field

__all__ = ["Activation", "Elements", "Matrix", "ToyModel", "Vector", "number_of"]

Activation: TypeAlias = Literal["relu", "linear"]
Vector: TypeAlias = tuple[sympy.Expr, ...]
Matrix: TypeAlias = tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Elements:
    """A model's numbers, and others beside them, in one field."""

    W: tuple[tuple[Element, ...], ...]
    b: tuple[Element, ...]
    others: tuple[Element, ...]


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class ToyModel(Displayed):
    """x̂ = ReLU(W Wᵀx + b), or W Wᵀx + b for the linear model.

    ``W`` has shape (n, m), one row per feature; ``b`` has length n and defaults to zeros;
    ``activation`` is "relu" or "linear". Texts, nested lists of int, str, Fraction and sympy
    numbers are taken; entries become exact numbers. Two models are equal if their numbers are, and
    can serve as keys. Errors: ``InputError`` with code ``empty``, ``ragged``, ``wrong_shape``,
    ``activation``, or that of a number or text that could not be taken.

    Source: Elhage et al. 2022, "Demonstrating Superposition"; W here is the paper's transposed.

    >>> model = ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
    >>> model.n, model.m, model == ToyModel([[1, 0], [0, 1], [0, -1]], ["0", ".5", ".5"])
    (3, 2, True)
    """

    W: Matrix
    b: Vector
    activation: Activation

    def __init__(
        self,
        W: str | Sequence[Sequence[object]],
        b: str | Sequence[object] | None = None,
        activation: Activation = "relu",
    ) -> None:
        rows = parse_matrix(W) if isinstance(W, str) else _matrix(_listed(W, "W"))
        bias = _bias(b, len(rows))
        if activation not in ("relu", "linear"):
            raise InputError(
                "activation", f'The activation is "relu" or "linear", not {activation!r}.'
            )
        object.__setattr__(self, "W", rows)
        object.__setattr__(self, "b", bias)
        object.__setattr__(self, "activation", activation)
        self.elements()  # one field must hold the whole model

    @classmethod
    def from_floats(
        cls,
        W: Iterable[Iterable[float]],
        b: Iterable[float] | None = None,
        max_denominator: int = 1000,
        activation: Activation = "relu",
    ) -> ToyModel:
        """The model whose entries are the fractions nearest to floats, as from training.

        ``max_denominator`` ≥ 1 bounds every denominator; arrays and tensors on the CPU are taken
        as nested lists are. Errors: ``not_finite`` for nan and infinity.

        >>> ToyModel.from_floats([[0.9999, 0.0], [0.0, 1.0001]], max_denominator=100).W
        ((1, 0), (0, 1))
        """

        def near(value: float) -> Fraction:
            try:
                number = float(value)
            except (TypeError, ValueError) as error:
                raise InputError(
                    "not_finite", f"Every weight must be a number, not {value!r}."
                ) from error
            if not isfinite(number):
                raise InputError(
                    "not_finite", f"Every weight must be a finite number, not {number}."
                )
            return Fraction(number).limit_denominator(max_denominator)

        if max_denominator < 1:
            raise InputError(
                "max_denominator", f"max_denominator must be at least 1, not {max_denominator}."
            )
        rows = [[near(cell) for cell in row] for row in W]
        return cls(rows, None if b is None else [near(cell) for cell in b], activation)

    @property
    def n(self) -> int:
        """The number of features."""
        return len(self.W)

    @property
    def m(self) -> int:
        """The number of hidden dimensions."""
        return len(self.W[0])

    def elements(self, *others: sympy.Expr) -> tuple[Field, Elements]:
        """W, b and other numbers as elements of one field: what calculations start from."""
        flat = [cell for row in self.W for cell in row]
        field, values = elements(*flat, *self.b, *others)
        W = tuple(values[i * self.m : (i + 1) * self.m] for i in range(self.n))
        end = self.n * self.m
        return field, Elements(W, values[end : end + self.n], values[end + self.n :])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ToyModel):
            return NotImplemented
        if (self.n, self.m, self.activation) != (other.n, other.m, other.activation):
            return False
        mine, theirs = self._numbers(), other._numbers()
        return all(equal(a, b) for a, b in zip(mine, theirs, strict=True))

    def __hash__(self) -> int:
        return hash((self.activation, self.m, *map(to_float, self._numbers())))

    def __repr__(self) -> str:
        rows = "; ".join(join_text(row) for row in self.W)
        return f'ToyModel("{rows}", b="{join_text(self.b)}", activation="{self.activation}")'

    def _numbers(self) -> Vector:
        return (*(cell for row in self.W for cell in row), *self.b)


def number_of(value: object) -> sympy.Expr:
    """An exact number from text, int, Fraction or a sympy number."""
    return parse_scalar(value) if isinstance(value, str) else exact(value)


def _listed(values: object, name: str) -> Sequence[object]:
    """The values as a list; a sympy matrix is taken by its own rows."""
    if isinstance(values, sympy.MatrixBase):
        return list(values) if 1 in values.shape and name == "b" else values.tolist()
    if isinstance(values, Sequence):
        return values
    example = "1 0; 0 1" if name == "W" else "0 1/2"
    raise InputError(
        "wrong_shape",
        f'{name} is a text such as "{example}", or a list, not a {type(values).__name__}.',
    )


def _matrix(given: Sequence[object]) -> Matrix:
    rows: list[Sequence[object]] = []
    for row in given:
        if isinstance(row, str) or not isinstance(row, Sequence):
            raise InputError(
                "wrong_shape",
                "W is a list of rows, one list per feature, such as [[1, 0], [0, 1]], "
                f"not a list with {row!r} in it.",
            )
        rows.append(row)
    if not rows or not rows[0]:
        raise InputError("empty", 'W has no numbers; type one row per feature, as in "1 0; 0 1".')
    for index, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(
                "ragged",
                f"Every row of W has as many numbers as the first, {len(rows[0])}; "
                f"row {index} has {len(row)}.",
            )
    return tuple(tuple(number_of(cell) for cell in row) for row in rows)


def _bias(b: str | Sequence[object] | None, n: int) -> Vector:
    if b is None:
        return (sympy.Integer(0),) * n
    values: Vector
    if isinstance(b, str):
        values = parse_vector(b)
        if len(values) == 1:
            values *= n
    else:
        values = tuple(number_of(cell) for cell in _listed(b, "b"))
    if len(values) != n:
        raise InputError(
            "wrong_shape", f"b has one number per feature, {n} as W has rows, not {len(values)}."
        )
    return values
