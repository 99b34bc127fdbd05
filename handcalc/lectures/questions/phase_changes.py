"""What the lecture on phase changes asks before it shows, worked out by the engine; its plan."""

from __future__ import annotations

from itertools import pairwise

import sympy
from sympy.abc import x

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import formula, number, numbers
from handcalc.lectures.workings.comparing import cheapest
from handcalc.lectures.workings.phase_changes import (
    ONE_DROPPED,
    PAIR,
    PENTAGON,
    TWO_DROPPED,
    TWO_PAIRS,
    loss,
    meeting,
)
from handcalc.superposition.closed_forms import stationarity
from handcalc.superposition.closed_forms.crossing import loses_less
from handcalc.superposition.closed_forms.piecewise import beta
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.loss.problem import variance

# other numbers than those of the course's exercises, which are not to be given away
_LESS, _DENSE = sympy.Rational(2, 5), sympy.Rational(1, 10)
_NEARLY, _OFTEN = sympy.Rational(9, 10), sympy.Rational(4, 5)
_SHORT_ARROW = handcalc.ToyModel("1; -1/5", "7/100 23/50")
_THIRD, _QUARTER, _SIXTH = (sympy.Rational(1, k) for k in (3, 4, 6))
_OFF = _THIRD

p, r = sympy.symbols("p r", positive=True)
_MEAN = formula(p * sympy.integrate(x, (x, 0, 1)))
_LONG = sympy.sqrt(sympy.Rational(1, 2))  # of the arrows of the best linear pair
BORDERS = [
    formula(sympy.Eq(p, meeting(each, PAIR, r), evaluate=False))
    for each in (TWO_DROPPED, ONE_DROPPED)
]


# -- two features, one dimension -------------------------------------------------------------------


def cheapest_when_dense() -> ChoicePrediction:
    """Which of three embeddings is best where features are dense."""
    costs = [loss(each, _DENSE, _LESS) for each in (TWO_DROPPED, ONE_DROPPED, PAIR)]
    names = ("drop feature 2", "drop feature 1", "an antipodal pair")
    told = dict(zip(names, costs, strict=True))
    if cheapest(told) != names[0]:
        raise ValueError("Where inputs are dense the lesser feature is dropped.")
    return ChoicePrediction(
        f"Two features, one dimension. Feature 1 has importance {number(1)}, feature 2 only "
        f"{number(_LESS)}; inputs are dense, each feature is off with probability "
        f"{number(_DENSE)}. "
        "Kept features have length one and bias zero, a dropped one its best bias. What loses "
        "least?",
        {
            names[0]: "The lesser error, and the lesser weight.",
            names[1]: f"that loses {number(told[names[1]])}, as feature 1 weighs more",
            names[
                2
            ]: f"that loses {number(told[names[2]])}: the two are on together most of the time",
        },
        names[0],
        f"It loses {number(costs[0])}: the variance of one feature, times its importance. A pair "
        "costs something only when both are on, with probability $p^2$, and pays for both. So two "
        "probabilities race: $p$ for dropping, $p^2$ for sharing. Which is ahead depends on $S$.",
    )


def border() -> NumberPrediction:
    """The sparsity at which sharing becomes cheaper than dropping."""
    density = meeting(TWO_DROPPED, PAIR, _LESS)
    no_bias = exact(2 * _LESS / (1 + _LESS))  # r p/3 = (1 + r) p²/6
    one_error = exact(_THIRD / (_QUARTER + _SIXTH))  # r (p/3 − p²/4) = r p²/6
    dropping, sharing = (each.loss(r, p) for each in (TWO_DROPPED, PAIR))
    return NumberPrediction(
        f"The same two features, $r$ = {number(_LESS)}. Dropping feature 2 loses "
        f"{formula(dropping, rising=True)}, the pair loses {formula(sharing)}, with $p = 1 - S$. "
        "At which **S** do they lose the same?",
        exact(1 - density),
        "Divide by p, and a line meets a line.",
        (
            (density, "so large is $p$ there; $S$ is what is left to one"),
            (
                exact(1 - no_bias),
                f"there the two meet if the dropped feature has no bias; its best is {_MEAN}",
            ),
            (
                exact(1 - one_error),
                "there they meet if only feature 2 paid; in a pair feature 1 pays as well",
            ),
        ),
        f"At {BORDERS[0]} = {number(density)}. Denser, and feature 2 is better dropped; "
        "sparser, and it is better to share. The less a feature matters, the sparser it must be "
        "to be let in.",
    )


def kink() -> ChoicePrediction:
    """What the loss of the best candidate does where the best changes."""
    density = meeting(TWO_DROPPED, PAIR, _LESS)
    losses = [each.loss(_LESS, p) for each in (TWO_DROPPED, PAIR)]
    before, after = (exact(-sympy.diff(loss, p).subs(p, density)) for loss in losses)
    of_dropped, at_border = (loss.subs(p, density) for loss in losses)
    if not handcalc.equal(at_border, of_dropped) or before == after:
        raise ValueError("The losses meet, and their slopes differ.")
    right = "a kink: its slope jumps, and so do the arrows"
    return ChoicePrediction(
        "Follow the *least* loss along $S$, through the border. What does it do there?",
        {
            "it jumps": "just there both lose the same, so the least loss has one value",
            "nothing: it goes on smoothly": (
                f"the slopes in $S$ are {number(before)} before and {number(after)} behind it"
            ),
            right: "The value is one, the slope is not.",
            "a kink, while the arrows change little by little": (
                "arrow 2 has length zero before and one behind, and nothing between"
            ),
        },
        right,
        f"Both lose {number(exact(at_border))} there, with slopes {number(before)} and "
        f"{number(after)} in $S$. In physics that is a change of phase *of first order*: two "
        "states that are both there change places, as ice and water do. What jumps is the "
        "derivative, and the state itself.",
    )


# -- the map ---------------------------------------------------------------------------------------


def triple() -> NumberPrediction:
    """The density at which three phases meet."""
    density = meeting(ONE_DROPPED, PAIR, exact(1))
    half = meeting(TWO_DROPPED, PAIR, exact("1/2"))
    return NumberPrediction(
        "Now a map: to the right the importance $r$ of feature 2, upwards the density $p = 1 - S$. "
        "Features that matter alike lie on the line $r = 1$. On it three regions meet: feature 2 "
        "dropped, feature 1 dropped, the pair. At which **density**?",
        density,
        "At one point all three lose the same.",
        (
            (exact(1 - density), "that is $S$ there"),
            (exact(1), "so it would be if a dropped feature had no bias"),
            (half, "so far up the pair reaches where feature 2 matters half as much"),
        ),
        f"{BORDERS[0]} and, for $r$ above one, {BORDERS[1]} meet at {number(density)}. "
        "Above that point features of equal importance change places all at once: a little more "
        "importance, and the other one is dropped.",
    )


# -- what candidates miss --------------------------------------------------------------------------


def true_border() -> ChoicePrediction:
    """How far the pair reaches if its length and bias are free, at equal importance."""
    saved = _positive(variance(1 - S) - _linear_pair())
    density = meeting(TWO_DROPPED, PAIR, exact(1))
    if sympy.Poly(sympy.cancel(saved / S**4 / (1 - S)), S).count_roots(0, 1):
        raise ValueError("The pair saves something for every S that is neither end.")
    right = "at every density below one"
    return ChoicePrediction(
        "The candidates have lengths of one and fixed biases. Let both features have importance "
        f"{number(1)}, and let the pair choose: one length for both arrows, and one bias. With "
        f"length one it beat dropping below the density {number(density)}. And now?",
        {
            "the same: length one is best": "a pair that is often on together is better shorter",
            "at fewer densities: dropping gains more": "a dropped feature is at its best already",
            right: "Whoever is free to choose can do no worse than the linear pair.",
            "at every density, one included": (
                "there this pair is never negative, ReLU has nothing to cut, and both lose the same"
            ),
        },
        right,
        f"Take the arrows {number(_LONG)} long and the biases {_MEAN}. Without ReLU this loses "
        "exactly what dropping loses, and ReLU brings what is negative nearer to the truth. It "
        f"saves {formula(saved, rising=True)}, which is positive for every $S$ between zero and "
        "one. So on the line $r = 1$ the true map has no point where three regions meet.",
    )


def _positive(polynomial: sympy.Expr) -> sympy.Expr:
    """The polynomial in S as a product whose factors are positive at one half."""
    half = sympy.Rational(1, 2)
    number, factors = sympy.factor_list(polynomial, S)
    signed = ((part if part.subs(S, half) > 0 else -part) ** power for part, power in factors)
    product = abs(number) * sympy.Mul(*signed)
    if not handcalc.equal(product.subs(S, half), polynomial.subs(S, half)):
        raise ValueError("It is positive.")
    return product


def _linear_pair() -> sympy.Expr:
    """What the pair with squared length ½ and biases p/2 loses with ReLU, as a polynomial in S."""
    between = stationarity(2)[1]  # 0 ≤ β ≤ 1, and β = b/l² is p
    B, C = (part.subs(beta, 1 - S) for part in (between.B, between.C))
    return sympy.expand(2 * ((1 - S) / 3 - B + C / 4))


def small_arrow() -> ChoicePrediction:
    """Whether an arrow can grow from nothing."""
    weights = [1, _NEARLY]
    dropped, pair = (loss(each, exact(1 - _OFTEN), _NEARLY) for each in (TWO_DROPPED, PAIR))
    short = handcalc.expected_loss(_SHORT_ARROW, exact(1 - _OFTEN), weights).value
    length = handcalc.geometry(_SHORT_ARROW).norms[1]
    if cheapest({"short": short, "dropped": dropped, "pair": pair}) != "short":
        raise ValueError("A short arrow is the best of the three here.")
    right = "a short arrow"
    return ChoicePrediction(
        f"Feature 2 matters nearly as much, $r$ = {number(_NEARLY)}, and inputs are dense, $p$ = "
        f"{number(_OFTEN)}. No arrow for feature 2, a whole one back to back with the first, or a "
        f"short one, {number(length)} long, with biases to match: what loses least?",
        {
            "no arrow": f"that loses {number(dropped)}, and the short one {number(short)}",
            right: "A little is let in, at little cost.",
            "a whole arrow": f"that loses {number(pair)}: the two meet too often",
        },
        right,
        f"With biases {numbers(_SHORT_ARROW.b)} it loses {number(short)}. So not every change is a "
        "jump. Near $r = 1$ the arrow begins at nothing as features get sparser, and grows; only "
        "then it jumps. The textbook's map has no such arrows.",
    )


# -- three in two ----------------------------------------------------------------------------------


def twins() -> ChoicePrediction:
    """Triangle and pair without ReLU."""
    two_thirds = sympy.Rational(2, 3)
    b = (1 - _OFF) / 2
    up, long = _LONG, sympy.sqrt(two_thirds)
    pair = handcalc.ToyModel([[1, 0], [0, up], [0, -up]], [0, b, b], "linear")
    corners = [[long, 0], [-long / 2, up], [-long / 2, -up]]
    triangle = handcalc.ToyModel(corners, [b] * 3, "linear")
    costs = [handcalc.expected_loss(model, _OFF).value for model in (pair, triangle)]
    if costs[0] != costs[1]:
        raise ValueError("Two planes at the same price.")
    right = "both lose the same"
    return ChoicePrediction(
        "Three features that matter alike, two dimensions. Two shapes: a triangle, or an antipodal "
        "pair beside a feature with a dimension of its own. First *without* ReLU, each with its "
        f"best lengths and biases, at $S$ = {number(_OFF)}. Which loses less?",
        {
            "the triangle": "it shares evenly, but a linear model gains nothing by that",
            "the pair": "it keeps one feature exactly, and loses the more of the others",
            right: "One direction is lost, and all directions vary alike.",
        },
        right,
        f"Both lose {number(costs[0])}, the variance of one feature. A linear model keeps a plane "
        "of the three-dimensional input, and these are two such planes. So what tells triangle and "
        "pair apart is what ReLU makes of each; and that depends on $S$.",
    )


def turns() -> NumberPrediction:
    """How often pentagon and two pairs change places along S."""
    places = [sympy.Rational(k, 10) for k in range(1, 10)]
    ahead = [loses_less(PENTAGON, TWO_PAIRS, place) for place in places]
    if not (ahead[0] and ahead[-1]):
        raise ValueError("The pentagon wins at both ends.")
    count = sum(one != other for one, other in pairwise(ahead))
    return NumberPrediction(
        "Five features in two dimensions, all alike. A pentagon holds all five; two antipodal "
        "pairs hold four, and the fifth is dropped. Each with its best lengths and biases. Follow "
        "both from $S$ near zero to $S$ near one: how often do they change places?",
        exact(count),
        "The pentagon wins at both ends.",
        (
            (exact(0), "neither is better throughout: see both ends"),
            (exact(1), "one change leaves different winners at the ends; here it is the same one"),
        ),
        "Dense, the pentagon is nearly linear and gains a little by ReLU, "
        "as a triangle does. In between the pairs win. And where two features are hardly ever on "
        "together, a dropped one still costs something whenever it is on, while the pentagon's "
        "interference can be silenced by a negative bias. A phase may come back. Of these "
        "changes there are proofs, digit by digit, below; that there are no more is what a "
        f"comparison at {number(len(places))} sparsities says.",
    )


QUESTIONS = {
    "cheapest": cheapest_when_dense,
    "border": border,
    "kink": kink,
    "triple": triple,
    "true border": true_border,
    "small arrow": small_arrow,
    "twins": twins,
    "turns": turns,
}

EXERCISES = ("best-at-three-tenths", "triangle-or-pair", "importance")

SUMMARY = rf"""
## Summary

- Dropping a feature costs something whenever it is on, $p$; sharing when two are on, $p^2$. So
  which embedding is best depends on importance and sparsity, and changes along lines: phases.
- Where the best embedding changes, the least loss has no jump but a kink, and the arrows jump: a
  change of first order.
- Among candidates of length one the borders are {BORDERS[0]} and {BORDERS[1]}.
- True minima have their lengths and biases free. Superposition begins earlier, and near equal
  importance an arrow grows from nothing before it jumps.
- Along S, at equal importance, linear models know no phases. What tells a triangle from a pair is
  ReLU.
- A border between two families is a number that is known to any digit; that no third family is
  better, between them or beside them, is what searches say.
"""

PLAN = (
    ("Two features, one dimension", 15, "Feature 1's share of a pair's loss is forgotten."),
    ("A border, exactly", 15, "S and p are exchanged; a kink is drawn as a step: plot the loss."),
    ("The map", 10, "Regions are read as probabilities: each point is a model of its own."),
    ("What the candidates miss", 15, "Length one is taken for granted: ask what the bias does."),
    ("Three features, two dimensions", 15, "That ReLU alone decides is not seen: do twins twice."),
    (
        "Where families change places",
        10,
        "One crossing is expected, as it is with two curves drawn.",
    ),
    ("Exercises", 10, "The interval by halving: let the class call out S."),
)
