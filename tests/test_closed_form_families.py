"""Closed forms of whole embeddings, and the sparsities at which two families lose the same."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import Rational, sqrt

from handcalc import Correlated, InputError, SparseUniform, ToyModel, expected_loss
from handcalc.errors import EngineError
from handcalc.numbers.exact import sign
from handcalc.superposition.closed_forms import (
    ClosedForm,
    Composition,
    best_regular,
    closed_form,
    crossing,
    dropped_loss,
)
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import family

HALF = Rational(1, 2)
TRIANGLE, PAIR = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)


def rational(number: sympy.Expr) -> Rational:
    return Rational(str(number))


def pair_beside_one(sparsity: str, importance: object = 1) -> ToyModel:
    found = best_regular(2, sparsity, importance).digits(35)
    length, b = rational(found.length), rational(found.bias)
    return ToyModel([[1, 0], [0, length], [0, -length]], [0, b, b])


def closed(model: ToyModel, problem: Problem) -> ClosedForm | None:
    return closed_form(family(model), problem, model)


# -- whole embeddings -----------------------------------------------------------------------------


def test_a_pair_beside_a_dedicated_feature() -> None:
    model = pair_beside_one("1/2")
    found = closed(model, Problem.of(3, 2, sparsity="1/2"))
    assert found is not None
    assert [part.part.kind for part in found.parts] == ["pair", "dedicated"]
    assert [part.sentence for part in found.parts] == [
        (
            "Features 2 and 3 have the length l = √(B/C) and the bias b = β·l², where β is the "
            "root of a polynomial of degree 7 between 0.1 and 0.11."
        ),
        "Feature 1 has length 1 and bias 0, and loses nothing.",
    ]
    assert found.loss is None
    exact = expected_loss(model, SparseUniform("1/2")).value
    assert abs(rational(found.loss_digits(30)) - exact) < Rational(1, 10**29)


def test_a_triangle_beside_dropped_features_of_other_importance_and_sparsity() -> None:
    found = best_regular(3, "1/5", 2).digits(35)
    length, b = rational(found.length), rational(found.bias)
    rows = [[length, 0], [-length / 2, length * sqrt(3) / 2], [-length / 2, -length * sqrt(3) / 2]]
    model = ToyModel([*rows, [0, 0], [0, 0]], [b, b, b, Rational(1, 4), Rational(3, 8)])
    sparsity, importance = "1/5 1/5 1/5 1/2 1/4", "2 2 2 1 1/2"
    problem = Problem.of(5, 2, sparsity=sparsity, importance=importance)
    whole = closed(model, problem)
    assert whole is not None
    assert whole.parts[1].biases == (Rational(1, 4), Rational(3, 8))
    assert whole.parts[1].loss == dropped_loss(HALF) + dropped_loss(Rational(3, 4)) / 2
    exact = expected_loss(model, SparseUniform(sparsity), importance).value
    assert sign(abs(exact - rational(whole.loss_digits(30))) - Rational(1, 10**28)) == -1


def test_a_loss_with_a_name_is_told_exactly() -> None:
    """Dropped and dedicated features, whatever the distribution; a pair where β is a fraction."""
    model = ToyModel("1 0; 0 1; 0 0; 0 0", b=[0, 0, Rational(1, 6), Rational(1, 6)])
    found = closed(model, Problem.of(4, 2, Correlated([(1, 2), (3, 4)], "2/3")))
    assert found is not None
    assert found.loss == 2 * dropped_loss(Rational(1, 3))
    assert found.parts[-1].sentence == "Features 3 and 4 are dropped, with the bias p/2."
    pair = ToyModel([[sqrt(2) / 2], [-sqrt(2) / 2]], [HALF, HALF])
    dense = closed(pair, Problem.of(2, 1, sparsity="0", importance="3"))
    assert dense is not None
    assert dense.loss == expected_loss(pair, SparseUniform(0), 3).value == Rational(1, 4)
    assert dense.parts[0].sentence.endswith("where β is 1.")


def test_features_without_a_say_may_have_any_row() -> None:
    """A feature that does not matter, and one that is never active."""
    model = ToyModel("0; 7/2; 0", b="1/4 2 -1")
    problem = Problem.of(3, 1, sparsity="1/2 1/2 1", importance="1 0 1")
    assert closed(model, problem) is not None
    assert closed(model, Problem.of(3, 1, sparsity="1/2")) is None


UNLIKE = {
    "a pair of two lengths": (ToyModel("0.9356; -0.3674", b="0.1 0.5"), {"sparsity": "0"}),
    "a pair off its best": (ToyModel("1; -1"), {"sparsity": "1/2"}),
    "two importances": (pair_beside_one("1/2"), {"sparsity": "1/2", "importance": "1 1 2"}),
    "two sparsities": (pair_beside_one("1/2"), {"sparsity": "1/2 1/2 1/3"}),
    "other inputs": (pair_beside_one("1/2"), {"distribution": Correlated([(2, 3)], "1/2")}),
    "no regular shape": (ToyModel("1; 1/2", b="0 1/4"), {"sparsity": "1/2"}),
    "never active": (ToyModel("1; -1"), {"sparsity": "1"}),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_what_has_no_closed_form_here(name: str) -> None:
    model, asked = UNLIKE[name]
    assert closed(model, Problem.of(model.n, model.m, **asked)) is None


def test_twenty_decimals_are_compared() -> None:
    model, problem = pair_beside_one("1/2"), Problem.of(3, 2, sparsity="1/2")
    for digits, agrees in ((19, False), (22, True)):
        b = [0, model.b[1] + Rational(1, 10**digits), model.b[2]]
        assert (closed(ToyModel(list(model.W), b), problem) is not None) is agrees


def test_the_symmetric_pair_is_not_always_the_best_pair() -> None:
    """At S = 1/4 a pair of two lengths loses less; at S = 3/10 the lengths beside it lose more."""
    other = ToyModel("0.4716; -0.9273", b="0.4556 0.1966")
    best = rational(best_regular(2, "1/4").digits(20).total)
    assert expected_loss(other, SparseUniform("1/4")).value < best - Rational(1, 2000)
    best = rational(best_regular(2, "3/10").digits(20).total)
    assert expected_loss(other, SparseUniform("3/10")).value > best


# -- where two families lose the same -------------------------------------------------------------


def test_the_triangle_and_the_pair() -> None:
    found = crossing(TRIANGLE, PAIR)
    told = found.digits(15)
    assert (found.first, found.second) == (TRIANGLE, PAIR)
    assert str(told.sparsity) == "0.478162340928575"
    assert str(told.loss) == "0.0818277742439342"
    assert str(told.parts[3].length) == "0.964356142054530"
    assert str(told.parts[3].bias) == "0.178364204017754"
    assert str(told.parts[2].length) == "0.954838542684798"
    assert str(told.parts[2].bias) == "0.117049522154512"
    assert told.parts[3].total == told.parts[2].total == told.loss


def test_the_order_of_families_does_not_matter() -> None:
    assert crossing(PAIR, TRIANGLE) == crossing(TRIANGLE, PAIR)


def test_the_sparsity_solves_the_system() -> None:
    """P₁ = P₂ = 0 and L₁ = L₂ to 40 digits, by the polynomials in β and S."""
    from handcalc.superposition.closed_forms import stationarity
    from handcalc.superposition.loss.distribution import S

    told, beta = crossing(TRIANGLE, PAIR).digits(50), sympy.Symbol("beta")
    losses = []
    for k, part in told.parts.items():
        cell = next(cell for cell in stationarity(k) if cell.lo <= 0.15 < cell.hi)
        at = {beta: rational(part.beta), S: rational(told.sparsity)}
        B, C, P = (value.subs(at) for value in (cell.B, cell.C, cell.P))
        assert abs(P) < Rational(1, 10**45)
        losses.append(k * ((1 - at[S]) / 3 - B**2 / C))
    assert abs(losses[0] - losses[1]) < Rational(1, 10**48)
    assert abs(losses[0] - rational(told.loss)) < Rational(1, 10**48)


def test_the_exact_losses_change_places_there() -> None:
    """Within 10⁻¹⁵ of S each family's best, as an exact model, loses less on its own side."""
    lo, hi = crossing(TRIANGLE, PAIR).interval(Fraction(1, 10**15))
    assert hi - lo <= Fraction(1, 10**15)
    for s, sign_of_gap in ((lo, -1), (hi, 1)):
        found = best_regular(3, s).digits(35)
        length, b = rational(found.length), rational(found.bias)
        side = length * sqrt(3) / 2
        triangle = ToyModel([[length, 0], [-length / 2, side], [-length / 2, -side]], [b, b, b])
        inputs = SparseUniform(s)
        gap = expected_loss(triangle, inputs).value
        gap -= expected_loss(pair_beside_one(str(s)), inputs).value
        assert sign(gap) == sign_of_gap


@pytest.mark.parametrize(
    ("first", "second", "between", "sparsity"),
    [
        (Composition(k_gons=(3,), dropped=1), Composition(pairs=2), None, "0.35575963553937427"),
        (
            Composition(k_gons=(5,)),
            Composition(pairs=2, dropped=1),
            ("3/4", "13/16"),
            "0.775124550636341612",
        ),
    ],
)
def test_other_families(
    first: Composition,
    second: Composition,
    between: tuple[str, str] | None,
    sparsity: str,
) -> None:
    found = crossing(first, second, between)
    assert str(found.digits(20).sparsity).startswith(sparsity)
    assert found.first.features == found.second.features == first.features
    assert {found.first.sentence, found.second.sentence} == {first.sentence, second.sentence}


def test_a_part_in_both_families_does_not_matter() -> None:
    both = Composition(k_gons=(3,), pairs=1), Composition(pairs=2, dedicated=1)
    assert crossing(*both).digits(20).sparsity == crossing(TRIANGLE, PAIR).digits(20).sparsity


def test_families_are_counted() -> None:
    many = Composition(k_gons=(5, 3, 5), pairs=2, dropped=3)
    assert (many.features, many.hidden) == (20, 8)
    assert many.sentence == "1 3-gon, 2 5-gons, 2 pairs and 3 dropped features"


@pytest.mark.parametrize("counts", [{}, {"pairs": -1}, {"dropped": True}, {"pairs": 1.0}])
def test_counts_are_whole_numbers(counts: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"^Parts are counted by whole numbers from 0, "):
        Composition(**counts)  # type: ignore[arg-type]  # the refusal is what is tested


REFUSED = {
    "other features": (TRIANGLE, Composition(pairs=1), None, "not of 3 and 2"),
    "the same": (PAIR, PAIR, None, "The two families are the same: 1 pair and 1 dedicated feature"),
    "none": (Composition(pairs=1), Composition(dedicated=1, dropped=1), None, "No sparsity was"),
    "several": (
        Composition(k_gons=(5,)),
        Composition(pairs=2, dropped=1),
        None,
        "between which two to look, 1/4 and 5/16 or 3/4 and 13/16",
    ),
    "a root": (TRIANGLE, PAIR, ("1/4", sqrt(2) / 2), "to look between are fractions, not sqrt"),
    "one": (TRIANGLE, PAIR, ("1/4", 1), "At S = 1 no feature is ever active"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_crossings_that_are_refused(name: str) -> None:
    first, second, between, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        crossing(first, second, between)


def test_losses_that_are_the_same_are_not_told_apart() -> None:
    """At S = 0 a pair loses what dropping one of two features does."""
    both = Composition(pairs=1), Composition(dedicated=1, dropped=1)
    with pytest.raises(EngineError, match="Two losses could not be told apart"):
        crossing(*both, between=("0", "1/2"))
