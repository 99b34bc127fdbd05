"""What shows a lecture: marimo, with controls, or a Jupyter kernel, whose pages get plain HTML."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal, Protocol

import marimo as mo

from handcalc.views.html.document import typeset

Kind = Literal["info", "success", "warn", "neutral"]


class Medium(Protocol):
    """How texts, frames and what is folded away look; ``dark`` is where a page is dark, in CSS."""

    dark: str

    def text(self, markdown: str) -> mo.Html:
        """Markdown with formulas."""

    def framed(self, shown: mo.Html, kind: Kind) -> mo.Html:
        """What is set apart from the text around it."""

    def folded(self, parts: Mapping[str, mo.Html], *, is_open: bool = False) -> mo.Html:
        """Parts that open below their titles."""

    def beside(self, parts: Sequence[mo.Html]) -> mo.Html:
        """Drawings beside each other, where there is room."""

    def joined(self, parts: Sequence[mo.Html]) -> mo.Html:
        """Parts one below the other."""


def medium() -> Medium:
    """What shows the lecture that is running."""
    return _JUPYTER if in_jupyter() else _MARIMO


def in_jupyter() -> bool:
    """Whether IPython runs this, and no page of marimo's: where its controls are not drawn.

    >>> in_jupyter()
    False
    """
    ipython: Any = sys.modules.get("IPython")
    return (
        ipython is not None and ipython.get_ipython() is not None and not mo.running_in_notebook()
    )


def _below(parts: Sequence[mo.Html]) -> str:
    # a block each: as items of a column, paragraphs of one text would stand as far apart
    return "".join(f'<div style="margin: 0.8em 0">{part.text}</div>' for part in parts)


def _in_a_row(parts: Sequence[mo.Html]) -> str:
    # each as wide as it is made, or narrower, so that two have room beside each other
    blocks = (
        f'<div style="flex: 1 1 24em; min-width: 0; max-width: max-content">{part.text}</div>'
        for part in parts
    )
    row = "display: flex; flex-wrap: wrap; gap: 1em; justify-content: center"
    return f'<div style="{row}">{"".join(blocks)}</div>'


class _Marimo:
    """Pages of marimo's, whose scripts draw them."""

    dark = ".dark"

    def text(self, markdown: str) -> mo.Html:
        # room for fractions above each other, which KaTeX does not leave
        return mo.md(markdown.replace(r"\begin{bmatrix}", r"\def\arraystretch{1.4}\begin{bmatrix}"))

    def framed(self, shown: mo.Html, kind: Kind) -> mo.Html:
        return mo.callout(shown, kind=kind)

    def folded(self, parts: Mapping[str, mo.Html], *, is_open: bool = False) -> mo.Html:
        return self.joined([*parts.values()]) if is_open else mo.accordion(dict(parts))

    def beside(self, parts: Sequence[mo.Html]) -> mo.Html:
        return mo.Html(_in_a_row(parts))

    def joined(self, parts: Sequence[mo.Html]) -> mo.Html:
        return mo.Html(_below(parts))


class _Jupyter:
    """Cells of Jupyter: HTML and MathML that need no script, in any front end."""

    # JupyterLab and what nbconvert writes, VS Code, Colab
    dark = ':is([data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast, [theme="dark"])'

    def text(self, markdown: str) -> mo.Html:
        return _Cell(typeset(_FORMULA.sub(lambda found: found[0].replace("\n", " "), markdown)))

    def framed(self, shown: mo.Html, kind: Kind) -> mo.Html:
        return _Cell(f'<div class="framed {kind}">{shown.text}</div>')

    def folded(self, parts: Mapping[str, mo.Html], *, is_open: bool = False) -> mo.Html:
        shown = " open" if is_open else ""
        return _Cell(
            "".join(
                f"<details{shown}><summary>{escape(title)}</summary>{part.text}</details>"
                for title, part in parts.items()
            )
        )

    def beside(self, parts: Sequence[mo.Html]) -> mo.Html:
        return _Cell(_in_a_row(parts))

    def joined(self, parts: Sequence[mo.Html]) -> mo.Html:
        return _Cell(_below(parts))


class _Cell(mo.Html):
    """What a cell shows; the style comes with it once, however much stands inside."""

    def _repr_html_(self) -> str:
        return f'<div class="handcalc-lecture">{_STYLE}{self.text}</div>'


_FORMULA = re.compile(r"(?<!\$)\$[^$]+\$(?!\$)")  # Markdown lets one go on in the next line

# brackets of matrices as lines of the cell, as few fonts have them of every height
_STYLE = """<style>
.handcalc-lecture { max-width: 50em; line-height: 1.7 }
.handcalc-lecture .formula, .handcalc-lecture .table { overflow-x: auto; margin: 0.7em 0 }
.handcalc-lecture math { font-size: 1.08em }
.handcalc-lecture math mfrac { math-style: normal }
.handcalc-lecture .bracket { display: none }
.handcalc-lecture .matrix mtd { padding: 0.3em 0.4em }
.handcalc-lecture li { margin: 0.5em 0 }
.handcalc-lecture .matrix { border-left: 1px solid; border-right: 1px solid; border-radius: 4px }
.handcalc-lecture details { border-left: 3px solid #8a8f98; padding: 0.2em 0 0.2em 0.9em }
.handcalc-lecture summary { cursor: pointer; font-weight: 600 }
.handcalc-lecture .framed { border: 1px solid #8a8f98; border-left-width: 4px;
  border-radius: 4px; padding: 0.1em 0.9em; margin: 0.4em 0 }
.handcalc-lecture .framed.info { border-color: #4a7fb5 }
.handcalc-lecture .framed.success { border-color: #3d8b5a }
.handcalc-lecture .framed.warn { border-color: #b9812b }
</style>"""
_MARIMO, _JUPYTER = _Marimo(), _Jupyter()
