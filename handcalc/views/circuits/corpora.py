"""The page on the best bigram table of a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

import sympy

from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.low_rank import LowRank
from handcalc.numbers.exact import to_rational
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Page,
    Said,
    Tabulated,
    Title,
    escaped,
    is_wide,
)
from handcalc.wording import counted, joined

_SMALL, _MANY = 1e-3, 999  # a loss with fewer digits, and per cents without decimals
_LONG = 70  # characters of a sum of logarithms, which else does not fit on a line
_SUFFICES = "One less than the number of tokens always suffices."


def bigrams(shown: Bigrams) -> Page:
    """Counts, the best table, the entropy, the width that it needs, and what another width can."""
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
    page += _factors(shown)
    if shown.found is not None:
        page += _best_found(shown, shown.found)
    elif shown.asked is not None:
        width = counted(shown.asked, "dimension")
        page.append(Said.plainly(f"With {width} W_E W_U is the best table, so nothing is lost."))
    return page


def _best_table(shown: Bigrams) -> Iterator[Block]:
    what = "N" if not shown.add else f"N + {shown.add}"
    yield Title(f"The best table, log({what}), up to a constant for each row")
    rows: list[tuple[Cell, ...]] = []
    for name, row, seen in zip(shown.vocabulary, shown.table, shown.counts, strict=True):
        if row is not None:
            rows.append((name, *(cell.to_words() for cell in row)))
        elif not any(seen):
            rows.append((name, *["0"] * len(seen)))
        else:
            logs = (LogSum.log(count).to_words() if count else "−∞" for count in seen)
            rows.append((name, *logs))
    yield Tabulated(("current", *shown.vocabulary), tuple(rows))
    ended = [
        name for name, seen in zip(shown.vocabulary, shown.counts, strict=True) if not any(seen)
    ]
    if ended and not shown.add:
        rest = (
            "its row may be anything, and is"
            if len(ended) == 1
            else "their rows may be anything, and are"
        )
        yield Said.plainly(escaped(f"Nothing follows {joined(ended)}: {rest} 0 here."))


def _entropy(shown: Bigrams) -> Said:
    said = f"Entropy, the least loss of all tables: {_log_text(shown.entropy)}"
    if shown.attained:
        return Said.plainly(f"{said}; the table here reaches it." if not shown.add else f"{said}.")
    why = "No table reaches it: a pair that never occurred wants a logit of −∞."
    if not shown.add:
        why += " With 1 added to every count there is a best table: add is 1 then."
    return Said.plainly(f"{said}. {why}")


def _factors(shown: Bigrams) -> Iterator[Block]:
    """W_E and W_U, as tables: their numbers are logarithms."""
    if shown.W_E is None or shown.W_U is None or not shown.dimensions:
        return
    yield Title(f"W_E and W_U with d_model {shown.dimensions}, whose product is the table")
    yield from _tables(
        shown.vocabulary,
        [[_factor_cell(cell) for cell in row] for row in shown.W_E],
        [[_factor_cell(cell) for cell in row] for row in shown.W_U],
    )


def _tables(
    names: Sequence[str], W_E: Sequence[Sequence[Cell]], W_U: Sequence[Sequence[Cell]]
) -> Iterator[Block]:
    """W_E with a row for each token, and W_U with a column or, of many tokens, a row too."""
    heads = tuple(map(str, range(1, len(W_U) + 1)))
    rows = tuple((name, *row) for name, row in zip(names, W_E, strict=True))
    yield Tabulated(("W_E", *heads), rows)
    if is_wide(len(names)):
        columns = zip(names, zip(*W_U, strict=True), strict=True)
        yield Tabulated(("W_U, turned", *heads), tuple((name, *cells) for name, cells in columns))
        return
    yield Tabulated(("W_U", *names), tuple((k, *row) for k, row in zip(heads, W_U, strict=True)))


# -- fewer dimensions than the best table needs ----------------------------------------------------


def _best_found(shown: Bigrams, found: LowRank) -> Iterator[Block]:
    """Its factors, how they were found, what they lose, and what is proved of all such tables."""
    width = counted(found.dimensions, "dimension")
    yield Title(f"Best found with d_model {found.dimensions}")
    known = "" if found.infimum is not None else f"No closed form is known for {width}. "
    ended = "all ended here" if found.agreed == found.starts else f"{found.agreed} ended here"
    yield Said.plainly(
        f"{known}Of {found.starts} descents from different starts {ended}, which is no proof:"
    )
    yield from _tables(
        shown.vocabulary,
        [list(map(_decimal_cell, row)) for row in found.W_E],
        [list(map(_decimal_cell, row)) for row in found.W_U],
    )
    loses = f"the product of just these decimals loses {_about(found.loss)}"
    gap = "" if found.gap is None else f", {_per_cent(found.gap)} above "
    whose = "their entropy" if shown.add else "the entropy"
    if shown.add:
        loses = f"on the counts with {shown.add} added, {loses}"
        above = f"{gap}{whose}, {_log_text(found.entropy)}"
    else:
        above = gap and gap + whose
    yield Said.plainly(f"{loses[0].upper()}{loses[1:]}{above}.")
    yield Said.plainly(_proved(found, width, whose))


def _proved(found: LowRank, width: str, whose: str) -> str:
    """What holds of every table of so many dimensions."""
    if found.infimum is not None:
        said = f"Proved: the infimum for {width} is {_log_text(found.infimum)}"
        reached = "and a table reaches it" if found.attained else "which no table reaches"
        return f"{said}, {reached}. {found.reason}"
    least = f"Proved: the least loss for {width} lies between {whose} and this number"
    if found.attained:
        return f"{least}; it is above {whose}, and some table has it."
    return f"{least}. Where a pair never occurred, logits may grow without end."


def _about(value: float) -> str:
    return f"{value:.7f}" if value >= _SMALL else f"{value:.2g}".replace("-", "−")


def _per_cent(gap: float) -> str:
    return f"{gap:.3g} %" if gap < _MANY else f"{gap:.0f} %"


def _decimal_cell(cell: Fraction) -> Decimal:
    return Decimal(cell.numerator) / cell.denominator


def _factor_cell(cell: LogSum | Fraction) -> Cell:
    if isinstance(cell, LogSum):
        return cell.to_words()
    return to_rational(cell)


def _log_text(value: LogSum) -> str:
    if not value:
        return "0"
    text, about = value.to_words(), f"about {value.to_float():.7f}"
    if len(text) > _LONG:
        return f"{about}, a sum of {len(value.terms)} logarithms of primes"
    return f"{text}, {about}"
