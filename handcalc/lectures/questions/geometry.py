"""What the lecture on geometry asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

import sympy
from sympy.abc import p

import handcalc
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import formula, matrix, number, numbers
from handcalc.lectures.workings.geometry import (
    SHAPES,
    cosines,
    in_a_plane,
    positive_interference,
    product,
)
from handcalc.superposition.loss.distribution import S

# other numbers than those of the course's exercises, which are not to be given away
_SOME_HELD = "1 0 0; -1 0 0; 0 1 0; 0 -1 0; 0 0 1; 0 0 0; 0 0 0"
_TWO_LENGTHS = "2; -1"
_DIAGONAL = "1 0; 0 1; 1 1"
_SPARSE = sympy.Rational(17, 20)
_OFF = sympy.Rational(2, 3)


# -- dimensions and features -----------------------------------------------------------------------


def per_feature() -> NumberPrediction:
    """How many dimensions there are for each feature that is held."""
    model = handcalc.ToyModel(_SOME_HELD)
    held = sum((length**2 for length in handcalc.geometry(model).norms), sympy.Integer(0))
    return NumberPrediction(
        f"{number(model.n)} features in {number(model.m)} "
        f"dimensions:\n\n{matrix(model.W, 'W')}\n\nThe sum of "
        "all squared entries, $\\|W\\|_F^2$, counts the features that are held, as each arrow of "
        "length one adds one. How many dimensions has each of them, $m / \\|W\\|_F^2$?",
        exact(model.m / held),
        "Dimensions by features that are held.",
        (
            (exact(held / model.m), "upside down: so many features are held by each dimension"),
            (
                exact(sympy.Rational(model.m, model.n)),
                "the last two are not held: they add nothing",
            ),
            (held, "so many features are held"),
        ),
        f"{number(model.m)} dimensions by {number(held)} features. Elhage et al. draw this number "
        "for hundreds of features along the sparsity. It does not move evenly: at a few "
        "values it sticks. Something is preferred there, and an average cannot say what.",
    )


def uneven() -> NumberPrediction:
    """The dimensionality of the longer arrow of a pair."""
    found = handcalc.geometry(_TWO_LENGTHS)
    long, short = found.dimensionality
    lengths = found.norms
    return NumberPrediction(
        "So each feature gets a number of its own, its **dimensionality**, $D_i = \\|W_i\\|^2 / "
        "\\sum_j (\\hat W_i \\cdot W_j)^2$, where $\\hat W_i$ is the direction of arrow $i$ and "
        "the sum goes over all arrows, $i$ among them. Two arrows, back to back on one line, are "
        f"{number(lengths[0])} and {number(lengths[1])} long. What is $D$ of the longer one?",
        long,
        "Its square, by both squares.",
        (
            (
                exact(lengths[0] / sum(lengths, sympy.Integer(0))),
                "that is its part of the lengths; squares are counted",
            ),
            (short, "that is the shorter one's"),
            (exact(1), "so it would be alone on its line; here another arrow lies along it"),
        ),
        f"{number(lengths[0] ** 2)} by {number(lengths[0] ** 2)} plus {number(lengths[1] ** 2)}. "
        f"The shorter one has {number(short)}, and together they have {number(found.capacity)}: "
        "they share one dimension, not evenly, and use all of it. Some write the same number as "
        "$\\|W_i\\|^4 / \\sum_j (W_i \\cdot W_j)^2$, with no directions in it.",
    )


# -- shapes ----------------------------------------------------------------------------------------


def tetrahedron() -> NumberPrediction:
    """The dimensionality of a tetrahedron's corner."""
    model = SHAPES["a tetrahedron"]
    share = handcalc.geometry(model).dimensionality[0]
    overlap = handcalc.geometry(model).gram[0][1]
    return NumberPrediction(
        "Four arrows of length one to the corners of a regular tetrahedron: any two have the "
        f"cosine {number(overlap)}. What is $D$ of each?",
        share,
        "One, by one and three ninths.",
        (
            (
                exact(sympy.Rational(1, model.n)),
                "so much each had of *one* dimension; they span more",
            ),
            (
                exact(1 / (1 - 3 * overlap)),
                "overlaps are squared before they are added",
            ),
            (exact(1), "then no two would overlap"),
        ),
        f"The squares below the line add up to {number(exact(1 / share))}, so $D$ = "
        f"{number(share)}: {number(model.m)} dimensions, shared by {number(model.n)}. Wherever "
        "arrows are so even that no direction is preferred (a *tight frame*), the sum of the "
        "squares is the same for all, and where lengths are equal, as here, $D = m/n$.",
    )


def cube_or_antiprism() -> ChoicePrediction:
    """Two shapes with one dimensionality, told apart by the signs of overlaps."""
    cube, antiprism = SHAPES["a cube"], SHAPES["a square antiprism"]
    share, other = (handcalc.geometry(each).dimensionality[0] for each in (cube, antiprism))
    left, cut = positive_interference(cube), positive_interference(antiprism)
    if share != other or sign(left - cut) <= 0:
        raise ValueError("The antiprism shares as much as the cube, and less of it is positive.")
    right = "the square antiprism"
    return ChoicePrediction(
        "Eight features in three dimensions, to the corners of a cube, or to those of a cube whose "
        "lower face is turned by half of a right angle: a square antiprism. Both are tight frames, "
        f"$D$ = {number(share)} for every feature. One feature is on, and there is ReLU. Which "
        "shape puts less on the other outputs?",
        {
            "the cube": f"the squares of its positive overlaps add up to {number(left)}",
            right: "All squares are the same in sum, but more of them are negative.",
            "both the same": "$D$ squares the overlaps, and forgets their signs; ReLU does not",
        },
        right,
        f"A corner of the cube overlaps with the others by {cosines(cube)}; of the antiprism by "
        f"{cosines(antiprism)}. ReLU cuts off what is negative, and leaves squares that add up to "
        f"{number(left)} for the cube and {number(cut)} for the antiprism. In such a "
        "shape eight charges on a sphere come to rest, and Elhage et al. find trained features.",
    )


def in_a_product() -> NumberPrediction:
    """What becomes of a tetrahedron's share beside another part."""
    alone = SHAPES["a tetrahedron"]
    whole = product(alone, SHAPES["a hexagon"])
    share = handcalc.geometry(whole).dimensionality[0]
    return NumberPrediction(
        f"A tetrahedron and a hexagon, at right angles: {number(whole.n)} features in "
        f"{number(whole.m)} dimensions. What is $D$ of a corner of the tetrahedron now?",
        share,
        "Nobody else lies along its arrows.",
        (
            (
                exact(sympy.Rational(whole.m, whole.n)),
                "so it were if all shared evenly; but they do not share at all",
            ),
            (
                handcalc.geometry(whole).dimensionality[-1],
                "that is the hexagon's",
            ),
        ),
        "Overlaps with the hexagon are zero, and add nothing. This is a **tegum product**: parts "
        "at right angles, each with a $D$ of its own. So the dimensionalities of a large model "
        "cluster at a few fractions, one for each kind of part, and their *average* lies anywhere "
        "between.",
    )


# -- capacity --------------------------------------------------------------------------------------


def wasted() -> NumberPrediction:
    """The capacity of two axes and their diagonal."""
    found = handcalc.geometry(_DIAGONAL)
    without = handcalc.geometry(found.model.W[: found.model.m])
    return NumberPrediction(
        f"Three arrows in the plane:\n\n{matrix(found.model.W, 'W')}\n\nThe **capacity** is the "
        "sum of all $D_i$. How much capacity is there?",
        found.capacity,
        "Less than two.",
        (
            (
                without.capacity,
                "so many dimensions there are; all of it is used by tight frames alone",
            ),
            (exact(found.model.n), "so many features; each would need a dimension of its own"),
            (
                exact(found.model.n * found.dimensionality[0]),
                "so it would be if all had as much as the first; the longest has more",
            ),
        ),
        f"$D$ is {numbers(found.dimensionality)}, in all {number(found.capacity)}. The sum is "
        "never above the rank of $W$, and reaches it only where the arrows that are not zero are "
        "tight frames at right angles to each other: pairs, polygons, the solids above, and "
        "products of them (Scherlis et al. ask what each feature is worth, and capacity goes "
        "where it is worth most).",
    )


# -- uniform superposition -------------------------------------------------------------------------


def stairs() -> NumberPrediction:
    """How many features share a plane at one sparsity."""
    right = in_a_plane(_SPARSE)
    before, behind = in_a_plane(sympy.Rational(1, 2)), in_a_plane(sympy.Rational(99, 100))
    return NumberPrediction(
        "Many features, all alike, and few dimensions. Take the part that saves most *per "
        "dimension*: a feature alone, a pair, a triangle, a pentagon or a hexagon, each at its "
        f"best. At $S$ = {number(_SPARSE)}, how many features share a plane? (Two pairs make "
        "four.)",
        exact(right),
        "One feature more than two pairs hold.",
        (
            (exact(before), "so many do where half of the features are on"),
            (exact(behind), "so many do where one in a hundred is on"),
            (exact(2), "then nobody would share, and all others be dropped"),
        ),
        "Sparse features are worth packing: what is dropped costs something "
        "whenever it is on, what interferes only when two are. But they are packed in steps. A "
        "polygon is as good as it is over a whole stretch of $S$, and then the next one is.",
    )


# -- who comes with whom ---------------------------------------------------------------------------


def together() -> NumberPrediction:
    """What a pair loses if its features always come together."""
    pair = SHAPES["a pair"]
    along = [
        handcalc.expected_loss(pair, each).value
        for each in (
            handcalc.Correlated([(1, 2)]),
            handcalc.SparseUniform(),
            handcalc.Anticorrelated([(1, 2)]),
        )
    ]
    right, alone, never = (exact(value.subs(S, _OFF)) for value in along)
    always_in_p, alone_in_p = (sympy.expand(value.subs(S, 1 - p)) for value in along[:2])
    return NumberPrediction(
        "An antipodal pair with lengths one and biases zero. Drawn each by itself, its features "
        f"are on together with probability $p^2$, and it loses {formula(alone_in_p)}. Now they "
        f"come only *together*: at $S$ = {number(_OFF)} both are off, else both on. What does it "
        "lose?",
        right,
        "The same third, more often.",
        (
            (alone, "so much it loses if each is drawn by itself"),
            (never, "so it is if they never meet"),
            (exact(right / 2), "so much each of the two loses"),
            (exact(1 - _OFF), "so often both are on; what it costs then is a third"),
        ),
        f"{formula(always_in_p)} = {number(right)}: they meet whenever they are on. And if of the "
        f"two at most one is on, it loses {number(never)}. So who comes with whom decides who can "
        "be put back to back.",
    )


QUESTIONS = {
    "per feature": per_feature,
    "uneven": uneven,
    "tetrahedron": tetrahedron,
    "cube or antiprism": cube_or_antiprism,
    "product": in_a_product,
    "wasted": wasted,
    "stairs": stairs,
    "together": together,
}

EXERCISES = ("dimensionality", "correlated-pairs", "anticorrelated-pairs")

SUMMARY = r"""
## Summary

- $\|W\|_F^2$ counts the features that are held; $m / \|W\|_F^2$ is what each has on average.
- $D_i = \|W_i\|^2 / \sum_j (\hat W_i \cdot W_j)^2$ is what feature $i$ has: one alone, less where
  arrows share.
- In a tight frame of equal lengths everybody has $m/n$. Parts at right angles, a tegum product, do
  not touch each other's $D$; so dimensionalities of large models cluster at few fractions.
- $D$ forgets signs, and ReLU does not: of a cube and a square antiprism the second is better.
- Capacity, $\sum_i D_i$, is at most the rank; tight frames at right angles use all of it.
- As features get sparser, more of them share a plane, in steps.
- Features that never meet are worth putting back to back; those that always come together are not.
"""

PLAN = (
    ("Dimensions for each feature", 10, "Dropped features are counted, too."),
    ("Dimensionality", 15, "Lengths are shared instead of squares: draw the shadow on the arrow."),
    ("Shapes", 20, "A solid is taken for better because it is regular: ask for signs."),
    ("Products", 10, "All features are averaged over all dimensions: look at the zeros in G."),
    ("Capacity", 15, "More arrows are taken to mean more capacity: drag one onto another."),
    ("Superposition in steps", 10, "A smooth curve is expected: which part wins at each S?"),
    ("Who comes with whom", 10, "Correlated features are put back to back: when do they meet?"),
    ("Exercises", 10, "The first fills the table of shapes; the others are for home."),
)
