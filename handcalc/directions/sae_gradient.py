"""The exact gradient of an SAE's loss in W_enc, W_dec, b_enc and b_dec.

With r = ĥ − h and ρⱼ = 2dⱼ·r + λ‖dⱼ‖, in a latent that is on,

    ∂L/∂b_enc,j = E[[uⱼ > 0]ρⱼ],            ∂L/∂W_enc,j = E[[uⱼ > 0]ρⱼ(h − b_dec)],
    ∂L/∂dⱼ = 2E[fⱼr] (+ λE[fⱼ]dⱼ/‖dⱼ‖),      ∂L/∂b_dec = 2E[r] − Σⱼ W_enc,jᵀ E[[uⱼ > 0]ρⱼ].

Where uⱼ is 0 for a whole pattern of active features, and not only on a surface, ReLU bends there
with a probability, and a direction that moves uⱼ has two slopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.code_moments import CodeMoments, Counts, weighted_sum
from handcalc.display import Displayed, abridged
from handcalc.export import AsArrays, Tabular
from handcalc.numbers.exact import integer_text, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined


@dataclass(frozen=True, slots=True, repr=False)
class SaeKink:
    """A latent (from 1) whose u is 0, just where ReLU bends, with some probability."""

    latent: int
    probability: sympy.Expr
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class SaeGradient(Displayed, AsArrays, Tabular):
    """Exact derivatives of an SAE's loss, numbers or polynomials in S.

    ``W_enc`` and ``W_dec`` have shape (latents, m), ``b_enc`` length latents, ``b_dec`` length m;
    nan where the two sides may differ, at one of the ``kinks``. Nothing is projected: training
    that keeps ‖dⱼ‖ = 1 uses the part of ∂L/∂dⱼ at a right angle to dⱼ.
    """

    sae: SparseAutoencoder
    model: ToyModel
    distribution: Distribution
    l1: sympy.Expr
    weighted: bool
    W_enc: tuple[tuple[sympy.Expr, ...], ...]
    W_dec: tuple[tuple[sympy.Expr, ...], ...]
    b_enc: tuple[sympy.Expr, ...]
    b_dec: tuple[sympy.Expr, ...]
    kinks: tuple[SaeKink, ...]

    def __repr__(self) -> str:
        shown = "; ".join(", ".join(map(to_text, row)) for row in self.W_dec)
        return abridged(f"<SaeGradient: W_dec {shown}>")

    def arrays(self) -> dict[str, object]:
        """The derivatives, exact; nan at kinks."""
        names = ("W_enc", "W_dec", "b_enc", "b_dec")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each number of the SAE: its derivative."""
        entries = {
            f"{name}{integer_text(j)},{integer_text(k)}": value
            for name, rows in (("W_enc", self.W_enc), ("W_dec", self.W_dec))
            for j, row in enumerate(rows, 1)
            for k, value in enumerate(row, 1)
        }
        entries |= {f"b_enc{j}": value for j, value in enumerate(self.b_enc, 1)}
        entries |= {f"b_dec{k}": value for k, value in enumerate(self.b_dec, 1)}
        return {"entry": list(entries), "derivative": list(entries.values())}


def sae_gradient(
    sae: SparseAutoencoder,
    model: ToyModel | object,
    distribution: Distribution | object = None,
    l1: object = "1/5",
    *,
    weighted: bool = False,
) -> SaeGradient:
    """∂L/∂W_enc, ∂L/∂W_dec, ∂L/∂b_enc and ∂L/∂b_dec of L = E‖h − ĥ‖² + λ E Σ fⱼ, exactly.

    Args:
        sae: As for ``sae_loss``.
        model: As for ``sae_loss``.
        distribution: As for ``sae_loss``; a symbol S stands for 0 < S < 1.
        l1: As for ``sae_loss``.
        weighted: As for ``sae_loss``; the price then has a slope in W_dec, too.

    Returns:
        A derivative for each number of the SAE; nan where a latent's u is exactly 0 with some
        probability and the entry moves it.

    Raises:
        InputError: What ``sae_loss`` raises.

    Source: derived here.

    Examples:
        >>> tied = SparseAutoencoder.of_dictionary("1; -1", l1="1/5")
        >>> slopes = sae_gradient(tied, "1; -1", "1/2", l1="1/5")
        >>> slopes.W_enc, slopes.b_enc  # the best encoder of this dictionary
        (((0,), (0,)), (0, 0))
    """
    moments = CodeMoments.of(sae, model, distribution, l1, weighted)
    on = [_where_on(moments, j) for j in moments.latents]
    kinks = [_kinked_patterns(moments, j) for j in moments.latents]
    residual = _mean_residual(moments)
    nan = sympy.nan

    def encoder_slope(j: int, k: int) -> sympy.Expr:
        if any(_moves(moments, active, k) for active in kinks[j]):
            return nan
        along = [(arrow[k], total) for arrow, total in zip(moments.W, on[j][1:], strict=True)]
        along.append((-moments.b_dec[k], on[j][0]))
        return moments.value(weighted_sum(along, moments.zero))

    def bias_slope(k: int) -> sympy.Expr:
        if any(kinks[j] and moments.W_enc[j][k] for j in moments.latents):
            return nan
        terms = [(-moments.W_enc[j][k], on[j][0]) for j in moments.latents]
        both = weighted_sum(terms, [2 * count for count in residual[k]])
        return moments.value(both)

    dimensions = range(sae.m)
    return SaeGradient(
        sae=sae,
        model=moments.model,
        distribution=moments.distribution,
        l1=moments.l1,
        weighted=weighted,
        W_enc=tuple(tuple(encoder_slope(j, k) for k in dimensions) for j in moments.latents),
        W_dec=tuple(_dictionary_slopes(moments, j) for j in moments.latents),
        b_enc=tuple(nan if kinks[j] else moments.value(on[j][0]) for j in moments.latents),
        b_dec=tuple(map(bias_slope, dimensions)),
        kinks=tuple(_kink(moments, j, found) for j, found in enumerate(kinks) if found),
    )


def _where_on(moments: CodeMoments, j: int) -> list[Counts]:
    """E[[uⱼ > 0]ρⱼ], and that with each feature.

    dⱼ·r is Σ dⱼ·dₖ fₖ + dⱼ·b_dec − Σ dⱼ·Wᵢ xᵢ.
    """
    d, one = moments.W_dec[j], moments.price * 0 + 1
    overlaps = [2 * dot(d, other) for other in moments.W_dec]
    gated = [moments.gated(j, k) if o else [] for k, o in enumerate(overlaps)]
    constant = 2 * dot(d, moments.b_dec) + moments.price * moments.lengths[j]
    slopes = [-2 * dot(d, arrow) for arrow in moments.W]
    found = []
    for place, with_feature in enumerate([(), *((i,) for i in moments.features)]):
        terms = [(o, gated[k][place]) for k, o in enumerate(overlaps) if o]
        terms.append((constant * one, moments.moment(j, 0, *with_feature)))
        terms += [(slopes[i], moments.moment(j, 0, i, *with_feature)) for i in moments.features]
        found.append(weighted_sum(terms, moments.zero))
    return found


def _dictionary_slopes(moments: CodeMoments, j: int) -> tuple[sympy.Expr, ...]:
    """2E[fⱼr], and what a longer row costs where that is paid."""
    activity = moments.activity(j)
    products = [moments.product(j, k) for k in moments.latents]
    with_features = [moments.moment(j, 1, i) for i in moments.features]
    found = []
    for k, entry in enumerate(moments.W_dec[j]):
        terms = [(2 * d[k], product) for d, product in zip(moments.W_dec, products, strict=True)]
        terms += [
            (-2 * arrow[k], each) for arrow, each in zip(moments.W, with_features, strict=True)
        ]
        terms.append((2 * moments.b_dec[k], activity))
        length = moments.lengths[j]
        if moments.weighted and moments.price and any(activity):
            if not length:
                found.append(sympy.nan)  # the length of a row bends where it is 0
                continue
            terms.append((moments.price * entry / length, activity))
        found.append(moments.value(weighted_sum(terms, moments.zero)))
    return tuple(found)


def _mean_residual(moments: CodeMoments) -> list[Counts]:
    """E[ĥ − h]."""
    found = []
    for k, b in enumerate(moments.b_dec):
        terms = [(b, moments.one())]
        terms += [(d[k], moments.activity(j)) for j, d in enumerate(moments.W_dec)]
        terms += [(-arrow[k], moments.input_mean(i)) for i, arrow in enumerate(moments.W)]
        found.append(weighted_sum(terms, moments.zero))
    return found


def _kinked_patterns(moments: CodeMoments, j: int) -> list[tuple[int, ...]]:
    """The patterns of active features for which uⱼ is 0 whatever their values."""
    form = moments.forms[j]
    if form.constant:
        return []
    return [active for active in moments.patterns if not any(form.slopes[i] for i in active)]


def _moves(moments: CodeMoments, active: Sequence[int], k: int) -> bool:
    """Whether hₖ − b_dec,k is anything but 0 for a pattern: then W_enc in dimension k moves u."""
    parts: list[Element] = [moments.b_dec[k], *(moments.W[i][k] for i in active)]
    return any(parts)


def _kink(moments: CodeMoments, j: int, patterns: Sequence[tuple[int, ...]]) -> SaeKink:
    one = moments.price * 0 + 1
    weights = ((one, moments.patterns[active]) for active in patterns)
    probability = moments.value(weighted_sum(weights, moments.zero))
    moved = [
        str(k + 1)
        for k in range(moments.sae.m)
        if any(_moves(moments, active, k) for active in patterns)
    ]
    reading = f", nor in what it reads of dimension {joined(moved, 'or')}" if moved else ""
    return SaeKink(
        j + 1,
        probability,
        f"Latent {j + 1} is exactly 0, just where ReLU bends, with probability "
        f"{to_text(probability)}: there is no derivative in its bias{reading}.",
    )
