"""How long texts take to read: ordinary ones, large ones, and those that cost the most.

The reader promises counted work, which tests assert; this is what a unit of that work takes here.
Run ``python benchmarks/reader.py``; README.md in this folder says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from handcalc import InputError, parse_matrix, parse_scalar, parse_vector  # noqa: E402 - as above
from handcalc.parsing import parse  # noqa: E402 - as above
from handcalc.parsing.limits import WorkBudget  # noqa: E402 - as above


@dataclass(frozen=True, slots=True)
class Result:
    """A text: its characters, the units of work that it was counted for, its fastest seconds."""

    name: str
    characters: int
    units: int
    seconds: float


class Watched(WorkBudget):
    """A budget that is kept, for its count."""

    made: list[WorkBudget]

    def __init__(self) -> None:
        super().__init__()
        Watched.made.append(self)


def weights(rows: int, columns: int) -> str:
    """Normal draws with all their 17 digits."""
    random = Random(1)  # noqa: S311 - a repeatable draw, no secret
    lines = ([repr(random.gauss(0, 1)) for _ in range(columns)] for _ in range(rows))
    return "\n".join(" ".join(line) for line in lines)


def row(cells: list[str], count: int) -> str:
    """The first of them, in a row."""
    return " ".join(cells[:count])


ROOTS = [f"{i}√{p}" for i in range(2, 200) for p in (2, 3)]
SUMS = [f"{i}+{j}" for i, j in product(range(1, 40), repeat=2)]
OF_COSINES = [f"√((2+cos({i}π/7))^{j})" for i in (1, 2, 3) for j in range(1, 50)]
POLYGON = "; ".join(f"cos({2 * k}π/40) sin({2 * k}π/40)" for k in range(40))
TEXTS: dict[str, tuple[Callable[[str], Any], str]] = {
    "one number": (parse_scalar, "√2/2"),
    "3 × 2, by hand": (parse_matrix, "1 0; -1/2 √3/2; -1/2 -√3/2"),
    "40-gon": (parse_matrix, POLYGON),
    "100 × 20 weights": (parse_matrix, weights(100, 20)),
    "400 × 30 weights": (parse_matrix, weights(400, 30)),
    "666 sums": (parse_vector, row(SUMS, 666)),
    "250 roots": (parse_vector, row(ROOTS, 250)),
    "too many roots of cosines": (parse_vector, row(OF_COSINES, 99)),
    "80,000 brackets": (parse_matrix, "[]" * 40_000),
}


def measured(name: str, read: Callable[[str], Any], text: str, repetitions: int) -> Result:
    """The fastest of some readings, in processor time, and the units of one."""

    def seconds() -> float:
        Watched.made = []
        start = process_time()
        with suppress(InputError):
            read(text)
        return process_time() - start

    fastest = min(seconds() for _ in range(repetitions))
    return Result(name, len(text), sum(work.spent for work in Watched.made), fastest)


def main() -> None:
    """Measure, print the table, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="How long texts take to read.")
    reader.add_argument("--repetitions", type=int, default=5, help="readings of each text")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    parse.WorkBudget = Watched  # type: ignore[misc]  # the count is all that is added
    run = partial(measured, repetitions=asked.repetitions)
    results = [run(name, read, text) for name, (read, text) in TEXTS.items()]
    print(f"{'text':<32}{'characters':>11}{'units':>9}{'ms':>9}")
    for r in results:
        print(f"{r.name:<32}{r.characters:>11,}{r.units:>9,}{r.seconds * 1000:>9.2f}")
    if asked.json:
        record = {
            "python": platform.python_version(),
            "system": platform.system(),
            "repetitions": asked.repetitions,
            "results": [asdict(r) for r in results],
        }
        asked.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
