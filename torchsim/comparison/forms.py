"""Forms: W and b that are linear in a few numbers, with exact directions that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import sympy

from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_float, to_rational
from handcalc.superposition.best.canonical_form import upright
from handcalc.superposition.model.families import Part, family
from handcalc.superposition.model.toy_model import Activation, ToyModel

Floats: TypeAlias = np.ndarray

_TOLERANCES = 0.25, 0.1, 0.05, 0.02
_NONE = 1e-9  # up to which a length is that of a row of zeros, where nothing is taken for simpler
_LAID = ("dedicated", "pair", "k-gon")  # on axes, in this order; before all others
_FEW = 6  # up to so many features, each in turn is laid on an axis


@dataclass(frozen=True, slots=True)
class Form:
    """Row i of W is Σ θₖu over ``rows[i]``, pairs (k, u) with exact u of length m; bᵢ = θₖ.

    ``numbers`` are the θ that are nearest to the trained weights; ``bias[i]`` is the k of bᵢ.
    """

    numbers: tuple[float, ...]
    rows: tuple[tuple[tuple[int, Vector], ...], ...]
    bias: tuple[int, ...]
    hidden: int

    def arrays(self) -> tuple[Floats, Floats]:
        """∂W/∂θ of shape (numbers, n, m) and ∂b/∂θ of shape (numbers, n)."""
        W = np.zeros((len(self.numbers), len(self.rows), self.hidden))
        b = np.zeros((len(self.numbers), len(self.rows)))
        for i, (row, k) in enumerate(zip(self.rows, self.bias, strict=True)):
            b[k, i] = 1
            for number, direction in row:
                W[number, i] += [to_float(cell) for cell in direction]
        return W, b

    def model(self, values: Sequence[Fraction], activation: Activation) -> ToyModel:
        """The exact model for some θ, its dimensions in the order in which features use them."""
        zeros = (sympy.Integer(0),) * self.hidden
        exact = list(map(to_rational, values))
        W = []
        for row in self.rows:
            terms = ([exact[k] * cell for cell in direction] for k, direction in row)
            W.append([sympy.Add(*column) for column in zip(zeros, *terms, strict=True)])
        model = ToyModel(W, [exact[k] for k in self.bias], activation)
        return ToyModel(upright(model.W), model.b, activation)


def forms(W: Floats, b: Floats) -> Iterator[Form]:
    """The forms of the families that W has to a tolerance of 0.25, 0.1, 0.05 or 0.02 radians.

    Pairs lie on an axis, k-gons at multiples of 2π/k, dedicated features on axes; those of a part
    share one length and one bias, or have one each. Of a part in any other shape one row lies on
    an axis, and the numbers are its entries. Dropped rows are zero.

    >>> form = next(forms(np.asarray([[0.9], [-0.8]]), np.zeros(2)))
    >>> form.numbers, form.model([Fraction(7, 8), Fraction(0)], "relu").W
    ((0.8500000000000001, 0.0), ((7/8,), (-7/8,)))
    """
    seen = set()
    for tolerance in _TOLERANCES:
        parts = family(W.tolist(), tolerance).parts
        if parts not in seen and sum(part.rank for part in parts) <= W.shape[1]:
            seen.add(parts)
            yield from _of(W, b, parts)


def whole(W: Floats, b: Floats) -> Iterator[Form]:
    """The forms that take W for one shape without regularity: entry by entry, turned upright."""
    lengths = np.linalg.norm(W, axis=1)
    features = tuple(int(i) + 1 for i in np.flatnonzero(lengths > _NONE))
    parts = [Part("dropped", tuple(int(i) + 1 for i in np.flatnonzero(lengths <= _NONE)), 0)]
    if features:
        rank = int(np.linalg.matrix_rank(W[lengths > _NONE], _NONE))
        parts.append(Part("other", features, rank))
    yield from _of(W, b, parts)


def _of(W: Floats, b: Floats, parts: Sequence[Part]) -> Iterator[Form]:
    shared = any(part.kind in ("pair", "k-gon") for part in parts)
    leads = max((len(part.features) for part in parts if _is_free(part)), default=1)
    for lead in range(leads if len(b) <= _FEW else 1):
        for tied in (True, False) if shared else (False,):
            building = _Building(W, b, tied, lead)
            for part in sorted(parts, key=_order):
                building.add(part)
            yield building.form()


def _is_free(part: Part) -> bool:
    """Whether the rows of a part are laid entry by entry."""
    return part.kind not in (*_LAID, "dropped")


def _order(part: Part) -> tuple[int, int]:
    laid = part.kind in _LAID
    return part.kind == "dropped", _LAID.index(part.kind) if laid else len(_LAID)


@dataclass(slots=True)
class _Building:
    """A form under construction, part by part."""

    W: Floats
    b: Floats
    tied: bool
    lead: int
    numbers: list[float] = field(default_factory=list)
    rows: dict[int, list[tuple[int, Vector]]] = field(default_factory=dict)
    bias: dict[int, int] = field(default_factory=dict)
    used: int = 0

    def add(self, part: Part) -> None:
        """Lay a part on axes of its own."""
        features = [i - 1 for i in part.features]
        if _is_free(part):
            # row by row in axes of their own; entries are left out that are zero
            rows, ranks = _on_axes(self.W[features], part.rank, self.lead)
            for i, row, most in zip(features, rows, ranks, strict=True):
                numbers = self._numbers(row[:most], shared=False)
                self.rows[i] = [(k, self._axis(axis)) for axis, k in enumerate(numbers)]
        elif part.kind != "dropped":
            lengths = self._numbers(np.linalg.norm(self.W[features], axis=1), self.tied)
            directions = self._directions(part)
            for i, k, direction in zip(features, lengths, directions, strict=True):
                self.rows[i] = [(k, direction)]
        shared = self.tied and part.kind in ("pair", "k-gon")
        biases = self._numbers(self.b[features], shared)
        self.bias |= dict(zip(features, biases, strict=True))
        self.used += part.rank

    def form(self) -> Form:
        """The form, once all parts are laid."""
        n, m = self.W.shape
        rows = tuple(tuple(self.rows.get(i, ())) for i in range(n))
        return Form(tuple(self.numbers), rows, tuple(self.bias[i] for i in range(n)), m)

    def _numbers(self, values: Floats, shared: bool) -> list[int]:
        """New numbers, one for all or one each; for each value which one it is."""
        first = len(self.numbers)
        if shared:
            self.numbers.append(float(values.mean()))
            return [first] * len(values)
        self.numbers += values.tolist()
        return list(range(first, len(self.numbers)))

    def _directions(self, part: Part) -> list[Vector]:
        """Exact unit vectors for the features of a dedicated, paired or regular part."""
        k = len(part.features)
        if part.rank == 1:
            axis = self._axis(0)
            return [axis, tuple(-cell for cell in axis)][:k]
        angles = [2 * sympy.pi * i / k for i in range(k)]
        x, y = self._axis(0), self._axis(1)
        return [
            tuple(sympy.cos(angle) * p + sympy.sin(angle) * q for p, q in zip(x, y, strict=True))
            for angle in angles
        ]

    def _axis(self, i: int) -> Vector:
        return tuple(sympy.Integer(j == self.used + i) for j in range(self.W.shape[1]))


def _on_axes(rows: Floats, rank: int, lead: int) -> tuple[Floats, list[int]]:
    """Rows in ``rank`` axes such that the ``lead``-th longest lies on the first, and so on.

    Each next axis lies in the span of the axes before and of the row that is farthest from it.
    For each row also how many of its entries count: those behind are zero.
    """
    counts = [rank] * len(rows)
    axes = np.zeros((0, rows.shape[1]))
    rest = rows
    for axis in range(rank):
        lengths = np.linalg.norm(rest, axis=1)
        row = int(np.argsort(-lengths, kind="stable")[lead % len(rows) if axis == 0 else 0])
        counts[row] = axis + 1
        axes = np.concatenate([axes, rest[row : row + 1] / (lengths[row] or 1.0)])
        rest = rows - rows @ axes.T @ axes
    return rows @ axes.T, counts
