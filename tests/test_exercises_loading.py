"""Exercise files are read strictly: a mistake names its file and its key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import exercises
from exercises.assessment import course_version
from exercises.course import variant_draw
from exercises.tables import FileTable, TableRecord, Text, read_table
from handcalc import __version__
from handcalc.errors import AuthorError, InputError

ROOT = Path(__file__).resolve().parent.parent
SLUG = "perfect-reconstruction"
SOURCE = (ROOT / "exercises" / "bank" / f"{SLUG}.toml").read_text(encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course outside the package, with one exercise."""
    manifest = f'salt = "x"\nexercises = ["{SLUG}"]\n'
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    (tmp_path / f"{SLUG}.toml").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def change(course: Path, old: str, new: str) -> None:
    assert SOURCE.count(old) == 1, old
    (course / f"{SLUG}.toml").write_text(SOURCE.replace(old, new), encoding="utf-8")


def refusal(course: Path) -> AuthorError:
    with pytest.raises(AuthorError, match=r"\.toml") as caught:
        exercises.load_all(course)
    return caught.value


def test_a_course_outside_the_package_is_read_the_same_way(course: Path) -> None:
    assert exercises.load_all(course) == exercises.load_all()[:1]
    assert exercises.load(SLUG, course) == exercises.load(1)


@pytest.mark.parametrize("which", [1, "1", " 1 ", SLUG])
def test_an_exercise_is_named_by_position_or_slug(which: int | str) -> None:
    assert exercises.load(which).id == SLUG


@pytest.mark.parametrize("which", [0, 99, -1, "01x", "", "99999999999999999999", "²", "1.0"])
def test_an_unknown_exercise_is_refused(which: int | str) -> None:
    with pytest.raises(InputError, match="There is no exercise") as caught:
        exercises.load(which)
    assert caught.value.code == "unknown_exercise"


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(InputError, match="perfect-reconstruction") as caught:
        exercises.load("perfect-recontsruction")
    assert caught.value.suggestion == SLUG


# what is changed in the file, and the code and the key of the error
BROKEN = {
    "unknown key": ('title = "R', 'titel = "R', "unknown_key", "titel"),
    "one more key": ("[answer]\n", "[answer]\nsize = 3\n", "unknown_key", "answer.size"),
    "unknown key in a solution": (
        'b = "0 0 1/4"\n',
        'b = "0 0 1/4"\nnote = "x"\n',
        "unknown_key",
        "solutions[1].note",
    ),
    "missing key": ('kind = "reconstructs-input"\n', "", "missing_key", "check.kind"),
    "missing table": (
        '[example]\nW = "1 1; 0 2; 0 0"\nb = "0 1/2 0"\n',
        "",
        "missing_key",
        "example",
    ),
    "unknown kind of check": ("reconstructs-input", "reconstructs", "wrong_value", "check.kind"),
    "unknown kind of answer": ('kind = "model"', 'kind = "essay"', "wrong_value", "answer.kind"),
    "unknown activation": ('"relu"', '"gelu"', "wrong_value", "answer.activation"),
    "text for a number": ("features = 3", 'features = "3"', "wrong_type", "answer.features"),
    "truth for a number": ("features = 3", "features = true", "wrong_type", "answer.features"),
    "number too small": ("dimensions = 2", "dimensions = 0", "wrong_value", "answer.dimensions"),
    "number for a text": ('W = "1 1; 0 2; 0 0"', "W = 1", "wrong_type", "example.W"),
    "unreadable x": ('x = "1 1/2 1/4"', 'x = "1 1/2 ?"', "unreadable", "check.x"),
    "x of another length": ('x = "1 1/2 1/4"', 'x = "1 1/2"', "unreadable", "check.x"),
    "blank text": ('title = "Reconstruct one input perfectly"', 'title = " "', "blank", "title"),
    "blank hint": ("hints = [\n", 'hints = [\n"",\n', "blank", "hints[1]"),
    "text for a list": ("hints = [\n", 'hints = "?"\nreasons = [\n', "wrong_type", "hints"),
    "text for a table": ('title = "R', 'engine = 1\ntitle = "R', "wrong_type", "engine"),
    "number too large": ("features = 3", "features = 1000", "wrong_value", "answer.features"),
    "huge number": ("features = 3", f"features = {10**30}", "wrong_value", "answer.features"),
    "an answer for a model": ('b = "0 1/2 0"', 'answer = "0"', "unknown_key", "example.answer"),
    "try without happened": (
        'diagnosis = "lost"',
        'diagnosis = "lost"\ntry = "Why?"',
        "missing_key",
        "wrong[1].happened",
    ),
}


@pytest.mark.parametrize(("old", "new", "code", "key"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_names_its_file_and_key(
    course: Path, old: str, new: str, code: str, key: str
) -> None:
    change(course, old, new)
    error = refusal(course)
    assert (error.code, error.file, error.key) == (code, f"{SLUG}.toml", key)
    assert key in error.message


def test_a_near_key_is_suggested(course: Path) -> None:
    change(course, 'title = "R', 'titel = "R')
    assert 'did you mean "title"?' in refusal(course).message


def test_one_hint_is_too_few(course: Path) -> None:
    start, end = SOURCE.index("hints = ["), SOURCE.index("why = ")
    text = SOURCE[:start] + 'hints = ["Only one?"]\n' + SOURCE[end:]
    (course / f"{SLUG}.toml").write_text(text, encoding="utf-8")
    error = refusal(course)
    assert (error.code, error.key) == ("too_few", "hints")


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"title = ", "toml"), (b"\xff\xfe", "encoding"), (b'title = "a"\ntitle = "b"', "toml")],
)
def test_a_file_that_is_no_toml_is_refused(course: Path, raw: bytes, code: str) -> None:
    (course / f"{SLUG}.toml").write_bytes(raw)
    assert refusal(course).code == code


ONE_MORE = '[[parts]]\ntitle = "One"\nexercises = ["b"]\n'


def manifest(course: Path, text: str) -> AuthorError:
    (course / "manifest.toml").write_text(text, encoding="utf-8")
    return refusal(course)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_key"),
        ("exercises = []", "too_few"),
        ('exercises = ["perfect-reconstruction", "perfect-reconstruction"]', "duplicate"),
        ('exercises = ["perfect-reconstruction", "another"]', "missing_file"),
        ('exercises = ["../secret"]', "wrong_value"),
        ('exercises = ["1"]', "wrong_value"),
        ("exercises = [1]", "wrong_type"),
        ('exercises = ["perfect-reconstruction"]\norder = 1', "unknown_key"),
        ('exercises = ["perfect-reconstruction"]\nformat = 0', "wrong_value"),
        ('exercises = ["perfect-reconstruction"]\nformat = "1"', "wrong_type"),
        ('exercises = ["perfect-reconstruction"]\nformat = true', "wrong_type"),
        ('exercises = ["perfect-reconstruction"]\nformat = 2', "newer_format"),
        ('lessons = ["perfect-reconstruction"]\nformat = 2', "newer_format"),
        ('[[parts]]\ntitle = "One"\nexercises = []', "too_few"),
        ('[[parts]]\nexercises = ["perfect-reconstruction"]', "missing_key"),
        ('[[parts]]\ntitle = " "\nexercises = ["perfect-reconstruction"]', "blank"),
        (f'exercises = ["{SLUG}"]\n[[parts]]\ntitle = "One"\nexercises = ["two"]', "missing_key"),
        (f'[[parts]]\ntitle = "One"\nexercises = ["{SLUG}", "{SLUG}"]', "duplicate"),
        (f'[[parts]]\ntitle = "One"\nexercises = ["{SLUG}"]\n' * 2, "duplicate"),
        ('[[parts]]\ntitle = "One"\nexercises = ["a"]\n' + ONE_MORE, "duplicate"),
    ],
)
def test_a_manifest_that_cannot_be_right_is_refused(course: Path, text: str, code: str) -> None:
    assert manifest(course, text).code == code


def test_a_course_may_name_its_format_and_a_newer_one_says_what_reads_it(course: Path) -> None:
    file = course / "manifest.toml"
    file.write_text(f'format = 1\nexercises = ["{SLUG}"]', encoding="utf-8")
    assert exercises.load_all(course) == exercises.load_all()[:1]
    error = manifest(course, f'format = 2\nexercises = ["{SLUG}"]')
    assert error.message == (
        f"manifest.toml, format: this course is in format 2, and handcalc {__version__} reads "
        'formats up to 1: a newer handcalc reads it. Type "pip install --upgrade handcalc".'
    )


def test_a_file_that_the_manifest_does_not_list_is_found(course: Path) -> None:
    (course / "forgotten.toml").write_text(SOURCE, encoding="utf-8")
    error = refusal(course)
    assert (error.code, error.file) == ("unlisted_file", "manifest.toml")
    assert "forgotten" in error.message


def test_a_course_without_a_manifest_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "missing_file"


class One(TableRecord):
    W: Text


class Several(TableRecord):
    solutions: tuple[One, ...]


def test_a_table_within_a_list_is_named_in_full() -> None:
    table = FileTable("a.toml", {"solutions": [{"W": "1"}, {"W": 2}]})
    with pytest.raises(AuthorError, match=r"solutions\[2\]\.W") as caught:
        table.convert(Several)
    assert caught.value.key == "solutions[2].W"


SMALL = ROOT / "tests" / "data" / "course"
ODD = [None, True, 7, "", "{q}", "1 2 3 4 5", [], [{}], {}, {"x": "?"}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key and index of a file, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inner:
        yield (*path, step)
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))


def with_odd(value: Any, path: tuple[Any, ...], odd: object) -> Any:
    """A copy with another value at a place, or nothing there."""
    copied = deepcopy(value)
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    if odd is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = odd
    return copied


@pytest.mark.parametrize("slug", [path.stem for path in SMALL.glob("*-*.toml")])
def test_whatever_stands_anywhere_is_read_or_refused_with_its_key(
    monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    file = read_table(SMALL / f"{slug}.toml")
    refused = list[tuple[str, str]]()
    for path in places(file.values):
        for odd in ODD:
            table = FileTable(file.file, with_odd(file.values, path, odd))
            text = f"{path} {odd!r}"  # a text of its own, since what a text says is kept
            monkeypatch.setattr("exercises.course_files.read_text", lambda _: text)  # noqa: B023  # it is called within the round
            monkeypatch.setattr("exercises.course_files.table_of", lambda *_: table)  # noqa: B023  # as the text
            try:
                exercises.load(slug, SMALL, variant=1)
            except AuthorError as error:
                refused.append((error.key, error.message))
    assert len(refused) > 100
    assert [key for key, _ in refused if not key] == []
    said = [(message, f"{slug}.toml, {key}: ") for key, message in refused]
    assert [message for message, start in said if not message.startswith(start)] == []


def test_importing_exercises_is_cheap() -> None:
    code = "import sys, exercises; print(sorted({'sympy', 'rich', 'filelock'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", exercises.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(exercises, name) is not None
    assert name in dir(exercises)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'exercises' has no attribute 'nothing'"):
        _ = exercises.nothing


def test_keys_that_no_answer_here_has_are_offered_to_nobody(tmp_path: Path) -> None:
    text = SOURCE.replace("[[wrong]]\n", '[[wrong]]\nanswers = "1"\n', 1)
    (tmp_path / "perfect-reconstruction.toml").write_text(text, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["perfect-reconstruction"]\n', "utf-8")
    with pytest.raises(AuthorError, match=r"wrong\[1\].answers: .*; the keys are W, b, diagnosis"):
        exercises.load(1, tmp_path)


def test_a_number_that_cannot_be_read_is_told_with_its_variant(tmp_path: Path) -> None:
    text = (ROOT / "exercises/bank/exact-loss.toml").read_text(encoding="utf-8")
    text = text.replace('L = "1/75"', 'L = "1/7 5/"')
    (tmp_path / "exact-loss.toml").write_text(text, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["exact-loss"]\n', encoding="utf-8")
    with pytest.raises(AuthorError, match=r"check.value: .* are those of variants\[2\].$"):
        exercises.load(1, tmp_path, variant=2)


# -- drawn variants --------------------------------------------------------------------------------


def test_variants_are_drawn_for_many_by_one_look_at_the_manifest(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "manifest.toml").write_text('salt = "x"\nexercises = ["best-bias-sparse"]\n')
    bank = ROOT / "exercises" / "bank" / "best-bias-sparse.toml"
    (course / bank.name).write_bytes(bank.read_bytes())
    names = [f"student {i}" for i in range(40)]
    wanted = [exercises.load(1, course, student=name).variant for name in names]
    exercise, looks = exercises.load(1, course), []
    read = exercises.course.read_manifest
    monkeypatch.setattr(
        exercises.course, "read_manifest", lambda place: looks.append(place) or read(place)
    )
    drawn = variant_draw(course)
    assert [drawn(exercise, name) for name in names] == wanted
    assert len(set(wanted)) == exercise.variants
    assert looks == [course]


@pytest.mark.skipif(sys.platform == "win32", reason="a link as POSIX has it")
def test_a_file_that_cannot_be_read_is_named(course: Path) -> None:
    file = course / f"{SLUG}.toml"
    file.unlink()
    file.symlink_to(file)
    assert refusal(course).code == "unreadable_file"
    with pytest.raises(AuthorError, match=rf"^{SLUG}\.toml: the file cannot be read: "):
        course_version(course)
