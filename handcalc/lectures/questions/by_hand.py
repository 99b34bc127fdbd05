"""What the lecture on one embedding by hand asks before it shows, worked out by the engine."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import matrix, number, numbers, plainly, vector

# other numbers than those of the course's exercises, which are not to be given away
_W, _X = "1 0; 0 1; 1 1", "1/5 2/5 1/5"
_TWO_ARROWS = "2 0; 1/2 sqrt(3)/2"
_SHORT = "1/2 0"
_KEPT, _INPUT = "1 0; 0 1; 0 0", "1/5 2/5 4/5"


def linear(rows: object) -> handcalc.ToyModel:
    """The model of these arrows, without a bias and without ReLU."""
    return handcalc.ToyModel(rows, activation="linear")


def turned(work: handcalc.Forward, degrees: int) -> handcalc.Forward:
    """The same input through the same model, with all arrows turned to the left."""
    if work.model.m != 2:
        raise handcalc.InputError("wrong_shape", "Arrows of two numbers can be turned here.")
    angle = sympy.pi * sympy.Rational(degrees, 180)
    cosine, sine = sympy.cos(angle), sympy.sin(angle)
    rows = [[cosine * u - sine * v, sine * u + cosine * v] for u, v in work.model.W]
    return handcalc.forward(linear(rows), work.x)


# -- through two numbers and back ------------------------------------------------------------------


def pushed() -> ChoicePrediction:
    """Where three features push together."""
    work = handcalc.forward(linear(_W), _X)
    x, total = work.x, sum(work.x, sympy.Integer(0))
    right = plainly(work.h)
    without = handcalc.forward(linear(_W), [*x[:2], 0])
    return ChoicePrediction(
        f"Three arrows, one a feature:\n\n{matrix(work.model.W, 'W')}\n\nThe input is "
        f"{vector(x)}. Every feature pushes along its arrow, as far as it is on. Where does $h$ "
        "end up?",
        {
            plainly(x): "that is the input itself, three numbers; the plane has room for two",
            plainly(without.h): "feature 3 was left out: it pushes along both axes",
            right: "Column by column, all three of them.",
            plainly([total, total]): "everybody was added up; each pushes along its own arrow only",
        },
        right,
        f"Along the first axis push features 1 and 3, along the second features 2 and 3: $h$ = "
        f"{vector(work.h)}. This is $h = W^{{\\top}}x$, and it is all that is left of the input.",
    )


def read_back() -> NumberPrediction:
    """What comes out for the feature whose arrow leans on both others."""
    work = handcalc.forward(linear(_W), _X)
    parts = work.parts[2]
    others = sum((amount for _, amount in parts.interference), sympy.Integer(0))
    return NumberPrediction(
        f"Now back. Each feature reads how far $h$ = {vector(work.h)} lies along its own arrow: "
        f"number by number times the arrow, and added up. Feature 3 went in as "
        f"{number(work.x[2])}. What comes out?",
        work.output[2],
        "It reads what all three have pushed there.",
        (
            (work.x[2], "so much went in; but the reader does not know who pushed"),
            (parts.kept, "so much is its own; features 1 and 2 push along its arrow, too"),
            (others, "so much is the others'; its own push is read as well"),
        ),
        f"Of {number(work.output[2])} it brought {number(parts.kept)} itself, and the others put "
        f"{numbers([amount for _, amount in parts.interference])} on top: **interference**. "
        "Nothing in $h$ says whose push was whose.",
    )


def kept_of_a_short_arrow() -> NumberPrediction:
    """What comes back along an arrow of half the length."""
    work = handcalc.forward(linear(_SHORT), "1")
    length = handcalc.geometry(work.model).norms[0]
    return NumberPrediction(
        f"One feature alone, with an arrow of length {number(length)}. It goes in as "
        f"{number(work.x[0])}. What comes back?",
        work.output[0],
        "Once on the way in, once on the way out.",
        (
            (length, "so far $h$ is pushed; reading it along the short arrow shortens it again"),
            (work.x[0], "so it would be with an arrow of length one"),
            (1 / length, "shorter arrows bring back less, not more"),
        ),
        f"It is pushed to {number(work.h[0])}, and read along an arrow of {number(length)}: "
        f"{number(work.output[0])}. A feature keeps the *square* of its arrow's length, so an "
        "arrow that is to bring back all of it has length one.",
    )


# -- lengths and angles ----------------------------------------------------------------------------


def overlap() -> NumberPrediction:
    """The overlap of two arrows of given lengths at a given angle."""
    found = handcalc.geometry(linear(_TWO_ARROWS))
    lengths = found.norms[0] * found.norms[1]
    cosine = found.gram[0][1] / lengths
    degrees = sympy.acos(cosine) * 180 / sympy.pi
    return NumberPrediction(
        f"Two arrows, {number(found.norms[0])} and {number(found.norms[1])} long, at "
        f"{number(degrees)} degrees. Feature 2 is on at {number(1)}, feature 1 is off. What comes "
        "out for feature 1?",
        found.gram[0][1],
        "Length times length times the cosine.",
        (
            (sympy.Integer(0), "it is off, and yet it reads what feature 2 pushes along its arrow"),
            (cosine, "that is the cosine, as if both were of length one"),
            (lengths, "so it would be if both pointed the same way"),
            (
                lengths * sympy.sqrt(1 - cosine**2),
                "that is the sine's; what lies *along* is wanted",
            ),
        ),
        f"The overlap of two arrows is {number(found.norms[0])} · {number(found.norms[1])} · "
        f"{number(cosine)} = {number(found.gram[0][1])}. All overlaps together are the **Gram "
        "matrix** $G = WW^{\\top}$, and the whole model is $\\hat{x} = Gx$.",
    )


def after_turning() -> ChoicePrediction:
    """What changes when all arrows turn together."""
    before = handcalc.forward(linear(_W), _X)
    after = turned(before, 90)
    right = "the point h, and no output"
    if before.h == after.h or not handcalc.same_model(before.model, after.model):
        raise ValueError("Turning changes h alone.")
    return ChoicePrediction(
        "All three arrows are turned by a right angle, together. What changes?",
        {
            "nothing at all": f"the point moves: it was {vector(before.h)}",
            right: "Outputs know lengths and angles between arrows, and no direction.",
            "the outputs of those that left the axes": (
                "axes mean nothing to the model; it reads along arrows, and they turned as well"
            ),
            "the point h and all outputs": (
                "each feature reads along its own arrow, which turned with the point"
            ),
        },
        right,
        f"$h$ is now {vector(after.h)}, and the outputs are {vector(after.output)} as before. "
        "The table $G$ is the same, and outputs know nothing else. So what a trained model writes "
        "into $W$ is one of infinitely many ways to write the same model down.",
    )


# -- keep two, drop one ----------------------------------------------------------------------------


def dropped() -> NumberPrediction:
    """What comes out of a feature without an arrow."""
    work = handcalc.forward(linear(_KEPT), _INPUT)
    x, kept = work.x, work.output[:2]
    return NumberPrediction(
        f"Features 1 and 2 get an axis each, and feature 3 no arrow. The input is {vector(x)}. "
        "What comes out for feature 3?",
        work.output[2],
        "Whatever went in.",
        (
            (x[2], "it has no arrow: nothing of it reaches $h$, and it reads nothing"),
            (sum(kept) / 2, "that is the mean of the others, and it does not read them either"),
            (sum(kept, sympy.Integer(0)), "without an arrow it reads nothing of the others"),
        ),
        f"The outputs are {vector(work.output)}: two exact, for every input, and one lost. In "
        "a plane there is no third arrow at a right angle to both. This is the *orthogonal* "
        "embedding; can one do better?",
    )


def exact_inputs() -> ChoicePrediction:
    """How many inputs a linear model of three features in the plane brings back."""
    rank = int(sympy.Matrix(handcalc.geometry(linear(_KEPT)).gram).rank())
    right = "no: at best those of a plane, as here"
    if rank != 2:
        raise ValueError("The plane has two dimensions.")
    return ChoicePrediction(
        "No bias, nothing bent: $\\hat{x} = WW^{\\top}x$, three features, two dimensions. Is there "
        "a $W$ that brings *every* input back?",
        {
            "yes, with the three arrows spread out evenly": (
                "then every feature hears of every other: the angles are not right ones"
            ),
            "yes, but it takes irrational numbers": "no numbers help: two different inputs share "
            "$h$",
            right: "What is bent flat has lost a direction.",
            "no: at best a single one": (
                "the orthogonal embedding does better: it has all inputs with feature 3 off"
            ),
        },
        right,
        "Three dimensions go through two: some two inputs meet in the same $h$, and from there on "
        f"they are one. $G$ has rank {number(rank)} at most, and $\\hat{{x}} = x$ holds on a plane "
        "at most. To get more, something must be added ($b$, the next lecture) or bent (ReLU, the "
        "one after it); or one must care for *some* inputs more than for others.",
    )


QUESTIONS = {
    "pushed": pushed,
    "read back": read_back,
    "short arrow": kept_of_a_short_arrow,
    "overlap": overlap,
    "turned": after_turning,
    "dropped": dropped,
    "exact inputs": exact_inputs,
}

EXERCISES = ("interference-on-three", "perfect-reconstruction")

SUMMARY = r"""
## Summary

- An embedding gives each feature an arrow: row $i$ of $W$. An input pushes along all arrows at
  once, $h = W^{\top}x$; each feature reads what lies along its own, $z = Wh$.
- A feature keeps the square of its arrow's length. What it hears of another is length times length
  times the cosine of the angle between them: nothing at a right angle.
- All of this stands in one table, $G = WW^{\top}$; the axes play no part. Models that differ by a
  turn are the same model.
- A plane holds two features exactly. A third is lost, or it is heard by the others: that is
  interference, and the next lecture.
"""

PLAN = (
    (
        "Three numbers through two",
        10,
        "Rows and columns of W are exchanged: draw the arrows first.",
    ),
    ("Read along the same arrow", 10, "What went in is taken to come out: who else pushes there?"),
    (
        "What is kept, and what is shared",
        10,
        "The length counts once only, or the angle not at all.",
    ),
    ("Only lengths and angles", 5, "Axes are taken to mean something: turn the board by hand."),
    ("Keep two, drop one", 10, "Somebody hopes for a cleverer W: two inputs that share h end it."),
    ("Exercises", 15, "The last one is a cliffhanger: what does the bias learn there?"),
)
