"""A class of any size: honest answers, and a tenth that is whatever else people hand in.

``make_class`` fills a folder; ``python -m tests.class_folder FOLDER [NUMBER]`` does it by hand.
"""

from __future__ import annotations

import codecs
import json
import os
import random
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

EXERCISE = "beat-dropping"
IS_POSIX = os.name == "posix"

# what honest people answer: right ones by several routes, wrong ones, and slips
_MODELS = (
    ("1 0; 0 1; 0 0", "0 0 1/4"),
    ("1 0; 0 1; 0 -1", "0 1/4 1/2"),
    ("0 1; -1 0; 0 0", "0 0 1/4"),
    ("1 0; 0 1; 0 -1", "0 0 0"),
    ("0 1; 3/5 -4/5; -3/5 4/5", "0"),
    ("1 0; 0 1; 0 0", "0 0 0"),
    ("1 0; 0 1; 0 1", "0 0 0"),
    ("1 0; 0 sqrt(1/2); 0 0", "0 1/4 1/4"),
    ("0 0; 0 0; 0 0", "1 1/2 1/4"),
    ("1 0 0; 0 1 0", "0 0 0"),
    ("1 0; 0 one; 0 0", "0 0 1/4"),
)


def _six_roots(k: int) -> str:
    """A number with six different roots: W and b of such keep the exact loss busy for minutes."""
    primes = (2, 3, 5, 7, 11, 13)
    parts = (
        f"{(7 * k + 3 * i) % 11 + 1}/{(5 * k + i) % 9 + 2}*sqrt({p})" for i, p in enumerate(primes)
    )
    return "+".join(parts)


SLOW = (
    "; ".join(f"{_six_roots(2 * i)} {_six_roots(2 * i + 1)}" for i in range(3)),
    " ".join(_six_roots(i + 9) for i in range(3)),
)


def _lines(W: str, b: str) -> bytes:
    return f"W = {W}\nb = {b}\n".encode()


def _rows(W: str, b: str) -> bytes:
    rows = W.replace("; ", "\r\n")
    return f"b = {b}\r\nW =\r\n{rows}\r\n".encode()


def _json(W: str, b: str) -> bytes:
    return json.dumps({"W": W, "b": b}).encode()


def _utf16(W: str, b: str) -> bytes:
    return codecs.BOM_UTF16_LE + _lines(W, b).decode().encode("utf-16-le")


def _marked(W: str, b: str) -> bytes:
    return codecs.BOM_UTF8 + _lines(W, b)


_FORMS = (_lines, _rows, _json, _utf16, _marked)
_RIGHT = _lines(*_MODELS[0])

# contents that are no answer, and names that are no fair names
_CONTENTS: Mapping[str, bytes] = {
    "empty.txt": b"",
    "blank.txt": b" \r\n\t\n",
    "mark-alone.txt": codecs.BOM_UTF8,
    "latin1.txt": "W = 1 0; 0 1; 0 0 größer".encode("latin-1"),
    "utf16-unmarked.txt": _lines(*_MODELS[0]).decode().encode("utf-16-le"),
    "zip.docx": b"PK\x03\x04" + bytes(range(256)) * 4,
    "null.txt": b"W = 1 0; 0\x00 1; 0 0",
    "escape.txt": b"W = \x1b[2J\x1b[31m1 0; 0 1; 0 0\x07\nb = 0",
    "huge.txt": b"W = " + b"1 " * (1 << 20),
    "nested.txt": b"W = " + b"(" * 4000 + b"1" + b")" * 4000,
    "digits.txt": b"W = " + b"7" * 30_000 + b" 0; 0 1; 0 0",
    "power.txt": b"W = 9^9^9^9 0; 0 1; 0 0",
    "zero.txt": b"W = 1/0 0; 0 1; 0 0",
    "formula.txt": b"=cmd|' /C calc'!A0",
    "code.py": b"import os\nos.remove('ada.txt')\n",
}
_NAMES = (
    "new\nline.txt",
    "\x1b[31mred\x1b[0m.txt",
    "\u202etxt.exe",
    "tab\there.txt",
    "return\rhere.txt",
    "=1+2.txt",
    "+1.txt",
    "-1.txt",
    "@sum.txt",
    'quo"te,semi;colon.txt',
    " .txt",
    "Jose\u0301.txt",
    "日本語.txt",
    "l" * 200 + ".txt",
)
NOT_HANDED_IN = (
    ".DS_Store",
    ".hidden",
    "ada.txt~",
    "#ben.txt#",
    "Thumbs.db",
    "desktop.ini",
    ".~lock.cy.docx#",
    "~$dora.docx",
)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 32)


def _socket(path: Path) -> None:
    if len(os.fsencode(path)) < 100:  # of a socket's name the system takes no more
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(path))
    else:
        os.mkfifo(path)


def _not_text(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path.parent) + b"/zo\xeb.txt")).write_bytes(_RIGHT)


def _unreadable(path: Path) -> None:
    path.write_bytes(_RIGHT)
    path.chmod(0)


_THINGS: Mapping[str, Callable[[Path], object]] = {
    "pipe.txt": os.mkfifo if IS_POSIX else Path.mkdir,
    "device.txt": lambda path: path.symlink_to("/dev/zero"),
    "socket.txt": _socket,
    "loop.txt": lambda path: path.symlink_to(path.name),
    "dangling.txt": lambda path: path.symlink_to("nowhere.txt"),
    "folder.txt": Path.mkdir,
    "folder": Path.mkdir,
    "sparse.txt": _sparse,
    "not-text": _not_text,
    "unreadable.txt": _unreadable,
}


@dataclass(frozen=True, slots=True)
class Class:
    """What is in the folder: honest answers and the others, by name."""

    honest: tuple[str, ...]
    hostile: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.honest) + len(self.hostile)


def make_class(folder: Path, number: int, *, seed: int = 0, slow: int = 1) -> Class:
    """Hand in ``number`` answers, at most a tenth (or one of each kind) of them hostile.

    ``slow`` of them have six roots in each number, which takes minutes.
    """
    draw = random.Random(seed)  # noqa: S311 - names and numbers, no secrets
    for name, content in _CONTENTS.items():
        (folder / name).write_bytes(content)
    for i in range(slow):
        (folder / f"six-roots-{i}.txt").write_bytes(_lines(*SLOW))
    if IS_POSIX:
        for name, make in _THINGS.items():
            make(folder / name)
        for name in _NAMES:
            (folder / name).write_bytes(_RIGHT)
    hostile = [path.name for path in folder.iterdir()]
    honest = [f"student{i:03}.txt" for i in range(number - len(hostile))]
    for name in honest:
        W, b = draw.choice(_MODELS)
        (folder / name).write_bytes(draw.choice(_FORMS)(W, b))
    for name in NOT_HANDED_IN:
        (folder / name).write_bytes(_RIGHT)
    (folder / "__MACOSX").mkdir()
    return Class(tuple(honest), tuple(hostile))


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir()
    print(make_class(place, int(sys.argv[2]) if len(sys.argv) > 2 else 300))
