"""The fused kernel on a GPU: one program takes many steps of one instance, by Triton.

The numbers are those of the CPU. Weights and moments are read before the first of some steps and
written after the last; in between nothing leaves the program.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from torchsim.sampling import drawn_features
from torchsim.specification import TrainingSpec
from torchsim.training.descent import Descent, rate_scale
from torchsim.training.fused.inputs import Inputs

_TILE = 4096  # numbers of W times samples that are worked on together
_AT_ONCE = 1 << 40  # products between two looks around


def tiles(n: int, m: int) -> dict[str, int]:
    """The sizes of a program: n and m, filled up to powers of two, and samples of a tile.

    >>> tiles(5, 2)
    {'n': 5, 'm': 2, 'N': 8, 'M': 2, 'S': 256}
    """
    N, M = (1 << (size - 1).bit_length() for size in (n, m))
    return {"n": n, "m": m, "N": N, "M": M, "S": max(16, min(256, _TILE // (N * M)))}


class GpuDescent(Descent):
    """A group on its way down on a GPU, some steps at a time."""

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        super().__init__(spec, group)
        self._moments = {name: torch.zeros_like(self.weights) for name in ("exp_avg", "exp_avg_sq")}
        models = [spec.models[i] for i in group]
        device, dtype = self.weights.device, self.weights.dtype
        floors = [float("-inf") if model.activation == "linear" else 0 for model in models]
        importance = [[to_float(i) for i in model.importance] for model in models]
        drawn = Inputs.of([drawn_features(model) for model in models], np.dtype(spec.dtype))
        words = {
            name: torch.from_numpy(getattr(drawn, name).view("int32")).to(device)
            for name in ("rows", "thresholds", "low", "width")
        }
        rows = words.pop("rows")
        self._arguments = {
            **words,
            "parts": torch.from_numpy(drawn.parts).to(device),
            "source": rows[torch.from_numpy(drawn.source).to(device)],
            "intervals": torch.from_numpy(drawn.intervals).int().to(device),
            "importance": torch.tensor(importance, device=device, dtype=dtype),
            "floors": torch.tensor(floors, device=device, dtype=dtype),
            "seeds": torch.tensor([model.seed for model in models], device=device),
        }
        n, columns = self.weights.shape[2:]
        chosen = bool((drawn.intervals >= 0).any())
        self._sizes = tiles(n, columns - 1) | {"most": drawn.low.shape[2] if chosen else 0}
        products = 5 * n * columns * spec.batch * len(models) * spec.restarts
        self._together = max(1, _AT_ONCE // products)

    @property
    def moments(self) -> dict[str, Tensor]:
        """The moments of Adam."""
        return self._moments

    def _advance(self, most: int) -> int:
        from torchsim.training.fused.program import advance  # Triton is not everywhere

        spec, count = self.spec, min(most, self._together)
        advance[(len(self.group) * spec.restarts,)](
            self.weights,
            *self._moments.values(),
            self.total,
            self.sound,
            self._lengths(count),
            **self._arguments,
            restarts=spec.restarts,
            step=self.step,
            count=count,
            batch=spec.batch,
            **self._sizes,
            enable_fp_fusion=True,  # a·b + c rounded once, as on a CPU
        )
        return count

    def _lengths(self, count: int) -> Tensor:
        """For each step: what AdamW leaves of a weight, how far Adam goes, and its correction."""
        spec, rows = self.spec, []
        decay = spec.decay if spec.optimiser == "adamw" else 0.0
        for step in range(self.step, self.step + count):
            rate = spec.rate * rate_scale(spec.schedule, step, spec.steps)
            far, spread = rate / (1 - 0.9 ** (step + 1)), (1 - 0.999 ** (step + 1)) ** 0.5
            rows.append((1 - rate * decay, far, spread))
        return torch.tensor(rows, device=self.weights.device, dtype=self.weights.dtype)
