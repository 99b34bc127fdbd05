"""How long a person waits for ``handcalc``, as ratios to programs that do nothing else.

Every pair is measured in one run on one machine, its two commands by turns (A B A B …), and the
medians are divided. Run ``python benchmarks/startup.py``; README.md in this folder says how to
read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
HANDCALC = [sys.executable, "-c", "from handcalc.cli import main; main()"]
HELLO = """
import rich_click as click

@click.command()
@click.option("--name", default="you", help="Whom to greet.")
def hello(name):
    "Say hello."
    click.echo(f"Hello, {name}.")

hello()
"""
GRADED = ["exercise", "1", "--W=1 0; 0 1; 0 -1", "--b=0 0 0"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands to compare; ``goal`` is the largest ratio wanted, if one is."""

    name: str
    ours: list[str]
    other: list[str]
    goal: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in seconds, their ratio, and whether the goal was reached (``None``: no goal)."""

    name: str
    ours: float
    other: float
    ratio: float
    goal: float | None
    reached: bool | None


def pairs() -> list[Pair]:
    """The comparisons, all with the interpreter that runs this file."""
    python = [sys.executable, "-c"]
    return [
        Pair("handcalc --help / hello --help", [*HANDCALC, "--help"], hello(), 1.3),
        Pair(
            "circuit --help / handcalc --help",
            [*HANDCALC, "circuit", "--help"],
            [*HANDCALC, "--help"],
            1.3,
        ),
        Pair(
            "graded exercise 1 / import sympy", [*HANDCALC, *GRADED], [*python, "import sympy"], 1.5
        ),
        Pair(
            "import handcalc / bare python", [*python, "import handcalc"], [*python, "pass"], None
        ),
    ]


def hello() -> list[str]:
    """The smallest rich-click program, asked for its help."""
    return [sys.executable, "-c", HELLO, "--help"]


def seconds(command: list[str], surroundings: dict[str, str], folder: str) -> float:
    """Wall-clock seconds of one run; a run that crashes (exit 2 or more) stops the benchmark."""
    start = perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    elapsed = perf_counter() - start
    if done.returncode > 1:
        raise SystemExit(f"{command} failed:\n{done.stderr.decode(errors='replace')}")
    return elapsed


def measure(pair: Pair, repetitions: int, surroundings: dict[str, str], folder: str) -> Result:
    """Both commands by turns, after one run of each that fills the caches."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repetitions + 1):
        for command, kept in zip((pair.ours, pair.other), times, strict=True):
            elapsed = seconds(command, surroundings, folder)
            if turn:
                kept.append(elapsed)
    ours, other = map(median, times)
    reached = None if pair.goal is None else ours / other <= pair.goal
    return Result(pair.name, ours, other, ours / other, pair.goal, reached)


def table(results: list[Result]) -> str:
    """One line a comparison."""
    head = f"{'comparison':<34} {'ours':>8} {'other':>8} {'ratio':>6} {'goal':>6}  reached"
    verdict = {True: "yes", False: "no", None: "no goal"}
    rows = [
        f"{result.name:<34} {result.ours * 1000:>5.0f} ms {result.other * 1000:>5.0f} ms "
        f"{result.ratio:>6.2f} {result.goal or '-':>6}  {verdict[result.reached]}"
        for result in results
    ]
    return "\n".join([head, *rows])


def main() -> None:
    """Measure, print the table, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="Start-up times as ratios, all from one run.")
    reader.add_argument("--repetitions", type=int, default=21, help="runs of each (15 or more)")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    if asked.repetitions < 15:
        reader.error("fewer than 15 repetitions say too little")
    with tempfile.TemporaryDirectory() as folder:
        state = {"HANDCALC_STATE_DIR": str(Path(folder, "state")), "PYTHONPATH": str(ROOT)}
        # compiled code is kept between runs, as pip leaves it for a user
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        surroundings = {**kept, **state}
        results = [measure(pair, asked.repetitions, surroundings, folder) for pair in pairs()]
    print(table(results))
    if asked.json:
        record = {
            "python": platform.python_version(),
            "system": platform.system(),
            "repetitions": asked.repetitions,
            "results": [asdict(result) for result in results],
        }
        asked.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
