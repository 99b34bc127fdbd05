"""The devices that tests of training run on: the CPU, and CUDA where there is one."""

from __future__ import annotations

import pytest
import torch

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
DEVICES = ["cpu", pytest.param("cuda", marks=CUDA)]
"""For ``@pytest.mark.parametrize("device", DEVICES)``."""
