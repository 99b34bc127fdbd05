"""Three ways out of superposition on one model, in one unit: E‖x − x̂‖²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Literal, TypeAlias

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.code_moments import CodeMoments, Counts, weighted_sum
from handcalc.directions.readouts import SparsestLoss, sparsest_loss
from handcalc.directions.sae_loss import SaeLoss, sae_loss
from handcalc.display import Displayed, abridged, fields_text
from handcalc.export import AsArrays, Tabular
from handcalc.numbers.exact import exact, sign, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import Distribution, distribution_of, without_symbol
from handcalc.superposition.loss.expected_loss import loss_value
from handcalc.superposition.loss.moments import SupportWeights, presence
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined, listed

_MOST_NAMED = 5  # sets of features, in a sentence
_MOST_READ = 12  # features, in a sentence

WayName: TypeAlias = Literal["superposition", "orthogonal", "dictionary", "decoder", "given"]


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
    dimensions of their own, a dictionary found afterwards, and the sparsest-x decoder. ``sae`` is
    that dictionary's own loss, of h. ``kept`` are the features (from 1) that keep a dimension of
    their own in the second.
    """

    model: ToyModel
    distribution: Distribution
    l1: sympy.Expr
    ways: tuple[Way, ...]
    sae: SaeLoss
    decoder: SparsestLoss
    kept: tuple[int, ...]
    given: SaeLoss | None = None

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
    sae: SparseAutoencoder | None = None,
    *,
    weighted: bool = False,
) -> WaysOut:
    """What three ways out of superposition lose on one model, each as E‖x − x̂‖².

    Without superposition, m features have dimensions of their own and the others are guessed by
    their mean: Σ (E[x²] − E[x]²) over these. With a dictionary found afterwards, x̂ᵢ = fᵢ/‖Wᵢ‖ of
    the SAE whose dictionary is the features themselves. With the sparsest-x decoder of
    ``sparsest_loss``, x̂ is the sparsest x ≥ 0 with the same h. None of them is a bound on others.

    Args:
        model: A model, or W alone (n × m).
        distribution: As for ``expected_loss``, with its sparsity in numbers.
        l1: λ ≥ 0, the price of an activation.
        sae: An SAE to lay beside them, such as ``exact()`` of a trained one: x̂ᵢ = fⱼ‖dⱼ‖/‖Wᵢ‖ with
            j the latent nearest to feature i, and 0 where none has a cosine above 0.
        weighted: Pay each activation of ``sae`` by the length of its row of W_dec, as in
            ``sae_loss``.

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
        >>> axes = SparseAutoencoder.of_dictionary("1 0; 0 1", l1="1/10")
        >>> ways_out("1 0; 0 1; 0 -1", "1/2", "1/10", axes).ways[-1].sentence
        'Each feature by the latent nearest to it: 1 by d1, 2 by d2, 3 by none.'
    """
    model = ToyModel.of(model)
    distribution = without_symbol(
        distribution_of(distribution), model.n, "The ways out are compared at one sparsity"
    )
    tied = SparseAutoencoder.of_features(model, l1)
    moments = CodeMoments.of(tied, model, distribution, l1, weighted=False)
    price = moments.l1
    as_it_is = loss_value(model, distribution)
    kept, orthogonal = _orthogonal(model, moments.draws)
    decoder = sparsest_loss(model, distribution)
    dropped = [i for i in range(1, model.n + 1) if i not in kept]
    ways: tuple[Way, ...] = (
        Way(
            "superposition", "in superposition, read by ReLU", as_it_is,
            "The model as it is.",
        ),
        Way(
            "orthogonal", "no superposition", orthogonal,
            f"A dimension each for {_features(kept)}; {_lose(dropped)}.",
        ),
        Way(
            "dictionary", "a dictionary found afterwards", _read_off(moments, _nearest(moments)),
            "The latents of the SAE whose dictionary is the features themselves, each at its "
            "feature's length.",
        ),
        Way(
            "decoder", "superposition with the sparsest-x decoder", decoder.value,
            _decoded(decoder),
        ),
    )  # fmt: skip
    own = None
    if sae is not None:
        own = sae_loss(sae, model, distribution, price, weighted=weighted)
        ways = *ways, _given(CodeMoments.of(sae, model, distribution, l1, weighted))
    return WaysOut(
        model, distribution, price, ways,
        sae_loss(tied, model, distribution, price), decoder, kept, own,
    )  # fmt: skip


def _orthogonal(model: ToyModel, draws: SupportWeights) -> tuple[tuple[int, ...], sympy.Expr]:
    """The m features (from 1) that cost most when they are guessed, and what the others cost."""
    costs = []
    for i in range(model.n):
        present, *_ = presence(draws, [i])
        costs.append((present / 3 - present * present / 4).to_sympy())

    def compare(a: int, b: int) -> int:
        return sign(costs[b] - costs[a])

    order = sorted(range(model.n), key=cmp_to_key(compare))  # equals keep their order
    kept = tuple(sorted(i + 1 for i in order[: model.m]))
    return kept, exact(sympy.Add(*(costs[i] for i in order[model.m :])))


def _nearest(moments: CodeMoments) -> list[int | None]:
    """For each feature the latent, from 0, with the highest cosine; None without one above 0."""
    found: list[int | None] = []
    for arrow in moments.W:
        best: tuple[int, Element] | None = None
        for j, d in enumerate(moments.W_dec):
            along = dot(arrow, d)
            if along.sign() <= 0:  # as it is for a row of 0
                continue
            square = along * along / dot(d, d)  # of one arrow, cosines above 0 compare as this does
            if best is None or (square - best[1]).sign() > 0:
                best = j, square
        found.append(None if best is None else best[0])
    return found


def _read_off(moments: CodeMoments, nearest: Sequence[int | None]) -> sympy.Expr:
    """Σ E[(xᵢ − fⱼ‖dⱼ‖/‖Wᵢ‖)²]; a feature without a latent is read as 0."""
    terms: list[tuple[Element, Counts]] = []
    field = moments.draws.field
    for i, (arrow, j) in enumerate(zip(moments.W, nearest, strict=True)):
        terms.append((field.rational(1), moments.input_square(i, i)))
        if j is not None:
            d = moments.W_dec[j]
            square = dot(d, d) / dot(arrow, arrow)
            terms.append((-2 * field.sqrt(square), moments.moment(j, 1, i)))
            terms.append((square, moments.product(j, j)))
    return moments.value(weighted_sum(terms, moments.zero))


def _given(moments: CodeMoments) -> Way:
    """The way of an SAE of one's own, typed or trained."""
    nearest = _nearest(moments)
    each = [f"{i} by {'none' if j is None else f'd{j + 1}'}" for i, j in enumerate(nearest, 1)]
    some = each if len(each) <= _MOST_READ else [*each[:_MOST_READ], "…"]
    return Way(
        "given", "your SAE", _read_off(moments, nearest),
        f"Each feature by the latent nearest to it: {', '.join(some)}.",
    )  # fmt: skip


def _decoded(decoder: SparsestLoss) -> str:
    """Where the sparsest x ≥ 0 is not the one that was."""
    if decoder.undecided:
        least = to_text(decoder.at_least)
        return f"Not known: some inputs have several sparsest ones with their h. At least {least}."
    lost = [
        f"{{{', '.join(map(str, each.active))}}}" for each in decoder.patterns if each.loss != 0
    ]
    if not lost:
        return "The sparsest x ≥ 0 with the same h, which is x always."
    return f"The sparsest x ≥ 0 with the same h, which is not x with these on: {short_list(lost)}."


def short_list(parts: Sequence[str]) -> str:
    """The first of many, and how many more there are.

    >>> short_list(["a", "b"]), short_list(list("abcdefg"))
    ('a or b', 'a, b, c, d, e or 2 more')
    """
    shown = list(parts[:_MOST_NAMED])
    left = len(parts) - len(shown)
    return joined([*shown, f"{left} more"] if left else shown, "or")


def _features(which: Sequence[int]) -> str:
    return f"feature {which[0]}" if len(which) == 1 else f"features {listed(which)}"


def _lose(dropped: Sequence[int]) -> str:
    if not dropped:
        return "none is left out"
    return f"{_features(dropped)} guessed by the mean"
