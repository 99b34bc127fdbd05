"""Files that others handed in, in folders and zips: listed, and read within bounds.

Nothing is unpacked to the disk, no link is followed, and a name out of a zip is a label and never a
path. What cannot be had is a fault in words, in the place of the file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from handcalc.cli.typed_text import MOST_ARRAY_BYTES, MOST_BYTES
from handcalc.cli.visible import visible
from handcalc.storage.files import reason

MOST_FILES = 200
"""The files of one hand-in."""
MOST_ARCHIVE = 1 << 23
"""Bytes of a zip that a student hands in: its list of contents alone takes memory."""
MOST_UNPACKED = 1 << 25
"""Bytes that are read out of the zips of one hand-in, all together."""
MOST_MEMBERS = 100_000
"""Entries of the zip of a class."""
_DEEPEST = 8
_ARRAYS = (".npy", ".npz", ".safetensors")
_ZIP = ".zip"
_SYSTEM = ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r", ".ds_store")
_HIDDEN = re.compile(r"\.(?!\.?(?:/|\Z))")  # ".." leads out of a zip, which is said of it
_LINK = "This is a link, and links are not followed; hand in the file itself."


class UnreadableFileError(Exception):
    """A file that cannot be read, and why, in a sentence."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below a hand-in: its ``name`` from there on, and the path that is ``shown`` of it.

    ``load`` reads so many bytes at most; ``fault`` says why that would be in vain. With
    ``names_student`` its name says whose it is, and not what it answers.
    """

    name: str
    shown: str
    load: Callable[[int], bytes]
    fault: str = ""
    in_zip: bool = False
    names_student: bool = False

    def read(self, most: int, larger: str = "") -> bytes:
        """All of it, where it has so many bytes at most.

        Errors: ``UnreadableFileError``; ``larger``, where given, is what it says of a larger one.
        """
        if self.fault:
            raise UnreadableFileError(self.fault)
        raw = self.load(most + 1)
        if len(raw) > most:
            raise UnreadableFileError(larger or f"It is too large: more than {most:,} bytes.")
        return raw

    @property
    def is_zip(self) -> bool:
        """Whether its name says that there are files in it."""
        return self.name.lower().endswith(_ZIP)

    @property
    def most(self) -> int:
        """How many bytes of it are read: an answer is short, arrays are not."""
        if self.name.lower().endswith(_ARRAYS):
            return MOST_UNPACKED if self.in_zip else MOST_ARRAY_BYTES
        return MOST_ARCHIVE if self.is_zip else MOST_BYTES


@dataclass(frozen=True, slots=True)
class HandedEntry:
    """What lies directly in a class's folder or zip: a file, or a folder with all that is in it."""

    name: str
    shown: str
    is_folder: bool
    files: Callable[[], Iterable[FoundFile]]
    inside: Callable[[], list[HandedEntry]] = list
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file of a hand-in that was read, or the ``fault`` that was in the way.

    With ``names_student`` its name says whose it is, and not what it answers.
    """

    name: str
    shown: str
    raw: bytes = b""
    fault: str = ""
    names_student: bool = False

    @property
    def place(self) -> str:
        """Where it is in the hand-in, as its student knows it."""
        return visible(self.name) or "the hand-in"


def left_by_programs(name: str) -> str:
    """Why something by this name was not handed in by a person; "" where it may well be.

    >>> left_by_programs("Thumbs.db"), left_by_programs("ada.txt~"), left_by_programs("ada.txt")
    ('a file of the system', 'a backup of an editor', '')
    """
    name = name.lower()
    if name in _SYSTEM:
        return "a file of the system"
    if name == "__pycache__":
        return "a cache of Python"
    if name.endswith("~") or (name.startswith("#") and name.endswith("#")):
        return "a backup of an editor"
    if name.startswith(("~$", ".~lock.")):
        return "the lock of an open document"
    return "hidden" if _HIDDEN.match(name) else ""


# --------------------------------------------------------------------------------------------------
# On the disk.


def entry_at(path: Path, *, follows: bool = False) -> HandedEntry:
    """The entry that a path is; with ``follows``, where a person typed it, a link is what it is."""
    name, shown = path.name, visible(str(path))
    try:
        status = path.stat() if follows else path.lstat()
    except OSError as error:
        fault = _fault_of(path, error)
        return HandedEntry(name, shown, False, lambda: [_faulty(name, shown, fault)], path=path)
    if stat.S_ISDIR(status.st_mode):
        return HandedEntry(
            name, shown, True, lambda: _below(path, shown), lambda: entries_of_folder(path), path
        )
    found = _on_disk(path, name, status, follows)
    return HandedEntry(name, shown, False, lambda: [found], path=path)


def entries_of_folder(folder: Path) -> list[HandedEntry]:
    """What lies directly in a folder, by name. Errors: ``OSError``."""
    return [entry_at(path) for path in sorted(folder.iterdir())]


def _below(folder: Path, shown: str) -> Iterator[FoundFile]:
    """All files below a folder, in the order of their names; no folder is too deep to end."""
    is_empty = True
    for path in _walk(folder, 1):
        is_empty = False
        name, said = path.relative_to(folder).as_posix(), visible(str(path))
        try:
            yield _on_disk(path, name, path.lstat(), follows=False)
        except OSError as error:
            yield _faulty(name, said, _fault_of(path, error))
    if is_empty:
        yield _faulty("", shown, "There is no file in this folder.")


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        yield folder  # which is then no file, and said to be a folder
        return
    for path in inside:
        if left_by_programs(path.name):
            continue
        if path.is_dir() and not path.is_symlink() and depth < _DEEPEST:
            yield from _walk(path, depth + 1)
        else:
            yield path


def _on_disk(path: Path, name: str, status: os.stat_result, follows: bool) -> FoundFile:
    shown, kind = visible(str(path)), status.st_mode
    fault = ""
    if stat.S_ISLNK(kind):
        fault = _LINK
    elif stat.S_ISDIR(kind):
        fault = "This folder cannot be looked into, or lies too deep."
    elif not stat.S_ISREG(kind):
        special = "a socket" if stat.S_ISSOCK(kind) else "a device"
        what = "a named pipe" if stat.S_ISFIFO(kind) else special
        fault = f"This is {what}, and no file."
    elif not os.access(path, os.R_OK):
        fault = "It cannot be read: Permission denied."
    return FoundFile(name, shown, lambda most: _read_path(path, most, follows), fault)


def _read_path(path: Path, most: int, follows: bool) -> bytes:
    # what was a file when it was looked at may be a link or a pipe by now
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        opened = os.open(path, flags | (0 if follows else getattr(os, "O_NOFOLLOW", 0)))
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise UnreadableFileError("This is no file.")
            return file.read(most)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"It cannot be read: {reason(error)}.") from None


def _fault_of(path: Path, error: OSError) -> str:
    loops = error.errno == errno.ELOOP or getattr(error, "winerror", None) == 1921
    if os.path.islink(path) and (loops or isinstance(error, FileNotFoundError)):  # noqa: PTH114 - it raises nothing
        where = "in a circle" if loops else "to a file that is not there"
        return f"This is a link that leads {where}."
    return f"It cannot be read: {reason(error)}."


def _faulty(name: str, shown: str, fault: str) -> FoundFile:
    return FoundFile(name, shown, lambda _: b"", fault)


# --------------------------------------------------------------------------------------------------
# In a zip.


def open_zip(source: Path | bytes, most: int) -> ZipFile:
    """A zip, with so many entries at most. Errors: ``UnreadableFileError``."""
    try:
        archive = ZipFile(BytesIO(source) if isinstance(source, bytes) else source)
    except Exception as error:  # noqa: BLE001 - what a damaged zip makes zipfile raise is not said anywhere
        raise UnreadableFileError(_broken(error)) from None
    if len(archive.infolist()) > most:
        raise UnreadableFileError(f"There are more than {most:,} files in this zip.")
    return archive


def entries_of_zip(archive: ZipFile, shown: str) -> list[HandedEntry]:
    """What lies directly in a zip, by name; a name that leads out of it is an entry of its own."""
    return _entries(list(members_of(archive, shown)), shown)


def _entries(files: list[FoundFile], shown: str) -> list[HandedEntry]:
    inside: dict[str, list[FoundFile]] = {}
    folders: set[str] = set()
    for file in files:
        top, slash, rest = file.name.partition("/")
        if file.fault == _ESCAPES:
            top, slash, rest = file.name, "", ""
        if slash:
            folders.add(top)
        inside.setdefault(top, []).append(replace(file, name=rest if slash else top))
    return [
        _entry(name, f"{shown}/{visible(name)}", name in folders, inside[name])
        for name in sorted(inside)
    ]


def _entry(name: str, shown: str, is_folder: bool, files: list[FoundFile]) -> HandedEntry:
    return HandedEntry(name, shown, is_folder, lambda: files, lambda: _entries(files, shown))


_ESCAPES = "Its name in the zip leads out of it."


def members_of(archive: ZipFile, shown: str) -> Iterator[FoundFile]:
    """The files of a zip by their names; a folder is one only where it holds nothing."""
    infos = archive.infolist()
    counts = Counter(map(_name_of_member, infos))
    filled = {name.partition("/")[0] for name in counts if not name.endswith("/")}
    for info in infos:
        name = _name_of_member(info)
        said = f"{shown}/{visible(name)}"
        if name.endswith("/"):
            if name.count("/") == 1 and name[:-1] not in filled:
                yield _faulty(name, said, "There is no file in this folder.")
            continue
        if any(left_by_programs(part) for part in name.split("/")):
            continue
        fault = _fault_of_member(info, name)
        fault = fault or ("It stands in the zip twice." if counts[name] > 1 else "")
        yield FoundFile(name, said, _loading(archive, info), fault, in_zip=True)


def _name_of_member(info: ZipInfo) -> str:
    """Its name with the strokes that zips have; some programs of Windows write the other ones."""
    return info.filename.replace("\\", "/").removeprefix("./")


def _fault_of_member(info: ZipInfo, name: str) -> str:
    if any(part in ("", "..", ".") for part in name.split("/")) or name[1:2] == ":":
        return _ESCAPES
    if stat.S_ISLNK(info.external_attr >> 16):
        return _LINK
    if info.flag_bits & 1:
        return "It is locked with a password."
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "It is packed in a way that is not read; pack it as an ordinary zip."
    return ""


def _loading(archive: ZipFile, info: ZipInfo) -> Callable[[int], bytes]:
    def load(most: int) -> bytes:
        # what the zip says of its size is not believed: so many bytes are unpacked, and no more
        try:
            with archive.open(info) as member:
                return member.read(most)
        except Exception as error:  # noqa: BLE001 - what a damaged zip makes zipfile raise is not said anywhere
            raise UnreadableFileError(_broken(error)) from None

    return load


def _broken(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"It cannot be read: {error.strerror}."
    what = "no zip" if isinstance(error, BadZipFile) and "not a zip" in str(error) else "damaged"
    return f"This is {what}, whatever its name says; pack it again."


# --------------------------------------------------------------------------------------------------
# All of a hand-in.


def read_all(entries: Iterable[HandedEntry]) -> list[HandedFile]:
    """The files of a hand-in, those in its zips too, one zip deep in another; all within bounds."""
    reader = _Reader()
    found: list[HandedFile] = []
    for entry in entries:
        for file in entry.files():
            found += reader.read(file, 0)
            if len(found) > MOST_FILES:
                said = f"There are more than {MOST_FILES} files in it, and none was graded."
                return [HandedFile("", entry.shown, fault=said)]
    return found


class _Reader:
    """Reads the files of one hand-in; what comes out of zips counts, all together."""

    def __init__(self) -> None:
        self._left = MOST_UNPACKED

    def read(self, file: FoundFile, depth: int) -> list[HandedFile]:
        try:
            raw = self._bytes(file)
            if file.is_zip:
                return self._inside(raw, file, depth)
            return [HandedFile(file.name, file.shown, raw, names_student=file.names_student)]
        except UnreadableFileError as error:
            fault = str(error)
        return [HandedFile(file.name, file.shown, fault=fault, names_student=file.names_student)]

    def _bytes(self, file: FoundFile) -> bytes:
        if not file.in_zip:
            return file.read(file.most)
        said = f"Its zips hold more than {MOST_UNPACKED:,} bytes."
        raw = file.read(min(file.most, self._left), said if self._left < file.most else "")
        self._left -= len(raw)
        return raw

    def _inside(self, raw: bytes, file: FoundFile, depth: int) -> list[HandedFile]:
        if depth > 1:
            raise UnreadableFileError("It is a zip in a zip in a zip; hand in the files.")
        with open_zip(raw, MOST_FILES) as archive:
            inner = list(members_of(archive, file.shown))
            if not inner:
                raise UnreadableFileError("There is no file in this zip.")
            return [read for each in inner for read in self.read(each, depth + 1)]
