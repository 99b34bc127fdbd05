"""The loss of wide models on sparse inputs, order by order in how many features are active.

With features drawn independently, L = Σ_k L_k over the number k of active ones. Where inputs are
sparse the first orders are nearly all of L, and each is a sum of closed forms: ``few_active``. So
is what more active features lose at the most: ``tails``.
"""

from __future__ import annotations

from handcalc.superposition.numeric.expansion.bounds import LossBounds as LossBounds
from handcalc.superposition.numeric.expansion.bounds import loss_bounds as loss_bounds
from handcalc.superposition.numeric.expansion.bounds import (
    loss_bounds_and_gradients as loss_bounds_and_gradients,
)
