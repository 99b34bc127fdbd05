"""No command that an exercise names prints its answer, and one that would asks first."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy

import exercises
from exercises import Exercise
from exercises.answers import read
from exercises.checks import Brackets
from exercises.course import engine_table, load_variants
from exercises.exercise import ChoiceAnswer
from exercises.giving_away import Revealed, gives_away
from handcalc import (
    AttentionOnly,
    SparseAutoencoder,
    ToyModel,
    best_code,
    circuit,
    direction_set,
    embeddings,
    expected_loss,
    forward,
    how_many,
    least_coherence,
    recovery,
    run_circuit,
    sae_loss,
)
from handcalc.circuits.gallery.listing import with_room
from handcalc.circuits.reading import model_of
from handcalc.superposition.loss.distribution import SparseUniform
from tests.cli_runs import Shell
from tests.practice_runs import flat, records, typing

COURSE = exercises.load_all()
VARIANTS = [exercise for found in COURSE for exercise in load_variants(found.id)]
COMMAND = re.compile(r"handcalc (?:loss|show|forward|geometry|optimum|phases)\b[^.,:?;]*")
ANTIPODAL = "1 0; 0 1; 0 -1"

# -- what an exercise names -----------------------------------------------------------------------


def named(exercise: Exercise) -> Iterator[str]:
    """The commands in what is read before an answer, each in one line."""
    texts = [exercise.statement, exercise.typing, *exercise.key().hints, *exercise.key().tips]
    for text in texts:
        joined = text.replace("\\\n", " ")
        for line in joined.splitlines():
            if line.startswith("    handcalc "):
                yield " ".join(line.split())
            else:
                yield from (found[0].strip() for found in COMMAND.finditer(line))


def numbers(exercise: Exercise) -> Iterator[str]:
    """The numbers of all answers, exact and as decimals, but for those that any page has."""
    values: list[sympy.Expr] = []
    for solution in exercise.key().solutions:
        value = read(exercise.answer, solution.typed).value
        if isinstance(value, ToyModel):
            values += [cell for row in (*value.W, value.b) for cell in row]
        elif isinstance(value, tuple):
            values += value
    check = exercise.key().check
    if isinstance(check, Brackets):
        values.append(check.value)
    for number in values:
        decimal = f"{float(number):.10f}".rstrip("0")
        if len(decimal.lstrip("-").partition(".")[2]) > 1:
            yield f"{float(number):.4f}".rstrip("0")
            if isinstance(number, sympy.Rational) and number.q > 10:
                yield str(number).replace("-", "−")


@pytest.mark.parametrize("exercise", VARIANTS, ids=lambda each: f"{each.id}-{each.variant}")
def test_no_command_that_an_exercise_names_prints_its_answer(
    capsys: pytest.CaptureFixture[str], exercise: Exercise
) -> None:
    if isinstance(exercise.answer, ChoiceAnswer):
        assert not any("show best" in command for command in named(exercise))
        return
    for command in named(exercise):
        program, *arguments = shlex.split(command)
        assert program == "handcalc"
        done = Shell(capsys)(*arguments)
        assert done.code == 0, command
        found = {n for n in numbers(exercise) if re.search(rf"(?<![\d.−]){re.escape(n)}", done.out)}
        assert found == set(), command


def test_commands_are_found_and_an_answer_would_be() -> None:
    commands = {command for exercise in COURSE for command in named(exercise)}
    assert len(commands) >= 9
    assert "handcalc optimum --sparsity=4/5" in commands
    assert {"0.4782", "0.47", "0.48"} <= set(numbers(COURSE[16]))
    assert "1/300" in set(numbers(COURSE[12]))


# -- what gives an exercise away ------------------------------------------------------------------


def given_away(**shown: object) -> set[int]:
    revealed = Revealed(**shown)  # type: ignore[arg-type]  # one of its fields
    return {each.position for each in VARIANTS if gives_away(revealed, each)}


def test_a_model_that_is_found_is_held_against_every_check() -> None:
    assert given_away(models=(ToyModel(ANTIPODAL, activation="linear"),)) == {5}
    triangle = ToyModel("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2")
    assert given_away(models=(triangle,)) == {14}
    assert given_away(models=(ToyModel("1 0; 0 1; 0 0"),)) == {2}
    assert given_away(models=(ToyModel("1 0; 0 1.0058; 0 -1.0058", "0 0.00125 0.00125"),)) == {15}


def test_a_pass_of_the_model_of_an_exercise() -> None:
    interfering = ToyModel("1 0; 0 1; 1/2 1/2")
    assert given_away(passes=(forward(interfering, "1 1/2 1/4"),)) == {4}
    assert given_away(passes=(forward(interfering, "1/7 1/2 1/4"),)) == set()
    assert given_away(passes=(forward(interfering),)) == set()
    assert given_away(passes=(forward(ToyModel("-1/2 1; 1 0; 0 -1"), "1/2 1 1/4"),)) == {3}


def test_a_loss_that_is_asked_for() -> None:
    pair = ToyModel(ANTIPODAL)
    for S in ("9/10", "4/5", "91/100", None):
        assert given_away(losses=(expected_loss(pair, SparseUniform(S)),)) == {13}
    assert given_away(losses=(expected_loss(pair, SparseUniform("1/4")),)) == set()
    assert given_away(losses=(expected_loss(ToyModel(ANTIPODAL, "1/2")),)) == set()


@pytest.mark.parametrize(
    ("W", "found"),
    [
        ("1; -1", {19}),
        ("1 0; 0 1; 0 -1", {19}),
        ("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", {19}),
        ("1 0; 0 1", set()),
        ("2; -2", set()),
    ],
)
def test_a_part_of_a_shape_that_is_asked_about(W: str, found: set[int]) -> None:
    assert given_away(shapes=(ToyModel(W),)) == found


def test_a_crossing() -> None:
    assert given_away(changes=(sympy.Rational("0.478"),)) == {17}
    assert given_away(changes=(sympy.Rational("0.2936"),)) == set()


def test_a_run_of_the_circuit_of_an_exercise() -> None:
    two_back = circuit("two-back").model
    for tokens in ("a b c a b", "a b c a"):
        assert given_away(runs=(run_circuit(two_back, tokens),)) == {41}
    roomy = with_room(circuit("two-back"), 9).model
    assert given_away(runs=(run_circuit(roomy, "a b c a b c a"),)) == {41}
    assert given_away(runs=(run_circuit(circuit("previous-token").model, "a b c a b"),)) == set()


@pytest.mark.parametrize("slug", ["attention-steals", "residual-after-one-layer"])
def test_a_run_of_a_model_that_is_typed(slug: str) -> None:
    exercise = exercises.load(slug)
    engine = engine_table(exercise)
    assert engine is not None
    model = model_of(engine.values["model"])
    tokens = engine.values.get("tokens", "keep in")
    assert gives_away(Revealed(runs=(run_circuit(model, tokens),)), exercise)
    alone = tokens.split()[:1]
    assert not gives_away(Revealed(runs=(run_circuit(model, alone),)), exercise)
    other = AttentionOnly(model.W_E, model.W_U, vocabulary=model.vocabulary)
    assert not gives_away(Revealed(runs=(run_circuit(other, tokens),)), exercise)


def test_what_is_shown_of_directions() -> None:
    assert given_away(bounds=(least_coherence(10_000, 100),)) == {49}
    assert given_away(bounds=(least_coherence(10_000, 101),)) == set()
    assert given_away(fits=(how_many(2, "4/5"),)) == {50}
    assert given_away(fits=(how_many(2, degrees=37),)) == {50}
    for plane in (how_many(2, "1/2"), how_many(3, "4/5")):
        assert given_away(fits=(plane,)) == set()
    triangle = direction_set("triangle").model
    for x in ("1 1/2 0", "2 3/2 1"):
        assert given_away(passes=(forward(triangle, x),)) == {51}
    assert given_away(passes=(forward(triangle, "1/3 0 1/5"),)) == set()
    shown = {"five-in-four": {52}, "tetrahedron": {53}, "triangle": set(), "simplex": set()}
    for name, found in shown.items():
        assert given_away(recoveries=(recovery(direction_set(name).model),)) == found, name


def test_what_is_shown_of_a_sparse_autoencoder() -> None:
    one = SparseAutoencoder("1", "1", "-1/10")
    for S in ("1/2", "1/3", None):
        shown = sae_loss(one, "1", SparseUniform(S), "1/5")
        assert given_away(sae_losses=(shown,)) == {56}
    assert given_away(sae_losses=(sae_loss(one, "1", "1/2", "1"),)) == set()
    assert given_away(codes=(best_code(one, "4/5", "1/5"),)) == {55}
    assert given_away(codes=(best_code(one, "4/5", "1"),)) == set()


# -- asked first ----------------------------------------------------------------------------------

# twenty neighbours: each of the nine pairs as often as exercise 28 has them
COUNTED = "aababacacacacbbbcbcca"
ASKED = [
    (("loss", f"--W={ANTIPODAL}", "--sparsity=9/10"), "exercise 13, which is", "1/300"),
    (("show", "best", "--sparsity=9/10", "--all"), "exercises 15 and 17, which are", "1.005795"),
    (("show", "best", "--all"), "exercises 15, 16 and 17, which are", "0.478162"),
    (("code", "best", "--sparsity=9/10"), "exercise 15, which is", "1.0057947"),
    (("geometry", "--W=1; -1"), "exercise 19, which is", "1/2"),
    (
        ("forward", "--W=-1/2 1; 1 0; 0 -1", "--x=1/2 1 1/4"),
        "exercise 3, which is",
        "Where each output comes from",
    ),
    (("circuit", "two-back", "--all"), "exercise 41, which is", "a b c a"),
    (
        ("circuit", "induction", "--strength=2", "--tokens=a b a", "--all"),
        "exercise 43, which is",
        "→ b",
    ),
    (("bigrams", COUNTED), "exercise 28, which is", "Smallest d_model: 1"),
    (
        ("directions", "--directions=10000", "--dimensions=100"),
        "exercise 49, which is",
        "√101/101",
    ),
    (("directions", "--dimensions=2", "--coherence=4/5"), "exercise 50, which is", "4"),
    (("directions", "triangle", "--x=1 1/2 0"), "exercise 51, which is", "3/4"),
    (("directions", "five-in-four"), "exercise 52, which is", "−14, −14, −14"),
    (("sae", "--W=1", "--sparsity=1/2"), "exercise 56, which is", "271/6000"),
    (
        ("sae", "--W=1", "--sparsity=1/2", "--x=4/5"),
        "exercises 55 and 56, which are",
        "7/10",
    ),
    (
        ("network", "--W_in=1 0; 0 1; 1/2 1/2", "--x=1 1/2 1/4", "--sparsity=1/2"),
        "exercise 4, which is",
        "7/8",
    ),
    (("directions", "tetrahedron"), "exercise 53, which is", "x ≥ 0"),
]


@pytest.mark.parametrize(("arguments", "which", "shown"), ASKED)
def test_a_person_in_the_course_is_asked_first(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    which: str,
    shown: str,
) -> None:
    shell = Shell(capsys)
    typed = typing(monkeypatch)
    assert shown in shell(*arguments).out  # who has not begun the course is not asked
    shell("hint", "1")
    typed += ["n"]
    done = shell(*arguments)
    assert f"This shows the answer to {which} not solved yet. Show it?" in flat(done.out)
    assert "It is not shown; with --anyway it is." in done.out
    assert (done.code, shown in done.out.split("[y/N]")[1]) == (0, False)
    typed += ["y"]
    assert shown in shell(*arguments).out
    assert shown in shell(*arguments, "--anyway").out
    assert typed == []


@pytest.mark.parametrize("name", [each.name for each in embeddings()])
def test_the_page_of_an_embedding_is_a_lesson_and_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    shell = Shell(capsys)
    typing(monkeypatch)
    shell("hint", "1")
    assert "This shows the answer" not in shell("show", name, "--all").out
    assert "This shows the answer" not in shell("code", name).out


def test_what_is_solved_or_seen_is_asked_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell, typed = Shell(capsys), typing(monkeypatch)
    loss = ("loss", f"--W={ANTIPODAL}", "--sparsity=9/10")
    shell("exercise", "13", "--answer=1/300")
    assert records()["exact-loss"]["solved"]
    assert "1/300" in shell(*loss).out
    shell("reset", "13", "--yes")
    shell("solution", "13", "--yes")
    assert "1/300" in shell(*loss).out
    shell("reset", "13", "--yes")
    shell("hint", "1")
    typed += ["n"]
    assert "exercise 13" in shell(*loss).out


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_pipe_and_a_program_are_never_asked(
    capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    shell = Shell(capsys)
    shell("hint", "1")
    done = shell("loss", f"--W={ANTIPODAL}", "--sparsity=9/10", *more)
    assert (done.code, done.err) == (0, "")
    assert "1/300" in done.out
    assert "Show it?" not in done.out


def test_statements_name_no_option_that_answers_for_them() -> None:
    for exercise in COURSE:
        assert "--anyway" not in f"{exercise.statement} {exercise.typing}"


# -- circuits --------------------------------------------------------------------------------------


def test_a_circuit_with_the_matrix_that_is_asked_for_gives_it_away() -> None:
    folder = Path(__file__).resolve().parent / "data" / "circuits"
    compose = exercises.load("second-layer", folder)
    for name, gives in (("induction-compact", True), ("induction", False), ("one-head", False)):
        assert gives_away(Revealed(circuits=(circuit(name).model,)), compose) is gives, name
    longer = circuit("induction-compact", n=9).model
    assert gives_away(Revealed(circuits=(longer,)), compose)
    assert not gives_away(Revealed(circuits=(longer,)), exercises.load("copying-head", folder))
    assert not gives_away(Revealed(circuits=(longer,)), exercises.load("rank-one-table", folder))
    assert not gives_away(Revealed(circuits=(longer,)), exercises.load(1))


def test_a_circuit_with_the_positions_that_are_asked_for_gives_them_away(tmp_path: Path) -> None:
    places = circuit("induction-compact").model
    points = "; ".join(" ".join(map(str, row[2:])) for row in (places.W_pos or ())[:7])
    data = Path(__file__).resolve().parent / "data" / "circuits"
    text = (data / "previous-position.toml").read_text(encoding="utf-8")
    text = text.replace('W_QK = "answer W_QK"', 'W_QK="3/5 -4/5; 4/5 3/5"')
    text = re.sub(r'^W_pos = ".*"', 'W_pos = "answer P"', text, flags=re.MULTILINE)
    text = re.sub(r'^W_QK = ".*"', f'P = "{points}"', text, flags=re.MULTILINE)
    text = text.replace('"W_QK", rows = 2', '"P", rows = 7')
    (tmp_path / "places.toml").write_text(text, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text('exercises = ["places"]', encoding="utf-8")
    asked = exercises.load(1, tmp_path)
    shown = AttentionOnly([[0, 0]], [[0], [0]], W_pos=points)
    assert gives_away(Revealed(circuits=(shown,)), asked)
    assert not gives_away(Revealed(circuits=(places,)), asked)
