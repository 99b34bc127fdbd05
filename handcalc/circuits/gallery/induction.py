"""Four induction heads: by K-composition, by pointer, in four dimensions, and in three."""

from __future__ import annotations

from fractions import Fraction

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.circuit import (
    BACK,
    FRAMEWORK,
    MOST_PLACES,
    TURN,
    Cells,
    Circuit,
    circle,
    judged,
    letters,
    matrix,
    proved,
    read_size,
    says,
    short_sentence,
)
from handcalc.circuits.gallery.question import (
    CircuitPrediction,
    escaped_names,
    looks_at,
    next_token,
    seen_most,
)
from handcalc.circuits.head import Head
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.sequence_claims import (
    FollowerDistribution,
    MostFrequentFollower,
    OneFollower,
)
from handcalc.derivation import Findings

_EXERCISES = "Transformer Circuit Exercises, 2021 (the algorithm, there with larger matrices)"
_BEGIN = "<s>"
_MANY = 1400  # sequences, so that among four tokens those of length 5 are met


def _distribution(strength: int) -> str:
    return (
        "Where the last token occurred before, the logits are 1 for itself plus "
        f"{strength} times the distribution of what followed it."
    )


# -- A, one-hot ------------------------------------------------------------------------------------

_INDUCTION = """\
Harry Potter was late. Harry … what comes next? Whoever has read the first sentence says Potter: \
look for an earlier copy of the present word, and repeat what came after it. That is induction, \
and one layer of attention cannot do it: at the place of Potter a head would have to know that \
Harry stood before it, and a token by itself does not know its neighbours.

Two layers can. The head of layer 1 looks one place back and notes down, in a part of the residual \
stream that nobody uses yet, which token stood there. After that every place says two things: who \
I am, and who came before me. The head of layer 2 asks with the last token: who has me as the one \
before? Its keys are read from what the first head wrote; this is called K-composition. It finds \
the places after the earlier copies, and copies their tokens to the output.

The residual stream has three blocks here: token (one coordinate each), position (one each), and \
previous token. The first position has nothing before it, so there the head can only look at \
itself, and notes down its own token as the previous one. The second head would be fooled by that, \
and a score of −1 on the first position keeps it away."""


def induction(
    V: object = 4, n: object = 7, strength: object = 2, sharpness: object = 1, softmax: str = "hard"
) -> Circuit:
    """K-composition in one-hot blocks token | position | previous; d_model = 2V + n."""
    tokens, places, lam, K = _sizes(V, n, strength, sharpness)
    d, at, previous = 2 * tokens + places, tokens, tokens + places
    back = {(at + i, at + i - 1): K for i in range(1, places)}
    note = {(a, previous + a): 1 for a in range(tokens)}
    ask: Cells = {
        **{(a, previous + a): K for a in range(tokens)},
        **{(a, at): -K for a in range(tokens)},
    }
    copy = {(a, a): lam for a in range(tokens)}
    model = _one_hot((tokens, places, d), [(back, note), (ask, copy)], softmax)
    return Circuit(
        "induction",
        "Say what followed an earlier copy of the last token",
        _INDUCTION,
        model,
        short_sentence(tokens, places),
        _claims(model, lam),
        f"{FRAMEWORK}; {_EXERCISES}",
        _find_one_hot,
        _ask_induction,
    )


# -- B, pointer ------------------------------------------------------------------------------------

_POINTER = """\
There is a second way to do induction, and it does not note down who came before. The head of \
layer 1 looks for an earlier copy of the present token, anywhere, and copies not its token but its \
position: the last place now holds a pointer to the earlier copy. The head of layer 2 reads the \
pointer in its query, attends to the place one further on, and copies the token from there. Here \
it is the query that layer 1 has written: Q-composition.

A token is always a copy of itself, so layer 1 takes one off the score of its own place. If the \
token occurred several times, the pointer is a mixture with equal parts, and layer 2 finds all of \
the places after them with equal scores. The first position fools nobody here. Two blocks of the \
residual stream are about positions now, so this way costs V + 2n dimensions, and longer texts \
make it wider twice as fast."""


def induction_pointer(
    V: object = 4, n: object = 7, strength: object = 2, sharpness: object = 1, softmax: str = "hard"
) -> Circuit:
    """Q-composition in one-hot blocks token | position | pointer; d_model = V + 2n."""
    tokens, places, lam, K = _sizes(V, n, strength, sharpness)
    d, at, pointer = tokens + 2 * places, tokens, tokens + places
    same: Cells = {
        **{(a, a): K for a in range(tokens)},
        **{(at + i, at + i): -K for i in range(places)},
    }
    point = {(at + i, pointer + i): 1 for i in range(places)}
    after = {(pointer + i, at + i + 1): K for i in range(places - 1)}
    copy = {(a, a): lam for a in range(tokens)}
    model = _one_hot((tokens, places, d), [(same, point), (after, copy)], softmax)
    return Circuit(
        "induction-pointer",
        "Induction by a pointer to the earlier copy",
        _POINTER,
        model,
        short_sentence(tokens, places),
        _claims(model, lam),
        _EXERCISES,
        _find_one_hot,
        _ask_pointer,
    )


def _one_hot(
    sizes: tuple[int, int, int], heads: list[tuple[Cells, Cells]], softmax: str
) -> AttentionOnly:
    tokens, places, d = sizes
    return AttentionOnly(
        matrix(tokens, d, {(a, a): 1 for a in range(tokens)}),
        matrix(d, tokens, {(a, a): 1 for a in range(tokens)}),
        [[Head.of_circuits(matrix(d, d, qk), matrix(d, d, ov))] for qk, ov in heads],
        W_pos=matrix(places, d, {(i, tokens + i): 1 for i in range(places)}),
        vocabulary=letters(tokens),
        softmax=softmax,
    )


# -- C, four dimensions ----------------------------------------------------------------------------

_COMPACT = """\
Must an induction head be wide? This one fits on a page: four dimensions for four tokens and ten \
places. The tokens a, b, c, d share the plane of coordinates 1 and 2, back to back in pairs, as \
features do in superposition. The positions share the plane of coordinates 3 and 4: each is the \
one before, turned by the angle of the 3-4-5 triangle, so that all numbers stay rational.

The trick is in layer 1. Its head attends to the place before, and does two things with what it \
reads there: it writes the token into coordinates 3 and 4, and it writes the position of that \
place, turned once and with a minus sign. But the place before, turned once, is exactly the \
position that already stands there. So the position cancels, and coordinates 3 and 4 now hold the \
previous token and nothing else. Layer 2 then asks as every induction head asks.

A token of beginning with a zero embedding stands in front, so that the first real token also has \
something before it. The price of the narrow stream shows when the last token had several \
followers: antipodal ones cancel in the average, and something else may be said."""


def induction_compact(V: object = 4, n: object = 7) -> Circuit:
    """d_model 4: tokens in coordinates 1, 2; 3-4-5 positions, then previous tokens, in 3, 4."""
    tokens = read_size(V, "V", 3, 4)
    places = read_size(n, "n", 2, MOST_PLACES - 1) + 1
    arrows = [(1, 0), (0, 1), (-1, 0), (0, -1)] if tokens == 4 else [(1, 0), (0, 1), (-1, -1)]
    reading = [(1, 0, -1, 0), (0, 1, 0, -1)] if tokens == 4 else [(2, -1, -1), (-1, 2, -1)]
    ask = [(1, 0), (0, 1)] if tokens == 4 else [(2, -1), (-1, 2)]
    (c, s), (minus_s, _) = TURN
    model = AttentionOnly(
        [(0, 0, 0, 0), *((*arrow, 0, 0) for arrow in arrows)],
        [(0, *row) for row in (*reading, (0,) * tokens, (0,) * tokens)],
        [
            [
                Head.of_circuits(
                    [(0,) * 4, (0,) * 4, *((0, 0, *row) for row in BACK)],
                    [(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, -c, -s), (0, 0, -minus_s, -c)],
                )
            ],
            [
                Head.of_circuits(
                    [*((0, 0, *row) for row in ask), (0,) * 4, (0,) * 4],
                    matrix(4, 4, {(0, 0): 2, (1, 1): 2}),
                )
            ],
        ],
        W_pos=[(0, 0, *point) for point in circle(places)],
        vocabulary=(_BEGIN, *letters(tokens)),
        softmax="hard",
    )
    return Circuit(
        "induction-compact",
        "Induction in four dimensions",
        _COMPACT,
        model,
        f"{_BEGIN} {short_sentence(tokens, places - 1)}",
        (
            OneFollower(model, before=(_BEGIN,)),
            MostFrequentFollower(model, before=(_BEGIN,)),
        ),
        "derived here",
        _find_narrow,
        _ask_compact,
    )


# -- D, three dimensions ---------------------------------------------------------------------------

_THREE = """\
Three dimensions are enough, for any number of tokens. Call the tokens by whole numbers, such as \
−1, 0, 1. Two things must be asked of numbers that share one axis: is this key the number that I \
look for, and which number is it that I have read? Both are answered by a parabola: 2ab − b² is \
largest where b = a. So a key holds b and b², and a score can be made of them that singles b = a \
out.

Each token brings its number on axis 3 and its square hidden in the plane of axes 1 and 2, where \
the positions live too, much larger, turned by the 3-4-5 angle from place to place. Layer 1 has \
two heads. One looks one place back, the other at its own place; together they take all positions \
out of the plane, and what remains is: a constant less the square of the previous number, the own \
number, the previous number. Layer 2 scores with the parabola, and reads the number that follows. \
The output is a parabola again, one for each token.

The lower bound is two dimensions, as three tokens that are all to be predicted need a plane. \
Whether two are enough, nobody knows."""


def induction_three(V: object = 3, n: object = 7) -> Circuit:
    """d_model 3: x₁ = (σ − z², b, z) of token b and previous token z, and parabolas for scores."""
    tokens = read_size(V, "V", 2, 9)
    places = read_size(n, "n", 2, MOST_PLACES)
    numbers = range(-((tokens - 1) // 2), tokens // 2 + 1)
    m = max(map(abs, numbers))
    sigma, strength = 8 * m**3, 8 if m < 3 else 4 * m + 4
    P = (125 if places <= 7 else 1000) * sigma  # positions must outweigh what tokens add
    (c, s), (minus_s, _) = TURN
    # the arrow of token t in the plane has product σ with f = (1, 0) and t² with Rf = (c, −s)
    embedding = [(sigma, (c * sigma - t * t) / s, t) for t in numbers]
    plane_to = {(0, 0): -c, (1, 0): -minus_s}  # −Rf, into coordinate 1
    before = Head.of_circuits(
        [(*row, 0) for row in BACK] + [(0, 0, 0)], matrix(3, 3, {**plane_to, (2, 2): 1})
    )
    own = Head.of_circuits(
        matrix(3, 3, {(0, 0): 1, (1, 1): 1}), matrix(3, 3, {(1, 1): -1, (2, 1): 1, (2, 2): -1})
    )
    ask = Head.of_circuits(
        matrix(3, 3, {(0, 0): 1, (1, 2): 2 * sigma}), matrix(3, 3, {(1, 2): strength})
    )
    model = AttentionOnly(
        embedding,
        [
            [Fraction(-strength * t * t, sigma) for t in numbers],
            [0] * tokens,
            [2 * t for t in numbers],
        ],
        [[before, own], [ask]],
        W_pos=[(P * x, P * y, 0) for x, y in circle(places, (Fraction(-1), Fraction(0)))],
        vocabulary=letters(tokens),
        softmax="hard",
    )
    return Circuit(
        "induction-three",
        "Induction in three dimensions, by parabolas",
        _THREE,
        model,
        short_sentence(tokens, places),
        (OneFollower(model), MostFrequentFollower(model)),
        "derived here",
        _find_narrow,
        _ask_induction,
    )


# -- shared ----------------------------------------------------------------------------------------


def _sizes(V: object, n: object, strength: object, sharpness: object) -> tuple[int, int, int, int]:
    return (
        read_size(V, "V", 2, 26),
        read_size(n, "n", 2, 40),
        read_size(strength, "strength", 1, 1000),
        read_size(sharpness, "sharpness", 1, 1000),
    )


def _claims(model: AttentionOnly, strength: int) -> tuple[OneFollower | FollowerDistribution, ...]:
    """One follower; with hard attention the whole distribution too."""
    one = OneFollower(model)
    if model.softmax.name != "hard":
        return (one,)
    return one, FollowerDistribution(model, _distribution(strength), strength=Fraction(strength))


def _ask_induction(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    where = [f"{k + 1} {run.tokens[k]}" for k in seen_most(run, 2, 1)]
    why = "Head 1.1 told every place which token came before it. Head 2.1 looks at "
    return next_token(run, says(f"{why}{escaped_names(where)}, and copies what it reads there."))


def _ask_pointer(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    why = (
        "It looks for its own token, and takes one off the score of its own place; the position "
        "that it finds is the pointer."
    )
    return looks_at(run, 1, 1, says(why))


def _ask_compact(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    why = (
        "After layer 1, coordinates 3 and 4 hold the token before each place, and head 2.1 looks "
        "where that is most like the last token."
    )
    return looks_at(run, 2, 1, says(why))


def _find_one_hot(circuit: Circuit) -> Findings:
    model = circuit.model
    several = MostFrequentFollower(model)
    width = "The residual stream has {} dimensions, and grows with the vocabulary and the text."
    gained, lost = judged(circuit.claims)
    lost += [proved(several, _MANY), says(width, model.d_model)]
    return Findings(tuple(gained), tuple(lost))


def _find_narrow(circuit: Circuit) -> Findings:
    one, several = circuit.claims
    width = says("{} dimensions hold {} tokens.", circuit.model.d_model, len(one.alphabet))
    return Findings((proved(one), width), (proved(several, _MANY),))
