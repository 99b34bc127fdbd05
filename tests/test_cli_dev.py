"""For authors: ``dev new`` begins an exercise, ``dev check`` tries a course."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from handcalc.cli.commands.course import KINDS
from handcalc.cli.report import CommandError
from handcalc.cli.work import new_exercise
from handcalc.cli.work.new_exercise import with_slug
from tests.cli_runs import Shell
from tests.practice_runs import COURSE, flat

BANK = Path(__file__).resolve().parent.parent / "exercises" / "bank"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the small course, to be broken."""
    folder = tmp_path / "course"
    shutil.copytree(COURSE, folder)
    return folder


def faults(shell: Shell, folder: Path) -> list[dict[str, str]]:
    done = shell("dev", "check", str(folder), "--json")
    found = done.json()
    assert (found["command"], found["status"], found["error"]) == ("dev check", "ok", None)
    assert found["count"] == len(found["faults"])
    assert done.code == (1 if found["faults"] else 0)
    return list(found["faults"])


# -- dev check ----------------------------------------------------------------------------------


def test_a_sound_course(shell: Shell) -> None:
    done = shell("dev", "check", str(COURSE))
    assert (done.code, done.out) == (0, "5 exercises, no fault found.\n")
    assert shell("dev", "check", str(COURSE), "--json").json()["exercises"] == 5


@pytest.mark.parametrize(("slug", "warnings"), [("keep-two-drop-one", 0), ("five-in-two", 1)])
def test_only_a_stored_best_that_is_not_compared_is_warned_of(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str, warnings: int
) -> None:
    shutil.copy(BANK / f"{slug}.toml", tmp_path)
    (tmp_path / "manifest.toml").write_text(f'exercises = ["{slug}"]\n', encoding="utf-8")
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    done = shell("dev", "check", str(tmp_path))
    assert done.code == 0
    assert done.err.count("Stored best losses were not compared") == warnings


BROKEN = {
    "two-in-one": ('x = "1 1/2"', 'x = "1 1/2 0"', "check.x", "unreadable"),
    "loss-of-a-pair": ('sparsity = "3/4"', 'sparsity = "4/5"', "check.value", "engine_disagrees"),
    "where-the-root-is": (
        'answer = "0.7 0.71"',
        'answer = "0.6 0.7"',
        "solutions[1]",
        "solution_fails",
    ),
    "three-outputs": ("the negative one 0.", "it.", None, None),
    "which-inputs": ('claim = "b"', 'claim = "e"', "check.claim", "wrong_value"),
}


@pytest.mark.parametrize("slug", BROKEN)
def test_one_broken_exercise_of_each_kind(shell: Shell, course: Path, slug: str) -> None:
    old, new, key, code = BROKEN[slug]
    file = course / f"{slug}.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    found = faults(shell, course)
    if key is None:
        assert found == []
        return
    assert {fault["file"] for fault in found} == {f"{slug}.toml"}
    assert (key, code) in {(fault["key"], fault["code"]) for fault in found}
    out = shell("dev", "check", str(course)).out
    assert f"{slug}.toml, {key}: " in out
    assert f"5 exercises, {len(found)} fault" in out


def test_a_text_that_is_still_to_be_written(shell: Shell, course: Path) -> None:
    file = course / "three-outputs.toml"
    text = file.read_text(encoding="utf-8").replace("What is h? Each", "…What is h? Each")
    text = text.replace('"Three outputs"', '" … "').replace(
        '"That is z; the output is ReLU(z)."', '"..."'
    )
    file.write_text(text, encoding="utf-8")
    assert [(fault["key"], fault["code"]) for fault in faults(shell, course)] == [
        ("title", "unwritten"),
        ("wrong[1].happened", "unwritten"),
    ]


def test_folders_that_are_no_course(shell: Shell, tmp_path: Path) -> None:
    assert [fault["code"] for fault in faults(shell, tmp_path)] == ["missing_file"]
    assert f"handcalc dev new SLUG --dir {tmp_path}" in flat(
        shell("dev", "check", str(tmp_path)).out
    )
    done = shell("dev", "check", str(tmp_path / "gone"), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_folder")


def test_dev_alone_says_what_there_is(shell: Shell) -> None:
    done = shell("dev", "--json")
    assert (done.code, done.json()["command"]) == (2, "dev")
    assert "dev new SLUG" in done.json()["error"]["message"]
    assert shell("dev", "--help", "--json").json()["command"] == "dev"
    assert "Usage: handcalc dev new" in shell("dev", "new", "--help").out
    assert shell("dev", "nwe").code == 2


# -- dev new ------------------------------------------------------------------------------------


def test_the_kinds_are_known_without_their_home() -> None:
    assert KINDS == new_exercise.KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_starter_leads_on_until_it_is_an_exercise(
    shell: Shell, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "mine"
    done = shell("dev", "new", "first", f"--dir={folder}", f"--kind={kind}", "--json")
    assert (done.code, done.json()["new"]) == (0, True)
    file = folder / "first.toml"
    assert done.json()["file"] == str(file)
    text = file.read_text(encoding="utf-8")
    assert 30 <= len(text.splitlines()) <= 40
    found = faults(shell, folder)
    assert {fault["code"] for fault in found} == {"unwritten"}
    assert {"title", "statement", "typing", "hints[1]", "why"} <= {fault["key"] for fault in found}
    assert all(not fault["message"].endswith("a text.") for fault in found)
    written = text.replace('["…", "…"]', '["What?", "And?"]').replace("…", "This is said.")
    file.write_text(written, encoding="utf-8")
    assert faults(shell, folder) == []
    assert shell("exercise", "first", f"--course={folder}").code == 0


def test_the_second_exercise_comes_last(shell: Shell, tmp_path: Path) -> None:
    salts = []
    for slug in ("first", "second", "third"):
        done = shell("dev", "new", slug, f"--dir={tmp_path}")
        assert done.code == 0
        salts.append(tomllib.loads((tmp_path / "manifest.toml").read_text())["salt"])
    assert f"handcalc dev check {tmp_path}" in flat(done.out)
    manifest = (tmp_path / "manifest.toml").read_text(encoding="utf-8")
    assert tomllib.loads(manifest)["exercises"] == ["first", "second", "third"]
    assert manifest.endswith('exercises = [\n    "first",\n    "second",\n    "third",\n]\n')
    assert len(set(salts)) == 1
    assert len(salts[0]) == 16
    shell("dev", "new", "first", f"--dir={tmp_path / 'other'}")
    assert tomllib.loads((tmp_path / "other" / "manifest.toml").read_text())["salt"] != salts[0]


def test_nothing_is_written_over(shell: Shell, course: Path) -> None:
    before = {path.name: path.read_bytes() for path in course.iterdir()}
    for slug, code in (("two-in-one", "file_exists"), ("Two", "usage"), ("a--b", "usage")):
        done = shell("dev", "new", slug, f"--dir={course}", "--json")
        assert (done.code, done.json()["error"]["code"]) == (2, code)
    assert {path.name: path.read_bytes() for path in course.iterdir()} == before


def test_an_exercise_that_is_listed_already_gets_its_file(shell: Shell, course: Path) -> None:
    before = (course / "manifest.toml").read_bytes()
    (course / "two-in-one.toml").unlink()
    assert shell("dev", "new", "two-in-one", f"--dir={course}").code == 0
    assert (course / "manifest.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["pyproject.toml", "first.toml"])
def test_a_folder_of_something_else_stays_as_it_is(shell: Shell, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("[project]\n")
    done = shell("dev", "new", "first", f"--dir={tmp_path}", "--json")
    assert done.code == 2
    assert done.json()["error"]["code"] == ("not_a_course" if name[0] == "p" else "file_exists")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_written(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = shell("dev", "new", "first", f"--dir={tmp_path / 'file' / 'deeper'}", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "unwritable_file")


MANIFESTS = {
    "empty": "exercises = []",
    "one line": 'exercises = ["a", "b"]\nsalt = "x"',
    "no last comma": 'salt = "x"\nexercises = [\n  "a",\n  "b"\n]\n',
    "comments": '# "]"\nexercises = [ # one ]\n  "a", # two, "\n  \'b\' # three ]\n  # four\n]\n',
    "Windows": 'exercises = [\r\n    "a",\r\n]\r\n',
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_a_slug_is_added_and_nothing_lost(manifest: str) -> None:
    after = with_slug(manifest, "new-one")
    before = tomllib.loads(manifest)
    assert tomllib.loads(after) == {**before, "exercises": [*before["exercises"], "new-one"]}
    for comment in ("# one ]", '# two, "', "# three ]", "# four", '# "]"'):
        assert (comment in after) is (comment in manifest)
    assert with_slug(after, "new-one") == after


def test_a_slug_goes_to_the_end_of_the_last_part() -> None:
    before = (
        '[[parts]]\ntitle = "A"\nexercises = ["a"]\n\n[[parts]]\ntitle = "B"\nexercises = ["b"]\n'
    )
    after = tomllib.loads(with_slug(before, "new-one"))
    assert [part["exercises"] for part in after["parts"]] == [["a"], ["b", "new-one"]]
    assert with_slug(before, "a") == before


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ('salt = "x"', "has no list"),
        ('[[parts]]\ntitle = "A"\nexercises = ["a"]\n[[parts]]\ntitle = "B"', "has no list"),
        ("exercises = [1, 2]", "has no list"),
        ('exercises = "a"', "has no list"),
        ("exercises = [", "not TOML"),
    ],
)
def test_a_manifest_that_has_no_list(manifest: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        with_slug(manifest, "new-one")
