"""The check-up for authors: one broken exercise of each kind of fault, found with file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exercises.authoring.checkup import checkup
from tests.broken_exercises import BROKEN, CHOICE, LOSS, OUTPUTS, SPARSE, TWO

ROOT = Path(__file__).resolve().parent.parent
BANK, SMALL = ROOT / "exercises" / "bank", ROOT / "tests" / "data" / "course"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The small course, to be broken."""
    folder = tmp_path / "course"
    shutil.copytree(SMALL, folder)
    return folder


def alone(folder: Path, slug: str) -> Path:
    """A course of one exercise, of the small course or of the bank."""
    file = next(
        place / f"{slug}.toml" for place in (SMALL, BANK) if (place / f"{slug}.toml").exists()
    )
    shutil.copy(file, folder)
    (folder / "manifest.toml").write_text(f'exercises = ["{slug}"]\n', encoding="utf-8")
    return folder


def change(folder: Path, slug: str, old: str, new: str) -> None:
    """Replace what stands once in a file."""
    file = folder / f"{slug}.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")


def found(folder: Path) -> list[tuple[str, str, str]]:
    return [(fault.file, fault.key, fault.code) for fault in checkup(folder)]


def test_a_sound_course_has_no_faults(course: Path) -> None:
    assert checkup(course) == ()


@pytest.mark.parametrize(("slug", "old", "new", "key", "code"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_found_with_its_file_and_key(
    tmp_path: Path, slug: str, old: str, new: str, key: str, code: str
) -> None:
    course = alone(tmp_path, slug)
    assert checkup(course) == ()
    change(course, slug, old, new)
    faults = [fault for fault in checkup(course) if fault.key == key]
    assert [(fault.file, fault.code) for fault in faults] == [(f"{slug}.toml", code)]
    assert faults[0].message.startswith(f"{slug}.toml, {key}: ")
    assert faults[0].message.endswith((".", "?"))


def test_a_fault_of_one_variant_names_it(tmp_path: Path) -> None:
    course = alone(tmp_path, SPARSE)
    change(course, SPARSE, 'b = "1/10"', 'b = "1/5"')
    messages = [fault.message for fault in checkup(course)]
    assert len(messages) == 3
    assert messages[0].startswith("best-bias-sparse.toml, wrong[3]: this wrong answer passes")
    assert all(message.endswith("(variant 4).") for message in messages)


def test_a_name_that_no_text_holds(course: Path) -> None:
    file = course / f"{LOSS}.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{dense}", "1/3"), encoding="utf-8")
    assert found(course) == [("loss-of-a-pair.toml", "variants[1].dense", "unknown_name")]


def test_a_name_that_stands_in_one_variant_and_in_no_text(course: Path) -> None:
    file = course / f"{LOSS}.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[[variants]]", '[[variants]]\nmore = "1"', 1), encoding="utf-8")
    assert found(course) == [("loss-of-a-pair.toml", "variants[1].more", "unknown_name")]


def test_a_best_loss_with_too_few_digits(tmp_path: Path) -> None:
    course = alone(tmp_path, "best-at-nine-tenths")
    change(course, "best-at-nine-tenths", '"0.00331948399045256"', '"0.00331948"')
    messages = [fault.message for fault in checkup(course) if fault.key == "check.best"]
    assert len(messages) == 1
    assert messages[0].endswith("; give at least ten digits.")


@pytest.mark.parametrize(("digit", "faults"), [("9", 0), ("4", 1)])
def test_a_rounded_root_may_be_stored(tmp_path: Path, digit: str, faults: int) -> None:
    course = alone(tmp_path, "half-helps-relu")
    value = f'value = "0.20786283613965{digit}"'
    change(course, "half-helps-relu", 'value = "(23 - 2*sqrt(103))/13"', value)
    assert [fault.key for fault in checkup(course)] == ["check.value"] * faults


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("", "exercises", "missing_key"),
        ('exercises = ["two-in-one", "two-in-one"]', "exercises[2]", "duplicate"),
        ('exercises = ["Two in one"]', "exercises[1]", "wrong_value"),
        ('exercises = ["two-in-one"', "", "toml"),
        ('exercises = ["two-in-one"]\nseed = 1', "seed", "unknown_key"),
    ],
)
def test_a_manifest_that_cannot_be_right(course: Path, text: str, key: str, code: str) -> None:
    (course / "manifest.toml").write_text(text, encoding="utf-8")
    assert found(course) == [("manifest.toml", key, code)]


def test_manifest_and_disk_must_agree(course: Path) -> None:
    change(course, "manifest", '    "two-in-one",\n', '    "three-in-one",\n')
    assert found(course) == [
        ("manifest.toml", "exercises", "unlisted_file"),
        ("three-in-one.toml", "", "missing_file"),
    ]


def test_an_empty_folder_has_no_manifest(tmp_path: Path) -> None:
    assert found(tmp_path) == [("manifest.toml", "", "missing_file")]


def test_every_file_is_looked_at_and_not_the_first_alone(course: Path) -> None:
    change(course, TWO, 'title = "Two', 'titel = "Two')
    change(course, CHOICE, 'claim = "b"', 'claim = "e"')
    assert [file for file, _, _ in found(course)] == ["two-in-one.toml", "which-inputs.toml"]


def test_two_exercises_that_ask_for_the_same(course: Path) -> None:
    shutil.copy(course / "two-in-one.toml", course / "again.toml")
    shutil.copy(course / "loss-of-a-pair.toml", course / "once-more.toml")
    change(course, "manifest", "]\n", '    "again",\n    "once-more",\n]\n')
    assert found(course) == [
        ("again.toml", "check", "same_task"),
        ("once-more.toml", "check", "same_task"),
    ]


def test_too_few_wrong_answers(course: Path) -> None:
    file = course / "two-in-one.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.rindex("[[wrong]]")], encoding="utf-8")
    assert found(course) == [("two-in-one.toml", "wrong", "too_few")]


def test_zeros_must_not_pass(course: Path) -> None:
    for old in ('value = "1 1/4 0"', 'answer = "1 1/4 0"'):
        change(course, OUTPUTS, old, old.replace("1 1/4 0", "0 0 0"))
    change(course, OUTPUTS, 'x = "1 1/2 1/4"', 'x = "0 0 0"')
    assert found(course) == [("three-outputs.toml", "check", "zero_passes")]
