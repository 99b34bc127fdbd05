"""The published classroom, built and served: Python in the page says what Python says here.

Building it takes npm and PyPI, and minutes; times are printed beside what they are of.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from time import perf_counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import exercises
from tests.browsing import Visits, browser_program
from tests.cli_runs import ROOT
from tests.engine_in_both import worked
from tests.test_parsing_corpus import ACCEPTED, REFUSED, shape, whole_text

pytestmark = pytest.mark.slow
_READY = "Python runs in this page"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as the documented command builds it."""
    if browser_program() is None or shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("the site is built with npm and looked at in Chromium")
    folder = tmp_path_factory.mktemp("site") / "built"
    command = [sys.executable, "site/build.py", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        pytest.skip(
            f"the site could not be built, perhaps without a registry: {built.stderr[-300:]}"
        )
    print(built.stdout)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ThreadingHTTPServer]:
    serve = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=serve.serve_forever, daemon=True).start()
    yield serve
    serve.shutdown()
    serve.server_close()


@pytest.fixture
def site(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/"


_ASK = "async (argv) => (await import('./engine.js')).ask(argv)"


def ready(page: Page) -> None:
    expect(page.get_by_text(_READY)).to_be_visible(timeout=180_000)


def test_play_works_before_the_engine_has_come_and_a_bar_says_how_much(
    visit: Visits, site: str
) -> None:
    page = visit(f"{site}#/play")
    first = page.get_by_role("slider", name="Arrow of feature 1")
    expect(page.locator("#engine")).to_have_text(re.compile(r"Loading the engine, \d+ MB once"))
    expect(page.get_by_role("progressbar", name="Loading the engine")).to_be_visible()
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-valuetext", "21/20, 0")
    expect(page.locator("#engine")).not_to_have_text(_READY)
    ready(page)
    expect(page.get_by_text("Where each output comes from")).to_be_visible()


def test_progress_stays_and_all_works_with_no_network(visit: Visits, site: str) -> None:
    page = visit(f"{site}#/practise/perfect-reconstruction")
    page.get_by_label("W, row 1, column 1").fill("1", timeout=180_000)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("not yet")
    page.get_by_label("W, row 2, column 2").fill("1")
    page.get_by_label("b, row 3, column 1").fill("1/4")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.solved")).to_be_visible()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.context.set_offline(True)
    begun = perf_counter()
    page.reload()
    ready(page)
    print(f"engine ready, offline, from the cache: {perf_counter() - begun:.1f} s")
    expect(page.get_by_role("link", name="solved 1. Reconstruct")).to_be_visible()
    begun = perf_counter()
    asked = ["exercise", "perfect-reconstruction", "--W=1 0; 0 1; 0 0", "--b=0 0 1/4", "--typeset"]
    assert page.evaluate(_ASK, asked)["status"] == "solved"
    first = perf_counter() - begun
    times = []
    for _ in range(20):
        begun = perf_counter()
        page.evaluate(_ASK, asked)
        times.append(perf_counter() - begun)
    print(f"a graded answer: the first {first:.3f} s, the median {sorted(times)[10]:.3f} s")
    for part in ("walk", "best"):
        page.goto(f"{site}#/{part}")
        expect(page.get_by_role("button", name="Just show it")).to_be_visible()


def test_what_needs_numpy_says_that_it_is_for_the_installed_package(
    visit: Visits, site: str
) -> None:
    page = visit(f"{site}#/play")
    ready(page)
    asked = ["optimum", "--features=2", "--hidden=1", "--sparsity=1/2"]
    assert page.evaluate(_ASK, asked)["error"]["code"] == "missing_extra"


# A worker of the tests' own over the same files: it asks Python without the command line. In the
# page itself Chromium compiles no module of this size.
_WORKER = """
import { loadPyodide } from './pyodide/pyodide.mjs';
self.addEventListener('message', async ({ data: [source, given] }) => {
  try {
    const env = { HANDCALC_STATE_DIR: '/state' };
    const python = await loadPyodide({ indexURL: './pyodide/', env });
    const packages = await (await fetch('packages.zip')).arrayBuffer();
    python.unpackArchive(packages, 'zip', { extractDir: '/lib/python3.14/site-packages' });
    python.runPython(source);
    self.postMessage([python.globals.get('worked')(given), null]);
  } catch (error) {
    self.postMessage([null, String(error).slice(-1000)]);
  }
});
"""
_WORK = """
(asked) => new Promise((done) => {
  const worker = new Worker('./asked.js', { type: 'module' });
  worker.addEventListener('message', ({ data }) => done(data));
  worker.postMessage(asked);
})
"""


def questions() -> dict[str, list[dict[str, Any]]]:
    """The reader's corpus, every solution and listed wrong answer, and 300 random losses."""
    random = Random(14)  # noqa: S311 - a draw of test cases
    texts = [
        {"door": entry["door"], "text": whole_text(entry["text"]), "shape": shape(entry)}
        for entry in (*ACCEPTED, *REFUSED)
    ]
    answers = [
        {"exercise": exercise.id, "typed": dict(answer.typed)}
        for exercise in exercises.load_all()
        for answer in (*exercise.key().solutions, *exercise.key().wrong)
    ]

    def number() -> str:
        return f"{random.randint(-12, 12)}/{random.randint(1, 9)}"

    losses = []
    for _ in range(300):
        n = random.randint(1, 3)
        W = "; ".join(f"{number()} {number()}" for _ in range(n))
        b = " ".join(number() for _ in range(n))
        losses.append({"W": W, "b": b, "S": f"{random.randint(0, 10)}/10"})
    return {"read": texts, "graded": answers, "lost": losses}


def test_the_engine_in_the_tab_says_what_it_says_here(
    browser: Browser, site: str, folder: Path
) -> None:
    given = json.dumps(questions())
    here = json.loads(worked(given))
    source = (ROOT / "tests/engine_in_both.py").read_text(encoding="utf-8")
    (folder / "asked.js").write_text(_WORKER, encoding="utf-8")
    page = browser.new_page()
    page.goto(f"{site}files.json")  # no page of the classroom, whose engine would run beside
    answers, error = page.evaluate(_WORK, [source, given])
    page.close()
    assert error is None, error
    there = json.loads(answers)
    for name, found in there.items():
        expected, answers = here[name], found["answers"]
        print(f"{name}: {len(answers)}, {found['seconds']:.1f} s in the tab", end=", ")
        print(f"{expected['seconds']:.1f} s here")
        asked = json.loads(given)[name]
        for entry, one, other in zip(asked, answers, expected["answers"], strict=True):
            assert one == other, entry
