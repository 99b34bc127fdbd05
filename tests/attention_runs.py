"""Attention-only models that are trained in no time, and made-up runs of them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.model import AttentionWeights, shapes
from torchsim.attention.run import AttentionHistory, AttentionRun, TrainedAttention
from torchsim.attention.scores import Scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining

COIN = Contexts.of("<s> keep mind bay", {"<s> keep": {"mind": 3, "bay": 1}, "keep <s>": {"bay": 2}})
CHAIN = AttentionSpec(TokenChain(5, 7, "1/3"), heads=2, d_model=4, steps=6, batch=3)
MODELS = (
    CHAIN,
    replace(CHAIN, data=Repeats(6, 8, 2, 4), layers=1, seed=7, positions=False, scale=None),
    AttentionSpec(COIN, layers=1, d_model=3, steps=5, self_attention=False, clip=None),
    AttentionSpec(COIN, layers=0, d_model=2, steps=4, betas=(0.5, 0.75)),
)
SPEC = AttentionTraining(MODELS, restarts=3)


def made_up(spec: AttentionTraining = SPEC, *, seed: int = 0) -> AttentionRun:
    """A run of this specification that nobody trained."""
    chance = torch.Generator().manual_seed(seed)

    def drawn(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.rand(shape, generator=chance, dtype=torch.float64).to(dtype)

    def one(model: AttentionSpec) -> TrainedAttention:
        r, heads = spec.restarts, (model.layers, model.heads)
        dtype = getattr(torch, spec.dtype)
        found = {name: drawn(r, *shape, dtype=dtype) for name, shape in shapes(model).items()}
        scored = model.is_scored
        scores = Scores(drawn(r, *heads), drawn(r, *heads), 0.25, 0.125) if scored else None
        ways = [drawn(2, r, *heads) if scored else None for _ in range(2)]
        history = AttentionHistory((2, 4), drawn(r, 2).mT, *ways)  # not contiguous
        weights = AttentionWeights(**{"W_pos": None, **found})
        return TrainedAttention(model, weights, drawn(r), drawn(r), drawn(r), scores, history)

    return AttentionRun(spec, tuple(map(one, spec.models)), 12.5, "a made-up device")


def tensors_of(run: AttentionRun) -> dict[str, Tensor]:
    """Every tensor of a run, with what it is."""
    found: dict[str, Tensor | None] = {}
    for i, each in enumerate(run.trained):
        own = {name: getattr(each, name) for name in ("loss", "standard_error", "right")}
        own |= each.weights.named()
        for kind in (each.scores, each.history):
            for name in ("losses", "induction", "previous"):
                own[f"{type(kind).__name__} {name}"] = getattr(kind, name, None)
        found |= {f"{i} {name}": tensor for name, tensor in own.items()}
    return {name: tensor for name, tensor in found.items() if tensor is not None}


def same_result(first: AttentionRun, second: AttentionRun) -> bool:
    """Whether two runs came to the same, bit for bit; their times may differ."""
    a, b = tensors_of(first), tensors_of(second)
    steps = [[each.history.steps for each in run.trained] for run in (first, second)]
    chances = [
        [getattr(t.scores, "induction_chance", None) for t in r.trained] for r in (first, second)
    ]
    return (
        first.spec == second.spec
        and a.keys() == b.keys()
        and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a)
        and steps[0] == steps[1]
        and chances[0] == chances[1]
    )
