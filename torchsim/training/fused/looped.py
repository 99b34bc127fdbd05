"""What the loops of both devices are given: a group of models in arrays, and Adam's moments."""

from __future__ import annotations

import torch

from handcalc.numbers.exact import to_float
from torchsim.sampling import drawn_features
from torchsim.specification import TrainingSpec
from torchsim.training.descent import Descent, rate_scale


class LoopedDescent(Descent):
    """A group on its way down, as many steps at a time as ``at_once`` products allow."""

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...], at_once: int) -> None:
        super().__init__(spec, group)
        self.moments = {name: torch.zeros_like(self.weights) for name in ("exp_avg", "exp_avg_sq")}
        models = [spec.models[i] for i in group]
        device, dtype = self.weights.device, self.weights.dtype
        self.drawn = [drawn_features(model) for model in models]
        # where the largest become infinities, which are told later
        importance = [[to_float(i) for i in model.importance] for model in models]
        self.importance = torch.tensor(importance, device=device, dtype=dtype)
        floors = [-torch.inf if model.activation == "linear" else 0.0 for model in models]
        self.floors = torch.tensor(floors, device=device, dtype=dtype)
        n, columns = self.weights.shape[2:]
        products = 5 * n * columns * spec.batch * len(models) * spec.restarts
        self.together = max(1, at_once // products)

    def lengths(self, count: int) -> list[tuple[float, float, float]]:
        """For each of the next steps: what AdamW leaves of a weight, and how far Adam goes.

        Adam goes by first/(√second/spread + ε), a step of length ``far``: 1 − rate·decay, ``far``
        and ``spread``.
        """
        spec, found = self.spec, []
        decay = spec.decay if spec.optimiser == "adamw" else 0.0
        for step in range(self.step, self.step + count):
            rate = spec.rate * rate_scale(spec.schedule, step, spec.steps)
            far, spread = rate / (1 - 0.9 ** (step + 1)), (1 - 0.999 ** (step + 1)) ** 0.5
            found.append((1 - rate * decay, far, spread))
        return found
