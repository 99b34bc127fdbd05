"""An exercise of a notebook in a browser: keyboard and pointer, hints, trouble, harm, the dark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import exercises
from exercises.progress import ExerciseRecord, store
from handcalc.storage.files import state_folder
from handcalc.views.html.modules import bundled
from tests.browsing import HARM, Visits, assert_unharmed
from tests.full_disk import filling_up


def kept(slug: str) -> ExerciseRecord:
    return store().read().of(slug)


# What a notebook's side of a widget has; what is saved goes to Python, which replies.
_RENDER = """
const traits = JSON.parse(document.getElementById("traits").textContent);
const heard = [];
window.model = {
  get: (name) => traits[name],
  set: (name, value) => { traits[name] = value; },
  save_changes: async () => {
    if (window.deaf) return;
    traits.reply = await window.python(traits.request);
    heard.forEach((then) => then());
  },
  on: (name, then) => heard.push(then),
  off: (name, then) => heard.splice(heard.indexOf(then), 1),
};
window.heard = heard;
document.addEventListener("keydown", ({ key }) => (window.keys = [...(window.keys ?? []), key]));
window.leave = widget.render({ model, el: document.body });
"""


@pytest.fixture
def shown(visit: Visits, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page with one widget on it, whose Python is this one."""

    def show(widget: Any, text: str = "#111", **options: Any) -> Page:
        page = visit(**options)

        def reply(request: dict[str, Any]) -> Any:
            widget.request = request
            return json.loads(json.dumps(widget.reply))

        page.expose_function("python", reply)
        traits = {name: getattr(widget, name) for name in ("found", "stylesheet")}
        data = json.dumps(traits).replace("<", "\\u003c")
        script = bundled("exercise_widget").replace("export default", "const widget =")
        file = tmp_path / "page.html"
        file.write_text(
            f"<!doctype html><meta charset=utf-8><body style='color: {text}'>"
            f"<script id=traits type=application/json>{data}</script>"
            f"<script type=module>{script}{_RENDER}</script>",
            encoding="utf-8",
        )
        page.goto(file.as_uri())
        return page

    return show


def test_wrong_then_a_hint_then_right(shown: Callable[..., Page]) -> None:
    widget: Any = exercises.ask(7)
    page = shown(widget)
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "7. The best bias when a feature is rare"
    )
    field = page.get_by_label("b =")
    field.press_sequentially("1/2")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.wrong")).to_contain_text("mean of x while the feature is on")
    page.get_by_role("button", name="A hint").click()
    expect(page.get_by_role("heading", name="Hint 1 of 2")).to_be_visible()
    expect(page.get_by_role("button", name="A hint")).to_be_enabled()
    page.get_by_role("button", name="A hint").click()
    expect(page.get_by_role("heading", name="Hint 2 of 2")).to_be_visible()
    expect(page.get_by_role("button", name="A hint")).to_be_disabled()
    field.fill("3/8")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.solved")).to_contain_text("Why it works")
    assert kept("best-bias-sparse") == ExerciseRecord(solved=True, attempts=2, hints=2)
    assert page.evaluate("window.keys") is None  # no letter of it was a key of the notebook
    page.evaluate("window.leave()")
    assert page.evaluate("window.heard.length") == 0


@pytest.mark.slow
def test_the_solution_is_asked_for_twice(shown: Callable[..., Page]) -> None:
    page = shown(exercises.ask(7))
    page.get_by_role("button", name="The solution").click()
    page.get_by_role("button", name="Not yet").click()
    expect(page.get_by_role("button", name="The solution")).to_be_focused()
    assert not kept("best-bias-sparse").solution
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("heading", name="The solution")).to_be_visible()
    assert kept("best-bias-sparse").solution


@pytest.mark.slow
def test_cells_arrows_and_matrices(shown: Callable[..., Page]) -> None:
    widget: Any = exercises.ask(1)
    page = shown(widget, viewport={"width": 360, "height": 700})
    page.get_by_label("W, row 1, column 1").fill("1")
    page.get_by_label("W, row 2, column 2").fill("1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.partial")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("tab", name="Arrows").click()
    page.get_by_role("slider", name="Arrow of feature 1").press("ArrowRight")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict math", has_text="20").first).to_be_visible()
    assert widget.typed == {"W": "1/20 0; 0 0; 0 0", "b": "0 0 0"}
    widget = exercises.ask("write-a-copying-head")
    page = shown(widget)
    for name in ("row 1, column 1", "row 2, column 2"):
        page.get_by_label(f"W_OV, {name}").fill("1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.solved")).to_be_visible()
    assert widget.grade.status == "solved"


def test_trouble_is_said_and_costs_no_grade(
    shown: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(exercises.ask(7))
    with filling_up(monkeypatch, state_folder(), 1):
        page.get_by_label("b =").fill("3/8")
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_text("Note: Progress cannot be kept")).to_be_visible()
    expect(page.locator(".verdict.solved")).to_be_visible()
    page.evaluate("window.deaf = true")
    page.clock.install()
    page.get_by_role("button", name="Check").click()
    page.clock.fast_forward(11_000)
    expect(page.get_by_text("Is its kernel running?")).to_be_visible()


@pytest.mark.slow
def test_an_answer_that_wants_harm_is_text(shown: Callable[..., Page]) -> None:
    page = shown(exercises.ask(7))
    page.get_by_label("b =").fill(HARM)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("window.harmed").first).to_be_visible()
    assert_unharmed(page)


@pytest.mark.parametrize(("letters", "is_dark"), [("#eee", True), ("oklch(0.3 0.02 250)", False)])
def test_it_is_as_dark_as_its_notebook(
    shown: Callable[..., Page], letters: str, is_dark: bool
) -> None:
    page = shown(exercises.ask(7), letters)
    paper = page.locator("section").evaluate(
        "(node) => getComputedStyle(node.getRootNode().host).backgroundColor"
    )
    assert (paper == "rgb(21, 24, 29)") is is_dark
    assert paper in ("rgb(21, 24, 29)", "rgb(255, 255, 255)")
