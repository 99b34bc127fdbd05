"""What steps on samples cost: torchsim's kernels, the recipe in PyTorch and JAX, and the floor.

All sides take some steps by turns, so that a machine that slows down slows all; numbers are medians
of the turns. Run ``python -m benchmarks``; README.md in this folder says how to read it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from benchmarks.recipe import Recipe, train_plainly  # noqa: E402 - as above
from benchmarks.training import numbers_of  # noqa: E402 - as above
from handcalc.numbers.exact import to_float  # noqa: E402 - as above
from torchsim.presets import preset  # noqa: E402 - as above
from torchsim.specification import ModelSpec, TrainingSpec  # noqa: E402 - as above
from torchsim.training.devices import device_name  # noqa: E402 - as above
from torchsim.training.fused import FusedDescent, compile_loop  # noqa: E402 - as above
from torchsim.training.fused.compiled import Words, compiled  # noqa: E402 - as above
from torchsim.training.fused.inputs import draw  # noqa: E402 - as above
from torchsim.training.plain import PlainDescent  # noqa: E402 - as above

MANY = 10**7  # steps that no side comes to the end of
GOALS = {"introduction": 30, "demonstrating": 12, "wide, S = 0": 2, "wide, S = 0.99": 5}


def cases() -> Iterator[tuple[str, TrainingSpec, int]]:
    """What is trained, and how many steps the recipe takes in a turn."""
    introduction = preset("introduction").spec(trainer="sampled", restarts=1, steps=MANY)
    yield "introduction", introduction, 60
    yield "one model", replace(introduction, models=introduction.models[:1]), 200
    yield "introduction × 10", replace(introduction, restarts=10), 10
    demonstrating = preset("demonstrating").spec(restarts=1, steps=MANY)
    yield "demonstrating", demonstrating, 20
    for S in ("0", "99/100"):
        models = tuple(ModelSpec.of(400, 30, S, importance=f"{k}/50") for k in range(1, 51))
        name = f"wide, S = {float(to_float(models[0].blocks[0].sparsity)):g}"
        yield name, TrainingSpec(models, "sampled", 1, steps=MANY), 1


@dataclass(slots=True)
class Side:
    """One way to take steps: ``advance`` takes ``steps`` of them for all models."""

    steps: int
    advance: Callable[[], object]
    rates: list[float] = field(default_factory=list)

    def turn(self, instances: int) -> None:
        """Take them, and note models × steps a second."""
        began = perf_counter()
        self.advance()
        self.rates.append(self.steps * instances / (perf_counter() - began))


def sides(spec: TrainingSpec, steps: int, names: list[str]) -> dict[str, Side]:
    """The ways of these names, ready to go: each has taken a turn that is not counted."""
    probability, importance = numbers_of(spec)
    hidden, more = spec.models[0].hidden, steps * (1 if spec.models[0].features > 100 else 20)
    asked = Recipe(MANY, spec.batch, spec.rate), hidden, probability, importance, steps
    found: dict[str, Side] = {}
    for name in names:
        if name in ("recipe", "compiled"):
            recipe = train_plainly(*asked, compiled=name == "compiled")
            found[name] = Side(steps, lambda recipe=recipe: next(recipe))  # type: ignore[misc]  # bound now
        elif name == "jax":
            from benchmarks.recipe_jax import stepper

            found[name] = Side(steps, stepper(hidden, probability, importance, spec.batch, steps))
        elif name == "plain":
            plain = PlainDescent(replace(spec, kernel="plain"), spec.groups[0])
            found[name] = Side(steps, _taking(plain, steps))
        elif name == "fused":
            fused = FusedDescent(replace(spec, kernel="fused"), spec.groups[0])
            found[name] = Side(more, _taking(fused, more))
        else:
            found[name] = Side(more, _drawing(spec, more))
    for side in found.values():
        side.advance()
    return found


def _taking(descent: PlainDescent | FusedDescent, steps: int) -> Callable[[], None]:
    def take() -> None:
        end = descent.step + steps
        while descent.step < end:
            descent.step += descent._advance(end - descent.step)

    return take


@compiled
def _draw_all(r: Words, rows: Words, key: Words, batch: int, times: int) -> None:
    for step in range(times):
        draw(r, rows, 0, batch, step, key)


def _drawing(spec: TrainingSpec, steps: int) -> Callable[[], None]:
    """Draw the random numbers of the steps on one thread, once for all models, and no more."""
    n = spec.models[0].features
    rows, key = np.arange(n, dtype=np.uint32), np.zeros(2, np.uint32)
    room = np.empty((n, spec.batch), np.uint32)
    return lambda: _draw_all(room, rows, key, spec.batch, steps * spec.restarts)


def multiply_adds() -> float:
    """Products and sums a second at best: a large matrix product of torch's, in float32."""
    a = torch.rand(1024, 1024)
    times = []
    for _ in range(15):
        began = perf_counter()
        a @ a
        times.append(perf_counter() - began)
    return float(1024**3 / median(times))


def main() -> None:
    """Measure, print the table, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="Steps on samples, by turns.")
    reader.add_argument("--turns", type=int, default=9, help="of each side")
    reader.add_argument("--jax", action="store_true", help="beside JAX, which has to be installed")
    reader.add_argument("--compile", action="store_true", help="beside torch.compile, in a minute")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    threads, compiling = torch.get_num_threads(), compile_loop("float32")
    print(f"{device_name('cpu')}, {threads} threads; compiled in {compiling:.1f} s")
    more = [name for name, wanted in (("compiled", asked.compile), ("jax", asked.jax)) if wanted]
    names = ["recipe", *more, "plain", "fused", "numbers"]
    print(
        f"{'models × steps a second':<26}" + "".join(f"{name:>13}" for name in [*names, "products"])
    )
    record = {}
    for name, spec, steps in cases():
        each = sides(spec, steps, names)
        instances = len(spec.models) * spec.restarts
        for _ in range(asked.turns):
            for side in each.values():
                side.turn(instances)
        rates = {side: median(each[side].rates) for side in names}
        model = spec.models[0]
        rates["products"] = multiply_adds() / (5 * model.features * model.hidden * spec.batch)
        record[name] = rates
        print(f"{name:<26}" + "".join(f"{rate:>13,.0f}" for rate in rates.values()))
        ratios = "".join(f"{rate / rates['recipe']:>13.2f}" for rate in rates.values())
        goal = f"   goal {GOALS[name]}" if name in GOALS else ""
        print(f"{'   of the recipe':<26}{ratios}{goal}", flush=True)
    if asked.json:
        about = {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "processor": device_name("cpu"),
            "cores": os.cpu_count(),
            "threads": threads,
            "turns": asked.turns,
        }
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(about | {"rates": record}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
