"""What the lecture on two layers asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

from itertools import count

import sympy

import handcalc
from handcalc.circuits.composition import HeadComposition
from handcalc.circuits.gallery.positional import two_back
from handcalc.circuits.inability import same_multiset
from handcalc.circuits.paths import count_paths
from handcalc.circuits.positions import Number
from handcalc.circuits.rank_bound import rank_argument, rank_bound
from handcalc.errors import InputError
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import formula, matrix, number, numbers, plainly, vector
from handcalc.wording import joined

INDUCTION = {
    "by K-composition": "induction",
    "by a pointer": "induction-pointer",
    "in four dimensions": "induction-compact",
    "in three dimensions": "induction-three",
}
# other numbers than those of the course's exercises, which are not to be given away
_LAYERS = (3, 3, 3, 3)
_WRITES, _READS = "1 0; 0 0", "1 0; 2 0"
_PLACES = 6
_V, _N, _STRENGTH = 3, 5, 2


def composed(W_OV: object, W_QK: object, W_OV_next: object) -> handcalc.AttentionOnly:
    """A layer of one head, and behind it a layer of another, of so many tokens as dimensions."""
    earlier = handcalc.Head.of_circuits(W_QK, W_OV)
    later = handcalc.Head.of_circuits(W_QK, W_OV_next)
    identity = [[int(i == j) for j in range(earlier.d_model)] for i in range(earlier.d_model)]
    return handcalc.AttentionOnly(identity, identity, [[earlier], [later]])


def one_layer(heads: int) -> handcalc.AttentionOnly:
    """So many heads in one layer, on three tokens without positions."""
    identity = "1 0 0; 0 1 0; 0 0 1"
    head = handcalc.Head.of_circuits("0 1 0; 0 0 1; 1 0 0", "2 0 0; 0 2 0; 0 0 2")
    return handcalc.AttentionOnly(identity, identity, [[head] * heads])


# -- paths, composition, virtual heads -------------------------------------------------------------


def terms_of_two() -> NumberPrediction:
    """How many terms of a path expansion go through two heads."""
    orders = count_paths(_LAYERS)
    heads, layers = _LAYERS[0], len(_LAYERS)
    return NumberPrediction(
        f"{number(layers)} layers of {number(heads)} heads, patterns held fixed. A term of the "
        "logits takes some layers and one head in each. How many terms go through exactly two "
        "heads?",
        exact(orders[2]),
        "Pairs of layers, times a head in each.",
        (
            (exact(heads * heads), "so many for one pair of layers; there are more pairs"),
            (exact(orders[1]), "so many go through one head"),
            (exact(sum(orders)), "so many are there in all"),
            (exact(2 ** sum(_LAYERS)), "that is every set of heads; a path has one a layer"),
        ),
        f"By the number of heads on the way there are {numbers(orders)} terms, "
        f"{number(sum(orders))} in all: $(1 + h)^L$, as each layer is passed by, or through one of "
        "its heads.",
    )


def score_of_composition() -> NumberPrediction:
    """How much of what one head writes another reads as its values."""
    pair = _pair(_READS)
    turned = sympy.Matrix(_rows(_READS)).T.tolist()
    right = pair.score("V") or exact(0)
    first, second = matrix(_rows(_WRITES), "W_OV"), matrix(_rows(_READS), "W'_OV")
    return NumberPrediction(
        "The composition score of two heads is "
        r"$\lVert W_{OV}W'_{OV} \rVert / (\lVert W_{OV}\rVert \lVert W'_{OV} \rVert)$. What is it "
        f"for these two?\n\n{first}\n\n{second}",
        right,
        "The product keeps the smaller of two entries.",
        (
            (_pair(turned).score("V") or exact(0), "so it is with the second one transposed"),
            (pair.V or exact(0), "that is its square"),
        ),
        f"It is {number(right)}. Compare it with chance: between random orientations the mean of "
        "its *square* is $1/d_{model}$, whatever the two matrices are; here "
        f"{number(handcalc.composition(_model(_READS)).baseline)}.",
    )


def _rows(text: str) -> tuple[tuple[sympy.Expr, ...], ...]:
    return handcalc.parse_matrix(text)


def _model(W_OV: object) -> handcalc.AttentionOnly:
    return composed(_WRITES, "0 0; 0 0", W_OV)


def _pair(W_OV: object) -> HeadComposition:
    return handcalc.composition(_model(W_OV)).between((1, 1), (2, 1))


def virtual_row() -> ChoicePrediction:
    """Where the product of two patterns looks."""
    found = handcalc.path_expansion(two_back(n=_PLACES).model, [0] * _PLACES)
    one, both = (term.pattern[-1] for term in (found.terms[1], found.terms[-1]))
    half = [exact((a + b) / 2) for a, b in zip(one, both, strict=True)]
    right = plainly(both)
    return ChoicePrediction(
        "Two heads in two layers; each looks one place back, with all its weight. The second reads "
        f"what the first wrote. What does place {number(_PLACES)} get, by way of both, of the "
        "places before it?",
        {
            plainly(one): "that is one head alone",
            right: "Patterns of heads in a row are multiplied.",
            plainly(half): "that is a mixture of the two; heads in a row are no sum",
        },
        right,
        f"The pattern is the product $A^2A^1$, and its last row is {vector(both)}: two back. "
        "Nobody built a head that looks two back; the pair is a *virtual head*, with the table "
        "$W_E W_{OV}^1 W_{OV}^2 W_U$.",
    )


# -- induction -------------------------------------------------------------------------------------


def least_strength() -> NumberPrediction:
    """The smallest whole strength with which two followers beat the token itself."""
    sentence = "a b a c a"

    def ending(strength: int) -> handcalc.CircuitRun:
        model = handcalc.circuit("induction", V=_V, n=_N, strength=strength).model
        return handcalc.run_circuit(model, sentence)

    least = next(k for k in count(1) if "a" not in ending(k).predictions[-1])
    return NumberPrediction(
        "The last head copies with strength $\\lambda$: it adds $\\lambda$ times the share of each "
        f"follower, and the last token's own logit is {number(1)}, from the direct path. From "
        f"which whole $\\lambda$ on is the last token of *{sentence}* no longer among the largest?",
        exact(least),
        "Half of it has to be more than the token's own.",
        (
            (
                exact(least - 1),
                f"a tie: the logits are {numbers(ending(least - 1).last_logits)}",
            ),
            (exact(1), f"the logits are {numbers(ending(1).last_logits)}: the token itself wins"),
        ),
        f"From {number(least)} on, where the logits are {numbers(ending(least).last_logits)}. They "
        "are *exactly* one for the last token, and $\\lambda$ times the distribution of what "
        "followed it: what is divided among several wants more.",
    )


def which_claim() -> ChoicePrediction:
    """For which sentences an induction head is right."""
    found = handcalc.circuit("induction", V=_V, n=_N)
    proof = found.claim.prove(_N)
    said = {text: joined(_says(found.model, text), "or") for text in ("a a b", "a b a c a")}
    right = "where one token alone followed the earlier copies of the last token"
    return ChoicePrediction(
        "An induction head continues sentences. For which of them can it be *proved* to predict "
        "the token that followed?",
        {
            "where some token occurs twice": (
                "in a a b the last token never occurred before: nothing followed it, and "
                f"{said['a a b']} is predicted"
            ),
            "where the last token occurred before": (
                "in a b a c a two tokens followed, equally often, and the largest logit is that of "
                f"{said['a b a c a']}"
            ),
            right: "That is the claim which holds.",
        },
        right,
        f"It is proved by enumeration: {number(proof.sequences)} such sentences of up to "
        f"{number(_N)} out of {number(_V)} tokens, and none fails; the smallest lead is "
        f"{number(proof.margin or 0)}. Say the claim before you prove it. A proof by enumeration "
        "is about sentences of that length, and about no longer one.",
    )


def _says(model: handcalc.AttentionOnly, sentence: str) -> tuple[str, ...]:
    return handcalc.run_circuit(model, sentence).predictions[-1]


def narrowest() -> NumberPrediction:
    """How few dimensions an induction head of the gallery has."""
    widths = {name: handcalc.circuit(name, V=_V).model.d_model for name in INDUCTION.values()}
    least = min(widths.values())
    named = "; ".join(f"`{name}` has {number(width)}" for name, width in widths.items())
    bound = handcalc.circuit("one-dimension").model.d_model + 1  # on a line one token is silent
    places = handcalc.circuit("induction", V=_V).claim.room or 0
    return NumberPrediction(
        f"One coordinate for each of {number(_V)} tokens, each place, each previous token makes "
        f"{number(widths['induction'])} dimensions for sentences of up to {number(places)} tokens. "
        "With how few does the narrowest induction head here do?",
        exact(least),
        "Tokens are whole numbers, and parabolas tell them apart.",
        (
            (exact(widths["induction-compact"]), "that is the compact one, and there is a smaller"),
            (exact(bound), "that is the lower bound; nobody has found one, or shown there is none"),
        ),
        f"{named}. What is proved: it takes at least {number(bound)} (three tokens that are all to "
        "be predicted need a plane), and these models work on every sentence that was enumerated. "
        f"Whether {number(bound)} are enough is open.",
    )


def least_sharpness() -> NumberPrediction:
    """How sharp soft attention has to be for all short sentences."""
    proofs = []
    for sharpness in count(1):
        sizes = {"V": _V, "n": _N, "strength": _STRENGTH, "sharpness": sharpness}
        proofs.append(handcalc.circuit("induction", softmax="base 2", **sizes).claim.prove(_N))
        if proofs[-1].holds:
            break
    fails = [" ".join(proof.counterexample or ()) for proof in proofs]
    mistakes = tuple(
        (exact(k), f"with so little it fails first at {fails[k - 1]}, and {proof.failures} times")
        for k, proof in enumerate(proofs[:-1], 1)
    )
    return NumberPrediction(
        "Now attention is soft, in base two, and all scores are multiplied by $K$, so that it "
        f"becomes sharper. Sentences of up to {number(_N)} out of {number(_V)} tokens, strength "
        f"{number(_STRENGTH)}. Which is the smallest whole $K$ with which *every* one with one "
        "follower is right?",
        exact(len(proofs)),
        "Decided for every sentence, without rounding.",
        mistakes,
        f"With $K = {len(proofs)}$ all {number(proofs[-1].sequences)} are right, and the smallest "
        f"lead is {number(_margin(proofs[-1].margin))}. Longer sentences want more: each place "
        "that is not meant takes its share.",
    )


def _margin(margin: Number | None) -> Number:
    return exact(0) if margin is None else margin


# -- what one layer cannot do ----------------------------------------------------------------------


def multiset_pair() -> ChoicePrediction:
    """Which pair of sentences shows that one layer without positions cannot do induction."""
    model, right = one_layer(1), "cabca and cacba"
    pairs = {
        "cabca and cacab": "their last tokens differ, and the direct path sees that",
        right: "The same tokens equally often, the same last one, and different answers.",
        "cabca and cabba": "the tokens are not the same, and a head sees that",
    }
    (found,) = (pair for pair in pairs if _is_argument(model, pair))
    proof = same_multiset(model, *right.split(" and "))
    return ChoicePrediction(
        "One layer, any number of heads, no positions. Which pair of sentences proves that it "
        "cannot do induction?",
        pairs,
        found,
        f"Induction wants {joined(proof.answers)}. But a head's output is a sum over a *multiset*: "
        "each token's value with its weight, and order is nowhere in it. Both end in equal logits, "
        f"whatever the sizes; this model gets {number(len(proof.wrong))} of the two wrong.",
    )


def _is_argument(model: handcalc.AttentionOnly, pair: str) -> bool:
    try:
        same_multiset(model, *pair.split(" and "))
    except InputError:
        return False
    return True


def hopeless_length() -> NumberPrediction:
    """The length of a text at which two heads in one layer must fail."""
    heads, H = 2, sympy.Symbol("H")
    bound = 2 ** (H + 1) - 2
    if any(bound.subs(H, k) != rank_bound(k) for k in range(1, 2 * heads)):
        raise ValueError("That is the bound on the rank.")
    found = rank_argument(one_layer(heads))
    length = 2 * found.pairs + 1
    return NumberPrediction(
        "One layer of $H$ heads, with positions. The texts are $m$ pairs of tokens and one token "
        "more, and the pair that matters may be any of the $m$. How much b is preferred to c, "
        "times the denominators of the softmaxes, is a table, texts by pairs, of rank at most "
        f"{formula(bound)}. Where its $m$ columns are dependent, some text fails. For "
        f"{number(heads)} heads, how long is a text that must fail?",
        exact(length),
        "One pair more than the rank, two tokens a pair, and the last.",
        (
            (exact(rank_bound(heads)), "that is the bound on the rank"),
            (exact(found.pairs), "so many pairs; a text has two tokens a pair, and one more"),
            (exact(2 * rank_bound(heads) + 1), "so many columns may still be independent"),
        ),
        f"The rank is at most {number(found.bound)}, so with {number(found.pairs)} pairs the "
        f"columns are dependent, and a text of {number(length)} tokens fails: here "
        f"`{''.join(found.wrong[0])}`. It doubles with each head: one layer is not powerless, but "
        "it pays for length with heads. Two layers do not.",
    )


QUESTIONS = {
    "terms": terms_of_two,
    "score": score_of_composition,
    "virtual row": virtual_row,
    "strength": least_strength,
    "claim": which_claim,
    "narrowest": narrowest,
    "sharpness": least_sharpness,
    "multiset": multiset_pair,
    "length": hopeless_length,
}

EXERCISES = ("how-many-terms", "compose-an-induction-head", "no-single-head")

SUMMARY = r"""
## Summary

- With patterns held fixed, logits are a sum over paths: $(1 + h)^L$ terms.
- Heads compose in three ways: what an earlier one wrote is read by the query, the key or the value
  of a later one. Compare scores with $1/d_{model}$, the mean of their squares by chance.
- Two heads in a row are a virtual head; its pattern is the product of both.
- Induction: note down who came before, then look for the last token among those notes
  (K-composition); or point at the earlier copy, and look one further (Q-composition).
- What is proved is a claim about sentences with one follower, up to a length, hard or soft.
- One layer cannot: without positions for two sentences, with one head for four, with more heads for
  a text whose length doubles with each head.
"""

PLAN = (
    ("Paths through the heads", 10, "Terms are counted for one pair of layers only."),
    ("Composition", 10, "A score is read without chance beside it, or transposed."),
    ("Virtual heads", 10, "Patterns are added, not multiplied."),
    ("Induction", 25, "Any repeat is taken to be enough; the first place is forgotten."),
    ("Soft attention", 10, "That it works when hard is taken to mean that it works."),
    ("What one layer cannot do", 15, "No search found one, so there is none: that is no proof."),
    ("What training finds", 5, "A score of a head is taken for its circuit."),
    ("Exercises", 5, "Begun here, ended at home."),
)
