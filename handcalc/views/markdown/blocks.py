r"""What every page in Markdown is made of: prose, formulas, tables, lists, code.

JupyterLab, nbconvert and marimo read Markdown in three ways; what is written here means the same in
all of them. A displayed formula stands between empty lines, and inside no table. Prose never turns
into emphasis, a link or a formula by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from handcalc.derivation import Claim
from handcalc.views.latex.worked import LATEX

# Between backticks a text is code already. Outside, what Markdown would take as a sign is escaped;
# with an entity where one of the three shows the backslash too, or takes it for a formula's.
_SPOKEN = re.compile(r"(`[^`\n]*`)|([\\*_<>|$~^`])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;", "\\": "&#92;", "^": "&#94;"}


def prose(text: str) -> str:
    r"""A sentence as it stands: its signs are no Markdown, save that `this` is code.

    >>> print(prose("2*x_1 costs $5; put `;` between"))
    2\*x\_1 costs \$5; put `;` between
    """
    return _SPOKEN.sub(lambda found: found[1] or _ENTITIES.get(found[2], f"\\{found[2]}"), text)


def inline(formula: str) -> str:
    """A formula inside a sentence."""
    return LATEX.inline(formula)


def displayed(formula: str) -> str:
    """A formula that stands by itself."""
    return f"$$\n{formula}\n$$"


def claim(said: Claim) -> str:
    """A sentence with its formulas put in."""
    return LATEX.claim(Claim(prose(said.sentence), said.values))


def code(text: str) -> str:
    """Lines that stand as they are; a fence is longer than any that they hold."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def listed(lines: Iterable[str]) -> str:
    """A list, an entry a line."""
    return "\n".join(f"- {line}" for line in lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown already.

    >>> print(table(["S", "loss"], [["$0$", "$1$"]]))
    | S | loss |
    |---|---|
    | $0$ | $1$ |
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def joined(*parts: str) -> str:
    """The parts with an empty line between."""
    return "\n\n".join(part for part in parts if part)
