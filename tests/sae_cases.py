"""Sparse autoencoders and inputs in floats: another way to what the engine has exactly."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from handcalc import Anticorrelated, Correlated, Distribution, OneActive, SparseUniform

Weights = tuple[list[list[Fraction]], list[list[Fraction]], list[Fraction], list[Fraction]]

DISTRIBUTIONS: dict[str, Callable[[int], Distribution]] = {
    "independent": lambda _: SparseUniform("1/3"),
    "one S each": lambda n: SparseUniform([Fraction(i + 1, 7) for i in range(n)]),
    "dense": lambda _: SparseUniform(0),
    "one-active": OneActive,
    "correlated": lambda n: Correlated([tuple(range(1, n + 1))], "1/4"),
    "anticorrelated": lambda n: Anticorrelated([tuple(range(1, n + 1))], "1/4"),
}
"""A distribution of each kind, for n ≥ 2 features."""


def random_matrix(rng: np.random.Generator, rows: int, columns: int) -> list[list[Fraction]]:
    return [[Fraction(int(k), 5) for k in rng.integers(-6, 7, columns)] for _ in range(rows)]


def random_weights(rng: np.random.Generator, latents: int, m: int) -> Weights:
    biases = ([Fraction(int(k), 10) for k in rng.integers(-6, 4, size)] for size in (latents, m))
    b_enc, b_dec = biases
    return random_matrix(rng, latents, m), random_matrix(rng, latents, m), b_enc, b_dec


def inputs(
    rng: np.random.Generator, distribution: Distribution, n: int, count: int
) -> np.ndarray[Any, Any]:
    """Samples: a pattern of active features, and a uniform value for each."""
    patterns = list(distribution.patterns(n))
    chances = np.array([float(pattern.probability) for pattern in patterns])
    on = np.zeros((len(patterns), n))
    for row, pattern in zip(on, patterns, strict=True):
        row[[i - 1 for i in pattern.active]] = 1
    drawn = rng.choice(len(patterns), size=count, p=chances / chances.sum())
    return on[drawn] * rng.random((count, n))


def costs(
    weights: Weights, W: list[list[Fraction]], x: np.ndarray[Any, Any], l1: float, *, weighted: bool
) -> np.ndarray[Any, Any]:
    """‖h − ĥ‖² + λ Σ fⱼ for each input."""
    W_enc, W_dec, b_enc, b_dec = (np.array(each, dtype=float) for each in weights)
    h = x @ np.array(W, dtype=float)
    f = np.maximum((h - b_dec) @ W_enc.T + b_enc, 0)
    lengths = np.linalg.norm(W_dec, axis=1) if weighted else 1
    return ((h - f @ W_dec - b_dec) ** 2).sum(axis=1) + l1 * (f * lengths).sum(axis=1)
