"""What a class handed in: the files to grade, what is no file, and what is no submission at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.typed_text import MOST_ARRAY_BYTES, path_of
from handcalc.cli.visible import visible

from .class_table import is_table


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing that was handed in, and why it cannot be opened, or "" where it can."""

    path: Path
    fault: str = ""

    @property
    def file(self) -> str:
        """The path as it is shown."""
        return visible(str(self.path))


@dataclass(frozen=True, slots=True)
class HandedIn:
    """All submissions in their order, and in words what else there was and is not graded."""

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...]


def handed_in(names: Sequence[str], table: Path | None) -> HandedIn:
    """The files by these names, and all that is in the folders among them, by name.

    What is named itself is a submission, whatever its name, and is not looked at again in its
    folder. In a folder, ``table`` is none, nor is an older one, nor are the files of editors and
    systems. Errors: refused where there is nothing of that name.
    """
    paths = [_found(name) for name in names]
    missing = [name for name, path in zip(names, paths, strict=True) if path is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"There is no file {visible(missing[0])}{more}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", message))
    named = {path.absolute() for path in paths if path is not None}
    submissions: list[Submission] = []
    notes: list[str] = []
    for path in filter(None, paths):
        inside = [*_inside(path)] if os.path.isdir(path) else None  # noqa: PTH112 - it raises nothing
        if inside is None:
            submissions.append(_submission(path))
            continue
        others = {each: _reason(each, table) for each in inside if each.absolute() not in named}
        submissions += [_submission(each) for each, why in others.items() if not why]
        notes += [f"{visible(str(each))}: {why}" for each, why in others.items() if why]
    if not submissions:
        said = ", ".join(visible(name) for name in names)
        message = f"There is no file in the folder {said}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", " ".join([message, *notes])))
    return HandedIn(tuple(submissions), tuple(notes))


def _found(name: str) -> Path | None:
    """The path of that name; None where nothing is there, not even a link that leads nowhere."""
    if not name:
        return None
    try:
        path = path_of(name)
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError:  # it may well be there: looking at it says why it cannot be read
        return path
    return path


def _inside(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError as error:
        message = f"The folder {visible(str(folder))} cannot be read: {_words(error)}."
        raise CommandError(
            ReportedError("unreadable_file", f"{message} Nothing was graded.")
        ) from None


def _reason(path: Path, table: Path | None) -> str:
    """Why something in a folder is no submission; "" for what is one."""
    name = path.name.lower()
    if table is not None and path.absolute() == table.absolute():
        return "the table of this command"
    if name in ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r", ".ds_store"):
        return "a file of the system"
    if name == "__pycache__":
        return "a cache of Python"
    if name.endswith(".csv") and _is_older_table(path):
        return "a table of grades"
    if name.endswith("~") or (name.startswith("#") and name.endswith("#")):
        return "a backup of an editor"
    if name.startswith(("~$", ".~lock.")):
        return "the lock of an open document"
    return "hidden" if name.startswith(".") else ""


def _is_older_table(path: Path) -> bool:
    try:
        return path.is_file() and is_table(path)
    except OSError:  # it cannot be read, which its row says
        return False


def _submission(path: Path) -> Submission:
    try:
        status = path.stat()
    except OSError as error:
        loops = error.errno == errno.ELOOP or getattr(error, "winerror", None) == 1921
        if os.path.islink(path) and (loops or isinstance(error, FileNotFoundError)):  # noqa: PTH114 - it raises nothing
            where = "in a circle" if loops else "to a file that is not there"
            return Submission(path, f"This is a link that leads {where}.")
        return Submission(path, f"It cannot be read: {_words(error)}.")
    kind = status.st_mode
    if stat.S_ISDIR(kind):
        return Submission(path, "This is a folder; name it as a FILE to grade what is in it.")
    if not stat.S_ISREG(kind):
        return Submission(path, f"This is {_kind(kind)}, and no file.")
    if status.st_size > MOST_ARRAY_BYTES:
        return Submission(path, f"It is too large: more than {MOST_ARRAY_BYTES:,} bytes.")
    if not os.access(path, os.R_OK):
        return Submission(path, "It cannot be read: Permission denied.")
    return Submission(path)


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
