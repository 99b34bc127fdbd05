"""The classroom in a browser: play, exercises wrong and right, progress out and in, attacks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

import exercises
from handcalc import parse_matrix
from tests.browsing import HARM, Visits, assert_unharmed
from tests.cli_runs import ROOT
from tests.test_browser_figure import arrow, drag

pytestmark = pytest.mark.slow  # a minute of a browser; the workflow runs them beside the rest

Opened = Callable[..., Page]


@pytest.fixture
def opened(visit: Visits, request: pytest.FixtureRequest) -> Opened:
    """Opens a part of it: as ``handcalc web`` serves it, or, for ``site``, as it is published."""
    if getattr(request, "param", "server") == "server":
        url = request.getfixturevalue("room").url
        return lambda part, **options: visit(f"{url}#/{part}", **options)
    url = request.getfixturevalue("site")

    def opened_and_ready(part: str) -> Page:
        page = visit(f"{url}#/{part}")
        expect(page.get_by_text("Python runs in this page")).to_be_visible(timeout=180_000)
        return page

    return opened_and_ready


over_both_engines = pytest.mark.parametrize("opened", ["server", "site"], indirect=True)


@over_both_engines
def test_play_says_what_the_commands_say(opened: Opened) -> None:
    page = opened("play")
    panel = page.get_by_role("tabpanel", name="Forward pass")
    expect(panel.get_by_text("Where each output comes from")).to_be_visible()
    page.get_by_role("slider", name="Arrow of feature 2").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.locator("math", has_text="20").first).to_be_visible()  # of W: 1/20
    page.get_by_role("tab", name="Forward pass").focus()
    for name, said in (
        ("For every x", "ReLU"),
        ("Geometry", "Capacity"),
        ("Expected loss", "The expected loss"),
        ("Which way is down", "slope"),
    ):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tabpanel", name=name)).to_contain_text(said)
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Geometry")).not_to_be_focused()  # one stop for all tabs
    page.get_by_role("link", name="To the content").press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#/play")


@over_both_engines
def test_an_exercise_wrong_then_right_in_cells(opened: Opened) -> None:
    page = opened("practise/perfect-reconstruction")
    expect(page.get_by_role("heading", level=1)).to_have_text("1. Reconstruct one input perfectly")
    page.get_by_label("W, row 1, column 1").fill("1/7")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("not yet, none of 3 outputs right")
    expect(page.get_by_role("link", name="tried 1. Reconstruct")).to_be_visible()
    for cell in ("1, column 1", "2, column 2"):
        page.get_by_label(f"W, row {cell}").fill("1")
    page.get_by_label("b, row 3, column 1").fill("0.25")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.solved")).to_be_visible()
    expect(page.get_by_role("link", name="solved 1. Reconstruct")).to_be_visible()
    expect(page.locator("summary")).to_contain_text("of 57 solved")
    page.get_by_role("link", name="Next: 2.").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2. ")


def test_an_answer_as_text_that_cannot_be_read_then_wrong_then_right(opened: Opened) -> None:
    page = opened("practise/keep-two-drop-one")
    page.get_by_role("tab", name="As text").click()
    page.get_by_label("W =").fill("1 0; 0 one; 0 0")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="W could not be read")).to_be_visible()
    page.get_by_label("W =").fill("1 0; 1 0; 0 0")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.wrong, .verdict.partial")).to_be_visible()
    page.get_by_label("W =").fill("1 0; 0 1; 0 0")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.solved")).to_be_visible()


@over_both_engines
def test_an_answer_in_arrows(opened: Opened) -> None:
    page = opened("practise/perfect-reconstruction")
    page.get_by_role("tab", name="Arrows").click()
    expect(page.get_by_text("Best known at this S")).to_have_count(0)  # it would give away others
    for i, key in ((1, "ArrowRight"), (2, "ArrowUp")):
        page.get_by_role("slider", name=f"Arrow of feature {i}").focus()
        for _ in range(20):
            page.keyboard.press(key)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.partial")).to_contain_text("2 of 3 outputs right")
    page.get_by_role("slider", name="Bias of feature 3").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.solved")).to_be_visible()


def check(field: Locator, answer: str) -> None:
    """Type an answer, and have it checked."""
    field.fill(answer)
    field.page.get_by_role("button", name="Check").click()


@pytest.mark.parametrize(
    ("slug", "wrong", "right"),
    [
        ("predict-the-output", "1 1 1", "0 3/4 0"),
        ("best-bias-dense", "1", "1/2"),
        ("two-back", "0 0 0 1 0", "0 0 1 0 0"),
    ],
)
def test_numbers_are_typed(opened: Opened, slug: str, wrong: str, right: str) -> None:
    page = opened(f"practise/{slug}")
    check(page.locator("#answer"), wrong)
    expect(page.locator(".verdict.wrong, .verdict.partial")).to_be_visible()
    check(page.locator("#answer"), right)
    expect(page.locator(".verdict.solved")).to_be_visible()


@over_both_engines
def test_a_choice_with_its_reason_wrong_then_right(opened: Opened) -> None:
    claim, reason = exercises.load("never-the-argmax").key().solutions[0].typed["answer"].split()
    page = opened("practise/never-the-argmax")
    claims, reasons = (page.get_by_role("group", name=name) for name in ("true", "why"))
    wrong = next(letter for letter in "ab" if letter != claim)
    for letter, verdict in ((wrong, ":not(.solved)"), (claim, ".solved")):
        claims.locator(f"[value={letter}]").check()
        reasons.locator(f"[value='{reason}']").check()
        page.get_by_role("button", name="Check").click()
        expect(page.locator(f".verdict{verdict}")).to_be_visible()


@over_both_engines
def test_named_matrices_wrong_then_right(opened: Opened) -> None:
    solution = exercises.load("compose-an-induction-head").key().solutions[0].typed
    rows = parse_matrix(solution["W_QK"])
    page = opened("practise/compose-an-induction-head")
    page.get_by_label("W_QK, row 1, column 1").fill("1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.wrong, .verdict.partial")).to_be_visible()
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row, 1):
            page.get_by_label(f"W_QK, row {i}, column {j}").fill(str(cell))
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.solved")).to_be_visible()


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "nowhere"])
def test_an_address_of_no_part_is_play(opened: Opened, name: str) -> None:
    page = opened(name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Play")
    expect(page.get_by_role("link", name="Play")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("tabpanel", name="Forward pass").locator("math").first).to_be_visible()
    page.goto(page.url.split("#")[0] + f"#/practise/{name}")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such exercise")


@pytest.mark.parametrize(
    ("slug", "unreadable", "said", "wrong", "right"),
    [
        ("never-the-argmax", "d or 3", "a letter from a to e", "(a); 3", "d. 3"),
        ("write-a-copying-head", "W_QK = 1", "no name of it", "1 2\n2 1", "W_{OV} = [1, 0; 0, 1]"),
        (
            "mend-the-skip-trigram",
            "1 2; 3 4",
            "each behind its name",
            "head_1 = 1 2\nhead_2 = 3 4",
            "head_2: -4 12\nhead_1: [12, -4]",
        ),
    ],
)
def test_choices_and_matrices_are_typed_in_whatever_way_the_reader_takes(
    opened: Opened, slug: str, unreadable: str, said: str, wrong: str, right: str
) -> None:
    page = opened(f"practise/{slug}")
    page.get_by_role("tab", name="As text").click()
    check(page.get_by_label("The answer"), unreadable)
    expect(page.locator("form ~ div").first).to_contain_text(said)
    check(page.get_by_label("The answer"), wrong)
    expect(page.locator(".verdict.wrong, .verdict.partial")).to_be_visible()
    check(page.get_by_label("The answer"), right)
    expect(page.locator(".verdict.solved")).to_be_visible()


def test_arrows_begin_with_an_input_that_shows_what_they_do(opened: Opened) -> None:
    page = opened("practise/perfect-reconstruction")
    inputs = page.get_by_role("slider", name="Input x of feature")
    page.get_by_role("tab", name="Arrows").click()
    for k, value in enumerate(("1", "1/2", "1/4")):  # of the exercise
        expect(inputs.nth(k)).to_have_attribute("aria-valuetext", value)
    page.goto(page.url.split("#")[0] + "#/practise/five-in-two")
    expect(page.get_by_role("heading", level=1)).to_contain_text("21.")
    page.get_by_role("tab", name="Arrows").click()
    for k, value in enumerate(("1", "4/5", "3/5", "2/5", "1/5")):
        expect(inputs.nth(k)).to_have_attribute("aria-valuetext", value)


def test_what_is_typed_at_a_terminal_is_called_so(opened: Opened) -> None:
    page = opened("practise/beat-dropping")
    command = page.locator("pre", has_text="handcalc loss --W=")
    expect(command).to_be_visible()
    said = page.get_by_text("At a terminal, with handcalc installed:")
    expect(said).to_be_visible()
    assert said.evaluate("(node) => node.nextElementSibling.tagName") == "PRE"


@over_both_engines
def test_an_arrow_is_dragged_and_the_engine_follows(opened: Opened) -> None:
    page = opened("play")
    expect(page.get_by_text("Where each output comes from")).to_be_visible()
    drag(page, 1, (0.52, 0.71))
    expect(arrow(page, 1)).to_have_attribute("aria-valuetext", "1/2, 7/10")
    panel = page.get_by_role("tabpanel", name="Forward pass")
    expect(panel.locator("math", has_text="710").first).to_be_visible()  # of W: 7/10


@over_both_engines
def test_hints_one_after_another_then_the_solution(opened: Opened) -> None:
    page = opened("practise/feature-one-perfect")
    hint = page.get_by_role("button", name="A hint")
    hint.click()
    expect(page.get_by_role("heading", name=re.compile("Hint 1 of "))).to_be_visible()
    while hint.is_enabled():
        shown = page.get_by_role("heading", name="Hint").count()
        hint.click()
        expect(page.get_by_role("heading", name="Hint")).to_have_count(shown + 1)
        page.wait_for_timeout(50)
    page.get_by_role("button", name="The solution").click()
    page.get_by_role("button", name="Not yet").click()
    expect(page.get_by_role("heading", name="The solution")).to_have_count(0)
    page.get_by_role("button", name="The solution").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("heading", name="The solution")).to_be_visible()
    expect(page.get_by_role("link", name="solution seen 5.")).to_be_visible()


def test_numbers_of_ones_own(opened: Opened) -> None:
    page = opened("practise/predict-the-output")
    statement = page.locator(".answer").first
    before = statement.inner_text()
    page.get_by_label("Your name, for numbers of your own").fill("Ada")
    page.keyboard.press("Tab")
    expect(statement).not_to_have_text(before, use_inner_text=True)
    page.reload()
    expect(page.get_by_label("Your name, for numbers of your own")).to_have_value("Ada")


@over_both_engines
def test_progress_goes_out_and_comes_in(opened: Opened, tmp_path: Path) -> None:
    page = opened("practise/half-helps-linear")
    check(page.locator("#answer"), "0 1")
    expect(page.locator(".verdict")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "progress.json"
    download.value.save_as(file)
    assert download.value.suggested_filename == "handcalc-progress.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert "half-helps-linear" in json.dumps(kept)
    page.locator("#import").set_input_files(file)
    expect(page.get_by_text("Taken in.")).to_be_visible()
    file.write_text(HARM, encoding="utf-8")
    page.locator("#import").set_input_files(file)
    expect(page.get_by_role("alert")).to_have_text(
        "What was given is damaged, or was not written by handcalc. "
        "progress.json: this is not JSON, or not all of it. Nothing was changed."
    )
    assert_unharmed(page)


@over_both_engines
def test_the_walk_asks_before_it_shows(opened: Opened) -> None:
    page = opened("walk/one-example")
    expect(page.get_by_text("For any input")).to_be_hidden()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="That is my prediction").click()
    expect(page.get_by_role("heading", name="For any input")).to_be_visible()
    expect(page.locator("form [role=status]")).not_to_be_empty()
    expect(page.get_by_role("slider", name="Arrow of feature 3")).to_be_visible()
    page.get_by_role("link", name=re.compile("^On:")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Make up on average for what the pair takes"
    )


@over_both_engines
def test_the_best_along_s(opened: Opened) -> None:
    page = opened("best")
    page.get_by_role("button", name="That is my prediction").click()
    expect(page.locator("form [role=status]")).to_contain_text("Choose first")
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="That is my prediction").click()
    expect(page.locator("form [role=status]")).to_contain_text("Right: ")
    expect(page.get_by_role("row", name=re.compile("^antipodal"))).to_contain_text("the best")
    expect(page.get_by_role("heading", name="How it is worked out")).to_be_visible()
    page.get_by_label("Sparsity S", exact=True).focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("row", name=re.compile("^triangle"))).to_contain_text("the best")
    expect(page.get_by_text("3/10 lies below")).to_be_visible()
    expect(page.get_by_role("slider", name="Arrow of feature 2")).to_have_attribute(
        "aria-valuetext", "minus 11/25, 19/25"
    )
    expect(page.get_by_text("each at the nearest hundredth: so the loss here is")).to_be_visible()
    table = page.get_by_role("table", name="The least loss of either shape, rounded to 8 decimals")
    told = table.get_by_role("row", name=re.compile("^triangle")).locator("td").first.inner_text()
    drawn = page.locator(".loss").inner_text().split("≈ ")[1]
    assert told == "0.10220106"
    assert float(told) < float(drawn) < float(told) + 1e-4
    page.keyboard.press("Home")
    expect(page.get_by_text("0 lies below")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^antipodal"))).to_contain_text("0.08333333")
    expect(page.get_by_role("slider", name="Arrow of feature 1")).to_be_visible()


@pytest.mark.parametrize("part", ["play", "practise/1", "walk", "best"])
@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_no_part_is_wider_than_its_window(opened: Opened, part: str, width: int) -> None:
    page = opened(part, viewport={"width": width, "height": 800})
    expect(page.locator("main form, main .answer math").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("slug", ["keep-two-drop-one", "mend-the-skip-trigram", "same-multiset"])
def test_what_is_typed_fits_a_telephone(opened: Opened, slug: str) -> None:
    page = opened(f"practise/{slug}", viewport={"width": 360, "height": 800})
    page.get_by_role("tab", name="As text").click()
    expect(page.locator("main form input[type=text], main form textarea").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@over_both_engines
def test_an_answer_that_wants_harm_is_an_answer(opened: Opened) -> None:
    page = opened(f"practise/{HARM}")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such exercise")
    page.goto(page.url.split("#")[0] + "#/practise/1")
    page.get_by_label("W, row 1, column 1").fill(HARM)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("window.harmed").first).to_be_visible()
    page.get_by_label("Your name, for numbers of your own").fill(HARM)
    page.keyboard.press("Tab")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_unharmed(page)


def test_a_course_that_wants_harm_is_text(opened: Opened, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "exercises/bank", course)
    file = course / "predict-the-output.toml"
    text = file.read_text(encoding="utf-8").replace("Predict the output", f"Predict {HARM}")
    told = text.replace("Be the model yourself", f"{HARM} [go](javascript:window.harmed=1) Be")
    file.write_text(told.replace("Start at", HARM), encoding="utf-8")

    def with_course(route: Route) -> None:
        asked = json.loads(route.request.post_data or "")
        if asked["argv"][0] in ("exercises", "exercise", "hint", "solution"):
            asked["argv"].append(f"--course={course}")
        route.continue_(post_data=json.dumps(asked))

    page = opened("play")
    page.route("**/call", with_course)
    page.goto(page.url.split("#")[0] + "#/practise/predict-the-output")
    expect(page.get_by_role("heading", level=1)).to_contain_text("window.harmed=1")
    expect(page.locator(".answer").first).to_contain_text("window.harmed=1")
    page.get_by_role("button", name="A hint").click()
    expect(page.get_by_role("heading", name="Hint 1")).to_be_visible()
    check(page.locator("#answer"), "1 1 1")
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator("a[href^=javascript]")).to_have_count(0)
    assert_unharmed(page)
