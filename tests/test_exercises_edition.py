"""The student edition: asked and read as in the course, graded by the course, and nothing more."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest

import exercises
from exercises import exercise as kinds
from exercises.answers import read
from exercises.assessment import course_version
from exercises.authoring.checkup import checkup
from exercises.authoring.student_edition import StudentEdition, toml
from exercises.authoring.student_edition import student_edition as make_edition
from exercises.checking import decide
from exercises.course import engine_table, load_variants, manifest_slugs
from exercises.exercise import Exercise
from exercises.sealed import NOT_HERE
from handcalc.errors import AuthorError, InputError
from handcalc.numbers.exact import to_float, to_text
from tests.cli_runs import Shell
from tests.leaks import flat, public, secrets

SLUGS = manifest_slugs()
NUMBER = re.compile(r"(?<![\w.])[-−]?(?:sqrt\(\d+\)|√\d+|\d+(?:\.\d+)?)(?:/\d+)?")
# what stands in their statements and passes: two numbers of the question, a count, any head that
# prefers the own token, scores of any rotation by this angle
PASSING_BY_CHANCE = {
    "half-helps-linear",
    "smallest-bigram-table",
    "write-a-copying-head",
    "the-previous-token",
}


@cache
def student_edition() -> StudentEdition:
    return make_edition()


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of the whole bank, on a disk."""
    folder = tmp_path_factory.mktemp("edition")
    for name, text in student_edition().files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def pairs(folder: Path) -> Iterator[tuple[Exercise, Exercise]]:
    """Every exercise of the bank in every variant, and the same of the edition."""
    for slug in SLUGS:
        yield from zip(load_variants(slug), load_variants(slug, folder), strict=True)


# -- what it has -----------------------------------------------------------------------------------


def test_it_asks_what_the_course_asks(edition: Path) -> None:
    assert manifest_slugs(edition) == SLUGS
    for ours, theirs in pairs(edition):
        for name in ("id", "position", "title", "statement", "typing", "answer", "example", "part"):
            assert getattr(theirs, name) == getattr(ours, name)
        assert (theirs.variant, theirs.variants) == (ours.variant, ours.variants)
        assert theirs.edition_of == course_version()
        assert ours.edition_of == ""


def test_each_student_has_the_numbers_by_which_they_are_graded(edition: Path) -> None:
    drawn = set()
    for student, slug in product(map(str, range(12)), ("best-bias-sparse", "exact-loss")):
        ours, theirs = (exercises.load(slug, place, student=student) for place in (None, edition))
        assert (theirs.variant, theirs.statement) == (ours.variant, ours.statement)
        drawn.add((slug, ours.variant))
    assert len(drawn) > 4


def test_an_answer_is_read_here_and_graded_by_the_course(edition: Path) -> None:
    for slug in SLUGS:
        ours, theirs = exercises.load(slug), exercises.load(slug, edition)
        for typed in (ours.key().solutions[0].typed, ours.key().wrong[0].typed, ours.example):
            said = exercises.grade(theirs, **typed)
            assert (said.status, said.score, said.checks, said.error) == ("read", 0, (), None)
            graded = exercises.grade(ours, **said.answer.typed)
            assert graded.answer.value == said.answer.value
            assert "read, and not graded" in str(said)
            assert "Your answer as understood" in said._repr_markdown_()
    unread = exercises.grade(exercises.load(7, edition), "half")
    assert (unread.status, unread.score) == ("unreadable", 0)


def test_names_of_numbers_tell_nothing() -> None:
    named = {re.sub(r"\d", "", name) for row in variants() for name in row}
    assert named == {"n"}


def variants() -> Iterator[Mapping[str, str]]:
    for text in student_edition().files.values():
        yield from tomllib.loads(text).get("variants", [])


# -- what it has not -------------------------------------------------------------------------------


def spellings(text: str) -> Iterator[str]:
    """An answer as it is typed, as exact numbers and as decimals, with several separators."""
    yield flat(text)
    try:
        rows = [exercises.answers.parse_vector(row) for row in text.split(";")]
    except InputError:
        return
    for write in (to_text, lambda number: f"{to_float(number):.4g}"):
        cells = [[write(number) for number in row] for row in rows]
        for between, behind in ((" ", "; "), (", ", "; "), (", ", "], ["), (" ", "\n")):
            yield flat(behind.join(between.join(row) for row in cells))


def stored(exercise: Exercise) -> Iterator[str]:
    """The texts of check and engine with a number in them, as they stand in the course's file."""
    table = engine_table(exercise)
    yield from texts({} if table is None else table.values)
    value = getattr(exercise.key().check, "value", ())
    yield from map(to_text, value if isinstance(value, tuple) else [value])


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, str) and re.search(r"\d", value):
        yield value


def test_the_whole_edition_holds_no_secret_of_any_exercise(edition: Path) -> None:
    whole = flat("\n".join(file.read_text(encoding="utf-8") for file in edition.iterdir()))
    shown = flat("\n".join(public(ours) for ours, _ in pairs(edition)))
    seen = flat("\n".join(f"{theirs.statement} {theirs.typing}" for _, theirs in pairs(edition)))
    looked_for = 0
    for ours, _ in pairs(edition):
        for secret in secrets(ours):
            looked_for += 1
            assert secret in shown or secret not in whole, (ours.id, secret)
        key = ours.key()
        typed = [text for each in (*key.solutions, *key.wrong) for text in each.typed.values()]
        for text in (*typed, *stored(ours)):
            for spelt in spellings(text):
                looked_for += 1
                if spelt not in whole:  # which is sooner looked for than the token
                    continue
                # what is as short as 1/2 stands in many a statement; it stands nowhere else
                token = re.compile(rf"(?<![\w./-]){re.escape(spelt)}(?![\w./])")
                assert not token.search(whole) or token.search(f"{shown} {seen}"), (ours.id, spelt)
    assert looked_for > 10_000


def test_beside_what_is_shown_there_is_nothing(edition: Path) -> None:
    """Keys and comments: a file is its statement, how to type, the kind of answer, an example."""
    for file in edition.iterdir():
        text = file.read_text(encoding="utf-8")
        keys = set(tomllib.loads(text))
        comments = [line for line in text.splitlines() if line.startswith("#")]
        if file.name == "manifest.toml":
            assert keys <= {"edition_of", "salt", "parts", "exercises", "format", "points"}
            assert comments == [comments[0]]
        else:
            assert keys <= {"title", "statement", "typing", "answer", "example", "variants"}
            assert comments == []


@pytest.mark.slow
def test_no_numbers_of_a_statement_are_an_answer(edition: Path) -> None:
    """Every run of numbers that a student reads is tried as the answer."""
    passing = set()
    for ours, theirs in pairs(edition):
        for typed in candidates(theirs):
            value = read(theirs.answer, typed).value
            try:
                if value is not None and decide(ours.key().check, value).score == 1:
                    passing.add(ours.id)
            except InputError:  # past what can be decided
                continue
    assert passing == PASSING_BY_CHANCE


def candidates(exercise: Exercise) -> Iterator[dict[str, str]]:
    """The answers that stand, number for number, in what is shown."""
    shown = f"{exercise.statement}\n{exercise.typing}".replace("−", "-")
    numbers = [re.sub(r"√(\d+)", r"sqrt(\1)", each) for each in NUMBER.findall(shown)]
    asked = exercise.answer
    if isinstance(asked, kinds.ModelAnswer):
        n, m = asked.features, asked.dimensions
        for run in runs(numbers, n * m):
            yield {"W": rows(run, m), "b": "0"}
        for run in runs(numbers, n * m + n):
            yield {"W": rows(run[: n * m], m), "b": " ".join(run[n * m :])}
    elif isinstance(asked, kinds.MatricesAnswer):
        sizes = {each.name: (each.rows * each.columns, each.columns) for each in asked.matrices}
        for run in runs(numbers, sum(size for size, _ in sizes.values())):
            left = iter(run)
            yield {name: rows([*islice(left, size)], m) for name, (size, m) in sizes.items()}
    elif not isinstance(asked, kinds.ChoiceAnswer):
        for run in runs(numbers, length(asked)):
            yield {"answer": " ".join(run)}


def length(asked: kinds.AnswerKind) -> int:
    if isinstance(asked, kinds.VectorAnswer):
        return asked.length
    return 1 if isinstance(asked, kinds.NumberAnswer) else 2


def runs(numbers: list[str], length: int) -> list[list[str]]:
    found = {tuple(numbers[k : k + length]): None for k in range(len(numbers) - length + 1)}
    return [list(run) for run in found]


def rows(numbers: list[str], columns: int) -> str:
    return "; ".join(" ".join(numbers[k : k + columns]) for k in range(0, len(numbers), columns))


# -- what it cannot do, in words -------------------------------------------------------------------


def test_hints_solutions_and_keys_are_refused(edition: Path, shell: Shell) -> None:
    exercise = exercises.load("importance", edition)
    for call in (exercise.key, exercise.hint, lambda: exercise.key().check):
        with pytest.raises(InputError, match="your lecturer grades it"):
            call()
    assert "withheld" in repr(exercise.key)
    assert exercise == exercises.load("importance", edition) != exercises.load("importance")
    for command in ("hint", "solution"):
        done = shell(command, "7", "--json", f"--course={edition}")
        assert (done.code, done.json()["error"]["code"]) == (2, "student_edition")
        assert " ".join(shell(command, "7", f"--course={edition}").err.split()) == NOT_HERE
    assert shell("progress", "--json").json()["exercises"][6]["hints"] == 0


def test_a_student_works_through_an_edition(edition: Path, shell: Shell) -> None:
    course = f"--course={edition}"
    shown = shell("exercise", "1", course)
    assert "Reconstruct one input" in shown.out
    assert "hint" not in shown.out
    assert shell("exercise", "1", course, "--json").json()["edition_of"] == course_version()
    done = shell("exercise", "1", course, "--W=1 0; 0 1; 0 0", "--steps")
    assert done.code == 0
    assert "Your answer as understood: W = 1 0; 0 1; 0 0" in done.out
    assert "your lecturer grades what you hand in" in " ".join(done.out.split())
    assert "handcalc next" in done.out
    read = shell("exercise", "1", course, "--W=1 0; 0 1; 0 0", "--json").json()
    assert (read["status"], read["score"], read["checks"]) == ("read", None, [])
    assert shell("exercise", "1", course, "--W=1 0; 0 one; 0 0").code == 3
    assert "Exercise 2: " in shell("next", course).out
    assert "2 of 24 exercises answered" not in shell("progress", course).out
    assert "1 of 24 exercises answered" in shell("progress", course).out
    assert "tried  Reconstruct" in shell("exercises", course).out


def test_when_all_is_answered_it_is_said(tmp_path: Path, shell: Shell) -> None:
    one = {**student_edition().files}
    one["manifest.toml"] = 'edition_of = "x@1"\nexercises = ["best-bias-sparse"]\n'
    for name in ("manifest.toml", "best-bias-sparse.toml"):
        (tmp_path / name).write_text(one[name], encoding="utf-8")
    course = f"--course={tmp_path}"
    assert "every exercise of the course is answered" in " ".join(
        shell("exercise", "1", course, "--answer=1").out.split()
    )
    assert "Every exercise is answered." in shell("next", course).out


def test_it_is_no_course_to_check_or_to_release(edition: Path, shell: Shell) -> None:
    (fault,) = checkup(edition)
    assert (fault.code, fault.file, fault.key) == ("student_edition", "manifest.toml", "edition_of")
    done = shell("dev", "release", str(edition), f"--dir={edition}/again")
    assert done.code == 2
    assert "release the course that it was made from" in " ".join(done.err.split())
    done = shell("grade", "7", str(edition / "importance.toml"), f"--course={edition}")
    assert done.code == 2
    assert "grade with the course it was released from" in " ".join(done.err.split())


def test_a_file_that_holds_more_is_refused(edition: Path, tmp_path: Path) -> None:
    for file in edition.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    file = tmp_path / "importance.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'why = "Because."\n{text}', encoding="utf-8")
    with pytest.raises(AuthorError, match='there is no key "why" here'):
        exercises.load("importance", tmp_path)


def test_asked_in_a_notebook_it_is_read(edition: Path) -> None:
    asked: Any = exercises.ask(7, folder=edition, student="ada")
    asked.request = {"id": "1", "what": "grade", "typed": {"answer": "3/10"}}
    assert asked.reply["status"] == "read"
    assert "Your answer as understood: b = 3/10" in asked.reply["page"]
    asked.request = {"id": "2", "what": "hint", "typed": {}}
    assert asked.reply["error"]["message"] == NOT_HERE
    assert asked.found["edition_of"] == course_version()
    assert "hint" not in str(asked)
    assert exercises.answer(7, "1", folder=edition).status == "read"


# -- the command -----------------------------------------------------------------------------------


def test_release_writes_a_new_folder(tmp_path: Path, shell: Shell) -> None:
    out = tmp_path / "out"
    done = shell("dev", "release", f"--dir={out}", "--json").json()
    assert (done["exercises"], done["edition_of"]) == (len(SLUGS), course_version())
    assert done["stating"] == ["the-same-model-turned", "write-a-copying-head"]
    assert {file.name for file in out.iterdir()} == {f"{slug}.toml" for slug in SLUGS} | {
        "manifest.toml"
    }
    before = (out / "importance.toml").read_bytes()
    again = shell("dev", "release", f"--dir={out}")
    assert again.code == 2
    assert "is there already, and it stays as it is" in " ".join(again.err.split())
    assert (out / "importance.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["nowhere", "--dir=out"], "COURSE: there is no folder nowhere"),
        ([], "Missing option '--dir'"),
        ([f"--dir={'x' * 300}"], "cannot be written: "),
    ],
)
def test_what_cannot_be_released(shell: Shell, typed: list[str], said: str) -> None:
    done = shell("dev", "release", *typed, "--json")
    assert done.code == 2
    assert said in done.json()["error"]["message"]


def test_a_course_with_a_fault_is_named(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "manifest.toml").write_text('exercises = ["one"]', encoding="utf-8")
    done = shell("dev", "release", str(tmp_path), f"--dir={tmp_path}/out")
    assert "has a fault. one.toml: there is no such file" in " ".join(done.err.split())
    assert not (tmp_path / "out").exists()


def test_texts_of_any_kind_come_back(tmp_path: Path) -> None:
    hard = 'a "quote" \\ back\n"""three\n  \u007f \t end"'
    table = {"title": hard, "answer": {"kind": "choice", "claims": ["a\nb", '"']}, "n": 1}
    file = tmp_path / "hard.toml"
    file.write_text(toml(table), encoding="utf-8")
    assert tomllib.loads(file.read_text(encoding="utf-8")) == table
    assert json.loads(json.dumps(table)) == table
