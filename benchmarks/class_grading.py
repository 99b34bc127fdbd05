"""How long a class takes to grade: one exercise of three hundred, three exercises of five hundred.

    python benchmarks/class_grading.py [one|course] [NUMBER]

The folders are those of the tests: honest answers, and a tenth that is whatever else people hand
in, two of them too slow to grade within the five seconds that each answer is given here. The course
is handed in on four platforms, and all that can be written of it is written. Each time is that of
the whole command, with its start; beside it are the seconds that processors worked, and the load of
the machine as it begins.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 5


def main() -> None:
    """Make the class, grade it each way, and print a line for each."""
    sys.path.insert(0, str(ROOT))
    which = sys.argv[1] if len(sys.argv) > 1 else "course"
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 300 if which == "one" else 500
    with TemporaryDirectory() as place:
        (_one if which == "one" else _course)(Path(place), number)


def _one(folder: Path, number: int) -> None:
    from tests.class_folder import EXERCISE, make_class

    made = make_class(folder, number, slow=2)
    print(f"{made.size} answers to {EXERCISE}, {len(made.hostile)} of them hostile")
    for jobs in (1, 2):
        _print_time(jobs, [EXERCISE, str(folder)])


def _course(folder: Path, number: int) -> None:
    from tests.course_class import make_course, make_hand_ins

    course = make_course(folder / "course")
    made = make_hand_ins(folder / "class", number, slow=2)
    print(f"{made.size} hand-ins of three exercises, {made.hostile} of them hostile")
    out = folder / "out"
    out.mkdir()
    files = [f"--csv={out}/t.csv", f"--sheet={out}/s.csv", f"--junit={out}/j.xml"]
    files += [f"--results={out}/results", f"--feedback={out}/feedback"]
    _print_time(2, [f"--course={course}", *map(str, made.places), *files])


def _print_time(jobs: int, arguments: Sequence[str]) -> None:
    """The wall time of one run, and how many rows have each status."""
    command = [sys.executable, "-m", "handcalc", "grade", *arguments, "--json"]
    command += [f"--jobs={jobs}", f"--timeout={_SECONDS}"]
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    worked, started = _worked(), perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    seconds, worked = perf_counter() - started, _worked() - worked
    verdicts = Counter(row["status"] for row in json.loads(done.stdout)["answers"])
    counts = ", ".join(f"{count} {status}" for status, count in sorted(verdicts.items()))
    print(f"--jobs {jobs}: {seconds:.1f} s, {worked:.1f} s of processors, {load} ({counts})")


def _worked() -> float:
    """The seconds that processors worked for what was started here and is over."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
