"""The command line: ``handcalc`` and ``python -m handcalc``. The one package that prints."""

from __future__ import annotations

from .program import main as main
