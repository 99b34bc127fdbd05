"""The pages on sparse autoencoders: what one is and loses, a code, closed forms, ways out."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from handcalc.derivation import Expression
from handcalc.derivation import Number as Shown
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.best_code import BestCode
from handcalc.directions.closed_forms import SaeClosedForm
from handcalc.directions.code_bound import CodeBound
from handcalc.directions.sae_gradient import SaeGradient
from handcalc.directions.sae_loss import SaeLoss
from handcalc.directions.sae_steps import MOST_TOLD, sae_steps
from handcalc.directions.ways_out import WaysOut
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.decimals import rounded
from handcalc.numbers.exact import to_text
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Formula,
    Named,
    Page,
    Said,
    Steps,
    Tabulated,
    Title,
)
from handcalc.views.rounding import reads_at_a_glance
from handcalc.wording import counted, listed

_PLACES = 7  # of a loss beside its exact value
_SHORT = 40  # characters of an exact number that is written out
_UNIFORM = "An active feature is uniform on [0, 1]."

TITLES = {
    "one-feature": "One feature, one latent",
    "free-bias": "One feature, one latent, and a bias of the decoder",
    "antipodal": "An antipodal pair in one dimension, two latents",
    "orthogonal": "Features at right angles, a latent each",
}
"""What a closed form is about."""


def autoencoder(shown: SparseAutoencoder) -> Page:
    """The weights."""
    size = f"{counted(shown.latents, 'latent')} in {counted(shown.m, 'dimension')}"
    page: Page = [Title(f"A sparse autoencoder: {size}")]
    labels = tuple(f"latent {j}" for j in range(1, shown.latents + 1))
    if shown.W_enc == shown.W_dec:
        page.append(Named("W_dec", shown.W_dec, labels))
        page.append(Said.plainly("W_enc is the same: the dictionary is its own encoder."))
    else:
        page += [Named("W_enc", shown.W_enc, labels), Named("W_dec", shown.W_dec)]
    biases = [("b_enc", shown.b_enc), ("b_dec", shown.b_dec)]
    page += [Named(name, (values,)) for name, values in biases if any(values)]
    return page


def loss(shown: SaeLoss) -> Page:
    """What an SAE loses, what it is made of, and what no encoder can beat."""
    page: Page = [
        *autoencoder(shown.sae),
        Named("W", shown.model.W, tuple(f"feature {i}" for i in range(1, shown.model.n + 1))),
        _inputs(shown.distribution),
        Title("The expected loss"),
        _valued("Loss L", shown.value),
        _valued("of it reconstruction, E‖h − ĥ‖²", shown.reconstruction),
        _valued(f"and {_priced(shown)}", shown.sparsity),
        *_bound(shown.bound, shown.value),
        Title("Each latent"),
        _latents(shown),
        _dead(shown),
        Title("The dictionary beside the features"),
        _similarity(shown),
        *_shrinkage(shown),
    ]
    if max(shown.sae.latents, shown.model.n) <= MOST_TOLD:
        page += [Title("Worked out"), Steps(sae_steps(shown))]
    return page


def _inputs(distribution: Distribution) -> Said:
    return Said.plainly(
        f"{distribution.sentence()} {_UNIFORM}".replace("{", "{{").replace("}", "}}")
    )


def _priced(shown: SaeLoss) -> str:
    price = to_text(shown.l1)
    each = "the activations times their rows' lengths" if shown.weighted else "the activations"
    return f"the price, {price} times {each}"


def value_sentence(lead: str, value: sympy.Expr) -> tuple[str, tuple[Expression, ...]]:
    """A number exactly and as a decimal, or as a decimal alone where it is long; or in S.

    >>> value_sentence("L", sympy.Rational(1, 3))[0]
    'L = 1/3, about 0.3333333'
    >>> value_sentence("L", sympy.sqrt(2) / 1234567)  # what would be rounded is not said to be it
    ('L: about 0.000001145514', ())
    """
    shown = polynomial_expression(value)
    if value.free_symbols:
        return f"{lead} = {{}}", (shown,)
    if value.is_Integer:
        return f"{lead} = {{}}", (shown,)
    about = rounded(value, _PLACES)
    if len(to_text(value)) > _SHORT or not (value.is_Rational or reads_at_a_glance(value)):
        return f"{lead}: about {about}", ()
    if value.is_Rational:  # as a page of numbers would round it
        return f"{lead} = {to_text(value)}, about {about}", ()
    return f"{lead} = {{}}, about {about}", (shown,)


def _valued(lead: str, value: sympy.Expr) -> Said:
    text, values = value_sentence(lead, value)
    return Said.plainly(text, *values)


def _bound(bound: CodeBound, value: sympy.Expr) -> Iterator[Block]:
    """What the best code of this dictionary costs."""
    yield Title("What no encoder of this dictionary can beat")
    if bound.is_exact:
        reached = sympy.expand(bound.value - value) == 0
        more = " The encoder here reaches it." if reached else ""
        text, values = value_sentence("Cost of the best code", bound.value)
        yield Said.plainly(f"{text}.{more}", *values)
        yield Said.plainly(bound.sentence)
        return
    if not bound.value.free_symbols and not bound.upper.free_symbols:
        low, high = (rounded(each, 5) for each in (bound.value, bound.upper))
        yield Said.plainly(f"The best code costs about {low} at least and {high} at most.")
    else:
        text, values = value_sentence("Cost of the best code, at least", bound.value)
        yield Said.plainly(f"{text}.", *values)
    yield Said.plainly(bound.sentence)


def _latents(shown: SaeLoss) -> Block:
    heads = ("latent", "mean activation", "probability of being on")
    if any(value.free_symbols for value in (*shown.activity, *shown.on)):
        rows: list[tuple[Cell, ...]] = [
            (str(j), _in_s(mean), _in_s(on))
            for j, (mean, on) in enumerate(zip(shown.activity, shown.on, strict=True), 1)
        ]
        return Tabulated(heads, tuple(rows))
    rows = [
        (str(j), mean, on)
        for j, (mean, on) in enumerate(zip(shown.activity, shown.on, strict=True), 1)
    ]
    return Tabulated(heads, tuple(rows))


def _in_s(value: sympy.Expr) -> Formula:
    """A polynomial in S, as sentences have it."""
    return Formula(polynomial_expression(value))


def _dead(shown: SaeLoss) -> Said:
    if not shown.dead:
        return Said.plainly("No latent is dead: each is on for some input that is drawn.")
    latents = "Latent {} is" if len(shown.dead) == 1 else "Latents {} are"
    which = latents.format(listed(shown.dead))
    return Said.plainly(f"{which} dead: 0 for every input that is drawn, which is proved.")


def _similarity(shown: SaeLoss) -> Said:
    if shown.mmcs is None:
        return Said.plainly(
            "Mean max cosine similarity: there is none, as a feature or the dictionary is 0, or "
            "its roots are too many."
        )
    text, values = value_sentence("Mean max cosine similarity", shown.mmcs)
    return Said.plainly(f"{text}. It can be high with a bad loss.", *values)


def _shrinkage(shown: SaeLoss) -> Iterator[Block]:
    if len(set(shown.shrinkage)) == 1:
        yield Said.plainly(
            "Shrinkage: alone and fully on, every feature comes back short by {}.",
            Shown(shown.shrinkage[0]),
        )
        return
    heads = ("feature, alone and fully on", "comes back short by")
    yield Tabulated(heads, tuple((str(i), s) for i, s in enumerate(shown.shrinkage, 1)))


def gradient(shown: SaeGradient) -> Page:
    """The slopes in each matrix and bias."""
    return [*autoencoder(shown.sae), _inputs(shown.distribution), *slopes(shown)]


def slopes(shown: SaeGradient) -> Page:
    """The slopes alone, below the loss."""
    page: Page = [Title("The slopes")]
    parts: list[tuple[str, Matrix]] = [
        ("W_enc", shown.W_enc), ("W_dec", shown.W_dec),
        ("b_enc", (shown.b_enc,)), ("b_dec", (shown.b_dec,)),
    ]  # fmt: skip
    for name, rows in parts:
        page.append(_slopes(name, rows))
    return [*page, *(Said.plainly(kink.sentence) for kink in shown.kinks)]


def _slopes(name: str, rows: Matrix) -> Block:
    """A matrix of slopes as a table, as some may be missing or depend on S."""
    heads = (f"in {name}", *(f"dimension {k}" for k in range(1, len(rows[0]) + 1)))
    if name == "b_enc":
        heads = (f"in {name}", *(f"latent {j}" for j in range(1, len(rows[0]) + 1)))
    lead = [f"latent {j}" for j in range(1, len(rows) + 1)] if name.startswith("W") else [""]
    symbolic = any(value.free_symbols for row in rows for value in row)

    def cell(value: sympy.Expr) -> Cell:
        if value is sympy.nan:
            return "none"
        return _in_s(value) if symbolic else value

    return Tabulated(
        heads,
        tuple((name, *map(cell, row)) for name, row in zip(lead, rows, strict=True)),
    )


def code(shown: BestCode) -> Page:
    """One h, its best code, and the encoder's."""
    rows: tuple[tuple[Cell, ...], ...] = (
        ("best code", *shown.code, shown.value),
        ("the encoder's", *shown.encoded, shown.encoded_value),
    )
    latents = [f"f{j}" for j in range(1, shown.sae.latents + 1)]
    return [
        Title("One input"),
        Named("h", (shown.h,)),
        Tabulated(("code", *latents, "cost"), rows),
        _gap(shown),
    ]


def _gap(shown: BestCode) -> Said:
    gap = sympy.expand(shown.encoded_value - shown.value)
    if gap == 0:
        return Said.plainly("The encoder reaches the best code here.")
    return Said.plainly(
        "The encoder costs {} more than the best code: the amortisation gap.", Shown(gap)
    )


def closed_form(shown: SaeClosedForm) -> Page:
    """The formula worked out."""
    text, values = value_sentence("Loss L", shown.loss)
    page: Page = [Title(TITLES[shown.case], is_page=True), Said.plainly(text, *values)]
    if shown.bias != 0:
        text, values = value_sentence("b_dec", shown.bias)
        page.append(Said.plainly(text, *values))
    page.append(Said.plainly("No latent is ever on from λ = {} on.", Shown(shown.dead_from)))
    return [*page, Steps(shown.derivation)]


def ways(shown: WaysOut) -> Page:
    """The table, and a sentence on each way."""
    rows = tuple((way.title, "not known" if way.loss is None else way.loss) for way in shown.ways)
    page: Page = [
        Title("Three ways out of superposition"),
        Named("W", shown.model.W),
        _inputs(shown.distribution),
        Tabulated(("way", "loss of the features"), rows),
    ]
    for way in shown.ways[1:]:
        said = f"{way.title[0].upper()}{way.title[1:]}: {way.sentence}"
        page.append(Said.plainly(said.replace("{", "{{").replace("}", "}}"), is_listed=True))
    text, values = value_sentence("The SAE's own loss, of h with the price", shown.sae.value)
    page.append(Said.plainly(f"{text}.", *values))
    if shown.given is not None:
        text, values = value_sentence("That of your SAE", shown.given.value)
        page.append(Said.plainly(f"{text}.", *values))
    return page


def dictionary_in_words(features: Matrix, dictionary: Matrix, mmcs: sympy.Expr | None) -> str:
    """What the picture of a dictionary beside the features shows."""
    size = f"{counted(len(dictionary), 'latent')} beside {counted(len(features), 'feature')}"
    near = "" if mmcs is None else f"; mean max cosine similarity {float(mmcs):.3f}"
    return f"The dictionary beside the features: {size}{near}."
