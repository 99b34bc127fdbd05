"""The toy model: W squeezes n features into m dimensions, Wᵀ and b and ReLU bring them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import sympy

from handcalc.display import Displayed, html_of
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import (
    Matrix,
    Vector,
    read_matrix,
    read_vector,
    spread,
)
from handcalc.inputs.nearest import nearest_matrix, nearest_vector, read_bound
from handcalc.numbers.exact import elements, equal, join_text
from handcalc.numbers.field import Element, Field
from handcalc.numbers.linear_algebra import gram
from handcalc.wording import brief

Activation: TypeAlias = Literal["relu", "linear"]

_MOST_CELLS = 100  # of W in a repr, and in an error
FROM_FLOATS = "For trained weights there is ToyModel.from_floats(W, b)."


@dataclass(frozen=True)
class Elements:
    """A model's numbers in one field, and G = W Wᵀ, of shape (n, n)."""

    field: Field
    W: tuple[tuple[Element, ...], ...]
    b: tuple[Element, ...]

    @cached_property
    def gram(self) -> tuple[tuple[Element, ...], ...]:
        """Gᵢⱼ = Wᵢ·Wⱼ."""
        return gram(self.W)


class _WithElements:
    """A slot beside the fields of a model for its elements, which are worked out once.

    Equality, copies and pickles leave it out, as it is no field of the data class.
    """

    __slots__ = ("_elements",)


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class ToyModel(Displayed, Exported, Tabular, _WithElements):
    """x̂ = ReLU(W Wᵀx + b), or W Wᵀx + b for the linear model.

    ``W`` has shape (n, m), one row per feature; ``b`` has length n and defaults to zeros;
    one number for b stands for all features; ``activation`` is "relu" or "linear". Texts, nested
    lists of int, str, Fraction, Decimal and sympy numbers are taken, and arrays, tensors, frames
    and matrices of exact numbers; for floats there is ``from_floats``. Two models are equal if
    their numbers are, and can serve as keys. Errors: ``InputError`` with code ``empty``,
    ``ragged``, ``wrong_shape``, ``transposed``, ``activation``, or that of a number or text that
    could not be taken.

    Source: Elhage et al. 2022, "Demonstrating Superposition"; W here is the paper's transposed.

    >>> model = ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
    >>> model.n, model.m, model == ToyModel([[1, 0], [0, 1], [0, -1]], ["0", ".5", ".5"])
    (3, 2, True)
    """

    W: Matrix
    b: Vector
    activation: Activation

    def __init__(self, W: object, b: object = None, activation: Activation = "relu") -> None:
        rows = read_matrix(W, "W", FROM_FLOATS)
        bias = None if b is None else read_vector(b, "b", FROM_FLOATS)
        self._fill(rows, bias, activation, W)

    @classmethod
    def exactly(
        cls, W: Matrix, b: Vector | None = None, activation: Activation = "relu"
    ) -> ToyModel:
        """The model of numbers that were read already, as ``handcalc.parsing`` gives them.

        Nothing is read again; for b as for ``ToyModel``, one number stands for all features.

        >>> ToyModel.exactly(((sympy.Integer(1),),) * 2, (sympy.Rational(1, 2),))
        ToyModel("1; 1", b="1/2 1/2", activation="relu")
        """
        model = object.__new__(cls)
        model._fill(W, b, activation, W)
        return model

    def _fill(self, rows: Matrix, b: Vector | None, activation: Activation, W: object) -> None:
        bias = (sympy.Integer(0),) * len(rows) if b is None else _fitted(b, rows, W)
        if activation not in ("relu", "linear"):
            raise InputError(
                "activation", f'The activation is "relu" or "linear", not {brief(activation)}.'
            )
        object.__setattr__(self, "W", rows)
        object.__setattr__(self, "b", bias)
        object.__setattr__(self, "activation", activation)
        self.elements()  # one field must hold the whole model

    @classmethod
    def of(cls, model: object) -> ToyModel:
        """The model that a function was given: a model, a result's model, or W alone, b being 0.

        >>> ToyModel.of("1 0; 0 1; 0 -1").n
        3
        """
        if isinstance(model, ToyModel):
            return model
        inner = getattr(model, "model", None)
        if isinstance(inner, ToyModel):
            return inner
        if hasattr(model, "W") and hasattr(model, "b"):
            name = type(model).__name__
            raise InputError(
                "model",
                f"A model is asked for, not a {name}: make one of its weights, with "
                "ToyModel.from_floats(W, b); where they are those of several models, with "
                "ToyModel.from_floats(W[0], b[0]).",
            )
        return cls(model)

    @classmethod
    def from_floats(
        cls,
        W: object,
        b: object = None,
        max_denominator: int = 1000,
        activation: Activation = "relu",
    ) -> ToyModel:
        """The model whose entries are the fractions nearest to floats, as from training.

        ``W`` (n, m) and ``b`` (n) are nested lists, arrays, tensors (on any device, with gradients,
        of any width) or frames, of floats and exact numbers; of a batch of models take one, W[0].
        ``max_denominator`` ≥ 1 bounds every denominator. Errors: ``not_finite`` for nan and
        infinity, ``transposed`` where W is the paper's m × n, and those of ``ToyModel``.

        >>> ToyModel.from_floats([[0.9999, 0.0], [0.0, 1.0001]], max_denominator=100).W
        ((1, 0), (0, 1))
        """
        bound = read_bound(max_denominator)
        if isinstance(W, str) or isinstance(b, str):
            raise InputError(
                "text", "A text is exact: type ToyModel(W, b), without from_floats, for it."
            )
        bias = None if b is None else nearest_vector(b, bound, "b")
        return cls(nearest_matrix(W, bound), bias, activation)

    @property
    def n(self) -> int:
        """The number of features."""
        return len(self.W)

    @property
    def m(self) -> int:
        """The number of hidden dimensions."""
        return len(self.W[0])

    def arrays(self) -> dict[str, Matrix | Vector]:
        """W and b, exact."""
        return {"W": self.W, "b": self.b}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature: its weights in each dimension, and its bias."""
        weights = {f"W{k}": column for k, column in enumerate(zip(*self.W, strict=True), 1)}
        return {"feature": range(1, self.n + 1), **weights, "b": self.b}

    def elements(self, *others: sympy.Expr) -> tuple[Elements, tuple[Element, ...]]:
        """W and b as elements of one field, and with them other numbers: where calculations start.

        Beside fractions, the model's own elements are handed out, worked out once. Other numbers
        get a field of their own: the model's never grows, so that what it is asked leaves no trace.
        """
        if all(isinstance(value, sympy.Rational) for value in others):
            kept: Elements | None = getattr(self, "_elements", None)
            if kept is None:
                kept, _ = self._in_a_field()
                object.__setattr__(self, "_elements", kept)  # the data class is frozen
            return kept, tuple(kept.field.from_sympy(value) for value in others)
        return self._in_a_field(*others)

    def _in_a_field(self, *others: sympy.Expr) -> tuple[Elements, tuple[Element, ...]]:
        n, m = self.n, self.m
        field, values = elements(*self._numbers(), *others)
        W = tuple(values[i * m : (i + 1) * m] for i in range(n))
        return Elements(field, W, values[n * m : n * m + n]), values[n * m + n :]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ToyModel):
            return NotImplemented
        if (self.n, self.m, self.activation) != (other.n, other.m, other.activation):
            return False
        mine, theirs = self._numbers(), other._numbers()
        return all(equal(a, b) for a, b in zip(mine, theirs, strict=True))

    def __hash__(self) -> int:
        entries, _ = self.elements()
        flat = [cell for row in (*entries.W, entries.b) for cell in row]
        return hash((self.activation, self.m, *(cell.to_float() for cell in flat)))

    def _repr_html_(self) -> str | None:
        """The figure, with arrows to drag, or the arrows beside the formulas; None without any."""
        return html_of(self)

    def __repr__(self) -> str:
        if self.n * self.m > _MOST_CELLS:
            return f"<ToyModel: {self.n} × {self.m}, {self.activation}>"
        rows = "; ".join(join_text(row) for row in self.W)
        return f'ToyModel("{rows}", b="{join_text(self.b)}", activation="{self.activation}")'

    def _numbers(self) -> Vector:
        return (*(cell for row in self.W for cell in row), *self.b)


def _fitted(b: Vector, rows: Matrix, W: object) -> Vector:
    """n biases: as many as are given, or one that stands for all.

    The paper has fewer rows than columns: there a b that fits the columns says what was meant.
    """
    n, m = len(rows), len(rows[0])
    if not (len(b) == m > n):
        return spread(b, n, f"b has one number per feature, {n} as W has rows")
    turned, remedy = None, "give W.T, or list(zip(*W))"
    if isinstance(W, str):
        remedy = "type its columns as rows"
        if n * m <= _MOST_CELLS:
            turned = "; ".join(map(join_text, zip(*rows, strict=True)))
            remedy = f'type "{turned}"'
    raise InputError(
        "transposed",
        f"b has one number per feature, {n} as W has rows, not {m}. Rows are features here, and "
        f"the paper's W is the transposed one; W looks transposed: {remedy}.",
        suggestion=turned,
    )
