"""The page on a run: patterns, the residual stream, logits, and worked steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.paths import head_matrix, stacked
from handcalc.circuits.positions import Rows
from handcalc.circuits.run import CircuitRun
from handcalc.derivation import Claim, Name, Step
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Named,
    Page,
    Said,
    Steps,
    Tabulated,
    Title,
    escaped,
    is_wide,
    readable_steps,
    row_text,
)
from handcalc.views.circuits.in_words import places
from handcalc.views.circuits.models import UNITS
from handcalc.views.notation import UNICODE

HIDDEN = "."  # what the mask takes away
_PATTERN = (
    "Rows look, columns are looked at; a dot is a later position, which cannot be seen. Head 1.1 "
    "is the first head of layer 1."
)
_STREAM = "The vector of each position, which every layer reads and adds to."
_LOGITS = "A logit is how much a position speaks for each next token; → is the largest."
ROWS_AGAIN = Said.plainly(
    "From here on vectors are rows again, in the residual stream and in the steps: they are worked "
    "with the matrices above turned back, and with W_QK as it stands."
)
_MOST_AT_ONCE = 8  # numbers of all vectors of a sentence, whose matrix still fits 80 columns
_MOST_TIED = 3  # tokens that are named as the next


def run(shown: CircuitRun, *, every: bool = False) -> Page:
    """Patterns, the residual stream, logits, and the steps of the last position, or of every."""
    return [sentence(shown), *worked(shown, every=every)]


def sentence(shown: CircuitRun) -> Said:
    """The tokens."""
    return Said.plainly(escaped(f"Tokens: {' '.join(shown.tokens)}"))


def worked(shown: CircuitRun, *, every: bool = False) -> Page:
    """What becomes of the tokens."""
    return [
        *patterns(shown),
        *residual(shown),
        *next_tokens(shown),
        *_steps(shown, every=every),
        *three_ways(shown),
    ]


def three_ways(shown: CircuitRun) -> Iterator[Block]:
    """One layer that fits a page: the same outputs head by head, side by side, and all at once.

    Source: Elhage et al. 2021, "Attention Heads as Independent and Additive".
    """
    X, last = shown.residual[0], len(shown.tokens)
    numbers = [cell for pattern in shown.pattern[:1] for rows in pattern for cell in stacked(rows)]
    is_exact = not any(isinstance(cell, ExponentialSum) for cell in numbers)
    if len(shown.model.layers) != 1 or len(stacked(X)) > _MOST_AT_ONCE or not is_exact:
        return
    outputs = [each[-1] for each in shown.head_outputs[0]]
    added = " + ".join(row_text(each, UNICODE) for each in outputs)
    yield Title("Each head three ways")
    if len(outputs) > 1:
        total = [sympy.Add(*cells) for cells in zip(*outputs, strict=True)]
        results = [cell for each in shown.results[0] for cell in each[-1]]
        yield Said.plainly(
            f"Head by head, position {last} gets {added} = {row_text(total, UNICODE)}. Side by "
            f"side, the results of all heads in one row, {row_text(results, UNICODE)}, times their "
            "W_O one below the other give the same: to concatenate is to add."
        )
    else:
        yield Said.plainly(f"Position by position, position {last} gets {added}, as worked above.")
    yield Said.plainly(
        "All at once: the rows of X one after the other, vec(X) = "
        f"{row_text(stacked(X), UNICODE)}, times one matrix are the outputs of a head one after "
        "the other. A moves between positions, W_OV within a vector, and neither knows of the "
        "other: A ⊗ W_OVᵀ = (Id ⊗ W_Oᵀ)(A ⊗ Id)(Id ⊗ W_Vᵀ), to read, to move and to write."
    )
    for head, each in enumerate(shown.head_outputs[0], 1):
        yield Named(f"A ⊗ W_OVᵀ of head 1.{head}", head_matrix(shown, 1, head))
        yield Said.plainly(f"times vec(X) is {row_text(stacked(each), UNICODE)}.")


def patterns(shown: CircuitRun) -> Iterator[Block]:
    """A grid for each head: rows look, columns are looked at."""
    for a, layer in enumerate(shown.pattern, 1):
        for b, pattern in enumerate(layer, 1):
            yield Title(f"Head {a}.{b} attends")
            yield Said(Claim(_PATTERN), is_note=True)
            yield _grid(shown.tokens, pattern)


def residual(shown: CircuitRun) -> Iterator[Block]:
    """The vector of each position, before the first layer and after each."""
    heads = ["position", "embedded", *(f"layer {k}" for k in range(1, len(shown.residual)))]
    rows = [
        (label, *(row_text(layer[i], UNICODE) for layer in shown.residual))
        for i, label in enumerate(places(shown.tokens))
    ]
    yield Title("The residual stream")
    yield Said(Claim(_STREAM), is_note=True)
    if not all(str(cell).startswith("(") for row in rows for cell in row[1:]):
        yield UNITS
    yield Tabulated(tuple(heads), tuple(rows))


def next_tokens(shown: CircuitRun) -> Iterator[Block]:
    """Logits by position and token, what is predicted, and its probability."""
    names = shown.model.vocabulary
    said = [
        " or ".join(best) if len(best) <= _MOST_TIED else f"a tie of {len(best)}"
        for best in shown.predictions
    ]
    yield Title("Logits, and the next token")
    yield Said(Claim(_LOGITS), is_note=True)
    yield _by_position(shown, names, shown.logits, said)
    if shown.model.softmax.name != "hard":
        yield Title("Probabilities")
        yield _by_position(shown, names, shown.probabilities)


def _by_position(
    shown: CircuitRun, names: Sequence[str], numbers: Rows, said: Sequence[str] = ()
) -> Tabulated:
    labels = places(shown.tokens)
    rows: list[tuple[Cell, ...]] = [
        (label, *row, *([f"→ {said[i]}"] if said else []))
        for i, (label, row) in enumerate(zip(labels, numbers, strict=True))
    ]
    return Tabulated(("position", *names, *(["next"] if said else [])), tuple(rows))


def _steps(shown: CircuitRun, *, every: bool) -> Iterator[Block]:
    last = len(shown.tokens)
    title = "Every position, step by step" if every else f"Position {last}, step by step"
    yield Title(title)
    if is_wide(max(shown.model.d_model, shown.model.d_vocab)):
        yield UNITS

    def is_shown(_: Step, target: Name) -> bool:
        """Keys of every place are met, and values of every place are gathered."""
        return every or target.indices[0] == last or target.letter in ("k", "v")

    yield Steps(readable_steps(shown.derivation, is_shown))


def _grid(tokens: Sequence[str], pattern: Rows) -> Tabulated:
    rows = [
        (label, *row[: i + 1], *[HIDDEN] * (len(row) - i - 1))
        for i, (label, row) in enumerate(zip(places(tokens), pattern, strict=True))
    ]
    return Tabulated(("position", *places(tokens)), tuple(rows))
