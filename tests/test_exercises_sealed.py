"""No answers given away: whatever shows an exercise or a grade, hints and solutions stay sealed."""

from __future__ import annotations

import copy
import pickle
import pprint
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

import pytest
from IPython.lib.pretty import pretty
from rich.pretty import pretty_repr

import exercises
from exercises import Exercise, Grade
from exercises.circuit_checks import CircuitCheck
from exercises.exercise import AnswerKey, ModelAnswer
from exercises.sealed import SealedValue
from handcalc.errors import InputError
from handcalc.views.notation import UNICODE
from tests.leaks import leaks, public, secrets

COURSE = exercises.load_all(student="ada")
_DEPTH = 3


def names(shown: object) -> Iterator[str]:
    """What a debugger lists: attributes that are no magic, and slots."""
    yield from (name for name in dir(shown) if not name.startswith("__"))
    for kind in type(shown).__mro__:
        slots = vars(kind).get("__slots__", ())
        yield from [slots] if isinstance(slots, str) else slots


def parts(shown: object) -> Iterator[object]:
    if isinstance(shown, str | int | float | None):
        return
    if isinstance(shown, Mapping):
        yield from (*shown.keys(), *shown.values())
    elif isinstance(shown, Sequence):
        yield from shown
    yield from (getattr(shown, name) for name in names(shown) if hasattr(shown, name))


def variables(shown: object, depth: int = _DEPTH) -> Iterator[str]:
    """Everything that unfolds to some depth, as a repr and as a text."""
    yield repr(shown)
    home = type(shown).__module__.partition(".")[0]
    if depth and home in ("exercises", "handcalc", "tests", "builtins", "types"):
        yield str(shown)
        for part in parts(shown):
            yield from variables(part, depth - 1)


def faces(shown: object) -> Iterator[str]:
    yield from (repr(shown), str(shown), f"{shown}", pprint.pformat(shown), pretty(shown))
    yield from (pretty_repr(shown), repr([shown]), repr({"exercise": shown}))
    if hasattr(shown, "_repr_markdown_"):
        yield shown._repr_markdown_()
    yield from variables(shown)


def wrong_grades(exercise: Exercise) -> Iterator[Grade]:
    """The grades of the example, of nothing, and of each listed wrong answer."""
    typed = [exercise.example, dict.fromkeys(exercise.example, "")]
    typed += [wrong.typed for wrong in exercise.key().wrong]
    yield from (exercises.grade(exercise, *each.values()) for each in typed)


def said(grade: Grade) -> str:
    """What the terminal says of this very answer, and what was typed."""
    claims = [claim for claim in (grade.feedback.happened, grade.feedback.advice) if claim]
    words = [text for claim in claims for text in (UNICODE.claim(claim), claim.sentence)]
    typed = map(str, grade.answer.typed.values())
    return "\n".join([*words, grade.feedback.diagnosis or "", *typed])


@pytest.mark.parametrize("exercise", COURSE, ids=lambda exercise: exercise.id)
def test_no_face_of_an_exercise_gives_it_away(exercise: Exercise) -> None:
    assert len(list(secrets(exercise))) >= 10
    shown = [*faces(exercise), str(asdict(exercise))]
    assert leaks("\n".join(dict.fromkeys(shown)), exercise) == []


@pytest.mark.slow
@pytest.mark.parametrize("exercise", COURSE, ids=lambda exercise: exercise.id)
def test_a_grade_says_only_what_its_own_answer_calls_for(exercise: Exercise) -> None:
    for grade in wrong_grades(exercise):
        assert grade.status != "solved"
        shown = "\n".join(dict.fromkeys(faces(grade)))
        assert leaks(shown, exercise, f"{said(grade)}\n{public(exercise)}") == []


def test_a_course_and_its_list() -> None:
    shown = [repr(COURSE), pretty(COURSE), repr(exercises.listing()), str(exercises.listing())]
    shown += [exercises.listing()._repr_markdown_()]
    assert [leak for text in shown for each in COURSE for leak in leaks(text, each)] == []
    assert len(repr(COURSE)) < 150 * len(COURSE)


@dataclass(frozen=True)
class Unsealed:
    """An exercise as a careless author of the class would have it."""

    id: str
    key: AnswerKey


@pytest.mark.parametrize("exercise", COURSE, ids=lambda exercise: exercise.id)
def test_a_leak_would_be_found(exercise: Exercise) -> None:
    key = exercise.key()
    bare = Unsealed(exercise.id, key)
    assert leaks(repr(bare), exercise)
    assert any(leaks(face, exercise) for face in variables(bare))
    for field in fields(AnswerKey):
        if getattr(key, field.name) and not _is_property(key, field.name):
            assert leaks(repr(getattr(key, field.name)), exercise), field.name
    assert leaks(f"{exercise.statement} {key.hints[0]}".replace(" ", "\n", 99), exercise)


def _is_property(key: AnswerKey, name: str) -> bool:
    """Whether it is a check of a circuit, which holds no number of any answer."""
    return name == "check" and isinstance(key.check, CircuitCheck)


def test_the_key_opens_when_it_is_called() -> None:
    exercise = exercises.load("importance")
    assert exercise.hint() == exercise.key().hints[0] == exercise.hint(1)
    with pytest.raises(InputError, match=r"has hints from 1 to .*, not 0"):
        exercise.hint(0)
    for copied in (copy.deepcopy(exercise), pickle.loads(pickle.dumps(exercise))):  # noqa: S301 - our own
        assert copied == exercise
        assert copied.key() == exercise.key()
    other = replace(exercise, key=SealedValue(replace(exercise.key(), why="Because.")))
    assert other != exercise
    assert hash(SealedValue(1)) == hash(1)
    assert SealedValue(1) != 1


def test_grading_by_id() -> None:
    assert exercises.grade("best-bias-sparse", "3/10", student="ada").status == "solved"
    assert exercises.grade(1, "1 0; 0 1; 0 0", b="0 0 1/4").status == "solved"
    model = next(each for each in COURSE if isinstance(each.answer, ModelAnswer))
    same = exercises.grade(model, "1 0; 0 1; 0 0", "0 0 1/4", student=" ada")
    assert same.exercise is model
    own = exercises.load("best-bias-sparse", student="Jose\u0301")
    assert own.student == "Jos\u00e9"
    assert exercises.grade(own, "1", student="Jos\u00e9").exercise is own


@pytest.mark.parametrize(
    ("arguments", "named", "says"),
    [
        (("best-bias-sparse", "3/10"), {"b": "0"}, "asks for answer, and b would be ignored"),
        (("best-bias-sparse", "3/10", "1/2"), {}, "asks for answer, and 2 were given"),
        (("best-bias-sparse", "3/10"), {"answer": "1/2"}, "answer is given twice"),
        ((1, "1 0; 0 1; 0 0"), {"W": "1 0; 0 1; 0 0"}, "W is given twice"),
        ((1,), {"answer": "1"}, "asks for W and b, and answer would be ignored"),
        ((1, "1 0", "1", "1"), {}, "asks for W and b, and 3 were given"),
        ((COURSE[6], "1"), {"student": "ben"}, "loaded for ada already, so student=… would be"),
        ((exercises.load(1), "1"), {"student": "ben"}, "loaded already, so student=… would be"),
        ((COURSE[6], "1"), {"folder": "course"}, 'type its id instead: exercises.grade\\("'),
        (("best-bais-sparse", "1"), {}, 'type a position from 1 to .* such as "best-bias-sparse"'),
    ],
)
def test_what_would_be_ignored_is_refused(
    arguments: tuple[object, ...], named: dict[str, str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        exercises.grade(*arguments, **named)
