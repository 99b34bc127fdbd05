"""The figure as a widget: its traits, its way back to Python, in a kernel and in a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy
from playwright.sync_api import expect

import handcalc
from handcalc.cli.classroom.server import Classroom
from handcalc.errors import InputError
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import module
from tests.browsing import Visits
from tests.cli_runs import surroundings
from tests.lecture_runs import played
from tests.own_kernel import executed

MODEL = ToyModel("1 0; 0 1; 0 -1", "0 1/3 1/3")

# What a notebook's side of a widget has: traits, and who hears of their change.
_RENDER = """
async ([state, data]) => {
  const { render } = await import('./figure.js');
  const traits = { state, data };
  const heard = [];
  window.saved = 0;
  const model = {
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; },
    save_changes: () => { window.saved++; },
    on: (name, then) => heard.push(then),
    off: (name, then) => heard.splice(heard.indexOf(then), 1),
  };
  window.traits = traits;
  window.fromPython = (given) => { traits.state = given; heard.forEach((then) => then()); };
  document.body.replaceChildren();
  window.leave = render({ model, el: document.body });
  window.heard = heard;
}
"""


def test_it_begins_with_the_model_and_the_figure_itself() -> None:
    shown: Any = handcalc.widget(MODEL, "1 0 1/2", sparsity="9/10")
    assert (shown.model, shown.x) == (MODEL, (1, 0, sympy.Rational(1, 2)))
    assert shown.sparsity == sympy.Rational(9, 10)
    assert shown.state == shown.data["state"]
    assert shown._esm == module()


@pytest.mark.parametrize("W", ["sqrt(3)/2 1/2; 0 1", "1 sqrt(2); 0 sqrt(3)", "cos(pi/7) 0; 0 1"])
def test_numbers_stay_as_they_were_given_until_something_is_moved(W: str) -> None:
    shown: Any = handcalc.widget(ToyModel(W))
    assert shown.model == ToyModel(W)
    shown.state = shown.state | {"b": ["1/20", "0"]}
    assert shown.model.b == (sympy.Rational(1, 20), 0)
    if "sqrt(2)" not in W and "pi" not in W:
        assert shown.model == ToyModel(W, "1/20 0")


def test_what_it_cannot_draw_is_refused() -> None:
    with pytest.raises(InputError, match="up to 6 features in 2 dimensions, not for"):
        handcalc.widget(ToyModel("1; 1"))
    with pytest.raises(InputError, match="x has one value per feature, 3 as W has rows"):
        handcalc.widget(MODEL, "1 2")


def test_panels_are_chosen_in_python() -> None:
    shown: Any = handcalc.widget(MODEL, panels="gram forward")
    assert shown.data["panels"] == ["forward", "gram"]
    with pytest.raises(InputError, match=r"Beside the arrows stands .* not 'losses'") as caught:
        handcalc.widget(MODEL, panels=["losses"])
    assert caught.value.suggestion == 'panels=["loss"]'


@pytest.mark.parametrize("name", ["by-hand", "interference", "sparsity"])
def test_a_lecture_shows_nothing_that_is_taught_later(name: str) -> None:
    """S and the expected loss come with the third, what is best with the fourth."""
    _, defined = played(name)
    panels = defined["figure"].widget.data["panels"]
    assert panels == ["forward", "gram"] + ["loss"] * (name == "sparsity")


def test_without_anywidget_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    with pytest.raises(InputError, match="needs anywidget, which is not installed") as caught:
        handcalc.widget(MODEL)
    assert caught.value.suggestion == 'pip install "handcalc[lecture]"'


def test_a_kernel_shows_it_and_hears_of_changes(tmp_path: Path) -> None:
    cells = [
        "import handcalc\nshown = handcalc.widget(handcalc.ToyModel('1 0; 0 1'))\nshown",
        "heard = []\nshown.observe(lambda change: heard.append(shown.model), 'state')",
        "shown.state = shown.state | {'W': [['1', '0'], ['7/20', '-1/100']]}\nprint(heard)",
    ]
    first, _, last = executed(cells, tmp_path).cells
    (output,) = first.outputs
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert "7/20" in last.outputs[0].text
    assert "-1/100" in last.outputs[0].text


def test_what_is_dragged_in_a_browser_is_exact_in_python(visit: Visits, room: Classroom) -> None:
    shown: Any = handcalc.widget(handcalc.embedding("triangle").model)
    page = visit(f"{room.url}#/play")
    page.evaluate(_RENDER, [shown.state, shown.data])
    expect(page.locator(".handcalc-figure")).to_have_count(1)
    assert page.evaluate("window.saved") == 0  # nothing was moved
    page.get_by_role("slider", name="Arrow of feature 2").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("table").first).not_to_contain_text("√")
    shown.state = page.evaluate("window.traits.state")
    assert shown.model == ToyModel("1 0; -51/100 87/100; -1/2 -87/100", activation="relu")
    assert page.evaluate("window.saved") == 1
    page.evaluate("(given) => window.fromPython(given)", dict(handcalc.widget(MODEL).state))
    expect(page.get_by_role("slider", name="Arrow of feature 3")).to_have_attribute(
        "aria-valuetext", "0, minus 1"
    )
    assert page.evaluate("window.saved") == 1  # what comes from Python is not sent back
    page.evaluate("window.leave()")
    assert page.evaluate("window.heard.length") == 0


@pytest.mark.parametrize(("letters", "paper"), [("#eee", "21, 24, 29"), ("#333", "255, 255, 255")])
def test_it_is_as_dark_as_its_notebook(
    visit: Visits, room: Classroom, letters: str, paper: str
) -> None:
    shown: Any = handcalc.widget(MODEL)
    page = visit(f"{room.url}#/play")
    page.emulate_media(color_scheme="light" if letters == "#eee" else "dark")
    page.evaluate("(letters) => { document.body.style.color = letters; }", letters)
    page.evaluate(_RENDER, [shown.state, shown.data])
    colour = "getComputedStyle(document.querySelector('.handcalc-figure')).backgroundColor"
    assert page.evaluate(colour) == f"rgb({paper})"


def test_the_module_of_the_widget_imports_no_widgets_by_itself() -> None:
    asked = "import sys, handcalc; handcalc.widget; print('anywidget' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=surroundings(), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"False"
