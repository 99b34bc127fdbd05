"""Files that others handed in are listed and read within bounds, whatever they are."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from handcalc.cli.work.grading import files
from handcalc.cli.work.grading.files import HandedFile, entries_of_zip, entry_at, read_all
from handcalc.cli.work.grading.student_files import file_names
from tests.class_folder import IS_POSIX
from tests.course_class import Files, hostile_contents, write_files, zipped

POSIX = pytest.mark.skipif(not IS_POSIX, reason="links and pipes as POSIX has them")


def handed(folder: Path, contents: Files) -> list[HandedFile]:
    write_files(folder, contents)
    return read_all([entry_at(folder)])


def by_name(found: list[HandedFile]) -> Mapping[str, HandedFile]:
    assert len({file.name for file in found}) == len(found)
    return {file.name: file for file in found}


def test_files_of_folders_and_zips_by_their_names(tmp_path: Path) -> None:
    inner = zipped({"deep/3.txt": b"three", "__MACOSX/._3.txt": b"x", ".DS_Store": b"x"})
    found = by_name(handed(tmp_path, {"1.txt": b"one", "sub/2.txt": b"two", "a.zip": inner}))
    assert {name: file.raw for name, file in found.items()} == {
        "1.txt": b"one",
        "sub/2.txt": b"two",
        "deep/3.txt": b"three",
    }
    assert all(file.fault == "" for file in found.values())


SAID = {
    "bomb": "too large",
    "bomb of many": "hold more than 33,554,432 bytes",
    "zip in zip in zip": "a zip in a zip in a zip",
    "escaping": "leads out of it",
    "link in a zip": "a link",
    "locked": "a password",
    "lying size": "damaged",
    "crowded": "more than 200 files",
    "cut off": "no zip",
    "no zip": "no zip",
    "large": "too large",
}
HOSTILE = dict(hostile_contents())


@pytest.mark.parametrize("name", SAID)
def test_what_cannot_be_had_is_said_and_costs_no_memory(tmp_path: Path, name: str) -> None:
    tracemalloc.start()
    try:
        found = handed(tmp_path, HOSTILE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    said = {file.fault for file in found} - {""}
    assert said
    assert all(SAID[name] in fault for fault in said)
    assert peak < 3 * files.MOST_UNPACKED


def test_a_file_that_stands_in_a_zip_twice_is_neither(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("2.txt", "3/8")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("2.txt", "1/8")
    assert [file.fault for file in read_all([entry_at(path)])] == [
        "It stands in the zip twice."
    ] * 2


def test_each_name_in_a_zip_has_an_entry_wherever_it_leads(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    names = ("../eve.txt", "ada/../../fay.txt", "./ben.txt", "cy/./1.txt", r"gus\2.txt", "a/.x/y")
    path.write_bytes(zipped(dict.fromkeys(names, b"3/8")))
    with ZipFile(path) as archive:
        entries = entries_of_zip(archive, "class.zip")
        found = {entry.name: [file.fault for file in read_all([entry])] for entry in entries}
    escapes = ["Its name in the zip leads out of it."]
    assert found == {
        "../eve.txt": escapes,
        "ada/../../fay.txt": escapes,
        "ben.txt": [""],
        "cy/./1.txt": escapes,
        "gus": [""],  # as some programs of Windows part a folder from a file
    }


def test_nothing_of_a_zip_reaches_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "ada"
    handed(folder, HOSTILE["escaping"])
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.zip"]


@POSIX
def test_links_and_pipes_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("3/8")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "1.txt").symlink_to(secret)
    (folder / "more").symlink_to(tmp_path)
    os.mkfifo(folder / "2.txt")
    found = by_name(read_all([entry_at(folder)]))
    assert found.keys() == {"1.txt", "more", "2.txt"}
    assert all(not file.raw for file in found.values())
    assert "a link" in found["1.txt"].fault
    assert "a link" in found["more"].fault
    assert "a named pipe" in found["2.txt"].fault


def test_a_hand_in_of_too_many_files_is_none(tmp_path: Path) -> None:
    found = handed(tmp_path, {f"{i}.txt": b"" for i in range(files.MOST_FILES + 1)})
    assert ["more than 200 files" in file.fault for file in found] == [True]


def test_the_entries_of_a_class_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({"ada/1.txt": b"1", "ada/b/2.txt": b"2", "ben.txt": b"3", "cy/": b""}))
    with ZipFile(path) as archive:
        entries = {entry.name: entry for entry in entries_of_zip(archive, "class.zip")}
        assert {name: entry.is_folder for name, entry in entries.items()} == {
            "ada": True,
            "ben.txt": False,
            "cy": True,
        }
        assert [file.name for file in read_all([entries["ada"]])] == ["1.txt", "b/2.txt"]
        assert "no file in this folder" in read_all([entries["cy"]])[0].fault


def test_names_of_files_for_students_are_no_paths() -> None:
    from types import SimpleNamespace as Like

    names = ["ada", "Ada", "../../etc/passwd", "con", "..", "a\nb", "日本語", "ada"]
    lines = [Like(student=name, hand_in="") for name in names]
    found = file_names(Like(lines=lines))  # type: ignore[arg-type]  # of a gradebook only its lines
    assert len({name.lower() for name in found}) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in found)
    assert not {"con", "ada"} & set(found)
    assert (
        file_names(Like(lines=lines[:2]))
        == [  # type: ignore[arg-type]  # as above
            "ada",
            file_names(Like(lines=lines[1:2]))[0],  # type: ignore[arg-type]  # as above
        ]
    )
