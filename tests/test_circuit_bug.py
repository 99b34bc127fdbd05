"""The skip-trigram bug, section 5: forced cross effects, the price of one head, and the cures."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
import sympy

from handcalc import InputError, circuit
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.skip_trigram_bug import (
    bug_price,
    by_tables,
    cost_of_at,
    cross_effects,
    loss_on_contexts,
    near_the_price,
    slope_of_at,
)

WORDS = "<s> keep in at mind bay"

# -- theorem 1 -------------------------------------------------------------------------------------


def test_wanted_effects_force_cross_effects() -> None:
    """4 (in → mind, A = ½) and 3 (at → bay, A = ¼) force 6 (in → bay) and 2 (at → mind)."""
    crossed, derivation = cross_effects("4 3", "1/2 1/4")
    assert crossed == (6, 2)
    shown = str(derivation)
    assert "v₁ = E₁₁/A₁ = 4/(1/2) = 8" in shown
    assert "E₁₂ = A₁·v₂ = 1/2·12 = 6" in shown


def test_the_larger_cross_effect_is_at_least_the_geometric_mean() -> None:
    draw = random.Random(1)  # noqa: S311 - a draw of test cases
    for _ in range(200):
        wanted = [sympy.Rational(draw.randint(1, 20), draw.randint(1, 5)) for _ in range(2)]
        weights = [sympy.Rational(draw.randint(1, 9), 9) for _ in range(2)]
        one, two = cross_effects(wanted, weights)[0]
        assert one > 0
        assert two > 0
        assert one * two == wanted[0] * wanted[1]
        assert max(one, two) ** 2 >= wanted[0] * wanted[1]
    assert cross_effects("sqrt(2) 1", "1/2 1/2")[0] == (1, sympy.sqrt(2))


def test_weights_and_effects_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="above 0 and at most 1, not 0, 1"):
        cross_effects("1 1", "0 1")
    with pytest.raises(InputError, match="at most 1, not 1/2, 2"):
        cross_effects("1 1", "1/2 2")
    with pytest.raises(InputError, match="Two wanted effects"):
        cross_effects("1 1 1", "1/2 1/2")


# -- theorem 2 -------------------------------------------------------------------------------------


def test_the_price_of_the_bug() -> None:
    found = bug_price()
    two, three = LogSum.log(2), LogSum.log(3)
    assert found.price == (two * 5 - three * Fraction(3, 2)) * Fraction(1, 4)
    assert found.price.to_float() == pytest.approx(0.4544544, abs=5e-8)
    assert found.allowed == two * Fraction(1, 2)
    assert found.allowed.to_float() == pytest.approx(0.3465736, abs=5e-8)
    assert found.without_direct == found.allowed
    shown = str(found.derivation)
    assert "slope = 1/(2·(1 − σ)) − 3/(2·σ) = 1/(2·1/4) − 3/(2·3/4) = 0" in shown
    assert "5/4·log(2) − 3/8·log(3)" in shown


def test_three_quarters_are_the_least_cost() -> None:
    """The slope grows from σ to σ, so its zero is the one minimum."""
    best = Fraction(3, 4)
    assert slope_of_at(best) == 0
    grid = [Fraction(k, 64) for k in range(1, 64)]
    slopes = [slope_of_at(sigma) for sigma in grid]
    assert slopes == sorted(slopes)
    for sigma in grid:
        assert (cost_of_at(sigma) - cost_of_at(best)).sign() == (sigma != best)


def test_one_head_comes_as_near_as_one_likes() -> None:
    price = bug_price().price
    for s in (1, 2, 5, 20):
        above = LogSum.log(1 + Fraction(1, 3**s)) * Fraction(1, 4)
        assert loss_on_contexts(near_the_price(s)) - price == above
    assert loss_on_contexts(near_the_price(20)).to_float() == pytest.approx(0.4544544, abs=5e-8)


def test_no_setting_of_one_head_is_below_the_price() -> None:
    """The losses by formula, in floats: any direct path, any attention, any e of keep."""
    draw = random.Random(3)  # noqa: S311 - a draw of test cases
    price = bug_price().price.to_float()

    def cost(delta: float) -> float:
        return math.log1p(math.exp(-delta))

    for _ in range(20_000):
        inside, at, e = (draw.gauss(0, 3) for _ in range(3))
        a, b = draw.random(), draw.random() ** 4
        coin = (cost(inside) + cost(-inside) + cost(at) + cost(-at)) / 2
        assert (cost(inside + a * e) + cost(-(at + b * e)) + coin) / 4 >= price


def test_without_direct_path_and_coin_one_of_two_is_at_chance() -> None:
    """½(0 + log 2): both differences have the sign of e, so one is right and one wrong or even."""
    costs = [LogSum.log(1 + Fraction(1, 3**30)), LogSum.log(2)]
    least = (costs[0] + costs[1]) * Fraction(1, 2)
    gap = (least - bug_price().without_direct).to_float()
    assert 0 < gap < 1e-14


# -- the cures -------------------------------------------------------------------------------------


def test_two_heads_come_near_what_is_allowed() -> None:
    first = {("in", "keep"): 1, ("at", "keep"): -1}
    second = {("in", "keep"): -1, ("at", "keep"): 1}
    heads = [
        (first, {("keep", "mind"): 24, ("keep", "bay"): -12}),
        (second, {("keep", "mind"): -12, ("keep", "bay"): 24}),
    ]
    loss = loss_on_contexts(by_tables(WORDS, heads, {}))
    assert loss - bug_price().allowed == LogSum.log(1 + Fraction(1, 3**12)) * Fraction(1, 2)


def test_one_head_that_attends_to_itself_comes_near_what_is_allowed() -> None:
    """Attention is a competition: the destination's own row escapes the theorem."""
    qk = {(b, "keep"): 2 for b in ("in", "at")} | {(b, "<s>"): -2 for b in ("in", "at")}
    ov = {("in", "mind"): -20, ("at", "bay"): -20}
    model = by_tables(WORDS, [(qk, ov)], {("in", "mind"): 16, ("at", "bay"): 16})
    loss = loss_on_contexts(model)
    assert loss - bug_price().allowed == LogSum.log(1 + Fraction(1, 3**12)) * Fraction(1, 2)
    assert (loss - bug_price().price).sign() < 0


def test_differences_that_are_not_whole_are_refused() -> None:
    with pytest.raises(InputError, match="whole numbers"):
        loss_on_contexts(circuit("attention-steals").model)
    with pytest.raises(InputError, match="at least 1, not 0"):
        near_the_price(0)


def test_the_page_of_the_bug_says_its_price() -> None:
    (said,) = (c.sentence for c in circuit("skip-trigram").findings.lost if "pays" in c.sentence)
    assert "5/4·log(2) − 3/8·log(3), about 0.4544544, a sentence; about 0.3465736 would do." in said
