"""Whose a hand-in is, by the platform that laid it out, and which answer in it is to what."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from handcalc.cli.report import CommandError
from handcalc.cli.typed_text import MOST_BYTES
from handcalc.cli.work.grading import identify
from handcalc.cli.work.grading.files import HandedFile, UnreadableFileError, read_all
from handcalc.cli.work.grading.gradescope import METADATA as METADATA_NAME
from handcalc.cli.work.grading.gradescope import MOST_METADATA, read_export
from handcalc.cli.work.grading.identify import check_pattern, students_of
from handcalc.cli.work.grading.layouts import HandIn, hand_ins_at
from handcalc.cli.work.grading.sections import Answers, CourseNames, NoAnswer, answers_in
from tests.course_class import Files, write_files, zipped


def laid(folder: Path, contents: Files) -> Path:
    write_files(folder, contents)
    return folder


MOODLE = "Ada Lovelace_12345_assignsubmission_file_"
METADATA = b"""---
submission_7:
  :submitters:
  - :name: Ada Lovelace
    :sid: '12'
    :email: ada@example.org
  - :name: "Ben \\"B\\" O'Hara"
    :email: ben@example.org
  :created_at: 2026-11-30 20:15:00.123456789 Z
  :score: 100.0
  :results:
    :output: |
      submission_8:
        :submitters:
        - :name: Mallory
submission_8:
  :submitters:
    - :name: 'O''Hara'
      :sid: '13'
  :created_at: 2026-12-01 20:15:00 +01:00
submission_9:
  :submitters:
  - :name: Gone
"""
CLASSES: dict[str, tuple[Files, dict[str, list[str]]]] = {
    "Moodle, in folders": (
        {
            f"{MOODLE}/1.txt": b"1",
            f"{MOODLE}/2.txt": b"2",
            "Ada Lovelace_12345_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello</p>",
            "Ben_9_assignsubmission_file/answers.txt": b"",
        },
        {"Ada Lovelace": ["1.txt", "2.txt", "onlinetext.html"], "Ben": ["answers.txt"]},
    ),
    "Moodle, flat": (
        {f"{MOODLE}1.txt": b"1", f"{MOODLE}2.txt": b"2", "Ben_9_assignsubmission_file_1.txt": b"3"},
        {"Ada Lovelace": ["1.txt", "2.txt"], "Ben": ["1.txt"]},
    ),
    "Canvas": (
        {
            "lovelaceada_LATE_1234_5678_answers.txt": b"1",
            "lovelaceada_1234_5679_more-1.txt": b"1",
            "o-harabenedict_99_5680_1.zip": zipped({"1.txt": b"3"}),
        },
        {"lovelaceada": ["more-1.txt", "answers.txt"], "o-harabenedict": ["1.txt"]},
    ),
    "Gradescope": (
        {
            "submission_metadata.yml": METADATA,
            "submission_7/answers.txt": b"1",
            "submission_8/sub/2.txt": b"2",
        },
        {
            "Ada Lovelace": ["answers.txt"],
            'Ben "B" O\'Hara': ["answers.txt"],
            "O'Hara": ["sub/2.txt"],
            "Gone": [],
        },
    ),
    "names": (
        {"ada/1.txt": b"1", "ben.txt": b"2", "cy.zip": zipped({"hw/1.txt": b"3"})},
        {"ada": ["1.txt"], "ben": ["ben.txt"], "cy": ["hw/1.txt"]},
    ),
}


def found_in(*places: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    hand_ins = hand_ins_at([str(place) for place in places]).hand_ins
    for hand_in, students in zip(hand_ins, students_of(hand_ins, None), strict=True):
        assert isinstance(students, tuple)
        for student in students:
            assert student not in found
            found[student] = [file.name for file in read_all(hand_in.entries)]
    return found


@pytest.mark.parametrize("layout", CLASSES)
def test_whose_it_is_in_a_folder_a_zip_and_a_zip_of_a_folder(tmp_path: Path, layout: str) -> None:
    contents, expected = CLASSES[layout]
    assert found_in(laid(tmp_path / "class", contents)) == expected
    (tmp_path / "one.zip").write_bytes(zipped(contents))
    assert found_in(tmp_path / "one.zip") == expected
    (tmp_path / "two.zip").write_bytes(zipped({f"hw 1/{k}": raw for k, raw in contents.items()}))
    assert found_in(tmp_path / "two.zip") == expected


def test_what_a_platform_knows_of_lateness(tmp_path: Path) -> None:
    laid(tmp_path / "canvas", CLASSES["Canvas"][0])
    laid(tmp_path / "scope", CLASSES["Gradescope"][0])
    canvas = hand_ins_at([str(tmp_path / "canvas")]).hand_ins
    assert [(hand_in.late, hand_in.submitted) for hand_in in canvas] == [
        (True, None),
        (False, None),
    ]
    scope = hand_ins_at([str(tmp_path / "scope")]).hand_ins
    times = [None if each.submitted is None else each.submitted.isoformat() for each in scope]
    assert times == ["2026-11-30T20:15:00.123456+00:00", "2026-12-01T19:15:00+00:00", None]
    assert "there is no folder submission_9" in scope[2].fault


def test_of_several_zips_each_is_a_students(tmp_path: Path) -> None:
    laid(tmp_path, {"ada.zip": zipped({"1.txt": b""}), "ben.zip": zipped({"2.txt": b""})})
    expected = {"ada": ["1.txt"], "ben": ["2.txt"]}
    assert found_in(tmp_path / "ada.zip", tmp_path / "ben.zip") == found_in(tmp_path) == expected


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "no submissions"),
        (b"submission_1: {:submitters: []}\n", "Line 1 is not as Gradescope writes it"),
        (b"submission_1:\nsubmission_1:\n", "Line 2"),
    ],
)
def test_metadata_that_is_not_gradescopes(metadata: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        read_export(metadata)


# --------------------------------------------------------------------------------------------------
# --student-from.


def hand_in(path: str, **person: str) -> HandIn:
    return HandIn(path, path, (), (person,))


@pytest.mark.parametrize("is_zip", [False, True], ids=["on the disk", "in a zip"])
def test_metadata_has_a_bound_of_its_own(tmp_path: Path, is_zip: bool) -> None:
    """What many students have done is more than an answer may be, and nothing of it is cut off."""

    def class_of(size: int) -> Path:
        results = b"submission_6:\n  :results:\n    :output: |\n      " + b"x" * size + b"\n"
        files = {METADATA_NAME: results + METADATA, "submission_7/1.txt": b"1"}
        if not is_zip:
            return laid(tmp_path / f"{size}", files)
        path = tmp_path / f"{size}.zip"
        path.write_bytes(zipped(files))
        return path

    found = hand_ins_at([str(class_of(2 * MOST_BYTES))]).hand_ins
    known = {hand_in.path: [person["name"] for person in hand_in.people] for hand_in in found}
    assert known["submission_7"] == ["Ada Lovelace", 'Ben "B" O\'Hara']
    with pytest.raises(CommandError, match=r"more than 16,777,216 bytes\. Nothing was graded"):
        hand_ins_at([str(class_of(MOST_METADATA))])


def test_ways_to_name_a_student() -> None:
    ada = hand_in("x_7_hw", name="Ada", folder="week 3", id="7")
    assert students_of([ada], "name") == [("Ada",)]
    assert students_of([ada], "folder") == [("week 3",)]
    assert students_of([ada], "id") == [("7",)]
    assert students_of([ada], "email") == ["Nothing says whose it is by email."]
    found = students_of([ada, hand_in("other", name="x")], r"_(?P<student>\d+)_")
    assert found == [("7",), "The pattern of --student-from does not match its name."]
    (refused,) = students_of([hand_in("x", name="\u200bAda")], "name")
    assert "does not show" in refused


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "no regular expression"),
        ("[a-z]+", "no group"),
        ("nmae", "no group"),
        ("(?P<student>" + "a" * 200 + ")", "longer than 200"),
        ("(?P<student>a){99999999999}", "no regular expression"),
    ],
)
def test_patterns_that_are_refused(pattern: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        check_pattern(pattern)


def test_a_pattern_that_would_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identify, "_SECONDS", 0.5)
    began = time.monotonic()
    pattern = r"(?P<student>(a|aa)+)$"
    check_pattern(pattern)
    with pytest.raises(CommandError, match=r"takes more than 0.5 s.*Nothing was graded"):
        students_of([hand_in("a" * 60 + "!", name="a")], pattern)
    assert time.monotonic() - began < 60


# --------------------------------------------------------------------------------------------------
# Which answer is to which exercise.


NAMES = CourseNames(("one-pair", "best-bias", "exact-loss"), ("one-pair", "best-bias"))
ONE = CourseNames(NAMES.slugs, ("best-bias",))


def answers(contents: Files, names: CourseNames = NAMES) -> Answers:
    return answers_in([HandedFile(name, name, raw) for name, raw in contents.items()], names)


def texts(found: Answers) -> dict[str, list[object]]:
    return {
        slug: [part.said if isinstance(part, NoAnswer) else part.content for part in parts]
        for slug, parts in found.by_exercise.items()
    }


@pytest.mark.parametrize(
    "name",
    ["2.txt", "02.txt", "best-bias.md", "Best_Bias.txt", "exercise 2.txt", "ex2.txt",
     "Exercise-2.json", "best-bias-1.txt", "2 (1).txt", "2/answer.txt", "hw/best-bias/x/mine.txt"],
)  # fmt: skip
def test_a_file_by_the_name_of_its_exercise(name: str) -> None:
    assert texts(answers({name: b"1/2"})) == {"best-bias": ["1/2"]}


@pytest.mark.parametrize(
    ("name", "slug"),
    [("exact-loss.md", "exact-loss"), ("Exact_Loss (1).txt", "exact-loss"),
     ("exact-loss/answer.txt", "exact-loss"), ("exercise exact-loss.txt", "exact-loss"),
     ("ex_exact-loss.txt", "exact-loss"), ("exam.txt", "exam"), ("ex exam.txt", "exam"),
     ("ex4.txt", "am"), ("am.txt", "am"), ("exact.txt", None), ("example.txt", None)],
)  # fmt: skip
def test_a_slug_that_begins_like_the_word_exercise(name: str, slug: str | None) -> None:
    assert CourseNames(("one-pair", "exact-loss", "exam", "am", "act"), ()).of_path(name) == slug


BOM = b"\xef\xbb\xbf"


def test_a_mark_that_windows_puts_before_a_text_is_no_part_of_it() -> None:
    text = b"Exercise 1\nW = 1; 0\nExercise 2: 1/2"
    plain = texts(answers({"a.txt": text}))
    assert set(plain) == {"one-pair", "best-bias"}
    assert texts(answers({"a.txt": BOM + text})) == plain
    assert texts(answers({"a.txt": BOM + text.replace(b"Ex", BOM + b"Ex")})) == plain
    assert texts(answers({"a.txt": BOM + b"# mine\n" + text})).keys() == plain.keys()
    assert texts(answers({"a.json": BOM + b'{"2": "1/2"}'})) == {"best-bias": ["1/2"]}
    assert texts(answers({"2.txt": BOM + b"1/2"})) == {"best-bias": ["1/2"]}


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u3000", "\t"])
def test_blanks_of_every_kind_in_a_heading(blank: str) -> None:
    text = f"{blank}Exercise{blank}2{blank}: 1/2".encode()
    assert texts(answers({"a.txt": text})) == {"best-bias": [" 1/2"]}


def test_the_name_of_a_student_is_no_name_of_an_exercise(tmp_path: Path) -> None:
    place = laid(tmp_path / "class", {"1.txt": b"1/2", "ada_8_9_1.txt": b"1/2"})
    flat, canvas = hand_ins_at([str(place)]).hand_ins
    assert texts(answers_in(read_all(flat.entries), ONE)) == {"best-bias": ["1/2"]}
    # its student gave this name
    assert texts(answers_in(read_all(canvas.entries), ONE)) == {"one-pair": ["1/2"]}
    (no_answer,) = answers_in(read_all(flat.entries), NAMES).no_answers
    assert "hand in a folder in which it is 2.txt" in no_answer.said


def test_one_file_with_headings() -> None:
    title = b"# Ada, week 3\n\n"
    text = title + b"Exercise 1\nW = 1; 0\n\n## Exercise best-bias: mine\n1/2\nex. 3: 1\n"
    found = texts(answers({"answers.txt": text}))
    assert {slug: [str(part).split("\n") for part in parts] for slug, parts in found.items()} == {
        "one-pair": [["", "", "", "W = 1; 0", "", ""]],
        "best-bias": [["", "", "", "", "", "", "1/2", ""]],
        "exact-loss": [["", "", "", "", "", "", "", " 1", ""]],
    }  # each on its own line, so that a refusal names the line of the file


def test_a_sentence_is_no_heading() -> None:
    found = answers({"2.txt": b"I think exercise 1 was hard\nexercise me\n1/2"})
    assert list(found.by_exercise) == ["best-bias"]


def test_what_stands_before_the_first_heading_is_not_lost() -> None:
    found = answers({"answers.txt": b"1/2\nexercise 1\n1"})
    assert "does not say which exercise" in found.no_answers[0].said
    assert texts(answers({"2.txt": b"1/2\nexercise 1\n1"})) == {
        "best-bias": ["1/2\n"],
        "one-pair": ["\n\n1"],
    }


def test_one_exercise_needs_no_name() -> None:
    assert texts(answers({"ada.txt": b"1/2"}, ONE)) == {"best-bias": ["1/2"]}
    both = {"ada.txt": b"exercise 1\n1\nexercise 2\n1/2"}
    assert texts(answers(both, ONE))["best-bias"] == ["\n\n\n1/2"]


def test_json_by_exercise_with_claims_left_out() -> None:
    table = {
        "1": {"W": [["1", 0], [0, 0.10]], "b": "0 1/2", "solved": True},
        "best-bias": {"answer": "1/3", "solved": True, "attempts": 1, "score": "1"},
        "exact-loss": {"solved": True},
    }
    raw = json.dumps(table).replace("0.1]", "0.10]").encode()
    expected = {"one-pair": ["W = [[1, 0], [0, 0.10]]\nb = 0 1/2"], "best-bias": ["answer = 1/3"]}
    assert texts(answers({"a.json": raw})) == expected
    exported = {"format": 1, "exercises": {f"course-1f2e/{k}": v for k, v in table.items()}}
    assert set(texts(answers({"a.json": json.dumps(exported).encode()}))) == set(expected)


def test_a_record_of_progress_is_no_answer() -> None:
    record = {"solved": True, "attempts": 1, "hints": 0, "solution": False}
    raw = json.dumps({"format": 1, "exercises": {"best-bias": record}}).encode()
    found = answers({"progress.json": raw})
    assert not found.by_exercise
    assert "claims is not" in found.no_answers[0].said


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({"a.json": b'{"2": "3/8", "2": "1/8"}'}, "a key twice"),
        ({"a.json": b'{"2": "3/8", "99": "1/8"}'}, "no exercise 99"),
        ({"a.txt": b"Exercise 99: 1/8"}, "no exercise 99"),
        ({"essay.txt": b"I liked it."}, "does not say which exercise"),
        ({"photo.png": b"\x89PNG\r\n"}, "a picture"),
        ({"a.txt": b""}, "It is empty"),
        ({"a.txt": BOM + b" \r\n"}, "It is empty"),
        ({"a.txt": "Exercise 2: 3/8".encode("utf-16-le")}, "UTF-16 without its mark"),
        ({"onlinetext.html": b"<p>Exercise 2: 3/8</p>"}, "a page of HTML"),
        ({"onlinetext.html": b'\n<!DOCTYPE html><div class="x">1</div>'}, "a page of HTML"),
        ({"a.json": b'{"2": "1/2", "exercises": {"99": "3/8"}}'}, "no exercise 99"),
        ({"a.json": b'{"99": "1/2", "exercises": {"2": "3/8"}}'}, "no exercise 99"),
    ],
)
def test_what_answers_nothing_is_said(contents: Files, said: str) -> None:
    assert any(said in no_answer.said for no_answer in answers(contents).no_answers)


def test_an_answer_beside_a_record_of_progress_is_not_lost() -> None:
    table = {"2": "3/8", "exercises": {"1": {"solved": True}, "far/away": {"solved": True}}}
    found = answers({"a.json": json.dumps(table).encode()})
    assert (texts(found), found.no_answers) == ({"best-bias": ["3/8"]}, ())
    both = {**table, "exercises": {"2": "1/8"}}
    assert texts(answers({"a.json": json.dumps(both).encode()})) == {"best-bias": ["3/8", "1/8"]}


def test_an_answer_of_its_own_in_json_is_the_files() -> None:
    assert texts(answers({"1.json": b'{"W": "1; 0", "b": "0"}'})) == {
        "one-pair": ['{"W": "1; 0", "b": "0"}']
    }


@pytest.mark.parametrize("text", [" " * 500_000 + "x", "#" * 500_000, "exercise " * 60_000])
def test_long_lines_take_no_long_time(text: str) -> None:
    began = time.monotonic()
    answers({"2.txt": text.encode(), "-" * 60_000: b"1", " " * 250 + "\n": b"1"})
    assert time.monotonic() - began < 5
