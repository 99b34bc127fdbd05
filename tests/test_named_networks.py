"""The networks with names, what is said of them, and the steps that lead to their losses."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy

import handcalc
from handcalc.derivation import Integral, Name, Number, Product, Step, Sum
from handcalc.errors import InputError
from handcalc.networks.network_loss_steps import can_be_told, network_loss_steps
from handcalc.networks.relu_network import ReluNetwork, Task
from tests.test_networks import TASKS, random_network

S, r = sympy.symbols("S r")
Q = sympy.Rational


def asymmetric(r: sympy.Expr, b2: sympy.Expr = 0) -> ReluNetwork:
    """The motif with r in place of 1/4, and a bias of output 2."""
    W_in = [[-r, 0, r, 0], [-1, 1, 1, -1], [0, r, 0, -r]]
    out = [1 / r, -1 / r, 1 / r, -1 / r]
    return ReluNetwork(W_in, [out, [Q(1, 2)] * 4, [-w for w in out]], [0, b2, 0])


def third_dropped(p: sympy.Expr) -> sympy.Expr:
    """Two features without loss, the third guessed by its mean p/2: the variance of y₃."""
    return p / 3 - p**2 / 4


# -- what the stories say --------------------------------------------------------------------------


def test_neurons_of_their_own_lose_nothing() -> None:
    for name in ("one-neuron-each", "absolute-value"):
        assert handcalc.network(name).loss.value == 0


def test_a_turn_loses_here_and_not_in_a_toy_model() -> None:
    turned = handcalc.network("turned")
    assert turned.loss.by_active == (0, Q(1, 6), Q(1, 24))
    assert handcalc.expected_loss(turned.network.W_in).value == 0
    assert turned.worked.output == (Q(1, 2), Q(1, 2))


def test_two_neurons_shared_by_three() -> None:
    found = handcalc.network("shared-neuron")
    for x in ("1/3 0 0", "0 2/3 0"):
        assert found.network.output(x)[:2] == handcalc.parse_vector(x)[:2]
    for a, b in product([Q(k, 4) for k in range(1, 5)], repeat=2):
        assert found.network.output([a, b, 0])[:2] == (max(a - b, 0), max(b - a, 0))
    losses = {
        b: handcalc.network_loss(ReluNetwork("1 -1; -1 1; 1 1", b=[0, 0, b]), "identity", "9/10")
        for b in (Q(-k, 4) for k in range(6))
    }
    assert min(losses, key=lambda b: losses[b].value) == Q(-3, 4) == found.network.b[2]
    dropped = third_dropped(Q(1, 10))
    assert dropped == Q(37, 1200)
    assert Q(5, 2) < dropped / losses[Q(-3, 4)].value < Q(7, 2)
    assert found.loss.value.subs(S, Q(1, 2)) > third_dropped(Q(1, 2))


def test_the_asymmetric_motif() -> None:
    found = handcalc.network("asymmetric")
    assert found.network == asymmetric(Q(1, 4))
    for i, value in product(range(3), (Q(-1), Q(-1, 3), Q(2, 5))):
        x = [value if j == i else 0 for j in range(3)]
        output = found.network.output(x)
        assert output[i] == abs(value)  # by itself each comes back
        assert (output[0] if i else 0, output[2] if i < 2 else 0) == (0, 0)  # inhibited
        assert output[1] == (abs(value) if i == 1 else abs(value) / 8)
    rng = np.random.default_rng(3)
    for a, b, c in rng.integers(-8, 9, (20, 3)):
        x1, x2, x3 = Q(int(a), 8), Q(int(b), 8), Q(int(c), 8)
        one, three = abs(x2 + x1 / 4), abs(x2 + x3 / 4)
        h = found.network.hidden([x1, x2, x3])
        assert (h[0] + h[2], h[1] + h[3]) == (one, three)
        expected = (max(4 * (one - three), 0), (one + three) / 2, max(4 * (three - one), 0))
        assert found.network.output([x1, x2, x3]) == expected


def test_signs_decide_whose_output_it_is() -> None:
    found = handcalc.network("asymmetric")
    assert found.network.output("1/2 -1 0") == (0, Q(15, 16), Q(1, 2))
    assert found.network.output("1/2 1 0") == (Q(1, 2), Q(17, 16), 0)


def test_from_which_sparsity_the_motif_is_better() -> None:
    loss = handcalc.network("asymmetric").loss.value
    difference = sympy.Poly(loss - third_dropped(1 - S), S)
    assert difference.count_roots(Q(7, 10), Q(999, 1000)) == 0
    assert difference.eval(Q(7, 10)) < 0 < difference.eval(Q(2, 3))
    assert third_dropped(Q(1, 20)) == Q(77, 4800)
    assert loss.subs(S, Q(19, 20)) == Q(172531, 61440000) < Q(77, 4800) / 5


def test_which_r_and_which_bias() -> None:
    """L₁, L₂ and L₃ are polynomials in r: fitted at some, and right at others."""
    degrees, fitted = (2, 3, 3), [Q(1, k) for k in (1, 2, 4, 8)]
    at = {x: handcalc.network_loss(asymmetric(x), "absolute").by_active for x in fitted}
    polynomials = [
        sympy.expand(sympy.interpolate([(x, (at[x] or ())[k]) for x in fitted], r))
        for k in (1, 2, 3)
    ]
    assert [sympy.degree(each, r) for each in polynomials] == list(degrees)
    assert polynomials == [
        r**2 / 6,
        1 - 7 * r / 24 + 11 * r**2 / 24 - r**3 / 24,
        Q(7, 12) - 17 * r / 120 + r**2 / 6 - r**3 / 60,
    ]
    for x in (Q(3, 10), Q(1, 24)):
        found = handcalc.network_loss(asymmetric(x), "absolute").by_active
        assert found == (0, *(each.subs(r, x) for each in polynomials))
    p = Q(1, 20)
    losses = {
        x: sum(p**k * (1 - p) ** (3 - k) * each.subs(r, x) for k, each in enumerate(polynomials, 1))
        for x in [Q(1, k) for k in (2, 4, 8, 16, 24, 32)]
    }
    assert min(losses, key=lambda x: losses[x]) == Q(1, 24)
    biased = {
        b: handcalc.network_loss(asymmetric(Q(1, 4), b), "absolute", "19/20").value
        for b in [Q(-1, 10), Q(-1, 20), Q(-1, 50), Q(0), Q(1, 50)]
    }
    assert min(biased, key=lambda b: biased[b]) == Q(-1, 20)
    assert Q(25, 10000) < biased[Q(-1, 20)] < Q(26, 10000)


# -- the steps -------------------------------------------------------------------------------------


def value(form: object) -> sympy.Expr:
    """A sum of numbers and their multiples, worked out here."""
    match form:
        case Number(found):
            return found
        case Product(factors):
            return sympy.Mul(*map(value, factors))
        case Sum(terms):
            return sympy.Add(*map(value, terms))
    raise AssertionError(form)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(3))
def test_steps_add_up(task: Task, seed: int) -> None:
    network, *_ = random_network(3, 3, seed)
    loss = handcalc.network_loss(network, task, "2/3", "1 1/2 0")
    *alone, last = network_loss_steps(loss).steps
    assert loss.by_active is not None
    sums = {line.target: line for line in last.lines}
    for k, expected in enumerate(loss.by_active):
        line = sums[Name("L", (k,))]
        assert value(line.substituted) == expected  # for k = 1: the integrals against the cut
        assert line.value == Number(expected)
    assert sums[Name("L")].value == Number(loss.value)
    halves = sum(step.rule.endswith(("at t", "at −t")) for step in alone)
    assert len(alone) == (4 if task == "identity" else 7)
    assert halves == (0 if task == "identity" else 6)


def test_integrals_are_those_of_the_bends() -> None:
    network = ReluNetwork("1", "2", b="-1/2")
    (_, step, _) = network_loss_steps(handcalc.network_loss(network, "identity")).steps
    (line,) = step.lines
    assert isinstance(line.symbolic, Integral)
    t = sympy.Symbol("t")
    expected = sympy.integrate((2 * t - Q(1, 2) - t) ** 2, (t, Q(1, 4), 1)) + sympy.integrate(
        t**2, (t, 0, Q(1, 4))
    )
    assert line.value == Number(expected)
    assert "∫ (t − 1/2 if t ≥ 1/4, else −t)² dt" in str(
        network_loss_steps(handcalc.network_loss(network, "identity"))
    )


def test_a_constant_output_is_told() -> None:
    steps = network_loss_steps(handcalc.network_loss(ReluNetwork("0", b="1/2"), "absolute")).steps
    assert [step.rule for step in steps] == [
        "No feature on",
        "Feature 1 on, at t and at −t",
        "Add up",
    ]
    assert [step.lines[0].value for step in steps[:2]] == [Number(Q(1, 4)), Number(Q(1, 12))]


def test_only_independent_features_with_one_sparsity_are_told() -> None:
    network = ReluNetwork("1; -1")
    for distribution in (handcalc.OneActive(2), handcalc.SparseUniform("1/2 1/3")):
        assert not can_be_told(handcalc.network_loss(network, "identity", distribution))
    assert can_be_told(handcalc.network_loss(network, "identity", "1/2"))


def test_one_input_is_worked() -> None:
    network = ReluNetwork("1 -1; 0 1", "1 1; 2 0", b="0 -1/4")
    found = handcalc.network_pass(network, "absolute", "-1/2 1/3")
    assert (found.u, found.h) == ((Q(-1, 2), Q(5, 6)), (0, Q(5, 6)))
    assert (found.z, found.output) == ((Q(5, 6), Q(-1, 4)), (Q(5, 6), 0))
    assert (found.target, found.difference) == ((Q(1, 2), Q(1, 3)), (Q(1, 3), Q(-1, 3)))
    steps: tuple[Step, ...] = found.derivation.steps
    assert [step.rule for step in steps] == ["Read", "Neurons", "Read out", "Activate", "Compare"]
    for step, values in zip(steps[::2], (found.u, found.z), strict=False):
        assert tuple(value(line.substituted) for line in step.lines) == values
    assert found.derivation.notes == ()
    assert found.output == network.output("-1/2 1/3")
    outside = handcalc.network_pass(network, "identity", "-1/2 2")
    assert outside.target == (Fraction(-1, 2), 2)
    assert [note.split()[0] for note in outside.derivation.notes] == ["x1", "x2"]


def test_one_number_stands_for_all() -> None:
    found = handcalc.network_pass(ReluNetwork("1 0; 0 1"), "identity", "1/2")
    assert found.x == (Q(1, 2), Q(1, 2))


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="no network named 'asymetric'") as caught:
        handcalc.network("asymetric")
    assert caught.value.suggestion == "asymmetric"
    with pytest.raises(InputError, match="one number for each feature, 2, not 3"):
        handcalc.network_pass(ReluNetwork("1; 1"), "identity", "1 1 1")
    with pytest.raises(InputError, match="up to 8 neurons are worked exactly, and here are 9"):
        handcalc.network_loss(ReluNetwork([[1] * 9] * 4), "identity")
    found = handcalc.network_loss(ReluNetwork([[1] * 9] * 4), "identity", handcalc.OneActive(4))
    assert found.value > 0
