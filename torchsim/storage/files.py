"""Files that are whole or not there: written beside the old one, then put in its place.

A file is written by one process at a time (``folder.lock``). A crash leaves the old file as it was,
and at most a ``.part`` beside it, which the next writing replaces.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from handcalc.errors import InputError

__all__ = ["PART", "read", "unlink", "write"]

PART = ".part"
"""What the name of a file ends with while it is being written."""

_PAUSES = (0.01, 0.05, 0.25)  # seconds between tries to replace a file that is being read


def write(file: Path, raw: bytes) -> None:
    """Put bytes into a file: when this returns they are on the disk, else the old file stands.

    The bytes go to a file beside it (flush, fsync), which then takes its name in one step, and the
    folder is written too, where the platform can. Errors: ``unwritable``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder) / "spec.json", b"{}")
    ...     read(Path(folder) / "spec.json"), os.listdir(folder)
    (b'{}', ['spec.json'])
    """
    part = file.with_name(file.name + PART)
    try:
        with part.open("wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        _replace(part, file)
        _settle(file.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _unwritable(file, "written", error) from error


def read(file: Path) -> bytes:
    """The bytes of a file. Errors: ``no_file``, ``unreadable``.

    >>> try:
    ...     read(Path("no such folder") / "weights.safetensors")
    ... except InputError as error:
    ...     error.code
    'no_file'
    """
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no file {file}. Restore it, or train anew in another folder."
        raise InputError("no_file", message) from None
    except OSError as error:
        reason = "it is a folder" if file.is_dir() else _reason(error)
        message = f"{file} cannot be read: {reason}. Mend that, or train anew in another folder."
        raise InputError("unreadable", message) from error


def unlink(file: Path) -> None:
    """Delete a file, if it is there. Errors: ``unwritable``."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(file, "deleted", error) from error


def _unwritable(file: Path, what: str, error: OSError) -> InputError:
    return InputError(
        "unwritable",
        f"{file} cannot be {what}: {_reason(error)}. What was there before still stands. "
        "Make room, or give another folder.",
        suggestion="--out ANOTHER_FOLDER",
    )


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _replace(source: Path, target: Path) -> None:
    """Move a file over another; Windows refuses while someone reads it, so try again shortly."""
    for pause in _PAUSES:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.replace(target)


def _settle(folder: Path) -> None:
    """Have the disk know the new name too; Windows opens no folders."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
