"""A network's loss told by hand as far as one feature is on: straight lines with one bend each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    Negative,
    Number,
    Power,
    Product,
    Relu,
    Step,
    Sum,
)
from handcalc.inputs.arguments import Vector
from handcalc.networks.network_loss import NetworkLoss
from handcalc.networks.relu_network import NetworkWeights, Task, relu
from handcalc.numbers.exact import elements, exact, sign
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.polynomial import polynomial_expression

_T = Name("t")
_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_NOUGHT = Number(_ZERO)


def can_be_told(loss: NetworkLoss) -> bool:
    """Whether the steps are there: features are on independently, with one S for all."""
    return isinstance(loss.distribution, SparseUniform) and loss.by_active is not None


def network_loss_steps(loss: NetworkLoss) -> Derivation:
    """No feature on, each by itself, at t and −t, and the sum over how many are on.

    With one feature on all of the hidden layer is linear in t = |x| from 0 on, and so each output
    is ReLU(ct + b): one bend at most. What is lost with more features on is taken from the loss.

    Args:
        loss: One of which ``can_be_told``.

    Examples:
        >>> from handcalc.networks.network_loss import network_loss
        >>> from handcalc.networks.relu_network import ReluNetwork
        >>> told = network_loss_steps(network_loss(ReluNetwork("1; -1"), "identity"))
        >>> [step.rule for step in told.steps]
        ['No feature on', 'Feature 1 on', 'Feature 2 on', 'Add up']
    """
    network, n = loss.network, loss.network.n
    _, numbers = elements(*network.numbers(), _ONE)
    weights = NetworkWeights.of(network, numbers)
    silent = [_Output(i, numbers[-1] * 0, b, None) for i, b in enumerate(weights.b)]
    steps, sums = [_step("No feature on", (), silent)], list[_Half]()
    for j in range(n):
        for place, half in _halves(weights, j, loss.task):
            steps.append(_step(f"Feature {j + 1} on{place}", (_T,), half.outputs))
            sums.append(half)
    return Derivation((*steps, _sum_step(loss, silent, sums)))


@dataclass(frozen=True, slots=True)
class _Output:
    """Output i where one feature, ``own`` or another, is t and no other is on: ReLU(ct + b)."""

    i: int
    slope: Element
    bias: Element
    own: bool | None

    @property
    def lost(self) -> sympy.Expr:
        """E[(ŷ − y)²] over t in [0, 1], with y = t for the own feature."""
        zero, one = self.slope * 0, self.slope * 0 + 1
        y = one if self.own else zero
        start, end = _on(self.slope, self.bias)
        total = _squares(self.slope - y, self.bias, start, end)
        total = total + _squares(-y, zero, zero, start) + _squares(-y, zero, end, one)
        found: sympy.Expr = total.to_sympy()
        return found

    @property
    def form(self) -> Expression:
        """ct + b."""
        return _linear(self.slope.to_sympy(), self.bias.to_sympy())

    def left(self, output: Expression) -> Expression:
        """The output minus y."""
        return Difference(output, _T) if self.own else output

    @property
    def resolved(self) -> Expression:
        """ŷ − y, case by case where there is a bend between 0 and 1."""
        y = _ONE if self.own else _ZERO
        on = _linear(exact(self.slope.to_sympy() - y), self.bias.to_sympy())
        off = _linear(-y, _ZERO)
        start, end = _on(self.slope, self.bias)
        if not (end - start):
            return off
        if start or (1 - end):
            at = start if start else end
            turn = Inequality(_T, "≥" if start else "≤", Number(at.to_sympy()))
            return Cases((Case(on, turn), Case(off, None)))
        return on


@dataclass(frozen=True, slots=True)
class _Half:
    """What comes out of a feature at t, at −t or both, and among how many such it is one."""

    outputs: Sequence[_Output]
    count: int


def _halves(weights: NetworkWeights, j: int, task: Task) -> list[tuple[str, _Half]]:
    """Feature j at t and, at "absolute", at −t, as one where its outputs are the same there."""
    at = _outputs(weights, j, 1)
    if task == "identity":
        return [("", _Half(at, 1))]
    mirrored = _outputs(weights, j, -1)
    if mirrored == at:
        return [(", at t and at −t", _Half(at, 1))]
    return [(", at t", _Half(at, 2)), (", at −t", _Half(mirrored, 2))]


def _outputs(weights: NetworkWeights, j: int, sign: int) -> list[_Output]:
    h = [relu(w * sign) for w in weights.W_in[j]]
    return [
        _Output(i, dot(row, h), b, i == j)
        for i, (row, b) in enumerate(zip(weights.W_out, weights.b, strict=True))
    ]


def _on(slope: Element, bias: Element) -> tuple[Element, Element]:
    """From where to where in [0, 1] ReLU(ct + b) is on; (0, 0) where it never is."""
    zero, one = slope * 0, slope * 0 + 1
    ends = [bias.sign(), (slope + bias).sign()]
    if 1 not in ends:
        return zero, zero
    if -1 not in ends:
        return zero, one
    bend = -bias / slope
    return (bend, one) if ends[1] == 1 else (zero, bend)


def _squares(slope: Element, bias: Element, start: Element, end: Element) -> Element:
    """∫ (at + b)² dt from start to end: (end − start)(p² + pq + q²)/3 of the values at both."""
    p, q = slope * start + bias, slope * end + bias
    return (end - start) * (p * p + p * q + q * q) / 3


def _linear(slope: sympy.Expr, bias: sympy.Expr) -> Expression:
    if slope == 0:
        return Number(bias)
    size = exact(abs(slope))
    name: Expression = _T if size == 1 else Product((Number(size), _T))
    if sign(slope) < 0:
        name = Negative(name)
    return name if bias == 0 else Sum((name, Number(bias)))


def _step(rule: str, variables: tuple[Name, ...], outputs: Sequence[_Output]) -> Step:
    lines = tuple(_line(each, variables) for each in outputs if each.lost != 0)
    told = "Every output is exact."
    if lines:
        told = "No output is exact:" if len(lines) == len(outputs) else "What is not exact:"
    before = Sum((Product((Name("c"), _T)), Name("b"))) if variables else Name("b")
    return Step(rule, told, Name("y", hat=True), Relu(before), lines)


def _line(shown: _Output, variables: tuple[Name, ...]) -> Line:
    """E[(ŷ − y)²] = ∫ (ReLU(ct + b) − t)² dt = ∫ (case by case)² dt = value."""
    hat, y = Name("y", (shown.i + 1,), hat=True), Name("y", (shown.i + 1,))

    def mean(left: Expression) -> Expression:
        return Integral(Power(left, 2), variables) if variables else Power(left, 2)

    return Line(
        Expectation(Power(Difference(hat, y), 2)),
        mean(shown.left(Relu(shown.form))),
        mean(shown.resolved),
        Number(shown.lost),
    )


def _sum_step(loss: NetworkLoss, silent: Sequence[_Output], halves: Sequence[_Half]) -> Step:
    """L₀, L₁, what the loss has of more features, and L = Σ (1 − S)ᵏ Sⁿ⁻ᵏ Lₖ."""
    by_active = loss.by_active or ()
    alone = [term for half in halves for term in _weighed(loss, half.outputs, half.count)]
    forms = [
        _total([*_weighed(loss, silent, 1)]), _total(alone), *map(Number, by_active[2:]),
    ]  # fmt: skip
    lines = [
        Line(Name("L", (k,)), Name("L", (k,)), form, Number(value))
        for k, (form, value) in enumerate(zip(forms, by_active, strict=True))
    ]
    total = _total([*_by_number_on(by_active)])
    lines.append(Line(Name("L"), total, total, polynomial_expression(loss.value)))
    told = "Lₖ is what is lost over all ways of having k features on."
    if any(half.count == 2 for half in halves):
        told += " t and −t are equally likely."
    if loss.network.n > 1:
        told += (
            " From two features on, the cube of their values is cut: on each piece all is linear."
        )
    return Step("Add up", told, Name("L"), Name("L"), tuple(lines))


def _by_number_on(by_active: Vector) -> Iterator[Expression]:
    """(1 − S)ᵏ Sⁿ⁻ᵏ Lₖ, of the Lₖ that are not 0."""
    on, n = Difference(Number(_ONE), Name("S")), len(by_active) - 1
    for k, value in enumerate(by_active):
        if value != 0:
            powers = [Power(base, e) for base, e in ((on, k), (Name("S"), n - k)) if e]
            yield Product((*powers, Name("L", (k,))))


def _weighed(loss: NetworkLoss, outputs: Sequence[_Output], count: int) -> Iterator[Expression]:
    """Iᵢ times what each output loses, and the half of it where t and −t differ."""
    for each in outputs:
        if each.lost != 0:
            weight = exact(loss.importance[each.i] / count)
            value = Number(each.lost)
            yield value if weight == 1 else Product((Number(weight), value))


def _total(terms: Sequence[Expression]) -> Expression:
    return Sum(tuple(terms)) if len(terms) > 1 else (list(terms) or [_NOUGHT])[0]
