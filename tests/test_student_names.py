"""One student has one name, however a keyboard, a file system or a spreadsheet writes it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

import exercises
from exercises.variants import student_name
from handcalc.errors import InputError
from tests.cli_runs import Shell

DRAWN = "7"  # an exercise with variants
NAMES = ["José", "Renée", "한글", "Zoë", "ada", "Nguyễn Thị", "Ångström", "が"]
# NFC, NFD, blanks around, and a blank that is not ASCII's
WAYS = [
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: f" {name} ",
    lambda name: f"{name}\n",
    lambda name: f"\u00a0{unicodedata.normalize('NFD', name)}\u3000",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_name(name: str) -> None:
    plain = unicodedata.normalize("NFC", name)
    assert {student_name(way(name)) for way in WAYS} == {plain}
    numbers = {exercises.load(DRAWN, student=way(name)).variant for way in WAYS}
    assert numbers == {exercises.load(DRAWN, student=plain).variant}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_name_at_the_command_line(
    shell: Shell, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def variant(*option: str) -> object:
        return shell("exercise", DRAWN, *option, "--no-state", "--json").json()["variant"]

    plain = variant("--student", unicodedata.normalize("NFC", name))
    assert [variant("--student", way(name)) for way in WAYS] == [plain] * len(WAYS)
    for way in WAYS:
        monkeypatch.setenv("HANDCALC_STUDENT", way(name))
        assert variant() == plain


def test_what_to_type_next_has_the_name_as_it_is_kept(shell: Shell) -> None:
    said = shell("exercise", DRAWN, "--student", " Jose\u0301 ", "--no-state").out
    assert "--student=José" in said or "--student José" in said


def test_case_and_what_stands_inside_are_kept() -> None:
    assert student_name("  Ada  de Lovelace ") == "Ada  de Lovelace"
    assert student_name("ADA") != student_name("ada")
    drawn = {exercises.load(DRAWN, student=name).variant for name in ("Ada", "ada", "ADA", "aDa")}
    assert len(drawn) > 1


@pytest.mark.parametrize("given", ["", "  ", "\u00a0", "ab\udcff", 7, b"ada", None])
def test_no_name(given: object) -> None:
    with pytest.raises(InputError, match="A student has a name") as refused:
        student_name(given)
    assert refused.value.code == "no_name"


@pytest.mark.parametrize("given", ["", "ab\udcff"])
def test_no_name_at_the_command_line(shell: Shell, given: str) -> None:
    done = shell("exercise", DRAWN, "--student", given, "--json")
    assert done.code == 2
    assert "A student has a name" in done.json()["error"]["message"]


def test_a_file_is_named_like_its_student(shell: Shell, tmp_path: Path) -> None:
    """Some file systems write é as two characters."""
    for name in ("Jos\u00e9", "Jose\u0301"):
        folder = tmp_path / str(len(name))
        folder.mkdir()
        (folder / f"{name}.txt").write_text("0", encoding="utf-8")
        done = shell("grade", DRAWN, str(folder), "--student-from-name", "--json")
        (row,) = done.json()["answers"]
        assert row["student"] == "Jos\u00e9"
        assert row["variant"] == exercises.load(DRAWN, student="José").variant


@pytest.mark.parametrize(
    ("given", "culprit"),
    [
        ("\u200bAda", r"U\+200B \(zero width space\)"),
        ("A\u200bda", r"U\+200B"),
        ("\ufeffAda", r"U\+FEFF \(zero width no-break space\)"),
        ("A\u200dda", r"U\+200D"),
        ("Ada\u00adLovelace", r"U\+00AD \(soft hyphen\)"),
        ("Ada\u202e", r"U\+202E"),
        ("a\x1b[31mb", r"U\+001B"),
        ("Ada\nLovelace", r"U\+000A"),
        ("Ada\u2028Lovelace", r"U\+2028"),
        ("a\x9b31mb", r"U\+009B"),
        ("\u3164", r"U\+3164"),
        ("ab\udcff", r"the byte \\xff"),
    ],
)
def test_what_does_not_show_is_in_no_name(given: str, culprit: str) -> None:
    with pytest.raises(InputError, match=f"A student has a name.*{culprit}") as refused:
        student_name(given)
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    "name", ["\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"]
)
def test_joiners_that_are_spelling_are_kept(name: str) -> None:
    assert student_name(name) == name
