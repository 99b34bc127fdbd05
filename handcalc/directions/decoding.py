"""Which inputs have a given h = Wᵀx: the sparsest ones, and those of least ‖x‖₁, exactly.

Both are found among the x whose support is a set of independent rows. A sparsest x is one of them:
along a dependence inside its support one of its entries would reach 0. The x of least ‖x‖₁ fill a
polytope whose corners are of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import sympy

from handcalc.directions.kernels import Cells, independent_sets, refuse_many
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix, Vector, read_vector
from handcalc.inputs.flags import read_flag
from handcalc.numbers.exact import listed_text, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import Rows
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined


@dataclass(frozen=True, slots=True, repr=False)
class SparseInputs(Displayed, Exported):
    """The inputs with Wᵀx = h that have the fewest entries that are not 0, all of them.

    With ``nonnegative`` among those with x ≥ 0.
    """

    model: ToyModel
    h: Vector
    nonnegative: bool
    inputs: Matrix

    @property
    def sparsity(self) -> int:
        """How many entries of each are not 0."""
        return sum(1 for cell in self.inputs[0] if cell != 0)

    @property
    def unique(self) -> bool:
        """Whether there is only one."""
        return len(self.inputs) == 1

    def __repr__(self) -> str:
        return abridged(f"<SparseInputs: {joined([listed_text(x) for x in self.inputs], 'or')}>")

    def arrays(self) -> dict[str, Matrix | Vector]:
        """h and the inputs, a row each, exact."""
        return {"h": self.h, "inputs": self.inputs}


@dataclass(frozen=True, slots=True, repr=False)
class ShortestInputs(Displayed, Exported):
    """The inputs with Wᵀx = h of least ‖x‖₁; where there are several, the corners of all of them.

    With ``nonnegative`` among those with x ≥ 0. ``norm`` is their ‖x‖₁.
    """

    model: ToyModel
    h: Vector
    nonnegative: bool
    inputs: Matrix
    norm: sympy.Expr

    @property
    def unique(self) -> bool:
        """Whether there is only one."""
        return len(self.inputs) == 1

    def __repr__(self) -> str:
        found = joined([listed_text(x) for x in self.inputs], "or")
        return abridged(f"<ShortestInputs: {found}, norm {to_text(self.norm)}>")

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """h, the inputs, a row each, and their norm, exact."""
        return {"h": self.h, "inputs": self.inputs, "norm": self.norm}


def sparsest(W: ToyModel | object, h: object, nonnegative: bool = True) -> SparseInputs:
    """The x with Wᵀx = h and the fewest entries that are not 0.

    Args:
        W: The embedding (n × m), as ``coherence`` takes it; zero rows are taken too.
        h: What was embedded, of length m.
        nonnegative: Whether x ≥ 0 holds, as for features it does.

    Returns:
        All sparsest x: ``inputs``, and whether there is only one.

    Raises:
        InputError: ``unreachable`` where no such x has this h; ``too_large`` for more than some
            thousand sets of independent rows; ``wrong_shape``.

    Source: derived here; Donoho, Elad 2003 (uniqueness).

    Examples:
        >>> sparsest("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "3/4 sqrt(3)/4").inputs
        ((1, 1/2, 0),)
    """
    model = ToyModel.of(W)
    values = read_vector(h, "h", _FLOATS)
    read_flag("nonnegative", nonnegative)
    rows, target = _in_one_field(model, values, "The sparsest input")
    by_size = groupby(_solutions(rows, target, nonnegative), key=lambda x: sum(map(bool, x)))
    for _, found in by_size:
        return SparseInputs(model, values, nonnegative, _plain(found))
    raise _unreachable(rows, target)


def basis_pursuit(W: ToyModel | object, h: object, nonnegative: bool = False) -> ShortestInputs:
    """The x with Wᵀx = h and the least ‖x‖₁ = Σ|xᵢ|; with x ≥ 0, the least Σxᵢ.

    Args:
        W: The embedding (n × m), as ``sparsest`` takes it.
        h: What was embedded, of length m.
        nonnegative: Whether x ≥ 0 holds.

    Returns:
        The x of least norm, or the corners of the set of them where there are several.

    Raises:
        InputError: What ``sparsest`` raises.

    Source: Chen, Donoho, Saunders 1998; here every corner of its linear program is looked at.

    Examples:
        >>> basis_pursuit("1 0; 0 1; 1/2 1/2", "1/2 1/2")
        <ShortestInputs: (0, 0, 1) or (1/2, 1/2, 0), norm 1>
    """
    model = ToyModel.of(W)
    values = read_vector(h, "h", _FLOATS)
    read_flag("nonnegative", nonnegative)
    rows, target = _in_one_field(model, values, "Basis pursuit")
    found, norm = shortest(rows, target, nonnegative=nonnegative)
    return ShortestInputs(model, values, nonnegative, _plain(found), norm.to_sympy())


def shortest(
    rows: Rows, target: Sequence[Element], *, nonnegative: bool
) -> tuple[list[Cells], Element]:
    """The corners of the set of least ‖x‖₁, and that norm. Error: ``unreachable``."""
    best: list[Cells] = []
    least = target[0] * 0
    for x in _solutions(rows, target, nonnegative):
        norm = norm_of(x)
        order = (norm - least).sign() if best else -1
        if order < 0:
            best, least = [x], norm
        elif order == 0:
            best.append(x)
    if not best:
        raise _unreachable(rows, target)
    return best, least


def norm_of(x: Sequence[Element]) -> Element:
    """‖x‖₁.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> norm_of([one, -2 * one])
    Element(3)
    """
    return sum((cell * cell.sign() for cell in x if cell), x[0] * 0)


_FLOATS = "What a model computed in floats has no exact x: take W and x in fractions."


def _in_one_field(model: ToyModel, h: Vector, what: str) -> tuple[Rows, Cells]:
    if len(h) != model.m:
        raise InputError(
            "wrong_shape",
            f"h has one number per dimension, {model.m} as W has columns, not {len(h)}.",
        )
    numbers, target = model.elements(*h)
    refuse_many(numbers.W, what)
    return numbers.W, target


def _solutions(rows: Rows, target: Sequence[Element], nonnegative: bool) -> Iterator[Cells]:
    """The x with Wᵀx = h whose support is independent, each once, sparse ones first."""
    zero = rows[0][0] * 0
    for held in independent_sets(rows):
        rest, along = held.taken_apart(target)
        if any(rest) or not all(along):  # with a 0 it was found before
            continue
        if nonnegative and any(cell.sign() < 0 for cell in along):
            continue
        parts = dict(zip(held.members, along, strict=True))
        yield tuple(parts.get(i, zero) for i in range(len(rows)))


def _plain(found: Iterator[Cells] | list[Cells]) -> Matrix:
    return tuple(tuple(cell.to_sympy() for cell in x) for x in found)


def _unreachable(rows: Rows, target: Sequence[Element]) -> InputError:
    """No x has this h at all, or none with x ≥ 0."""
    if any(True for _ in _solutions(rows, target, nonnegative=False)):
        message = (
            "No x ≥ 0 has this h: it lies outside of the cone of the rows of W. Some x with "
            "negative entries has it: ask with nonnegative=False."
        )
        return InputError("unreachable", message, suggestion="nonnegative=False")
    return InputError("unreachable", "No x has this h: it lies outside of what the rows of W span.")
