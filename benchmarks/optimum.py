"""What the best embedding costs, as ratios to training for it and to SciPy's minimiser.

Three features in two dimensions, and the ten models of the paper's introduction, are looked for by
handcalc's search and by the paper's recipe in PyTorch, from equally many starts. Then one set of
starts goes to handcalc's descent, all at once, and to ``scipy.optimize.minimize``, one by one. All
are judged by the expected loss itself. Run ``python benchmarks/optimum.py``; README.md in this
folder says how to read the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import scipy
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from handcalc.numbers.exact import to_float  # noqa: E402 - as above
from handcalc.superposition.best.multistart import descend, search  # noqa: E402 - as above
from handcalc.superposition.loss.problem import Problem  # noqa: E402 - as above
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients  # noqa: E402 - as above

Cases = dict[str, Problem]
GOAL = 0.03
SEED = 0
SAME = 1e-8  # losses no further above the best than this are as low
NEAR = 0.01  # and losses above it by no more than this part are near
STEEP = 1e-8  # SciPy is done where no slope is larger
NO_TORCH = (
    "The recipe is left out, for PyTorch is not installed: install its package torch in the way "
    'that the page "Get Started" on pytorch.org gives for your machine.'
)


@dataclass(frozen=True, slots=True)
class Row:
    """A problem: each side's best loss; how many of its starts came as low as ours, how many near.

    Ours stands first in each pair.
    """

    name: str
    best: tuple[float, float]
    as_low: tuple[int, int]
    near: tuple[int, int]

    @classmethod
    def of(cls, name: str, ours: np.ndarray, hits: np.ndarray, other: np.ndarray) -> Row:
        """From all losses; each of ours was hit by so many starts, each of the other's by one."""
        best, once = float(ours.min()), np.ones(len(other), np.int64)
        sides = (ours, hits), (other, once)
        as_low, near = (
            tuple(int(count[losses <= bound].sum()) for losses, count in sides)
            for bound in (best + SAME, best * (1 + NEAR))
        )
        return cls(name, (best, float(other.min())), as_low, near)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of both sides, ours over the other's, and what each found."""

    name: str
    seconds: float
    other_seconds: float
    ratio: float
    reached: bool | None
    rows: tuple[Row, ...]
    note: str


def cases() -> dict[str, Cases]:
    """3 → 2, all alike; and 5 → 2 with I = 0.9ⁱ, p = 20^(−k/9) to six places, k = 0 … 9."""
    importance = [f"{9**i}/{10**i}" for i in range(5)]
    chances = [round(20 ** (-k / 9) * 10**6) for k in range(10)]
    sparsities = [f"{10**6 - chance}/{10**6}" for chance in chances]
    introduction = [Problem.of(5, 2, sparsity=S, importance=importance) for S in sparsities]
    names = [f"5 → 2, p = {chance / 10**6:.4f}" for chance in chances]
    return {
        "3 → 2": {"3 → 2, S = 1/2": Problem.of(3, 2, sparsity="1/2")},
        "introduction": dict(zip(names, introduction, strict=True)),
    }


def floats(numbers: tuple[Any, ...]) -> np.ndarray:
    """Exact numbers in floating point."""
    return np.array([to_float(number) for number in numbers])


def judged(problem: Problem, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The expected loss of each model, of shape (models,)."""
    return expected_losses(W, b, problem.distribution, importance=floats(problem.importance))


def timed(work: Callable[[], Any], repetitions: int = 1) -> tuple[float, Any]:
    """The median of the wall-clock seconds, and what the last run gave."""
    seconds = []
    for _ in range(repetitions):
        start = perf_counter()
        value = work()
        seconds.append(perf_counter() - start)
    return median(seconds), value


# ── against the recipe ──────────────────────────────────────────────────────────────────────────


def against_recipe(name: str, problems: Cases, asked: argparse.Namespace) -> Comparison:
    """The same number of starts for both; the recipe trains them all in one tensor."""
    from benchmarks.recipe import Recipe, train_quickly

    many, restarts = list(problems.values()), asked.restarts
    ours, found = timed(lambda: search(many, restarts=restarts, seed=SEED), asked.repetitions)
    p, importance = (
        np.repeat([floats(side) for side in sides], restarts, axis=0)
        for sides in ([p.probability for p in many], [p.importance for p in many])
    )
    recipe = Recipe(steps=asked.steps, seed=SEED)
    other, (W, b) = timed(lambda: train_quickly(recipe, many[0].hidden, p, importance))
    rows = []
    for k, (case, problem) in enumerate(problems.items()):
        minima, models = found[k].minima, slice(k * restarts, (k + 1) * restarts)
        mine = judged(problem, np.array([m.W for m in minima]), np.array([m.b for m in minima]))
        theirs = judged(problem, W[models], b[models])
        rows.append(Row.of(case, mine, np.array([m.hits for m in minima]), theirs))
    reached = ours / other <= GOAL and all(row.best[0] < row.best[1] for row in rows)
    note = f"{restarts} restarts each, of {asked.steps:,} steps"
    return Comparison(f"{name} / recipe", ours, other, ours / other, reached, tuple(rows), note)


# ── against SciPy ───────────────────────────────────────────────────────────────────────────────


def against_scipy(name: str, problems: Cases, asked: argparse.Namespace) -> Comparison:
    """The same starts, the same loss and gradient."""
    many, restarts = [p for p in problems.values() for _ in range(asked.restarts)], asked.restarts
    n, m = many[0].features, many[0].hidden
    W = np.random.default_rng(SEED).normal(size=(len(many), n, m)) / m**0.5
    b = np.zeros((len(many), n))
    ours, mine = timed(lambda: descend(many, W, b), asked.repetitions)
    other, theirs = timed(lambda: [one_by_scipy(*start) for start in zip(many, W, b, strict=True)])
    ends = [(end.W, end.b) for end in mine], theirs
    rows, same = [], 0
    for k, (case, problem) in enumerate(problems.items()):
        models = slice(k * restarts, (k + 1) * restarts)
        lists = (zip(*side[models], strict=True) for side in ends)
        L, other_L = (judged(problem, *map(np.array, parts)) for parts in lists)
        rows.append(Row.of(case, L, np.ones(restarts, np.int64), other_L))
        same += int((abs(L - other_L) <= SAME).sum())
    note = f"{same} of {len(many)} starts led both to the same loss"
    return Comparison(f"{name} / SciPy", ours, other, ours / other, None, tuple(rows), note)


def one_by_scipy(problem: Problem, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where SciPy's BFGS ends from one start."""
    importance = floats(problem.importance)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        here = x[None, : W.size].reshape(1, *W.shape), x[None, W.size :]
        L, *slopes = expected_losses_and_gradients(
            *here, problem.distribution, importance=importance
        )
        return L[0], np.concatenate([slope.ravel() for slope in slopes])

    start = np.concatenate([W.ravel(), b])
    end = minimize(loss, start, method="BFGS", jac=True, options={"gtol": STEEP}).x
    return end[: W.size].reshape(W.shape), end[W.size :]


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def table(comparisons: list[Comparison]) -> str:
    """One line a comparison, and below what each found."""
    words = {None: "", True: f"{GOAL:>6.1%}  yes", False: f"{GOAL:>6.1%}  no"}
    head = f"{'comparison':<22} {'ours':>9} {'other':>9} {'ratio':>8} {'goal':>6}  reached"
    rows = [
        f"{c.name:<22} {c.seconds:>7.2f} s {c.other_seconds:>7.1f} s {c.ratio:>8.1%} "
        f"{words[c.reached]}".rstrip()
        for c in comparisons
    ]
    return "\n".join([head, *rows, *(details(c) for c in comparisons)])


def details(c: Comparison) -> str:
    """One line a problem: the best of each side, and how many starts came as low, and near."""
    head = f"{'':<18} {'best':>14} {'other':>14} {'more':>8} {'as low':>7} {'other':>6} {'near':>5}"
    rows = [
        f"{r.name:<18} {r.best[0]:>14.10f} {r.best[1]:>14.10f} {r.best[1] - r.best[0]:>+8.0e} "
        f"{r.as_low[0]:>7} {r.as_low[1]:>6} {r.near[0]:>5} {r.near[1]:>6}"
        for r in c.rows
    ]
    return "\n".join([f"\n{c.name}: {c.note}", f"{head} {'other':>6}", *rows])


def main() -> None:
    """Measure, print the tables, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="The best embedding against training for it.")
    reader.add_argument("--restarts", type=int, default=32, help="starts for each problem")
    reader.add_argument("--steps", type=int, default=10_000, help="steps of the recipe")
    reader.add_argument("--repetitions", type=int, default=3, help="runs of ours, for the median")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    if min(asked.restarts, asked.steps, asked.repetitions) < 1:
        reader.error("at least one restart, one step and one repetition are asked for")
    ways = [against_recipe, against_scipy]
    if not find_spec("torch"):
        print(NO_TORCH, file=sys.stderr)
        ways.remove(against_recipe)
    found = [way(name, problems, asked) for way in ways for name, problems in cases().items()]
    print(table(found))
    if asked.json:
        record = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "torch": getattr(sys.modules.get("torch"), "__version__", None),
            "system": platform.system(),
            "cores": os.cpu_count(),
            "restarts": asked.restarts,
            "steps": asked.steps,
            "seed": SEED,
            "comparisons": [asdict(one) for one in found],
        }
        asked.json.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
