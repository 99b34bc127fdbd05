"""Named circuits, and a head that counts places, as if they had come of training."""

from __future__ import annotations

from typing import Any

import torch

import handcalc
from torchsim.attention.data import Data, Repeats, TokenChain
from torchsim.attention.model import AttentionWeights
from torchsim.attention.run import AttentionHistory, AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.attention.training import Result, _judged

SHARP = 60  # scores so far apart that soft attention is hard but for 1e-26


def as_trained(model: handcalc.AttentionOnly, data: Data) -> TrainedAttention:
    """A model as one restart of a run, judged as a trained one is."""

    def tensor(rows: Any) -> torch.Tensor:
        return torch.tensor([[float(cell) for cell in row] for row in rows], dtype=torch.float64)

    layers = [[head.matrices for head in layer] for layer in model.layers]
    spec = AttentionSpec(
        data, layers=len(layers), heads=max([1, *map(len, layers)]), d_model=model.d_model,
        d_head=model.layers[0][0].d_head if layers else 0, positions=model.W_pos is not None,
        scale=None, steps=1,
    )  # fmt: skip
    parts = {"W_E": model.W_E, "W_pos": model.W_pos, "W_U": model.W_U}
    own = [tensor(rows).flatten() for rows in parts.values() if rows is not None]
    for name in ("W_Q", "W_K", "W_V", "W_O"):
        own += [tensor(head[name]).flatten() for layer in layers for head in layer]
    numbers = torch.cat(own)[None]
    records = {"losses": torch.zeros(1, 1, dtype=torch.float64)}
    for name in ("induction", "previous"):
        records[name] = torch.zeros(1, 1, spec.layers, spec.heads, dtype=torch.float64)
    run = AttentionTraining((spec,), restarts=1, dtype="float64")
    return _judged(run, spec, Result({"numbers": numbers, **records}, (1,)))


def named(name: str, **sizes: Any) -> TrainedAttention:
    """A named circuit with sharp attention, on chains of its tokens."""
    model = handcalc.circuit(name, **sizes).model
    room = 8 if model.W_pos is None else len(model.W_pos)
    return as_trained(model, TokenChain(model.d_vocab, room))


def counting(period: int = 4) -> TrainedAttention:
    """One head that looks period − 1 places back and copies, on sequences with that period."""
    n = 3 * period
    V = period + 2
    d = V + n
    look = [[0] * d for _ in range(d)]
    for i in range(period - 1, n):
        look[V + i][V + i - period + 1] = SHARP
    copy = [[2 * (i == j < V) for j in range(d)] for i in range(d)]
    unit = [[int(i == j) for j in range(d)] for i in range(d)]
    model = handcalc.AttentionOnly(
        unit[:V],
        [row[:V] for row in unit],
        [[handcalc.Head.of_circuits(look, copy)]],
        W_pos=unit[V:],
    )
    return as_trained(model, Repeats.fixed(V, n, period))


def run_of(*trained: TrainedAttention) -> AttentionRun:
    """A run of these models."""
    spec = AttentionTraining(tuple(each.model for each in trained), restarts=1, dtype="float64")
    return AttentionRun(spec, trained, 1.0, "by hand")


__all__ = ["AttentionHistory", "AttentionWeights", "as_trained", "counting", "named", "run_of"]
