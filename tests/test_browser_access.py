"""What axe-core, from npm, finds in every part of the classroom: nothing serious."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import handcalc
from handcalc.cli.classroom.server import Classroom
from handcalc.views.html.page import figure_page
from tests.browsing import Visits

pytestmark = pytest.mark.slow
AXE = "axe-core@4.14.1"
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker as one script."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core comes from npm, which is not on this machine")
    folder = tmp_path_factory.mktemp("axe")
    fetched = subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, check=False)
    if fetched.returncode != 0:
        pytest.skip("axe-core comes from npm, and no registry answers")
    (archive,) = folder.glob("axe-core-*.tgz")
    with tarfile.open(archive) as packed:
        script = packed.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


@pytest.fixture
def checked_visit(browser: Browser, axe: str) -> Iterator[Visits]:
    """Visits to pages that axe-core is on."""
    with Visits(browser, axe) as visits:
        yield visits


def findings(page: Page) -> list[str]:
    """What is serious on the page as it stands."""
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


LOOKS = [(360, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_classroom(checked_visit: Visits, room: Classroom, width: int, scheme: str) -> None:
    page = checked_visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(f"{room.url}#/play")
    for name in page.get_by_role("tab").all_inner_texts():
        page.get_by_role("tab", name=name).click()
        page.wait_for_timeout(700)
        expect(page.get_by_role("tabpanel", name=name).locator("math").first).to_be_visible()
        assert findings(page) == []
    for slug in ("perfect-reconstruction", "never-the-argmax", "two-back"):
        page.goto(f"{room.url}#/practise/{slug}")
        expect(page.get_by_role("button", name="Check")).to_be_visible()
        page.get_by_role("button", name="A hint").click()
        expect(page.get_by_role("heading", name="Hint").first).to_be_visible()
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".verdict, .problem").first).to_be_visible()
        assert findings(page) == []
    page.goto(f"{room.url}#/practise/perfect-reconstruction")
    page.get_by_role("tab", name="Arrows").click()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert findings(page) == []
    for part in ("walk", "best"):
        page.goto(f"{room.url}#/{part}")
        expect(page.get_by_role("button", name="Just show it")).to_be_visible()
        assert findings(page) == []
        page.get_by_role("button", name="Just show it").click()
        expect(page.locator(".answer math").first).to_be_visible()
        assert findings(page) == []


def test_the_published_classroom(checked_visit: Visits, site: str) -> None:
    page = checked_visit(viewport={"width": 360, "height": 800}, color_scheme="dark")
    page.goto(f"{site}#/play")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert findings(page) == []
    expect(page.get_by_text("Python runs in this page")).to_be_visible(timeout=180_000)
    page.goto(f"{site}#/practise/compose-an-induction-head")
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict, .problem").first).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_figure(checked_visit: Visits, tmp_path: Path, width: int, scheme: str) -> None:
    file = tmp_path / "figure.html"
    file.write_text(figure_page(handcalc.embedding("triangle").model), encoding="utf-8")
    page = checked_visit(
        file.as_uri(), viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    expect(page.get_by_role("slider", name="Arrow of feature 1")).to_be_visible()
    assert findings(page) == []
