"""What is shown of every public result: in Python, in IPython and in a notebook's own kernel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from rich.cells import cell_len

import exercises
import handcalc
import torchsim
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from tests.guarded import ROOT
from tests.notebook_cases import (
    CASES,
    FIGURES,
    LONG,
    LONG_SETUP,
    PLAIN,
    SEARCHED,
    SETUP,
    SOURCES,
    ways,
)
from tests.own_kernel import executed

PACKAGES = (handcalc, exercises, torchsim)
FIRST = f"{SETUP}from tests.notebook_cases import ways\n"


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """Every result by its source, made in this process."""
    names: dict[str, Any] = {}
    exec(SETUP + LONG_SETUP, names)  # noqa: S102  # our own table
    return {source: eval(source, names) for source in (*SOURCES, *LONG)}  # noqa: S307  # as above


def masked(text: str) -> str:
    """A text without what two runs need not share: how long they took."""
    return re.sub(r"(?:less\s+than\s+)?\d+\.\d\s+seconds", "… seconds", text)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_every_public_name_has_a_row(package: ModuleType) -> None:
    shown, plain = set(CASES[package.__name__]), PLAIN[package.__name__]
    assert shown | plain == set(package.__all__)
    assert not shown & plain


# -- in this process ------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [*SOURCES, *LONG])
def test_a_result_has_one_text_and_a_short_repr(results: dict[str, Any], source: str) -> None:
    shown = results[source]
    texts = ways(shown)
    assert texts["str"].strip()
    assert set(texts.values()) == {texts["str"]}
    assert max(map(cell_len, texts["str"].splitlines())) <= 80
    assert len(repr(shown)) <= 250 or source.startswith("exercises.listing")
    assert repr(shown) != texts["str"]


def plainly(markdown: str) -> str:
    """Markdown with LaTeX as the terminal writes it: 1/2, √3/2, −1, x̂, no signs of Markdown."""
    text = markdown
    for pattern, plain in (
        (r"\\hat\{x\}", "x̂"),
        (r"\\operatorname\{(\w+)\}|\\text(?:bf)?\{([^{}]*)\}", r"\1\2"),
        (r"\\beta", "β"),
        (r"\\left|\\right|\\[,;]|\$|\*\*|\\(?=[_*$])", ""),
        (r" ?\\cdot 10\^\{(-?\d+)\}", r"e\1"),
        (r"(?<=[\s(=])- (?=[\\\d])", "-"),
        (r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{([^{}]*)\}", r"\1/\2"),
        (r" ?\\sqrt\{([^{}]*)\}", r"√\1"),
        (r"-", "−"),
    ):
        text = re.sub(pattern, plain, text)
    return text


NUMBER = re.compile(r"−?√?[\d][\d.,]*(?:√\d+)?(?:/\d+)?(?:e−?\d+)?")
WORD = re.compile(r"[a-z]{4,}")
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
RAISED = {raised: f"^{k}" for k, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
INDICES = str.maketrans({**LOWERED, **RAISED})
# of a matrix's row, beside its numbers or before them
LABEL = re.compile(r" {3}feature \d+$|^ +feature \d+(?= \()", re.MULTILINE)
# said otherwise in a notebook: the labels of rows, a command in place of Python
ELSEWHERE = {"feature", "model", "linear", "json", "result", "terminal", "handcalc", "exercise"}
ELSEWHERE |= {"dotted", "circle", "radius", "marks", "side"}  # the scale of a drawing
ELSEWHERE |= {"about", "sqrt", "input", "pattern", "features", "type", "have", "python"}


def numbers(text: str) -> set[str]:
    found = NUMBER.findall(text.replace("-", "−").translate(INDICES))
    return {number.rstrip(".,").lstrip("−") for number in found}


def everything_in_markdown(shown: Any) -> str:
    """The Markdown; of a loss with its integrals, which a notebook shows when asked for."""
    text: str = shown._repr_markdown_()
    if isinstance(shown, ExpectedLoss) and shown.model.n <= 3:
        text += handcalc.loss_steps(shown)._repr_markdown_()
    return text


@pytest.mark.parametrize("source", [*SOURCES, *LONG])
def test_a_notebook_says_no_less_than_the_terminal(results: dict[str, Any], source: str) -> None:
    shown = results[source]
    page, markdown = LABEL.sub("", str(shown)), plainly(everything_in_markdown(shown))
    assert numbers(page) - numbers(markdown) == set()
    words = set(WORD.findall(page.lower())) - set(WORD.findall(markdown.lower()))
    assert words - ELSEWHERE == set()


@pytest.mark.parametrize("source", [*SOURCES, *LONG])
def test_markdown_means_the_same_to_every_reader(results: dict[str, Any], source: str) -> None:
    """A displayed formula is a paragraph of its own; tables are whole; dollars come in pairs."""
    markdown = results[source]._repr_markdown_()
    blocks = markdown.split("\n\n")
    for block in blocks:
        if "$$" in block:
            assert re.fullmatch(r"\$\$\n(?:(?!\$\$).)*\n\$\$", block, flags=re.DOTALL), block
        if block.startswith("|"):
            bars = {line.count("|") for line in block.splitlines()}
            assert len(bars) == 1, block
        if not block.startswith("```"):
            assert block.replace("$$", "").count("$") % 2 == 0, block
    assert markdown.count("```") % 2 == 0


# -- in a fresh Python ----------------------------------------------------------------------------

WALK = f"""\
{FIRST}
import json, sys
from tests.notebook_cases import SEARCHED, SOURCES
texts = {{source: ways(eval(source)) for source in SOURCES if source not in SEARCHED}}
json.dump(texts, open(sys.argv[1], "w", encoding="utf-8"))
"""


def surroundings(folder: Path) -> dict[str, str]:
    state = {"HANDCALC_STATE_DIR": str(folder / "state"), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **state, "FORCE_COLOR": "1", "COLUMNS": "40"}


def test_a_fresh_python_shows_the_same(results: dict[str, Any], tmp_path: Path) -> None:
    """Whatever the width of the terminal, and with colours forced."""
    file = tmp_path / "texts.json"
    command = [sys.executable, "-c", WALK, str(file)]
    done = subprocess.run(
        command, env=surroundings(tmp_path), capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    texts = json.loads(file.read_text(encoding="utf-8"))
    assert set(texts) == set(SOURCES) - SEARCHED
    for source, found in texts.items():
        assert {masked(text) for text in found.values()} == {masked(str(results[source]))}


# -- in IPython -----------------------------------------------------------------------------------


def test_ipython_shows_the_same(results: dict[str, Any]) -> None:
    shell = InteractiveShell()
    for shown in results.values():
        shell.user_ns["x"] = shown
        with capture_output() as nothing:
            shell.run_cell("text = str(x)", silent=True)
        assert (nothing.stdout, nothing.outputs) == ("", [])
        assert shell.user_ns["text"] == str(shown)
        with capture_output() as printed:
            shell.run_cell("print(x)", silent=True)
        assert printed.stdout == f"{shown}\n"
        data, _ = shell.display_formatter.format(shown)
        assert data["text/markdown"] == shown._repr_markdown_()


# -- in a notebook --------------------------------------------------------------------------------

BARE, STRING, PRINT = "{}", "text = str({})", "print({})"
WAYS = "print(json.dumps(ways({})))"
BAR = 'trained = torchsim.train("by-hand", small=True, restarts=1, progress=True)'
PYPLOT = "print('matplotlib.pyplot' in sys.modules)"


def drawing(figure: str) -> str:
    return figure.format(f"x{SOURCES.index(FIGURES[figure])}")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What a kernel put out, cell by cell, by the cell's source."""
    first = "from handcalc.views.plots import diagram as plots_diagram, phase_map as plots_map\n"
    cells = [f"{FIRST}{first}import json, sys"]
    for k, source in enumerate(SOURCES):
        cells.append(f"x{k} = {source}")
        cells += [way.format(f"x{k}") for way in (BARE, STRING, PRINT, WAYS)]
    cells += [*map(drawing, FIGURES), PYPLOT, BAR]
    pages = executed(cells, tmp_path_factory.mktemp("jupyter"))
    return {cell.source: cell.outputs for cell in pages.cells}


def streamed(outputs: list[Any]) -> str:
    """Standard output, which a kernel may send in parts; there is nothing else."""
    assert {(each.output_type, each.name) for each in outputs} == {("stream", "stdout")}
    return "".join(each.text for each in outputs)


@pytest.mark.parametrize("source", SOURCES)
def test_a_notebook_shows_every_result(
    notebook: dict[str, list[Any]], results: dict[str, Any], source: str
) -> None:
    shown, name = results[source], f"x{SOURCES.index(source)}"
    (displayed,) = notebook[name]
    assert displayed.output_type == "execute_result"
    assert masked(displayed.data["text/markdown"]) == masked(shown._repr_markdown_())
    assert masked(displayed.data["text/plain"]).split() == masked(repr(shown)).split()
    assert notebook[STRING.format(name)] == []
    assert masked(streamed(notebook[PRINT.format(name)])) == masked(f"{shown}\n")
    others = json.loads(streamed(notebook[WAYS.format(name)]))
    assert {masked(text) for text in others.values()} == {masked(str(shown))}


def test_training_shows_its_bar_below_the_cell_and_wipes_it_away(
    notebook: dict[str, list[Any]],
) -> None:
    (bar,) = notebook[BAR]
    assert (bar.output_type, bar.data["text/html"]) == ("display_data", "")


def test_marimo_shows_formulas_and_tables(results: dict[str, Any]) -> None:
    """Its reader of Markdown is another one, and takes formulas out before all else."""
    reason = "marimo belongs to lectures, and is not among what the tests install"
    formatting = pytest.importorskip("marimo._output.formatting", reason=reason)
    assert formatting.try_format(results["model"]).data.startswith("<iframe")
    for source in ("handcalc.geometry(model)", "handcalc.loss_steps(loss)"):
        shown = formatting.try_format(results[source])
        assert shown.mimetype == "text/html"
        assert shown.data.count("<marimo-tex") == len(FORMULA.findall(markdown_of(results[source])))
        assert "$" not in shown.data


def markdown_of(shown: Any) -> str:
    text: str = shown._repr_markdown_()
    return text


FORMULA = re.compile(r"\$\$\n.*?\n\$\$|\$[^$\n]+\$", re.DOTALL)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_shows_in_a_kernel_without_magic(
    notebook: dict[str, list[Any]], figure: str
) -> None:
    """pyplot, whose import would teach the kernel to show any figure, was not imported."""
    (displayed,) = notebook[drawing(figure)]
    assert displayed.data["image/png"].startswith("iVBOR")
    assert streamed(notebook[PYPLOT]) == "False\n"
