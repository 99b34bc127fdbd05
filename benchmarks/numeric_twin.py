"""How wrong the numeric twin can be made to be, and what it costs a model.

The search draws hard models, then changes the worst of them step by step and keeps what is worse;
the exact engine knows the true loss and gradient of the same floats. Run
``python benchmarks/numeric_twin.py``; README.md in this folder says how to read the tables.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from handcalc import ToyModel  # noqa: E402 - as above
from handcalc.superposition.loss.distribution import SparseUniform  # noqa: E402 - as above
from handcalc.superposition.loss.expected_loss import expected_loss  # noqa: E402 - as above
from handcalc.superposition.model.toy_model import Activation  # noqa: E402 - as above
from handcalc.superposition.numeric import (  # noqa: E402 - as above
    expected_losses,
    expected_losses_and_gradients,
    portable,
)
from handcalc.superposition.numeric.posed import posed  # noqa: E402 - as above
from tests.oracles.float_models import KINDS, FloatCase, changed, hard_case  # noqa: E402 - as above
from tests.twin_cases import gradient_error, loss_error  # noqa: E402 - as above

SEARCHES: tuple[tuple[int, Activation], ...] = (
    (1, "relu"),
    (2, "relu"),
    (3, "relu"),
    (4, "relu"),
    (5, "relu"),
    (3, "linear"),
)
ERRORS: dict[str, Callable[[FloatCase, Activation], float]] = {
    "loss": loss_error,
    "gradient": gradient_error,
}
BOUND = 1e-12
KEPT = 10
SEED = 1
MODELS = {3: 2048, 5: 256, 8: 16}


@dataclass(frozen=True, slots=True)
class Worst:
    """The largest error that a search found, in how many models, and the input that gives it."""

    n: int
    activation: Activation
    of: str
    tried: int
    error: float
    case: FloatCase


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds a model, the least of many turns: of many at once, of one alone, by other ways.

    ``loss``, ``both`` and ``alone`` are compiled, on one thread; ``portable`` is what ``both`` is
    for NumPy's own operations.
    """

    n: int
    models: int
    loss: float
    both: float
    alone: float
    portable: float
    exact: float


# ── the search ──────────────────────────────────────────────────────────────────────────────────


def search(n: int, activation: Activation, of: str, seconds: float) -> Worst:
    """A third of the time is for new models, the rest for changing the worst of them."""
    measure, random = ERRORS[of], Random(SEED)  # noqa: S311 - a repeatable draw, no secret
    start, tried = perf_counter(), 0
    found: list[tuple[float, FloatCase]] = []
    while perf_counter() - start < seconds:
        tried += 1
        if perf_counter() - start < seconds / 3 or len(found) < KEPT:
            case = hard_case(random, n, random.choice(KINDS))
            found = sorted([*found, (measure(case, activation), case)], key=error_of)[-KEPT:]
            continue
        place = random.randrange(KEPT)
        case = changed(random, found[place][1])
        case = changed(random, case) if random.random() < 0.3 else case
        found[place] = max(found[place], (measure(case, activation), case), key=error_of)
    error, case = max(found, key=error_of)
    return Worst(n, activation, of, tried, error, case)


def error_of(found: tuple[float, FloatCase]) -> float:
    """What a search orders its finds by."""
    return found[0]


def reproduction(worst: Worst) -> str:
    """The input as Python."""
    inputs = worst.case.inputs
    sparsities = [float(value) for value in inputs.sparsities]
    sets = [[i + 1 for i in members] for members in inputs.sets]
    return (
        f"activation={worst.activation!r}, {inputs.kind} features, sets={sets}\n"
        f"W={[list(row) for row in worst.case.W]}\nb={list(worst.case.b)}\n"
        f"sparsity={sparsities}\nimportance={list(worst.case.importance)}"
    )


# ── the cost ────────────────────────────────────────────────────────────────────────────────────


def cost(n: int, repetitions: int) -> Cost:
    """All five by turns, after one run of each that fills the caches."""
    many, generator = MODELS[n], np.random.default_rng(SEED)
    W, b = generator.normal(size=(many, n, 2)), generator.normal(size=(many, n)) / 2
    model, inputs = ToyModel.from_floats(W[0], b[0], 100), SparseUniform("1/2")
    ways: list[tuple[Callable[[], Any], int]] = [
        (lambda: expected_losses(W, b, inputs), many),
        (lambda: expected_losses_and_gradients(W, b, inputs), many),
        (lambda: expected_losses_and_gradients(W[:1], b[:1], inputs), 1),
        (lambda: by_numpy(W, b, inputs), many),
        (lambda: expected_loss(model, inputs), 1),
    ]
    for work, _ in ways:
        work()
    turns = [[clock(work) / models for work, models in ways] for _ in range(repetitions)]
    return Cost(n, many, *(min(times) for times in zip(*turns, strict=True)))


def by_numpy(W: np.ndarray, b: np.ndarray, inputs: SparseUniform) -> tuple[np.ndarray, ...]:
    """Losses and gradients by NumPy's own operations."""
    question = posed(W, b, inputs, None, 1.0, "relu", gradient=True)
    return portable.solved(question, gradient=True)


def clock(work: Callable[[], Any]) -> float:
    """Wall-clock seconds of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


# ── the report ──────────────────────────────────────────────────────────────────────────────────


def error_table(found: list[Worst]) -> str:
    """One line a search, and the worst input of all for the loss and for the gradient."""
    head = f"{'n':>2} {'activation':<10} {'of':<8} {'models tried':>12} {'worst error':>12}"
    rows = [f"{w.n:>2} {w.activation:<10} {w.of:<8} {w.tried:>12,} {w.error:>12.2e}" for w in found]
    lines = [head, *rows]
    for of in ERRORS:
        worst = max((w for w in found if w.of == of), key=lambda w: w.error)
        verdict = "within" if worst.error <= BOUND else "ABOVE"
        lines += [f"\nworst {of}: {worst.error:.2e}, {verdict} the bound of {BOUND:.0e}, at"]
        lines += [reproduction(worst)]
    return "\n".join(lines)


def cost_table(costs: list[Cost]) -> str:
    """One line a size: microseconds a model, and ratios to loss and gradient of many at once."""
    head = (
        f"{'n':>2} {'models':>6} {'loss':>9} {'with gradient':>14} {'one alone':>15} "
        f"{'NumPy':>18} {'exact loss':>18}"
    )
    rows = [
        f"{c.n:>2} {c.models:>6} {c.loss * 1e6:>6.2f} µs {c.both * 1e6:>11.2f} µs "
        f"{c.alone * 1e6:>6.0f} µs {c.alone / c.both:>4.0f}x "
        f"{c.portable * 1e6:>9.1f} µs {c.portable / c.both:>4.0f}x "
        f"{c.exact * 1e6:>9.0f} µs {c.exact / c.both:>4.0f}x"
        for c in costs
    ]
    return "\n".join([head, *rows])


def main() -> None:
    """Search, measure, print both tables, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="The numeric twin: its worst error and its cost.")
    reader.add_argument("--seconds", type=float, default=15, help="for each of the searches")
    reader.add_argument("--repetitions", type=int, default=15, help="turns of the timings")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    if asked.seconds <= 0 or asked.repetitions < 5:
        reader.error("more than 0 seconds and at least 5 repetitions are asked for")
    found = [search(n, act, of, asked.seconds) for n, act in SEARCHES for of in ERRORS]
    costs = [cost(n, asked.repetitions) for n in MODELS]
    print(error_table(found), cost_table(costs), sep="\n\n")
    if asked.json:
        record = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "system": platform.system(),
            "seed": SEED,
            "worst": [
                {"n": w.n, "activation": w.activation, "of": w.of, "tried": w.tried}
                | {"error": w.error, "input": reproduction(w)}
                for w in found
            ],
            "costs": [asdict(one) for one in costs],
        }
        asked.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
