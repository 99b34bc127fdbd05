"""Which device a run is trained on, and what that calls itself."""

from __future__ import annotations

import platform
from importlib.util import find_spec
from pathlib import Path

import torch

from handcalc.errors import InputError


def check_device(device: str) -> None:
    """Refuse a CUDA device where there is none. Errors: ``device``.

    >>> check_device("cpu")
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "device",
            'There is no CUDA device here that torch can use; train on the device "cpu".',
            suggestion="cpu",
        )


def require_triton() -> None:
    """Refuse the fused kernel on a GPU where Triton is missing. Errors: ``missing``."""
    if find_spec("triton") is None:
        raise InputError(
            "missing",
            "The fused kernel on a GPU is a program in Triton, which comes with torch on Linux and "
            "is not installed here; take the plain kernel.",
            suggestion="--kernel plain",
        )


def device_name(device: str) -> str:
    """What a device calls itself."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    listed = Path("/proc/cpuinfo")  # Linux, where ``platform`` has no more than x86_64
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, name = line.partition(":")
            if key.strip() == "model name":
                return name.strip()
    return platform.processor() or platform.machine() or "CPU"
