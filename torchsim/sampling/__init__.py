"""Random inputs and initial weights by counter: the same however the work is batched.

Each number has its place in a stream of ``philox``, so sample k of a model at step t is the same
whichever models and restarts are worked on with it. A feature that is a block of its own takes one
number r of 32 bits, for on or off and for its value: with T = round(p·2³²) it is
x = max(r + 1/2 − (2³² − T), 0)/T, which is max(u − S, 0)/p for the uniform u = (r + 1/2)/2³². It is
on for T of the 2³² numbers, and then x is uniform over the midpoints of T equal parts of [0, 1].
Another block takes one number more, for off or which support; its features take their values
(r + 1/2)/2³² from numbers of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import cast

import sympy
import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float, to_fraction
from handcalc.superposition.loss.distribution import Block
from torchsim.sampling.philox import WORDS, RoundKeys, numbers, round_keys
from torchsim.specification import ModelSpec

TRAINING, UNSEEN, INITIAL = 0, 1, 2
"""The purposes of numbers: inputs to train on, inputs to judge by, and initial weights."""


def initial(
    models: Sequence[ModelSpec],
    restarts: range | Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
    matrix: int = 0,
) -> tuple[Tensor, Tensor]:
    """W (instances, n, m), normal with variance 2/(n + m), and b = 0 (instances, n).

    W_ih = √(2/(n + m))·Φ⁻¹((r + 1/2)/2³²) with r the number (h, i) of step ``matrix`` under the key
    (seed, restart), 0 for a model's first matrix: the spread that Xavier and Glorot give to one
    n × m matrix, however many models there are. Worked in float64 on the CPU, so that every device
    starts from the same weights. Source: Glorot and Bengio 2010, "Understanding the difficulty of
    training deep feedforward neural networks", equation 12; the inverse of the normal distribution
    function.

    >>> models = [ModelSpec.of(5, 2, "1/2")] * 3
    >>> W, b = initial(models, range(8), torch.device("cpu"), torch.float64)
    >>> W.shape, torch.equal(W[:8], W[8:16]), bool((b == 0).all())
    (torch.Size([24, 5, 2]), True, True)
    """
    n, m = models[0].features, models[0].hidden
    instances = [(model.seed, restart) for model in models for restart in restarts]
    seeds, indices = torch.tensor(instances).reshape(-1, 2, 1, 1).unbind(1)
    r = numbers(round_keys(seeds, indices), torch.arange(n), 0, m, step=matrix, purpose=INITIAL)
    uniform = (r.to(torch.float64) + 0.5) / WORDS
    W = sqrt(2 / (n + m)) * torch.special.ndtri(uniform)
    return W.to(device, dtype), torch.zeros(len(instances), n, device=device, dtype=dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Sampler:
    """The inputs of some models of one kind and some restarts: what is the same in every step.

    Models of one seed meet the same numbers, which are made once for all of them. Number (k, i) of
    step t is lane k mod 4 of the Philox block with counter (⌊k/4⌋, t, i, purpose) and key (seed,
    restart). It is feature i's own; the block at place j, if it is not a single feature, has i =
    n + j.
    """

    restarts: int
    keys: RoundKeys  # (seeds, restarts, 1, 1) each
    unseen_keys: RoundKeys  # (seeds, 1, 1, 1) each
    seed_of: Tensor | None  # (models,), the places of their seeds; None for one seed, or one each
    rows: Tensor  # (rows,), the i of the numbers of a sample
    below: Tensor  # (models, 1, n, 1), 2³² − T − 1/2, float64
    parts: Tensor  # (models, 1, n, 1), T
    choices: _Choices | None

    @classmethod
    def of(
        cls,
        models: Sequence[ModelSpec],
        restarts: range | Sequence[int],
        device: torch.device,
        dtype: torch.dtype,
    ) -> Sampler:
        """The sampler of ``models``, which share a kind, and of ``restarts``, counted from 0.

        Any order and any choice of them will do. Errors: ``models`` where the kinds differ.

        >>> dense = Sampler.of([ModelSpec.of(2, 1, 0)], [3], torch.device("cpu"), torch.float32)
        >>> bool((dense.inputs(step=0, count=100) > 0).all())
        True
        """
        if len({model.kind for model in models}) != 1:
            raise InputError("models", "Models are sampled together if they are of one kind.")
        seeds = list(dict.fromkeys(model.seed for model in models))
        drawn = [drawn_features(model) for model in models]
        own = range(models[0].features)
        places = torch.tensor([seeds.index(model.seed) for model in models], device=device)
        rows = sorted({*own, *(feature.source for feature in drawn[0])})
        parts = torch.tensor([[feature.parts for feature in each] for each in drawn])
        return cls(
            restarts=len(restarts),
            keys=_keys(seeds, restarts, device),
            unseen_keys=_keys(seeds, (0,), device),
            seed_of=None if len(seeds) in (1, len(models)) else places,
            rows=torch.tensor(rows, device=device),
            below=_per_model(WORDS - parts.double() - 0.5, device),
            parts=_per_model(parts.clamp(min=1).to(dtype), device),
            choices=None if rows == list(own) else _Choices.of(drawn, rows, device),
        )

    def inputs(self, step: int, count: int, *, first: int = 0, unseen: bool = False) -> Tensor:
        """Samples ``first`` to ``first + count − 1`` of a step: x (instances, n, count).

        ``unseen`` inputs are others than those of training, the same for all restarts of a model;
        x may then be one memory for all of them. ``step`` and (first + count)/4 are below 2³².

        A feature that is off is 0; one that is on is in (0, 1], at least 2⁻³³, and 1 only by
        rounding (never in float64). The dtype rounds r + 1/2 − (2³² − T) once and the quotient
        once, as IEEE 754 says, so that every device has the same x.

        >>> sampler = Sampler.of(
        ...     [ModelSpec.of(3, 2, "1/2")], range(4), torch.device("cpu"), torch.float64
        ... )
        >>> x = sampler.inputs(step=7, count=10)
        >>> x.shape, torch.equal(x[..., 3:], sampler.inputs(step=7, count=7, first=3))
        (torch.Size([4, 3, 10]), True)
        """
        keys, purpose = (self.unseen_keys, UNSEEN) if unseen else (self.keys, TRAINING)
        r = numbers(keys, self.rows, first, count, step=step, purpose=purpose)
        if self.seed_of is not None:
            r = r.index_select(0, self.seed_of)
        own = r.narrow(2, 0, self.parts.shape[2])  # (models or 1, restarts or 1, n, count)
        x = (own - self.below).to(self.parts.dtype).clamp_(min=0).div_(self.parts)
        if self.choices is not None:
            x *= self.choices.active(r)
        return x.expand(-1, self.restarts, -1, -1).flatten(0, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Choices:
    """Which features are active, where some are drawn together."""

    source: Tensor  # (n,), the row of the number that a feature depends on
    bounds: tuple[tuple[Tensor, Tensor], ...]  # low and high (models, 1, n, 1) of its intervals

    @classmethod
    def of(
        cls, drawn: Sequence[Sequence[DrawnFeature]], rows: list[int], device: torch.device
    ) -> _Choices:
        source = [rows.index(feature.source) for feature in drawn[0]]
        most = max(len(feature.intervals) for feature in drawn[0])
        # (models, n, most, 2): a feature with fewer intervals has empty ones besides
        padded = torch.tensor(
            [
                [(*each.intervals, *[(0, 0)] * (most - len(each.intervals))) for each in features]
                for features in drawn
            ],
            dtype=torch.float64,
        )
        bounds = (
            tuple(_per_model(side, device) for side in at.unbind(-1)) for at in padded.unbind(2)
        )
        return cls(torch.tensor(source, device=device), tuple((low, high) for low, high in bounds))

    def active(self, r: Tensor) -> Tensor:
        """Whether low ≤ d < high in one of a feature's intervals, d the number it depends on."""
        d = r.index_select(2, self.source)
        active = torch.zeros((), dtype=torch.bool, device=r.device)
        for low, high in self.bounds:
            active = active | ((low <= d) & (d < high))
        return active


@dataclass(frozen=True, slots=True)
class DrawnFeature:
    """A feature: active if number ``source`` is in an interval; its value has T ``parts``."""

    source: int
    parts: int
    intervals: tuple[tuple[int, int], ...] = ((0, WORDS),)

    @property
    def density(self) -> float:
        """How likely it is active, but for rounding to 2⁻³²."""
        return self.parts / WORDS * sum(high - low for low, high in self.intervals) / WORDS


def drawn_features(model: ModelSpec) -> list[DrawnFeature]:
    """How each feature of a model is drawn; one that no block names is off.

    >>> drawn_features(ModelSpec.of(2, 1, "1/2"))[0].parts == 2**31
    True
    """
    n = model.features
    features = [DrawnFeature(i, 0) for i in range(n)]
    for place, block in enumerate(model.blocks):
        members = {i for support, _ in block.supports for i in support}
        cuts = _cuts(block)
        if len(members) == len(cuts) == 1:
            i, (_, _, high) = min(members), cuts[0]
            features[i] = DrawnFeature(i, high)
            continue
        for i in members:
            intervals = tuple((low, high) for support, low, high in cuts if i in support)
            features[i] = DrawnFeature(n + place, WORDS, intervals)
    return features


def _cuts(block: Block) -> list[tuple[tuple[int, ...], int, int]]:
    """Each support of a block with the numbers that choose it, from low up to high − 1."""
    p = 1 - cast("sympy.Expr", block.sparsity)  # a ModelSpec leaves no S open
    cuts, low, total = [], 0, sympy.Integer(0)
    for support, probability in block.supports:
        total += probability
        # 2³²·(p·total) rounded, from the fraction itself: a float has too few digits near 1
        share = p * total
        exact = isinstance(share, sympy.Rational)
        high = round((to_fraction(share) if exact else to_float(share)) * WORDS)
        cuts.append((support, low, high))
        low = high
    return cuts


def _keys(seeds: Sequence[int], restarts: Sequence[int], device: torch.device) -> RoundKeys:
    """The round keys of every restart of every seed."""
    shape = len(seeds), len(restarts), 1, 1
    first = torch.tensor(seeds, device=device).reshape(-1, 1, 1, 1).expand(shape)
    return round_keys(first, torch.tensor(restarts, device=device).reshape(-1, 1, 1).expand(shape))


def _per_model(values: Tensor, device: torch.device) -> Tensor:
    return values.to(device)[:, None, :, None]
