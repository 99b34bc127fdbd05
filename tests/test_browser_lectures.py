"""A lecture as it is served: light or dark as the system is, with exercises to be answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from exercises.progress import ExerciseRecord, store
from tests.browsing import PATIENCE
from tests.test_browser_notebooks import free_port, serving

pytestmark = pytest.mark.slow  # a server and a kernel

PAPERS = {"dark": "rgb(21, 24, 29)", "light": "rgb(255, 255, 255)"}


def papers(page: Page) -> set[str]:
    """The grounds of a drawing, of the figure and of the exercises, as they are painted."""
    drawing = page.locator(".handcalc-drawing .paper").first
    painted = drawing.evaluate("(node) => getComputedStyle(node).fill")
    widgets = page.locator(".handcalc-figure, [data-lm-suppress-shortcuts]").all()
    assert len(widgets) >= 4  # the figure, and three exercises
    grounds = (
        each.evaluate("(node) => getComputedStyle(node).backgroundColor") for each in widgets
    )
    return {painted, *grounds}


def test_a_served_lecture(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("marimo", reason="marimo comes with the extra lecture")
    port = free_port()
    command = ["handcalc", "lecture", "geometry", "--no-open", f"--port={port}"]
    with serving(command, tmp_path, port) as address:
        for scheme, paper in PAPERS.items():
            page = browser.new_page(color_scheme=scheme)
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            asked = page.get_by_role("region", name="Exercise").filter(
                has_text="Three exact numbers"
            )
            expect(asked).to_be_visible()
            expect(page.locator(f"body.{scheme}")).to_be_visible()
            assert papers(page) == {paper}
            # marimo takes all padding away, from the hosts of shadow trees, too
            assert asked.evaluate("(node) => getComputedStyle(node).paddingLeft") == "14px"
            page.get_by_role("switch").click()
            expect(page.get_by_text("yours to find")).to_have_count(3)
            if scheme == "light":
                asked.get_by_role("button", name="A hint").click()
                expect(asked.get_by_text("Hint 1 of 2")).to_be_visible()
                asked.get_by_role("textbox").fill("1/2 2/3 2/5")
                asked.get_by_role("button", name="Check").click()
                expect(asked.get_by_text("Exercise 19: solved")).to_be_visible()
                expect(page.get_by_text("yours to find")).to_have_count(0)
                assert store().read().of("dimensionality") == ExerciseRecord(True, 1, 1)
            page.close()


def test_a_wrong_guess_is_answered_and_a_moved_arrow_measured(
    browser: Browser, tmp_path: Path
) -> None:
    pytest.importorskip("marimo", reason="marimo comes with the extra lecture")
    port = free_port()
    command = ["handcalc", "lecture", "ways-out", "--no-open", f"--port={port}"]
    with serving(command, tmp_path, port) as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        expect(page.get_by_text("Your nearest lines stand 36.87° apart.")).to_be_visible()
        page.get_by_placeholder("a number, such as 5/7").first.fill("3")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Not quite.")).to_have_count(1)
        expect(page.get_by_text("Not quite. So many stand at right angles")).to_be_visible()
        arrow = page.get_by_role("slider", name="Arrow of feature 2").first
        arrow.focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_text("Your nearest lines stand 36.87° apart.")).to_have_count(0)
        page.get_by_text("each axis many times over").click()
        expect(page.get_by_text("81.95° or less")).to_be_visible()
        page.get_by_role("button", name="Train one on your features").click()
        expect(page.get_by_text("latents never on")).to_be_visible()
        page.close()
