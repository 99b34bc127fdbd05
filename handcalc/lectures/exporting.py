"""A lecture as a Jupyter notebook: its text as Markdown, its controls as values in the code.

marimo's own way to such files needs nbformat, and its controls are not drawn in Jupyter. So the
cells are read from the lecture's file, and what only marimo can do is put in Jupyter's way; what
they show, ``showing`` draws there by itself.
"""

from __future__ import annotations

import ast  # noqa: TID251 - of our own lectures, and nothing that somebody typed
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handcalc import __version__
from handcalc.lectures.listing import Lecture

_NEEDS = """\
*This notebook needs* `pip install "handcalc[lecture]"`*. Run all of it first. Guess before you \
unfold an answer. Where the text speaks of fields, lists and sliders, here their values stand in \
the code: change one, and run the cells below.*"""
_CHANGE = "*Change a value in the code above, then run that cell and those below it.*"
_DRAG = "*Drag or type above, then run the cells below: they take what the figure has then.*"
_SWITCH = "show.answers_switch("


def exported(lecture: Lecture, *, answers: bool = False) -> str:
    """The file of a notebook (nbformat 4.5) that has not been run; ``answers`` unfolds all answers.

    >>> from handcalc.lectures.listing import LECTURES
    >>> cells = json.loads(exported(LECTURES[0]))["cells"]
    >>> cells[2]["cell_type"], cells[2]["source"].splitlines()[0]
    ('markdown', '# What an embedding is, by hand')
    """
    source = lecture.file.read_text(encoding="utf-8")
    cells = [_markdown(_NEEDS)]
    for cell in _in_order(_cells(source)):
        cells += _for_jupyter(cell, answers)
    whole = {
        "cells": [{"id": f"cell-{k}", **cell} for k, cell in enumerate(cells)],
        "metadata": {
            "handcalc": {"lecture": lecture.name, "version": __version__},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "file_extension": ".py"},
            "title": lecture.title,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def is_exported(file: Path) -> bool:
    """Whether a file is a notebook that was exported from a lecture, changed or not."""
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
        return "lecture" in whole["metadata"]["handcalc"]
    except (ValueError, KeyError, TypeError):
        return False


# -- cells of marimo's -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement of a cell, with its source."""

    node: ast.stmt
    source: str

    @property
    def call(self) -> ast.Call | None:
        """The call that is its value."""
        value = getattr(self.node, "value", None)
        return value if isinstance(value, ast.Call) else None

    @property
    def function(self) -> str:
        """What is called, as in ``mo.ui.text``."""
        return "" if self.call is None else ast.unparse(self.call.func)

    @property
    def is_shown(self) -> bool:
        """Whether it is for its value alone, as the last of a cell is."""
        return isinstance(self.node, ast.Expr)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell: its statements, the names it takes from other cells and gives them."""

    statements: tuple[_Statement, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    is_hidden: bool


def _cells(source: str) -> Iterator[_Cell]:
    """The setup and the cells of a lecture, as they stand in its file."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.With):
            yield _Cell(_statements(node.body, lines), (), (), is_hidden=False)
        elif isinstance(node, ast.FunctionDef):
            *body, last = node.body
            gives: tuple[str, ...] = ()
            if isinstance(last, ast.Return):
                gives = tuple(each.id for each in ast.walk(last) if isinstance(each, ast.Name))
            else:
                body.append(last)
            takes = tuple(each.arg for each in node.args.args)
            is_hidden = "hide_code=True" in ast.unparse(node.decorator_list[0])
            yield _Cell(_statements(body, lines), takes, gives, is_hidden=is_hidden)


def _statements(body: Sequence[ast.stmt], lines: Sequence[str]) -> tuple[_Statement, ...]:
    """The statements with their sources, moved to the margin, each with the comments above it."""
    inside = {
        number
        for node in body
        for text in ast.walk(node)
        if isinstance(text, (ast.Constant, ast.JoinedStr))
        for number in range(text.lineno + 1, (text.end_lineno or text.lineno) + 1)
        if _is_triple(lines, text)
    }
    found = []
    for node in body:
        first, last = node.lineno, node.end_lineno or node.lineno
        while lines[first - 2].strip().startswith("#"):
            first -= 1
        source = [
            lines[k - 1] if k in inside else lines[k - 1].removeprefix("    ")
            for k in range(first, last + 1)
        ]
        above = "\n" if not lines[first - 2].strip() else ""
        found.append(_Statement(node, above + "\n".join(source)))
    return tuple(found)


def _is_triple(lines: Sequence[str], text: ast.Constant | ast.JoinedStr) -> bool:
    """Whether a text goes on in the next lines as it is; texts in a row are lines of code."""
    opening = lines[text.lineno - 1].encode()[text.col_offset :].decode().lstrip("rfRF")
    return opening.startswith(('"""', "'''"))


def _in_order(cells: Iterable[_Cell]) -> list[_Cell]:
    """Each behind the cells that it takes from, which marimo runs first wherever they stand."""
    waiting = [*cells]
    givers = {name: cell for cell in waiting for name in cell.gives}
    ordered: list[_Cell] = []

    def put(cell: _Cell) -> None:
        if cell not in ordered:
            for name in cell.takes:
                put(givers[name])
            ordered.append(cell)

    for cell in waiting:
        put(cell)
    return ordered


# -- cells of Jupyter's ----------------------------------------------------------------------------


def _for_jupyter(cell: _Cell, answers: bool) -> Iterator[dict[str, object]]:
    """The cells that one becomes: a text, code, what to do with controls."""
    statements = [each for each in cell.statements if each.function != "mo.stop"]
    buttons = [each for each in statements if each.function == "mo.ui.run_button"]
    statements = [each for each in statements if each not in buttons]
    has_controls = any(each.function.startswith("mo.ui.") for each in statements)
    has_figure = any(each.function == "mo.ui.anywidget" for each in statements)
    if (buttons or has_controls) and not has_figure and statements[-1].is_shown:
        statements.pop()  # which shows the controls
    sources = [_plainly(each, answers) for each in statements]
    if statements and statements[-1].function == "show.page":
        text, rest = _split(statements[-1])
        if text is not None:
            yield _markdown(text)
            sources[-1:] = rest
    if sources:
        yield _code("\n".join(sources).strip("\n"), is_hidden=cell.is_hidden and not has_controls)
    if has_controls:
        yield _markdown(_DRAG if has_figure else _CHANGE)
    for call in (each.call for each in buttons):
        if call is not None:
            yield _markdown(f"{_label(call)}:")


def _plainly(statement: _Statement, answers: bool) -> str:
    """The source, a figure without marimo's frame; the switch is on where all answers are open."""
    call = statement.call
    if call is not None and statement.function == "mo.ui.anywidget":
        (target,) = ast.unparse(statement.node).partition(" = ")[:1]
        return f"{target} = {ast.unparse(call.args[0])}"
    if answers:
        return statement.source.replace(f"{_SWITCH})", f"{_SWITCH}is_on=True)")
    return statement.source


def _split(statement: _Statement) -> tuple[str | None, list[str]]:
    """The text that a page begins with, and the rest of the page: none if it is a switch alone."""
    source = statement.source.strip("\n")
    call: Any = ast.parse(source, mode="eval").body
    first, *rest = call.args
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return None, []
    if all(isinstance(each, ast.Name) for each in rest):
        return first.value, []
    lines = source.splitlines()[rest[0].lineno - 1 :]
    lines[0] = lines[0].encode()[rest[0].col_offset :].decode()
    return first.value, ["\n".join(["show.page(", f"    {lines[0]}", *lines[1:]])]


def _label(button: ast.Call) -> str:
    """What stands on a button."""
    (label,) = (each.value for each in button.keywords if each.arg == "label")
    return str(ast.literal_eval(label))


def _markdown(text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.strip()}


def _code(source: str, *, is_hidden: bool) -> dict[str, object]:
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]} if is_hidden else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }
