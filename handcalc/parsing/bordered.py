"""Tables with lines between their rows: Markdown's, LaTeX's, and those that polars draws."""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.pieces import INDEX_NAME, NUMERIC, Blocks, counting_column
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.wrapping import blanked

__all__ = ["framed", "piped", "ruled"]

_BORDER: Final = re.compile(r"[ \t]*[┌┬┐├┼┤└┴┘╞╪╡╭╮╰╯─═┄╌|+:-]+[ \t]*")


def framed(text: str) -> Blocks:
    """A table drawn with lines, as polars prints it: the names stand above the double line."""
    if not re.search(r"(?m)^[ \t]*[┌╭]─", text) or ("╞" not in text and "├" in text):
        return None
    lines = text.split("\n")
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
    cells = {i: [c.strip(" \t$") for c in lines[i].strip(" \t|").split("|")] for i in rows}
    if rules not in ([], [rows[1]]) or min(len(cells[i]) for i in rows) < 2 - bool(rules):
        return None
    body = rows[2:] if rules else rows
    start = len("\n".join([*lines[: rows[0]], ""]))
    corner = lines[rows[0]].strip(" \t").split("|")[1].strip()
    is_labelled = bool(rules) and _has_labels(corner, [cells[i][0] for i in body], start)
    header = cells[rows[0]]
    if rules and corner and any(NUMERIC.fullmatch(cell) for cell in header):
        raise RefusalError(
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


def _has_labels(corner: str, labels: list[str], start: int) -> bool:
    """Whether the first column names the rows."""
    if not corner or all(
        not NUMERIC.fullmatch(label)
        and "sqrt" not in label
        and "\\" not in label
        and "√" not in label
        for label in labels
    ):
        return True
    counted = [str(i) for i in range(len(labels))], [str(i + 1) for i in range(len(labels))]
    if labels not in counted:
        return False
    if INDEX_NAME.fullmatch(corner):
        return True
    if len(labels) < 3:
        return False
    raise counting_column(start)


def _row_of_pipes(line: str, is_labelled: bool) -> str:
    inner = _without_ends(line.replace("|", ",").replace("$", " "))
    return (
        blanked(inner[: inner.index(",") + 1]) + inner[inner.index(",") + 1 :]
        if is_labelled
        else inner
    )


_RULED: Final = re.compile(
    r"(?P<head>\\begin\s*\{tabular\}[^&]*?\\toprule)(?P<names>.*?)(?P<rule>\\\\\s*\\midrule)"
    r"(?P<body>.*?)(?=\\bottomrule)",
    re.DOTALL,
)


def ruled(text: str) -> Blocks:
    r"""LaTeX's tabular with names above \midrule, and labels where the corner is empty.

    Errors: ``RefusalError`` with code ``ambiguous_header`` for numbers above the rule.
    """
    found = _RULED.search(text)
    if found is None:
        return None
    corner, *names = (name.strip() for name in found["names"].split("&"))
    if corner and any(NUMERIC.fullmatch(name) for name in (corner, *names)):
        raise RefusalError(
            "ambiguous_header",
            r"The line above \midrule may hold the names of the columns or the first row; leave it "
            r"out, or the \midrule.",
            found.start("names"),
        )
    head, body = found.end("rule"), found["body"]
    if not corner:
        body = re.sub(r"(?:\A|(?<=\\\\))[^&\\]*&", lambda it: blanked(it[0]), body)
    begin = found["head"].replace(r"\toprule", " " * len(r"\toprule"))
    start = found.start() + len(begin)
    return [text[: found.start()] + begin + blanked(text[start:head]) + body + text[found.end() :]]
