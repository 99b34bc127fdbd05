"""The exact loss of a sparse autoencoder, E‖h − ĥ‖² + λ E Σ fⱼ, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.code_bound import CodeBound, code_bound
from handcalc.directions.code_moments import CodeMoments, Counts, weighted_sum
from handcalc.directions.dictionaries import mean_max_cosine
from handcalc.display import Displayed, abridged
from handcalc.export import AsArrays, Plotted, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import exact, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import listed


@dataclass(frozen=True, repr=False)
class SaeLoss(Displayed, AsArrays, Tabular, Plotted):
    """An SAE's exact loss on a toy model's h, numbers or polynomials in S.

    ``value`` = ``reconstruction`` + ``sparsity``: E‖h − ĥ‖², and λ E Σ fⱼ or, where ``weighted``,
    λ E Σ fⱼ‖dⱼ‖. ``activity`` holds E[fⱼ] and ``on`` P(fⱼ > 0), by latent; ``products`` E[fⱼfₖ],
    0 where dⱼ and dₖ stand at right angles and it does not count. ``dead`` names the latents (from
    1) that are 0 for every input that ``distribution`` draws, which is proved. ``mmcs`` is the mean
    max cosine similarity, None where there is none. ``shrinkage`` holds for each feature how far ĥ
    falls short of h along it, where it alone is on, at 1; 0 for a feature of length 0.
    """

    sae: SparseAutoencoder
    model: ToyModel
    distribution: Distribution
    l1: sympy.Expr
    weighted: bool
    value: sympy.Expr
    reconstruction: sympy.Expr
    sparsity: sympy.Expr
    activity: Vector
    on: Vector
    products: Matrix
    dead: tuple[int, ...]
    mmcs: sympy.Expr | None
    shrinkage: Vector

    @cached_property
    def bound(self) -> CodeBound:
        """What no encoder of this dictionary can beat; worked out when it is first asked for."""
        given = self.model, self.distribution, self.l1
        return code_bound(CodeMoments.of(self.sae, *given, self.weighted))

    def __repr__(self) -> str:
        dead = f", dead: {listed(self.dead)}" if self.dead else ""
        parts = f"{to_text(self.reconstruction)} + {to_text(self.sparsity)}"
        return abridged(f"<SaeLoss: {to_text(self.value)} = {parts}{dead}>")

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """The loss and its parts; activity and on by latent, shrinkage by feature."""
        names = ("value", "reconstruction", "sparsity", "activity", "on", "shrinkage")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a latent: how active it is, how often it is on, whether it is dead."""
        latents = range(1, self.sae.latents + 1)
        return {
            "latent": latents,
            "activity": self.activity,
            "on": self.on,
            "dead": [j in self.dead for j in latents],
        }


def sae_loss(
    sae: SparseAutoencoder,
    model: ToyModel | object,
    distribution: Distribution | object = None,
    l1: object = "1/5",
    *,
    weighted: bool = False,
) -> SaeLoss:
    """E‖h − ĥ‖² + λ E Σ fⱼ with h = Wᵀx, exactly.

    Args:
        sae: The SAE, over as many dimensions as the model has hidden ones.
        model: A model, or W alone (n × m); its h = Wᵀx is what is coded. b plays no part.
        distribution: As for ``expected_loss``; None leaves S a symbol.
        l1: λ ≥ 0, the price of an activation.
        weighted: Pay each activation by the length of its row of W_dec; without it, rows have
            length 1.

    Returns:
        The loss and its parts, numbers or polynomials in S; how active each latent is; which are
        dead; how near the dictionary is to the features.

    Raises:
        InputError: ``norms`` where rows have not length 1 and the L1 price would have no least
            value; ``wrong_shape``, ``l1``, ``too_complicated``, and what ``expected_loss`` raises.

    Source: derived here; the loss is that of Bricken et al. 2023, "Towards Monosemanticity".

    Examples:
        >>> antipodal = "1 0; 0 1; 0 -1"
        >>> sae = SparseAutoencoder.of_dictionary(antipodal, l1="1/10")
        >>> sae_loss(sae, antipodal, "1/2", l1="1/10").value
        212239/3840000
    """
    moments = CodeMoments.of(sae, model, distribution, l1, weighted)
    overlaps = [[dot(d, e) for e in moments.W_dec] for d in moments.W_dec]
    products = _products(moments, overlaps)
    reconstruction = _reconstruction(moments, overlaps, products)
    priced = ((moments.price * moments.lengths[j], moments.activity(j)) for j in moments.latents)
    sparsity = weighted_sum(priced, moments.zero)
    return SaeLoss(
        sae=sae,
        model=moments.model,
        distribution=moments.distribution,
        l1=moments.l1,
        weighted=weighted,
        value=moments.value([a + b for a, b in zip(reconstruction, sparsity, strict=True)]),
        reconstruction=moments.value(reconstruction),
        sparsity=moments.value(sparsity),
        activity=moments.values(map(moments.activity, moments.latents)),
        on=moments.values(moments.moment(j, 0) for j in moments.latents),
        products=tuple(map(moments.values, products)),
        dead=tuple(j + 1 for j in moments.latents if _is_dead(moments, j)),
        mmcs=mean_max_cosine(moments.model.W, sae.W_dec),
        shrinkage=tuple(_shrinkage(moments, i) for i in moments.features),
    )


def _products(moments: CodeMoments, overlaps: Sequence[Sequence[Element]]) -> list[list[Counts]]:
    """E[fⱼfₖ], where dⱼ·dₖ is not 0."""
    below = [
        [moments.product(j, k) if overlaps[j][k] else moments.zero for k in range(j + 1)]
        for j in moments.latents
    ]
    return [[below[max(j, k)][min(j, k)] for k in moments.latents] for j in moments.latents]


def _reconstruction(
    moments: CodeMoments,
    overlaps: Sequence[Sequence[Element]],
    products: Sequence[Sequence[Counts]],
) -> Counts:
    """E‖h − b_dec‖² − 2 Σ E[(h − b_dec)·dⱼfⱼ] + Σ dⱼ·dₖ E[fⱼfₖ]."""
    terms: list[tuple[Element, Counts]] = []
    for j in moments.latents:
        terms.append((moments.draws.field.rational(-2), moments.caught(j)))
        terms += [(overlaps[j][k], products[j][k]) for k in moments.latents]
    return weighted_sum(terms, moments.cost_of_silence())


def _is_dead(moments: CodeMoments, j: int) -> bool:
    """Whether u ≤ 0 at the corner of each drawn pattern's cube where it is greatest."""
    form = moments.forms[j]
    for active in moments.patterns:
        rising = (form.slopes[i] for i in active if form.slopes[i].sign() > 0)
        if sum(rising, form.constant).sign() > 0:
            return False
    return True


def _shrinkage(moments: CodeMoments, i: int) -> sympy.Expr:
    """(h − ĥ)·Wᵢ/‖Wᵢ‖ at h = Wᵢ."""
    arrow = moments.W[i]
    square = dot(arrow, arrow)
    if not square:
        return sympy.Integer(0)
    short = square - dot(arrow, moments.b_dec)
    for form, d in zip(moments.forms, moments.W_dec, strict=True):
        u = form.constant + form.slopes[i]
        if u.sign() > 0:
            short = short - u * dot(arrow, d)
    return exact(short.to_sympy() / sympy.sqrt(square.to_sympy()))
