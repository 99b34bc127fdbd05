"""Answers that are named matrices: read from texts, files, mappings and arrays, and told again."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import exercises
from exercises import Exercise, reporting
from exercises.authoring.checkup import checkup
from exercises.matrices import NamedMatrices
from handcalc.errors import AuthorError, InputError
from handcalc.views.notation import ASCII
from tests.cli_runs import Shell
from tests.practice_runs import flat, typing

COURSE = Path(__file__).resolve().parent / "data" / "circuits"
HERE = f"--course={COURSE}"
ONE = exercises.load("copying-head", COURSE)
TWO = exercises.load("two-matrices", COURSE)


def test_the_course_is_sound() -> None:
    assert checkup(COURSE) == ()


# -- read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "1 0; 0 1/2",
        "1 0\n0 0.5",
        "W_OV = 1 0; 0 1/2",
        "W_{OV} = [1, 0; 0, 1/2]",
        "w_ov: [[1, 0], [0, 1/2]]",
        '{"W_OV": [["1", "0"], [0, "1/2"]]}',
        "```\nW_OV = 1 0; 0 1/2\n```",
        "answer = 1 0; 0 1/2",
        "# mine\nW_OV = 1 0; 0 1/2",
        r"$W_{\mathrm{OV}} = \begin{pmatrix} 1 & 0 \\ 0 & 1/2 \end{pmatrix}$",
    ],
)
def test_one_matrix_as_text(given: str) -> None:
    found = exercises.grade(ONE, answer=given)
    assert found.answer.value == NamedMatrices((("W_OV", ((1, 0), (0, Fraction(1, 2)))),))
    assert found.status == "solved"


@pytest.mark.parametrize(
    "typed",
    [
        {"W_OV": [[1, 0], [0, 1]]},
        {"W_OV": "1 0; 0 1"},
        {"answer": {"W_OV": [[1, 0], [0, 1]]}},
        {"answer": [[1, 0], [0, 1]]},
    ],
)
def test_one_matrix_from_python(typed: dict[str, object]) -> None:
    assert exercises.grade(ONE, **typed).status == "solved"
    assert exercises.grade(ONE, [["1", 0], [0, Fraction(1)]]).status == "solved"


@pytest.mark.parametrize(
    "given",
    [
        "W_V = 1; 0\nW_O = 1 0",
        "W_O = 1 0\nW_V = 1; 0",
        "W_V = 1; 0, W_O = 1 0",
        '{"W_V": [[1], [0]], "W_O": [[1, 0]]}',
        {"W_V": [[1], [0]], "W_O": "1 0"},
    ],
)
def test_two_matrices_together(given: object) -> None:
    assert exercises.grade(TWO, answer=given).status == "solved"
    assert exercises.grade(TWO, given).status == "solved"
    assert exercises.grade(TWO, "1; 0", "1 0").status == "solved"
    assert exercises.grade(TWO, W_O="1 0", W_V="1; 0").status == "solved"


@pytest.mark.parametrize(
    ("exercise", "typed", "where", "said"),
    [
        (ONE, {"W_OV": "1 0"}, "W_OV", "must be 2 × 2"),
        (ONE, {"W_OV": ""}, "W_OV", "W_OV is missing: it is a matrix with 2 rows of 2."),
        (ONE, {}, "W_OV", "W_OV is missing"),
        (ONE, {"W_OV": [[1, 0]]}, "W_OV", r"2 rows of 2 \(2 × 2\), not 1 × 2\."),
        (ONE, {"W_OV": [[0.5, 0], [0, 1]]}, "W_OV", "W_OV"),
        (ONE, {"W_OV": "1 x; 0 1"}, "W_OV", '"x" is not known'),
        (ONE, {"W_OV": "W_QK = 1 0; 0 1"}, "W_OV", "W_QK = … is another name"),
        (ONE, {"answer": "W_QK = 1 0; 0 1"}, "answer", "W_QK = … in line 1 is no name of it"),
        (ONE, {"answer": {"W_VO": 1}}, "answer", "'W_VO' is no name of it; did you mean W_OV?"),
        (TWO, {"W_V": "1 0", "W_O": "1 0"}, "W_V", "this looks transposed"),
        (TWO, {"W_V": [[1, 0]], "W_O": "1 0"}, "W_V", "not 1 × 2; this looks transposed"),
        (TWO, {"W_V": "1; 0"}, "W_O", "W_O is missing: it is a matrix with 1 row of 2."),
        (TWO, {"answer": "W_V = 1; 0"}, "answer", "W_O is missing"),
        (TWO, {"answer": {"W_V": "1; 0"}}, "answer", "W_O is missing"),
        (TWO, {"answer": "W_V = 1; 0\nW_V = 0; 1\nW_O = 1 0"}, "answer", "W_V = … stands twice"),
        (TWO, {"answer": "1; 0\nW_O = 1 0"}, "answer", "line 1 has no name"),
        (TWO, {"answer": "1 0; 0 1"}, "answer", "W_V = … and W_O = …, each behind its name"),
        (TWO, {"answer": "W_V = 1; 0\nW_OO = 1 0"}, "answer", "no name of it; is it W_O"),
        (
            TWO,
            {"answer": [[[1], [0]], [[1, 0]]]},
            "answer",
            "came without their names; give a dict",
        ),
    ],
)
def test_what_is_no_answer_says_why(
    exercise: Exercise, typed: dict[str, object], where: str, said: str
) -> None:
    found = exercises.grade(exercise, **typed)
    assert (found.status, found.answer.where) == ("unreadable", where)
    assert found.error
    with pytest.raises(InputError, match=said):
        raise found.error


def test_a_transposed_matrix_comes_back_turned() -> None:
    for given in ("1 0", [[1, 0]]):
        found = exercises.grade(TWO, W_V=given, W_O="1 0")
        assert found.error
        assert (found.error.code, found.error.suggestion) == ("transposed", "1; 0")


def test_names_that_are_not_asked_for_are_refused() -> None:
    with pytest.raises(InputError, match="asks for W_OV, and W_QK would be ignored"):
        exercises.grade(ONE, W_QK="1 0; 0 1")
    with pytest.raises(InputError, match="W_OV is given twice"):
        exercises.grade(ONE, "1 0; 0 1", W_OV="1 0; 0 1")
    with pytest.raises(InputError, match="asks for W_V and W_O, and 3 were given"):
        exercises.grade(TWO, "1", "2", "3")
    with pytest.raises(InputError, match="W_V would be ignored"):
        exercises.grade(TWO, answer="W_V = 1; 0", W_V="1; 0")


# -- said again ------------------------------------------------------------------------------------


def test_rounded_numbers_are_told_where_they_alone_fail() -> None:
    third = "0.333 0; 0 0.333"
    assert exercises.grade(ONE, third).status == "solved"  # a multiple of the identity is right
    found = exercises.grade(ONE, "1.00 0; 0.99 -0.333").feedback
    assert found.diagnosis != "rounded"


def test_a_rounded_matrix_comes_back_exact(tmp_path: Path) -> None:
    source = (COURSE / "delete-a-direction.toml").read_text(encoding="utf-8")
    thirds = source.replace('direction = "1 2"', 'direction = "1 sqrt(2)"').replace(
        '"-1/5 -2/5; -2/5 -4/5"', '"-1/3 -sqrt(2)/3; -sqrt(2)/3 -2/3"'
    )
    (tmp_path / "thirds.toml").write_text(thirds, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["thirds"]', encoding="utf-8")
    exercise = exercises.load(1, tmp_path)
    found = exercises.grade(exercise, "-0.333 -0.471; -0.471 -0.667").feedback
    assert found.diagnosis == "rounded"
    assert found.advice
    assert 'W_OV = "-1/3 -sqrt(2)/3; -sqrt(2)/3 -2/3"' in ASCII.claim(found.advice)


def test_json_has_every_number(shell: Shell) -> None:
    shown = shell("exercise", "2", HERE, "--json").json()
    assert shown["asked"] == {
        "kind": "matrices",
        "matrices": [
            {"name": "W_V", "rows": 2, "columns": 1},
            {"name": "W_O", "rows": 1, "columns": 2},
        ],
    }
    graded = shell("exercise", "1", HERE, "--answer=0 1; 1 0", "--json").json()
    assert graded["answer"] == {
        "raw": {"W_OV": "0 1; 1 0"},
        "parsed": {"W_OV": [["0", "1"], ["1", "0"]]},
    }
    first = graded["checks"][0]
    assert (first["id"], first["passed"]) == ("token-a", False)
    assert first["witness"] == {
        "of": "row",
        "tokens": ["a"],
        "numbers": {"a": "-1", "b": "2", "c": "-1"},
        "wanted": "a",
        "largest": ["b"],
    }
    assert json.dumps(reporting.solution_data(TWO))


def test_a_notebook_shows_matrices() -> None:
    page = exercises.grade(TWO, "1; 0", "0 1")._repr_markdown_()
    assert r"W_{V} = \begin{bmatrix} 1 \\ 0 \end{bmatrix}" in page
    assert 'exercises.grade(exercise, W_V="2; 3", W_O="0 1/2")' in TWO._repr_markdown_()


# -- typed -----------------------------------------------------------------------------------------


def test_one_matrix_is_typed_behind_answer(shell: Shell) -> None:
    done = shell("exercise", "1", HERE, "--answer=1 0; 0 1")
    assert (done.code, "Your answer as understood: W_OV = 1 0; 0 1" in done.out) == (0, True)
    assert shell("exercise", "1", HERE, "--answer=W_OV = 2 0; 0 2").code == 0
    assert '--answer="1 2; 3 4"' in shell("exercise", "1", HERE).out


def test_several_are_typed_by_name(shell: Shell, tmp_path: Path) -> None:
    assert shell("exercise", "2", HERE, "--answer=W_V = 1; 0, W_O = 1 0").code == 0
    assert shell("exercise", "2", HERE, "--answer=W_V = 1; 0\nW_O = 1 0").code == 0
    assert '--answer="W_V = 2; 3, W_O = 0 1/2"' in shell("exercise", "2", HERE).out
    file = tmp_path / "mine.txt"
    file.write_text("# Ada\nW_V = 1\n      0\nW_O = 1 0\n", encoding="utf-8")
    assert shell("exercise", "2", HERE, f"--file={file}").code == 0
    done = shell("exercise", "2", HERE, "--answer=W_V = 1; 0")
    assert (done.code, "W_O is missing" in flat(done.err)) == (3, True)
    assert "W_V = 2; 3" in done.err


def test_what_to_type_instead_is_a_whole_command(shell: Shell) -> None:
    done = shell("exercise", "2", HERE, "--answer=W_V = 1 0, W_O = 1 0")
    assert (done.code, "this looks transposed" in flat(done.err)) == (3, True)
    assert '--answer="W_V = 1; 0, W_O = 1 0"' in done.err


def test_other_options_are_refused(shell: Shell) -> None:
    done = shell("exercise", "1", HERE, "--W=1 0; 0 1")
    assert done.code == 2
    assert "Exercise 1 asks for the matrix W_OV, not for --W." in flat(done.err)
    assert '--answer="1 2; 3 4"' in done.err
    assert "asks for the matrices W_V and W_O" in flat(shell("exercise", "2", HERE, "--b=1").err)


def test_at_the_prompt_one_matrix_after_the_other(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = typing(monkeypatch)
    lines += ["1", "0", "0 1", "1; 0", "1 0 0", "1 0"]
    done = shell("exercise", "2", HERE)
    assert (done.code, lines) == (0, [])
    assert "W_V (2 rows of 1, with ; or Enter between rows): 1\n   row 2 of 2: 0\n" in done.out
    assert "W_O (1 row of 2): 0 1\n" in done.out
    assert "The head reads a, and writes b." in flat(done.out)
    assert "must be 1 × 2 (rows × columns), not 1 × 3" in flat(done.out)
    assert "Exercise 2: solved" in done.out
    assert "work it through" not in done.out


def test_a_class_hands_in_files(shell: Shell, tmp_path: Path) -> None:
    texts = {"ada": "1 0; 0 1", "ben": "W_OV = 0 1; 1 0", "cy": "W_OV = 1 0", "dee": "W = 1"}
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    found = shell("grade", "1", str(tmp_path), HERE, "--json").json()["answers"]
    assert [row["status"] for row in found] == ["solved", "partial", "unreadable", "unreadable"]
    assert found[1]["diagnosis"] == "copies-b-for-a"


def test_what_was_done_is_kept(shell: Shell) -> None:
    shell("exercise", "1", HERE, "--answer=0 1; 1 0")
    shell("exercise", "1", HERE, "--answer=1 0; 0 1")
    first = shell("progress", HERE, "--json").json()["exercises"][0]
    assert (first["state"], first["attempts"]) == ("solved", 2)


# -- files that are not as they must be ------------------------------------------------------------

SOURCE = (COURSE / "copying-head.toml").read_text(encoding="utf-8")
NAMED = '[{ name = "W_OV", rows = 2, columns = 2 }]'


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        (NAMED, "[]", "answer.matrices", "too_few"),
        ('name = "W_OV"', 'name = "W OV"', "answer.matrices[1].name", "wrong_value"),
        ('name = "W_OV"', 'name = "answer"', "answer.matrices[1].name", "wrong_value"),
        ("rows = 2,", "rows = 0,", "answer.matrices[1].rows", "wrong_value"),
        (NAMED, f"[{NAMED[1:-1]}, {NAMED[1:-1]}]", "answer.matrices[2].name", "duplicate"),
        ('W_OV = "1 2; 3 4"', 'W_QK = "1 2; 3 4"', "example.W_QK", "unknown_key"),
        ('W_OV = "1 2; 3 4"', "W_OV = 3", "example.W_OV", "wrong_type"),
        ('W_OV = "1 2; 3 4"', 'W_OV = " "', "example.W_OV", "blank"),
        ('W_OV = "0 1; 1 0"\n', "", "wrong[1].W_OV", "missing_key"),
        ('W_OV = "1 0; 0 1"', 'answer = "1 0; 0 1"', "solutions[1].answer", "unknown_key"),
        ('"answer W_OV"', '"answer W_VO"', "circuit", "unknown_name"),
        ('"answer W_OV"', '"1 0; 0 1"', "circuit", "missing_key"),
        ('"answer W_OV"', '"answer"', "circuit.heads[1].W_OV", "unreadable"),
        ('W_QK = "0 0; 0 0"', 'W_QK = "0 0; 0"', "circuit.heads[1].W_QK", "unreadable"),
        ('W_QK = "0 0; 0 0"', 'W_QK = "0"', "circuit", "unreadable"),
        ('W_QK = "0 0; 0 0"\n', "", "circuit.heads[1]", "wrong_value"),
        ("layer = 1\n", "layer = 2\n", "circuit", "unreadable"),
        ("layer = 1\n", "", "circuit.heads[1].layer", "wrong_type"),
        ('W_U = "2 -1 -1; -1 2 -1"\n', "", "circuit.W_U", "missing_key"),
        ('vocabulary = "a b c"', 'vocabulary = "a b"', "circuit", "unreadable"),
        ('vocabulary = "a b c"', 'softmax = "base 4"', "circuit", "unreadable"),
        ('vocabulary = "a b c"', 'tokens = "a b c"', "circuit.tokens", "unknown_key"),
        ('vocabulary = "a b c"', 'name = "copying"', "circuit.W_E", "unknown_key"),
        ('kind = "copies"', 'kind = "copy"', "check.kind", "wrong_value"),
        ('kind = "copies"', 'kind = "copies"\nhead = "1.2"', "check.head", "wrong_value"),
        ('kind = "copies"', 'kind = "copies"\ntokens = "a d"', "check.tokens", "wrong_value"),
        ('kind = "copies"', 'kind = "equals"\nvalue = "1"', "check.kind", "wrong_value"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(
    tmp_path: Path, old: str, new: str, key: str, code: str
) -> None:
    assert old in SOURCE
    (tmp_path / "copying-head.toml").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["copying-head"]', encoding="utf-8")
    with pytest.raises(AuthorError, match=r"copying-head\.toml, ") as refused:
        exercises.load_all(tmp_path)
    assert (refused.value.key, refused.value.code) == (key, code)


def test_a_circuit_belongs_to_matrices(tmp_path: Path) -> None:
    source = (COURSE.parent / "course" / "loss-of-a-pair.toml").read_text(encoding="utf-8")
    (tmp_path / "loss.toml").write_text(f'{source}\n[circuit]\nname = "copying"', encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["loss"]', encoding="utf-8")
    with pytest.raises(AuthorError, match="a circuit belongs to an answer of matrices"):
        exercises.load_all(tmp_path)
    bare = SOURCE[: SOURCE.index("[circuit]")] + SOURCE[SOURCE.index("[check]") :]
    (tmp_path / "loss.toml").write_text(bare, encoding="utf-8")
    with pytest.raises(AuthorError, match=r"a table \[circuit\] says into which model"):
        exercises.load_all(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ("leaves every arrow as it is?", "is 1 0; 0 1?", "hints[2]", "hint_tells"),
        ("W_OV has two rows", "W_OV = (1, 0), (0, 1) has two rows", "typing", "typing_tells"),
        ('W_OV = "1 2; 3 4"', 'W_OV = "2 0; 0 3"', "example", "example_solved"),
        ('W_OV = "1 2; 3 4"', 'W_OV = "1 2; 3"', "example", "example_unreadable"),
        ('W_OV = "1 0; 0 1"', 'W_OV = "1 0; 0 -1"', "solutions[1]", "solution_fails"),
        ('W_OV = "0 1; 1 0"', 'W_OV = "1 0; 0 3"', "wrong[1]", "not_wrong"),
        ('"a-with-b"', '"copies-b-for-a"', "wrong[2]", "same_diagnosis"),
    ],
)
def test_dev_check_tries_matrices_as_it_tries_models(
    tmp_path: Path, old: str, new: str, key: str, code: str
) -> None:
    assert old in SOURCE
    (tmp_path / "copying-head.toml").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["copying-head"]', encoding="utf-8")
    assert (key, code) in [(fault.key, fault.code) for fault in checkup(tmp_path)]


def test_zeros_must_fail(tmp_path: Path) -> None:
    source = (COURSE / "rank-one-table.toml").read_text(encoding="utf-8")
    assert "at_most = 1" in source
    (tmp_path / "rank-one-table.toml").write_text(source, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["rank-one-table"]', encoding="utf-8")
    assert checkup(tmp_path) == ()
    loaded = exercises.load(1, tmp_path)
    assert exercises.grade(loaded, "0 0; 0 0", "0 0; 0 0").status == "wrong"


def test_rows_of_a_solution_are_no_features(shell: Shell) -> None:
    done = shell("solution", "1", HERE).out
    assert "W_OV = ⎡ 1   0 ⎤\n" in done or "W_OV = [ 1   0 ]\n" in done
    assert "feature" not in done


def test_steps_are_offered_where_there_are_some(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = typing(monkeypatch)
    lines += ["0 1; 1 0", "q"]  # a row of a table has none, a sentence has
    assert "w steps" not in flat(shell("exercise", "1", HERE).out)
    lines += ["1 0; 0 1", "q"]
    assert "w steps" in flat(shell("exercise", "previous-position", HERE).out)
