"""The page on the best bigram table of a corpus."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy

from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.log_sums import LogSum
from handcalc.numbers.exact import to_rational
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Page,
    Said,
    Tabulated,
    Title,
)

_SUFFICES = "One less than the number of tokens always suffices."


def bigrams(shown: Bigrams) -> Page:
    """Counts, the best table, the entropy, and the width that the table needs."""
    names = shown.vocabulary
    counts = zip(names, shown.counts, strict=True)
    rows = [(name, *(sympy.Integer(cell) for cell in row)) for name, row in counts]
    page: Page = [
        Title("How often each token follows each: rows current, columns next"),
        Tabulated(("current", *names), tuple(rows)),
        *_best_table(shown),
        Title("What it costs"),
        _entropy(shown),
    ]
    if shown.loss is not None and shown.add:
        page.append(Said.plainly(f"The table here loses {_log_text(shown.loss)}."))
    if shown.dimensions is not None:
        page.append(Said.plainly(f"Smallest d_model: {shown.dimensions}. {_SUFFICES}"))
    return [*page, *_factors(shown)]


def _best_table(shown: Bigrams) -> Iterator[Block]:
    what = "N" if not shown.add else f"N + {shown.add}"
    yield Title(f"The best table, log({what}), up to a constant for each row")
    rows: list[tuple[Cell, ...]] = []
    for name, row, seen in zip(shown.vocabulary, shown.table, shown.counts, strict=True):
        if row is not None:
            rows.append((name, *(_log_cell(cell) for cell in row)))
        else:
            logs = (_log_cell(LogSum.log(count)) if count else "−∞" for count in seen)
            rows.append((name, *logs))
    yield Tabulated(("current", *shown.vocabulary), tuple(rows))


def _entropy(shown: Bigrams) -> Said:
    said = f"Entropy, the least loss of all tables: {_log_text(shown.entropy)}"
    if shown.attained:
        return Said.plainly(f"{said}; the table here reaches it." if not shown.add else f"{said}.")
    return Said.plainly(
        f"{said}. No table reaches it: a pair that never occurred wants a logit of −∞."
    )


def _factors(shown: Bigrams) -> Iterator[Block]:
    """W_E and W_U, as tables: their numbers are logarithms."""
    if shown.W_E is None or shown.W_U is None or not shown.dimensions:
        return
    heads = tuple(map(str, range(1, shown.dimensions + 1)))
    yield Title(f"W_E and W_U with d_model {shown.dimensions}, whose product is the table")
    named = zip(shown.vocabulary, shown.W_E, strict=True)
    yield Tabulated(("W_E", *heads), tuple((name, *map(_factor_cell, row)) for name, row in named))
    told = zip(heads, shown.W_U, strict=True)
    rows = tuple((name, *map(_factor_cell, row)) for name, row in told)
    yield Tabulated(("W_U", *shown.vocabulary), rows)


def _factor_cell(cell: LogSum | Fraction) -> Cell:
    if isinstance(cell, LogSum):
        return _log_cell(cell)
    return to_rational(cell)


def _log_cell(cell: LogSum) -> str:
    return cell.to_text().replace("-", "−").replace("*", "·")


def _log_text(value: LogSum) -> str:
    text = _log_cell(value)
    return text if not value else f"{text}, about {value.to_float():.7f}"
