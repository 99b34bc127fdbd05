"""A model, a distribution and importances in one field: what the exact loss is worked out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, prod

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_each
from handcalc.numbers.exact import sign
from handcalc.numbers.field import Element
from handcalc.superposition.distribution import Block, Distribution, S, distribution_of
from handcalc.superposition.draws import Draws, subsets
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.toy_model import ToyModel
from handcalc.wording import brief

__all__ = ["LossSetting", "importances"]

_MAX_WORK = 1 << 12
_TELLING = 10**7  # corners: a longer number tells nobody more


@dataclass(frozen=True, slots=True)
class LossSetting:
    """What was given, and beside it the same as numbers of one field.

    ``W`` has shape (n, m), ``gram`` (n, n); ``bias`` and ``weights``, the importances, have length
    n. ``sparsity`` is the S that ``draws`` wait for, None where that is the symbol, or where they
    wait for none.
    """

    model: ToyModel
    distribution: Distribution
    importance: Vector
    draws: Draws
    W: tuple[tuple[Element, ...], ...]
    gram: tuple[tuple[Element, ...], ...]
    bias: tuple[Element, ...]
    weights: tuple[Element, ...]
    sparsity: Element | None

    @classmethod
    def of(
        cls,
        model: ToyModel,
        distribution: object = None,
        importance: object = None,
        by_count: bool = True,
    ) -> LossSetting:
        """The setting of a model; S is a symbol, and every importance 1, unless given.

        ``by_count`` as in ``Draws.of``. Errors: ``too_complicated`` where the work would take long
        (more than 12 features, or fewer in a larger field), ``wrong_shape``, ``importance``.
        """
        distribution = distribution_of(distribution)
        given = importances(importance, model.n)
        blocks = distribution.blocks(model.n)
        numbers = {block.sparsity for block in blocks if block.sparsity is not None}
        numbers |= {q for block in blocks for _, q in block.supports}
        _check_work(blocks)
        field, entries = model.elements(*given, *numbers)
        _check_work(blocks, field.degree)
        draws = Draws.of(field, blocks, by_count)
        s = blocks[0].sparsity if draws.shared else None
        return cls(
            model,
            distribution,
            given,
            draws,
            entries.W,
            gram_elements(entries.W),
            entries.b,
            entries.others[: model.n],
            None if s is None else field.from_sympy(s),
        )

    @property
    def is_symbolic(self) -> bool:
        """Whether S is a symbol, so that values are polynomials in S."""
        return self.draws.shared and self.sparsity is None

    def value(self, counts: Sequence[Element]) -> sympy.Expr:
        """A result of ``draws`` as a number, Σ (1 − S)^k S^(B−k) cₖ for a shared S, or in S."""
        if not self.draws.shared:
            return counts[0].to_sympy()
        last = len(counts) - 1
        s = self.sparsity
        if s is not None:
            weighted = [c * (1 - s) ** k * s ** (last - k) for k, c in enumerate(counts)]
            return sum(weighted[1:], weighted[0]).to_sympy()
        powers = [counts[0] * 0] * (last + 1)
        for k, c in enumerate(counts):
            for j in range(k + 1):
                powers[last - k + j] = powers[last - k + j] + c * (comb(k, j) * (-1) ** j)
        return sympy.Add(*(c.to_sympy() * S**j for j, c in enumerate(powers)))


def importances(importance: object, n: int) -> Vector:
    """n importances from one value, from n, or 1 each from None, all at least 0.

    Errors: ``wrong_shape``, ``importance``, and those of a text or number that cannot be taken.

    >>> importances("1/2", 2)
    (1/2, 1/2)
    """
    if importance is None:
        return (sympy.Integer(1),) * n
    values = read_each(importance, n, "importance", "features")
    for value in values:
        if sign(value) < 0:
            raise InputError("importance", f"An importance is at least 0, not {brief(value)}.")
    return values


def _check_work(blocks: Sequence[Block], degree: int = 1) -> None:
    """Refuse what would take long: corners over all blocks, times the field's degree."""
    corners = prod(
        len({corner for s, _ in block.supports for corner in subsets(s)} | {()}) for block in blocks
    )
    if corners * degree > _MAX_WORK:
        many = f"{corners} corners" if corners < _TELLING else "very many more"
        raise InputError(
            "too_complicated",
            f"The exact loss is worked for up to {_MAX_WORK} corners (12 independent features) of "
            f"rational models, and fewer in larger fields; this takes {many}"
            + (f" in a field of degree {degree}." if degree > 1 else "."),
        )
