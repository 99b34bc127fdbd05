"""Circuits with matplotlib: into given axes or a figure of its own, in words too."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

import handcalc
from handcalc.export import Plotted
from handcalc.views.plots.circuit_pages import run_page, tables_page
from handcalc.views.plots.shown_figure import ShownFigure
from handcalc.views.plots.style import DARK_PAGE, rendered
from tests.circuit_cases import random_model
from tests.cli_runs import Shell

COMPACT = handcalc.circuit("induction-compact")
MENDED = handcalc.circuit("skip-trigram-mended").model

DRAWN: dict[str, Any] = {
    "pattern": lambda ax, dark: handcalc.circuit("induction").run().plot(2, 1, ax=ax, dark=dark),
    "stream": lambda ax, dark: handcalc.circuit("induction").plot(ax=ax, dark=dark),
    "model": lambda ax, dark: COMPACT.model.plot(ax=ax, dark=dark),
    "circuit": lambda ax, dark: COMPACT.plot(1, 1, ax=ax, dark=dark),
    "bigrams": lambda ax, dark: handcalc.bigram_table(COMPACT.model).plot(ax=ax, dark=dark),
    "qk": lambda ax, dark: handcalc.qk_circuit(MENDED, 1, 2).plot(ax=ax, dark=dark),
    "ov": lambda ax, dark: handcalc.ov_circuit(MENDED, 1, 1).plot(ax=ax, dark=dark),
    "copying": lambda ax, dark: handcalc.copying(MENDED, 1, 1).plot(ax=ax, dark=dark),
    "effects": lambda ax, dark: effects().plot(ax=ax, dark=dark),
    "composition": lambda ax, dark: handcalc.composition(COMPACT.model).plot(ax=ax, dark=dark),
    "paths": lambda ax, dark: paths().plot(ax=ax, dark=dark),
    "counts": lambda ax, dark: handcalc.best_bigrams("aababac").plot(ax=ax, dark=dark),
}


def effects() -> Any:
    return handcalc.source_effect(MENDED, "keep", "in at", "mind bay", before="<s>")


def paths() -> Any:
    return handcalc.path_expansion(random_model(3, (2, 1)), "a b c")


def shown_texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_text()]


def cells(ax: Axes) -> PatchCollection:
    (found,) = (each for each in ax.collections if each.get_gid() == "cells")
    assert isinstance(found, PatchCollection)
    return found


# -- into which axes ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_of_its_own_shows_itself_and_says_what_it_shows(name: str) -> None:
    ax = DRAWN[name](None, None)
    figure = ax.get_figure()
    assert isinstance(ax, Axes)
    assert isinstance(figure, ShownFigure)
    assert len(ax.get_label()) > 20
    assert figure.get_label() == ax.get_label()
    picture, told = ax._repr_png_()
    assert picture[:4] == b"\x89PNG"
    assert told == {"alt": ax.get_label()}


@pytest.mark.slow
@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_four_drawings_stand_in_the_grid_of_whoever_asked(layout: Any) -> None:
    figure = Figure(figsize=(9, 8), layout=layout)
    grid = figure.subplots(2, 2)
    names = ("pattern", "stream", "qk", "effects")
    for ax, name in zip(grid.flat, names, strict=True):
        assert DRAWN[name](ax, None) is ax
    assert figure.axes == list(grid.flat)
    assert figure.get_label() == ""
    assert len({ax.get_label() for ax in grid.flat}) == 4
    assert rendered(figure, "png", "Four.")[:4] == b"\x89PNG"


def test_a_drawing_stands_in_a_subfigure() -> None:
    left, _ = Figure(layout="constrained").subfigures(1, 2)
    ax = left.subplots()
    assert DRAWN["qk"](ax, None) is ax


def test_every_result_of_circuits_that_is_a_table_or_a_run_can_be_drawn() -> None:
    values = [
        COMPACT, COMPACT.run(), COMPACT.model, handcalc.bigram_table(MENDED), effects(), paths(),
        handcalc.copying(MENDED, 1, 1), handcalc.composition(COMPACT.model),
        handcalc.best_bigrams("aab"),
    ]  # fmt: skip
    for value in values:
        assert isinstance(value, Plotted)
        assert isinstance(value.plot(), Axes)


def test_pyplot_and_the_settings_of_others_stay_as_they_are() -> None:
    code = (
        "import sys, handcalc, matplotlib\n"
        "matplotlib.rcParams['font.size'] = 31\n"
        "handcalc.circuit('induction').plot(2, 1)\n"
        "print('matplotlib.pyplot' in sys.modules, matplotlib.rcParams['font.size'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["False", "31.0"], "")


def test_results_are_shown_without_matplotlib_and_a_drawing_says_what_is_missing() -> None:
    code = (
        "import sys\n"
        "sys.modules['matplotlib'] = None\n"
        "import handcalc\n"
        "run = handcalc.circuit('induction').run()\n"
        "print(len(str(run)) > 100)\n"
        "try:\n"
        "    run.plot(2, 1)\n"
        "except handcalc.InputError as error:\n"
        "    print(error.code, error, error.suggestion)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    shown, refused = done.stdout.splitlines()
    assert (shown, done.stderr) == ("True", "")
    assert refused.startswith("missing_extra ")
    assert "handcalc[plot]" in refused


# -- what is in the cells -------------------------------------------------------------------------


def test_a_pattern_has_a_cell_for_each_pair_that_the_mask_leaves_and_its_exact_weight() -> None:
    ax = handcalc.circuit("induction").run().plot(2, 1)
    assert list(cells(ax).get_array()) == [1, 0, 1, 0, 0.5, 0.5, 0, 1, 0, 0]
    assert shown_texts(ax).count("1/2") == 2
    assert cells(ax).norm.vmax == 1
    assert "3 c" in shown_texts(ax)


def test_numbers_are_exact_in_and_floats_only_where_they_are_drawn() -> None:
    model = handcalc.AttentionOnly([["1/3", 0], [0, "-2/7"]], "1 0; 0 1")
    ax = handcalc.bigram_table(model).plot()
    assert shown_texts(ax)[:4] == ["1/3", "0", "0", "−2/7"]
    assert list(cells(ax).get_array()) == [1 / 3, 0, 0, float(Fraction(-2, 7))]


def test_weights_that_are_no_algebraic_numbers_are_drawn_too() -> None:
    head = handcalc.Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
    model = handcalc.AttentionOnly("1 0; 0 1", "1 0; 0 1", [[head]], softmax="exp")
    ax = handcalc.run_circuit(model, "b a b").plot(1, 1)
    assert {"1/(1 + e)", "e/(2 + e)"} <= set(shown_texts(ax))
    assert sum(cells(ax).get_array()) == pytest.approx(3)


def test_where_there_is_less_room_numbers_are_rounded_and_then_left_out() -> None:
    """What is below 0 has its sign all the same: nothing is said by colour alone."""
    numbers = [[Fraction(i * j - 5, 7919) for j in range(12)] for i in range(12)]
    table = handcalc.bigram_table(handcalc.AttentionOnly(numbers, identity(12)))
    for inches, note, text in (
        (12.0, "logit", "−5/7919"),
        (5.5, "logit (numbers rounded)", "0"),
        (1.5, "logit (− in a cell: below 0)", "−"),
    ):
        ax = table.plot(ax=Figure(figsize=(inches, inches)).subplots())
        (bar,) = ax.child_axes
        assert bar.get_ylabel() == note
        assert text in shown_texts(ax)


def identity(size: int) -> list[list[int]]:
    return [[int(i == j) for j in range(size)] for i in range(size)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 3, 40, 120])
def test_tables_of_any_size_keep_their_names_apart(size: int) -> None:
    names = [f"token{k}" for k in range(size)]
    model = handcalc.AttentionOnly(identity(size), identity(size), vocabulary=names)
    ax = handcalc.bigram_table(model).plot()
    figure = ax.get_figure()
    figure.draw_without_rendering()
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        boxes = [label.get_window_extent() for label in labels]
        assert boxes
        assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_names_with_dollars_are_no_formulas() -> None:
    names = ["$a", "b$", "$x_1$"]
    model = handcalc.AttentionOnly(identity(3), identity(3), vocabulary=names)
    ax = handcalc.bigram_table(model).plot()
    assert [label.get_text() for label in ax.get_xticklabels()] == names
    assert not any(label.get_parse_math() for label in ax.get_xticklabels())
    assert rendered(ax.get_figure(), "svg", "x").startswith(b"<?xml")


def test_a_table_of_nothing_but_zeros_has_a_legend() -> None:
    ax = handcalc.qk_circuit(COMPACT.model, 1, 1).plot()
    assert set(cells(ax).get_array()) == {0}
    assert "score" in ax.child_axes[0].get_ylabel()


def test_the_stream_says_where_the_last_place_looks_and_what_is_next() -> None:
    run = handcalc.circuit("induction").run()
    texts = shown_texts(run.plot())
    assert {"head 1.1\n4 a ⟶ 3 c", "head 2.1\n4 a ⟶ 2 b", "logits: next b"} <= set(texts)
    assert "head 1.1" in shown_texts(run.model.plot())


def test_one_layer_has_no_composition_to_draw() -> None:
    with pytest.raises(handcalc.InputError, match="one layer at most, so no heads compose"):
        handcalc.composition(MENDED).plot()


def test_a_head_that_is_not_there_is_refused() -> None:
    with pytest.raises(handcalc.InputError, match=r"no head 2 of layer 2: .* 1\.1 and 2\.1"):
        handcalc.circuit("induction").plot(2, 2)
    with pytest.raises(handcalc.InputError, match="no head None of layer 2"):
        handcalc.circuit("induction").plot(2)


# -- light and dark -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_dark_page_has_light_letters(name: str) -> None:
    ax = DRAWN[name](None, True)
    assert ax.get_figure().get_facecolor() == to_rgba(DARK_PAGE.paper)
    assert ax.title.get_text() or ax.get_title(loc="left")
    colours = {text.get_color() for text in ax.findobj(Text) if text.get_text()}
    assert colours == {DARK_PAGE.ink}


def test_axes_of_a_dark_figure_are_drawn_dark_unless_told_otherwise() -> None:
    def ink(dark: bool | None) -> Any:
        ax = Figure(facecolor="black").subplots()
        DRAWN["qk"](ax, dark)
        return ax.yaxis.label.get_color()

    assert ink(None) == DARK_PAGE.ink
    assert ink(False) != DARK_PAGE.ink


# -- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [(), (1,), (2, 1), (3, 2)])
def test_a_page_on_a_run_has_the_stream_and_each_pattern(heads: tuple[int, ...]) -> None:
    run = handcalc.run_circuit(random_model(5, heads), "a b c")
    page = run_page(run, dark=True)
    assert len(page.axes) == 1 + sum(heads)
    assert page.get_suptitle() == "Attention on a b c"
    assert str(page.get_label()).startswith("The residual stream, with ")


def test_a_page_of_tables_has_each_in_words() -> None:
    tables = [handcalc.qk_circuit(MENDED, 1, k) for k in (1, 2)]
    words = str(tables_page(*tables, *tables).get_label())
    assert words.count("QK circuit of head 1.2. ") == 2


@pytest.mark.parametrize(
    "asked",
    [
        ["circuit", "induction"],
        ["circuit", "--W_E=1 0; 0 1", "--W_U=1 0; 0 1"],
        ["bigrams", "abaab"],
    ],
)
def test_a_picture_says_in_words_what_it_shows(
    shell: Shell, tmp_path: Path, asked: list[str]
) -> None:
    files = {kind: tmp_path / f"drawn.{kind}" for kind in ("svg", "png")}
    done = shell(*asked, *(f"--{kind}={file}" for kind, file in files.items()), "--json")
    assert {kind: done.json()[kind] for kind in files} == {k: str(f) for k, f in files.items()}
    picture = files["png"].read_bytes()
    assert picture[:4] == b"\x89PNG"
    assert b"Description" in picture
