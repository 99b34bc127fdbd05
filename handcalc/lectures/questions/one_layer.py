"""What the lecture on one layer asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

from fractions import Fraction

import sympy

import handcalc
from handcalc.circuits.composition import Reach, reach, virtual_weight
from handcalc.circuits.copying import Copying
from handcalc.circuits.gallery.positional import previous_token
from handcalc.circuits.skip_trigram_bug import cross_effects
from handcalc.circuits.softmax import Softmax
from handcalc.inputs.arguments import Matrix, Vector, exact, read_matrix, read_vector
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import number, numbers, plainly, vector
from handcalc.views.notation import UNICODE

# other numbers than those of the course's exercises, which are not to be given away
SENTENCE = "c b a"
COUNTS = ((1, 3, 9), (3, 3, 3), (9, 3, 1))
_SCORES, _SCORES_ABOUT = "0 1 3", "base 2"
_WRITER, _READER = "1 2 0 0", "2 -1 3 0"
_FOUR_COLUMNS = "1 -2 1 0; 2 0 -2 1/2"
_WANTED, _LOOKS = "2 5", "1/2 1/3"
_ODD_TABLE = "1 -5; 9/10 1"
_PLACES = 6


def two_heads(softmax: str = "base 2") -> handcalc.AttentionOnly:
    """A layer of two heads of width one, on three tokens in the plane."""
    looks_at_a = handcalc.Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
    looks_away = handcalc.Head(W_Q="0; 1", W_K="1; -1", W_V="1; 0", W_O="0 1")
    layer = [looks_at_a, looks_away]
    return handcalc.AttentionOnly("1 0; 0 1; 1 1", "1 0 1; 0 1 1", [layer], softmax=softmax)


def one_table(table: object) -> Copying:
    """Copying by a head whose OV table is the one given."""
    M = read_matrix(table, "the table")
    size = len(M)
    identity = [[int(i == j) for j in range(size)] for i in range(size)]
    head = handcalc.Head.of_circuits([[0] * size] * size, M)
    return handcalc.copying(handcalc.AttentionOnly(identity, identity, [[head]]), 1, 1)


# -- the residual stream ---------------------------------------------------------------------------


def overlap() -> NumberPrediction:
    """A reader at right angles to what was written, in the same coordinates."""
    writer, reader = read_vector(_WRITER, "the writer"), read_vector(_READER, "the reader")
    found = virtual_weight([writer], [[x] for x in reader])
    without_signs = sum((abs(a * b) for a, b in zip(writer, reader, strict=True)), sympy.Integer(0))
    return NumberPrediction(
        f"One head writes an amount of {number(1)} along {vector(writer)}. A later one reads along "
        f"{vector(reader)}. How much of the message does it read?",
        found.product[0][0],
        "What is read is the product of the two, and it vanishes.",
        (
            (
                exact(len(found.shared_coordinates)),
                "so many coordinates are used by both, and that settles nothing: the product does",
            ),
            (without_signs, "the signs are lost: what one coordinate brings, the other takes away"),
            (exact(1), "so much was written; how much is read depends on the direction of reading"),
        ),
        "What one writes and the other reads meets in the *virtual weight* $W_O W_I$, and here it "
        f"is {number(found.product[0][0])}, though both use the coordinates "
        f"{numbers(found.shared_coordinates)}. Disjoint is a fact about the product, and not about "
        "which coordinates are used: overlapping directions can pass each other unheard.",
    )


# -- softmax ---------------------------------------------------------------------------------------


def last_weight() -> NumberPrediction:
    """The largest of three weights in base two."""
    scores = read_vector(_SCORES, "the scores")
    weights = Softmax.of(_SCORES_ABOUT).of_scores(scores)
    right = exact(weights[-1])
    total = sum(scores, sympy.Integer(0))
    return NumberPrediction(
        f"The softmax in {_SCORES_ABOUT} of the scores {vector(scores)}: which weight has the "
        "last?",
        right,
        "Powers first, then shares.",
        (
            (scores[-1] / total, "the scores were made shares, not their powers"),
            (exact(Softmax.of("hard").of_scores(scores)[-1]), "that is hard attention"),
            (exact(Softmax.of("base 1").of_scores(scores)[-1]), "that is attention to all alike"),
            (
                exact(Softmax.of("base 2").of_scores(scores)[-2]),
                "that is the weight of the second score",
            ),
        ),
        f"The weights are {numbers(weights)}: each score more doubles the weight. This *is* "
        f"softmax, of scores in units of $\\log {Softmax.of(_SCORES_ABOUT).base}$; only the unit "
        "belongs to $W_{QK}$.",
    )


# -- one head --------------------------------------------------------------------------------------


def second_residual() -> ChoicePrediction:
    """The residual stream of the second token behind a layer of two heads."""
    run = handcalc.run_circuit(two_heads(), SENTENCE)
    right, start = plainly(run.residual[1][1]), run.residual[0][1]
    heads_alone = [exact(x - y) for x, y in zip(run.residual[1][1], start, strict=True)]
    unmasked = [x + y for x, y in zip(start, _seeing_all(run, 1), strict=True)]
    alike = handcalc.run_circuit(two_heads("base 1"), SENTENCE).residual[1][1]
    return ChoicePrediction(
        f"It reads {', '.join(run.tokens)}, in base two. What stands in the residual "
        "stream at the second token behind the layer?",
        {
            plainly(heads_alone): "that is what the heads write; the stream had something before",
            plainly(alike): "that is attention to all alike: the scores are not all the same",
            right: "What was there, and what both heads add.",
            plainly(unmasked): "the last token was looked at: nobody looks ahead",
        },
        right,
        f"The stream began as {vector(start)}; the heads add "
        f"{vector(run.head_outputs[0][0][1])} and {vector(run.head_outputs[0][1][1])}. Heads of "
        "one layer do not see each other: their outputs are added.",
    )


def _seeing_all(run: handcalc.CircuitRun, place: int) -> list[sympy.Expr]:
    """What the heads of layer 1 would write at a place if they looked ahead too."""
    written = [sympy.Integer(0)] * run.model.d_model
    for b, head in enumerate(run.model.layers[0]):
        weights = run.model.softmax.of_scores(run.scores[0][b][place])
        for weight, row in zip(weights, run.residual[0], strict=True):
            moved = sympy.Matrix([row]) * sympy.Matrix(head.W_OV)
            written = [exact(x + weight * y) for x, y in zip(written, moved, strict=True)]
    return written


# -- zero layers -----------------------------------------------------------------------------------


def smallest_width() -> NumberPrediction:
    """The dimensions that the best bigram table of a corpus needs."""
    found = handcalc.best_bigrams(COUNTS)
    V, rank = len(found.vocabulary), int(sympy.Matrix(found.counts).rank())
    rows = "; ".join(" ".join(map(str, row)) for row in found.counts)
    return NumberPrediction(
        f"A corpus of {number(V)} tokens has the counts `{rows}`, rows the present token, columns "
        "the next. How few dimensions may the residual stream have, if $W_E W_U$ is to be the best "
        "table?",
        exact(found.dimensions or 0),
        "The rows of logs, each less its mean, are multiples of one.",
        (
            (
                exact(rank),
                "so large is the rank of the counts; but logs are wanted, up to a constant a row",
            ),
            (exact(V - 1), "so many always suffice; here the logs are more alike than that"),
        ),
        f"It takes {number(found.dimensions or 0)}. Softmax does not see a constant that is added "
        f"to a row, so what counts is the rank of the *row-centred* logs, at most one less than "
        f"the number of tokens. The loss is then the corpus's entropy, "
        f"{number(found.entropy)}, and no table has less.",
    )


def silent_token() -> ChoicePrediction:
    """Which of four tokens can never have the largest logit."""
    V = len(read_matrix(_FOUR_COLUMNS, "W_U")[0])
    model = handcalc.AttentionOnly([[1, 0]] * V, _FOUR_COLUMNS)
    found = reach(model)
    (silent,) = (each for each in found if each.mixture)
    columns = dict(zip(model.vocabulary, zip(*model.W_U, strict=True), strict=True))
    options = {
        f"{name}, with the column {plainly(column)}": _why_heard(found[k])
        for k, (name, column) in enumerate(columns.items())
    }
    parts = " + ".join(f"{number(w)} · {vector(columns[name])}" for name, w in silent.mixture or ())
    none = "none: each can be the largest somewhere"
    options[none] = "look at the token whose column lies between the others"
    return ChoicePrediction(
        "Four tokens share two dimensions. A token is predicted where the residual's product with "
        "its column of $W_U$ is the largest. Which token can never be?",
        options,
        next(text for text in options if text.startswith(silent.token)),
        f"{vector(columns[silent.token])} = {parts}: its logit is an average of the others', "
        "whatever the residual, and an average is never above all. Not length decides: a short "
        "column *outside* the hull of the others does have its direction.",
    )


def _why_heard(found: Reach) -> str:
    if found.residual is None:
        return "Its column is a mixture of the others."
    return f"it is the largest at the residual {vector(found.residual)}"


# -- the bug ---------------------------------------------------------------------------------------


def larger_cross_effect() -> NumberPrediction:
    """What two wanted effects force on the pairs that nobody wanted."""
    (first, second), _ = cross_effects(_WANTED, _LOOKS)
    wanted, looks = read_vector(_WANTED, "the effects"), read_vector(_LOOKS, "the weights")
    return NumberPrediction(
        f"One head; only *keep* writes. Wanted: keep raises mind after *in* by {number(wanted[0])} "
        f"and bay after *at* by {number(wanted[1])}. The head looks at keep with weight "
        f"{number(looks[0])} from in, and {number(looks[1])} from at. By how much does keep then "
        "raise **bay** after **in**?",
        first,
        "The OV row of keep is one row, for both destinations.",
        (
            (exact(0), "nobody wanted it, but both destinations read the same OV row"),
            (wanted[1], "that is what at gets; in looks harder, so it gets more"),
            (
                wanted[0] * wanted[1],
                "so much is the product of both cross effects; this is one of them",
            ),
        ),
        f"OV of keep to bay is {number(wanted[1])} ÷ {number(looks[1])} = "
        f"{number(exact(wanted[1] / looks[1]))}, and in looks with {number(looks[0])}: "
        f"{number(first)}. The other cross effect, mind after at, is {number(second)}. Their "
        f"product, {number(exact(first * second))}, is that of the wanted ones: the table of "
        "effects has rank one.",
    )


def stolen() -> NumberPrediction:
    """What a token does whose OV row is zero."""
    tables = handcalc.circuit("attention-steals").model
    model = handcalc.AttentionOnly(
        tables.W_E, tables.W_U, tables.layers, vocabulary=tables.vocabulary, softmax="base 3"
    )
    effect = handcalc.source_effect(model, "keep", "in", "mind", before="").effects[0][0]
    looks = handcalc.qk_circuit(model, 1, 1)
    written = handcalc.ov_circuit(model, 1, 1)
    direct = handcalc.bigram_table(model).cell("in", "mind")
    with_keep = handcalc.run_circuit(model, "keep in").last_logits[-2]
    return NumberPrediction(
        f"A head whose OV row of *keep* is {number(written.cell('keep', 'mind'))}. *in* scores "
        f"keep {number(looks.cell('in', 'keep'))}, itself {number(looks.cell('in', 'in'))}, the "
        f"token of beginning {number(looks.cell('in', '<s>'))}, in {model.softmax.name}; its own "
        f"OV row adds {number(written.cell('in', 'mind'))} to mind, and the direct path "
        f"{number(direct)}. By how much does keep, in the place of the token of beginning, raise "
        "mind after in?",
        exact(effect),
        "The difference is the effect, whatever the OV row says.",
        (
            (exact(0), "so the table says; but what keep takes from *in* is an effect too"),
            (exact(with_keep), "so large is the logit; the token of beginning leaves some as well"),
            (direct, "that is the direct path, which is there in any case"),
        ),
        f"It is {number(effect)}, though keep writes nothing. *in* reads itself, and what it reads "
        "there speaks *against* mind; keep draws attention away from that. Attention is a "
        "competition: an entry of the OV table is an effect only against tokens that write "
        "nothing.",
    )


# -- copying, positions ----------------------------------------------------------------------------


def odd_copying() -> ChoicePrediction:
    """A table whose every row copies, with a poor copying score."""
    found = one_table(_ODD_TABLE)
    V = len(found.table.row_tokens)
    M: Matrix = found.table.cells

    def said(score: sympy.Expr | int, rows: int) -> str:
        return (
            f"score {UNICODE.number(exact(score))}, and {rows} of {V} rows favour their own token"
        )

    right = said(found.score or 0, len(found.top1))
    return ChoicePrediction(
        f"An OV table has the rows {vector(M[0])} and {vector(M[1])}. Copying is looked for in two "
        "ways: by the score $\\sum\\lambda / \\sum|\\lambda|$ of the eigenvalues, and by the rows "
        "whose largest entry is their own. What do they say here?",
        {
            said(1, V): "the rows copy, but the eigenvalues are no real numbers",
            said(0, V): "so it would be if the diagonal were zero: the trace is the sum of all",
            right: "Two tests, two answers.",
            said(found.score or 0, 0): "the rows can be read off: is their own entry the largest?",
        },
        right,
        f"The eigenvalues have the sum {number(exact(M[0][0] + M[1][1]))}, the trace, but they are "
        "complex, and their absolute values sum to more. The converse happens as well: there are "
        "tables with the best score that never copy, and to find one is an exercise. Neither test "
        "implies the other: report both.",
    )


def soft_look_back() -> NumberPrediction:
    """How much of a soft head's attention reaches the place before."""
    soft = previous_token(n=_PLACES, softmax="base 2")
    row = handcalc.run_circuit(soft.model, [0] * _PLACES).pattern[0][0][-1]
    two: Vector = tuple(map(exact, Softmax.of("base 2").of_scores("0 1")))
    return NumberPrediction(
        "A head gives the place before a score of one, and zero to every other place. In base two, "
        f"how much of its attention does the last of {number(_PLACES)} places give to the place "
        "before?",
        exact(row[-2]),
        "The others are many, and together they outweigh it.",
        (
            (exact(1), "that is hard attention"),
            (two[1], "so it would be if there were one other place; here the others add up"),
            (exact(Fraction(1, _PLACES)), "that is attention to all alike"),
        ),
        f"The row is {vector(row)}. In base $b$ place $i$ gives $b/(b+i)$ to the place before it, "
        "counted from zero: the longer the text, the weaker the look. A real head needs scores "
        "that grow, or a large base.",
    )


QUESTIONS = {
    "overlap": overlap,
    "last weight": last_weight,
    "second residual": second_residual,
    "smallest width": smallest_width,
    "silent token": silent_token,
    "cross effect": larger_cross_effect,
    "stolen": stolen,
    "odd copying": odd_copying,
    "soft look back": soft_look_back,
}

EXERCISES = ("softmax-of-logs", "residual-after-one-layer", "write-a-copying-head")

SUMMARY = r"""
## Summary

- Layers talk through the residual stream: what is heard is the virtual weight $W_O W_I$.
- Softmax of whole scores, in a base that is a fraction, has fractions as weights; and order and
  ties are decided in base $e$ too.
- A head is where to look, $W_{QK}$, and what to move, $W_{OV}$; with its pattern held fixed it is
  one matrix, $A \otimes W_{OV}^{\top}$.
- No layers: a bigram table, as wide as the rank of its row-centred logs.
- One layer: skip-trigrams, with the bug that OV does not know the destination. It is a theorem, it
  has a price, and it can be cured; and the tables are not the function, as attention is a
  competition.
- Copying has two tests, and neither implies the other.
- A head can look one place back. Two layers make more of that: the next lecture.
"""

PLAN = (
    ("The residual stream", 10, "Disjoint is taken to mean different coordinates."),
    ("Softmax", 10, "Scores are made shares, not their powers: what if all grow by one?"),
    ("A head, three ways", 20, "The residual is forgotten, or the mask: work a row on the board."),
    ("Zero layers", 10, "A silent token is explained by its length: draw the hull."),
    ("One layer", 25, "Cross effects are blamed on training; a zero OV row means no effect."),
    ("Copying", 5, "A good score is taken to mean copying: show the odd table."),
    ("Looking at places", 5, "That the first place has nothing before it is overlooked."),
    ("Exercises", 5, "Begun here, ended at home."),
)
