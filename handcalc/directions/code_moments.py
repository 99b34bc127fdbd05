"""The exact moments of a sparse code: E[fⱼ], E[xᵢfⱼ], E[fⱼfₖ], and the same where a latent is on.

Everything is a list of numbers by blocks on where S stays a symbol, as in ``SupportWeights``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TypeAlias

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder, read_l1
from handcalc.directions.clipped_products import ClippedPair, LinearForm
from handcalc.directions.dictionaries import check_unit_rows
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.inputs.flags import read_flag
from handcalc.numbers.field import Element, Field
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import Block, Distribution, distribution_of
from handcalc.superposition.loss.moments import SupportWeights, clipped_table, presence
from handcalc.superposition.model.toy_model import ToyModel

Counts: TypeAlias = "list[Element]"
"""A mean, by blocks on where S is a symbol; else its one number is the mean."""

_MOST_FACES = 400_000  # of all cubes, for all pairs of latents, times the field's degree
_TELLING = 10**7


def weighted_sum(terms: Iterable[tuple[Element, Counts]], zero: Counts) -> Counts:
    """Σ wᵢcᵢ; without terms, ``zero``.

    >>> one = Field().rational(1)
    >>> weighted_sum([(2 * one, [one]), (one, [one / 2])], [0 * one])
    [Element(5/2)]
    """
    total = zero
    for weight, counts in terms:
        if weight:
            total = [t + weight * c for t, c in zip(total, counts, strict=True)]
    return total


@dataclass(frozen=True)
class CodeMoments:
    """An SAE on the h = Wᵀx of a model, as numbers of one field, and the moments of its code.

    ``forms`` are uⱼ = W_encⱼ·(h − b_dec) + b_encⱼ as functions of x; ``lengths`` are what an
    activation is paid by: 1 each, or ‖dⱼ‖ where ``weighted``.
    """

    sae: SparseAutoencoder
    model: ToyModel
    distribution: Distribution
    l1: sympy.Expr
    weighted: bool
    draws: SupportWeights
    W: tuple[tuple[Element, ...], ...]
    W_enc: list[tuple[Element, ...]]
    W_dec: list[tuple[Element, ...]]
    b_dec: list[Element]
    price: Element
    lengths: list[Element]
    forms: list[LinearForm]
    patterns: dict[tuple[int, ...], Counts]
    _pairs: dict[tuple[int, int], ClippedPair] = field(default_factory=dict)
    _tables: dict[int, dict[tuple[int, tuple[int, ...]], Counts]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        sae: SparseAutoencoder,
        model: object,
        distribution: object,
        l1: object,
        weighted: bool,
    ) -> CodeMoments:
        """Errors: ``sae``, ``wrong_shape``, ``l1``, ``weighted``, ``norms``; ``too_complicated``.

        The last is said before any of the work.
        """
        if not isinstance(sae, SparseAutoencoder):
            raise InputError("sae", "An SAE is asked for: make one with SparseAutoencoder(…).")
        model, price = ToyModel.of(model), read_l1(l1)
        if sae.m != model.m:
            raise InputError(
                "wrong_shape",
                f"The model's h has {model.m} dimensions, and the rows of W_dec have {sae.m}: "
                "they must be as many.",
            )
        if not read_flag("weighted", weighted) and price != 0:
            check_unit_rows(sae.W_dec, "Or pay each activation by its row's length: weighted=True.")
        distribution = distribution_of(distribution)
        blocks = distribution.blocks(model.n)
        _check_work(sae.latents, blocks)
        numbers = _probabilities(blocks)
        entries, others = model.elements(*sae.numbers(), price, *numbers)
        W_enc, W_dec, b_enc, b_dec = sae.unpacked(others)
        lengths = [price_of(row, entries.field, weighted) for row in W_dec]
        _check_work(sae.latents, blocks, entries.field.degree)
        draws = SupportWeights.of(entries.field, blocks, by_count=False)
        forms = [
            LinearForm(bias - dot(row, b_dec), tuple(dot(row, arrow) for arrow in entries.W))
            for row, bias in zip(W_enc, b_enc, strict=True)
        ]
        return cls(
            sae, model, distribution, price, weighted, draws, entries.W, W_enc, W_dec, b_dec,
            others[len(sae.numbers())], lengths, forms, draws.patterns(),
        )  # fmt: skip

    @property
    def latents(self) -> range:
        """The latents, from 0."""
        return range(len(self.forms))

    @property
    def features(self) -> range:
        """The features, from 0."""
        return range(len(self.W))

    @property
    def zero(self) -> Counts:
        """The mean of what is 0."""
        return [self.draws.field.rational(0)] * self.draws.length

    def value(self, counts: Counts) -> sympy.Expr:
        """A mean as a number, or as a polynomial in S."""
        return self.draws.value(counts)

    def values(self, means: Iterable[Counts]) -> Vector:
        """Several of them."""
        return tuple(map(self.value, means))

    # -- of the inputs alone -----------------------------------------------------------------------

    def one(self) -> Counts:
        """E[1], which is 1 by blocks on."""
        return presence(self.draws, [])

    def input_mean(self, i: int) -> Counts:
        """E[xᵢ] = P(i active)/2."""
        return [count / 2 for count in presence(self.draws, [i])]

    def input_square(self, i: int, j: int) -> Counts:
        """E[xᵢxⱼ] = P(both active)/4, and a third of P for i = j."""
        return [count / (3 if i == j else 4) for count in presence(self.draws, {i, j})]

    def cost_of_silence(self) -> Counts:
        """E‖h − b_dec‖², the cost with every latent off."""
        b, W = self.b_dec, self.W
        terms = [(dot(b, b), self.one())]
        for i in self.features:
            terms.append((-2 * dot(b, W[i]), self.input_mean(i)))
            terms += [(dot(W[i], W[k]), self.input_square(i, k)) for k in self.features]
        return weighted_sum(terms, self.zero)

    # -- of one latent -----------------------------------------------------------------------------

    def moment(self, j: int, k: int, *features: int) -> Counts:
        """E[R_k(uⱼ)·Πxᵢ] with R_k(t) = max(t, 0)^k/k!: f is R₁, f² is 2R₂, and R₀ is being on."""
        table = self._tables.setdefault(j, {})
        wanted = k, tuple(sorted(features))
        if wanted not in table:
            asked = [(1, ()), (2, ()), *((1, (i,)) for i in self.features)]
            if k == 0:
                asked = [(0, ()), *((0, (i,)) for i in self.features)]
                asked += [(0, (i, e)) for e in self.features for i in range(e + 1)]
            form = self.forms[j]
            table |= clipped_table(self.draws, form.constant, form.slopes, asked)
        return table[wanted]

    def activity(self, j: int) -> Counts:
        """E[fⱼ]."""
        return self.moment(j, 1)

    def caught(self, j: int) -> Counts:
        """E[(h − b_dec)·dⱼ fⱼ]."""
        d = self.W_dec[j]
        terms = [(dot(arrow, d), self.moment(j, 1, i)) for i, arrow in enumerate(self.W)]
        return weighted_sum([*terms, (-dot(self.b_dec, d), self.activity(j))], self.zero)

    # -- of two latents ----------------------------------------------------------------------------

    def product(self, j: int, k: int) -> Counts:
        """E[fⱼfₖ]."""
        if j == k:
            return [2 * count for count in self.moment(j, 2)]
        pair = self._pair(min(j, k), max(j, k))
        return self._over_patterns(lambda active: (pair.product_mean(active),))[0]

    def gated(self, j: int, k: int) -> list[Counts]:
        """E[[fⱼ > 0]·fₖ], and that with each feature."""
        if j == k:
            return [self.activity(j), *(self.moment(j, 1, i) for i in self.features)]
        return self._over_patterns(self._pair(j, k).gated_means)

    def _pair(self, j: int, k: int) -> ClippedPair:
        if (j, k) not in self._pairs:
            self._pairs[j, k] = ClippedPair(self.forms[j], self.forms[k])
        return self._pairs[j, k]

    def _over_patterns(self, means: Callable[[tuple[int, ...]], Sequence[Element]]) -> list[Counts]:
        """Means over the cube of each pattern, each with the pattern's probability."""
        found = [(weight, means(active)) for active, weight in self.patterns.items()]
        return [
            [
                sum((w[place] * each[k] for w, each in found if each[k]), self.zero[0])
                for place in range(self.draws.length)
            ]
            for k in range(len(found[0][1]))
        ]


def price_of(row: Sequence[Element], numbers: Field, weighted: bool) -> Element:
    """What an activation of a latent is paid by: 1, or the length of its row of W_dec.

    >>> field = Field()
    >>> price_of([field.rational(3), field.rational(4)], field, True)
    Element(5)
    """
    return numbers.sqrt(dot(row, row)) if weighted else numbers.rational(1)


def _probabilities(blocks: Sequence[Block]) -> set[sympy.Expr]:
    numbers = {block.sparsity for block in blocks if block.sparsity is not None}
    return numbers | {q for block in blocks for _, q in block.supports}


def _check_work(latents: int, blocks: Sequence[Block], degree: int = 1) -> None:
    """Refuse what would take long: faces of the cubes, for each pair of latents."""
    faces = prod(sum(3 ** len(support) for support, _ in block.supports) for block in blocks)
    work = faces * max(1, latents * (latents - 1) // 2)
    if work * degree > _MOST_FACES:
        many = f"{work} faces" if work < _TELLING else "very many more"
        raise InputError(
            "too_complicated",
            f"The exact loss of an SAE is worked for up to {_MOST_FACES} faces of cubes, all pairs "
            f"of latents together (8 independent features with 11 latents), and for fewer in "
            f"larger fields; this takes {many}"
            + (f" in a field of degree {degree}." if degree > 1 else "."),
        )
