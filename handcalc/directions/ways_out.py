"""Three ways out of superposition on one model, in one unit: Σ Iᵢ E[(xᵢ − x̂ᵢ)²]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Literal, TypeAlias

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.code_moments import CodeMoments, Counts, weighted_sum
from handcalc.directions.dictionaries import dot
from handcalc.directions.least_sum import LeastSum, least_sum
from handcalc.directions.sae_loss import SaeLoss, sae_loss
from handcalc.display import Displayed, abridged, fields_text
from handcalc.export import AsArrays, Tabular
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import exact, sign, to_text
from handcalc.numbers.field import Element
from handcalc.superposition.loss.distribution import Distribution, distribution_of, without_symbol
from handcalc.superposition.loss.expected_loss import expected_loss, importances
from handcalc.superposition.loss.moments import SupportWeights, presence
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import listed

WayName: TypeAlias = Literal["superposition", "orthogonal", "dictionary", "decoder"]


@dataclass(frozen=True, slots=True, repr=False)
class Way:
    """One way to have the features back, and what it loses; None where that is not worked out."""

    name: WayName
    title: str
    loss: sympy.Expr | None
    sentence: str

    __repr__ = fields_text


@dataclass(frozen=True, slots=True, repr=False)
class WaysOut(Displayed, AsArrays, Tabular):
    """What each way out of superposition loses of the features, exactly, on one model.

    ``ways`` begins with the model as it is, read by its own ReLU; then the best features in
    dimensions of their own, a dictionary found afterwards, and the decoder of least sum. ``sae`` is
    that dictionary's own loss, of h. ``kept`` are the features (from 1) that keep a dimension of
    their own in the second.
    """

    model: ToyModel
    distribution: Distribution
    importance: Vector
    l1: sympy.Expr
    ways: tuple[Way, ...]
    sae: SaeLoss
    decoder: LeastSum
    kept: tuple[int, ...]

    @property
    def losses(self) -> dict[WayName, sympy.Expr | None]:
        """The losses by name."""
        return {way.name: way.loss for way in self.ways}

    @property
    def best(self) -> Way:
        """The way that loses least, of those whose loss is known."""
        known = [way for way in self.ways if way.loss is not None]

        def compare(a: Way, b: Way) -> int:
            return sign(exact(a.loss) - exact(b.loss))

        return min(known, key=cmp_to_key(compare))

    def __repr__(self) -> str:
        told = (
            f"{way.name} {'unknown' if way.loss is None else to_text(way.loss)}"
            for way in self.ways
        )
        return abridged(f"<WaysOut: {', '.join(told)}>")

    def arrays(self) -> dict[str, sympy.Expr]:
        """The losses that are known, by name."""
        return {way.name: way.loss for way in self.ways if way.loss is not None}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a way."""
        return {
            "way": [way.name for way in self.ways],
            "loss": [sympy.nan if way.loss is None else way.loss for way in self.ways],
        }


def ways_out(
    model: ToyModel | object,
    distribution: Distribution | object = None,
    l1: object = "1/5",
    importance: object = None,
) -> WaysOut:
    """What three ways out of superposition lose on one model, each as Σ Iᵢ E[(xᵢ − x̂ᵢ)²].

    Without superposition, m features have dimensions of their own and the others are guessed by
    their mean: Σ I(E[x²] − E[x]²) over these. With a dictionary found afterwards, x̂ᵢ = fᵢ/‖Wᵢ‖ of
    the SAE whose dictionary is the features themselves. With the decoder of least sum, x̂ is the
    least x ≥ 0 with the same h, which returns every x that is sparse enough.

    Args:
        model: A model, or W alone (n × m).
        distribution: As for ``expected_loss``, with its sparsity in numbers.
        l1: λ ≥ 0, the price of an activation.
        importance: As for ``expected_loss``.

    Returns:
        The loss of the model as it is and of each way out; the SAE's own loss.

    Raises:
        InputError: ``sparsity`` where S is left a symbol; ``norms`` where W is 0 all over;
            ``too_complicated``, and what ``sae_loss`` and ``expected_loss`` raise.

    Source: Elhage et al. 2022, "Strategic Picture of Superposition", names the ways; the losses are
    derived here.

    Examples:
        >>> found = ways_out("1 0; 0 1; 0 -1", "1/2", l1="1/10")
        >>> found.losses
        {'superposition': 1/12, 'orthogonal': 5/48, 'dictionary': ..., 'decoder': 1/12}
    """
    model = ToyModel.of(model)
    distribution = without_symbol(
        distribution_of(distribution), model.n, "The ways out are compared at one sparsity"
    )
    weights = importances(importance, model.n)
    tied = SparseAutoencoder.of_features(model, l1)
    moments = CodeMoments.of(tied, model, distribution, l1, weighted=False)
    price = moments.l1
    as_it_is = expected_loss(model, distribution, weights).value
    kept, orthogonal = _orthogonal(model, moments.draws, weights)
    decoder = least_sum(model, distribution, weights)
    dropped = [i for i in range(1, model.n + 1) if i not in kept]
    ways = (
        Way(
            "superposition", "in superposition, read by ReLU", as_it_is,
            "The model as it is.",
        ),
        Way(
            "orthogonal", "no superposition", orthogonal,
            f"A dimension each for {_features(kept)}; {_lose(dropped)}.",
        ),
        Way(
            "dictionary", "a dictionary found afterwards", _read_off(moments, weights),
            "The latents of the SAE whose dictionary is the features themselves, each at its "
            "feature's length.",
        ),
        Way("decoder", "the decoder of least sum", decoder.loss, decoder.sentence),
    )  # fmt: skip
    return WaysOut(
        model, distribution, weights, price, ways,
        sae_loss(tied, model, distribution, price), decoder, kept,
    )  # fmt: skip


def _orthogonal(
    model: ToyModel, draws: SupportWeights, importance: Vector
) -> tuple[tuple[int, ...], sympy.Expr]:
    """The m features (from 1) that cost most when they are guessed, and what the others cost."""
    costs = []
    for i, weight in enumerate(importance):
        present, *_ = presence(draws, [i])
        guessed = present / 3 - present * present / 4
        costs.append(weight * guessed.to_sympy())

    def compare(a: int, b: int) -> int:
        return sign(costs[b] - costs[a])

    order = sorted(range(model.n), key=cmp_to_key(compare))  # equals keep their order
    kept = tuple(sorted(i + 1 for i in order[: model.m]))
    return kept, exact(sympy.Add(*(costs[i] for i in order[model.m :])))


def _read_off(moments: CodeMoments, importance: Vector) -> sympy.Expr:
    """Σ Iᵢ E[(xᵢ − fᵢ/‖Wᵢ‖)²]; a feature of length 0 has no latent, and is read as 0."""
    terms: list[tuple[Element, Counts]] = []
    field, latents = moments.draws.field, iter(moments.latents)
    for i, (arrow, weight) in enumerate(zip(moments.W, importance, strict=True)):
        terms_of_one = [(field.rational(1), moments.input_square(i, i))]
        square = dot(arrow, arrow)
        if square:
            j, length = next(latents), field.sqrt(square)
            terms_of_one.append((-2 / length, moments.moment(j, 1, i)))
            terms_of_one.append((1 / square, moments.product(j, j)))
        each = field.from_sympy(weight)
        terms += [(each * factor, counts) for factor, counts in terms_of_one]
    return moments.value(weighted_sum(terms, moments.zero))


def _features(which: Sequence[int]) -> str:
    return f"feature {which[0]}" if len(which) == 1 else f"features {listed(which)}"


def _lose(dropped: Sequence[int]) -> str:
    if not dropped:
        return "none is left out"
    return f"{_features(dropped)} guessed by the mean"
