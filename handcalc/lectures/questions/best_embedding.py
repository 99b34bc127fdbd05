"""What the lecture on the expected loss asks before it shows, by the engine, and its plan."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context

import sympy
from sympy.abc import p, x, y

import handcalc
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import formula, number, numbers
from handcalc.lectures.workings.best_embedding import (
    both_on,
    dropped_polynomial,
    lifted_triangle,
)
from handcalc.lectures.workings.comparing import of_name
from handcalc.numbers.decimals import rounded
from handcalc.superposition.closed_forms.three_in_two import three_in_two
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.loss.problem import variance
from handcalc.views.notation import UNICODE

# other numbers than those of the course's exercises, which are not to be given away
_SPARSITY, _OVERLAP, _BIAS = "2/5", "-1/2", "1/4"
_HALF = sympy.Rational(1, 2)
_DIGITS = 6


# -- what is drawn ---------------------------------------------------------------------------------


def square() -> NumberPrediction:
    """The mean square of a feature that is off now and then."""
    given = exact(_SPARSITY)
    p = 1 - given
    right = handcalc.expected_loss(handcalc.ToyModel("0"), given).value
    return NumberPrediction(
        f"A feature is off with probability $S$ = {number(given)}; if it is on, every value from "
        f"{number(0)} to {number(1)} is as likely as any other. What comes out is always zero. "
        "What is its expected loss, the mean of $x^2$?",
        right,
        "On in so many cases, and a third then.",
        (
            (sympy.Rational(1, 3), "that is the mean square if it is on; it is off now and then"),
            (
                exact(p / 4),
                "a quarter is the square of the mean; the mean of the square is a third",
            ),
            (
                exact(p**2 / 4),
                "that is the square of the mean of all; squares come first, the mean after",
            ),
            (exact(p / 2), "that is the mean of $x$; it has to be squared before"),
        ),
        f"$\\int_0^1 x^2\\,dx$ is a third, and it is on with $p = 1 - S$ = {number(p)}: "
        f"{number(right)}. The **expected loss** $L$ of a model is the *sum* of "
        "$\\mathbb{E}[(x_i - \\hat{x}_i)^2]$ over its features. Some take the mean over features "
        "instead: before numbers are compared, ask.",
    )


# -- one integral ----------------------------------------------------------------------------------


def bent_integral() -> NumberPrediction:
    """What a feature loses where another takes half of itself from it, both on."""
    right = both_on(_OVERLAP)
    taken = -exact(_OVERLAP) * y
    straight = exact(sympy.integrate(taken**2, (y, 0, 1)))
    cut, uncut = (x, 0, taken), (x, taken, 1)
    mean = sympy.integrate(x, cut, (y, 0, 1)) + sympy.integrate(taken, uncut, (y, 0, 1))
    inner = sympy.Integral(x**2, cut) + sympy.Integral(taken**2, uncut)
    whole = sympy.Integral(inner, (y, 0, 1))
    if whole.doit() != right:
        raise ValueError("The integral is the loss.")
    return NumberPrediction(
        "Two features are on, at $x$ and $y$, and arrows of length one overlap by "
        f"{number(exact(_OVERLAP))}, as in the triangle. So the first reads all of its own $x$, "
        f"the other takes {formula(taken)} from that, and what comes out is "
        f"{formula(sympy.Function('ReLU')(x - taken))}. What is the mean of its squared error?",
        right,
        "The smaller of two numbers, squared, and then the mean.",
        (
            (straight, "so it is without ReLU: the error is half of $y$ then, always"),
            (both_on("-1"), "so it is with the two back to back"),
            (exact(mean**2), "that is the square of the mean error; squares come first"),
            (sympy.Integer(0), "with both on ReLU does not bring everything back"),
        ),
        f"Where {formula(sympy.Ge(x, taken))} nothing is cut: what comes out is off by what the "
        f"other takes, {formula(taken)}, whose square is {formula(taken**2)}. Elsewhere zero comes "
        "out, which is off by all of $x$. So the error is the smaller of the two. Cut the square "
        "of all $(x, y)$ along that line, and integrate each part: "
        f"{formula(whole)} = {number(right)}. Piecewise polynomials: that is why every expected "
        "loss here is an exact number.",
    )


# -- patterns --------------------------------------------------------------------------------------


def weights() -> NumberPrediction:
    """The loss at one S, from what is lost with so many features on."""
    loss = handcalc.expected_loss(of_name("triangle"), _HALF)
    parts = loss.by_active or ()
    last = len(parts) - 1
    from_two, from_three = parts[2], parts[3]
    eighth = _HALF**last
    return NumberPrediction(
        "Put together what is lost over all patterns with $k$ features on, and call it $L_k$. The "
        f"triangle of unit arrows has $L_0$ to $L_3$ = {numbers(parts)}. What is its loss $L$ at "
        f"$S$ = {number(_HALF)}?",
        loss.value,
        "Each pattern with its probability.",
        (
            (exact(from_two + from_three), "so it would be if every pattern came up always"),
            (
                exact(eighth * (3 * from_two + from_three)),
                "$L_2$ is the sum over all three pairs already",
            ),
            (
                exact(_HALF**2 * from_two + eighth * from_three),
                "with two on the third has to be *off*, too",
            ),
        ),
        f"$L = \\sum_k S^{{n-k}} (1 - S)^k L_k$, here {number(exact(eighth))} for each pattern: "
        f"{number(loss.value)}. Leave $S$ a letter, and the loss is a polynomial in $S$, good for "
        "every sparsity at once.",
    )


# -- parts -----------------------------------------------------------------------------------------


def of_itself() -> NumberPrediction:
    """What a feature loses of itself because of a bias."""
    costs = handcalc.expected_loss(lifted_triangle(_BIAS), _HALF).costs[0]
    bare = handcalc.expected_loss(lifted_triangle(0), _HALF).costs[0]
    b = exact(_BIAS)
    return NumberPrediction(
        f"Lift all outputs of that triangle by a bias of {number(b)}. What does feature 1 then "
        f"lose *of itself*, with the others held at zero, at $S$ = {number(_HALF)}?",
        costs[0],
        "Off by the bias, on or off.",
        (
            (
                sympy.Integer(0),
                "its arrow has length one, but the bias is there even when nobody takes anything",
            ),
            (exact(b**2 / 2), "it is off by the bias when it is on, too"),
            (b, "that is the error; it has to be squared"),
        ),
        f"It comes out as $x + b$, so it is off by {number(b)} in every case, and loses "
        f"{number(costs[0])}. In return what each other one costs it falls from {number(bare[1])} "
        f"to {number(costs[1])}: below zero that other one even helps, as it takes back what the "
        "bias gave too much.",
    )


# -- along S ---------------------------------------------------------------------------------------


def race() -> NumberPrediction:
    """The S from which on the pair loses less than dropping with the best bias."""
    pair = handcalc.expected_loss(of_name("relu")).value
    gap = sympy.Poly(sympy.expand(pair - dropped_polynomial()), S)
    in_p = sympy.expand(pair.subs(S, 1 - p))
    third = sympy.Rational(1, 3)
    (where,) = [root for root in gap.real_roots() if sign(root) > 0 and sign(root - 1) < 0]
    return NumberPrediction(
        "The race of the last lecture, in earnest. Feature 3 is dropped, but answered by its mean, "
        f"and loses {formula(variance(p), rising=True)}; the pair, with ReLU and no bias, loses "
        f"{formula(in_p)}; $p = 1 - S$. From which $S$ on is the pair the better one?",
        exact(where),
        "Divide by $p$, and one line is left.",
        (
            (exact(1 - where), "that is $p$; the question is for $S$"),
            (sympy.Integer(0), "so it is against a feature that is answered by zero"),
            (_HALF, "near, but at one half the pair is ahead already"),
        ),
        f"They are equal where {number(third)} = {number(exact(third / (1 - where)))} $p$, at $S$ "
        f"= {number(exact(where))}. In denser inputs it is better to drop a feature than to share "
        "without a bias. And who shares with the best lengths and biases? That is the last "
        "section.",
    )


def half_with_relu() -> ChoicePrediction:
    """What the bias of a half does to the pair with ReLU at one half."""
    plain, lifted = (
        handcalc.expected_loss(of_name(name, "relu"), _HALF).value
        for name in ("antipodal", "bias-corrected")
    )
    times = UNICODE.number(exact(lifted / plain))
    right = "it makes it much worse"
    if sign(lifted - 2 * plain) <= 0:
        raise ValueError("It is much worse.")
    return ChoicePrediction(
        "The bias of a half gave back what the pair took, in the linear model. Now there is ReLU, "
        f"and $S$ = {number(_HALF)}. What does that bias do to the loss of the pair?",
        {
            "it makes it better": (
                "mostly nothing was taken, as ReLU cut it; and the half is added all the same"
            ),
            "nothing: ReLU cuts it": (
                "ReLU cuts what is negative; a half on top of nothing is a half"
            ),
            right: "Most outputs should be zero, and say a half.",
            "it makes it a little worse": f"it is {times} times as large",
        },
        right,
        f"From {number(plain)} to {number(lifted)}. ReLU has taken over what the bias was for. A "
        "*little* bias does help, though: how little, says the slope.",
    )


# -- down ------------------------------------------------------------------------------------------


def which_way() -> ChoicePrediction:
    """Which way the loss of the pair goes when its biases rise a little."""
    slope = handcalc.loss_gradient(of_name("relu"), _HALF).b[1].right
    right = "it falls"
    if sign(slope) >= 0:
        raise ValueError("It falls.")
    return ChoicePrediction(
        f"The antipodal pair with ReLU and $b = 0$, $S$ = {number(_HALF)}. Raise the bias of "
        "feature 2 by a hair. What does the loss do?",
        {
            "it rises": (
                "where both are off it does, but by the square of a hair; where both are on it "
                "falls by more"
            ),
            "it stays: this is the minimum": "then the slope would be zero",
            right: "Where both are on, output 2 is too small.",
            "that depends on S": "its size does, and its sign does not: both have to be on",
        },
        right,
        f"The slope is {number(slope)}. Only inputs with both on tell, for elsewhere the errors "
        "are zero, and a hair of error costs the square of a hair. With both on the output is "
        "always too small. So *some* bias above zero is better, for every $S$ below one: the named "
        "embeddings are landmarks, and no minima.",
    )


# -- the best --------------------------------------------------------------------------------------


def best_pair() -> ChoicePrediction:
    """How the best pair differs from the named one."""
    values = three_in_two(_HALF).shapes[0].values
    right = "a bit shorter, with a small positive bias"
    if not (sign(values.length - 1) < 0 < sign(values.bias)):
        raise ValueError("It is shorter and lifted.")
    named = handcalc.expected_loss(of_name("relu"), _HALF).value
    return ChoicePrediction(
        f"Let lengths and biases of the pair go where they like, at $S$ = {number(_HALF)}. How "
        "does the best pair look?",
        {
            "as before: length one, no bias": "the slope in the bias was not zero",
            "a bit longer, with a small positive bias": (
                "so it is where features are rarer; here the bias lifts everything, and shorter "
                "arrows make up for it"
            ),
            right: "The bias lifts, and the length gives way.",
            "a bit longer, with a negative bias": "a negative bias would cut what ReLU has left",
        },
        right,
        f"Length {number(values.length)}, bias {number(values.bias)}, and it loses "
        f"{number(values.total)} instead of {number(named)}. Within this shape that is **proved**: "
        "the best bias is a root of a polynomial, all its roots are found, and their losses are "
        "told apart.",
    )


def what_is_proved() -> ChoicePrediction:
    """What a search from many starts proves."""
    loss = three_in_two(_HALF).best.values.total
    text = f"about {rounded(loss, _DIGITS)}"
    above = Context(prec=_DIGITS, rounding=ROUND_CEILING).plus(rounded(loss, 2 * _DIGITS))
    right = f"the best embedding loses at most {above}"
    return ChoicePrediction(
        "A search has descended from many random starts, with all lengths, angles and biases free, "
        f"and found nothing below $L$ = {number(loss)}, at $S$ = {number(_HALF)}. What is thereby "
        "*proved*?",
        {
            f"the best embedding loses {text}": (
                "perhaps; but a start that nobody tried may end lower"
            ),
            f"no embedding loses less than {text}": (
                "that is what a search cannot show: it looks at some"
            ),
            right: "One embedding that does it is proof enough.",
            "nothing at all": "an embedding is in hand, and its loss is exact",
        },
        right,
        "Three words, and they are not the same. **Bounded**: any embedding bounds the best from "
        "above, by its own exact loss. **Best known**: many descents agree, and nobody has found "
        "less. **Proved**: shown for all; here for each of the two shapes, and not yet for all "
        "embeddings there are.",
    )


QUESTIONS = {
    "square": square,
    "bent integral": bent_integral,
    "weights": weights,
    "of itself": of_itself,
    "half with relu": half_with_relu,
    "race": race,
    "which way": which_way,
    "best pair": best_pair,
    "proved": what_is_proved,
}

EXERCISES = ("best-bias-sparse", "best-at-nine-tenths")

SUMMARY = r"""
## Summary

- The expected loss is a sum over features of a mean over inputs: over which features are on, and
  over the values of those that are.
- Within a pattern ReLU cuts the cube of values along planes, and what is left are integrals of
  polynomials: $L$ is an exact number, and a polynomial in $S$.
- What a feature loses has parts: of itself, and from each other. A bias costs of itself, always,
  and pays where others take.
- The named embeddings are landmarks, and no minima: slopes say which way is down.
- Bounded, best known, proved: an embedding in hand bounds the best; a search tells the best known;
  a proof holds for all.
"""

PLAN = (
    ("What is drawn", 10, "The square of the mean is taken for the mean of the square."),
    ("One integral by hand", 15, "Where the bend lies is skipped: draw the square, and its line."),
    ("All patterns", 10, "Probabilities of what is *off* are forgotten."),
    ("Of itself, and from each other", 10, "A bias is thought to be free where nothing was taken."),
    ("Named embeddings along S", 10, "One picture is taken for all S: read three sparsities off."),
    ("Which way is down", 15, "A named embedding is taken for a minimum: drag, and see."),
    ("The best there is", 10, "Best known is heard as best: who looked, and where?"),
    ("Exercises", 10, "The first here; the second at home, and the figure above may be used."),
)
