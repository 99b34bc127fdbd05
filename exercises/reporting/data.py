"""Exercises and grades as plain data for JSON; exact numbers are texts that read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TypeAlias

from msgspec import to_builtins

from exercises.answers import Choice, Value
from exercises.checking import CircuitWitness, Feedback, Witness
from exercises.checks import ReconstructsInput
from exercises.course_list import Listed
from exercises.exercise import Exercise, MatricesAnswer
from exercises.grading import Grade
from exercises.matrices import NamedMatrices
from exercises.reporting.prose import blocks, said
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_text
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import json as data
from handcalc.views.json import circuits
from handcalc.views.notation import ASCII, UNICODE

Data: TypeAlias = "dict[str, object]"


def exercise_data(exercise: Exercise) -> Data:
    """An exercise that is shown, and not answered."""
    return {
        **_named(exercise),
        "status": "shown",
        "statement": _flowing(exercise.statement),
        "typing": _flowing(exercise.typing),
        "asked": _asked(exercise),
        "example": dict(exercise.example),
        "variant": exercise.variant,
        "hints": exercise.hint_count,
        "score": None,
        "answer": None,
        "checks": [],
    }


def grade_data(grade: Grade) -> Data:
    """A graded answer.

    >>> from exercises import load
    >>> from exercises.grading import grade
    >>> shown = grade_data(grade(load(1), "1 0; 0 1; 0 0"))
    >>> shown["status"], shown["score"], shown["checks"][2]["witness"]["difference"]
    ('partial', '2/3', ['0', '0', '-1/4'])
    """
    return {
        **_named(grade.exercise),
        "status": grade.status,
        "score": None if grade.status == "read" else str(grade.score),
        "answer": {
            "raw": dict(grade.answer.typed),
            "parsed": _value(grade.answer.value),
        },
        "checks": [
            {
                "id": outcome.id,
                "passed": outcome.passed,
                "message": said(outcome.message, ASCII),
                "witness": None if outcome.witness is None else _witness(outcome.witness),
            }
            for outcome in grade.checks
        ],
        "feedback": feedback_data(grade.feedback),
        "remarks": [said(remark, ASCII) for remark in grade.remarks],
        "why": _flowing(grade.exercise.key().why) if grade.status == "solved" else None,
        "work": None if grade.work is None else data.forward(grade.work),
        "loss": None if grade.loss is None else data.loss(grade.loss),
    }


def feedback_data(feedback: Feedback) -> dict[str, str | None]:
    """What happened in an answer, what to try next, and the name of the mistake.

    >>> from handcalc.derivation import Claim
    >>> feedback_data(Feedback(Claim("Row 2 is 0."), diagnosis="zero-row"))
    {'diagnosis': 'zero-row', 'happened': 'Row 2 is 0.', 'try': None}
    """
    return {
        "diagnosis": feedback.diagnosis,
        "happened": said(feedback.happened, ASCII),
        "try": None if feedback.advice is None else _flowing(said(feedback.advice, ASCII)),
    }


def hint_data(exercise: Exercise, number: int) -> Data:
    """One hint, counted from 1."""
    hints = exercise.key().hints
    hint = _flowing(hints[number - 1])
    return {**_named(exercise), "number": number, "of": len(hints), "hint": hint}


def solution_data(exercise: Exercise) -> Data:
    """The solutions with their reasoning, and why they work."""
    key = exercise.key()
    solutions = [
        {
            "title": each.title,
            **each.typed,
            "reasoning": _flowing(each.reasoning),
        }
        for each in key.solutions
    ]
    return {**_named(exercise), "solutions": solutions, "why": _flowing(key.why)}


def listing_data(listed: Iterable[Listed]) -> Data:
    """The course, and what was done in it; ``part`` is null in a course of one list."""
    return {"exercises": [asdict(one) for one in listed]}


def _named(exercise: Exercise) -> Data:
    return {
        "position": exercise.position,
        "id": exercise.id,
        "title": exercise.title,
        "part": exercise.part,
        **({"edition_of": exercise.edition_of} if exercise.edition_of else {}),
    }


def _asked(exercise: Exercise) -> Data:
    """The kind of answer, its sizes or names, and what there is to choose from."""
    asked = exercise.answer
    kind = type(asked).__name__.removesuffix("Answer").lower()
    found: Data = {"kind": kind, **{name: getattr(asked, name) for name in asked.__struct_fields__}}
    if isinstance(asked, MatricesAnswer):
        found["matrices"] = [to_builtins(matrix) for matrix in asked.matrices]
    if exercise.edition_of:
        return found
    check = exercise.key().check
    if isinstance(check, ReconstructsInput):
        found["x"] = _numbers(check.x)
    return found


def _value(value: Value | None) -> Data | list[str] | None:
    if isinstance(value, ToyModel):
        return data.model(value)
    if isinstance(value, Choice):
        return {"claim": value.claim, "reason": value.reason}
    if isinstance(value, NamedMatrices):
        return {name: [_numbers(row) for row in rows] for name, rows in value.parts}
    return None if value is None else _numbers(value)


def _witness(witness: Witness | CircuitWitness) -> Data:
    if isinstance(witness, CircuitWitness):
        return {
            "of": witness.of,
            "tokens": list(witness.tokens),
            "numbers": {name: circuits.number(each) for name, each in witness.numbers},
            "wanted": witness.wanted,
            "largest": list(witness.largest),
        }
    return {
        "x": _numbers(witness.x),
        "output": _numbers(witness.output),
        "difference": _numbers(witness.difference),
    }


def _flowing(text: str) -> str:
    """A text with a line for each paragraph and formula, and none broken for width."""
    return "\n".join(block.text for block in blocks(text, UNICODE))


def _numbers(values: Vector) -> list[str]:
    return [to_text(value) for value in values]
