"""The decoder of least sum: of all x ≥ 0 with the same h = Wᵀx, the one with the least Σ xᵢ.

It returns every x that is sparse enough. Where the kernel of Wᵀ is spanned by vectors v that share
no feature, each by itself takes t·v away, with t the least xᵢ/vᵢ over its vᵢ > 0, if Σ vᵢ > 0; its
loss Σ vᵢ² E[t²] is exact, as P(t > s) is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy

from handcalc.display import fields_text
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import reduced
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.loss.moments import SupportWeights, presence
from handcalc.superposition.model.geometry import clusters
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_Vector: TypeAlias = "list[Element]"


@dataclass(frozen=True, slots=True, repr=False)
class LeastSum:
    """What the decoder of least sum loses, Σ Iᵢ E[(xᵢ − x̂ᵢ)²]; None where that is not exact.

    ``kernel`` holds vectors that span the kernel of Wᵀ, Σ vᵢWᵢ = 0, each with a sum ≥ 0;
    ``failure`` is the probability that something is lost, None with the loss.
    """

    loss: sympy.Expr | None
    failure: sympy.Expr | None
    kernel: Matrix
    sentence: str

    __repr__ = fields_text


def least_sum(model: ToyModel, distribution: Distribution, importance: Vector) -> LeastSum:
    """The loss of the decoder of least sum, where vectors that share no feature span the kernel.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> antipodal = ToyModel("1 0; 0 1; 0 -1")
    >>> found = least_sum(antipodal, SparseUniform("1/2"), (sympy.Integer(1),) * 3)
    >>> found.loss, found.failure, found.kernel
    (1/12, 1/4, ((0, 1, 1),))
    """
    blocks = distribution.blocks(model.n)
    numbers = {b.sparsity for b in blocks if b.sparsity is not None}
    numbers |= {q for b in blocks for _, q in b.supports}
    entries, others = model.elements(*importance, *numbers)
    draws = SupportWeights.of(entries.field, blocks, by_count=False)
    kernel = [_with_sum_at_least_0(v) for v in _kernel(entries.W)]
    shown = tuple(tuple(cell.to_sympy() for cell in v) for v in kernel)
    groups = clusters(
        range(len(kernel)),
        lambda a, b: any(p and q for p, q in zip(kernel[a], kernel[b], strict=True)),
    )
    if any(len(group) > 1 for group in groups):
        told = (
            "Not worked out: vectors of the kernel share features, so that what one takes away "
            "changes what another can."
        )
        return LeastSum(None, None, shown, told)
    if any(not sum(v[1:], v[0]) for v in kernel):
        told = "Not one decoder: along a kernel vector of sum 0 every x has the same sum."
        return LeastSum(None, None, shown, told)
    zero = entries.field.rational(0)
    loss = sum((_loss(draws, v, others[: model.n]) for v in kernel), zero)
    failure = _failure(draws, kernel)
    return LeastSum(loss.to_sympy(), failure.to_sympy(), shown, _sentence(kernel, failure))


def _sentence(kernel: Sequence[_Vector], failure: Element) -> str:
    if not kernel:
        return "The rows of W are independent, so every x comes back."
    if not failure:
        return "The least x ≥ 0 with the same h: every x of this distribution comes back."
    sets = [[i for i, cell in enumerate(v, 1) if cell.sign() > 0] for v in kernel]
    told = [
        f"feature {each[0]} is on" if len(each) == 1 else f"features {joined(each)} are on"
        for each in sets
    ]
    return f"The least x ≥ 0 with the same h: something is lost only where {joined(told, 'or')}."


def _kernel(W: Sequence[Sequence[Element]]) -> list[_Vector]:
    """A basis of the v with Σ vᵢWᵢ = 0, one for each feature that others make up."""
    columns = list(zip(*W, strict=True))
    rows, pivots, one = reduced(columns)
    one = one * 0 + 1
    basis = []
    for free in (i for i in range(len(W)) if i not in pivots):
        v = [one * 0] * len(W)
        v[free] = one
        for row, pivot in zip(rows, pivots, strict=False):
            v[pivot] = -row[free]
        basis.append(v)
    return basis


def _with_sum_at_least_0(v: _Vector) -> _Vector:
    return [-cell for cell in v] if sum(v[1:], v[0]).sign() < 0 else v


def _loss(draws: SupportWeights, v: _Vector, importance: Sequence[Element]) -> Element:
    """P(all vᵢ > 0 are on) · Σ Iᵢvᵢ² · E[t²], with t = min xᵢ/vᵢ over them.

    E[t²] is ∫ 2s Π(1 − vᵢs) from 0 to 1/max vᵢ.
    """
    rising = [i for i, cell in enumerate(v) if cell.sign() > 0]
    together, *_ = presence(draws, rising)
    size = sum((w * cell * cell for w, cell in zip(importance, v, strict=True)), together * 0)
    product = [together * 0 + 1]  # of the factors 1 − vᵢs, by powers of s
    for i in rising:
        shifted = [together * 0, *(-v[i] * c for c in product)]
        product = [a + b for a, b in zip([*product, together * 0], shifted, strict=True)]
    top = v[rising[0]]
    for i in rising[1:]:
        top = v[i] if (v[i] - top).sign() > 0 else top
    square = sum((2 * c / (k + 2) / top ** (k + 2) for k, c in enumerate(product)), together * 0)
    return together * size * square


def _failure(draws: SupportWeights, kernel: Sequence[_Vector]) -> Element:
    """The probability of the patterns in which all of the vᵢ > 0 of some v are on."""
    sets = [{i for i, cell in enumerate(v) if cell.sign() > 0} for v in kernel]
    failing = (
        weight for active, (weight,) in draws.patterns().items()
        if any(each <= set(active) for each in sets)
    )  # fmt: skip
    return sum(failing, draws.field.rational(0))
