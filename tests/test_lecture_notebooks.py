"""Lectures as notebooks of Jupyter's: valid, run in a kernel offline, drawn without a script."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import marimo as mo
import nbformat
import pytest

import exercises
from handcalc.lectures import medium, showing
from handcalc.lectures.exporting import exported, is_exported
from handcalc.lectures.listing import LECTURES, Lecture, find_lecture
from tests.lecture_runs import OFFLINE, asks
from tests.own_kernel import run

BY_NAME = [pytest.param(each, id=each.name) for each in LECTURES]
# a kernel each, and some seconds: one of them is run always
RUN = [
    pytest.param(each, id=each.name, marks=() if each.name == "by-hand" else pytest.mark.slow)
    for each in LECTURES
]
# marimo has a display and comms of its own, which lead nowhere in Jupyter
LEFT_ALONE = """
from IPython.display import display
display("shown")
import ipywidgets
ipywidgets.IntSlider().comm.__class__.__mro__[-2].__module__.partition(".")[0]
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


def read(lecture: Lecture, *, answers: bool = False) -> Any:
    return nbformat.reads(exported(lecture, answers=answers), as_version=4)


def executed(notebook: Any) -> Any:
    """The notebook after a run in which no other machine may be asked."""
    guard, last = map(nbformat.v4.new_code_cell, (OFFLINE, LEFT_ALONE))
    notebook.cells = [guard, *notebook.cells, last]
    with TemporaryDirectory() as folder:
        run(notebook, Path(folder))
    assert [output.data["text/plain"] for output in last.outputs] == ["'shown'", "'comm'"]
    notebook.cells = notebook.cells[1:-1]
    return notebook


@cache
def worked(lecture: Lecture) -> Any:
    return executed(read(lecture))


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def html_of(cell: Any) -> str:
    data = (output.get("data", {}) for output in cell.outputs)
    return "\n".join(str(each["text/html"]) for each in data if "text/html" in each)


def page_of(notebook: Any) -> str:
    return "\n".join(map(html_of, code_cells(notebook)))


class Page(HTMLParser):
    """The words of a page, those that are seen before anything is unfolded, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.folded: list[bool] = []
        self.tags: set[str] = set()
        self.sources: list[str] = []
        self.words = self.seen = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "details":
            self.folded.append("open" not in dict(attrs))
        self.sources += [value for name, value in attrs if name == "src" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self.folded.pop()

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.words += data
            self.seen += "" if any(self.folded) else data


# -- what is written -------------------------------------------------------------------------------


@pytest.mark.parametrize("lecture", BY_NAME)
def test_the_file_is_valid_and_says_what_it_needs(lecture: Lecture, tmp_path: Path) -> None:
    text = exported(lecture)
    notebook = json.loads(text)
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert 'pip install "handcalc[lecture]"' in notebook["cells"][0]["source"]
    assert notebook["cells"][2]["source"].startswith(f"# {lecture.title}\n")
    file = tmp_path / "lecture.ipynb"
    file.write_text(text, encoding="utf-8")
    assert is_exported(file)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_controls_are_code_that_is_seen_and_what_shows_is_hidden(lecture: Lecture) -> None:
    cells = read(lecture).cells
    for cell, following in pairwise(cells):
        is_hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        if "mo.ui." in cell.source or "handcalc.widget(" in cell.source:
            assert not is_hidden
            assert "cells below" in following.source or "those below" in following.source
        if "show.predict(" in cell.source or "show.practice(" in cell.source:
            assert is_hidden
    sources = "\n".join(cell.source for cell in cells)
    for of_marimo in (
        "stop(",
        "status",
        "stack(",
        "md(",
        "accordion(",
        "ui.anywidget(",
        "ui.run_button(",
    ):
        assert f"mo.{of_marimo}" not in sources


@pytest.mark.parametrize("lecture", BY_NAME)
def test_no_text_of_the_lecture_is_lost(lecture: Lecture) -> None:
    """Its texts stand in Markdown or in code, letter by letter; only marimo's controls do not."""
    sources = "".join("".join(cell.source.split()) for cell in read(lecture).cells)
    lines = lecture.file.read_text(encoding="utf-8").splitlines()
    texts = lines[lines.index(f"# {lecture.title}") :]
    inside = [line for line in texts if re.match(r"[A-Z#$(\\]", line)]
    assert len(inside) > 8
    assert [line for line in inside if "".join(line.split()) not in sources] == []


def test_a_text_of_several_lines_keeps_its_margin() -> None:
    (cell,) = (each for each in read(find_lecture("8")).cells if "def as_one_matrix" in each.source)
    assert cell.source.startswith("def as_one_matrix(found):\n    whole = ")
    assert "\n\ntoo_long = " in cell.source


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"metadata": {"handcalc": 3}}', "\x00", "ä"])
def test_other_files_are_not_taken_for_one(text: str, tmp_path: Path) -> None:
    file = tmp_path / "other.ipynb"
    file.write_bytes(text.encode("latin-1"))
    assert not is_exported(file)


# -- what a kernel makes of it ---------------------------------------------------------------------


@pytest.mark.parametrize("lecture", RUN)
def test_it_runs_in_a_kernel_offline_and_needs_no_script(lecture: Lecture) -> None:
    notebook = worked(lecture)
    kinds = [output.output_type for cell in code_cells(notebook) for output in cell.outputs]
    assert set(kinds) <= {"execute_result", "display_data"}
    assert len(kinds) >= 15
    assert "<marimo-" not in json.dumps(notebook)
    page = Page(page_of(notebook))
    assert page.tags >= {"math", "details"}
    assert page.tags & {"svg", "img"}
    assert all(source.startswith("data:") for source in page.sources)
    assert not page.tags & {"script", "iframe", "link"}
    assert "$" not in page.words
    assert "Traceback" not in page.words
    assert page.words.count("Notes for the lecturer") == 1


@pytest.mark.parametrize("lecture", RUN)
def test_a_prediction_is_folded_away(lecture: Lecture) -> None:
    asked = asks(lecture.name).QUESTIONS
    page = Page(page_of(worked(lecture)))
    assert page.words.count("Predict.") == len(asked)
    assert page.words.count("The answer: ") == len(asked)
    assert "The answer: " not in page.seen
    assert "What people say instead" not in page.seen


@pytest.mark.parametrize("lecture", RUN)
def test_figure_and_exercises_are_widgets_or_their_text(lecture: Lecture) -> None:
    notebook = worked(lecture)
    shown = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
    widgets = [data for data in shown if WIDGET in data]
    figures = sum("= handcalc.widget(" in cell.source for cell in code_cells(notebook))
    names = asks(lecture.name).EXERCISES
    assert len(widgets) == figures + len(names)
    told = [data.get("text/markdown", "") for data in widgets]
    for name in names:
        assert any(exercises.load(name).title in text for text in told)


@pytest.mark.slow
@pytest.mark.parametrize("lecture", BY_NAME)
def test_answers_are_open_where_they_are_asked_for(lecture: Lecture) -> None:
    page = Page(page_of(executed(read(lecture, answers=True))))
    assert page.seen.count("The answer: ") == len(asks(lecture.name).QUESTIONS)


@pytest.mark.slow
def test_another_model_changes_every_number_below() -> None:
    changed = read(LECTURES[0])
    swaps = {"1 0; 0 1; 1/2 1": "3 0; 0 1; 1/7 1", "1 0; 0 1; 2/5 0": "1 0; 0 1; 0 3/7"}
    for cell in code_cells(changed):
        for old, new in swaps.items():
            cell.source = cell.source.replace(old, new)
    pairs = zip(code_cells(worked(LECTURES[0])), code_cells(executed(changed)), strict=True)
    for before, after in pairs:
        takes = ("model", "work", "table", "turned")
        depends = any(f"({name}" in before.source for name in takes) or "figure." in before.source
        is_asked = "show.predict(" in before.source or "handcalc.widget" in before.source
        if depends and not is_asked:
            assert html_of(before) != html_of(after), before.source
        elif not is_asked and WIDGET not in str(before.outputs):
            assert html_of(before) == html_of(after), before.source
    assert "1/7" not in page_of(worked(LECTURES[0]))


# -- media -----------------------------------------------------------------------------------------


def test_behind_several_guesses_all_are_awaited() -> None:
    given, missing = SimpleNamespace(value="a"), SimpleNamespace(value=None)
    hidden = showing.after((given, missing), False, lambda: "secret").text
    assert "Guess all of it first" in hidden
    assert "secret" not in hidden
    assert "secret" in showing.after((given, given), False, lambda: "secret").text
    assert "secret" in showing.after((given, missing), True, lambda: "secret").text


def test_marimo_goes_before_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=object))
    assert medium.in_jupyter()
    monkeypatch.setattr(mo, "running_in_notebook", lambda: True)
    assert not medium.in_jupyter()


def test_in_jupyter_an_exercise_counts_as_solved_by_its_widget(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(showing, "in_jupyter", lambda: True)
    asked = showing.asked_exercises(["best-bias-sparse"])["best-bias-sparse"]
    assert not showing.is_solved(asked)
    asked.request = {"id": "1", "what": "grade", "typed": {"answer": "3/8"}}
    assert showing.is_solved(asked)
