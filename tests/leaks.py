"""What gives an answer away, and a search for it in whatever is shown.

Texts are compared sentence by sentence, without regard to line breaks; what the statement, the
claims to choose from or the way of typing say too is no secret. Short answers such as 3/10 stand in
many a sentence, so they are looked for by what holds them: the names of the records of an answer
key, which every plain repr of one begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from exercises import Exercise, checks
from exercises.circuit_checks import CircuitCheck, frame_in
from exercises.circuit_frame import zeros
from exercises.exercise import AnswerKey, ChoiceAnswer, MatricesAnswer, Solution, WrongAnswer
from exercises.input_pieces import Hull
from handcalc.inputs.named_matrices import matrix_text

_LEAST = 20  # characters of a sentence that is unmistakable
_LEAST_TYPED = 8  # characters of an answer that is: "1 0; 0 1" and longer
RECORDS = tuple(
    f"{record.__name__}("
    for record in (AnswerKey, Solution, WrongAnswer, Hull, *get_args(checks.Check))
)


def flat(text: str) -> str:
    return " ".join(text.replace("\\n", " ").split())


def public(exercise: Exercise) -> str:
    asked = exercise.answer
    choices = (*asked.claims, *asked.reasons) if isinstance(asked, ChoiceAnswer) else ()
    texts = (exercise.title, exercise.statement, exercise.typing)
    return flat("\n".join([*texts, *choices, *exercise.example.values(), *given(exercise)]))


def given(exercise: Exercise) -> Iterator[str]:
    """The matrices of the circuit that an answer is put into, which its steps show."""
    asked, check = exercise.answer, exercise.key().check
    if isinstance(asked, MatricesAnswer) and isinstance(check, CircuitCheck):
        frame = frame_in(check)
        if frame is not None:
            yield from map(matrix_text, frame.model(zeros(asked)).arrays().values())


def secrets(exercise: Exercise) -> Iterator[str]:
    """What must not be shown: sentences of hints, solutions and wrong answers, and long answers."""
    key, known = exercise.key(), public(exercise)
    prose = [*key.hints, *key.tips, key.why]
    typed = [text for each in (*key.solutions, *key.wrong) for text in each.typed.values()]
    for solution in key.solutions:
        prose += [solution.title, solution.reasoning]
    for wrong in key.wrong:
        prose += [text for text in (wrong.happened, wrong.advice, wrong.diagnosis) if text]
    sentences = [flat(each) for text in prose for each in re.split(r"(?<=[.?!:])\s+", text)]
    for sentence in sentences:
        if len(sentence) >= _LEAST and sentence not in known:
            yield sentence
    for text in map(flat, typed):
        if len(text) >= _LEAST_TYPED and text not in known:
            yield text


def leaks(shown: str, exercise: Exercise, said: str = "") -> list[str]:
    """The secrets of an exercise that a text shows, but for what was ``said`` of an answer."""
    text = flat(shown)
    found = [secret for secret in (*secrets(exercise), *RECORDS) if secret in text]
    return [secret for secret in found if secret not in flat(said)]
