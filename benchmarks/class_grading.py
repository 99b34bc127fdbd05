"""How long a class takes to grade: three hundred answers, with one process and with two.

    python benchmarks/class_grading.py [NUMBER]

The folder is that of the tests: honest answers, and a tenth that is whatever else people hand in,
two of them too slow to grade within the five seconds that each is given here. Each time is that of
the whole command, with its start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 5


def main() -> None:
    """Make the class, grade it each way, and print a line for each."""
    sys.path.insert(0, str(ROOT))
    from tests.class_folder import EXERCISE, make_class

    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with TemporaryDirectory() as place:
        folder = Path(place)
        made = make_class(folder, number, slow=2)
        print(f"{made.size} answers to {EXERCISE}, {len(made.hostile)} of them hostile")
        for jobs in (1, 2):
            seconds, verdicts = _timed(folder, EXERCISE, jobs)
            counts = ", ".join(f"{count} {status}" for status, count in sorted(verdicts.items()))
            print(f"--jobs {jobs}: {seconds:.1f} s ({counts})")


def _timed(folder: Path, exercise: str, jobs: int) -> tuple[float, Counter[str]]:
    """The wall time of one run, and how many rows have each status."""
    command = [sys.executable, "-m", "handcalc", "grade", exercise, str(folder), "--json"]
    command += [f"--jobs={jobs}", f"--timeout={_SECONDS}"]
    started = perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    seconds = perf_counter() - started
    return seconds, Counter(row["status"] for row in json.loads(done.stdout)["answers"])


if __name__ == "__main__":
    main()
