"""Heads that look at places and not at tokens: the previous token, and two back by two of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import minus, shown
from handcalc.circuits.gallery.circuit import (
    BACK,
    FRAMEWORK,
    MOST_PLACES,
    Cells,
    Circuit,
    circle,
    letters,
    matrix,
    proved,
    read_size,
    says,
    short_sentence,
    slots,
)
from handcalc.circuits.gallery.question import (
    CircuitPrediction,
    escaped_names,
    looks_at,
    next_token,
)
from handcalc.circuits.head import Head
from handcalc.circuits.paths import path_expansion
from handcalc.circuits.positions import Number, Rows
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.sequence_claims import AttendsBack, TokenBack
from handcalc.circuits.softmax import largest
from handcalc.derivation import Claim, Findings
from handcalc.errors import InputError
from handcalc.wording import brief

_POSITIONS = ("one-hot", "quadratic", "rotation")

# -- the previous token ----------------------------------------------------------------------------

_PREVIOUS = """\
The simplest thing that a head can do with positions is to look one place back. It is a small \
service, and half of an induction head is made of it: a place that knows its predecessor can be \
found by it later.

The score of place i for place j is xᵢ W_QK xⱼᵀ. If every place has a coordinate of its own, W_QK \
just sends the coordinate of place i to that of place i − 1: score 1 there, 0 elsewhere. That \
takes as many dimensions as there are places. Three are enough for any number of places: with the \
position (1, j, j²), for j = 0, 1, 2, …, the score can be made 2(i − 1)j − j², a parabola in j \
with its top at i − 1. And two are enough for a few: put the places on a circle, each the one \
before turned by the angle of the 3-4-5 triangle. Then W_QK turns the query back by one step, and \
the score is the cosine of the angle between: 1 at the place before, less elsewhere. After ten \
places the circle has come round, and the lead is nearly nothing. The circle has one more use: as \
each place is the one before turned once, a head that looks back can take its own position away \
exactly.

The first place has nothing before it. The mask leaves it only itself, so it attends to itself, \
and whoever uses this head has to plan for that."""


def previous_token(
    V: object = 4,
    n: object = 7,
    positions: str = "one-hot",
    sharpness: object = 1,
    softmax: str = "hard",
) -> Circuit:
    """One head that copies from the place before; positions one-hot, (1, j, j²) or on a circle."""
    if positions not in _POSITIONS:
        raise InputError(
            "positions", f"Positions are {', '.join(_POSITIONS)}, not {brief(positions)}."
        )
    tokens = read_size(V, "V", 2, 26)
    places = read_size(n, "n", 2, MOST_PLACES if positions == "rotation" else 40)
    K = read_size(sharpness, "sharpness", 1, 1000)
    rows, W_QK = _placed(positions, places)
    width, d = len(rows[0]), tokens + len(rows[0])
    look = {(tokens + i, tokens + j): K * W_QK[i][j] for i in range(width) for j in range(width)}
    copy = {(a, a): 2 for a in range(tokens)}
    model = AttentionOnly(
        matrix(tokens, d, {(a, a): 1 for a in range(tokens)}),
        matrix(d, tokens, {(a, a): 1 for a in range(tokens)}),
        [[Head.of_circuits(matrix(d, d, look), matrix(d, d, copy))]],
        W_pos=[(*(0,) * tokens, *row) for row in rows],
        vocabulary=letters(tokens),
        softmax=softmax,
    )
    back = AttendsBack(model, "The highest score is that of the place before.")
    token = TokenBack(model, "The previous token has the largest logit.")
    return Circuit(
        "previous-token",
        "A head that looks one place back",
        _PREVIOUS,
        model,
        short_sentence(tokens, places),
        (back, token),
        f"{FRAMEWORK} (the head); the small positions are derived here",
        _find_previous,
        _ask_previous,
    )


def _placed(
    positions: str, n: int
) -> tuple[list[Sequence[Fraction | int]], list[list[Fraction | int]]]:
    """The position of each place, and the W_QK that looks one back."""
    if positions == "rotation":
        return [*circle(n)], [list(row) for row in BACK]
    if positions == "quadratic":
        return [(1, j, j * j) for j in range(n)], [[0, -2, -1], [0, 2, 0], [0, 0, 0]]
    one_hot = matrix(n, n, {(i, i): 1 for i in range(n)})
    return [*one_hot], matrix(n, n, {(i, i - 1): 1 for i in range(1, n)})


def leads_back(run: CircuitRun, layer: int, head: int, by: int = 1) -> tuple[Number, ...]:
    """At each place from ``by`` on, the score of the place ``by`` back less the best other score.

    Errors: ``head``; ``undecided``.

    >>> leads_back(run_circuit(previous_token(n=4).model, "a a a a"), 1, 1)
    (1, 1, 1)
    """
    run.model.head(layer, head)
    leads = []
    for i, position in enumerate(run.positions[by:], by):
        rest = list(position.heads[layer - 1][head - 1].scores)
        own = rest.pop(i - by)
        leads.append(shown(minus(own, rest[largest(rest)[0]])))
    return tuple(leads)


def _ask_previous(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    why = "The score is the highest for the place before, whatever tokens stand there."
    return looks_at(run, 1, 1, says(why))


def _find_previous(circuit: Circuit) -> Findings:
    model = circuit.model
    n = len(model.W_pos or ())
    run = run_circuit(model, [0] * n)
    leads = leads_back(run, 1, 1)
    shown = says(f"The leads from the second place on: {slots(leads)}.", *leads)
    alone = says(
        "The first place can only look at itself, with weight {}.", run.pattern[0][0][0][0]
    )
    return Findings(
        (*(proved(claim) for claim in circuit.claims), shown),
        (alone, *_leak(circuit.model)),
    )


def _leak(model: AttentionOnly) -> tuple[Claim, ...]:
    """What soft attention leaves on the place before, if the numbers stay rational."""
    n = min(len(model.W_pos or ()), 6)
    soft = AttentionOnly(model.W_E, model.W_U, model.layers, W_pos=model.W_pos, softmax="base 2")
    rows = run_circuit(soft, [0] * n).pattern[0][0]
    weights = [rows[i][i - 1] for i in range(1, n)]
    if not all(isinstance(each, sympy.Rational) for each in weights):
        return ()
    said = f"With softmax base 2 the place before gets no more than {slots(weights)}."
    return (says(said, *weights),)


# -- two back --------------------------------------------------------------------------------------

_TWO_BACK = """\
Take a head that looks one place back, and put the same head into the next layer. What the first \
has moved one place on, the second moves one place further. Nobody built a head that looks two \
places back, yet something in the model does: the pair. Such a pair is called a virtual head. Its \
pattern is the product A²A¹ of the two patterns, and its table the product of what the two heads \
read and write. This is V-composition: the second head reads, as its values, what the first wrote.

The blocks of the stream are token, position, one back, two back. The head of layer 1 copies the \
token into "one back", and the head of layer 2 copies "one back" into "two back", where the output \
is read. No score of layer 2 depends on layer 1, so the patterns are known beforehand, and the \
path expansion has a single term that matters.

Virtual heads are cheap and many: two layers of twelve heads have 24 heads and 144 virtual ones. \
With soft attention they blur faster than real ones, for each step leaks."""


def two_back(V: object = 3, n: object = 6, sharpness: object = 1, softmax: str = "hard") -> Circuit:
    """Two previous-token heads one after the other; d_model = 3V + n."""
    tokens, places = read_size(V, "V", 2, 26), read_size(n, "n", 3, 40)
    K = read_size(sharpness, "sharpness", 1, 1000)
    at, one, two = tokens, tokens + places, 2 * tokens + places
    d = 3 * tokens + places
    look: Cells = {(at + i, at + i - 1): K for i in range(1, places)}
    first = {(a, one + a): 1 for a in range(tokens)}
    second = {(one + a, two + a): 1 for a in range(tokens)}
    model = AttentionOnly(
        matrix(tokens, d, {(a, a): 1 for a in range(tokens)}),
        matrix(d, tokens, {(two + a, a): 1 for a in range(tokens)}),
        [[Head.of_circuits(matrix(d, d, look), matrix(d, d, ov))] for ov in (first, second)],
        W_pos=matrix(places, d, {(i, at + i): 1 for i in range(places)}),
        vocabulary=letters(tokens),
        softmax=softmax,
    )
    claim = TokenBack(model, "The token two places back has the largest logit.", by=2)
    return Circuit(
        "two-back",
        "A virtual head that looks two places back",
        _TWO_BACK,
        model,
        short_sentence(tokens, places),
        (claim,),
        f"{FRAMEWORK}, Virtual Attention Heads",
        _find_two_back,
        _ask_two_back,
    )


def virtual_pattern(run: CircuitRun) -> Rows:
    """A²A¹ of the two first heads of two layers.

    >>> virtual_pattern(two_back().run())[3]
    (0, 1, 0, 0)
    """
    terms = path_expansion(run.model, run.tokens).terms
    return next(term.pattern for term in terms if term.heads == ((1, 1), (2, 1)))


def _ask_two_back(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    from_ = [
        f"{k} {run.tokens[k - 1]}" for k, w in enumerate(virtual_pattern(run)[-1], 1) if w != 0
    ]
    why = "Each head moves a token one place on, and the pair brings what stood at "
    return next_token(run, says(f"{why}{escaped_names(from_)}."))


def _find_two_back(circuit: Circuit) -> Findings:
    n = min(len(circuit.model.W_pos or ()), 5)
    row = virtual_pattern(run_circuit(circuit.model, [0] * n))[-1]
    pattern = f"Row {n} of the virtual head's pattern is {slots(row)}."
    soft = two_back(n=n, sharpness=3, softmax="base 2").model
    blurred = virtual_pattern(run_circuit(soft, [0] * n))[-1]
    start = says(
        "The first two places have nothing two back: from the second the pair reads the first, "
        "with weight {}.",
        virtual_pattern(run_circuit(circuit.model, [0] * 2))[1][0],
    )
    leak = f"Soft, with scores of 3 in base 2, row {n} is {slots(blurred)}."
    return Findings((proved(circuit.claim), says(pattern, *row)), (start, says(leak, *blurred)))
