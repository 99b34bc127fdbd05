"""How loops over floating-point numbers are compiled: by numba, once for each machine and dtype.

What is compiled is kept in a folder that is named by all the sources it came from: numba looks at
the file of a function alone, and would go on with the old one where a loop that it calls was
changed. The folder is beside the sources, or in the user's cache where that cannot be written;
where neither can be, every process compiles for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, njit

from handcalc.storage.files import cache_folder

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "nogil": True,  # threads share the work out
    "error_model": "numpy",  # a division by 0 is an infinity, as in torch
    "_nrt": False,  # nothing is allocated: counting references took a third of the time
}
_STEP: dict[str, Any] = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_REORDERED = {"reassoc", "contract", "nsz", "arcp"}
"""What sums may do to be vectorised; infinities and NaN keep their meaning."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles the loops of some sources, and keeps them in ``folder``; "" keeps nothing.

    Its methods are decorators, and say how what is compiled may round.
    """

    folder: str

    @classmethod
    def of(cls, *sources: Path) -> Compiler:
        """For the loops of files and of all files of folders; the first of them is theirs.

        >>> Compiler.of(Path(__file__)).folder.startswith("/no such folder")
        False
        """
        files = [Path(__file__), *(file for each in sources for file in _files(each))]
        digest = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
        name = f"compiled-{digest}"
        return cls(
            writable_folder(
                _files(sources[0])[0].parent / "__pycache__" / name, cache_folder() / name
            )
        )

    def exactly(self, function: Function) -> Function:
        """A loop that rounds as it is written: the same bits on every machine."""
        return self._kept(function, set())

    def fused(self, function: Function) -> Function:
        """A loop that rounds as it is written, but that a·b + c may round once."""
        return self._kept(function, {"contract"})

    def inlined(self, function: Function) -> Function:
        """The same, as a part of whatever calls it: what it is given is not copied for a call."""
        return self._kept(function, {"contract"}, inline=True)

    def reordered(self, function: Function) -> Function:
        """A loop whose sums may be taken in any order: some numbers at a time."""
        return self._kept(function, _REORDERED)

    def exactly_inlined(self, function: Function) -> Function:
        """As ``exactly``, as a part of whatever calls it; from Python it cannot be called."""
        return cast("Function", njit(function, **(_STEP | _OPTIONS)))

    def _kept(self, function: Function, fastmath: set[str], inline: bool = False) -> Function:
        settings: Any = config  # whose names numba makes as it is imported
        before, settings.CACHE_DIR = settings.CACHE_DIR, self.folder
        try:
            keep = bool(self.folder)
            found = njit(function, cache=keep, fastmath=fastmath, forceinline=inline, **_OPTIONS)
        finally:
            settings.CACHE_DIR = before
        return cast("Function", found)


def _files(source: Path) -> list[Path]:
    return sorted(source.glob("*.py")) if source.is_dir() else [source]


def writable_folder(*candidates: Path) -> str:
    """The first of some folders that is there or can be made, and written to; "" without one.

    >>> writable_folder(Path(__file__) / "below a file")
    ''
    """
    for folder in candidates:
        probe = folder / "probe"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink(missing_ok=True)
        except OSError:
            continue
        return str(folder)
    return ""
