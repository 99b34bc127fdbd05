"""Text from files and standard input: bounded, decoded, refused in sentences."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from handcalc.cli.report import CommandError
from handcalc.cli.typed_text import MOST_BYTES, read_file, read_standard_input


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answer.txt"


def code_of(path: Path | str) -> str:
    with pytest.raises(CommandError, match=r"--W.*\.") as caught:
        read_file(str(path), "--W")
    assert caught.value.exit_code == 2
    return caught.value.problem.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_editors_write(file: Path, encoding: str) -> None:
    file.write_text("√2 0; 0 ½", encoding=encoding)
    assert read_file(str(file), "--W").lstrip("\ufeff") == "√2 0; 0 ½"


def test_line_breaks_are_left_as_they_are(file: Path) -> None:
    file.write_bytes(b"1 0\r\n0 1\r\n")
    assert read_file(str(file), "--W") == "1 0\r\n0 1\r\n"


def test_no_name() -> None:
    assert code_of("") == "missing_file"


def test_no_such_file(file: Path) -> None:
    assert code_of(file) == "missing_file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "unreadable_file"


def test_a_name_that_no_file_can_have() -> None:
    assert code_of("a\0b") == "unreadable_file"


def test_a_locked_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    assert code_of(file) == "unreadable_file"


def test_not_text(file: Path) -> None:
    file.write_bytes(b"1 0; \xff\xfe 1")
    assert code_of(file) == "not_utf8"


def test_the_largest_file_and_one_byte_more(file: Path) -> None:
    file.write_bytes(b"1" * MOST_BYTES)
    assert len(read_file(str(file), "--W")) == MOST_BYTES
    file.write_bytes(b"1" * (MOST_BYTES + 1))
    assert code_of(file) == "file_too_large"


def test_home_is_known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("1 0")
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.setenv("USERPROFILE", str(file.parent))
    assert read_file(f"~/{file.name}", "--W") == "1 0"


def test_standard_input_without_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1 0; 0 ½"))
    assert read_standard_input("--W") == "1 0; 0 ½"


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.TextIOWrapper(io.BytesIO(b"1 0"))
    closed.close()
    monkeypatch.setattr("sys.stdin", closed)
    with pytest.raises(CommandError, match="standard input cannot be read"):
        read_standard_input("--W")
