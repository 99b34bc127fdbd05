"""What the last lecture asks about directions: how near, how many, and words among them."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import formula, matrix, number, plainly, vector
from handcalc.lectures.workings.almost_orthogonal import (
    MANY,
    PICTURED_IN,
    WIDTH,
    bundles,
    in_a_triangle,
    per_cent,
)

# other numbers than those of the course's exercises, which are not to be given away
_HALF_AS_MANY, _EPSILON = 1000, "1/5"
_D = sympy.Symbol("d")
_GERZON, _EXPONENT = _D * (_D + 1) / 2, _D * sympy.Symbol("epsilon") ** 2 / 2


# -- how near, and how many ------------------------------------------------------------------------


def lines_in_space() -> NumberPrediction:
    """How many lines in space can have one angle between all of them."""
    icosahedron = handcalc.coherence(handcalc.direction_set("icosahedron").model)
    cube, both = (
        handcalc.coherence(handcalc.direction_set(name).model)
        for name in ("tetrahedron", "axes-and-diagonals")
    )
    right = icosahedron.model.n
    if not icosahedron.equiangular or right != icosahedron.gerzon or both.equiangular:
        raise ValueError("The axes of an icosahedron are as many as can have one angle.")
    return NumberPrediction(
        "In space only three lines stand at right angles. Now the angle may be another, as long as "
        "it is *one* angle, between any two of them. How many lines can there be at most?",
        exact(right),
        "They join the opposite corners of an icosahedron.",
        (
            (exact(cube.dimensions), "so many stand at right angles; other angles have more room"),
            (
                exact(cube.model.n),
                (
                    f"a cube has so many diagonals, with $|\\cos|$ = {number(cube.coherence)}; "
                    "with another angle there are more"
                ),
            ),
            (
                exact(both.model.n),
                "the axes of a cube and its diagonals are so many, with more than one angle",
            ),
        ),
        f"The axes of an icosahedron: $|\\cos|$ = {number(icosahedron.coherence)}, or "
        f"{icosahedron.degrees:.2f}°, between any two. In $d$ dimensions there are never more than "
        f"{formula(_GERZON)} such lines (Gerzon), here {number(icosahedron.gerzon)}. So twice as "
        "many features as dimensions, at one price for all.",
    )


def within_a_degree() -> ChoicePrediction:
    """How many directions have all their angles within a degree of a right one."""
    d = PICTURED_IN
    found = handcalc.how_many(d, degrees=90 - WIDTH)
    right = f"{found.at_most}"
    return ChoicePrediction(
        f"A layer has {number(d)} dimensions. All angles between features are to be from "
        f"{90 - WIDTH}° to {90 + WIDTH}°. How many features can it have at most?",
        {
            f"{d}": f"so many at {90}° exactly; a little room is a little more",
            right: "Hardly more than at right angles.",
            f"{MANY:,}": "so says a well-known picture; more on it in a moment",
            "more than there are atoms": (
                "*exponentially many* is true of angles that have more room"
            ),
        },
        right,
        f"All products of $n$ arrows with each other are a table of rank {number(d)}. If nearly "
        "everything off its diagonal were nearly zero, its rank would be nearly $n$. Worked out, "
        "that is Welch's bound, and an exercise below is about it. It leaves "
        f"{number(found.welch or 0)}.",
    )


def one_peak() -> ChoicePrediction:
    """What set of arrows has a histogram of angles with one narrow peak at a right angle."""
    found = bundles()
    random = 1 - (handcalc.how_many(PICTURED_IN, degrees=90 - WIDTH).tail or 0)
    right = "each axis many times over"
    return ChoicePrediction(
        f"A program moved {MANY:,} arrows in {number(PICTURED_IN)} dimensions until most angles "
        f"were right. In the histogram of all angles {per_cent(found.right)} of the pairs "
        f"stand within {WIDTH}° of a right angle. Which set looks like that?",
        {
            f"{MANY:,} almost orthogonal directions": "there are no such, as was just seen",
            "arrows drawn at random": (
                f"of their pairs {per_cent(random)} stand so near a right angle: the cosines of "
                r"random arrows have the width $1/\sqrt{d}$"
            ),
            right: "Pairs of different axes make the peak; the others are parallel.",
        },
        right,
        f"Take each of the {number(PICTURED_IN)} axes {number(MANY // PICTURED_IN)} times. Of all "
        f"pairs {per_cent(found.right)} stand at a right angle, and {per_cent(found.parallel)} at "
        "no angle at all: in a histogram nobody sees these. Welch's bound holds for the *mean* of "
        r"$\cos^2$, too, and this set meets it: a peak narrower than $1/\sqrt{d}$ is always paid "
        "for by other pairs, far from a right angle. Look at the nearest pair, not at the peak.",
    )


def twice_as_wide() -> ChoicePrediction:
    """What becomes of the number of directions where there are twice as many dimensions."""
    few, many = (handcalc.how_many(k * _HALF_AS_MANY, _EPSILON).random_signs for k in (1, 2))
    if abs(many - few**2) > few:
        raise ValueError("Twice the dimensions have the square of the directions.")
    right = "it is squared"
    return ChoicePrediction(
        f"Let $|\\cos|$ be up to {number(exact(_EPSILON))}. In {_HALF_AS_MANY:,} dimensions "
        f"{few:,} directions exist for certain, as rows of random signs. What becomes of that "
        f"number in {2 * _HALF_AS_MANY:,} dimensions?",
        {
            "it doubles": f"that would be {2 * few:,}; room grows faster than dimensions",
            "four times as many": f"that would be {4 * few:,}; so it is with pairs of axes",
            right: "Here *exponentially many* is right.",
        },
        right,
        f"There are {many:,} then. Random signs exist as long as "
        f"$n(n - 1) < e^k$ with $k$ = {formula(_EXPONENT)}, where $\\epsilon$ is the bound on "
        r"$|\cos|$: so $n$ grows exponentially with $d$. But $\epsilon$ stands there as a square: "
        r"half of it takes four times the dimensions, and from $\epsilon = 1/\sqrt{d}$ downwards "
        "nothing is left of it.",
    )


# -- words -----------------------------------------------------------------------------------------


def read_in_superposition() -> ChoicePrediction:
    """What becomes of an equation of words where its features share a plane."""
    found = in_a_triangle()
    triangle = handcalc.direction_set("triangle").model
    if "swimming" not in found.equals or any(found.result):
        raise ValueError("The equation holds, and its word is zero.")
    right = "it holds, and says nothing"
    arrows = ", ".join(
        f"{word} {plainly(arrow)}"
        for word, arrow in zip(found.words, found.vectors, strict=True)
        if word != "swimming"
    )
    return ChoicePrediction(
        "Three features, *to move*, *going on* and *in water*, share a plane as a triangle:"
        f"\n\n{matrix(triangle.W, 'W')}\n\nA word is the sum of its features, so *swimming* has "
        f"all three of them, and the others are {arrows}. What about *{found.equation} = "
        "swimming*?",
        {
            "it fails: there is interference": (
                "sums of arrows are sums of arrows, in superposition as elsewhere"
            ),
            right: "Both sides are zero.",
            "it holds, so the features can be read": "one does not follow from the other",
        },
        right,
        f"It holds exactly, as it does for any arrows of the features. But all three together are "
        f"{vector(found.result)}: a word that has them all looks like one that has none. *Linear* "
        "survives superposition; *readable* is another matter, and next.",
    )


QUESTIONS = {
    "lines in space": lines_in_space,
    "within a degree": within_a_degree,
    "one peak": one_peak,
    "twice as wide": twice_as_wide,
    "in superposition": read_in_superposition,
}
