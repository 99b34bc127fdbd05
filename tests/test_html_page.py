"""The page with a figure: it holds all that it needs, lets nothing else in, and says what it is."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
import sympy

import handcalc
from handcalc.errors import InputError
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import (
    MOST_FEATURES,
    PANELS,
    best_losses,
    digest,
    figure_data,
    figure_page,
    module,
)
from handcalc.views.palette import svg_colour
from tests.cli_runs import Shell

ANTIPODAL = ToyModel("1 0; 0 1; 0 -1")


def data_of(page: str) -> dict[str, object]:
    """The data that a page begins with, as its script reads them."""
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def test_a_page_is_small_and_asks_nobody() -> None:
    page = figure_page(ToyModel("1 0; 0 1; 0 -1; 1 1; 1/2 1/3; 1/7 2/9"))
    assert len(page.encode()) <= 60_000
    assert not re.search(r"\bimport\b\s*[({\"']|\bfetch\b|XMLHttpRequest|\bsrc=|\bhref=", page)
    assert set(re.findall(r"https?://[^\"'\s]+", page)) == {"http://www.w3.org/2000/svg"}


def test_its_policy_lets_its_own_script_run_and_no_other() -> None:
    page = figure_page(ANTIPODAL)
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', page)
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    assert script.startswith(module())
    assert policy == (f"default-src 'none'; style-src 'unsafe-inline'; script-src {digest(script)}")


def test_features_have_the_colours_that_every_drawing_gives_them() -> None:
    (colours,) = re.findall(r"^const COLOURS = \[(.*)\];$", module(), re.MULTILINE)
    assert json.loads(f"[{colours}]") == [svg_colour(i) for i in range(1, MOST_FEATURES + 1)]


def test_a_name_cannot_end_the_element_or_become_markup() -> None:
    name = '</script><img src=x onerror="alert(1)">'
    page = figure_page(ANTIPODAL, name=name)
    assert data_of(page)["state"]["name"] == name  # type: ignore[index] - state is a table
    assert "<img" not in page


def test_numbers_cross_as_fractions_and_surds_as_three() -> None:
    state = figure_data(ToyModel("1/3 sqrt(3)/2; 1/4+sqrt(3) -2", "1/7"), sparsity=sympy.S(1) / 3)
    assert state["state"] == {
        "W": [["1/3", ["0", "1/2", "3"]], [["1/4", "1", "3"], "-2"]],
        "b": ["1/7", "1/7"],
        "x": ["0", "0"],
        "S": "1/3",
        "relu": True,
        "name": None,
    }
    assert state["note"] == ""


def test_a_sparsity_that_is_no_fraction_stands_at_the_nearest_hundredth_and_is_said() -> None:
    data = figure_data(ToyModel("1/3 0; 0 1"), sparsity=sympy.sqrt(2) / 2)
    assert (data["state"]["S"], data["state"]["W"][0]) == ("71/100", ["1/3", "0"])  # type: ignore[index] - a table
    assert "nearest hundredth" in str(data["note"])


@pytest.mark.parametrize(
    "W", ["1 sqrt(2); 0 sqrt(3)", "cos(pi/7) 0; 0 1", "sqrt(1+sqrt(2)) 0; 0 1"]
)
def test_more_than_one_root_stands_at_the_nearest_hundredth_and_is_said(W: str) -> None:
    data = figure_data(ToyModel(W))
    assert "nearest hundredth" in str(data["note"])
    model = ToyModel(W)
    rows = data["state"]["W"]  # type: ignore[index] - state is a table
    for row, exact in zip(rows, model.W, strict=True):
        for cell, number in zip(row, exact, strict=True):
            assert abs(sympy.Rational(cell) - number) <= sympy.Rational(1, 200)


@pytest.mark.parametrize(
    ("panels", "said", "instead"),
    [
        ("los gram", "\"best\", or a list of them, not 'los'", 'panels=["loss", "gram"]'),
        (["forward", ["gram"]], r"not \['gram'\]", 'panels=["forward", "gram"]'),
        (5, '"forward", "gram", "loss" or "best", or a list of them, not 5', "gram"),
        ("best", '"best" goes with "loss"', 'panels=["loss", "best"]'),
    ],
)
def test_another_panel_is_refused(panels: object, said: str, instead: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        figure_page(ANTIPODAL, panels=panels)
    assert caught.value.code == "panels"
    assert instead in str(caught.value.suggestion)


def test_a_page_without_the_best_known_does_not_carry_it() -> None:
    whole, without = (figure_data(ANTIPODAL, panels=p) for p in (None, "forward gram loss"))
    assert (whole["best"], without["best"]) == (best_losses(), None)
    assert (whole["panels"], without["panels"]) == (list(PANELS), ["forward", "gram", "loss"])


@pytest.mark.parametrize(
    ("W", "arrows"),
    [("1; 1", 1), ("1 0 0; 0 1 0", 3), ("1 0; " * 6 + "0 1", 2)],
    ids=["a line", "two views", "seven features"],
)
def test_what_is_no_plane_or_too_many_is_refused(W: str, arrows: int) -> None:
    with pytest.raises(InputError, match="up to 6 features in 2 dimensions, not for"):
        figure_page(ToyModel(W))
    shown = ToyModel(W)._repr_html_()  # its arrows beside its formulas
    assert shown is not None
    assert "<iframe" not in shown
    assert shown.count('class="head') == arrows
    assert "<math" in shown


def test_a_named_embedding_has_its_arrows_beside_its_story() -> None:
    found = handcalc.embedding("triangle")
    shown = found._repr_html_()
    assert shown is not None
    assert shown.count('class="head') == 3
    assert found.story.split(".")[0] in shown
    assert shown.count("<math") > 10
    assert "<script" not in shown


def test_four_dimensions_have_formulas_alone() -> None:
    assert ToyModel("1 0 0 0; 0 1 0 0")._repr_html_() is None


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    shown = ANTIPODAL._repr_html_()
    assert shown is not None
    (page,) = re.findall(r'srcdoc="(.*?)" style', shown, re.DOTALL)
    assert unescape(page) == figure_page(ANTIPODAL)
    assert '"' not in page
    assert "<" not in page


def test_the_best_losses_are_those_of_a_new_search() -> None:
    kept = best_losses()
    assert list(kept) == ["2", "3", "4", "5"]
    assert all(len(kept[n]) == 20 for n in kept)  # type: ignore[arg-type] - a table by S
    for n, S in (("3", "3/20"), ("3", "9/10"), ("4", "1/2")):
        found = handcalc.optimum(int(n), 2, sparsity=S, restarts=16)
        best = kept[n][S]  # type: ignore[index] - a table by S
        assert abs(float(found.loss) / float(best["loss"]) - 1) < 1e-8
        assert found.family.name == best["family"]


def test_show_writes_a_page(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "relu.html"
    done = shell("show", "relu", "--html", str(file), "--json").json()
    assert done["html"] == str(file)
    known = handcalc.embedding("relu")
    assert file.read_text() == figure_page(known.model, known.example, name="relu")
    assert "Replaced" in shell("show", "triangle", f"--html={file}").out
    assert data_of(file.read_text())["state"]["name"] == "triangle"  # type: ignore[index] - a table


def test_show_makes_a_page_of_a_model_that_is_typed(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "own.html"
    typed = ["--W=1 0; 1/2 1/2", "--b=1/4", "--linear", "--sparsity=1/3", "--x=1/2 x2"]
    shell("show", *typed, f"--html={file}")
    state = data_of(file.read_text())["state"]
    assert state == {
        "W": [["1", "0"], ["1/2", "1/2"]],
        "b": ["1/4", "1/4"],
        "x": ["1/2", "0"],
        "S": "1/3",
        "relu": False,
        "name": None,
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--W=1 0; 0 1"], "show makes a page of W, with --html"),
        (["relu", "--W=1 0; 0 1", "--html=f"], "relu that is shown, or W"),
        (["--b=1"], "--b and --linear go with --W"),
        (["--html=f"], "needs the name of an embedding, or W"),
        (["best", "--html=f"], "of a named embedding or of a model of your own"),
        (["--W=1 0; 0 1", "--html=f", "--draw"], "belong to forward, geometry and loss"),
        (["--W=1; 1", "--html=f"], "in 2 dimensions, not for 2 features"),
        (["--W=1 0; 0 1", "--html=f", "--sparsity=2"], "--sparsity"),
        (["relu", "--html=no/such/folder/f"], "cannot be written"),
    ],
)
def test_what_does_not_go_together_is_said(shell: Shell, typed: list[str], said: str) -> None:
    done = shell("show", *typed)
    assert done.code in (2, 3)
    assert said in " ".join(done.err.split())
