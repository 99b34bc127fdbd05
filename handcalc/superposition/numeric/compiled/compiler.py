"""The compiler of the loops in this folder."""

from __future__ import annotations

from pathlib import Path

from handcalc.compiled import Compiler

_COMPILER = Compiler.of(Path(__file__).parent)

exactly, inlined = _COMPILER.exactly, _COMPILER.exactly_inlined
"""Loops, and their steps, round as they are written: the same bits on every machine."""
