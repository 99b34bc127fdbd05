"""The compiler of the loops that look for boxes."""

from __future__ import annotations

from pathlib import Path

from handcalc.compiled import Compiler

_COMPILER = Compiler.of(Path(__file__).parent)

exactly, inlined = _COMPILER.exactly, _COMPILER.exactly_inlined
