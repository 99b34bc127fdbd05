"""The best encoder where a formula has it: one feature, orthogonal features, an antipodal pair.

Each result has its formula worked out in steps, and the SAE that reaches it, for ``sae_loss``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import sympy

from handcalc.derivation import (
    Case,
    Cases,
    Derivation,
    Difference,
    Expectation,
    Expression,
    Inequality,
    Integral,
    Line,
    Name,
    Number,
    Power,
    Product,
    Relu,
    Step,
    Sum,
)
from handcalc.directions.autoencoder import SparseAutoencoder, read_l1
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import AsArrays
from handcalc.inputs.arguments import read_number, read_whole
from handcalc.numbers.exact import exact, in_unit_interval, sign, to_text
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief, joined

SaeCase: TypeAlias = Literal["one-feature", "free-bias", "antipodal", "orthogonal"]
CASES: tuple[SaeCase, ...] = get_args(SaeCase)
"""The cases that have a closed form."""

_ONE, _ZERO = sympy.Integer(1), sympy.Integer(0)
_MOST_FEATURES = 50


@dataclass(frozen=True, slots=True, repr=False)
class SaeClosedForm(Displayed, AsArrays):
    """The best encoder of a case's dictionary: its loss by a formula, worked out in steps.

    ``sae`` reaches it on ``model``, whose features are independent with ``sparsity`` (None is the
    symbol S); ``dead_from`` is the λ from which no latent is ever on, and ``bias`` is b_dec.
    """

    case: SaeCase
    model: ToyModel
    sae: SparseAutoencoder
    l1: sympy.Expr
    sparsity: sympy.Expr | None
    loss: sympy.Expr
    bias: sympy.Expr
    dead_from: sympy.Expr
    derivation: Derivation

    def __repr__(self) -> str:
        return abridged(f"<SaeClosedForm {self.case}: {to_text(self.loss)}>")

    def arrays(self) -> dict[str, sympy.Expr]:
        """The loss and the decoder's bias, exact."""
        return {"loss": self.loss, "bias": self.bias}


def sae_closed_form(
    case: str, l1: object = "1/5", sparsity: object = None, *, features: object = 2
) -> SaeClosedForm:
    """The least SAE loss of a dictionary by a formula, with τ = λ/2 ≤ 1 and p = 1 − S.

    One feature, with one latent: f = (x − τ)⁺ and L = (p/3)(1 − (1 − τ)³); with the decoder's bias
    free, c = (√((S + pτ)² + p²(2τ − τ²)) − S − pτ)/p makes up for what the price takes. Orthogonal
    features, with themselves as the dictionary, add up: a tilted dictionary can lose less where
    they are often on together. An antipodal pair in one dimension, two latents ±1: f = (±h − τ)⁺
    and L = 2pS(1 − (1 − τ)³)/3 + p²(1 − (1 − τ)⁴)/6.

    Args:
        case: "one-feature", "free-bias", "antipodal" or "orthogonal".
        l1: λ ≥ 0, the price of an activation.
        sparsity: S, from 0 to 1; None leaves it a symbol, but for "free-bias".
        features: How many there are, for "orthogonal".

    Returns:
        The loss, the SAE that reaches it, and the formula worked out in steps.

    Raises:
        InputError: ``case``, ``l1``, ``sparsity``, ``features``.

    Source: derived here; that L1 shrinks activations: Wright and Sharkey 2024, "Addressing feature
    suppression in SAEs".

    Examples:
        >>> sae_closed_form("one-feature", l1="1/5", sparsity="1/2").loss
        271/6000
        >>> sae_closed_form("free-bias", l1=1, sparsity="1/2").bias
        -3/2 + sqrt(3)
        >>> sae_closed_form("antipodal", l1="1/5", sparsity="1/2").loss
        14279/240000
    """
    price, given = read_l1(l1), None if sparsity is None else read_number(sparsity, "sparsity")
    if given is not None and not in_unit_interval(given):
        message = f"A sparsity is a probability, from 0 to 1, not {brief(given)}."
        raise InputError("sparsity", message)
    if case not in CASES:
        raise InputError(
            "case", f"Closed forms are there for {joined(CASES)}, not for {brief(case)}."
        )
    if case == "free-bias":
        return _free_bias(price, given)
    if case == "antipodal":
        return _antipodal(price, given)
    count = read_whole(features, "number of features", "features") if case == "orthogonal" else 1
    if not 1 <= count <= _MOST_FEATURES:
        message = f"There are 1 to {_MOST_FEATURES} orthogonal features here, not {brief(count)}."
        raise InputError("features", message)
    return _orthogonal(
        "one-feature" if case == "one-feature" else "orthogonal", price, given, count
    )


# -- features at right angles ----------------------------------------------------------------------


def _orthogonal(
    case: SaeCase, price: sympy.Expr, sparsity: sympy.Expr | None, count: int
) -> SaeClosedForm:
    """A sum over the features, each of them alone in its dimension."""
    s, threshold = S if sparsity is None else sparsity, _threshold(price)
    mean = exact((1 - (1 - threshold) ** 3) / 3)
    loss = _tidied(count * (1 - s) * mean)
    identity = sympy.eye(count).tolist()
    p = polynomial_expression(1 - s)
    total = [_number(count)] if count > 1 else []
    last = Line(
        Name("L"),
        _product([*total, Name("p"), Expectation(Name("c"))]),
        _product([*total, p, _number(mean)]),
        polynomial_expression(loss),
    )
    many = "" if count == 1 else f", and adds to that of the {count - 1} others, at right angles"
    steps = (
        _code_step(price, threshold),
        _mean_step(threshold, mean),
        Step(
            "Add up",
            f"A feature that is off costs nothing; one that is on has the mean above{many}.",
            Name("L"),
            _product([*total, Name("p"), Expectation(Name("c"))]),
            (last,),
        ),
    )
    return SaeClosedForm(
        case, ToyModel(identity), SparseAutoencoder.of_dictionary(identity, price), price, sparsity,
        loss, _ZERO, sympy.Integer(2), Derivation(steps, _notes(price, sympy.Integer(2))),
    )  # fmt: skip


def _code_step(price: sympy.Expr, threshold: sympy.Expr) -> Step:
    """f = (x − τ)⁺, and what it costs."""
    x, f, tau = Name("x"), Name("f"), Name("τ")
    lines = (
        Line(tau, _product([_number(sympy.Rational(1, 2)), Name("λ")]),
             _product([_number(sympy.Rational(1, 2)), _number(price)]), _number(price / 2)),
        Line(f, Relu(Difference(x, tau)), Relu(Difference(x, _number(price / 2))),
             Relu(Difference(x, _number(price / 2)))),
        Line(
            Name("c"),
            Sum((Power(Difference(x, f), 2), _product([Name("λ"), f]))),
            Sum((Power(Difference(x, f), 2), _product([_number(price), f]))),
            _cost_cases(threshold),
        ),
    )  # fmt: skip
    return Step(
        "Code one feature",
        "(x − f)² + λf has slope 0 at f = x − λ/2; where that is negative, f = 0 costs least. So "
        "every activation is short by exactly τ = λ/2.",
        f,
        Relu(Difference(x, tau)),
        lines,
    )


def _cost_cases(threshold: sympy.Expr) -> Expression:
    """x² up to τ, and 2τx − τ² beyond."""
    x = Name("x")
    below = Power(x, 2)
    if threshold == 1:
        return below
    beyond = Difference(_product([_number(2 * threshold), x]), _number(exact(threshold**2)))
    return Cases((Case(below, Inequality(x, "≤", _number(threshold))), Case(beyond, None)))


def _mean_step(threshold: sympy.Expr, mean: sympy.Expr) -> Step:
    """E[c] = (1 − (1 − τ)³)/3."""
    formula = _third_of(Name("τ"), 3)
    line = Line(
        Expectation(Name("c")),
        Integral(Name("c"), (Name("x"),)),
        _third_of(_number(threshold), 3),
        _number(mean),
    )
    return Step(
        "Take the mean",
        "τ³/3 from below τ, and τ(1 − τ²) − τ²(1 − τ) from beyond: together (1 − (1 − τ)³)/3. A τ "
        "over 1 counts as 1.",
        Expectation(Name("c")),
        formula,
        (line,),
    )


def _third_of(tau: Expression, exponent: int) -> Expression:
    """(1 − (1 − τ)³)/3, or with the exponent 4 a sixth."""
    part = sympy.Rational(1, 3 if exponent == 3 else 6)
    one = _number(_ONE)
    return _product([_number(part), Difference(one, Power(Difference(one, tau), exponent))])


# -- with a free bias of the decoder ---------------------------------------------------------------


def _free_bias(price: sympy.Expr, sparsity: sympy.Expr | None) -> SaeClosedForm:
    """p·c² + 2(S + pτ)c − p(2τ − τ²) = 0; no latent is on from λ = 1 + S on, where c is E[x]."""
    if sparsity is None:
        raise InputError(
            "sparsity",
            'The best bias of the decoder has a root of S in it: give a sparsity, such as "1/2".',
            suggestion="1/2",
        )
    s, p, tau = sparsity, 1 - sparsity, price / 2
    dead_from = exact(1 + s)
    if sign(price - dead_from) >= 0 or p == 0:
        bias, loss = exact(p / 2), exact(p / 3 - p**2 / 4)
    else:
        root = sympy.sqrt(exact((s + p * tau) ** 2 + p**2 * (2 * tau - tau**2)))
        bias = exact((root - s - p * tau) / p)
        on = (tau**3 + bias**3) / 3 + tau * ((1 - bias) ** 2 - tau**2) - tau**2 * (1 - bias - tau)
        loss = exact(s * bias**2 + p * on)
    shifted = Difference(Difference(Name("x"), Name("c")), Name("τ"))
    value = Relu(Difference(Name("x"), _number(exact(bias + tau))))
    steps = (
        Step(
            "Shift x by the bias",
            "The latent codes x − c, and c is what is left when it is off.",
            Name("f"),
            Relu(shifted),
            (Line(Name("f"), Relu(shifted), value, value),),
        ),
        _bias_step(s, tau, bias, dead=sign(price - dead_from) >= 0),
        _shifted_loss_step(s, bias, loss),
    )
    sae = SparseAutoencoder("1", "1", [exact(-tau)], [bias])
    return SaeClosedForm(
        "free-bias", ToyModel("1"), sae, price, sparsity, loss, bias, dead_from,
        Derivation(steps, _notes(price, dead_from)),
    )  # fmt: skip


def _bias_step(s: sympy.Expr, tau: sympy.Expr, bias: sympy.Expr, *, dead: bool) -> Step:
    """The slope of L in c is 0."""
    c, p = Name("c"), 1 - s
    linear = _product([_number(_ONE * 2), Sum((Name("S"), _product([Name("p"), Name("τ")])))])
    last = Difference(_product([_number(_ONE * 2), Name("τ")]), Power(Name("τ"), 2))
    formula = Difference(
        Sum((_product([Name("p"), Power(c, 2)]), _product([linear, c]))),
        _product([Name("p"), last]),
    )
    if dead:
        told = "From λ = 1 + S on no latent is ever on, and the best c is the mean of x, p/2."
        half = _product([_number(sympy.Rational(1, 2)), Name("p")])
        line = Line(c, half, _product([_number(sympy.Rational(1, 2)), _number(p)]), _number(bias))
        return Step("Choose the bias", told, c, half, (line,))
    filled = Difference(
        Sum((
            _product([_number(p), Power(c, 2)]),
            _product([_number(exact(2 * (s + p * tau))), c]),
        )),
        _number(exact(p * (2 * tau - tau**2))),
    )  # fmt: skip
    lines = (
        Line(Name("s"), formula, filled, _number(_ZERO)),
        Line(c, c, c, _number(bias)),
    )
    told = (
        "Half the slope of L in c, written s, is a quadratic; the best c is its root ≥ 0. So the "
        "decoder's bias makes up for what the price takes."
    )
    return Step("Choose the bias", told, Name("s"), formula, lines)


def _shifted_loss_step(s: sympy.Expr, bias: sympy.Expr, loss: sympy.Expr) -> Step:
    """L = S c² + p E[cost of x − c]."""
    c = Name("c")
    formula = Sum((
        _product([Name("S"), Power(c, 2)]), _product([Name("p"), Expectation(Name("k"))]),
    ))  # fmt: skip
    mean = _ZERO if s == 1 else exact((loss - s * bias**2) / (1 - s))
    filled = Sum((
        _product([_number(s), Power(_number(bias), 2)]),
        _product([_number(1 - s), _number(mean)]),
    ))  # fmt: skip
    told = (
        "A feature that is off costs c²; one that is on costs k = (x − c)² up to c + τ, and "
        "2τ(x − c) − τ² beyond."
    )
    return Step(
        "Add up", told, Name("L"), formula, (Line(Name("L"), formula, filled, _number(loss)),)
    )


# -- an antipodal pair in one dimension ------------------------------------------------------------


def _antipodal(price: sympy.Expr, sparsity: sympy.Expr | None) -> SaeClosedForm:
    """Alone a feature costs as before; together h = x₁ − x₂ has the density 1 − |h|."""
    s, threshold = S if sparsity is None else sparsity, _threshold(price)
    p = 1 - s
    alone = exact((1 - (1 - threshold) ** 3) / 3)
    both = exact((1 - (1 - threshold) ** 4) / 6)
    loss = _tidied(2 * p * s * alone + p**2 * both)
    one, two = Name("A", (1,)), Name("A", (2,))
    formula = Sum((
        _product([_number(_ONE * 2), Name("p"), Name("S"), one]),
        _product([Power(Name("p"), 2), two]),
    ))  # fmt: skip
    filled = Sum((
        _product([polynomial_expression(sympy.expand(2 * p * s)), _number(alone)]),
        _product([polynomial_expression(sympy.expand(p**2)), _number(both)]),
    ))  # fmt: skip
    density = _product([
        _number(_ONE * 2), Difference(_number(_ONE), Name("t")), Name("c")
    ])  # fmt: skip
    steps = (
        _code_step(price, threshold),
        Step(
            "One feature on",
            "h is x or −x, and one of the two latents codes it, as a feature by itself.",
            one,
            _third_of(Name("τ"), 3),
            (Line(one, _third_of(Name("τ"), 3), _third_of(_number(threshold), 3), _number(alone)),),
        ),
        Step(
            "Both on",
            "h is x₁ − x₂, whose size t has the density 2(1 − t); what they have in common is lost "
            "before any code, and costs nothing here.",
            two,
            Integral(density, (Name("t"),)),
            (Line(two, Integral(density, (Name("t"),)), _third_of(_number(threshold), 4),
                  _number(both)),),
        ),
        Step(
            "Add up",
            "One of the two is on with probability 2pS, both with p².",
            Name("L"),
            formula,
            (Line(Name("L"), formula, filled, polynomial_expression(loss)),),
        ),
    )  # fmt: skip
    return SaeClosedForm(
        "antipodal", ToyModel("1; -1"), SparseAutoencoder.of_dictionary("1; -1", price), price,
        sparsity, loss, _ZERO, _ONE * 2, Derivation(steps, _notes(price, _ONE * 2)),
    )  # fmt: skip


# -- what the steps share --------------------------------------------------------------------------


def _threshold(price: sympy.Expr) -> sympy.Expr:
    """τ = λ/2, and 1 where it is more: no latent is on then, and nothing costs more."""
    return exact(price / 2) if sign(price - 2) < 0 else _ONE


def _tidied(value: sympy.Expr) -> sympy.Expr:
    return sympy.expand(value) if value.has(S) else exact(value)


def _number(value: sympy.Expr | int) -> Number:
    return Number(exact(value))


def _product(factors: Sequence[Expression]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _notes(price: sympy.Expr, dead_from: sympy.Expr) -> tuple[str, ...]:
    if sign(price - dead_from) < 0:
        return ()
    return (f"λ is at least {to_text(dead_from)}: every latent is dead.",)
