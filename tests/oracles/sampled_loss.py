"""The expected loss by sampling, in floats: a mean with its standard error.

Inputs are drawn by what a distribution says of them, feature by feature or set by set, never by a
list of patterns. Run ``python tests/oracles/sampled_loss.py --samples 100000 --seed 1`` for the
antipodal model. Nothing here imports the package that it helps to judge; features count from 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

Floats = Sequence[float]
Draw = Callable[[Random], list[float]]


@dataclass(frozen=True)
class Estimate:
    """A mean and the standard error of it."""

    mean: float
    error: float


# ── inputs ──────────────────────────────────────────────────────────────────────────────────────


def independent(sparsities: Floats) -> Draw:
    """Feature i is 0 with probability S_i, else uniform."""
    return lambda random: [random.random() if random.random() >= s else 0.0 for s in sparsities]


def one_active(n: int) -> Draw:
    """A random feature is uniform, and all others are 0."""

    def draw(random: Random) -> list[float]:
        x = [0.0] * n
        x[random.randrange(n)] = random.random()
        return x

    return draw


def correlated(sets: Sequence[Sequence[int]], sparsities: Floats) -> Draw:
    """A set is 0 as a whole with probability S, else all its members are uniform."""

    def draw(random: Random) -> list[float]:
        x = [0.0] * sum(map(len, sets))
        for members, s in zip(sets, sparsities, strict=True):
            if random.random() >= s:
                for i in members:
                    x[i] = random.random()
        return x

    return draw


def anticorrelated(sets: Sequence[Sequence[int]], sparsities: Floats) -> Draw:
    """A set is 0 as a whole with probability S, else one random member is uniform."""

    def draw(random: Random) -> list[float]:
        x = [0.0] * sum(map(len, sets))
        for members, s in zip(sets, sparsities, strict=True):
            if random.random() >= s:
                x[random.choice(members)] = random.random()
        return x

    return draw


# ── the loss ────────────────────────────────────────────────────────────────────────────────────


def error_of(W: Sequence[Floats], b: Floats, activation: str, x: Floats) -> list[float]:
    """(xᵢ − x̂ᵢ)² for one input, by way of the hidden vector h = Wᵀx."""
    h = [sum(row[k] * value for row, value in zip(W, x, strict=True)) for k in range(len(W[0]))]
    z = [
        sum(w * value for w, value in zip(row, h, strict=True)) + shift
        for row, shift in zip(W, b, strict=True)
    ]
    output = [max(value, 0.0) for value in z] if activation == "relu" else z
    return [(value - found) ** 2 for value, found in zip(x, output, strict=True)]


def estimate(
    W: Sequence[Floats], b: Floats, activation: str, draw: Draw, samples: int, seed: int
) -> list[Estimate]:
    """Each feature's expected squared error, and then the sum of them all."""
    random, n = Random(seed), len(W)  # noqa: S311 - a repeatable draw, no secret
    sums, squares = [0.0] * (n + 1), [0.0] * (n + 1)
    for _ in range(samples):
        errors = error_of(W, b, activation, draw(random))
        errors.append(sum(errors))
        for i, value in enumerate(errors):
            sums[i] += value
            squares[i] += value * value
    return [_estimate(*pair, samples) for pair in zip(sums, squares, strict=True)]


def _estimate(total: float, square: float, samples: int) -> Estimate:
    mean = total / samples
    variance = max(square / samples - mean * mean, 0.0)
    return Estimate(mean, sqrt(variance / (samples - 1)))


def main() -> None:
    """Print the estimate for the antipodal model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    W, b = [[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], [0.0] * 3
    for s in (0.0, 0.5, 0.9):
        found = estimate(W, b, "relu", independent([s] * 3), options.samples, options.seed)[-1]
        print(f"S = {s}: {found.mean:.6f} ± {found.error:.6f}")


if __name__ == "__main__":
    main()
