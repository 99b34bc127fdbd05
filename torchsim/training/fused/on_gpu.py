"""The fused kernel on a GPU: one program takes many steps of one instance, by Triton.

The numbers are those of the CPU. Weights and moments are read before the first of some steps and
written after the last; in between nothing leaves the program.
"""

from __future__ import annotations

import numpy as np
import torch

from torchsim.specification import TrainingSpec
from torchsim.training.fused.inputs import Inputs
from torchsim.training.fused.looped import LoopedDescent

_TILE = 4096  # numbers of W times samples that are worked on together
_AT_ONCE = 1 << 40  # products between two looks around


def tiles(n: int, m: int) -> dict[str, int]:
    """The sizes of a program: n and m, filled up to powers of two, and samples of a tile.

    >>> tiles(5, 2)
    {'n': 5, 'm': 2, 'N': 8, 'M': 2, 'S': 256}
    """
    N, M = (1 << (size - 1).bit_length() for size in (n, m))
    return {"n": n, "m": m, "N": N, "M": M, "S": max(16, min(256, _TILE // (N * M)))}


class GpuDescent(LoopedDescent):
    """A group on its way down on a GPU, some steps at a time."""

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        super().__init__(spec, group, _AT_ONCE)
        device, drawn = self.weights.device, Inputs.of(self.drawn, np.dtype(spec.dtype))
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
            "importance": self.importance,
            "floors": self.floors,
            "seeds": torch.tensor([spec.models[i].seed for i in group], device=device),
        }
        n, columns = self.weights.shape[2:]
        chosen = bool((drawn.intervals >= 0).any())
        self._sizes = tiles(n, columns - 1) | {"most": drawn.low.shape[2] if chosen else 0}

    def _advance(self, most: int) -> int:
        from torchsim.training.fused.program import advance  # Triton is not everywhere

        spec, count = self.spec, min(most, self.together)
        advance[(len(self.group) * spec.restarts,)](
            self.weights,
            *self.moments.values(),
            self.total,
            self.sound,
            torch.tensor(self.lengths(count), device=self.weights.device, dtype=self.weights.dtype),
            **self._arguments,
            restarts=spec.restarts,
            step=self.step,
            count=count,
            batch=spec.batch,
            **self._sizes,
            enable_fp_fusion=True,  # a·b + c rounded once, as on a CPU
        )
        return count
