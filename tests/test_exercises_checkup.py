"""The check-up for authors: one broken exercise of each kind of fault, found with file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exercises.checkup import checkup

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


TWO, LOSS, ROOT_OF, OUTPUTS = "two-in-one", "loss-of-a-pair", "where-the-root-is", "three-outputs"
CHOICE, KEEP, SPARSE, SAME = (
    "which-inputs",
    "keep-two-drop-one",
    "best-bias-sparse",
    "the-same-model-turned",
)
ZEROS = 'W = "0; 0"\nb = "1 1/2"'

# what is changed in which file, and the key and the code of the fault
BROKEN = {
    "unknown key": (TWO, 'title = "Two', 'titel = "Two', "titel", "unknown_key"),
    "unknown key in a check": (KEEP, 'pieces = ["x1', 'piece = ["x1', "check.piece", "unknown_key"),
    "missing key": (LOSS, 'name = "L"\n', "", "answer.name", "missing_key"),
    "missing table": (LOSS, '[example]\nanswer = "3/7"\n', "", "example", "missing_key"),
    "unknown kind of check": (
        OUTPUTS,
        '[check]\nkind = "eq',
        '[check]\nkind = "ek',
        "check.kind",
        "wrong_value",
    ),
    "unreadable piece": (KEEP, '"x1 x2 0"', '"x1 x2"', "check.pieces[1]", "unreadable"),
    "piece outside the box": (KEEP, '"x1 x2 0"', '"x1 2 0"', "check.pieces[1]", "unreadable"),
    "solution that fails": (
        OUTPUTS,
        'answer = "1 1/4 0"',
        'answer = "1 1/4 1"',
        "solutions[1]",
        "solution_fails",
    ),
    "solution that cannot be read": (
        TWO,
        'b = "0 1/2"',
        'b = "0 ½ 1"',
        "solutions[1]",
        "solution_fails",
    ),
    "solution that fails in one variant": (
        SAME,
        'three = "7/10 1/10"',
        'three = "7/10 1/5"',
        "solutions[1]",
        "solution_fails",
    ),
    "example that passes": (TWO, 'W = "1; 1"\nb = "0 0"', ZEROS, "example", "example_solved"),
    "example that cannot be read": (
        LOSS,
        '[example]\nanswer = "3/7"',
        '[example]\nanswer = "L"',
        "example",
        "example_unreadable",
    ),
    "wrong answer that passes": (ROOT_OF, '"0.48 0.52"', '"0.7 0.72"', "wrong[1]", "not_wrong"),
    "wrong answer that cannot be read": (
        CHOICE,
        'answer = "a 1"',
        'answer = "z"',
        "wrong[2]",
        "not_wrong",
    ),
    "another diagnosis": (
        TWO,
        'diagnosis = "lost"',
        'diagnosis = "found"',
        "wrong[1]",
        "other_diagnosis",
    ),
    "a diagnosis twice": (
        OUTPUTS,
        '"no-interference"',
        '"relu-forgotten"',
        "wrong[2]",
        "same_diagnosis",
    ),
    "happened without try": (
        LOSS,
        'try = "With which probability are both on?"\n',
        "",
        "wrong[2].try",
        "missing_key",
    ),
    "hint that does not ask": (
        OUTPUTS,
        "What is h? Each",
        "Work h out: each",
        "hints[1]",
        "no_question",
    ),
    "hint that tells a number": (
        LOSS,
        "When both are on,",
        "Is it {loss}? When both are on,",
        "hints[1]",
        "hint_tells",
    ),
    "hint that tells in decimals": (
        SPARSE,
        "What is the chance to be on,",
        "Is it 0.1? What is the chance to be on,",
        "hints[2]",
        "hint_tells",
    ),
    "hint that tells a vector": (
        OUTPUTS,
        "Which of the three",
        "Is it 1, ¼ and 0? Which of the three",
        "hints[2]",
        "hint_tells",
    ),
    "hint that tells a model": (
        KEEP,
        "Take the input",
        "Why not 1 0; 0 1; 0 0? Take the input",
        "hints[2]",
        "hint_tells",
    ),
    "hint that tells within a bracket": (
        ROOT_OF,
        "Try a fraction:",
        "Try 17/24:",
        "hints[2]",
        "hint_tells",
    ),
    "hint that tells a claim": (
        CHOICE,
        "And when both",
        "Is it b, 1? And when both",
        "hints[2]",
        "hint_tells",
    ),
    "number that the engine knows otherwise": (
        LOSS,
        'sparsity = "1/2"\n',
        'sparsity = "1/4"\n',
        "check.value",
        "engine_disagrees",
    ),
    "number without a calculation": (OUTPUTS, "[engine]", "[other]", "other", "unknown_key"),
    "root that the engine knows otherwise": (
        ROOT_OF,
        'value = "sqrt(2)/2"',
        'value = "0.7071"',
        "check.value",
        "engine_disagrees",
    ),
    "crossing that the engine knows otherwise": (
        "triangle-or-pair",
        'first = "triangle"',
        'first = "dedicated dedicated dropped"',
        "engine.kind",
        "unreadable",
    ),
    "best loss that the search knows otherwise": (
        "best-at-nine-tenths",
        'best = "0.0033194',
        'best = "0.0033195',
        "check.best",
        "engine_disagrees",
    ),
    "key of another calculation": (
        LOSS,
        'sparsity = "{sparsity}"\n\n[ex',
        'sparsity = "{sparsity}"\nx = "1 2"\n\n[ex',
        "engine.x",
        "unknown_key",
    ),
    "calculation for no number": (
        CHOICE,
        "[example]",
        '[engine]\nkind = "loss"\n\n[example]',
        "engine",
        "unknown_key",
    ),
    "cosine of no angle": (
        "feature-one-perfect",
        'features = [2, 3], cosine = "-1"',
        'features = [2, 3], cosine = "-2"',
        "check.angles[3].cosine",
        "wrong_value",
    ),
    "width below 0": (
        ROOT_OF,
        'width = "1/20"',
        'width = "-1/20"',
        "check.width",
        "wrong_value",
    ),
    "factor below 1": (
        "best-at-nine-tenths",
        'factor = "101/100"',
        'factor = "9/10"',
        "check.factor",
        "wrong_value",
    ),
    "the same variant twice": (
        LOSS,
        'sparsity = "3/4"\nloss = "1/48"\nhalf = "1/96"',
        'sparsity = "1/2"\nloss = "1/12"\nhalf = "1/24"',
        "variants[3]",
        "duplicate",
    ),
    "the same variant, written otherwise": (
        LOSS,
        'sparsity = "3/4"\nloss = "1/48"\nhalf = "1/96"',
        'sparsity = "0.5"\nloss = "1/12"\nhalf = "2/48"',
        "variants[3]",
        "duplicate",
    ),
    "typing that tells": (
        OUTPUTS,
        'typing = "',
        'typing = "Such as 1 1/4 0. ',
        "typing",
        "typing_tells",
    ),
    "example that is a wrong answer": (
        OUTPUTS,
        '[example]\nanswer = "1 1 1"',
        '[example]\nanswer = "1 1/4 -1/4"',
        "example",
        "same_answer",
    ),
    "variants with different names": (
        LOSS,
        'half = "1/96"',
        'halves = "1/96"',
        "variants[3].halves",
        "unknown_key",
    ),
    "variant that lacks a name": (LOSS, 'half = "1/96"\n', "", "variants[3].half", "missing_key"),
    "name that no variant has": (
        LOSS,
        "S = {sparsity}.",
        "S = {sparsities}.",
        "statement",
        "unknown_name",
    ),
    "name where there are no variants": (
        TWO,
        "Two features share one",
        "{Two} features share one",
        "statement",
        "unknown_name",
    ),
    "formula that is too wide": (
        TWO,
        "    x = (1, 1/2)",
        "    x = (1, 1/2)" + "   and" * 20,
        "statement",
        "too_wide",
    ),
    "formula that is too wide in ASCII": (
        TWO,
        "    x = (1, 1/2)",
        "    " + "√½ " * 12 + "½",
        "statement",
        "too_wide",
    ),
}


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
