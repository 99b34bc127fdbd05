"""Laws of the expected loss: its decompositions, its symmetries, what it is linear in."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

from handcalc import ExpectedLoss, ToyModel, equal, expected_loss, forward, sign, strategies
from handcalc.strategies import permuted, rotated
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    S,
    SparseUniform,
)
from handcalc.superposition.model.geometry import geometry
from tests.sampling import FEWER

Case = tuple[ToyModel, Distribution, tuple[sympy.Expr, ...]]


@st.composite
def cases(draw: st.DrawFn, symbols: bool = False, features: int = 4) -> Case:
    """A model with up to so many features, a distribution for it, and importances."""
    n = draw(st.integers(1, features))
    importance = st.tuples(*[strategies.numbers(0, 2, kind="rational")] * n)
    inputs = strategies.distributions(n, symbols=symbols)
    return draw(strategies.toy_models(n=n)), draw(inputs), draw(importance)


def total(values: Sequence[sympy.Expr]) -> sympy.Expr:
    return sympy.Add(*values)


def same(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether two numbers, or two polynomials in S, are the same."""
    difference = sympy.Poly(a - b, S)
    return all(equal(coefficient, 0) for coefficient in difference.all_coeffs())


def blocks_on(loss: ExpectedLoss) -> sympy.Expr:
    """Σ (1 − S)^k S^(B−k) L_k, which only a shared S has."""
    assert loss.by_active is not None
    s = getattr(loss.distribution, "sparsity", (0,))
    s = S if s is None else s[0]
    last = len(loss.by_active) - 1
    return total([(1 - s) ** k * s ** (last - k) * L for k, L in enumerate(loss.by_active)])


# -- decompositions -------------------------------------------------------------------------------


@FEWER
@given(cases(symbols=True))
def test_the_features_losses_add_up(case: Case) -> None:
    loss = expected_loss(*case)
    assert same(total(loss.per_feature), loss.value)


@FEWER
@given(cases(symbols=True))
def test_what_others_cost_adds_up_to_a_feature_s_loss(case: Case) -> None:
    loss = expected_loss(*case)
    for row, together, whole in zip(loss.costs, loss.together, loss.per_feature, strict=True):
        assert same(total(row) + together, whole)


@FEWER
@given(cases(symbols=True))
def test_the_losses_by_blocks_on_add_up(case: Case) -> None:
    """They are there just where one S serves all."""
    loss = expected_loss(*case)
    sparsity = getattr(case[1], "sparsity", None)
    if sparsity is None or len(set(sparsity)) == 1:
        assert same(blocks_on(loss), loss.value)
    else:
        assert loss.by_active is None


@FEWER
@given(cases(symbols=True, features=3))
def test_a_loss_is_the_mean_of_those_of_its_patterns(case: Case) -> None:
    """A pattern is a distribution of its own: S = 0 for what is active, S = 1 for the rest."""
    model, inputs, importance = case
    mean = sympy.Integer(0)
    for pattern in inputs.patterns(model.n):
        off = [int(i not in pattern.active) for i in range(1, model.n + 1)]
        mean += pattern.probability * expected_loss(model, SparseUniform(off), importance).value
    assert same(mean, expected_loss(model, inputs, importance).value)


def test_an_antipodal_pair_costs_each_other_the_same() -> None:
    """Each is off by the smaller of the two where both are on: p²·E[min²] = p²/6."""
    found = expected_loss(ToyModel("1 0; 0 1; 0 -1"), SparseUniform("1/2"))
    cost = Rational(1, 4) / 6
    assert found.costs == ((0, 0, 0), (0, 0, cost), (0, cost, 0))
    assert found.together == (0, 0, 0)
    assert found.by_active == (0, 0, Rational(1, 3), Rational(1, 3))


def test_two_that_cost_a_third_cost_more_together() -> None:
    """x̂ᵢ − xᵢ is the sum of the other two: 1/3 from each, and 2·1/4 for both together."""
    for activation in ("relu", "linear"):
        model = ToyModel("1; 1; 1", activation="linear" if activation == "linear" else "relu")
        found = expected_loss(model, SparseUniform(0))
        third = Rational(1, 3)
        assert found.costs == ((0, third, third), (third, 0, third), (third, third, 0))
        assert found.together == (Rational(1, 2),) * 3


def test_a_cost_can_be_negative() -> None:
    """The bias is meant for what the other feature takes; alone, it is in the way."""
    found = expected_loss(ToyModel("1; -1", b="1/2 1/2"), SparseUniform(0))
    assert sign(found.costs[0][1]) == -1
    assert found.costs[0][0] == Rational(1, 4)


# -- symmetries -----------------------------------------------------------------------------------


def moved(inputs: Distribution, order: Sequence[int]) -> Distribution:
    """The distribution in which feature i is feature ``order[i]`` of the given one, from 0."""
    if isinstance(inputs, SparseUniform):
        each = inputs.sparsity
        return inputs if each is None or len(each) == 1 else SparseUniform([each[i] for i in order])
    if isinstance(inputs, Correlated | Anticorrelated):
        alone = set(range(1, len(order) + 1)).difference(*inputs.sets)
        sets = [*inputs.sets, *((i,) for i in sorted(alone))]
        kind = Correlated if isinstance(inputs, Correlated) else Anticorrelated
        return kind([[order.index(i - 1) + 1 for i in s] for s in sets], inputs.sparsity)
    return inputs


@FEWER
@given(st.data())
def test_permuting_features_permutes_every_part(data: st.DataObject) -> None:
    model, inputs, importance = data.draw(cases(symbols=True, features=3))
    order = data.draw(strategies.permutations(model.n))
    before = expected_loss(model, inputs, importance)
    importance = tuple(importance[i] for i in order)
    after = expected_loss(permuted(model, order), moved(inputs, order), importance)
    assert same(after.value, before.value)
    for i, old in enumerate(order):
        assert same(after.per_feature[i], before.per_feature[old])
        assert same(after.together[i], before.together[old])
        for j, other in enumerate(order):
            assert same(after.costs[i][j], before.costs[old][other])


@FEWER
@given(st.data())
def test_turning_the_plane_changes_nothing(data: st.DataObject) -> None:
    model, inputs, importance = data.draw(cases(symbols=True, features=3))
    turned = rotated(model, data.draw(strategies.orthogonal_matrices(model.m)))
    before = expected_loss(model, inputs, importance)
    after = expected_loss(turned, inputs, importance)
    for a, b in zip(after.per_feature, before.per_feature, strict=True):
        assert same(a, b)


# -- signs and bounds -----------------------------------------------------------------------------


@FEWER
@given(cases())
def test_no_loss_is_negative(case: Case) -> None:
    loss = expected_loss(*case)
    assert sign(loss.value) >= 0
    assert all(sign(value) >= 0 for value in loss.per_feature)
    assert all(sign(row[i]) >= 0 for i, row in enumerate(loss.costs))
    assert all(sign(L) >= 0 for L in loss.by_active or ())


@FEWER
@given(cases(), st.integers(1, 9))
def test_no_linear_model_beats_the_best_that_drops_features(case: Case, tenths: int) -> None:
    """v(p) times the n − m smallest importances, where all features share one S."""
    model, _, importance = case
    linear, p = ToyModel(model.W, model.b, "linear"), Rational(tenths, 10)
    dropped = max(model.n - model.m, 0)
    bound = (p / 3 - p**2 / 4) * total(sorted(importance)[:dropped])
    assert sign(expected_loss(linear, SparseUniform(1 - p), importance).value - bound) >= 0


@FEWER
@given(cases())
def test_without_any_input_only_the_biases_are_lost(case: Case) -> None:
    model, _, importance = case
    output = forward(model, [0] * model.n).output
    lost = [weight * value**2 for weight, value in zip(importance, output, strict=True)]
    assert same(expected_loss(model, SparseUniform(1), importance).value, total(lost))


@FEWER
@given(cases())
def test_relu_is_linear_where_nothing_is_clipped(case: Case) -> None:
    """With biases so large that no z is negative, the two ways to the loss must meet."""
    model, inputs, importance = case
    down = [total([g for g in row if sign(g) < 0]) for row in geometry(model).gram]
    b = [sympy.expand(abs(b) - low) for b, low in zip(model.b, down, strict=True)]
    clipped = expected_loss(ToyModel(model.W, b, "relu"), inputs, importance)
    plain = expected_loss(ToyModel(model.W, b, "linear"), inputs, importance)
    for p, q in zip(clipped.per_feature, plain.per_feature, strict=True):
        assert same(p, q)


# -- polynomials and lines ------------------------------------------------------------------------


@FEWER
@given(cases(), st.integers(0, 12))
def test_the_polynomial_at_a_number_is_the_loss_there(case: Case, twelfths: int) -> None:
    model, inputs, importance = case
    if isinstance(inputs, OneActive):
        return
    sets, s = getattr(inputs, "sets", ()), Rational(twelfths, 12)

    def at(sparsity: object) -> ExpectedLoss:
        if isinstance(inputs, SparseUniform):
            return expected_loss(model, SparseUniform(sparsity), importance)
        kind = Correlated if isinstance(inputs, Correlated) else Anticorrelated
        return expected_loss(model, kind(sets, sparsity), importance)

    symbolic, numeric = at(None), at(s)
    assert sympy.Poly(symbolic.value, S).degree() <= model.n
    assert same(symbolic.value.subs(S, s), numeric.value)
    assert symbolic.by_active == numeric.by_active


@FEWER
@given(st.data())
def test_the_loss_is_linear_in_each_sparsity(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 3))
    model, one = data.draw(strategies.toy_models(n=n)), strategies.rationals(0, 1)
    each = [data.draw(one) for _ in range(n)]
    j, s = data.draw(st.integers(0, n - 1)), data.draw(one)

    def at(value: object) -> sympy.Expr:
        return expected_loss(model, SparseUniform([*each[:j], value, *each[j + 1 :]])).value

    assert same(at(s), s * at(1) + (1 - s) * at(0))


@FEWER
@given(cases(symbols=True))
def test_the_loss_is_linear_in_the_importances(case: Case) -> None:
    model, inputs, importance = case
    weighted, plain = expected_loss(*case), expected_loss(model, inputs)
    for i, weight in enumerate(importance):
        assert same(weighted.per_feature[i], weight * plain.per_feature[i])
        for p, q in zip(weighted.costs[i], plain.costs[i], strict=True):
            assert same(p, weight * q)
