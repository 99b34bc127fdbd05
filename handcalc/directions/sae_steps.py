"""The exact loss of an SAE told in steps: the latents, their means, pairs of them, the sum."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from handcalc.derivation import (
    Derivation,
    Difference,
    Expectation,
    Expression,
    Line,
    Name,
    Number,
    Power,
    Product,
    Relu,
    Step,
    Sum,
)
from handcalc.directions.clipped_products import LinearForm
from handcalc.directions.code_moments import CodeMoments
from handcalc.directions.sae_loss import SaeLoss
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.superposition.model.affine import Affine

MOST_TOLD = 4
"""Latents, and features, up to which the steps are a page."""

_TWO = Number(sympy.Integer(2))


def sae_steps(loss: SaeLoss) -> Derivation:
    """E‖h − ĥ‖² = E‖h − b_dec‖² − 2 Σ E[(h − b_dec)·dⱼfⱼ] + Σ dⱼ·dₖ E[fⱼfₖ], and the price.

    >>> from handcalc.directions.autoencoder import SparseAutoencoder
    >>> from handcalc.directions.sae_loss import sae_loss
    >>> tied = SparseAutoencoder.of_dictionary("1; -1", l1="1/5")
    >>> [step.rule for step in sae_steps(sae_loss(tied, "1; -1", "1/2")).steps]
    ['Read', 'Take means', 'Take means of pairs', 'Add up']
    """
    moments = CodeMoments.of(loss.sae, loss.model, loss.distribution, loss.l1, loss.weighted)
    return Derivation((
        _read(moments), _means(loss, moments), *_pairs(loss, moments), _sum(loss, moments),
    ))  # fmt: skip


def _latent(j: int) -> Name:
    return Name("f", (j + 1,))


def _read(moments: CodeMoments) -> Step:
    """fⱼ = ReLU(uⱼ), with uⱼ as a form in x."""
    lines = tuple(
        Line(_latent(j), Relu(Name("u", (j + 1,))), shown, shown)
        for j, form in enumerate(moments.forms)
        for shown in [Relu(_affine(form))]
    )
    told = "Row j of W_enc times h − b_dec, and b_enc: for h = Wᵀx a form in x."
    return Step("Read", told, Name("f"), Relu(Name("u")), lines)


def _affine(form: LinearForm) -> Expression:
    slopes = tuple((sympy.Symbol(f"x{i}"), a) for i, a in enumerate(form.slopes, 1) if a)
    return Affine(form.constant, slopes).expression()


def _means(loss: SaeLoss, moments: CodeMoments) -> Step:
    """E[fⱼ], and E[(h − b)·dⱼfⱼ]."""
    lines = []
    for j in moments.latents:
        mean = polynomial_expression(loss.activity[j])
        lines.append(Line(Expectation(_latent(j)), Expectation(_latent(j)), mean, mean))
        along = Product((Name("s", (j + 1,)), _latent(j)))
        caught = polynomial_expression(moments.value(moments.caught(j)))
        lines.append(Line(Expectation(along), Expectation(along), caught, caught))
    told = (
        "The integrals are those of the expected loss, over every pattern of active features; s is "
        "what h − b_dec has along the latent's direction, (h − b_dec)·d."
    )
    return Step("Take means", told, Name("s"), Product((Name("d"), Name("h"))), tuple(lines))


def _pairs(loss: SaeLoss, moments: CodeMoments) -> Iterator[Step]:
    """E[fⱼfₖ], where dⱼ·dₖ is not 0."""
    lines = []
    for j in moments.latents:
        for k in range(j + 1):
            if dot(moments.W_dec[j], moments.W_dec[k]):
                both: Expression = Product((_latent(k), _latent(j)))
                both = Expectation(Power(_latent(j), 2) if j == k else both)
                value = polynomial_expression(loss.products[j][k])
                lines.append(Line(both, both, value, value))
    if lines:
        told = (
            "About a point where both are 0, a product of two clipped forms grows with the square "
            "of the distance, so its mean over a cube follows from the cube's faces."
        )
        name = Expectation(Product((Name("f"), Name("f"))))
        yield Step("Take means of pairs", told, name, name, tuple(lines))


def _sum(loss: SaeLoss, moments: CodeMoments) -> Step:
    """The reconstruction, the price, and both."""
    silent = moments.value(moments.cost_of_silence())
    caught = sympy.expand(sum(moments.value(moments.caught(j)) for j in moments.latents))
    pairs = sympy.expand(loss.reconstruction - silent + 2 * caught)
    size, along, both = Name("H"), Name("A"), Name("B")
    reconstruction = Sum((Difference(size, Product((_TWO, along))), both))
    shown = [polynomial_expression(value) for value in (silent, caught, pairs)]
    filled = Sum((Difference(shown[0], Product((_TWO, shown[1]))), shown[2]))
    parts = [polynomial_expression(value) for value in (loss.reconstruction, loss.sparsity)]
    lines = (
        Line(Name("R"), reconstruction, filled, parts[0]),
        Line(Name("L"), Sum((Name("R"), Name("P"))), Sum((parts[0], parts[1])),
             polynomial_expression(loss.value)),
    )  # fmt: skip
    told = (
        "R is the reconstruction: H is what is lost with every latent off, A the sum of the "
        "E[s f], B that of the products, each times d·d of its two latents. P is the price "
        "times the sum of the E[f]"
        + (", each times the length of its row." if loss.weighted else ".")
    )
    return Step("Add up", told, Name("L"), Sum((Name("R"), Name("P"))), lines)
