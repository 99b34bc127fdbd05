"""What cannot be imported everywhere is not looked through for examples."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore: list[str] = []
if find_spec("triton") is None:  # it is there for Linux alone
    collect_ignore += ["torchsim/training/fused/on_gpu.py", "torchsim/training/fused/program.py"]
