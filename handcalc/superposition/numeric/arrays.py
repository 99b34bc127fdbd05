"""The array library and the device on which a calculation runs.

Everything in this package is written once, on the Python array API: NumPy serves it, and so do
PyTorch's tensors on any device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeAlias

from array_api_compat import array_namespace
from array_api_compat import device as device_of

from handcalc.errors import InputError

__all__ = ["Array", "Arrays"]

Array: TypeAlias = Any
"""An array of any library that keeps to the Python array API."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """An array library ``xp`` and one of its devices; new arrays are made there, in float64."""

    xp: ModuleType
    device: Any

    @classmethod
    def of(cls, *arrays: Array) -> Arrays:
        """The library and the device of some arrays; error ``array`` where they share none.

        >>> import numpy
        >>> Arrays.of(numpy.ones(2)).device
        'cpu'
        """
        try:
            xp = array_namespace(*arrays)
        except TypeError as error:
            kinds = " and ".join(dict.fromkeys(type(array).__name__ for array in arrays))
            raise InputError(
                "array",
                f"Arrays of one library are asked for, such as NumPy's or PyTorch's, not {kinds}; "
                "type numpy.asarray(…) around each.",
            ) from error
        return cls(xp, device_of(arrays[0]))

    def floats(self, values: object) -> Array:
        """Numbers, or an array of any kind of number, in float64."""
        return self.xp.asarray(values, dtype=self.xp.float64, device=self.device)

    def integers(self, values: Sequence[int]) -> Array:
        """Whole numbers, to take rows by."""
        return self.xp.asarray(values, dtype=self.xp.int64, device=self.device)

    def zeros(self, *shape: int) -> Array:
        """Zeros to add to."""
        return self.xp.zeros(shape, dtype=self.xp.float64, device=self.device)
