"""The compiler of the loops in this folder, and the arrays that they take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handcalc.compiled import Compiler
from torchsim.sampling import philox

_COMPILER = Compiler.of(Path(__file__).parent, Path(philox.__file__))

compiled, inlined, reordered = _COMPILER.fused, _COMPILER.inlined, _COMPILER.reordered

Words = NDArray[np.uint32]
Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]
