"""The toy model worked out with Python's fractions alone, for random rational models.

Run ``python tests/oracles/forward_fractions.py --models 400 --seed 1`` for one JSON object on a
line for each model, with its answers. Nothing here imports the package that it helps to judge; the
formulas are written out with indices, so that each can be compared with its source.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

Numbers = list[Fraction]
Rows = list[Numbers]


@dataclass(frozen=True)
class Model:
    """W of shape (n, m) with one row per feature, b and x of length n, "relu" or "linear"."""

    kind: str
    W: Rows
    b: Numbers
    x: Numbers
    activation: str


def dot(first: Numbers, second: Numbers) -> Fraction:
    """Σₖ aₖ bₖ."""
    return sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0))


def forward(model: Model) -> dict[str, Numbers]:
    """h = Wᵀx, z = Wh + b, x̂ = ReLU(z) or z, and x̂ − x."""
    n, m = len(model.W), len(model.W[0])
    h = [sum((model.W[i][k] * model.x[i] for i in range(n)), Fraction(0)) for k in range(m)]
    z = [dot(model.W[i], h) + model.b[i] for i in range(n)]
    output = [max(value, Fraction(0)) for value in z] if model.activation == "relu" else z
    difference = [output[i] - model.x[i] for i in range(n)]
    return {"h": h, "z": z, "output": output, "difference": difference}


def geometry(model: Model) -> dict[str, Any]:
    """G = WWᵀ, ‖Wᵢ‖², Σ_{j≠i} (Ŵᵢ·Wⱼ)², ‖Wᵢ‖⁴ / Σⱼ (Wᵢ·Wⱼ)² and their sum; 0 for a zero row.

    Source: Elhage et al. 2022, "Demonstrating Superposition" and "The Geometry of Superposition".
    """
    W, n = model.W, len(model.W)
    gram = [[dot(W[i], W[j]) for j in range(n)] for i in range(n)]
    squares = [gram[i][i] for i in range(n)]
    interference, dimensionality = [Fraction(0)] * n, [Fraction(0)] * n
    for i in range(n):
        if squares[i] == 0:
            continue
        interference[i] = sum(
            (gram[i][j] ** 2 / squares[i] for j in range(n) if j != i), Fraction(0)
        )
        dimensionality[i] = squares[i] ** 2 / sum(gram[i][j] ** 2 for j in range(n))
    return {
        "gram": gram,
        "squared_norms": squares,
        "interference": interference,
        "dimensionality": dimensionality,
        "capacity": sum(dimensionality, Fraction(0)),
    }


# ── random models ───────────────────────────────────────────────────────────────────────────────


def _number(random: Random) -> Fraction:
    return Fraction(random.randint(-6, 6), random.choice([1, 1, 2, 3, 4, 5, 7, 12]))


def _inputs(random: Random, n: int) -> Numbers:
    """Zeros and ones are as likely as all between them."""
    inner = [Fraction(random.randint(0, 12), 12) for _ in range(n)]
    return [random.choice([Fraction(0), Fraction(1), value, value]) for value in inner]


def _with_zero_rows(random: Random, W: Rows) -> None:
    for i in random.sample(range(len(W)), random.randint(1, len(W))):
        W[i] = [Fraction(0)] * len(W[i])


def _with_repeated_rows(random: Random, W: Rows) -> None:
    source = W[random.randrange(len(W))]
    for i in random.sample(range(len(W)), random.randint(1, len(W))):
        W[i] = [random.choice([1, 1, -1]) * value for value in source]


KINDS = ("plain", "zero-rows", "repeated-rows", "kinks", "outside", "sparse")


def random_model(random: Random, kind: str) -> Model:
    """A model with n from 1 to 7 and m from 1 to 5, of one of the ``KINDS``.

    "kinks" gives some features the bias that makes their z exactly 0; "outside" lets inputs leave
    [0, 1]; "sparse" has an input with at most one feature on.
    """
    n, m = random.randint(1, 7), random.randint(1, 5)
    W = [[_number(random) for _ in range(m)] for _ in range(n)]
    b, x = [_number(random) for _ in range(n)], _inputs(random, n)
    if kind == "zero-rows":
        _with_zero_rows(random, W)
    elif kind == "repeated-rows":
        _with_repeated_rows(random, W)
    elif kind == "outside":
        x = [_number(random) for _ in range(n)]
    elif kind == "sparse":
        on = random.randrange(n)
        x = [value if i == on else Fraction(0) for i, value in enumerate(x)]
    elif kind == "kinks":
        before = forward(Model(kind, W, [Fraction(0)] * n, x, "linear"))["z"]
        for i in random.sample(range(n), random.randint(1, n)):
            b[i] = -before[i]
    return Model(kind, W, b, x, random.choice(["relu", "relu", "linear"]))


def models(count: int, seed: int) -> list[Model]:
    """As many models as asked, the kinds in turn; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    return [random_model(random, KINDS[index % len(KINDS)]) for index in range(count)]


# ── output ──────────────────────────────────────────────────────────────────────────────────────


def as_text(value: Any) -> Any:
    """Fractions as strings such as "7/12", in lists and dictionaries too."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return str(value)


def record(model: Model) -> dict[str, Any]:
    """One model with all its answers, as text."""
    asked = {"kind": model.kind, "activation": model.activation}
    numbers = {"W": model.W, "b": model.b, "x": model.x, **forward(model), **geometry(model)}
    return {**asked, **as_text(numbers)}


def main() -> None:
    """Print the models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=400, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the same models for the same seed")
    options = parser.parse_args()
    for model in models(options.models, options.seed):
        print(json.dumps(record(model)))


if __name__ == "__main__":
    main()
