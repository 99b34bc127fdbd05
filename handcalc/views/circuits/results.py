"""The pages on paths, tables by token, source effects, copying and composition."""

from __future__ import annotations

import sympy

from handcalc.circuits.composition import HeadComposition, HeadCompositions
from handcalc.circuits.copying import Copying
from handcalc.circuits.paths import PathExpansion, path_name
from handcalc.circuits.tables import DIRECT_PATH, SourceEffect, TokenTable
from handcalc.derivation import Claim
from handcalc.derivation import Number as Shown
from handcalc.views.circuits.blocks import (
    Cell,
    Page,
    Said,
    Tabulated,
    Title,
    escaped,
)
from handcalc.views.circuits.models import turned_rows
from handcalc.wording import counted, joined

_MOST_TERMS = 60
_FIRST_BEHIND = 2  # heads of a path in which one reads what another wrote
_DIRECT = "Direct is what the last token gives by itself"
_FIXED = "Patterns are held fixed: those of later layers depend on earlier ones."
_MEANS = {
    "current": "The logits that a token gives to the next by itself.",
    "destination": "Scores: how much a token looks at another, compared within a row.",
    "source": "What a token adds to the logits where it is looked at with weight 1.",
}


def expansion(shown: PathExpansion) -> Page:
    """What each path adds to the logits of the last position; the sum are the logits."""
    names = shown.run.model.vocabulary
    counts = "; ".join(
        f"{counted(count, 'term')} through {counted(order, 'head')}{' each' * (count > 1)}"
        if order
        else "the direct path"
        for order, count in enumerate(shown.orders)
    )
    terms = shown.terms[:_MOST_TERMS]
    rows: list[tuple[Cell, ...]] = [(path_name(t.heads), *t.contribution[-1]) for t in terms]
    left = len(shown.terms) - len(terms)
    more = [Said.plainly(f"{left} more terms are left out here; --json has all.")] if left else []
    tokens = escaped(" ".join(shown.run.tokens))
    return [
        Title("The path expansion"),
        Said.plainly(f"Logits at the last position of {tokens}, path by path: {counts}."),
        Tabulated(("path", *names), (*rows, ("sum", *shown.logits[-1]))),
        *more,
        Said.plainly(_legend(shown)),
        *([Said.plainly(_FIXED)] if len(shown.orders) > _FIRST_BEHIND else []),
    ]


def _legend(shown: PathExpansion) -> str:
    """What the names of paths mean, each head alone and the first path through two."""
    alone = [path_name(term.heads) for term in shown.terms if len(term.heads) == 1]
    parts = [_DIRECT]
    if len(alone) > 1:
        parts.append(f"{joined(alone)} what the head of that name moves")
    elif alone:
        parts.append(f"{alone[0]} what head {alone[0]} moves")
    behind = [term.heads for term in shown.terms if len(term.heads) == _FIRST_BEHIND]
    if behind:
        first, second = (path_name([head]) for head in behind[0])
        parts.append(f"{path_name(behind[0])} what head {second} moves of what {first} wrote")
    return f"{', '.join(parts)}."


def table(shown: TokenTable, *, columns: bool = False) -> Page:
    """Numbers by two tokens; ``columns`` turns all but QK circuits, as the paper has them."""
    turned = columns and shown.row_meaning != "destination"
    first, second = shown.row_meaning, shown.column_meaning
    rows, names, heads = shown.cells, shown.row_tokens, shown.column_tokens
    if turned:
        rows, names, heads, first, second = turned_rows(rows), heads, names, second, first
    name = "W_U W_E" if turned and shown.name == DIRECT_PATH else shown.name
    told = zip(names, rows, strict=True)
    means = _MEANS.get(shown.row_meaning)
    return [
        Title(f"{name}: rows {first}, columns {second}"),
        *([Said(Claim(means), is_note=True)] if means else []),
        Tabulated((first, *heads), tuple((token, *row) for token, row in told)),
    ]


def source_effect(shown: SourceEffect) -> Page:
    """The effects by destination and output, and their rank."""
    told = zip(shown.destinations, shown.effects, strict=True)
    front = " ".join((*shown.before, shown.source))
    most = "one head with nothing else written has rank 1 at most"
    return [
        Title(f"What {shown.source} changes"),
        Said.plainly(
            escaped(
                f"Logits after {front} and the destination, less those with {shown.rest} in the "
                f"place of {shown.source}:"
            )
        ),
        Tabulated(("destination", *shown.outputs), tuple((name, *row) for name, row in told)),
        Said.plainly(f"Rank: {shown.rank}; {most}."),
    ]


def copying(shown: Copying) -> Page:
    """The table, its eigenvalues, the score, and the tokens that pass the top-1 test."""
    own = " ".join(shown.top1) or "none"
    passed = f"{len(shown.top1)} of {len(shown.table.row_tokens)}"
    return [
        *table(shown.table),
        _eigenvalues(shown),
        _score(shown),
        Said.plainly(escaped(f"Rows whose only largest entry is their own, {passed}: {own}.")),
    ]


def _eigenvalues(shown: Copying) -> Said:
    parts, values = [], list[Shown]()
    for value in shown.eigenvalues:
        text, numbers = _eigenvalue(value)
        parts.append(text)
        values += map(Shown, numbers)
    if shown.spectrum.zeros:
        parts.append(f"0 ({shown.spectrum.zeros} times)" if shown.spectrum.zeros > 1 else "0")
    return Said.plainly(f"Eigenvalues: {', '.join(parts)}.", *values)


def _eigenvalue(value: sympy.Expr | complex) -> tuple[str, list[sympy.Expr]]:
    """a + b·i, without a part that is 0 or a factor that is 1: {} where an exact number stands."""
    if isinstance(value, sympy.Expr):
        real, imaginary = value.as_real_imag()
        numbers = [part for part in (real, abs(imaginary)) if part != 0]
        first, second = "{}", "{}"
        if abs(imaginary) == 1:
            second = ""
            numbers.pop()
    else:
        real, imaginary, numbers = value.real, value.imag, []
        first, second = (f"{part:.6g}".replace("-", "−") for part in (real, abs(imaginary)))
    about = "" if isinstance(value, sympy.Expr) else "about "
    if imaginary == 0:
        return f"{about}{first}", numbers
    turned = f"{second}·i" if second else "i"
    is_below = complex(value).imag < 0
    if real == 0:
        return f"{about}{'−' * is_below}{turned}", numbers
    return f"{about}{first} {'−' if is_below else '+'} {turned}", numbers


def _score(shown: Copying) -> Said:
    if shown.score is not None:
        return Said.plainly("Copying score Σλ/Σ|λ|: {}.", Shown(shown.score))
    if shown.score_float is not None:
        return Said.plainly(f"Copying score Σλ/Σ|λ|: about {shown.score_float:.6g}.")
    return Said.plainly("Every eigenvalue is 0, so there is no copying score.")


def composition(shown: HeadCompositions) -> Page:
    """The squares of the scores for each pair of heads, and their baseline."""

    def row(pair: HeadComposition) -> tuple[Cell, ...]:
        name = f"{path_name([pair.earlier, pair.later])}"
        return (name, *("none" if x is None else x for x in (pair.Q, pair.K, pair.V)))

    if not shown.pairs:
        return [Said.plainly("There is one layer at most, so no head reads what another wrote.")]
    return [
        Title("Composition: squares of the scores"),
        Tabulated(("heads", "Q²", "K²", "V²"), tuple(map(row, shown.pairs))),
        Said.plainly(
            "At random orientations a square is {} on average, whatever the two matrices.",
            Shown(shown.baseline),
        ),
    ]
