"""What the lecture on ways out asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.questions import almost_orthogonal
from handcalc.lectures.showing import matrix, number, numbers, vector
from handcalc.lectures.workings.ways_out import (
    ANTIPODAL,
    HALF_THE_PRICE,
    PRICE,
    SPARSITY,
    TRIANGLE,
    coded,
    compared_dictionaries,
    dictionary_loss,
    lost_of_all,
    tilted,
    weighed,
)
from handcalc.numbers.exact import sign, to_float

# other numbers than those of the course's exercises, which are not to be given away
_SHORT, _SEEN = "1 0; 0 1; 1/3 1/3", "1 1"
_LONG_PRICE, _ALONE = "3/10", "9/10"
_CODE_PRICE, _CODED = "1/5", "9/10 1/2 0"


# -- what can be read back -------------------------------------------------------------------------


def two_triangles() -> NumberPrediction:
    """How many features may be on in two triangles for every x ≥ 0 to come back."""
    model = handcalc.direction_set("two-triangles").model
    found = handcalc.recovery(model)
    right, failing = found.unique_nonnegative, found.counterexamples["unique_nonnegative"]
    if failing is None:
        raise ValueError("With all of a triangle on, some input does not come back.")
    return NumberPrediction(
        f"Two triangles, each in a plane of its own: {number(model.n)} features in "
        f"{number(model.m)} dimensions. The arrows of a triangle sum to zero, so inputs have the "
        "same $h$ if they differ by one number in all features of a triangle. Features are never "
        "negative. Up to which $k$ does *every* input with $k$ features on come back?",
        exact(right),
        "As long as some feature of each triangle must be off.",
        (
            (
                exact(found.unique),
                "so many for any signs, as coherence promises; here nothing is negative",
            ),
            (
                exact(2 * right),
                "two in each triangle come back; but it may be all of one, and one of the other",
            ),
            (exact(found.spark or 0), "so many may be all of one triangle"),
        ),
        f"A vector $v$ with $W^T v = 0$ and as few entries as can be is a *circuit*; here there "
        f"are {number(len(found.circuits))}, one a triangle, and the smallest has "
        f"{number(found.spark or 0)} entries: that is the *spark*. Circuits decide it all. With "
        f"{number(failing.k)} on, {vector(failing.x)} and {vector(failing.others[0])} have one "
        f"$h$. With any signs $k$ = {number(found.unique)} is all, so that it helps that features "
        "are not negative.",
    )


def least_norm() -> NumberPrediction:
    """The least norm of the inputs with an h, where the sparsest is longer."""
    shortest = handcalc.basis_pursuit(_SHORT, _SEEN)
    (sparsest,) = handcalc.sparsest(_SHORT, _SEEN).inputs
    long = exact(sympy.Add(*map(abs, sparsest)))
    if not shortest.unique or sign(long - shortest.norm) <= 0:
        raise ValueError("The sparsest input is longer than the shortest.")
    return NumberPrediction(
        "To look for the sparsest $x$ is slow; to look for that of least "
        r"$\|x\|_1 = \sum_i |x_i|$ is fast, and often it is the same. Here somebody saw $h$ = "
        f"{vector(shortest.h)}:\n\n{matrix(handcalc.ToyModel(_SHORT).W, 'W')}\n\nThe sparsest "
        r"input with that $h$ has one feature on. What is the least $\|x\|_1$ among all inputs "
        "with that $h$?",
        shortest.norm,
        "Two long arrows are cheaper than a short one.",
        (
            (
                long,
                f"so long is the sparsest, {vector(sparsest)}; there is another with the same $h$",
            ),
            (exact(1), "so many features are on in the sparsest; the norm adds up how much"),
        ),
        f"It is {vector(shortest.inputs[0])}, and it has more features on. A short arrow must be "
        "multiplied by much, and the norm counts that. With rows of one length, of which no two "
        "are parallel, one feature always comes back; how two can fail is an exercise below.",
    )


# -- what a readout loses --------------------------------------------------------------------------


def sparsest_decoder() -> NumberPrediction:
    """What a sparsest-x decoder loses of a triangle whose features are all on."""
    square, of_mean = lost_of_all()
    found = handcalc.sparsest_loss(TRIANGLE, 0)
    right = exact(found.value)
    return NumberPrediction(
        "The *sparsest-x decoder* answers with the sparsest $x \\geq 0$ that has this $h$. In a "
        "triangle it fails only where all three features are on: it takes the least of them away "
        "from all. Let all three be on, uniform over $[0, 1]$. What does it lose on average, "
        r"$\mathbb{E}\|\hat x - x\|^2$?",
        right,
        "All three are short by the least of them.",
        (
            (square, "that is one of the three; the least is taken away from each"),
            (exact(3 * of_mean), "that is the square of the mean; the mean of the square is more"),
            (exact(1), "so much is in all three of them together, the sum of $\\mathbb{E}[x_i^2]$"),
        ),
        f"The least of three has $\\mathbb{{E}}[\\min^2]$ = {number(square)}, and three times that "
        f"is {number(right)}. ReLU loses {number(exact(found.relu))} of the same inputs, though it "
        "sees the same $h$. Less than both loses a decoder that answers with the *mean* of all $x$ "
        r"that have this $h$, $\mathbb{E}[x \mid h]$: no decoder is better, and its answer is "
        "seldom sparse.",
    )


# -- a dictionary found afterwards -----------------------------------------------------------------


def without_norms() -> ChoicePrediction:
    """What happens to the price of an SAE whose directions may have any length."""
    right = "it falls to nothing, and no SAE is the best"
    losses = []
    for k in (1, 2, 4):  # the same ĥ, by activations that are smaller and smaller
        sae = handcalc.SparseAutoencoder([[sympy.Rational(1, k)]], [[k]])
        found = handcalc.sae_loss(sae, "1", SPARSITY, PRICE, weighted=True)
        losses.append((found.reconstruction, exact(PRICE * sum(found.activity))))
    if any(lost for lost, _ in losses) or losses[0][1] != 4 * losses[2][1]:
        raise ValueError("The same is given back at a lower price.")
    return ChoicePrediction(
        r"A sparse autoencoder pays $\|h - \hat h\|^2$ and a price, $\lambda \sum_j f_j$. Let the "
        "directions of its dictionary have any length. Training makes each activation half as "
        "large and each direction twice as long, and so on. What becomes of the price?",
        {
            "it stays, as ĥ stays": "what is paid is f alone, and f has become smaller",
            "it doubles": "the length of a direction is not paid, and that is the trouble",
            right: "So directions have length one.",
        },
        right,
        f"For one feature and $\\lambda$ = {number(PRICE)} the price of three such steps is "
        f"{numbers(price for _, price in losses)}, and nothing else changes. So rows of the "
        r"dictionary are kept at length one, or an activation is paid by the length of its row.",
    )


def shrinkage() -> NumberPrediction:
    """How far a feature that is alone comes back short."""
    found = dictionary_loss("1; -1", "1; -1", _LONG_PRICE, "1/2")
    right, price, x = found.shrinkage[0], exact(_LONG_PRICE), exact(_ALONE)
    (code, _) = found.sae.encode(_ALONE)
    if code != x - right:
        raise ValueError("Every activation is short by the same.")
    return NumberPrediction(
        "Two features back to back, and a dictionary of just these two directions, with the best "
        f"encoder. The price is $\\lambda$ = {number(price)}. Feature 1 is on alone, at "
        f"{number(x)}. By how much is its latent short of that?",
        right,
        "Half the price, whatever the feature.",
        (
            (price, "the error is a square, and its slope has a factor of two"),
            (exact(0), "without an error the price is paid in full; a little less costs less"),
            (exact(price * x), "it does not grow with the feature"),
        ),
        f"The cost $(x - f)^2 + \\lambda f$ is least where $f$ is $x$ minus "
        f"{HALF_THE_PRICE}, so the latent says {number(code)}. Every activation is short by that: "
        "it is *shrinkage*. It is no fault of training, and more data does not mend it.",
    )


def amortisation() -> NumberPrediction:
    """What an encoder says of the second feature, where the best code has it."""
    found = coded(_CODED, _CODE_PRICE)
    x, price = handcalc.parse_vector(_CODED), exact(_CODE_PRICE)
    right, best = found.encoded[1], found.code[1]
    return NumberPrediction(
        "The features of a triangle are the dictionary, and each latent reads along its own "
        f"direction, with minus {HALF_THE_PRICE} as its bias; $\\lambda$ = {number(price)}. The "
        f"input is {vector(x)}. What does the latent of feature 2 say?",
        right,
        "The other feature holds it down.",
        (
            (exact(x[1] - price / 2), "so it would be, were feature 2 alone"),
            (best, "so it is in the best code; an encoder does not try codes out"),
            (exact(x[1]), "neither price nor overlap is taken off here"),
        ),
        f"It sees {number(x[1])} less half of {number(x[0])}, less {HALF_THE_PRICE}: that is below "
        f"zero. The encoder's code is {vector(found.encoded)}, at a cost of "
        f"{number(found.encoded_value)}; the best code is {vector(found.code)}, at "
        f"{number(found.value)}. The difference, {number(exact(found.encoded_value - found.value))}"
        ", is the *amortisation gap*: one matrix and a bend cannot solve for every $h$.",
    )


def nearest_or_cheapest() -> ChoicePrediction:
    """Whether the dictionary that is nearer to the features loses less."""
    _, (axes, two), (beside, three) = compared_dictionaries().items()
    if not (sign((three.mmcs or 0) - (two.mmcs or 0)) > 0 < sign(three.value - two.value)):
        raise ValueError("The nearer dictionary loses more.")
    right = f"{axes}, which are further from the features"
    rows = handcalc.parse_matrix("3/5 4/5; 3/5 -4/5; 1 0")
    return ChoicePrediction(
        "The antipodal embedding, and two dictionaries for it: the two axes, so that one feature "
        f"has no latent; and\n\n{matrix(rows, 'W_{dec}')}\n\n*Mean max cosine similarity* asks how "
        f"near each feature has a direction: {number(two.mmcs or 0)} for the axes, "
        f"{number(three.mmcs or 0)} for the other. At $S$ = {number(SPARSITY)} and $\\lambda$ = "
        f"{number(PRICE)}, which of the two loses less?",
        {
            f"{beside}, which are nearer": "near is not enough: no row of it is quite right",
            right: "Two features are told exactly, and nothing is told wrongly.",
            "they cannot be compared": "both are losses of the same $h$, at the same price",
        },
        right,
        f"The axes lose {weighed(two.value)}; the other dictionary loses {weighed(three.value)}. A "
        "high similarity proves nothing, and neither does a low one.",
    )


# -- where training goes, and what each way out costs ----------------------------------------------


def below_the_truth() -> ChoicePrediction:
    """Whether the features themselves are the best dictionary."""
    tied = handcalc.SparseAutoencoder.of_features(ANTIPODAL, PRICE)
    slopes = handcalc.sae_gradient(tied, ANTIPODAL, SPARSITY, l1=PRICE)
    slope = slopes.W_dec[1][0]
    if sign(slope) >= 0 or any(any(row) for row in slopes.W_enc) or any(slopes.b_enc):
        raise ValueError("The encoder is the best, and arrow 2 gains by a tilt.")
    right = "a little below the features"
    return ChoicePrediction(
        "The antipodal embedding again. Training starts from a dictionary of the features "
        f"themselves, with the best encoder for it, at $S$ = {number(SPARSITY)} and $\\lambda$ = "
        f"{number(PRICE)}. Where does it end?",
        {
            "there: it is the truth": "the loss asks for a low loss, and not for the truth",
            "above: training is never exact": "it can go down from here, so it does",
            right: "A row that tilts pays one activation for two features.",
        },
        right,
        f"The slope in the first number of arrow 2 is {number(slope)}, not zero. Feature 1 is "
        "often on with feature 2; what leans towards it gives back a part of both, at one price. "
        f"A tilt of a few degrees loses {to_float(tilted(2).value):.6f} in place of "
        f"{to_float(tilted(0).value):.6f}. The best dictionary is not the true one.",
    )


def which_way() -> ChoicePrediction:
    """Which way out loses most of a triangle's features."""
    losses = handcalc.ways_out(TRIANGLE, SPARSITY, PRICE).losses
    known = {name: exact(loss) for name, loss in losses.items() if loss is not None}
    order = sorted(known, key=lambda name: to_float(known[name]))
    right = "the dictionary found afterwards"
    if order[0] != "decoder" or order[-1] != "dictionary":
        raise ValueError("The sparsest-x decoder loses least, the dictionary most.")
    told = {name: f"that loses {weighed(loss)}" for name, loss in known.items()}
    return ChoicePrediction(
        f"A triangle, $S$ = {number(SPARSITY)}, $\\lambda$ = {number(PRICE)}. The features are to "
        "be had back, and what counts is how far they are off, "
        r"$\mathbb{E}\|\hat x - x\|^2$. Which loses *most*?",
        {
            "the model as it is, read by ReLU": told["superposition"],
            "no superposition: two kept, one guessed": told["orthogonal"],
            right: "It has the right directions, and reads them badly.",
            "superposition, with the sparsest-x decoder": told["decoder"],
        },
        right,
        f"It loses {weighed(known['dictionary'])}, "
        "although its directions are the features themselves: the price holds every activation "
        "down, and its encoder sees each direction by itself. The sparsest-x decoder pays no "
        "price, and looks at all features at once.",
    )


QUESTIONS = {
    **almost_orthogonal.QUESTIONS,
    "two triangles": two_triangles,
    "least norm": least_norm,
    "sparsest decoder": sparsest_decoder,
    "without norms": without_norms,
    "shrinkage": shrinkage,
    "amortisation": amortisation,
    "near or cheap": nearest_or_cheapest,
    "below the truth": below_the_truth,
    "which way": which_way,
}

EXERCISES = (
    "ten-thousand-directions",
    "lines-in-the-plane",
    "read-off-a-triangle",
    "least-norm",
    "how-many-come-back",
    "king-minus-man",
    "price-of-an-activation",
    "loss-of-one-latent",
    "bias-of-the-decoder",
)

SUMMARY = rf"""
## Summary

- Superposition is possible for two reasons: there are more almost-orthogonal directions than
  dimensions, and a sparse input can come back from fewer numbers than it has.
- *Exponentially many* holds for $|\cos|$ well above $1/\sqrt{{d}}$. Well below it there are hardly
  more directions than dimensions, and a narrow histogram hides pairs that are parallel.
- Linear is not readable: an equation of words can hold exactly where nothing can be read off it.
- Circuits of $W$ decide which inputs come back. Features that are never negative help; least
  $\|x\|_1$ often finds the sparsest input, and not always.
- What is lost hangs on who reads $h$: ReLU, the sparsest $x$ with this $h$, or the mean of all $x$
  with it, which loses least.
- An SAE pays for activations: each is short by {HALF_THE_PRICE}, its encoder misses the best code,
  and the best dictionary is not quite the features. Near is not cheap, either.
- Each way out costs something: features without superposition, accuracy with a dictionary, and with
  the sparsest-x decoder a search.
"""

PLAN = (
    ("Almost at right angles", 10, "Lines and vectors are mixed up: which of both does ReLU ask?"),
    (
        "How many directions",
        15,
        "Exponentially many is said of any angle: how near to a right one, in how many dimensions?",
    ),
    ("Words as directions", 5, "The nearest word is taken for proof: say who was left out."),
    (
        "What can be read back",
        15,
        "Two thirds as many equations cannot be enough: which inputs have this $h$?",
    ),
    (
        "What a readout loses",
        10,
        "All loss is blamed on superposition: let another decoder read the same h.",
    ),
    (
        "A dictionary found afterwards",
        15,
        "Shrinkage is taken for a lack of training: let them take the slope by hand.",
    ),
    ("What a good dictionary is", 5, "Similarity is read as quality: show both numbers."),
    ("Where training goes", 5, "The true dictionary is taken for the best: tilt it."),
    ("What each way out costs", 5, "One way is to be the best: for which $S$, in which unit?"),
    ("Exercises", 5, "Two begun here, the others at home."),
)
