"""The exact expected loss told step by step: a step for each pattern of active features, then L."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from handcalc.derivation import (
    Derivation,
    Difference,
    Expectation,
    Expression,
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
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import exact
from handcalc.superposition.loss.distribution import Pattern
from handcalc.superposition.loss.expected_loss import ExpectedLoss, squared_error
from handcalc.superposition.loss.moments import DrawnBlock, SupportWeights
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

MAX_FEATURES = 5


def loss_steps(loss: ExpectedLoss) -> Derivation:
    """For each pattern the integrals, where ReLU is on, and the values; then their sum.

    Args:
        loss: What ``expected_loss`` gave, of at most 5 features: there are 2ⁿ patterns.

    Returns:
        A derivation with a step for each pattern, in it a line for each output that is not exact
        there.

    Raises:
        InputError: ``too_many_features``.

    Examples:
        >>> from handcalc.superposition.loss.expected_loss import expected_loss
        >>> steps = loss_steps(expected_loss(ToyModel("1 0; 0 1; 0 -1"))).steps
        >>> [step.rule for step in steps][-3:]
        ['Features 2 and 3 active', 'Features 1, 2 and 3 active', 'Add up']
    """
    model = loss.model
    if model.n > MAX_FEATURES:
        raise InputError(
            "too_many_features",
            f"The loss is told pattern by pattern for at most {MAX_FEATURES} features, "
            f"not {model.n}.",
        )
    patterns = sorted(loss.distribution.patterns(model.n), key=lambda p: (len(p.active), p.active))
    values = [_errors(model, pattern) for pattern in patterns]
    steps = [
        _pattern_step(model, pattern, value)
        for pattern, value in zip(patterns, values, strict=True)
    ]
    return Derivation((*steps, _sum_step(loss, patterns, values)))


def _errors(model: ToyModel, pattern: Pattern) -> Vector:
    """E[(xᵢ − x̂ᵢ)²] given that just these features are active."""
    entries, _ = model.elements()
    one = entries.field.rational(1)
    active = tuple(j - 1 for j in pattern.active)
    others = tuple(j for j in range(model.n) if j not in active)
    blocks = (
        DrawnBlock(one * 0, one, ((active, one),)),
        DrawnBlock(one, one * 0, ((others, one),)),
    )
    draws = SupportWeights(entries.field, blocks, shared=False)
    counts = (
        squared_error(draws, model.activation, i, b, entries.gram[i])
        for i, b in enumerate(entries.b)
    )
    return tuple(sum(count[1:], count[0]).to_sympy() for count in counts)


def _pattern_step(model: ToyModel, pattern: Pattern, values: Vector) -> Step:
    inputs = [
        sympy.Symbol(f"x{j}") if j in pattern.active else sympy.Integer(0)
        for j in range(1, model.n + 1)
    ]
    work = forward(model, inputs)
    lines = tuple(
        _error_line(work, pattern, i, value) for i, value in enumerate(values) if value != 0
    )
    right = [i for i, value in enumerate(values, 1) if value == 0]
    told = "No output is exact."
    if right:
        some = f"Output {right[0]} is" if len(right) == 1 else f"Outputs {joined(right)} are"
        told = f"{some} exact."
    plural = "s" if len(pattern.active) > 1 else ""
    active = f"Feature{plural} {joined(pattern.active)}" if pattern.active else "No feature"
    return Step(
        f"{active} active",
        told if lines else "Every output is exact.",
        Name("P"),
        polynomial_expression(pattern.probability),
        lines,
    )


def _error_line(work: Forward, pattern: Pattern, i: int, value: sympy.Expr) -> Line:
    """E[(x̂ᵢ − xᵢ)²] = ∫ (ReLU(z) − x)² = ∫ (what is left, case by case)² = value."""
    active = i + 1 in pattern.active
    output = Name("x", (i + 1,), hat=True)
    form = work.forms[i]
    on: Expression = form.expression()
    if work.model.activation == "relu":
        on = Relu(on)
    left = Difference(on, Name("x", (i + 1,))) if active else on
    target = Difference(output, Name("x", (i + 1,))) if active else output
    used = {symbol for symbol, _ in form.slopes} | ({work.x[i]} if active else set())
    variables = tuple(Name("x", (j,)) for j in pattern.active if sympy.Symbol(f"x{j}") in used)
    resolved = work.derivation.steps[-1].lines[i].value
    return Line(
        Expectation(Power(target, 2)),
        _integral(Power(left, 2), variables),
        _integral(Power(resolved, 2), variables),
        Number(value),
    )


def _integral(integrand: Expression, variables: tuple[Name, ...]) -> Expression:
    return Integral(integrand, variables) if variables else integrand


def _sum_step(loss: ExpectedLoss, patterns: Sequence[Pattern], values: Sequence[Vector]) -> Step:
    """L = Σ_A P(A) Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)² | A]."""
    terms: list[Expression] = []
    for pattern, errors in zip(patterns, values, strict=True):
        weighted = (w * e for w, e in zip(loss.importance, errors, strict=True))
        total = exact(sympy.Add(*weighted))
        if total != 0:
            chance = polynomial_expression(pattern.probability)
            factors = chance.factors if isinstance(chance, Product) else (chance,)
            terms.append(Product((*factors, Number(total))))
    zero = Number(sympy.Integer(0))
    shown: Expression = Sum(tuple(terms)) if len(terms) > 1 else (terms or [zero])[0]
    line = Line(Name("L"), shown, shown, polynomial_expression(loss.value))
    explanation = (
        "Each pattern counts with its probability P, each output with its importance."
        if set(loss.importance) != {1}
        else "Each pattern counts with its probability P."
    )
    return Step("Add up", explanation, Name("L"), Name("L"), (line,))


def _times(probability: Expression, total: Expression) -> Expression:
    factors = probability.factors if isinstance(probability, Product) else (probability,)
    return Product((*factors, total))
