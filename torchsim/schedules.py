"""Learning rates that change on the way.

Source: the notebook of Elhage et al. 2022, "Toy Models of Superposition".
"""

from __future__ import annotations

from math import cos, pi

from torchsim.specification import Schedule

__all__ = ["scale"]


def scale(schedule: Schedule, step: int, steps: int) -> float:
    """What the rate is multiplied by at ``step``, 0 … steps − 1.

    constant: 1; linear: (steps − step)/steps; cosine: cos(½π·step/(steps − 1)), 0 at the last step
    (1 if there is only one).

    >>> scale("linear", 1, 4), scale("cosine", 0, 4), scale("constant", 3, 4)
    (0.75, 1.0, 1.0)
    """
    if schedule == "linear":
        return (steps - step) / steps
    if schedule == "cosine" and steps > 1:
        return cos(pi / 2 * (step / (steps - 1)))
    return 1.0
