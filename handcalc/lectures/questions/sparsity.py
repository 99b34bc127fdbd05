"""What the lecture on sparsity asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import number, numbers, vector
from handcalc.lectures.workings.comparing import of_name
from handcalc.lectures.workings.geometry import SHAPES
from handcalc.lectures.workings.interference import weighted_error
from handcalc.lectures.workings.sparsity import (
    CANDIDATES,
    brings_back_single,
    candidate_losses,
)
from handcalc.views.notation import UNICODE

# other numbers than those of the course's exercises, which are not to be given away
ONE_OFF, BOTH_ON = "2/5 0 3/5", "2/5 4/5 1/5"
_SPARSITY = "4/5"
_DROPPED, _LINEAR, _PAIR, _ = CANDIDATES


# -- one bend --------------------------------------------------------------------------------------


def bent() -> NumberPrediction:
    """What ReLU makes of the output of a feature that is off."""
    straight, work = (handcalc.forward(of_name(name), ONE_OFF) for name in ("antipodal", "relu"))
    z = work.z[1]
    return NumberPrediction(
        "The pair again, features 2 and 3 back to back, and no bias. But now what is negative "
        f"becomes zero: $\\hat{{x}} = \\operatorname{{ReLU}}(WW^{{\\top}}x)$. The input is "
        f"{vector(work.x)}. What comes out for feature 2?",
        work.output[1],
        "It is off, and it comes out as off.",
        (
            (z, "that is $z_2$; ReLU makes zero of it"),
            (-z, "ReLU does not take the sign away; it takes away all that is negative"),
        ),
        f"Without ReLU {vector(straight.output)} comes out, with it {vector(work.output)}: the "
        "whole input is back. What the last lecture missed is here: something that tells “taken "
        "away” from “there”. A feature is never negative, so what is negative is interference.",
    )


def no_help() -> ChoicePrediction:
    """For which inputs ReLU helps the interfering embedding."""
    straight, cut = (of_name("interfering", name) for name in ("linear", "relu"))
    right = "for none at all"
    if handcalc.forward(straight).output != handcalc.forward(cut).output:
        raise ValueError("Nothing is cut.")
    return ChoicePrediction(
        "The interfering embedding has its third arrow half along each axis. For which inputs does "
        "ReLU make *its* output better?",
        {
            "where only feature 3 is on": "then all three outputs are positive, and nothing is cut",
            "where only features 1 and 2 are on": "feature 3 hears them, and more than it should",
            "wherever features overlap": "only what is negative is cut; here all overlaps add",
            right: "Nothing is ever negative there.",
        },
        right,
        "Its overlaps are "
        f"{numbers(dict.fromkeys(cell for row in handcalc.geometry(cut).gram for cell in row))}: "
        "no output is ever negative, so ReLU has nothing to do. Whoever wants to gain by ReLU has "
        "to arrange for interference to be *negative*.",
    )


# -- one at a time, two at a time ------------------------------------------------------------------


def one_at_a_time() -> ChoicePrediction:
    """Which embeddings bring all inputs with one active feature back."""
    names = ("interfering", "relu", "triangle")
    able = [name for name in names if brings_back_single(of_name(name, "relu"))]
    right = "the pair and the triangle"
    if able != ["relu", "triangle"]:
        raise ValueError("Two of the three are able.")
    overlap = handcalc.geometry(of_name("triangle")).gram[0][1]
    return ChoicePrediction(
        "Three embeddings with ReLU and no bias: interfering; the antipodal pair beside a feature "
        "of its own; and the **triangle**, three arrows of length one at equal angles. Which of "
        "them bring back *every* input in which a single feature is on?",
        {
            "the pair alone": f"in the triangle all overlaps are {UNICODE.number(overlap)}: they "
            "are cut, too",
            "the triangle alone": "in the pair the overlaps are zero, or negative and cut",
            right: "Length one, and nobody overlaps positively.",
            "all three": "in the interfering one feature 3 is heard by both others, as positive",
        },
        right,
        "With one feature on, an output is its overlap with that feature times how far it is on. "
        "So all is well if and only if every arrow has length one and no two overlap positively. "
        "Three features in two dimensions, and no loss at all: as long as they come *one at a "
        "time*.",
    )


def two_at_a_time() -> NumberPrediction:
    """What the pair loses when both are on."""
    work = handcalc.forward(of_name("relu"), BOTH_ON)
    one, two, three = work.difference
    straight = handcalc.forward(of_name("antipodal"), BOTH_ON)
    loss = weighted_error(work)
    return NumberPrediction(
        f"And if they come together? The pair with ReLU, the input {vector(work.x)}. What does it "
        "lose: the sum of the squared errors of all three outputs?",
        loss,
        "Both are off by the same.",
        (
            (exact(two**2), "so much each of the pair loses, and there are two of them"),
            (weighted_error(straight), "so it would be without ReLU"),
            (
                sympy.Integer(0),
                "with both on, each takes from the other, and ReLU gives nothing back",
            ),
            (exact(abs(two) + abs(three) + one), "the errors were not squared"),
        ),
        f"Out comes {vector(work.output)}, off by {vector(work.difference)}: {number(loss)}. The "
        f"linear model loses {number(weighted_error(straight))}. Interference was free with one "
        "on; with two on it is paid for.",
    )


# -- sparsity --------------------------------------------------------------------------------------


def both_on() -> NumberPrediction:
    """How often two given features are on together."""
    S = exact(_SPARSITY)
    p = 1 - S
    return NumberPrediction(
        f"**Sparsity** $S$ is the probability that a feature is off; here $S$ = {number(S)}, for "
        "each feature, whatever the others do. How often are features 2 and 3 on together?",
        exact(p**2),
        "On, times on.",
        (
            (p, "so often one of them is on, whatever the other does"),
            (exact(2 * p), "chances that both happen are multiplied, not added"),
            (exact(S**2), "so often both are *off*"),
            (exact(2 * p * S), "so often just one of the two is on"),
        ),
        f"Each is on with $p = 1 - S$ = {number(p)}, both with $p^2$ = {number(exact(p**2))}; just "
        f"one of the two with {number(exact(2 * p * S))}, neither with {number(exact(S**2))}.",
    )


def linear_ratio() -> NumberPrediction:
    """How many times as much the linear pair loses as dropping does."""
    losses = candidate_losses(_SPARSITY)
    ratio = exact(losses[_LINEAR] / losses[_DROPPED])
    with_relu = exact(losses[_PAIR] / losses[_DROPPED])
    return NumberPrediction(
        "Over all inputs, at the same sparsity, what is lost on average is the expected loss $L$. "
        "*Without* ReLU, how many times as much does the antipodal pair lose as the orthogonal "
        "embedding, which drops feature 3 and gives zero for it?",
        ratio,
        "Two features are spoilt where one was dropped.",
        (
            (sympy.Integer(1), "dropping spoils one feature; sharing without ReLU spoils two"),
            (with_relu, "that is with ReLU"),
            (exact(1 / ratio), "the other way round: sharing loses more"),
        ),
        f"{number(ratio)} times, and so it is at *every* sparsity: one is wrong by the "
        "other wherever that is on, as a dropped feature is by itself. With ReLU it is "
        f"{number(with_relu)} times, which is $p$: now they have to be on *together*. One bend, "
        "and sharing turns from the worst choice into the best.",
    )


def always_cheaper() -> ChoicePrediction:
    """For which sparsities the pair with ReLU loses less than dropping."""
    S = sympy.Symbol("S")
    dropped, pair = (handcalc.expected_loss(CANDIDATES[name]).value for name in (_DROPPED, _PAIR))
    edges = sympy.roots(sympy.Poly(dropped - pair, S))
    right = "for all of them, save where features are always on, or never"
    if {*edges} != {0, 1}:
        raise ValueError("They are equal at the ends.")
    dense = candidate_losses("1/10")
    return ChoicePrediction(
        "With ReLU and no biases: for which sparsities does the pair lose less than dropping "
        "feature 3?",
        {
            "where features are off more than half of the time": (
                "the balance tips earlier: at each sparsity dropping is paid with $p$, sharing "
                "with $p^2$"
            ),
            "only in the limit, where features hardly ever meet": (
                "there it gains most in proportion, but it gains before"
            ),
            right: "$p^2$ is less than $p$, whatever $p$ is.",
            "for none: two features are spoilt, and not one": (
                "but only where both are on, and then the larger of the two still gets through in "
                "part"
            ),
        },
        right,
        "Dropping costs whenever feature 3 is on, which happens with $p$; sharing whenever two are "
        f"on, with $p^2$. Even at $S$ = {number(exact('1/10'))} it is {number(dense[_PAIR])} "
        f"against {number(dense[_DROPPED])}. But mind the words “no biases”: a dropped feature may "
        "at least be answered by its mean, and that changes the race. The next lecture runs it.",
    )


# -- how many fit ----------------------------------------------------------------------------------


def most_in_the_plane() -> NumberPrediction:
    """How many features of the plane come back one at a time."""
    m = of_name("relu").m
    pentagon = SHAPES["a pentagon"]
    neighbours = handcalc.geometry(pentagon).gram[0][1]
    if brings_back_single(pentagon):
        raise ValueError("Five do not fit.")
    return NumberPrediction(
        "No bias, and ReLU. How many features can a plane hold so that every one of them, on "
        "alone, comes back exactly?",
        sympy.Integer(2 * m),
        "Twice as many as dimensions.",
        (
            (
                sympy.Integer(m),
                "so many have right angles to each other; but obtuse angles are free, too",
            ),
            (sympy.Integer(m + 1), "the triangle has so many, and there is room for one more"),
            (
                sympy.Integer(pentagon.n),
                f"then neighbours stand at an acute angle, and overlap by {number(neighbours)}",
            ),
        ),
        "No two arrows may stand at an acute angle, so in the plane there are at most four: twice "
        "the number of dimensions, and that holds in any dimension. For more, a *negative* bias "
        "can cut small positive overlaps as well, at a price for all; or one accepts a little "
        "harm. That is where pentagons come from.",
    )


QUESTIONS = {
    "bent": bent,
    "no help": no_help,
    "one at a time": one_at_a_time,
    "two at a time": two_at_a_time,
    "both on": both_on,
    "linear ratio": linear_ratio,
    "always cheaper": always_cheaper,
    "most": most_in_the_plane,
}

EXERCISES = ("predict-the-output", "one-feature-at-a-time", "beat-dropping")

SUMMARY = r"""
## Summary

- ReLU makes zero of what is negative. Features never are, so what it cuts is interference.
- It cuts negative interference only: arrows must stand at right angles or wider.
- With one feature on, interference is then free. With two on together it is paid for.
- Dropping a feature costs with probability $p = 1 - S$, sharing with $p^2$. The sparser the inputs,
  the better to share: that is what superposition is for. Without ReLU the pair never gains.
- A plane holds four features exactly, one at a time: twice its dimensions.
"""

PLAN = (
    ("One bend", 10, "ReLU is taken for the absolute value: ask what becomes of a negative z."),
    (
        "One at a time is free",
        10,
        "That ReLU helps everybody is believed: show the interfering one.",
    ),
    ("Two at a time cost", 10, "With ReLU all is taken to be well: work an input with both on."),
    ("How often are two on?", 10, "Chances are added: draw the square of both, side S and side p."),
    ("What sharing costs, and dropping", 15, "Two spoilt features look worse than one: how often?"),
    ("How many fit in", 5, "Somebody says as many as one likes: measure the angles of five."),
    ("Exercises", 10, "The last asks for no feature to pay much: who pays in the pair?"),
)
