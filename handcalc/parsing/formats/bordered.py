"""Tables with lines between their rows: Markdown's, LaTeX's, and those that polars draws."""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.formats.pieces import INDEX_NAME, NUMERIC, Blocks, counting_column, counts
from handcalc.parsing.formats.wrapping import blanked
from handcalc.parsing.refusal import UnreadableError, decimal_comma

_BORDER: Final = re.compile(r"[ \t]*[┌┬┐├┼┤└┴┘╞╪╡╭╮╰╯─═┄╌|+:-]+[ \t]*")

_COMMA_IN_CELL: Final = re.compile(r"[0-9)}\]][,;](?=[ \t]*[-+]?[0-9.√(])")


def framed(text: str) -> Blocks:
    """A table drawn with lines, as polars prints it: the names stand above the double line."""
    if not re.search(r"(?m)^[ \t]*[┌╭]─", text) or ("╞" not in text and "├" in text):
        return None
    lines = text.split("\n")
    _check_commas(text, "│┆", least=2 if "╞" in text else 3)
    middle = next((i for i, line in enumerate(lines) if "╞" in line), 0)
    out = []
    for i, line in enumerate(lines):
        is_row = i > middle and "│" in line and not _BORDER.fullmatch(line.replace("│", "|"))
        inner = re.sub("[│┆]", ",", line) if is_row else ""
        out.append(_without_ends(inner) if is_row else blanked(line))
    return ["\n".join(out)]


def _without_ends(line: str) -> str:
    """A row of cells without its first and last separator."""
    first, last = line.index(","), line.rindex(",")
    return f"{line[:first]} {line[first + 1 : last]} {line[last + 1 :]}"


def piped(text: str) -> Blocks:
    """Markdown's tables, with a header or without."""
    lines = text.split("\n")
    rows = [i for i, line in enumerate(lines) if line.strip()]
    if len(rows) < 2 or not all(re.fullmatch(r"[ \t]*\|.*\|[ \t]*", lines[i]) for i in rows):
        return None
    rules = [i for i in rows if re.fullmatch(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*", lines[i])]
    cells = {i: [c.strip(" \t$") for c in lines[i].strip(" \t")[1:-1].split("|")] for i in rows}
    if rules not in ([], [rows[1]]) or min(len(cells[i]) for i in rows) < 2 - bool(rules):
        return None
    body = rows[2:] if rules else rows
    start = len("\n".join([*lines[: rows[0]], ""]))
    _check_commas(text, "|", least=2 if rules else 3)
    header = cells[rows[0]]
    corner = header[0]
    if len({len(cells[i]) for i in rows}) > 1:
        raise UnreadableError("ragged", "Every line between bars must have as many cells.", start)
    is_labelled = bool(rules) and _has_labels(header, [cells[i][0] for i in body], start)
    if rules and corner and any(NUMERIC.fullmatch(cell) for cell in header):
        raise UnreadableError(
            "ambiguous_header",
            "The line above |---| may hold the names of the columns or the first row; leave it and "
            "the |---| out, or only the |---| if it is a row.",
            start,
        )
    out = [
        _row_of_pipes(line, is_labelled) if i in body else blanked(line)
        for i, line in enumerate(lines)
    ]
    return ["\n".join(out)]


def _has_labels(header: list[str], labels: list[str], start: int) -> bool:
    """Whether the first column names the rows."""
    corner, *names = header
    if all(map(_is_word, labels)) or (not corner and names and all(names)):
        return True
    if not corner and any(names):
        raise UnreadableError(
            "ambiguous_header",
            "Some columns have a name here and others have none, so the first may hold labels or "
            "numbers; leave the line above |---| out, and the |---| too.",
            start,
        )
    if not counts(labels):
        return False
    if INDEX_NAME.fullmatch(corner):
        return True
    if len(labels) < 3 or len(header) == 1:
        return False
    raise counting_column(start)


def _is_word(label: str) -> bool:
    """Whether a label is no number: it is empty, or has letters that are no function's."""
    rest = re.sub(
        r"(?<![A-Za-z])(?:sqrt|cos|sin|pi)(?![a-z])|π|(?<=[0-9.])[eE](?=[-+0-9])", "", label
    )
    return not label or ("\\" not in label and any(c.isalpha() or c == "#" for c in rest))


def _check_commas(text: str, bars: str, *, least: int) -> None:
    """Refuse a comma inside a cell, where bars part the cells: ``least`` of them in a line."""
    start = 0
    for line in text.split("\n"):
        found = _COMMA_IN_CELL.search(line) if sum(map(line.count, bars)) >= least else None
        if found is not None and re.match(r"[0-9],[0-9]", line[found.start() :]):
            raise decimal_comma(start + found.start() + 1)
        if found is not None:
            raise UnreadableError(
                "unexpected",
                "Bars separate the numbers here, so a comma or semicolon between two of them is "
                "unclear; type one number between two bars.",
                start + found.start() + 1,
            )
        start += len(line) + 1


def _row_of_pipes(line: str, is_labelled: bool) -> str:
    inner = _without_ends(line.replace("|", ",").replace("$", " "))
    label, comma, rest = inner.partition(",") if is_labelled else ("", "", inner)
    return blanked(label + comma) + rest


_TABULAR: Final = re.compile(r"\\begin\s*\{tabular\}")
_MIDRULE: Final = re.compile(r"\\\\\s*\\midrule")
_TOP, _BOTTOM = r"\toprule", r"\bottomrule"


def ruled(text: str) -> Blocks:
    r"""LaTeX's tabular with names above \midrule, and labels where the corner is empty.

    Errors: ``UnreadableError`` with code ``ambiguous_header`` for numbers above the rule.
    """
    begin = _TABULAR.search(text)
    top = text.find(_TOP, begin.end()) if begin else -1
    rule = _MIDRULE.search(text, top) if top >= 0 else None
    end = text.find(_BOTTOM, rule.end()) if rule else -1
    if begin is None or rule is None or end < 0 or "&" in text[begin.end() : top]:
        return None
    head = top + len(_TOP)
    corner, *names = (name.strip() for name in text[head : rule.start()].split("&"))
    if corner and any(NUMERIC.fullmatch(name) for name in (corner, *names)):
        raise UnreadableError(
            "ambiguous_header",
            r"The line above \midrule may hold the names of the columns or the first row; leave it "
            r"out, or the \midrule.",
            head,
        )
    body = text[rule.end() : end]
    if not corner:
        body = re.sub(r"(?:\A|(?<=\\\\))[^&\\]*&", lambda it: blanked(it[0]), body)
    return [text[:top] + blanked(text[top : rule.end()]) + body + text[end:]]
