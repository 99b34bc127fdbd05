"""How the loops of this package are compiled: by numba, once for each machine and dtype.

What is compiled is kept in a folder that is named by all the sources it came from: numba looks at
the file of a function alone, and would go on with the old one where a loop that it calls was
changed. The folder is beside the sources, or in the user's cache where that cannot be written;
where neither can be, every process compiles for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, njit

from handcalc.storage.files import cache_folder
from torchsim.sampling import philox

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
    settings: Any = config  # whose names numba makes as it is imported
    before, settings.CACHE_DIR = settings.CACHE_DIR, _FOLDER
    try:
        found = njit(function, cache=bool(_FOLDER), fastmath=fastmath, **_OPTIONS)
    finally:
        settings.CACHE_DIR = before
    return cast("Function", found)


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


def _digest() -> str:
    """Of everything that is compiled here."""
    files = [*Path(__file__).parent.glob("*.py"), Path(philox.__file__)]
    return sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


_FOLDER = writable_folder(
    Path(__file__).parent / "__pycache__" / f"compiled-{_digest()}",
    cache_folder() / f"compiled-{_digest()}",
)
