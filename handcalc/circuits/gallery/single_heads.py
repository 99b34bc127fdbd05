"""One head at a time: what it moves, one that copies, and one that deletes."""

from __future__ import annotations

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import deleting_matrix
from handcalc.circuits.copying import copying
from handcalc.circuits.gallery.circuit import (
    FRAMEWORK,
    Circuit,
    matrix,
    proved,
    read_size,
    says,
    slots,
)
from handcalc.circuits.gallery.question import CircuitPrediction, looks_at
from handcalc.circuits.head import Head
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.sequence_claims import RuledNext, SeenAboveUnseen, TokenRule
from handcalc.derivation import Findings
from handcalc.inputs.arguments import read_matrix
from handcalc.numbers.exact import to_float, to_text
from handcalc.wording import joined

_ONE_HEAD = """\
An attention head does two things, and they are apart. With W_Q and W_K it decides where to look: \
every token asks a question, its query, every earlier token shows a key, the product of the two is \
a score, and softmax makes weights of scores. With W_V and W_O it decides what to move: from each \
token a value is read, the values are mixed with those weights, and the mixture is written back.

The tokens here are a = (1, 0), b = (0, 1) and c = (1, 1), and the head is as narrow as can be: \
query, key and value are one number each. A query is the sum of the coordinates, a key the first \
coordinate, so it looks at tokens that have some of a in them. A value is the first coordinate and \
twice the second, and what is written is a multiple of (1, −1).

The same numbers can be reached in three ways: values first, then the mixture, then the output; or \
the mixture of the whole rows, times the matrix W_OV = W_V W_O; or one large matrix, A ⊗ W_OVᵀ, on \
the numbers of all places at once. Several heads add up: each writes into the same stream."""


def one_head() -> Circuit:
    """A head of width 1 on tokens in the plane."""
    head = Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
    model = AttentionOnly("1 0; 0 1; 1 1", "1 0 1; 0 1 1", [[head]], softmax="base 2")
    rules = (
        TokenRule("a", exactly=(("c", 1),)),
        TokenRule("b", exactly=(("c", 1),)),
        TokenRule("c", exactly=(("c", 2),)),
    )
    said = "The logit of c, the sum of both coordinates, is that of the last token alone."
    return Circuit(
        "one-head",
        "One head: where to look, and what to move",
        _ONE_HEAD,
        model,
        "a b c",
        (RuledNext(model, said, rules=rules),),
        FRAMEWORK,
        _find_one_head,
        _ask_one_head,
    )


def _ask_one_head(_: Circuit, run: CircuitRun) -> CircuitPrediction:
    scores = run.scores[0][0][-1]
    why = f"A key is the first coordinate, and the query times the keys gives {slots(scores)}."
    return looks_at(run, 1, 1, says(why, *scores))


def _find_one_head(circuit: Circuit) -> Findings:
    run = circuit.run()
    weights, (moved,) = run.pattern[0][0][-1], run.results[0][0][-1]
    gained = (
        says("The last token spreads its weight {}, {} and {} over a, b and c.", *weights),
        says("It moves {} times (1, −1) to the last place.", moved),
    )
    rank = sympy.Matrix(circuit.model.head(1, 1).W_OV).rank()
    lost = (
        says("W_OV has rank {}: of two coordinates it reads and writes one number.", rank),
        proved(circuit.claim),
    )
    return Findings(gained, lost)


_COPYING = """\
Many heads of real models copy: whatever token they attend to, they make that same token more \
likely to come next. In a text a word that was used once is likely to be used again, so this is \
worth having, and an induction head ends with it.

Whether a head copies is a matter of its table M = W_E W_OV W_U: row by token that is read, column \
by token that gets more likely. Here M is twice the identity, and the head looks at all places \
alike, so each token that occurred gets its share of two.

How to see it in a table of fifty thousand rows? Two ways are in use, and they are not the same. \
One looks whether the largest number of each row is its own. The other looks at the eigenvalues λ \
of M: if they are real and positive, then directions are kept as they are, and the score Σλ/Σ|λ| \
is 1. Neither implies the other. The table 30, 40; −9, −10 has two positive eigenvalues and score \
1, and in neither of its rows is the own number the largest."""


def copying_head(V: object = 3, strength: object = 2) -> Circuit:
    """A head that looks at all places alike and copies; d_model = V."""
    tokens, lam = read_size(V, "V", 2, 26), read_size(strength, "strength", 1, 1000)
    identity = matrix(tokens, tokens, {(a, a): 1 for a in range(tokens)})
    copy = matrix(tokens, tokens, {(a, a): lam for a in range(tokens)})
    head = Head.of_circuits(matrix(tokens, tokens, {}), copy)
    model = AttentionOnly(identity, identity, [[head]], softmax="base 2")
    return Circuit(
        "copying",
        "A head that copies what occurred before",
        _COPYING,
        model,
        "a b a" if tokens > 2 else "a a",
        (SeenAboveUnseen(model),),
        f"{FRAMEWORK}, Detecting Copying Behavior",
        _find_copying,
        _ask_copying,
    )


def _ask_copying(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    """The order of what came before is not seen, and the last token is."""
    sentence, others = "a b a", ("a a b", "b a a", "a b b")
    ends = [run_circuit(circuit.model, text).last_logits for text in (sentence, *others)]
    same = tuple(k for k, end in enumerate(ends[1:]) if end == ends[0])
    return CircuitPrediction(
        f"Which sentence ends in the same logits as {sentence}?",
        others,
        same,
        says(
            f"{joined([others[k] for k in same])}. The head looks at all places alike, so it does "
            "not see the order of what came before; the last token adds itself once more."
        ),
    )


def _find_copying(circuit: Circuit) -> Findings:
    model = circuit.model
    own = copying(model, 1, 1)
    odd = Head.of_circuits("0 0; 0 0", "30 40; -9 -10")
    strange = copying(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[odd]]), 1, 1)
    first, second = ("a b a", "b a a")
    same = run_circuit(model, first).last_logits == run_circuit(model, second).last_logits
    order = f"After {first} and after {second} the logits are {'the same' if same else 'different'}"
    return Findings(
        (
            proved(circuit.claim),
            says(
                "Its copying score is {}, and {} of {} rows favour their own token.",
                own.score or 0,
                len(own.top1),
                model.d_vocab,
            ),
        ),
        (
            says(f"{order}: the order of what came before is not seen."),
            says(
                "The score alone proves little: 30, 40; −9, −10 has score {}, and {} rows copy.",
                strange.score or 0,
                len(strange.top1),
            ),
        ),
    )


_DELETING = """\
The residual stream is a memory that all layers share. Who writes, adds; nobody overwrites. A \
message stays until the end, unless somebody writes its negative. Some heads do just that.

Here a message is an amount of the direction (1, 2) in the first two coordinates. The token \
"marked" is the token "bare" with five times that message added. The head attends to its own \
place, reads the amount of the message by the projection P on its direction, and adds −P x. What \
remains is the part at a right angle, which had nothing to do with the message. After that layer \
the two tokens are the same to whoever comes later, and the direction is free for somebody else.

Two things have to be right. The head must give its own place the whole weight: with weight A it \
leaves 1 − A of the message. And whether two messages disturb each other is a matter of the \
product of what one writes and what the other reads, and not of which coordinates they use: \
(1, 2) is written and (2, −1) is read in the same two coordinates, and the product is 0."""


def deleting(n: object = 4, sharpness: object = 1, softmax: str = "hard") -> Circuit:
    """A head that attends to its own place and takes a direction away; d_model = 4 + n."""
    places, K = read_size(n, "n", 1, 40), read_size(sharpness, "sharpness", 1, 1000)
    d = 4 + places
    removal = deleting_matrix("1 2 0 0")
    cells = {(i, j): removal[i][j] for i in range(4) for j in range(4)}
    own = {(4 + i, 4 + i): K for i in range(places)}
    wide = [[cells.get((i, j), 0) for j in range(d)] for i in range(d)]
    bare = (7, -1, 2, 3)
    marked = tuple(x + 5 * m for x, m in zip(bare, (1, 2, 0, 0), strict=True))
    pad = (0,) * places
    model = AttentionOnly(
        [(*row, *pad) for row in (bare, marked, (0, 0, 1, 0))],
        [(2, 1, 0), (-1, 2, 0), (0, 0, 1), *((0, 0, 0),) * (d - 3)],
        [[Head.of_circuits(matrix(d, d, own), wide)]],
        W_pos=matrix(places, d, {(i, 4 + i): 1 for i in range(places)}),
        vocabulary="bare marked other",
        softmax=softmax,
    )
    after = (("bare", 15), ("marked", 0), ("other", 2))
    rules = (
        TokenRule("bare", exactly=after),
        TokenRule("marked", exactly=after),
        TokenRule("other", exactly=(("bare", 0), ("marked", 0), ("other", 1))),
    )
    said = "The message, which the logit of marked reads, is 0, and bare and marked end alike."
    return Circuit(
        "deleting",
        "Take a message out of the stream",
        _DELETING,
        model,
        "bare marked" if places > 1 else "marked",
        (RuledNext(model, said, rules=rules),),
        FRAMEWORK,
        _find_deleting,
        _ask_deleting,
    )


def _ask_deleting(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    """The logit of marked is the amount of the message."""
    run = run_circuit(circuit.model, "marked")
    before, after = _amounts(run)
    choices = tuple(map(to_text, sorted({after, before / 2, before}, key=to_float)))
    return CircuitPrediction(
        "The logit of marked measures the message. What is it after the head, at the token marked?",
        choices,
        (choices.index(to_text(after)),),
        says(
            "it is {}. The token brings a message of {}; the head looks at its own place, with "
            "weight {}, and writes the message there with a minus sign.",
            after,
            before,
            run.pattern[0][0][-1][-1],
        ),
    )


def _amounts(run: CircuitRun) -> list[sympy.Expr]:
    """What the message measures in the first token, before the layer and after."""
    read = sympy.Matrix(read_matrix("1; 2", "W_I"))
    return [(sympy.Matrix([layer[0][:2]]) * read)[0] for layer in run.residual]


def _find_deleting(circuit: Circuit) -> Findings:
    run = run_circuit(circuit.model, "marked")
    amounts = _amounts(run)
    soft = run_circuit(deleting(n=2, softmax="base 2").model, "other marked")
    weight, left = soft.pattern[0][0][1][1], soft.logits[1][1]
    return Findings(
        (
            proved(circuit.claim),
            says("In marked, the message measures {} before the layer, and {} after.", *amounts),
        ),
        (
            says(
                "Soft attention that gives its own place only {} leaves {} of {}.",
                weight,
                left,
                amounts[0],
            ),
        ),
    )
