"""What the lecture on interference asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact, read_vector, sign
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import matrix, number, numbers, vector
from handcalc.lectures.workings.comparing import cheapest, of_name
from handcalc.lectures.workings.interference import NAMES, errors_of, leaning, weighted_error
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.model.embeddings import findings
from handcalc.views.notation import UNICODE

# other numbers than those of the course's exercises, which are not to be given away
X, IMPORTANCE = "3/5 1/5 4/5", "10 1 1"
LATE, TURNED_TO = "0 0 4/5", 120
VALUES = "0 0 0 4/5"


# -- all three -------------------------------------------------------------------------------------


def who_hears() -> ChoicePrediction:
    """Who hears of a feature that leans on both others."""
    work = handcalc.forward(of_name("interfering"), LATE)
    right = "features 1, 2 and 3"
    if not all(work.output):
        raise ValueError("All outputs hear of it.")
    return ChoicePrediction(
        f"Feature 3 gets half of each axis:\n\n{matrix(work.model.W, 'W')}\n\nNow feature 3 is on "
        "alone. For which features does something come out?",
        {
            "feature 3 alone": "it pushes along both axes, and there the others read",
            "features 1 and 2": "it reads itself, too: along its own arrow",
            right: "Whoever is not at a right angle hears.",
        },
        right,
        f"For the input {vector(work.x)} comes out {vector(work.output)}: feature 3 is back in "
        "part, and two features that are off pretend to be on. Features 1 and 2 hear nothing of "
        "each other.",
    )


def obtuse() -> NumberPrediction:
    """What is heard of an arrow at an obtuse angle."""
    model = leaning(TURNED_TO)
    work = handcalc.forward(model, LATE)
    heard, on = work.output[0], work.x[2]
    return NumberPrediction(
        f"Turn arrow 3, of length {number(1)}, until it stands at {number(TURNED_TO)} degrees to "
        f"arrow 1. Feature 3 is on at {number(on)}, the others are off. What comes out for feature "
        "1?",
        heard,
        "More than a right angle takes away.",
        (
            (-heard, "that is the size of it; the cosine of an obtuse angle is negative"),
            (sympy.Integer(0), "so it is at a right angle; beyond it the overlap is negative"),
            (-on, "so it would be if the two stood back to back"),
        ),
        f"The overlap is {number(handcalc.geometry(model).gram[0][2])}, and times {number(on)} it "
        f"is {number(heard)}. Acute angles add, right angles do nothing, obtuse angles take: "
        "nothing else decides the sign of interference.",
    )


# -- importance ------------------------------------------------------------------------------------


def back_to_back() -> NumberPrediction:
    """What comes out for one of an antipodal pair."""
    work = handcalc.forward(of_name("antipodal"), X)
    _, x2, x3 = work.x
    return NumberPrediction(
        "Feature 1 matters most, so nothing may reach it. One line is left at a right angle to it, "
        f"and features 2 and 3 share it back to back:\n\n{matrix(work.model.W, 'W')}\n\nThe input "
        f"is {vector(work.x)}. What comes out for feature 2?",
        work.output[1],
        "What it brings, less what its opposite brings.",
        (
            (x2, "so much went in; feature 3 pushes the other way"),
            (-work.output[1], "the sign is that of feature 3's output"),
            (x2 + x3, "so it would be if both pointed the same way"),
            (sympy.Integer(0), "nothing is cut off here: this model is linear"),
        ),
        f"$h$ is {vector(work.h)}, and the output {vector(work.output)}. Feature 1 is exact, for "
        "every input. Of the other two only the difference is left.",
    )


def least_weighted() -> ChoicePrediction:
    """Which of three embeddings loses least for one input, where feature 1 counts most."""
    losses = errors_of(X, IMPORTANCE)
    right = cheapest(losses)
    why = {
        "orthogonal": "Feature 1 is exact, and of the others only one is wrong.",
        "interfering": "there feature 1 hears of feature 3, and its errors count most",
        "antipodal": "feature 1 is exact there; but the other two take from each other",
    }
    x = read_vector(X, "the input")
    more = exact(losses["antipodal"] - losses["orthogonal"])
    return ChoicePrediction(
        "An error of feature 1 counts ten times: **importance**. What an embedding loses for one "
        "input are its squared errors, each times the importance of its feature: here "
        f"{vector(importances(IMPORTANCE, len(x)))}, for the input {vector(x)}. Which embedding "
        "loses least?",
        {name: why[name] for name in NAMES},
        right,
        f"They lose {numbers(losses.values())}. Keeping feature 1 safe is right, but the pair "
        f"loses {number(more)} *more* than leaving feature 3 out: $x_2^2 I_3 + x_3^2 (I_2 - I_3)$ "
        "more, so never less where features 2 and 3 matter alike. Why should anybody ever share? "
        "Two things are still missing: a bias, and something that cuts.",
    )


# -- the bias --------------------------------------------------------------------------------------


def by_heart() -> ChoicePrediction:
    """For which inputs a bias that knows one input is right."""
    given = read_vector(X, "the input")
    known = given[2]
    model = handcalc.ToyModel(of_name("orthogonal").W, [0, 0, known], "linear")
    text = UNICODE.number(known)
    right = f"all with feature 3 at {text}, whatever the others are"
    claims = [claim.sentence for claim in findings(model).gained]
    if not any("whatever the others are" in sentence for sentence in claims):
        raise ValueError("The bias is right on a face.")
    return ChoicePrediction(
        f"The orthogonal embedding drops feature 3. Somebody knows that the input will be "
        f"{vector(given)}, and writes {number(known)} into the third bias: a perfect "
        "reconstruction! For which other inputs is it perfect?",
        {
            "for none": "features 1 and 2 come back whatever they are; only the third is fixed",
            right: "It has learnt one number by heart.",
            f"all with feature 3 up to {text}": "the third output never changes: it is one number",
            "for all": "feature 3 has no arrow, so its output knows nothing of it",
        },
        right,
        f"The third output is {number(known)}, always. One example, reconstructed perfectly, says "
        "nothing about a model: with a bias, any $W$ can do it. That is overfitting at its "
        "smallest.",
    )


def given_back() -> NumberPrediction:
    """What comes out for one of the pair with a bias of a half."""
    plain, work = (handcalc.forward(of_name(name), X) for name in ("antipodal", "bias-corrected"))
    x2, b = work.x[1], work.model.b[1]
    return NumberPrediction(
        "Back to the pair. Each takes from the other, and nobody knows how much: half, if the "
        f"other is anything from {number(0)} to {number(1)}, on average. So the bias gives a half "
        f"back, $b$ = {vector(work.model.b)}. The input is still {vector(work.x)}. What comes out "
        "for feature 2?",
        work.output[1],
        "What was read, and the half.",
        (
            (plain.output[1], "that is without the bias"),
            (b, "that is the bias alone; the pair is still read"),
            (x2 + b, "feature 3 takes its part before the bias is added"),
        ),
        f"{number(plain.output[1])} before, {number(work.output[1])} now; it went in as "
        f"{number(x2)}. What the input loses in all falls from {number(weighted_error(plain))} "
        f"to {number(weighted_error(work))}.",
    )


def where_it_helps() -> ChoicePrediction:
    """For which inputs the half brings feature 2 closer."""
    model = of_name("bias-corrected")
    half = model.b[1]
    edge = UNICODE.number(exact(half / 2))
    right = f"wherever feature 3 is above {edge}"
    for x3 in (half / 2 - sympy.Rational(1, 100), half / 2 + sympy.Rational(1, 100)):
        with_b, without = (
            abs(handcalc.forward(of_name(name), [0, 1, x3]).difference[1])
            for name in ("bias-corrected", "antipodal")
        )
        if (sign(without - with_b) > 0) != (x3 > half / 2):
            raise ValueError("It helps above the edge.")
    return ChoicePrediction(
        "For which inputs does that half bring feature 2 *closer* to what it was?",
        {
            "for all": "where feature 3 is off nothing was taken, and a half is added all the same",
            f"wherever feature 3 is above {UNICODE.number(half)}": (
                "a little below that it helps, too: too much back may be nearer than nothing back"
            ),
            right: "Where what is taken is nearer to a half than to nothing.",
            "wherever feature 3 is above feature 2": "what feature 2 is plays no part in its error",
        },
        right,
        "Without the bias feature 2 is off by $-x_3$, with it by $b_2 - x_3$. The second is "
        f"smaller where $x_3$ is above {edge}, half of the bias. So a bias is a bet on the other "
        "feature: it pays if that one is on, and costs if it is off.",
    )


def best_of_four() -> NumberPrediction:
    """The one number that is best for four values."""
    values = read_vector(VALUES, "the values")
    mean = exact(sum(values, sympy.Integer(0)) / len(values))
    return NumberPrediction(
        f"Which bet is the best? In {number(len(values))} inputs the other feature was "
        f"{numbers(values)}. Which $b$ makes the sum of the squared errors $(x - b)^2$ as small as "
        "it can be?",
        mean,
        "The mean, as always with squares.",
        (
            (max(values) / 2, "that is the middle between the extremes; but zero comes more often"),
            (sympy.Integer(0), "that is right most often, and wrong by much once"),
            (max(values), "that is right once, and far off otherwise"),
        ),
        f"The mean is {number(mean)}. In the sum $\\sum (x - b)^2$ the slope in $b$ is zero where "
        "the errors add up to nothing. The rarer the other feature, the smaller the best bias; of "
        "one that takes all values evenly it is a half, and that is where the half above came "
        "from.",
    )


QUESTIONS = {
    "who hears": who_hears,
    "obtuse": obtuse,
    "back to back": back_to_back,
    "least weighted": least_weighted,
    "by heart": by_heart,
    "given back": given_back,
    "where it helps": where_it_helps,
    "best of four": best_of_four,
}

EXERCISES = ("feature-one-perfect", "the-same-model-turned")

SUMMARY = r"""
## Summary

- More features than dimensions: somebody is dropped, or somebody is heard by others. What is heard
  is the overlap of the arrows times how far the other is on.
- Acute angles add, obtuse ones take, right ones do nothing. The important feature gets the right
  angles; the others share what is left, back to back.
- Without ReLU the antipodal pair never loses less than dropping, if both of it matter alike.
- A bias can learn one input by heart, which proves nothing; or it is a bet on what the others take,
  and the best bet is the mean of that.
- What is still missing is something that tells "off" from "taken away": ReLU, the next lecture.
"""

PLAN = (
    ("Let the third one in", 10, "Interference is taken for noise: it is as exact as all else."),
    (
        "Acute adds, obtuse takes",
        10,
        "That two at a right angle hear nothing is doubted: let them turn it.",
    ),
    (
        "Who matters most",
        15,
        "Safe is taken to mean cheap: what does the pair lose, for any input?",
    ),
    ("A bias learns by heart", 5, "One perfect example convinces: ask for a second input."),
    ("A bias gives back", 10, "A half is learnt as the answer: it is a mean, and means change."),
    ("Exercises", 10, "The second one asks for the bias, too: what does a turn do to it?"),
)
