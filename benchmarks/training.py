"""What training costs: both of torchsim's trainers against the paper's recipe in plain PyTorch.

The ten models of the paper's introduction. The recipe and both kernels on samples advance by turns,
a block of steps each, so that a machine that slows down slows all; the exact trainer runs between
the blocks. All are judged by the expected loss itself, outside the time that is measured. Run
``python benchmarks/training.py``; README.md in this folder says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import get_args

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from benchmarks.recipe import Recipe, train_plainly  # noqa: E402 - as above
from handcalc.numbers.exact import to_float  # noqa: E402 - as above
from handcalc.superposition.numeric import expected_losses  # noqa: E402 - as above
from torchsim.comparison.best_known import best_known  # noqa: E402 - as above
from torchsim.presets import preset  # noqa: E402 - as above
from torchsim.specification import Kernel, ModelSpec, TrainingSpec  # noqa: E402 - as above
from torchsim.training import TRAINERS  # noqa: E402 - as above
from torchsim.training.fused import compile_loop  # noqa: E402 - as above
from torchsim.training.sampled import descent_of  # noqa: E402 - as above

GOAL = 0.05
Weights = tuple[np.ndarray, np.ndarray]


@dataclass(slots=True)
class Side:
    """One way to train: seconds of each block or run, and the best loss of each model after it.

    ``work`` is how many steps of one model a block is; None where there are no steps.
    """

    name: str
    restarts: int
    work: int | None = None
    seconds: list[float] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)

    @property
    def whole(self) -> float:
        """All blocks, each as long as the median one; a run of the exact trainer by itself."""
        return median(self.seconds) * (1 if self.work is None else len(self.seconds))

    def seconds_to(self, goals: list[float]) -> float | None:
        """Until all models are at or below their goals; None if they never are."""
        for blocks, losses in enumerate(self.losses, 1):
            if all(loss <= goal for loss, goal in zip(losses, goals, strict=True)):
                return median(self.seconds) * (1 if self.work is None else blocks)
        return None

    @property
    def rate(self) -> float | None:
        """Models × steps a second."""
        return None if self.work is None else self.work / median(self.seconds)


def floats(numbers: tuple[object, ...]) -> np.ndarray:
    """Exact numbers in floating point."""
    return np.array([to_float(number) for number in numbers])


def judged(models: tuple[ModelSpec, ...], restarts: int, weights: Weights) -> list[float]:
    """The lowest expected loss of each model's restarts; instances are ordered model by model."""
    W, b = weights
    found = []
    for k, model in enumerate(models):
        own, I = slice(k * restarts, (k + 1) * restarts), floats(model.importance)  # noqa: E741 - the paper's letter
        found.append(float(expected_losses(W[own], b[own], model.distribution, importance=I).min()))
    return found


# ── the four sides, a block at a time ──────────────────────────────────────────────────────────


def numbers_of(spec: TrainingSpec) -> tuple[np.ndarray, np.ndarray]:
    """P(xᵢ ≠ 0) and Iᵢ of each instance, (instances, n); one S a model."""
    n = spec.models[0].features
    p = np.array([[1 - to_float(model.blocks[0].sparsity)] * n for model in spec.models])
    importance = np.array([floats(model.importance) for model in spec.models])
    return np.repeat(p, spec.restarts, axis=0), np.repeat(importance, spec.restarts, axis=0)


def of_recipe(spec: TrainingSpec, block: int) -> Iterator[Weights]:
    """The plain recipe."""
    recipe = Recipe(spec.steps, spec.batch, spec.rate)
    return train_plainly(recipe, spec.models[0].hidden, *numbers_of(spec), block)


def of_samples(spec: TrainingSpec, block: int) -> Iterator[Weights]:
    """torchsim's trainer on samples, by the kernel of the specification."""
    descent = descent_of(spec, spec.groups[0])
    while descent.step < spec.steps:
        end = min(descent.step + block, spec.steps)
        while descent.step < end:
            descent.advance()
        yield tuple(  # type: ignore[misc]  # W and b are two
            np.concatenate([end[part].double().numpy() for end in descent.results()])
            for part in (0, 1)
        )


def of_exact(spec: TrainingSpec) -> Weights:
    """torchsim's trainer on the exact loss, from the first weights to the last."""
    ends = TRAINERS["exact"](
        spec, spec.groups[0], None, lambda _: None, lambda _: None, lambda: False
    )
    return np.concatenate([W.numpy() for W, _, _ in ends]), np.concatenate(
        [b.numpy() for _, b, _ in ends]
    )


def measure(asked: argparse.Namespace) -> tuple[tuple[ModelSpec, ...], dict[str, Side]]:
    """Blocks of the recipe and of the samples by turns; runs of the exact trainer between them."""
    sampled = preset("introduction").spec(
        trainer="sampled", restarts=asked.restarts, steps=asked.steps
    )
    exact = preset("introduction").spec(trainer="exact", restarts=asked.exact_restarts)
    models, work = sampled.models, asked.block * len(sampled.models) * asked.restarts
    sides = {
        "recipe": Side("the recipe in plain PyTorch", asked.restarts, work),
        "plain": Side("torchsim, plain kernel", asked.restarts, work),
        "fused": Side("torchsim, fused kernel", asked.restarts, work),
        "exact": Side("torchsim, exact", asked.exact_restarts),
    }
    ways = {"recipe": of_recipe(sampled, asked.block)} | {
        kernel: of_samples(replace(sampled, kernel=kernel), asked.block)
        for kernel in get_args(Kernel)
    }
    compile_loop(sampled.dtype)
    of_exact(replace(exact, restarts=1))  # what is loaded at first use is loaded
    blocks = -(-asked.steps // asked.block)
    for k in range(blocks):
        for name, way in ways.items():
            _timed(sides[name], models, lambda way=way: next(way))  # type: ignore[misc]  # bound now
        if k % max(1, blocks // asked.repetitions) == 0:
            _timed(sides["exact"], models, lambda: of_exact(exact))
    return models, sides


def _timed(side: Side, models: tuple[ModelSpec, ...], work: Callable[[], Weights]) -> None:
    start = perf_counter()
    weights = work()
    side.seconds.append(perf_counter() - start)
    side.losses.append(judged(models, side.restarts, weights))


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def table(
    models: tuple[ModelSpec, ...], sides: dict[str, Side], best: list[float], within: float
) -> str:
    """One line a side, and the best losses model by model."""
    goals = [loss * (1 + within) for loss in best]
    recipe = sides["recipe"].whole
    columns = (
        f"{'restarts':>8} {'whole':>9} {'of recipe':>9} {'to goal':>9} {'models × steps/s':>17}"
    )
    lines = [f"{'':<28} {columns}"]
    for side in sides.values():
        until, rate = side.seconds_to(goals), side.rate
        lines.append(
            f"{side.name:<28} {side.restarts:>8} {side.whole:>7.2f} s {side.whole / recipe:>9.1%} "
            f"{'never' if until is None else f'{until:.2f} s':>9} "
            f"{'' if rate is None else f'{rate:,.0f}':>17}".rstrip()
        )
    lines += ["", f"to goal: every model's best within {within:.0%} of the best known", ""]
    lines.append(f"{'p':>8} {'best known':>14} " + " ".join(f"{name:>14}" for name in sides))
    for k, model in enumerate(models):
        p = 1 - to_float(model.distribution.blocks(model.features)[0].sparsity)
        own = " ".join(f"{side.losses[-1][k]:>14.10f}" for side in sides.values())
        lines.append(f"{p:>8.4f} {best[k]:>14.10f} {own}")
    ratio = sides["exact"].whole / recipe
    lower = all(
        a < b for a, b in zip(sides["exact"].losses[-1], sides["recipe"].losses[-1], strict=True)
    )
    reached = "reached" if ratio <= GOAL and lower else "not reached"
    lines += [
        "",
        f"exact / recipe: {ratio:.1%}, goal {GOAL:.0%}, lower for all: {lower}: {reached}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="torchsim's trainers against the paper's recipe.")
    reader.add_argument("--restarts", type=int, default=8, help="of the recipe and of the samples")
    reader.add_argument("--exact-restarts", type=int, default=32, help="of the exact trainer")
    reader.add_argument("--steps", type=int, default=10_000, help="of the recipe and the samples")
    reader.add_argument("--block", type=int, default=500, help="steps that are timed together")
    reader.add_argument("--repetitions", type=int, default=5, help="runs of the exact trainer")
    reader.add_argument("--within", type=float, default=0.03, help="the goal, above the best known")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    if asked.steps % asked.block:
        reader.error("the steps must be a whole number of blocks")
    models, sides = measure(asked)
    known = best_known(models)
    best = [found.loss for found in known if found is not None]
    print(table(models, sides, best, asked.within))
    if asked.json:
        record = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "steps": asked.steps,
            "best_known": best,
            "sides": {name: {**asdict(side), "whole": side.whole} for name, side in sides.items()},
        }
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
