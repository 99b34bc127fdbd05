"""Files that are written whole, whatever they are called and whoever stops it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handcalc.storage.files import at_home, try_writing, write


@pytest.mark.parametrize("letter", ["n", "é", "字", "𝕎"])
def test_the_longest_name_that_a_file_can_have(tmp_path: Path, letter: str) -> None:
    file = tmp_path / (letter * (255 // len(letter.encode())))
    for content in (b"before", b"after"):
        try_writing(file)
        write(file, content)
        assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == b"after"


def test_a_stop_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "grades.csv"
    file.write_text("before")
    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        write(file, b"after")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(file.name, "before")]


def test_a_name_that_begins_as_a_home_folder_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd()))
    monkeypatch.setenv("USERPROFILE", str(Path.cwd()))
    assert at_home("~/runs") == Path.cwd() / "runs"
    assert at_home("~ nobody/runs") == Path("~ nobody/runs")
