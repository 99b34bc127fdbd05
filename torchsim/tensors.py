"""Tensors for what handcalc hands over: the one place where it reaches torch."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["tensor"]


def tensor(values: object) -> Tensor:
    """Nested lists of floats as a tensor in float64 on the CPU.

    >>> tensor([[0.5, 1.0]]).dtype
    torch.float64
    """
    return torch.tensor(values, dtype=torch.float64)
