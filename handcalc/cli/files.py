"""Text from files and from standard input, bounded and decoded, and text into files."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from .report import Problem, RefusalError

__all__ = ["MOST_BYTES", "read_file", "read_standard_input", "written_file"]

MOST_BYTES = 65_536  # twice what 8,000 characters, the longest text that is read, can take


def read_file(path: str, option: str) -> str:
    """The text of a file; refuses with exit code 2 where there is none to be had."""
    if not path:
        raise RefusalError(Problem("missing_file", f"{option} needs a file name."))
    try:
        with Path(path).expanduser().open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise RefusalError(Problem("missing_file", f"{option}: there is no file {path}.")) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        sentence = f"{option}: the file {path} cannot be read: {reason}."
        raise RefusalError(Problem("unreadable_file", sentence)) from None
    return _decoded(raw, f"{option}: the file {path}")


def read_standard_input(option: str) -> str:
    """All of standard input, up to the same bound."""
    try:
        stream = getattr(sys.stdin, "buffer", None)
        raw = stream.read(MOST_BYTES + 1) if stream else sys.stdin.read().encode()
    except (OSError, ValueError) as error:
        sentence = f"{option}: standard input cannot be read: {error}."
        raise RefusalError(Problem("unreadable_file", sentence)) from None
    return _decoded(raw, f"{option}: standard input")


def written_file(path: Path, text: str, option: str) -> str:
    """Write a file, and what to say of it: an older one is replaced."""
    verb = "Replaced" if path.exists() else "Wrote"
    try:
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{option}: the file {path} cannot be written: {reason}."
        raise RefusalError(Problem("unwritable_file", message)) from None
    return f"{verb} {path}."


def _decoded(raw: bytes, what: str) -> str:
    """UTF-8, or UTF-16 where a mark at the start says so, as Windows PowerShell writes it."""
    if len(raw) > MOST_BYTES:
        sentence = f"{what} is too large: more than {MOST_BYTES:,} bytes, and answers are short."
        raise RefusalError(Problem("file_too_large", sentence))
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if utf16 else "utf-8")
    except UnicodeDecodeError as error:
        sentence = f"{what} is not UTF-8 text: byte {error.start + 1} does not fit."
        raise RefusalError(Problem("not_utf8", sentence)) from None
