"""The files of a run: whole or not there, and what to do where one cannot be read or written."""

from __future__ import annotations

import os
from pathlib import Path

from handcalc.errors import InputError
from handcalc.storage.files import reason
from handcalc.storage.files import write as write_whole


def write(file: Path, raw: bytes) -> None:
    """Put bytes into a file: when this returns they are on the disk, else the old file stands.

    Errors: ``unwritable``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder) / "spec.json", b"{}")
    ...     read(Path(folder) / "spec.json")
    b'{}'
    """
    try:
        write_whole(file, raw)
    except OSError as error:
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
        why = "it is a folder" if file.is_dir() else reason(error)
        message = f"{file} cannot be read: {why}. Mend that, or train anew in another folder."
        raise InputError("unreadable", message) from error


def unlink(file: Path) -> None:
    """Delete a file, if it is there. Errors: ``unwritable``."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(file, "deleted", error) from error


def _unwritable(file: Path, what: str, error: OSError) -> InputError:
    stands = "What was there before still stands. " if os.access(file, os.F_OK) else ""
    return InputError(
        "unwritable",
        f"{file} cannot be {what}: {reason(error)}. {stands}Make room, or give another folder.",
        suggestion="--out ANOTHER_FOLDER",
    )
