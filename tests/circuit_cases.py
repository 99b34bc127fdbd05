"""Attention-only models with exact random weights, and the same calculation in plain torch."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import torch

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head

Rows = list[list[Fraction]]


def drawn(draw: random.Random, rows: int, columns: int, most: int = 3, bottom: int = 1) -> Rows:
    """A matrix of small fractions."""
    return [
        [Fraction(draw.randint(-most, most), draw.randint(1, bottom)) for _ in range(columns)]
        for _ in range(rows)
    ]


def random_head(draw: random.Random, d_model: int, d_head: int, bottom: int = 1) -> Head:
    """A head with factors of rank at most d_head."""
    q, k, v = (drawn(draw, d_model, d_head, 2, bottom) for _ in range(3))
    return Head(q, k, v, drawn(draw, d_head, d_model, 2, bottom))


def random_model(  # noqa: PLR0917 - the sizes of a model
    seed: int,
    layers: tuple[int, ...],
    V: int = 3,
    d_model: int = 3,
    d_head: int = 2,
    softmax: str = "base 2",
    positions: int = 6,
    **options: Any,
) -> AttentionOnly:
    """A model of so many heads a layer."""
    draw = random.Random(seed)  # noqa: S311 - a draw of test cases
    return AttentionOnly(
        drawn(draw, V, d_model, 2),
        drawn(draw, d_model, V, 2),
        [[random_head(draw, d_model, d_head) for _ in range(count)] for count in layers],
        W_pos=drawn(draw, positions, d_model, 1) if positions else None,
        softmax=softmax,
        **options,
    )


def tensor(rows: Any) -> torch.Tensor:
    """A matrix of exact numbers in float64."""
    return torch.tensor([[float(cell) for cell in row] for row in rows], dtype=torch.float64)


def twin(model: AttentionOnly, tokens: list[int]) -> dict[str, Any]:
    """Residual stream, patterns and logits in floats, batch by batch as everyone writes it."""
    x = tensor(model.W_E)[tokens]
    if model.W_pos is not None:
        x = x + tensor(model.W_pos)[: len(tokens)]
    found: dict[str, Any] = {"residual": [x], "pattern": [], "outputs": []}
    mask = torch.ones(len(tokens), len(tokens)).triu(1).bool()
    for layer in model.layers:
        outputs, patterns = [], []
        for head in layer:
            q, k, v = (x @ tensor(W) for W in (head.W_Q, head.W_K, head.W_V))
            scores = q @ k.T / (math.sqrt(head.d_head) if model.scale else 1.0)
            weights = softmax(model.softmax.name, scores.masked_fill(mask, -math.inf))
            patterns.append(weights)
            outputs.append(weights @ v @ tensor(head.W_O))
        x = x + sum(outputs)
        found["residual"].append(x)
        found["pattern"].append(patterns)
        found["outputs"].append(outputs)
    found["logits"] = x @ tensor(model.W_U)
    found["probabilities"] = softmax(model.softmax.name, found["logits"])
    return found


def softmax(name: str, scores: torch.Tensor) -> torch.Tensor:
    """By name, in floats."""
    if name == "hard":
        best = scores >= scores.max(-1, keepdim=True).values - 1e-9
        return best.double() / best.sum(-1, keepdim=True)
    unit = 1.0 if name == "exp" else math.log(Fraction(name.split()[1]))
    return torch.softmax(scores * unit, -1)
