"""No attention: the bigram table of a corpus in a dimension for each token, and in one."""

from __future__ import annotations

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.corpus import best_bigrams
from handcalc.circuits.gallery.circuit import (
    FRAMEWORK,
    Circuit,
    matrix,
    proved,
    says,
    slots,
)
from handcalc.circuits.gallery.question import CircuitPrediction, next_token
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.sequence_claims import RuledNext, TokenRule
from handcalc.circuits.tables import bigram_table
from handcalc.derivation import Claim, Findings
from handcalc.wording import joined

CORPUS = "aababacacacacbbbcbcca"
_RULES = (
    TokenRule("a", best=("c",)),
    TokenRule("b", best=("a", "b", "c")),
    TokenRule("c", best=("a",)),
)
_SAID = "After a comes c, after c comes a, and after b all three are equally likely."


_ZERO_LAYER = """\
Without any attention a model sees one token and nothing else. Its logits are a row of the table \
W_E W_U: row a for what follows a. The best that such a model can do is to learn, for each token, \
how often each other token follows: the bigrams of its corpus.

Here the corpus is aababacacacacbbbcbcca. After a it has a once, b twice and c four times; after b \
each of them twice; after c it has a four times, b twice and c once. Softmax turns logits into \
shares by powers of two here, so the best logits are the logarithms of the counts to base 2: after \
a they are 0, 1, 2. Adding the same number to a whole row changes no probability.

With a coordinate for each token W_E says which token it is, and W_U simply is the table. The \
model then gives exactly the shares of the corpus, and no bigram model does better: what is left \
of the loss is the entropy of the corpus. Whatever stands earlier in the sentence changes \
nothing."""


_ONE_DIMENSION = """\
How wide must the residual stream be for a bigram table? Not as wide as the vocabulary: rows may \
be shifted by a constant that softmax does not see, so one dimension less always suffices. And \
this table is luckier still. Take from each row of logarithms its mean: −1, 0, 1 after a; 0, 0, 0 \
after b; 1, 0, −1 after c. All rows are multiples of one row. So a single number per token will \
do: W_E holds 1, 0, −1, and W_U is the row −1, 0, 1. Three tokens live on one line, c against a, \
and b is the point between.

The probabilities are exactly those of the wide model. But a line can do little else. The logits \
are −x, 0 and x for some number x: if x is positive, c wins, if negative, a, and b is never ahead \
of both. A corpus in which a is always followed by b, b by c and c by a would need all three to \
win: on a line the best that can be approached is a loss of (log 2)/3 per token."""


def zero_layer() -> Circuit:
    """The corpus' table with d_model = V."""
    table = [(0, 1, 2), (1, 1, 1), (2, 1, 0)]
    model = AttentionOnly(matrix(3, 3, {(a, a): 1 for a in range(3)}), table, softmax="base 2")
    return Circuit(
        "zero-layer",
        "What follows a token, by the token alone",
        _ZERO_LAYER,
        model,
        "a b c a",
        (RuledNext(model, _SAID, rules=_RULES),),
        f"{FRAMEWORK}, Zero-Layer Transformers",
        _find_zero_layer,
        _ask_zero_layer,
    )


def one_dimension() -> Circuit:
    """The same table in one dimension."""
    model = AttentionOnly("1; 0; -1", "-1 0 1", softmax="base 2")
    return Circuit(
        "one-dimension",
        "The same table in one dimension",
        _ONE_DIMENSION,
        model,
        "a b c a",
        (RuledNext(model, _SAID, rules=_RULES),),
        "derived here",
        _find_one_dimension,
        _ask_one_dimension,
    )


def _ask_zero_layer(circuit: Circuit, run: CircuitRun) -> CircuitPrediction:
    table, last = bigram_table(circuit.model), run.tokens[-1]
    row = table.cells[table.row_tokens.index(last)]
    why = f"Only the last token counts, and row {last} of W_E W_U is {slots(row)}."
    return next_token(run, says(why, *row))


def _ask_one_dimension(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    """A token strictly between others on the line is behind one of them, at any point of it."""
    names, (line,) = circuit.model.vocabulary, circuit.model.W_U
    first, last = (names[line.index(end(line))] for end in (min, max))
    behind = tuple(k for k, at in enumerate(line) if min(line) < at < max(line))
    never = joined([names[k] for k in behind])
    return CircuitPrediction(
        "Which token can never be ahead of both others, whatever number its row of W_E were?",
        names,
        behind,
        says(
            f"{never}. The logits are {slots(line)} times one number: if it is positive, {last} is "
            f"ahead, if negative {first}.",
            *line,
        ),
    )


def _find_zero_layer(circuit: Circuit) -> Findings:
    model = circuit.model
    same = (run_circuit(model, text).last_logits for text in ("a b c a", "c b b a"))
    blind = "The sentences a b c a and c b b a end in the same logits"
    lost = (
        says(f"{blind}, {{}}, {{}} and {{}}: earlier tokens are not seen.", *next(same)),
        says("The residual stream has {} dimensions.", model.d_model),
    )
    return Findings((_shares(model), _entropy(), proved(circuit.claim)), lost)


def _find_one_dimension(circuit: Circuit) -> Findings:
    found = best_bigrams(CORPUS)
    width = says(
        "The centred log table of the corpus has rank {}: so many dimensions suffice.",
        found.dimensions or 0,
    )
    column = circuit.model.W_U[0]
    line = says(
        "The logits of a, b and c are {}, {} and {} times one number, so b is never ahead of both.",
        *column,
    )
    gained = (_shares(circuit.model), _entropy(), width, proved(circuit.claim))
    return Findings(gained, (line,))


def _shares(model: AttentionOnly) -> Claim:
    """Whether the model's probabilities are the corpus' shares, with the row of a."""
    counts = best_bigrams(CORPUS).counts
    rows = [run_circuit(model, [a]).probabilities[0] for a in range(3)]
    shares = [tuple(sympy.Rational(k, sum(row)) for k in row) for row in counts]
    if rows != shares:
        return says("The probabilities are not the shares of the corpus.")
    said = "The probabilities are the shares of the corpus; after a they are {}, {} and {}."
    return says(said, *shares[0])


def _entropy() -> Claim:
    entropy = best_bigrams(CORPUS).entropy
    return says(
        f"The loss is the entropy of the corpus, {entropy.to_words()}, about "
        f"{entropy.to_float():.7f}, and no bigram table has less."
    )
