"""The packages that every check of a release covers: those that the wheel is built of."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("handcalc", "exercises", "torchsim")
"""Written out, so that a package that falls out of the configuration is missed."""
