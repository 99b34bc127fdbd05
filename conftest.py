"""What is not looked through for examples."""

# it has none, Triton is there for Linux alone, and complains at the end of whatever loaded it
from __future__ import annotations

collect_ignore = ["torchsim/training/fused/program.py"]
