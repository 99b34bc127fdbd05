"""The numeric loss, beside the exact expected one: float64, for many models at once."""

from __future__ import annotations

from handcalc.superposition.numeric.losses import compile_losses as compile_losses
from handcalc.superposition.numeric.losses import expected_losses as expected_losses
from handcalc.superposition.numeric.losses import (
    expected_losses_and_gradients as expected_losses_and_gradients,
)
