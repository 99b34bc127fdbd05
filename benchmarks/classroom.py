"""How quick the figure is under the hand: milliseconds of a step of a drag, and until it stands.

A step is all that follows from a moved arrow: every exact number, the tables and the drawing, laid
out. With ``--site FOLDER``, which ``site/build.py`` made, also how long Python in the page takes
until it answers, in a profile that has seen the page before, and how long an answer takes to be
graded once its exercise is on the screen.
Measured in the system's own Chromium; run ``python benchmarks/classroom.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import figure_page

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
from tests.browsing import (  # noqa: E402  # the tests are beside, and installed nowhere
    PATIENCE,
    QUIET,
    browser_program,
    served,
    started,
)

GOALS = {3: 8.0, 5: 16.0}
"""Milliseconds of a step that 95 of 100 keep to, by the number of features."""
FIRST_GOAL = 200.0
"""Milliseconds from the navigation to the figure on the screen."""
READY_GOAL, GRADED_GOAL = 6000.0, 100.0
"""Milliseconds until Python answers, from a warm cache, and of a graded answer after that."""
STEPS = 400
WARMING = 3  # visits after which the browser has the machine code at hand

# Each step is timed from the state it sets to the end of its layout, which reading a size forces;
# the least of three times counts, so that what other programs take meanwhile does not.
_DRAG = """
async ([steps]) => {
  const grips = [...document.querySelectorAll('.grip')];
  const taken = [];
  const real = window.requestAnimationFrame;
  let drawing = null;
  window.requestAnimationFrame = (then) => { drawing = then; return 0; };
  for (const [i, key, shiftKey] of steps) {
    grips[i].dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true }));
    let least = Infinity;
    for (let k = 0; k < 3; k++) {
      const begun = performance.now();
      drawing();
      document.body.getBoundingClientRect();
      least = Math.min(least, performance.now() - begun);
    }
    taken.push(least);
  }
  window.requestAnimationFrame = real;
  return taken;
}
"""
# When the first arrow was painted, by the browser's own clock since the navigation.
_FIRST = """
() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const painted = performance.getEntriesByName('first-contentful-paint')[0];
  done(painted ? painted.startTime : performance.now());
})))
"""

# When the page said that Python runs in it, since the navigation.
_READY = """
() => new Promise((done) => {
  const said = document.getElementById('engine');
  const look = () => {
    if (said.textContent.startsWith('Python runs')) done(performance.now());
    else setTimeout(look, 5);
  };
  look();
})
"""
_GRADED = """
async () => {
  const { ask } = await import('./engine.js');
  const taken = [];
  for (let k = 0; k < 21; k++) {
    const begun = performance.now();
    const answer = ['--W=1 0; 0 1; 0 0', `--b=0 0 1/${k + 1}`];
    await ask(['exercise', 'perfect-reconstruction', ...answer, '--typeset']);
    taken.push(performance.now() - begun);
  }
  return taken;
}
"""


def models() -> dict[int, ToyModel]:
    """Arrows all around and biases of either sign: every feature meets every other."""
    ends = ("1 0", "3/10 19/20", "-4/5 3/5", "-4/5 -3/5", "3/10 -19/20")
    return {n: ToyModel("; ".join(ends[:n]), "1/20 " * n) for n in GOALS}


def drag_times(browser: Browser, file: Path, n: int) -> list[float]:
    """What each of many steps took, after some that warm the machine up."""
    random = Random(n)  # noqa: S311 - a draw of steps
    keys = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
    steps = [(random.randrange(n), random.choice(keys), random.random() < 0.5) for _ in range(500)]
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector(".grip", timeout=PATIENCE)
    taken: list[float] = page.evaluate(_DRAG, [steps])
    page.close()
    return taken[-STEPS:]


def first_times(browser: Browser, file: Path, repetitions: int) -> list[float]:
    """When the figure stood, load by load."""
    found = []
    for _ in range(repetitions):
        page = browser.new_page()
        page.goto(file.as_uri(), wait_until="load")
        page.wait_for_selector(".grip", timeout=PATIENCE)
        found.append(page.evaluate(_FIRST))
        page.close()
    return found


def site_times(folder: Path, repetitions: int) -> tuple[list[float], list[float]]:
    """When Python answered, visit by visit, and what each graded answer took in the last one."""
    ready, graded = list[float](), list[float]()
    with TemporaryDirectory() as profile, served(folder) as address, sync_playwright() as started:
        context = started.chromium.launch_persistent_context(
            profile, executable_path=browser_program(), args=QUIET
        )
        context.set_default_timeout(10 * PATIENCE)
        for _ in range(WARMING + repetitions):
            page = context.new_page()
            page.goto(f"{address}#/walk")
            ready.append(page.evaluate(_READY))
            page.evaluate("async () => { await navigator.serviceWorker.ready; }")
            page.goto(f"{address}#/practise/perfect-reconstruction")  # as one has it who answers
            page.get_by_role("button", name="Check").wait_for()
            graded = page.evaluate(_GRADED)
            page.close()
        context.close()
    return ready[WARMING:], graded


def nearly_all(times: Sequence[float]) -> float:
    """The time that 95 of 100 keep to."""
    return sorted(times)[int(0.95 * len(times))]


def main() -> None:
    """Measure, print a table, and keep a record if one is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=11, help="loads of the page")
    parser.add_argument("--json", type=Path, help="where to keep a record")
    parser.add_argument("--site", type=Path, help="a built site, whose engine is measured too")
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    with TemporaryDirectory() as folder, started() as browser:
        for n, model in models().items():
            file = Path(folder) / f"{n}.html"
            file.write_text(figure_page(model), encoding="utf-8")
            taken = drag_times(browser, file, n)
            p95 = nearly_all(taken)
            rows.append(
                {"what": f"a step, n = {n}", "median": median(taken), "p95": p95, "goal": GOALS[n]}
            )
        loads = first_times(browser, Path(folder) / "3.html", asked.repetitions)
        rows.append(
            {
                "what": "first figure, n = 3",
                "median": median(loads),
                "p95": nearly_all(loads),
                "goal": FIRST_GOAL,
            }
        )
    if asked.site:
        for what, times, goal in zip(
            ("engine ready, warm", "a graded answer"),
            site_times(asked.site, asked.repetitions),
            (READY_GOAL, GRADED_GOAL),
            strict=True,
        ):
            rows.append(
                {"what": what, "median": median(times), "p95": nearly_all(times), "goal": goal}
            )
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'milliseconds':<22}{'median':>9}{'p95':>9}{'goal':>9}")
    for row in rows:
        print("{what:<22}{median:>9.2f}{p95:>9.2f}{goal:>9.0f}".format_map(row))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
