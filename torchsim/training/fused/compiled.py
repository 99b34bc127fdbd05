"""The compiler of the loops in this folder, and of the random numbers that they draw."""

from __future__ import annotations

from pathlib import Path

from handcalc.compiled import Compiler
from torchsim.sampling import philox

_COMPILER = Compiler.of(Path(__file__).parent, Path(philox.__file__))

compiled, inlined, reordered = _COMPILER.fused, _COMPILER.inlined, _COMPILER.reordered
