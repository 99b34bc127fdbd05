"""The course as a whole: every page is shown, the numbers in it are right, all of it is solved."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

import exercises
from exercises import Exercise, Grade, reporting
from exercises.checks import Brackets, LossAtMost
from exercises.course import load_variants
from exercises.course_list import listed
from exercises.exercise import MatricesAnswer
from exercises.feedback.near_misses import solutions
from exercises.progress import ExerciseRecord
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.numeric import expected_losses
from handcalc.views.notation import ASCII, UNICODE, PlainNotation
from tests import exercises_by_hand as by_hand
from tests.cli_runs import Shell
from tests.local_descent import bottom

OTHERS: dict[str, list[dict[str, str]]] = json.loads(
    (Path(__file__).parent / "data" / "other_wrong_answers.json").read_text(encoding="utf-8")
)
COURSE = exercises.load_all()
SEEN = {exercise.id: ExerciseRecord(solution=True) for exercise in COURSE}
VARIANTS = [exercise for found in COURSE for exercise in load_variants(found.id)]
each = pytest.mark.parametrize("exercise", COURSE, ids=lambda exercise: exercise.id)
both_notations = pytest.mark.parametrize("notation", [UNICODE, ASCII], ids=["unicode", "ascii"])


def graded(exercise: Exercise, typed: Mapping[str, str]) -> Grade:
    return exercises.grade(exercise, **typed)


def grades(exercise: Exercise) -> Iterator[Grade]:
    """The example, every solution, every listed wrong answer, and a few that nobody listed."""
    typed = [exercise.example, *(each.typed for each in exercise.key().solutions)]
    typed += [wrong.typed for wrong in exercise.key().wrong]
    yield from (graded(exercise, each) for each in typed)
    if exercise.variant == 1:
        yield from (graded(exercise, each) for each in OTHERS[exercise.id])


def pages(exercise: Exercise, notation: PlainNotation) -> Iterator[RenderableType]:
    yield reporting.exercise_text(exercise, notation)
    yield reporting.solution_text(exercise, notation)
    for i in range(1, len(exercise.key().hints) + 1):
        yield reporting.hint_text(exercise, i, notation)
    for found in grades(exercise):
        yield reporting.grade_text(found, notation)


def printed(shown: RenderableType, width: int = 80) -> str:
    stream = io.StringIO()
    options = {"markup": False, "highlight": False, "emoji": False, "color_system": None}
    console = Console(file=stream, width=width, **options)  # type: ignore[arg-type]  # all are options
    console.print(shown)
    return stream.getvalue()


# -- every page -----------------------------------------------------------------------------------


@pytest.mark.slow
@both_notations
def test_every_page_fits_80_columns(notation: PlainNotation) -> None:
    for exercise in VARIANTS:
        for page in pages(exercise, notation):
            text = printed(page)
            assert max(map(cell_len, text.splitlines())) <= 80, text
            assert [line for line in text.splitlines() if line != line.rstrip()] == []
            assert notation is UNICODE or (text.isascii() and "<U+" not in text), text
            assert re.search(r"\{[A-Za-z]", text) is None, text


# choices that take a sentence each, tables, and models that take some telling
TALL = {
    "which-inputs-come-back",
    "never-the-argmax",
    "write-a-copying-head",
    "source-xor",
    "compose-an-induction-head",
    "the-pointer",
    "same-multiset",
    "no-single-head",
}


def test_most_statements_fit_a_screen_of_24_lines() -> None:
    tall = {
        each.id
        for each in VARIANTS
        if len(printed(reporting.exercise_text(each, UNICODE)).splitlines()) > 24
    }
    assert tall == TALL


@both_notations
@pytest.mark.parametrize("states", [{}, {COURSE[4].id: ExerciseRecord(True)}, SEEN], ids=len)
def test_the_listing_has_columns(
    states: Mapping[str, ExerciseRecord], notation: PlainNotation
) -> None:
    text = printed(reporting.listing_text(listed(COURSE, states), notation))
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    starts = set()
    for exercise in COURSE:
        state = states.get(exercise.id, ExerciseRecord()).state
        (line,) = [line for line in lines if line.endswith(f"  {exercise.id}")]
        assert line.startswith(f"{exercise.position:>3}  {state}  ")
        starts.add(cell_len(line) - len(exercise.id))
    assert len(starts) == 1


def test_a_long_title_wraps_inside_its_column() -> None:
    text = printed(reporting.listing_text(listed(COURSE, SEEN), UNICODE))
    row = r"\n 19  solution seen  How many dimensions .*  dimensionality\n {20}(\w+ )*get\?\n"
    assert re.search(row, text)


@pytest.mark.parametrize("width", [45, 60, 70])
def test_a_narrow_listing_loses_no_word(width: int) -> None:
    shown = reporting.listing_text(listed(COURSE, SEEN), UNICODE)
    text = printed(shown, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert sorted(text.split()) == sorted(printed(shown).split())


@each
def test_every_grade_is_data_and_a_note(exercise: Exercise) -> None:
    assert json.dumps(reporting.exercise_data(exercise))
    assert json.dumps(reporting.solution_data(exercise))
    assert exercise._repr_markdown_().startswith(f"### Exercise {exercise.position}: ")
    for found in grades(exercise):
        data = json.loads(json.dumps(reporting.grade_data(found)))
        assert data["status"] == found.status
        assert found._repr_markdown_().startswith(f"### Exercise {exercise.position}: ")


@pytest.mark.slow
def test_whoever_answers_wrongly_is_told_what_happened_and_asked_what_to_try() -> None:
    for exercise in VARIANTS:
        for found in grades(exercise):
            if found.status == "solved":
                continue
            assert found.status in ("wrong", "partial")
            said = found.feedback
            assert said.diagnosis
            assert said.advice is not None
            assert "?" in said.advice.sentence, said.advice.sentence
            assert said.happened.sentence.endswith(".")
            assert "?" not in said.happened.sentence


@each
def test_five_more_wrong_answers_than_are_listed(exercise: Exercise) -> None:
    others, listed = OTHERS[exercise.id], [wrong.typed for wrong in exercise.key().wrong]
    assert len(others) >= 5
    assert [typed for typed in others if typed in listed] == []
    assert {graded(exercise, typed).status for typed in others} <= {"wrong", "partial"}


# -- the numbers in the texts ---------------------------------------------------------------------


def numbers(text: str) -> list[Fraction]:
    return [Fraction(found) for found in re.findall(r"-?\d+(?:/\d+)?", text.replace("−", "-"))]


def test_outputs_predicted_by_hand() -> None:
    for exercise in load_variants("predict-the-output"):
        lines = [line.split() for line in exercise.statement.splitlines() if "   " in line]
        W = [[Fraction(cell) for cell in line[-2:]] for line in lines[:3]]
        x = numbers(next(line for line in exercise.statement.splitlines() if "x = (" in line))
        h = [
            sum(w * xi for w, xi in zip(column, x, strict=True)) for column in zip(*W, strict=True)
        ]
        z = by_hand.carried(W, x)
        assert numbers(exercise.key().solutions[0].typed["answer"]) == [
            max(zi, Fraction(0)) for zi in z
        ]
        assert numbers(exercise.key().solutions[0].reasoning) == [*h, *z, 0]
        wrong = {each.diagnosis: numbers(each.typed["answer"]) for each in exercise.key().wrong}
        assert wrong == {"no-relu": z, "input-copied": list(x), "stopped-at-h": [*h, 0]}
        assert any(zi < 0 for zi in z)


def test_amounts_on_feature_3_by_hand() -> None:
    half = Fraction(1, 2)
    for exercise in load_variants("interference-on-three"):
        line = next(line for line in exercise.statement.splitlines() if "x = (" in line)
        x1, x2, x3 = numbers(line)
        assert numbers(exercise.key().solutions[0].typed["answer"]) == [half * (x1 + x2)]
        wrong = {each.diagnosis: numbers(each.typed["answer"])[0] for each in exercise.key().wrong}
        own = half * x3
        assert wrong == {
            "own-share-too": half * (x1 + x2) + own,
            "own-share": own,
            "not-halved": x1 + x2,
        }


def test_biases_and_losses_by_hand() -> None:
    for exercise in load_variants("best-bias-sparse"):
        S = numbers(re.findall(r"S = (\S+),", exercise.statement)[0])[0]
        assert numbers(exercise.key().solutions[0].typed["answer"]) == [(1 - S) / 2]
        wrong = [numbers(each.typed["answer"])[0] for each in exercise.key().wrong]
        assert wrong == [Fraction(1, 2), S / 2, 1 - S]
    for exercise in load_variants("exact-loss"):
        S = numbers(re.findall(r"S = (\S+),", exercise.statement)[0])[0]
        assert numbers(exercise.key().solutions[0].typed["answer"]) == [(1 - S) ** 2 / 3]
        wrong = [numbers(each.typed["answer"])[0] for each in exercise.key().wrong]
        assert wrong == [(1 - S) ** 2 / 6, Fraction(1, 3), (1 - S) ** 2, (1 - S) / 3]


def loss_of(slug: str, W: str, b: str, S: float) -> float:
    model = ToyModel(W, b)
    rows = np.asarray([[[float(cell) for cell in row] for row in model.W]])
    bias = np.asarray([[float(value) for value in model.b]])
    exercise = exercises.load(slug)
    importance = (
        [float(value) for value in exercise.key().check.importance]
        if isinstance(exercise.key().check, LossAtMost)
        else 1.0
    )
    inputs: Distribution = SparseUniform(Fraction(S).limit_denominator(100))
    if isinstance(exercise.key().check, LossAtMost) and exercise.id.endswith("-pairs"):
        inputs = exercise.key().check.distribution
    return float(expected_losses(rows, bias, inputs, importance=importance)[0])


ORTHOGONAL, PAIR = "1 0; 0 1; 0 0", "1 0; 0 1; 0 -1"
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
TWO_PAIRS = "1 0; -1 0; 0 1; 0 -1"
PENTAGON = "1.1 0; " + "; ".join(f"1.1*cos({k}*pi/5) 1.1*sin({k}*pi/5)" for k in (2, 4, 6, 8))

# a sentence of a text, and the loss that it tells, worked out by the twin in floats
TOLD = [
    ("half-helps-relu", "At S = 1/5 the loss is 0.2067 with", PAIR, "0 1/2 1/2", 0.2, 0.2067),
    ("half-helps-relu", "and 0.2133 without it; at S = 21/100", PAIR, "0", 0.2, 0.2133),
    ("half-helps-relu", "it is 0.2098 and 0.2080.", PAIR, "0 1/2 1/2", 0.21, 0.2098),
    ("half-helps-relu", "it is 0.2098 and 0.2080.", PAIR, "0", 0.21, 0.2080),
    ("beat-dropping", "13/192 = 0.0677", ORTHOGONAL, "0 0 1/8", 0.75, 0.0677),
    ("beat-dropping", "1/48 against 13/512", TRIANGLE, "0", 0.75, 13 / 512),
    ("beat-dropping", "1/48 against 13/512", PAIR, "0", 0.75, 1 / 48),
    ("best-at-nine-tenths", "1/300 = 0.003333", PAIR, "0", 0.9, 0.003333),
    ("importance", "a tenth of that is 1/96", ORTHOGONAL, "0 0 1/4", 0.5, 1 / 96),
    ("five-in-two", "would lose 0.0375", f"{TWO_PAIRS}; 0 0", "0 0 0 0 1/20", 0.9, 0.0375),
    ("five-in-two", "and lose 0.026305", PENTAGON, "-0.21", 0.9, 0.026305),
    ("correlated-pairs", "the loss is 1/24", "1 0; 0 1; -1 0; 0 -1", "0", 0.75, 1 / 24),
    ("correlated-pairs", "would cost four times as much", TWO_PAIRS, "0", 0.75, 4 / 24),
    ("the-open-question", "dropping one loses 1/12 = 0.08333", ORTHOGONAL, "0 0 1/2", 0.0, 0.08333),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "sentence", "W", "b", "S", "loss"), TOLD)
def test_a_loss_that_a_text_tells(
    slug: str, sentence: str, W: str, b: str, S: float, loss: float
) -> None:
    assert sentence in " ".join(everything(exercises.load(slug)).split())
    digits = 6 if loss < 0.01 or "0.026305" in sentence else 4
    assert abs(loss_of(slug, W, b, S) - loss) <= 0.6 * 10**-digits


def everything(exercise: Exercise) -> str:
    said = [f"{wrong.happened} {wrong.advice}" for wrong in exercise.key().wrong]
    reasons = [each.reasoning for each in exercise.key().solutions]
    return "\n".join(
        [exercise.statement, *exercise.key().hints, *reasons, exercise.key().why, *said]
    )


SCALED = {
    "best-at-nine-tenths": "0.00331948",
    "best-at-three-tenths": "0.10220106",
    "five-in-two": "0.02630513",
    "correlated-pairs": "0.04045348",
}


@pytest.mark.parametrize("slug", SCALED)
def test_the_best_loss_is_the_bottom_of_the_basin_of_every_solution(slug: str) -> None:
    exercise = exercises.load(slug)
    check = exercise.key().check
    assert isinstance(check, LossAtMost)
    assert check.best is not None
    assert SCALED[slug] in exercise.statement
    assert f"{float(check.best):.8f}" == SCALED[slug]
    for model in solutions(exercise):
        assert abs(lowest(model, check.distribution)[0] - float(check.best)) < 1e-14


def lowest(model: ToyModel, inputs: Distribution) -> tuple[float, np.ndarray, np.ndarray]:
    W = np.asarray([[float(cell) for cell in row] for row in model.W])
    return bottom(W, np.asarray([float(value) for value in model.b]), inputs)


@pytest.mark.parametrize(
    ("slug", "length", "bias"),
    [
        ("best-at-nine-tenths", "1.0058", "0.00125"),
        ("best-at-three-tenths", "0.8798", "0.3225"),
        ("five-in-two", "1.1004", "−0.2099"),
        ("correlated-pairs", "1.0318", "0.0126"),
    ],
)
def test_the_best_lengths_and_biases_are_those_of_the_text(
    slug: str, length: str, bias: str
) -> None:
    exercise = exercises.load(slug)
    assert isinstance(exercise.key().check, LossAtMost)
    _, W, b = lowest(solutions(exercise)[0], exercise.key().check.distribution)
    assert length in exercise.key().why
    assert bias in exercise.key().why
    digits = len(bias.partition(".")[2])
    assert f"{np.linalg.norm(W[-1]):.4f}" == length
    assert f"{b[-1]:.{digits}f}" == bias.replace("−", "-")
    if slug == "correlated-pairs":
        cosine = W[0] @ W[1] / np.linalg.norm(W[0]) / np.linalg.norm(W[1])
        assert f"{abs(90 - np.degrees(np.arccos(cosine))):.1f}° off" in " ".join(
            exercise.key().why.split()
        )


def test_how_much_more_the_pair_loses_in_dense_inputs() -> None:
    exercise = exercises.load("best-at-three-tenths")
    assert isinstance(exercise.key().check, LossAtMost)
    assert exercise.key().check.best is not None
    lengths, biases = np.linspace(0.7, 0.82, 61), np.linspace(0.28, 0.38, 51)
    pairs = [(length, b) for length in lengths for b in biases]
    W = np.asarray([[[1, 0], [0, length], [0, -length]] for length, _ in pairs])
    b = np.asarray([[0, bias, bias] for _, bias in pairs])
    losses = expected_losses(W, b, exercise.key().check.distribution)
    more = 100 * (min(losses) / float(exercise.key().check.best) - 1)
    length, bias = pairs[int(np.argmin(losses))]
    assert lengths[0] < length < lengths[-1]
    assert biases[0] < bias < biases[-1]
    assert f"loses {more:.1f} per cent more" in exercise.statement


def test_pair_and_triangle_lose_the_same_at_the_crossing() -> None:
    exercise = exercises.load("triangle-or-pair")
    assert isinstance(exercise.key().check, Brackets)
    crossing = exercise.key().check.value
    triangle = np.asarray([[0.95, 0], [-0.475, 0.8227], [-0.475, -0.8227]])
    pair = np.asarray([[1, 0], [0, 0.95], [0, -0.95]])

    def both(S: object) -> tuple[float, float]:
        return (
            bottom(triangle, np.full(3, 0.18), SparseUniform(S))[0],
            bottom(pair, np.asarray([0, 0.11, 0.11]), SparseUniform(S))[0],
        )

    first, second = both(crossing)
    assert abs(first - second) < 1e-14
    assert f"{first:.6f}" in exercise.key().why
    below, above = both("47/100"), both("12/25")
    assert below[0] < below[1]
    assert above[0] > above[1]


# -- all of it, at the command line ---------------------------------------------------------------


@pytest.mark.parametrize("student", [None, "ada"])
def test_the_whole_course_is_solved_from_its_solutions(
    capsys: pytest.CaptureFixture[str], student: str | None
) -> None:
    shell, who = Shell(capsys), [] if student is None else [f"--student={student}"]
    for exercise in exercises.load_all(student=student):
        assert shell("next", *who, "--json").json()["id"] == exercise.id
        typed = exercise.key().solutions[-1].typed
        parts = [f"--{name}={text}" for name, text in typed.items()]
        if isinstance(exercise.answer, MatricesAnswer):
            parts = ["--answer=" + "\n".join(f"{name} = {text}" for name, text in typed.items())]
        done = shell("exercise", exercise.id, *parts, *who)
        assert (done.code, done.err) == (0, ""), done.out
        assert f"Exercise {exercise.position}: solved" in done.out
    progress = shell("progress", "--json").json()
    assert (progress["solved"], progress["of"]) == (len(COURSE), len(COURSE))
    assert {entry["state"] for entry in progress["exercises"]} == {"solved"}
    assert shell("next", *who, "--json").json()["id"] is None
