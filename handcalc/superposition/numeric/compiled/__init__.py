"""The numeric loss on NumPy's arrays, compiled: eight models at a time, side by side.

Every model has a lane to itself and is worked in the same order, so what comes out does not depend
on what stands beside it, and is the same on every machine.
"""

from __future__ import annotations

from handcalc.superposition.numeric.compiled.solved import solved as solved
from handcalc.superposition.numeric.compiled.solved import try_out as try_out
