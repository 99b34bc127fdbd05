"""Markdown with LaTeX, as a notebook takes it, typeset as HTML with MathML, which browsers draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_INLINE = re.compile(r"\$([^$\n]+)\$")
_DISPLAYED = "$$"


def typeset(markdown: str) -> str:
    r"""The HTML of a page in Markdown; what looks like HTML in it stays text.

    Headings begin at the second level: a page has a title. What may be wider than a telephone, a
    displayed formula or a table, stands in a ``div`` that can be scrolled by itself.

    >>> typeset("**Project** $h = W^{\\top} x$ <b>").startswith("<p><strong>Project</strong> <math")
    True
    >>> typeset("a <script> b")
    '<p>a &lt;script&gt; b</p>\n'
    """
    html: str = _reader().render(markdown)
    return html


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.before("escape", "formula", _read_inline)
    reader.block.ruler.before("fence", "formula", _read_displayed)
    reader.add_render_rule("formula", _render)
    reader.core.ruler.push("headings", _raise_headings)
    reader.add_render_rule("table_open", lambda *_: '<div class="table"><table>')
    reader.add_render_rule("table_close", lambda *_: "</table></div>")
    return reader


def _read_inline(state: StateInline, silent: bool) -> bool:
    """A formula between two dollar signs, in one line."""
    found = _INLINE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("formula", "math", 0).content = found[1]
    state.pos = found.end()
    return True


def _read_displayed(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The lines between two lines of two dollar signs."""
    lines = [state.getLines(k, k + 1, 0, False).strip() for k in range(start, end)]
    if lines[0] != _DISPLAYED or _DISPLAYED not in lines[1:]:
        return False
    if not silent:
        last = lines.index(_DISPLAYED, 1)
        token = state.push("formula", "math", 0)
        token.content, token.block = "\n".join(lines[1:last]), True
        state.line = start + last + 1
    return True


def _raise_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(2, int(token.tag[1]) - 1)}"


def _render(_: object, tokens: Sequence[Token], place: int, *__: Any) -> str:
    token = tokens[place]
    # what LaTeX calls aligned inside a formula, latex2mathml knows by its other name
    latex = token.content.replace("{aligned}", "{align*}")
    drawn = Converter(display="block" if token.block else "inline").convert_to_element(latex)
    # its own way to text takes < for markup: there signs are entities inside of texts
    for node in drawn.iter():
        node.text = node.text and unescape(node.text)
    for row in drawn.iter("mrow"):
        _mark_matrices(row)
    written = tostring(drawn, encoding="unicode")
    return f'<div class="formula">{written}</div>\n' if token.block else written


def _mark_matrices(row: Element) -> None:
    """Tables in brackets have a class, so that a page can draw brackets of their height.

    Browsers draw such with few fonts only.
    """
    inside = list(row)
    for before, table, after in zip(inside, inside[1:], inside[2:], strict=False):
        if table.tag == "mtable" and (before.text, after.text) == ("[", "]"):
            table.set("class", "matrix")
            before.set("class", "bracket")
            after.set("class", "bracket")
