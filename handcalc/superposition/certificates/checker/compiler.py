"""The compiler of the loops that check boxes."""

from __future__ import annotations

from pathlib import Path

from handcalc.compiled import Compiler

exactly = Compiler.of(Path(__file__).parent).exactly
