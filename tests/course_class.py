"""A class that hands in three exercises, as four platforms lay them out, and a tenth of it hostile.

``make_course`` writes the course; ``make_hand_ins`` fills a folder with a class for each layout.
``python -m tests.course_class FOLDER [NUMBER]`` does both by hand.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.class_folder import IS_POSIX, SLOW

BANK = Path(__file__).resolve().parent.parent / "exercises" / "bank"
SLUGS = ("perfect-reconstruction", "best-bias-sparse", "beat-dropping")
MANIFEST = """
salt = "hand-ins"
exercises = ["perfect-reconstruction", "best-bias-sparse", "beat-dropping"]

[points]
best-bias-sparse = "1/2"
beat-dropping = "2"
"""

# right, half right, wrong and unreadable ones to each
_ANSWERS: Mapping[str, tuple[str, ...]] = {
    SLUGS[0]: (
        "W = 1 0; 0 1; 0 0\nb = 0 0 1/4",
        "W = 1 0; 0 1; 0 -1\nb = 0 1/2 1/2",
        "W = 1 0; 0 1; 1 1\nb = 0 0 0",
        "W = 1 0; 0 1; 0 0",
        "W = 1 0; 0 one; 0 0",
    ),
    SLUGS[1]: ("3/8", "1/8", "3/10", "1/2", "half of it"),
    SLUGS[2]: (
        "W = 1 0; 0 1; 0 0\nb = 0 0 1/4",
        "W = 1 0; 0 1; 0 -1\nb = 0 0 0",
        "W = 0 0; 0 0; 0 0\nb = 1 1/2 1/4",
        "W = 1 0 0; 0 1 0",
    ),
}
RIGHT = {slug: texts[0] for slug, texts in _ANSWERS.items()}


def make_course(folder: Path) -> Path:
    """The course of three exercises out of the bank, with points of its own."""
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    for slug in SLUGS:
        shutil.copy(BANK / f"{slug}.toml", folder)
    return folder


Files = Mapping[str, bytes]


def one_file(answers: Mapping[str, str]) -> Files:
    """All answers in one file, each below its heading."""
    parts = (f"exercise {SLUGS.index(slug) + 1}\n{text}\n" for slug, text in answers.items())
    return {"answers.txt": "\n".join(parts).encode()}


def file_each(answers: Mapping[str, str]) -> Files:
    """A file for each, by slug."""
    return {f"{slug}.txt": text.encode() for slug, text in answers.items()}


def keys(answers: Mapping[str, str]) -> Files:
    """JSON with a key for each, and claims beside the answers."""
    entries = {
        slug: {"solved": True, **dict(part.split(" = ") for part in text.split("\n"))}
        if " = " in text
        else {"answer": text, "solved": True}
        for slug, text in answers.items()
    }
    return {"answers.json": json.dumps({"format": 1, "exercises": entries}).encode()}


def zipped(files: Files) -> bytes:
    """Files as a zip."""
    with BytesIO() as stream:
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return stream.getvalue()


def packed(files: Files) -> Files:
    """The same in a zip."""
    return {"answers.zip": zipped(files)}


_FORMS: tuple[Callable[[Mapping[str, str]], Files], ...] = (
    one_file,
    file_each,
    keys,
    lambda answers: packed(one_file(answers)),
    lambda answers: packed({f"hw/{name}": raw for name, raw in file_each(answers).items()}),
)


# --------------------------------------------------------------------------------------------------
# What else people hand in.


def _link_to(target: bytes) -> bytes:
    """A zip with a link in it."""
    info = ZipInfo("2.txt")
    info.external_attr = 0o120777 << 16
    with BytesIO() as stream:
        with ZipFile(stream, "w") as archive:
            archive.writestr(info, target)
        return stream.getvalue()


def _locked() -> bytes:
    raw = bytearray(zipped({"2.txt": b"3/8"}))
    raw[6] |= 1  # in the file's own header
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # and in the list of contents
    return bytes(raw)


def _lying_size() -> bytes:
    """A file that says it is short, and is not."""
    raw = bytearray(zipped({"2.txt": b"3/8" + b" " * (1 << 22)}))
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (3).to_bytes(4, "little")
    return bytes(raw)


def _nested(depth: int) -> bytes:
    raw = zipped({"2.txt": b"3/8"})
    for _ in range(depth):
        raw = zipped({"more.zip": raw})
    return raw


_PROGRESS = {
    "format": 1,
    "exercises": {
        slug: {"solved": True, "attempts": 1, "hints": 0, "solution": False} for slug in SLUGS
    },
}
_NAME = "2.txt"


def hostile_contents() -> Iterator[tuple[str, Files]]:
    """What is handed in, by what it is: none of it may earn a point that its answers do not."""
    yield from _claims()
    yield from _zips()
    yield from _texts()


def _claims() -> Iterator[tuple[str, Files]]:
    yield "progress", {"progress.json": json.dumps(_PROGRESS).encode()}
    claims = {"2": {"solved": True, "score": "1", "answer": "1/3"}}
    yield "claims", {"answers.json": json.dumps(claims).encode()}
    yield "claims in text", {_NAME: b"solved: true\nscore = 1\n1/3\n"}


def _zips() -> Iterator[tuple[str, Files]]:
    yield "bomb", {"answers.zip": zipped({_NAME: b"0" * (1 << 26)})}
    yield "bomb of many", {"a.zip": zipped({f"{i}/{_NAME}": b"0" * (1 << 20) for i in range(150)})}
    yield "zip in zip in zip", {"answers.zip": _nested(3)}
    yield "escaping", {"a.zip": zipped({"../../2.txt": b"3/8", "/etc/2.txt": b"3/8"})}
    yield "link in a zip", {"a.zip": _link_to(b"/etc/passwd")}
    yield "locked", {"a.zip": _locked()}
    yield "lying size", {"a.zip": _lying_size()}
    yield "crowded", {"a.zip": zipped({f"{i}.txt": b"1" for i in range(400)})}
    yield "cut off", {"a.zip": zipped(file_each(RIGHT))[:-40]}
    yield "no zip", {"a.zip": b"exercise 1\n1/2"}


def _texts() -> Iterator[tuple[str, Files]]:
    yield "power", {_NAME: b"9^9^9^9"}
    yield "digits", {_NAME: b"7" * 30_000}
    yield "large", {_NAME: b"1 " * (1 << 20)}
    yield "nested brackets", {_NAME: b"(" * 4000 + b"1" + b")" * 4000}
    yield "deep JSON", {"a.json": b'{"2": ' * 5000 + b"1" + b"}" * 5000}
    yield "digits of JSON", {"a.json": b'{"2": ' + b"9" * 10_000 + b"}"}
    yield "twice in JSON", {"a.json": b'{"2": "3/8", "2": "1/8"}'}
    yield "latin-1", {_NAME: "größer 3/8".encode("latin-1")}
    yield "UTF-16 unmarked", {_NAME: "3/8".encode("utf-16-le")}
    yield "null", {_NAME: b"3/\x008"}
    yield "escapes", {_NAME: b"\x1b[2J\x1b[31m3/8\x07"}
    yield "formula", {_NAME: b"=cmd|' /C calc'!A0"}
    yield "markup", {_NAME: b"<script>alert(1)</script> [x](javascript:alert(1))"}
    yield "twice", {_NAME: b"3/8", "again/2.txt": b"3/8"}
    yield "no exercise", {"essay.txt": b"I liked it.\n"}
    yield "other exercise", {"answers.txt": b"exercise 99\n1/2\n"}
    yield "empty", {_NAME: b""}


SLOW_ANSWER: Files = {"3.txt": f"W = {SLOW[0]}\nb = {SLOW[1]}\n".encode()}
HOSTILE_NAMES = (
    "new\nline",
    "\x1b[31mred\x1b[0m",
    "\u202eexe.txt",
    "=1+2",
    "+1",
    "-1",
    "@sum",
    'quo"te,semi;colon',
    "日本語",
    "l" * 200,
    "C:ada",
    "<b>bold",
)


@dataclass(frozen=True, slots=True)
class CourseClass:
    """What was handed in: the places to grade, and the honest answers by student and exercise."""

    places: tuple[Path, ...]
    honest: Mapping[str, Mapping[str, str]]
    hostile: int

    @property
    def size(self) -> int:
        return len(self.honest) + self.hostile


def make_hand_ins(folder: Path, number: int, *, seed: int = 0, slow: int = 1) -> CourseClass:
    """Hand in for so many students, at most a tenth (or one of each kind) of them hostile."""
    draw = random.Random(seed)  # noqa: S311 - names and answers, no secrets
    names, moodle, canvas = folder / "names", folder / "moodle", folder / "canvas"
    for place in (names, moodle, canvas, folder / "gradescope"):
        place.mkdir(parents=True)
    hostile = _hand_in_hostile(names, slow)
    honest: dict[str, Mapping[str, str]] = {}
    scope: dict[str, str] = {}
    in_zip: dict[str, bytes] = {}
    for i in range(number - hostile):
        answers = {slug: draw.choice(texts) for slug, texts in _ANSWERS.items()}
        files = draw.choice(_FORMS)(answers)
        layout = ("moodle", "gradescope", "canvas", "zip")[i % 4]
        student = f"student{i:03}"
        honest[student] = answers
        if layout == "moodle":
            write_files(moodle / f"{student}_{1000 + i}_assignsubmission_file_", files)
        elif layout == "gradescope":
            write_files(folder / "gradescope" / f"submission_{i}", files)
            scope[f"submission_{i}"] = student
        elif layout == "canvas":
            for name, raw in files.items():
                (canvas / f"{student}_{2000 + i}_{3000 + i}_{name}").write_bytes(raw)
        else:
            in_zip |= {f"{student}/{name}": raw for name, raw in files.items()}
    metadata = "".join(_metadata(name, student) for name, student in scope.items())
    (folder / "gradescope" / "submission_metadata.yml").write_text(metadata, encoding="utf-8")
    (folder / "zip.zip").write_bytes(zipped(in_zip))
    places = (names, moodle, folder / "gradescope", canvas, folder / "zip.zip")
    kept = tuple(place for place in places if place.suffix or len(list(place.iterdir())) > 1)
    return CourseClass(kept, honest, hostile)


def _metadata(folder: str, student: str) -> str:
    return (
        f"{folder}:\n  :submitters:\n  - :name: {student}\n    :sid: '7'\n"
        "  :created_at: 2026-11-29 12:00:00.000000000 Z\n  :score: 100.0\n  :status: processed\n"
    )


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder, which need not be there yet."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def _hand_in_hostile(place: Path, slow: int) -> int:
    for name, files in hostile_contents():
        write_files(place / f"hostile {name}", files)
    for i in range(slow):
        write_files(place / f"hostile slow {i}", SLOW_ANSWER)
    if IS_POSIX:
        for name in HOSTILE_NAMES:
            write_files(place / name, {"2.txt": b"1/2"})
        for name, target in (("loop", "."), ("dangling", "nowhere"), ("device", "/dev/zero")):
            folder = place / f"hostile {name}"
            folder.mkdir()
            (folder / "2.txt").symlink_to(target)
        (place / "hostile linked").symlink_to(place.parent / "moodle")
        (place / "hostile pipe").mkdir()
        os.mkfifo(place / "hostile pipe" / "2.txt")
        (place / "hostile nothing").mkdir()
    return len(list(place.iterdir()))


if __name__ == "__main__":
    there = Path(sys.argv[1])
    there.mkdir()
    make_course(there / "course")
    print(make_hand_ins(there / "class", int(sys.argv[2]) if len(sys.argv) > 2 else 500).places)
