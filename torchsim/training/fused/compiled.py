"""How the loops of this package are compiled: by numba, once for each machine and dtype.

What is compiled is kept beside the source, or in the user's cache folder where that cannot be
written; where neither can be, it is compiled anew in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "nogil": True,  # threads share the models out
    "error_model": "numpy",  # a division by 0 is an infinity, as in torch
    "_nrt": False,  # nothing is allocated: counting references took a third of the time
}
_REORDERED = {"reassoc", "contract", "nsz", "arcp"}
"""What sums may do to be vectorised; infinities and NaN keep their meaning."""


def compiled(function: Function) -> Function:
    """A loop that rounds as it is written, but that a·b + c may round once."""
    return _kept(function, {"contract"})


def reordered(function: Function) -> Function:
    """A loop whose sums may be taken in any order: some numbers at a time."""
    return _kept(function, _REORDERED)


def _kept(function: Function, fastmath: set[str]) -> Function:
    try:
        return cast("Function", njit(function, cache=True, fastmath=fastmath, **_OPTIONS))
    except RuntimeError:  # no folder to keep it in
        return cast("Function", njit(function, fastmath=fastmath, **_OPTIONS))
