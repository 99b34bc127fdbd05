"""Whether two checkouts print the same JSON: some 300 commands, each run in both.

``python benchmarks/same_json.py OTHER`` compares this checkout with another one, as before and
after a rewrite, and names each command whose exit status, JSON or message differs. How long a
command took is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MODELS = [
    "1 0; 0 1; 0 -1",
    "1; -1",
    "1; 0",
    "[[1, 0], [0, √3/2], [0, -1/2]]",
    "cos(0) sin(0); cos(2*pi/3) sin(2*pi/3); cos(4*pi/3) sin(4*pi/3)",
    "1/2 1/3; 2/5 -1; 0 √2",
    "1 0 0; 0 1 0; 0 0 1; -1 0 0",
    "0.8216 0; -0.4108 0.7115; -0.4108 -0.7115",
    "cos(2*pi/5) sin(2*pi/5); 1 0; 0 1; -1 -1; 1/2 1/2",
    "√(1+√2) 0; 1 -√5",
]
BIASES = ["0", "1/2", "-1/4"]
SPARSITIES = ["0", "1/2", "9/10"]
REFUSED = [
    ["forward", "--W=1 2; 3"],
    ["forward", "--W=√2 ★ 3!"],
    ["forward", "--W=1 0; 0 1", "--x=1 2 3"],
    ["geometry", "--W="],
    ["loss", "--W=1; -1", "--sparsity=2"],
    ["loss", "--W=1; -1", "--sparsity=1/2 1/3 1/4"],
    ["optimum", "--features=0"],
    ["exercise", "no-such-exercise", "--no-state"],
    ["exercise", "1", "--W=1 0; 0 1", "--no-state"],
    ["show", "nothing-of-the-kind"],
    ["train", "nothing-of-the-kind"],
    ["phases", "--points=1"],
]
ANSWERS = ["1 0; 0 1; 0 -1", "1 0; 0 1; 0 0", "1; -1; 0", "0.8216 0; -0.41 0.71; -0.41 -0.71"]


def calculations() -> Iterator[list[str]]:
    """Models that somebody types, worked out."""
    for W, b in product(MODELS, BIASES):
        yield ["forward", f"--W={W}", f"--b={b}"]
        yield ["forward", f"--W={W}", f"--b={b}", "--linear"]
    for W in MODELS:
        yield ["geometry", f"--W={W}"]
    for W, S in product(MODELS, SPARSITIES):
        yield ["loss", f"--W={W}", f"--sparsity={S}"]
        yield ["loss", f"--W={W}", "--b=1/4", f"--sparsity={S}", "--importance=2"]
    for W in MODELS[:6]:
        yield ["loss", f"--W={W}"]
        yield ["loss", f"--W={W}", "--distribution=one-active"]
        yield ["loss", f"--W={W}", "--linear", "--sparsity=1/2"]


def found() -> Iterator[list[str]]:
    """Named embeddings, and the best that is searched for."""
    yield ["show"]
    yield ["train"]
    for name in ("orthogonal", "interfering", "antipodal", "triangle", "best"):
        yield ["show", name]
        yield ["show", name, "--x=1 0 1/2"]
        yield ["show", name, "--sparsity=3/4"]
    for n, m, S in [(2, 1, "1/2"), (3, 2, "0"), (3, 2, "1/2"), (3, 2, "9/10"), (4, 2, "9/10")]:
        yield ["optimum", f"--features={n}", f"--hidden={m}", f"--sparsity={S}", "--restarts=16"]
    yield ["phases", "--features=2", "--hidden=1", "--points=3", "--no-state"]
    yield ["phases", "--features=2", "--hidden=1", "--diagram", "--grid=3", "--no-state"]


def practice() -> Iterator[list[str]]:
    """The course: every exercise, and answers right and wrong."""
    yield ["exercises", "--no-state"]
    yield ["dev", "check"]
    for position in range(1, 25):
        yield ["exercise", str(position), "--no-state"]
        yield ["exercise", str(position), "--no-state", "--student=Ada"]
        yield ["hint", str(position), "--no-state"]
        yield ["solution", str(position), "--no-state"]
    for position, W in product((1, 2, 3, 4, 5, 6, 7, 8), ANSWERS):
        yield ["exercise", str(position), f"--W={W}", "--no-state"]
    for position, answer in product((9, 10, 11, 12, 13, 14, 15, 16), ("1/2", "√3/2", "1 0; 0 1")):
        yield ["exercise", str(position), f"--answer={answer}", "--no-state"]


def ran() -> None:
    """Run every command in this process, a line of JSON each: exit status, output, messages."""
    from handcalc.cli.program import run

    for command in (*calculations(), *found(), *practice(), *REFUSED):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run([*command, "--json"])
        print(json.dumps([command, status, out.getvalue(), err.getvalue()]), flush=True)


def results(checkout: Path) -> dict[str, list[object]]:
    """What a checkout answers to each command."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {
            **os.environ,
            "PYTHONPATH": str(checkout),
            "HANDCALC_STATE_DIR": folder,
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
        }
        done = subprocess.run(
            [sys.executable, __file__, "--run"],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
        )
    found = (json.loads(line) for line in done.stdout.splitlines())
    return {
        " ".join(command): [status, re.sub(r'"wall_seconds": [\d.]+', "", out), err]
        for command, status, out, err in found
    }


def main() -> None:
    """Compare, and end with 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, nargs="?", help="the other checkout")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        ran()
        return
    ours, theirs = results(ROOT), results(options.other.resolve())
    different = [command for command in ours if ours[command] != theirs.get(command)]
    for command in different:
        print(command, ours[command], theirs.get(command), sep="\n  ")
    print(f"{len(ours)} commands, {len(different)} that differ.")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
