"""Which device a run is trained on, what that calls itself, and how many threads it has."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path

import torch

from handcalc.errors import InputError

_LOOPS: ContextVar[int | None] = ContextVar("loops", default=None)


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
            suggestion='kernel="plain"',
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


@contextmanager
def one_thread(loops: int | None = None) -> Iterator[None]:
    """Work each of torch's operations in one thread, and compiled loops in so many; 1 if left out.

    Small operations cost more to share out than to do, and how torch adds up depends on how many
    threads share it: what comes out here is the same, however many there are.
    """
    before, token = torch.get_num_threads(), _LOOPS.set(loops)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        _LOOPS.reset(token)


def loop_threads() -> int:
    """How many threads compiled loops share models out to: as many as torch has, if nobody said.

    >>> with one_thread(loops=3):
    ...     loop_threads(), torch.get_num_threads()
    (3, 1)
    """
    return _LOOPS.get() or torch.get_num_threads()
