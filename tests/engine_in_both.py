"""What the engine makes of texts, answers and losses: one program, for two Pythons to run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import perf_counter
from typing import Any

import exercises
import handcalc
from handcalc.errors import HandcalcError

DOORS = {
    "scalar": handcalc.parse_scalar,
    "vector": handcalc.parse_vector,
    "matrix": handcalc.parse_matrix,
    "input": handcalc.parse_input,
}


def read(entry: Mapping[str, Any]) -> str:
    """The numbers of a text, or what its refusal says."""
    try:
        return str(DOORS[entry["door"]](entry["text"], **entry["shape"]))
    except HandcalcError as error:
        return f"{error.code}: {error.message} {error.suggestion}"


def graded(entry: Mapping[str, Any]) -> str:
    """Status, score and what is said of an answer."""
    grade = exercises.grade(entry["exercise"], **entry["typed"])
    return f"{grade.status} {grade.score} {grade.feedback}"


def lost(entry: Mapping[str, Any]) -> str:
    """An expected loss, exactly."""
    model = handcalc.ToyModel(entry["W"], entry["b"])
    return str(handcalc.expected_loss(model, entry["S"]).value)


def worked(given: str) -> str:
    """All of them, as lists of texts in JSON, with the seconds that each list took."""
    asked, found = json.loads(given), {}
    for name, work in (("read", read), ("graded", graded), ("lost", lost)):
        begun = perf_counter()
        answers = [work(entry) for entry in asked[name]]
        found[name] = {"answers": answers, "seconds": perf_counter() - begun}
    return json.dumps(found)
