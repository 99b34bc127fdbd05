"""What bounds on the loss of wide, rarely active models cost, beside sampling to the same error.

A mean over samples has half of the bounds' distance as its standard error after (σ/error)² inputs;
that many are not drawn, but counted from the spread of some and the time that each takes. Run
``python benchmarks/expansion.py``; README.md in this folder says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

import torch  # noqa: E402 - as above

from handcalc.superposition.numeric.expansion import loss_bounds  # noqa: E402 - as above
from torchsim.specification import ModelSpec  # noqa: E402 - as above
from torchsim.training.losses import sampled_losses  # noqa: E402 - as above

CASES = ((80, 20, "99/100"), (80, 20, "999/1000"), (400, 30, "999/1000"), (400, 30, "9999/10000"))
SAMPLES = 1 << 16
GOAL = 100


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in seconds; ``sampling`` is what as narrow an error would take."""

    features: int
    hidden: int
    sparsity: str
    relative: float
    bounds: float
    sampling: float
    ratio: float
    reached: bool


def measured(n: int, m: int, sparsity: str, turns: int) -> Result:
    """One case: rows of length 1 in random directions, in turns."""
    model = ModelSpec.of(n, m, sparsity)
    W = torch.randn(1, n, m, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    W /= W.norm(dim=2, keepdim=True)
    b = torch.full((1, n), -0.02, dtype=torch.float64)
    S = float(Fraction(sparsity))
    loss_bounds(W.numpy(), b.numpy(), S)  # compiled
    ours, theirs = [], []
    for _ in range(turns):
        began = perf_counter()
        found = loss_bounds(W.numpy(), b.numpy(), S)
        ours.append(perf_counter() - began)
        began = perf_counter()
        _, error = sampled_losses(model, W, b, SAMPLES)
        theirs.append(perf_counter() - began)
    half = float(found.upper[0] - found.lower[0]) / 2
    needed = (float(error[0]) / half) ** 2
    ratio = median(theirs) * needed / median(ours)
    return Result(
        n, m, sparsity, half / float(found.upper[0]), median(ours), median(theirs) * needed, ratio,
        ratio >= GOAL,
    )  # fmt: skip


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    results = [measured(*case, asked.turns) for case in CASES]
    if asked.json:
        machine = {"machine": platform.machine(), "python": platform.python_version()}
        print(json.dumps({**machine, "results": [asdict(each) for each in results]}, indent=1))
        return
    print(f"{'n → m':>10} {'S':>11} {'± of L':>9} {'bounds':>9} {'sampling':>10} {'ratio':>9}")
    for each in results:
        size = f"{each.features} → {each.hidden}"
        print(
            f"{size:>10} {each.sparsity:>11} {each.relative:>9.1e} {each.bounds:>8.3f}s "
            f"{each.sampling:>9.3g}s {each.ratio:>9.3g}"
        )


if __name__ == "__main__":
    main()
