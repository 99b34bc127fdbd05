"""What it saves to keep the best models known: searching for them, against reading them again.

Trains the small version of a preset, then asks for the best known of its models: once with nothing
kept, and then several times with what was kept of that.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import torchsim
from torchsim.comparison.best_known import best_of_trained
from torchsim.comparison.best_store import BestStore


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def measured(preset: str, repetitions: int) -> dict[str, object]:
    """Both times, in seconds, and their ratio."""
    run = torchsim.train(preset, small=True)
    with TemporaryDirectory() as folder:
        searching = seconds(lambda: best_of_trained(run.trained, BestStore(Path(folder))))
        reading = median(
            seconds(lambda: best_of_trained(run.trained, BestStore(Path(folder))))
            for _ in range(repetitions)
        )
    found = {"searching": searching, "reading": reading, "ratio": searching / reading}
    return {"preset": preset, "models": len(run.trained), "repetitions": repetitions, **found}


def main() -> None:
    """Measure, print, and keep a record where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset", nargs="?", default="introduction")
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    found = measured(asked.preset, asked.repetitions)
    print(
        f"{asked.preset}, {found['models']} models: searched in {found['searching']:.2f} s, "
        f"read again in {found['reading']:.4f} s, {found['ratio']:.0f} times as fast"
    )
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
