"""What a call passes through: modules entered, models built, numbers converted.

Two commands are followed, each in a process of its own: the grade of a wrong answer to a 3 × 2
exercise, and a forward pass with surds. A conversion is an outermost call of ``from_sympy`` or
``to_sympy``. Run ``python benchmarks/conversions.py``, and with ``--checkout FOLDER`` for another
state of the code.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "graded 3 × 2 answer": ("exercise", "2", "--W=1 0; 0 1; 1/2 1/2", "--no-state"),
    "forward pass with surds": (
        "forward",
        "--W=1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2",
        "--x=sqrt(2)/2 1 1/2",
    ),
}
CONVERSIONS = {"from_sympy", "to_sympy"}


class Trace:
    """A profile hook that counts what is entered below one folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is counted yet."""
        self.folder = f"{folder}{os.sep}"
        self.modules: set[str] = set()
        self.counts: Counter[str] = Counter()
        self._converting: list[CodeType] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note a call; of nested conversions the outermost alone."""
        code = frame.f_code
        if event == "return" and self._converting and self._converting[-1] is code:
            self._converting.pop()
        if event != "call" or not code.co_filename.startswith(self.folder):
            return
        if code.co_name != "<module>":
            self.modules.add(code.co_filename)
        if code.co_name in CONVERSIONS:
            self.counts["conversions"] += not self._converting
            self._converting.append(code)
        elif code.co_filename.endswith("toy_model.py") and code.co_name in {"__init__", "exactly"}:
            self.counts["models"] += 1


def follow(checkout: Path, command: tuple[str, ...]) -> dict[str, int]:
    """The counts for one command, in this process."""
    sys.path.insert(0, str(checkout))
    from handcalc.cli import main  # of the checkout that was named

    trace = Trace(checkout)
    sys.argv = ["handcalc", *command]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        sys.setprofile(trace)
        try:
            main()
        finally:
            sys.setprofile(None)
    return {"modules entered": len(trace.modules), **dict(sorted(trace.counts.items()))}


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkout", type=Path, default=ROOT)
    parser.add_argument("--follow", choices=COMMANDS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    checkout = asked.checkout.resolve()
    if asked.follow is not None:
        print(json.dumps(follow(checkout, COMMANDS[asked.follow])))
        return
    for name in COMMANDS:
        found = subprocess.run(
            [sys.executable, __file__, "--checkout", str(checkout), "--follow", name],
            capture_output=True,
            text=True,
            check=True,
        )
        counts = json.loads(found.stdout)
        print(name, *(f"{value} {what}" for what, value in counts.items()), sep=" · ")


if __name__ == "__main__":
    _main()
