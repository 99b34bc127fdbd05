"""What training on samples costs: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks.kernels import main

main()
