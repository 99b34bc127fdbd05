"""A GPU that is none: tensors that say they are on CUDA, worked on the CPU, mixed with no others.

torch's own stand-in, ``FakeTensorMode`` with CUDA tensors, takes no ``x[...] = y`` in a build
without CUDA. So here every call of torch's API is looked at instead: tensors on the stand-in are
marked, what comes of them is marked too, and a call that is given tensors of both kinds is refused
as CUDA refuses it. Numbers come out as on a CPU. What torch does below its API is not seen: kernels
of CUDA's own, streams, and how they round.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

CUDA = torch.device("cuda", 0)
CPU = torch.device("cpu")

_MOVES = {"to", "cpu", "cuda", "copy_", "__setitem__", "tensor", "as_tensor", "asarray"}
"""What may be given tensors of both devices, and where what comes out is said by its arguments."""
_INDEXED = {"__getitem__"}  # CUDA takes indices from either device
_AWAY = {"numpy", "__array__"}  # NumPy's arrays are on the CPU


def device_of(tensor: Tensor) -> torch.device:
    """Where a tensor is, or says that it is."""
    with torch._C.DisableTorchFunction():
        return CUDA if "on_cuda" in tensor.__dict__ else CPU


def _mark(found: Any, device: torch.device) -> Any:
    def mark(value: Any) -> Any:
        if isinstance(value, Tensor) and device == CUDA:
            value.__dict__["on_cuda"] = True
        return value

    return tree_map(mark, found)


def _device_in(value: Any) -> torch.device | None:
    """The device that an argument names."""
    if isinstance(value, str):
        kind = value.partition(":")[0]
        return CUDA if kind == "cuda" else CPU if kind == "cpu" else None
    if isinstance(value, torch.device):
        return CUDA if value.type == "cuda" else CPU
    return None


def _without_cuda(value: Any) -> Any:
    return CPU if _device_in(value) == CUDA else value


class FakeCuda(TorchFunctionMode):
    """Looks at every call."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Refuse what mixes devices, else work it out on the CPU, and mark what comes out."""
        del types
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if func is torch.device:
            return func(*args, **kwargs)
        if name == "__get__":
            return self._get(func, args)
        given = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, Tensor)]
        own = device_of(args[0]) if args and isinstance(args[0], Tensor) else None
        changed = args[:1] if name.endswith("_") and own is not None else ()
        # a number of the CPU, in a tensor of no dimension, is taken everywhere, but not changed
        whole = [each for each in given if each.dim() or device_of(each) == CUDA]
        on = {device_of(each) for each in (*(whole or given), *changed)}
        if name in _AWAY and own == CUDA:
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        if len(on) > 1 and name not in _MOVES and not (name in _INDEXED and own == CUDA):
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but {name} got cuda:0 and cpu"
            )
        named = [_device_in(each) for each in (*args[1:], *kwargs.values())]
        named = [each for each in named if each is not None]
        where = self._where(name, args, named, on)
        found = func(*map(_without_cuda, args), **tree_map(_without_cuda, kwargs))
        if any(found is each for each in given) and device_of(found) != where:
            found = found.clone()
        elif name in _MOVES and where == CUDA and not given:
            found = found.clone()  # what is on a GPU shares no memory with an array
        return _mark(found, where)

    @staticmethod
    def _where(name: str, args: Any, named: list[torch.device], on: set[torch.device]) -> Any:
        """Where what comes out is."""
        if name == "cpu":
            return CPU
        if name == "cuda":
            return CUDA
        if named:
            return named[0]
        if name in _MOVES and args and isinstance(args[-1], Tensor):
            return device_of(args[-1] if name == "to" else args[0])
        return CUDA if CUDA in on else CPU

    @staticmethod
    def _get(func: Any, args: Any) -> Any:
        """A property of a tensor."""
        device, name = device_of(args[0]), getattr(func.__self__, "__name__", "")
        said = {"device": device, "is_cuda": device == CUDA, "is_cpu": device == CPU}
        return said[name] if name in said else _mark(func(*args), device)


@contextmanager
def fake_cuda(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a while there is a GPU, as far as torch's API goes."""
    patch.setattr(torch.cuda, "is_available", lambda: True)
    patch.setattr(torch.cuda, "get_device_name", lambda *_: "a stand-in for a GPU")
    with FakeCuda():
        yield
