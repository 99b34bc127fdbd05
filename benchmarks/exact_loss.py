"""What the exact expected loss costs, as ratios to the two usual ways to it, and how it grows.

For three features in two dimensions the same loss is worked out three times: by handcalc, by
``sympy.integrate`` on the definition, and by sampling to a relative standard error of 1e-4. Run
``python benchmarks/exact_loss.py``; README.md in this folder says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain, combinations
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import sympy
from sympy.core.cache import clear_cache

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from handcalc import ExpectedLoss, SparseUniform, ToyModel, expected_loss  # noqa: E402 - as above
from handcalc.numbers.exact import equal, to_float  # noqa: E402 - as above

MODELS = {
    "triangle": ("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "1/10 1/10 1/10"),
    "antipodal": ("1 0; 0 1; 0 -1", "0 0 0"),
}
SPARSITY = "1/2"
PRECISION = 1e-4
BLOCK, PARTS = 1 << 20, 1 << 8
SEED = 1
SIZES = range(3, 11)


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in seconds, their ratio, and whether the goal was reached."""

    name: str
    ours: float
    other: float
    ratio: float
    goal: float
    reached: bool
    note: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The median time for n features, and how many times that of n − 1 it is."""

    n: int
    seconds: float
    step: float | None


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Wall-clock seconds of one call, and what it gave."""
    start = perf_counter()
    value = work()
    return perf_counter() - start, value


def by_turns(
    ours: Callable[[], Any], other: Callable[[], Any], repetitions: int
) -> tuple[float, float, list[Any]]:
    """The median seconds of both, and all that the other gave.

    Ours is short, so it runs five times in each turn; its very first run is not counted.
    """
    ours()
    mine, theirs, values = [], [], []
    for _ in range(repetitions):
        mine += [clock(ours)[0] for _ in range(5)]
        seconds, value = clock(other)
        theirs.append(seconds)
        values.append(value)
    return median(mine), median(theirs), values


# ── the three ways ──────────────────────────────────────────────────────────────────────────────


def exactly(name: str) -> ExpectedLoss:
    """From text to the loss with all its parts."""
    return expected_loss(ToyModel(*MODELS[name]), SparseUniform(SPARSITY))


def by_integrals(name: str) -> sympy.Expr:
    """Σ over patterns and outputs of P(A)·∫ (xᵢ − Max(0, zᵢ))² dx, as sympy does it from cold."""
    clear_cache()
    model, s = ToyModel(*MODELS[name]), sympy.Rational(SPARSITY)
    x = sympy.symbols(f"x1:{model.n + 1}", real=True)
    gram = [[overlap(model, i, j) for j in range(model.n)] for i in range(model.n)]
    subsets = chain.from_iterable(combinations(range(model.n), k) for k in range(model.n + 1))
    total = sympy.Integer(0)
    for active in subsets:
        weight = (1 - s) ** len(active) * s ** (model.n - len(active))
        for i in range(model.n):
            z = model.b[i] + sum(gram[i][j] * x[j] for j in active)
            error = ((x[i] if i in active else 0) - sympy.Max(0, z)) ** 2
            limits = [(x[j], 0, 1) for j in active]
            total += weight * (sympy.integrate(error, *limits) if limits else error)
    return total


def overlap(model: ToyModel, i: int, j: int) -> sympy.Expr:
    """Wᵢ·Wⱼ."""
    return sympy.Add(*(p * q for p, q in zip(model.W[i], model.W[j], strict=True)))


@dataclass(frozen=True, slots=True)
class Block:
    """Many samples at once: their number, the mean and variance of their losses."""

    samples: int
    mean: float
    variance: float

    @property
    def needed(self) -> float:
        """How many samples make the standard error of the mean 1e-4 of the mean."""
        return self.variance / (PRECISION * self.mean) ** 2


def numpy_block(name: str) -> Block:
    """A block by NumPy, one uniform number serving twice, in parts too small for more threads."""
    import numpy as np

    model, on = ToyModel(*MODELS[name]), 1 - float(sympy.Rational(SPARSITY))
    W, b = np.array(model.W, dtype=float), np.array(model.b, dtype=float)[:, None]
    gram, generator, first, second = W @ W.T, np.random.default_rng(SEED), 0.0, 0.0
    for _ in range(PARTS):
        u = generator.random((model.n, BLOCK // PARTS))
        x = u * ((u < on) / on)  # on or off, and the value
        z = gram @ x
        z += b
        np.maximum(z, 0.0, out=z)
        z -= x
        z *= z
        losses = z.sum(axis=0)
        first, second = first + float(losses.sum()), second + float(losses @ losses)
    mean = first / BLOCK
    return Block(BLOCK, mean, second / BLOCK - mean * mean)


def plain_block(name: str) -> Block:
    """A smaller block by Python alone."""
    model, on, random = ToyModel(*MODELS[name]), 1 - float(sympy.Rational(SPARSITY)), Random(SEED)  # noqa: S311 - a repeatable draw
    features, samples = range(model.n), BLOCK >> 5
    gram = [[float(overlap(model, i, j)) for j in features] for i in features]
    b, first, second = [float(value) for value in model.b], 0.0, 0.0
    for _ in range(samples):
        drawn = [random.random() for _ in features]
        x = [u / on if u < on else 0.0 for u in drawn]
        z = [b[i] + sum(g * v for g, v in zip(gram[i], x, strict=True)) for i in features]
        loss = sum((v - max(out, 0.0)) ** 2 for v, out in zip(x, z, strict=True))
        first, second = first + loss, second + loss * loss
    mean = first / samples
    return Block(samples, mean, second / samples - mean * mean)


def sampler() -> tuple[str, Callable[[str], Block]]:
    """NumPy where it is installed."""
    try:
        import numpy as np
    except ModuleNotFoundError:
        return "Python", plain_block
    return f"NumPy {np.__version__}", numpy_block


# ── the comparisons ─────────────────────────────────────────────────────────────────────────────


def against_integrals(name: str, repetitions: int) -> Result:
    """The same loss, exactly."""
    exact = exactly(name).value
    ours, other, values = by_turns(lambda: exactly(name), lambda: by_integrals(name), repetitions)
    if any(not equal(value, exact) for value in values):
        raise SystemExit(f"{name}: sympy.integrate finds {values[0]}, not {exact}")
    return result(f"{name} / sympy.integrate", (ours, other), 500, f"both give {exact}")


def against_sampling(name: str, repetitions: int) -> Result:
    """A block is timed, and the time for all the samples that are needed is in proportion."""
    (library, draw), exact = sampler(), exactly(name).value
    ours, once, blocks = by_turns(lambda: exactly(name), lambda: draw(name), repetitions)
    block: Block = blocks[0]
    z = (block.mean - to_float(exact)) / (block.variance / block.samples) ** 0.5
    if abs(z) > 5:
        raise SystemExit(f"{name}: sampling finds {block.mean}, {z:.1f} errors from {exact}")
    many = block.needed / block.samples
    note = (
        f"its variance asks for {block.needed:.2g} samples, which is {many:.0f} times a block of "
        f"{block.samples:,}, and a block takes {library} {once:.3f} s"
    )
    return result(f"{name} / samples to 1e-4", (ours, once * many), 1000, note)


def result(name: str, seconds: tuple[float, float], goal: float, note: str) -> Result:
    """The ratio, other over ours, and whether it is as large as the goal."""
    ours, other = seconds
    return Result(name, ours, other, other / ours, goal, other / ours >= goal, note)


def growth(repetitions: int) -> list[Growth]:
    """Random rational models in two dimensions, every overlap and bias a fraction."""
    found: list[Growth] = []
    for n in SIZES:
        work = partial(expected_loss, random_model(n), SparseUniform(SPARSITY))
        seconds = median(clock(work)[0] for _ in range(repetitions))
        found.append(Growth(n, seconds, seconds / found[-1].seconds if found else None))
    return found


def random_model(n: int) -> ToyModel:
    """The same for the same n."""
    random = Random(n)  # noqa: S311 - a repeatable draw, no secret

    def number() -> sympy.Rational:
        return sympy.Rational(random.choice([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]), 6)

    return ToyModel([[number(), number()] for _ in range(n)], [number() for _ in range(n)])


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def table(results: list[Result]) -> str:
    """One line a comparison, and what to know of each below."""
    head = f"{'comparison':<34} {'ours':>9} {'other':>10} {'ratio':>9} {'goal':>6}  reached"
    rows = [
        f"{r.name:<34} {r.ours * 1000:>6.2f} ms {r.other:>8.2f} s {r.ratio:>8,.0f}x "
        f"{r.goal:>5,.0f}x  {'yes' if r.reached else 'no'}"
        for r in results
    ]
    return "\n".join([head, *rows, "", *(f"{r.name}: {r.note}." for r in results)])


def growth_table(steps: list[Growth]) -> str:
    """One line a size."""
    rows = [
        f"{g.n:>3} {g.seconds * 1000:>10.1f} ms" + (f" {g.step:>7.1f}x" if g.step else "")
        for g in steps
    ]
    return "\n".join([f"{'n':>3} {'exact loss':>13} {'step':>8}", *rows])


def main() -> None:
    """Measure, print the tables, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="The exact loss against integrals and samples.")
    reader.add_argument("--repetitions", type=int, default=15, help="turns against sampling")
    reader.add_argument("--integrals", type=int, default=3, help="turns against sympy.integrate")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    if asked.repetitions < 5 or asked.integrals < 1:
        reader.error("at least 5 repetitions, and 1 of integrals, are asked for")
    results = [against_integrals(name, asked.integrals) for name in MODELS]
    results += [against_sampling(name, asked.repetitions) for name in MODELS]
    steps = growth(5)
    print(table(results), growth_table(steps), sep="\n\n")
    if asked.json:
        record = {
            "python": platform.python_version(),
            "sympy": sympy.__version__,
            "system": platform.system(),
            "sparsity": SPARSITY,
            "repetitions": asked.repetitions,
            "repetitions_of_integrals": asked.integrals,
            "results": [asdict(r) for r in results],
            "growth": [asdict(g) for g in steps],
        }
        asked.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
