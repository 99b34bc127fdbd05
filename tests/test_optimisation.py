"""The best embedding: losses known from elsewhere, exact at what is given, named and ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

import handcalc
from handcalc import (
    Anticorrelated,
    Correlated,
    InputError,
    OneActive,
    Optimum,
    SparseUniform,
    ToyModel,
    expected_loss,
    geometry,
    loss_gradient,
    optimum,
)
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.canonical_form import ordered, reflect, reflectable_sets, upright
from handcalc.superposition.loss.problem import Problem, lossless
from handcalc.superposition.model.families import family
from tests.sampling import FEWER

DECAYING = "1 9/10 81/100 729/1000 6561/10000"


@dataclass(frozen=True, slots=True)
class Known:
    """The best known of hundreds of restarts by another program, and how it looks."""

    features: int
    hidden: int
    sparsity: str
    importance: str
    loss: float
    family: str
    kinds: str

    @property
    def name(self) -> str:
        return f"{self.features} to {self.hidden}, S = {self.sparsity}, I = {self.importance}"


KNOWN = [
    Known(2, 1, "0", "1", 0.0832542429, "antipodal", "pair"),
    Known(2, 1, "1/2", "1", 0.0762824470, "antipodal", "pair"),
    Known(3, 1, "1/2", "1", 0.0762824470 + 0.1041666667, "antipodal", "pair dropped"),
    Known(3, 2, "0", "1", 0.0830895928, "triangle", "k-gon"),
    Known(3, 2, "1/5", "1", 0.1028074952, "triangle", "k-gon"),
    Known(3, 2, "1/2", "1", 0.0762824470, "antipodal", "pair dedicated"),
    Known(3, 2, "9/10", "1", 0.0033194840, "antipodal", "pair dedicated"),
    Known(4, 2, "0", "1", 0.1663494441, "mixed", "other"),
    Known(4, 2, "1/5", "1", 0.2094741618, "triangle", "k-gon dropped"),
    Known(4, 2, "1/2", "1", 0.1525648940, "antipodal", "pair pair"),
    Known(5, 2, "0", DECAYING, 0.1829250000, "orthogonal", "dedicated dedicated dropped"),
    Known(5, 2, "1/2", "1", 0.2567315606, "antipodal", "pair pair dropped"),
    Known(5, 2, "9/10", "1", 0.0263051311, "pentagon", "k-gon"),
]


def test_a_sparsity_that_is_a_surd() -> None:
    best = optimum(3, 1, "sqrt(2)/2")
    assert best.closed_form is not None
    assert best.closed_form.parts[-1].biases == (handcalc.parse_scalar("1/2 - sqrt(2)/4"),)
    assert abs(float(best.closed_form.loss_digits(20)) - to_float(best.loss)) < 1e-15


@cache
def found(known: Known) -> Optimum:
    return optimum(known.features, known.hidden, known.sparsity, known.importance)


@pytest.fixture(params=KNOWN, ids=lambda known: known.name)
def known(request: pytest.FixtureRequest) -> Known:
    one: Known = request.param
    return one


def test_no_worse_than_the_best_known(known: Known) -> None:
    assert to_float(found(known).loss) < known.loss + 1e-10
    assert found(known).minima[0].loss == pytest.approx(known.loss, abs=1e-10)


def test_named_by_its_family(known: Known) -> None:
    best = found(known)
    assert best.family.name == known.family
    assert " ".join(part.kind for part in best.family.parts) == known.kinds
    assert best.families[0] == best.family


def test_loss_and_slope_are_exact_at_the_entries(known: Known) -> None:
    best = found(known)
    distribution, weights = best.problem.distribution, best.problem.importance
    assert best.loss == expected_loss(best.model, distribution, weights).value
    slopes = loss_gradient(best.model, distribution, weights)
    sides = [s for row in slopes.W for slope in row for s in (slope.left, slope.right)]
    sides += [s for slope in slopes.b for s in (slope.left, slope.right)]
    steepest = max(abs(to_float(side)) for side in sides)
    assert best.slope == pytest.approx(steepest, rel=1e-9)
    assert steepest < 1e-30


def test_it_says_how_many_restarts_agreed(known: Known) -> None:
    best = found(known)
    assert 4 <= best.agreed <= best.restarts
    assert sum(m.hits for m in best.minima) <= best.restarts
    told = f"Best found: {best.agreed} of {best.restarts} restarts ended here; not a proof."
    assert best.sentence.startswith(told)


def test_the_two_minima_of_three_in_two_that_lie_together() -> None:
    """At S = 0 the triangle is better by 3e-6, and fewer restarts end there."""
    best = found(KNOWN[3])
    assert [round(m.loss, 10) for m in best.minima] == [0.0830895928, 0.0830925939]
    assert best.minima[0].hits < best.minima[1].hits


def test_lone_and_dropped_features_are_exact() -> None:
    best = found(KNOWN[10]).model
    assert best == ToyModel("1 0; 0 1; 0 0; 0 0; 0 0", "0 0 1/2 1/2 1/2")
    pair = found(KNOWN[5]).model
    assert (pair.W[0], pair.b[0]) == ((1, 0), 0)
    assert pair.W[1][0] == pair.W[2][0] == pair.W[1][1] + pair.W[2][1] == 0


def test_the_closed_form_is_the_same_to_all_digits(known: Known) -> None:
    """Two routes: descents polished by exact slopes, and the root of a polynomial."""
    best = found(known)
    if known.family == "mixed" or known.name.startswith("2 to 1, S = 0"):  # a pair, not symmetric
        assert best.closed_form is None
        return
    assert best.closed_form is not None
    assert abs(best.closed_form.loss_digits(40) - best.loss) < Rational(1, 10**38)
    for part in best.closed_form.parts:
        length, biases, _ = part.digits(40)
        for i, bias in zip(part.part.features, biases, strict=True):
            norm = sympy.sqrt(sum(entry**2 for entry in best.model.W[i - 1]))
            assert abs(norm - length) < Rational(1, 10**30)
            assert abs(best.model.b[i - 1] - bias) < Rational(1, 10**30)


def test_more_digits_begin_as_fewer_do() -> None:
    few, many = found(KNOWN[5]), optimum(3, 2, "1/2", digits=60)
    for name in ("W", "b"):
        less, more = (sympy.flatten(getattr(best.model, name)) for best in (few, many))
        assert max(abs(p - q) for p, q in zip(less, more, strict=True)) < Rational(1, 10**30)
    assert many.slope < 1e-60 < few.slope


def test_the_same_question_has_the_same_answer() -> None:
    best = optimum(2, 1, "1/2", seed=3, restarts=8)
    assert best == optimum(2, 1, "1/2", seed=3, restarts=8)
    assert best.restarts == 8
    assert best.minima != optimum(2, 1, "1/2", seed=4, restarts=8).minima


def test_features_in_another_order_lose_the_same() -> None:
    one = optimum(3, 2, "1/2 1/3 1/4", "1 2 3", restarts=32)
    other = optimum(3, 2, "1/4 1/2 1/3", "3 1 2", restarts=32)
    assert to_float(one.loss) == pytest.approx(to_float(other.loss), abs=1e-14)
    moved = ToyModel([one.model.W[i] for i in (2, 0, 1)], [one.model.b[i] for i in (2, 0, 1)])
    assert geometry(moved).norms == pytest.approx(geometry(other.model).norms)


@pytest.mark.parametrize(
    ("sparsity", "importance", "bias"), [("1/2", "1 1 1 0", "1/4"), ("1/2 1/2 1/2 1", "1", "0")]
)
def test_a_feature_that_does_not_matter_is_dropped(
    sparsity: str, importance: str, bias: str
) -> None:
    best = optimum(4, 2, sparsity, importance)
    assert best.model.W[3] == (0, 0)
    assert best.model.b[3] == Rational(bias)
    assert best.loss == found(KNOWN[5]).loss


def test_other_distributions() -> None:
    five = optimum(5, 2, distribution=OneActive(5))
    assert five.family.name == "pentagon"
    beside_a_sixth = 0.06874  # Chen et al. 2023: that one is dropped, and loses 1/3 when it is on
    assert (5 * to_float(five.loss) + 1 / 3) / 6 == pytest.approx(beside_a_sixth, abs=5e-6)
    together = optimum(4, 2, distribution=Correlated([(1, 2), (3, 4)], "1/2"))
    assert to_float(together.loss) == pytest.approx(1 / 12, abs=1e-12)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    optimum(2, 1, "1/2", restarts=8, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] >= 8
    assert all(done <= total for done, total in told)


# -- without a search -----------------------------------------------------------------------------

LOSSLESS = [
    (Problem.of(2, 2, sparsity="1/2"), "orthogonal", "1 0; 0 1", "a dimension of its own"),
    (Problem.of(1, 1, sparsity=0), "orthogonal", "1", "a dimension of its own"),
    (Problem.of(3, 2, sparsity=1), "dropped", "0 0; 0 0; 0 0", "ever active"),
    (Problem.of(3, 2, sparsity=0, importance=0), "dropped", "0 0; 0 0; 0 0", "ever active"),
    (Problem.of(3, 2, sparsity="0 1 1/2"), "orthogonal", "1 0; 0 0; 0 1", "of its own"),
    (Problem.of(3, 2, OneActive(3)), "antipodal", "1 0; 0 1; 0 -1", "never active together"),
    (
        Problem.of(4, 2, Anticorrelated([(1, 3), (2, 4)], "1/2")),
        "antipodal",
        "1 0; 0 1; -1 0; 0 -1",
        "never active together",
    ),
]


@pytest.mark.parametrize(("problem", "name", "W", "reason"), LOSSLESS)
def test_nothing_is_lost_for_certain(
    problem: Problem, name: str, W: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)  # as without the extra
    best = optimum(
        problem.features,
        problem.hidden,
        distribution=problem.distribution,
        importance=problem.importance,
    )
    assert (best.family.name, best.model) == (name, ToyModel(W))
    assert (best.restarts, best.agreed, best.minima, best.slope) == (0, 0, (), 0)
    assert best.loss == expected_loss(best.model, problem.distribution, problem.importance).value
    assert best.loss == 0
    assert best.sentence.startswith("Best for certain")
    assert reason in best.sentence


@pytest.mark.parametrize(
    "problem",
    [
        Problem.of(3, 2, sparsity="9/10"),
        Problem.of(5, 2, OneActive(5)),
        Problem.of(4, 2, Correlated([(1, 2), (3, 4)], "1/2")),
    ],
)
def test_too_many_features_to_lose_nothing(problem: Problem) -> None:
    assert lossless(problem) is None


def test_a_search_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    with pytest.raises(InputError, match="needs numpy, which is not installed") as caught:
        optimum(3, 2, "1/2")
    assert caught.value.suggestion == 'pip install "handcalc[optimum]"'


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sparsity": None}, "depends on S: give a sparsity"),
        ({"features": 11}, "from 1 to 10, not 11"),
        ({"hidden": 0}, "from 1 to 500, not 0"),
        ({"digits": 29}, "to 30 to 60 digits, not 29"),
        ({"digits": 61}, "to 30 to 60 digits, not 61"),
        ({"restarts": 0}, "At least 1 restart is .*, not 0"),
        ({"distribution": SparseUniform(0)}, "give one of the two"),
    ],
)
def test_what_is_refused(asked: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        handcalc.optimum(**{"sparsity": "1/2", **asked})  # type: ignore[arg-type]  # on purpose


# -- arrows turned round --------------------------------------------------------------------------

ENTRIES = st.fractions(-2, 2, max_denominator=4)


@st.composite
def always_on(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[Fraction], Problem]:
    n, m = draw(st.integers(2, 4)), draw(st.integers(1, 2))
    W = draw(st.lists(st.lists(ENTRIES, min_size=m, max_size=m), min_size=n, max_size=n))
    b = draw(st.lists(ENTRIES, min_size=n, max_size=n))
    S = draw(st.lists(st.sampled_from([0, 0, 0, Fraction(1, 3)]), min_size=n, max_size=n))
    return W, b, Problem.of(n, m, sparsity=S)


def loss_of(W: Sequence[Sequence[Fraction]], b: Sequence[Fraction], problem: Problem) -> sympy.Expr:
    return expected_loss(ToyModel(W, b), problem.distribution, problem.importance).value


@FEWER
@given(always_on())
def test_arrows_may_be_turned_round(
    case: tuple[list[list[Fraction]], list[Fraction], Problem],
) -> None:
    W, b, problem = case
    losses = {loss_of(*reflect(W, b, turned), problem) for turned in reflectable_sets(W, problem)}
    assert losses == {loss_of(W, b, problem)}


def test_only_where_features_are_always_on() -> None:
    W, b = [[Fraction(1)], [Fraction(-1, 2)]], [Fraction(1, 4), Fraction(1, 4)]
    turned = reflect(W, b, {1})
    always, often = (Problem.of(2, 1, sparsity=S) for S in (0, "1/100"))
    assert loss_of(*turned, always) == loss_of(W, b, always)
    assert loss_of(*turned, often) != loss_of(W, b, often)
    assert list(reflectable_sets(W, often)) == [()]


def test_every_overlap_that_can_be_had_comes_up_once() -> None:
    """Four that all overlap have 2⁴⁻¹ Grams; two apart from two have 2·2; the lone ones none."""
    problem = Problem.of(4, 3, sparsity=0)
    for W, count in (("1 0 0; 1 1 0; 1 1 1; 2 1 1", 8), ("1 0 0; 1 0 0; 0 1 0; 0 1 0", 4)):
        rows = [[Fraction(int(cell)) for cell in row] for row in ToyModel(W).W]
        grams = {
            geometry(ToyModel(reflect(rows, [0] * 4, t)[0])).gram
            for t in reflectable_sets(rows, problem)
        }
        assert len(grams) == len(list(reflectable_sets(rows, problem))) == count


def test_a_family_with_a_name_is_shown() -> None:
    """Two thirds of the restarts of 3 to 2 at S = 0 end at triangles with an arrow turned round."""
    best = found(KNOWN[3])
    assert best.family.name == "triangle"
    assert "may have their arrows turned round" in best.sentence
    assert "turned" not in found(KNOWN[4]).sentence
    assert "turned" not in found(KNOWN[10]).sentence  # what does not overlap is the same, turned


# -- one for all that are the same ----------------------------------------------------------------


def test_features_that_are_alike_come_in_order() -> None:
    named = family([[0.0, 0.5], [0.0, -1.0], [0.0, 0.0], [1.0, 0.0]])
    lengths = [0.5, 1.0, 0.0, 1.0]
    assert ordered(named, Problem.of(4, 2, sparsity=0), lengths) == [3, 1, 0, 2]
    assert ordered(named, Problem.of(4, 2, sparsity=0, importance="1 2 3 4"), lengths) == [
        0,
        1,
        2,
        3,
    ]
    halves = Problem.of(4, 2, Correlated([(1, 2), (3, 4)], 0))
    assert ordered(named, halves, lengths) == [1, 0, 3, 2]


def test_dimensions_come_in_the_order_of_their_first_use() -> None:
    W = ToyModel("0 0 -1; 0 0 0; 0 2 1; -3 1 0").W
    assert upright(W) == ((1, 0, 0), (0, 0, 0), (-1, 2, 0), (0, 1, 3))
    assert geometry(ToyModel(upright(W))).gram == geometry(ToyModel(W)).gram
