"""The published classroom, built and served: Python in the page says what Python says here.

Building it takes npm and PyPI, and minutes; times are printed beside what they are of.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tarfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import exercises
from tests.browsing import (
    HARM,
    PATIENCE,
    QUIET,
    Quiet,
    Visits,
    assert_unharmed,
    browser_program,
    served,
)
from tests.cli_runs import ROOT
from tests.engine_in_both import worked
from tests.test_parsing_corpus import ACCEPTED, REFUSED, shape, whole_text
from tests.test_printed_cases import RECORDS
from tests.test_typed_cases import TEXTS

pytestmark = pytest.mark.slow
_READY = "Python runs in this page"


_ASK = "async (argv) => (await import('./engine.js')).ask(argv)"
_ASK_AT_ONCE = """
async (calls) => {
  const { ask } = await import('./engine.js');
  window.asked = Promise.all(calls.map((argv) => ask(argv)));
}
"""


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


def test_one_engine_answers_a_page_whichever_part_it_opens_with(visit: Visits, site: str) -> None:
    for part in ("play", "practise", "walk", "best"):
        page = visit()
        started: list[str] = []
        page.on("worker", lambda worker, started=started: started.append(worker.url))
        page.goto(f"{site}#/{part}")
        expect(page.get_by_text("The engine is asked")).to_have_count(0, timeout=180_000)
        ready(page)
        assert started == [f"{site}worker.js"]
        page.context.close()


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


def test_a_first_visit_loads_everything_once(
    browser: Browser, site_folder: Path, tmp_path: Path
) -> None:
    answered: list[tuple[str, int]] = []

    class Counting(Quiet):
        def send_response(self, code: int, message: str | None = None) -> None:
            answered.append((self.path.partition("?")[0], code))
            super().send_response(code, message)

    profile = browser.browser_type.launch_persistent_context(  # with a cache on the disk
        tmp_path, executable_path=browser_program(), args=QUIET
    )
    with profile as context, served(site_folder, Counting) as address:
        page = context.new_page()
        page.goto(f"{address}#/play")
        ready(page)
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        sent = Counter(path for path, code in answered if code == 200)
        large = ("/packages.bin", "/libflint.bin", "/pyodide/pyodide.asm.wasm")
        assert {path: sent[path] for path in large} == dict.fromkeys(large, 1)
        assert sum(file.stat().st_size for file in site_folder.rglob("*")) < 31 * 2**20
        asked = len(answered)
        page.reload()
        ready(page)
        assert {path for path, _ in answered[asked:]} <= {"/offline.js"}  # looked for anew


def test_two_tabs_keep_what_either_does(visit: Visits, site: str) -> None:
    first = visit(f"{site}#/practise/best-bias-dense")
    second = first.context.new_page()
    second.goto(f"{site}#/practise/best-bias-sparse")
    for page, answer in ((first, "1/2"), (second, "3/8")):
        ready(page)
        page.locator("#answer").fill(answer)
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".verdict.solved")).to_be_visible()
    for page in (first, second):  # what it had in its own memory knows nothing of the other
        page.evaluate(_ASK, ["hint", "exact-loss"])
    for page in (first, second):  # both at once, each waiting for the other
        page.evaluate(_ASK_AT_ONCE, [["exercise", "exact-loss", "--answer=1/7"]] * 6)
    for page in (first, second):
        page.evaluate("() => window.asked.then(() => true)")
    exported = first.evaluate(_ASK, ["progress", "--export=-"])
    kept = json.loads(exported["content"])["exercises"]
    assert kept["best-bias-dense"]["solved"]
    assert kept["best-bias-sparse"]["solved"]
    assert kept["exact-loss"] == {"solved": False, "attempts": 12, "hints": 2, "solution": False}
    first.reload()
    for position in (6, 7):
        expect(first.get_by_role("link", name=f"solved {position}.")).to_be_visible(
            timeout=PATIENCE
        )


def test_a_browser_that_keeps_nothing_is_told_of_and_answers(visit: Visits, site: str) -> None:
    page = visit()
    page.route("**/worker.js", _without_a_store)
    page.goto(f"{site}#/practise/best-bias-dense")
    ready(page)
    page.locator("#answer").fill("1/2")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.solved")).to_be_visible()
    expect(page.get_by_text("Note: This browser keeps no progress")).to_be_visible()


def _without_a_store(route: Route) -> None:
    """The page's worker in a browser whose windows are private, as some refuse a store there."""
    answer = route.fetch()
    refused = "indexedDB.open = () => { throw new DOMException('refused', 'InvalidStateError'); };"
    route.fulfill(response=answer, body=f"{answer.text()}\n{refused}")


def with_harm(content: bytes) -> bytes:
    """The archive of packages with a course that wants harm."""
    harmed = BytesIO()
    with (
        tarfile.open(fileobj=BytesIO(gzip.decompress(content))) as given,
        tarfile.open(fileobj=harmed, mode="w", format=tarfile.USTAR_FORMAT) as made,
    ):
        for entry in given:
            file = given.extractfile(entry)
            assert file is not None
            text = file.read()
            if entry.name == "exercises/bank/predict-the-output.toml":
                told = text.decode().replace("Predict the output", f"Predict {HARM}")
                text = told.replace(
                    "Be the model yourself", f"{HARM} [go](javascript:x) Be"
                ).encode()
                entry.size = len(text)
            made.addfile(entry, BytesIO(text))
    return gzip.compress(harmed.getvalue(), 1)


def test_a_course_that_wants_harm_is_text(visit: Visits, site_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "harmed"
    shutil.copytree(site_folder, folder)
    archive = folder / "packages.bin"
    archive.write_bytes(with_harm(archive.read_bytes()))
    with served(folder) as address:
        page = visit(f"{address}#/practise/predict-the-output")
        ready(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("window.harmed=1")
        expect(page.locator(".answer").first).to_contain_text("window.harmed=1")
        page.locator("#answer").fill(HARM)
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".verdict, .problem").first).to_be_visible()
        expect(page.locator("a[href^=javascript]")).to_have_count(0)
        assert_unharmed(page)


def test_what_needs_numpy_says_that_it_is_for_the_installed_package(
    visit: Visits, site: str
) -> None:
    page = visit(f"{site}#/play")
    ready(page)
    asked = ["optimum", "--features=2", "--hidden=1", "--sparsity=1/2"]
    assert page.evaluate(_ASK, asked)["error"]["code"] == "missing_extra"


# A worker of the tests' own, which asks the same Python without the command line.
_WORKER = """
import { startPython } from './python.js';
self.addEventListener('message', async ({ data: [source, given] }) => {
  try {
    const python = await startPython({ HANDCALC_STATE_DIR: '/state' }, () => {});
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


def texts() -> list[dict[str, Any]]:
    """All texts that stand in tests/data, as the reader is asked for them."""
    corpus = [
        {"door": entry["door"], "text": whole_text(entry["text"]), "shape": shape(entry)}
        for entry in (*ACCEPTED, *REFUSED)
    ]
    typed = [
        {"door": case["kind"], "text": case["input"], "shape": lengths(case)} for case in TEXTS
    ]
    printed = [
        {"door": "matrix" if isinstance(each["value"][0], list) else "vector", "text": each["text"]}
        for each in RECORDS
    ]
    lines = (ROOT / "tests/data/one-sitting.txt").read_text(encoding="utf-8").splitlines()
    sat = [{"door": door, "text": line} for line in lines for door in ("vector", "matrix")]
    return [{"shape": {}} | each for each in (*corpus, *typed, *printed, *sat)]


def lengths(case: dict[str, Any]) -> dict[str, int]:
    """How many numbers a typed vector should have, where that is said."""
    return {"length": case["length"]} if "length" in case else {}


def answers() -> list[dict[str, Any]]:
    """Of every exercise all solutions, all listed wrong answers, and more that people give."""
    file = ROOT / "tests/data/other_wrong_answers.json"
    others = json.loads(file.read_text(encoding="utf-8"))
    return [
        {"exercise": exercise.id, "typed": typed}
        for exercise in exercises.load_all()
        for typed in (
            *(dict(each.typed) for each in (*exercise.key().solutions, *exercise.key().wrong)),
            *others[exercise.id],
        )
    ]


def losses() -> list[dict[str, Any]]:
    """300 random models and sparsities."""
    random = Random(14)  # noqa: S311 - a draw of test cases

    def number() -> str:
        return f"{random.randint(-12, 12)}/{random.randint(1, 9)}"

    found = []
    for _ in range(300):
        n = random.randint(1, 3)
        W = "; ".join(f"{number()} {number()}" for _ in range(n))
        b = " ".join(number() for _ in range(n))
        found.append({"W": W, "b": b, "S": f"{random.randint(0, 10)}/10"})
    return found


def test_the_engine_in_the_tab_says_what_it_says_here(
    browser: Browser, site: str, site_folder: Path
) -> None:
    given = json.dumps({"read": texts(), "graded": answers(), "lost": losses()})
    here = json.loads(worked(given))
    source = (ROOT / "tests/engine_in_both.py").read_text(encoding="utf-8")
    (site_folder / "asked.js").write_text(_WORKER, encoding="utf-8")
    page = browser.new_page()
    page.goto(f"{site}files.json")  # no page of the classroom, whose engine would run beside
    said, error = page.evaluate(_WORK, [source, given])
    page.close()
    assert error is None, error
    there = json.loads(said)
    for name, found in there.items():
        expected, there_found = here[name], found["answers"]
        print(f"{name}: {len(there_found)}, {found['seconds']:.1f} s in the tab", end=", ")
        print(f"{expected['seconds']:.1f} s here")
        asked = json.loads(given)[name]
        for entry, one, other in zip(asked, there_found, expected["answers"], strict=True):
            assert one == other, entry
