"""Inputs that were really typed and pasted, with what is right: tests/data/typed.jsonl.

``value``: this value. ``value_or_refusal``: this value or a refusal, nothing else.
``refusal_not_suggesting``: a refusal, and not with this wrong suggestion. The values are built by
``Fraction`` and sympy here, never by the reader. The cases of kind ``cli`` are commands, and
tests/test_typed_commands.py runs them.
"""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

from handcalc import InputError, parse_matrix, parse_scalar, parse_vector

HERE = Path(__file__).resolve().parent
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "data/typed.jsonl").read_text("utf-8").splitlines()
]
TEXTS = [case for case in CASES if case["kind"] != "cli"]
DOORS = {"scalar": parse_scalar, "vector": parse_vector, "matrix": parse_matrix}


def number(text: str) -> sympy.Expr:
    """A fraction or a decimal, or such a one times sqrt(n)."""
    if text.startswith("-sqrt("):
        return -number(text[1:])
    if text.startswith("sqrt("):
        under, _, below = text.removeprefix("sqrt(").partition(")")
        return sympy.sqrt(int(under)) / int(below.removeprefix("/") or "1")
    value = Fraction(text)
    return sympy.Rational(value.numerator, value.denominator)


def value(written: Any) -> Any:
    """Numbers, tuples and tuples of tuples for texts, lists and lists of lists."""
    return number(written) if isinstance(written, str) else tuple(map(value, written))


def outcome(case: dict[str, Any]) -> Any:
    """What came of the text: a value, or the error of the refusal."""
    asked = [case["length"]] if "length" in case else []
    try:
        return DOORS[case["kind"]](case["input"], *asked)
    except InputError as error:
        return error


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["id"])
def test_a_typed_text_is_read_as_it_was_meant_or_refused(case: dict[str, Any]) -> None:
    found, expected = outcome(case), case["expect"]
    if isinstance(found, InputError):
        assert "value" not in expected, found.message
        assert found.message.endswith(".")
        wrong = expected.get("refusal_not_suggesting")
        assert wrong is None or found.suggestion != wrong
        assert wrong is None or wrong not in found.message
        if found.suggestion is not None and "value_or_refusal" in expected:
            again = outcome({**case, "input": found.suggestion})
            assert again == value(expected["value_or_refusal"])
        return
    assert "refusal_not_suggesting" not in expected
    assert found == value(expected.get("value", expected.get("value_or_refusal")))


def test_all_cases_have_a_test_of_their_kind() -> None:
    """The counts by kind and verdict; ``-s`` shows them, and what became of the texts."""
    kinds = Counter((case["kind"], case["verdict"]) for case in CASES)
    came = Counter("refused" if isinstance(outcome(case), InputError) else "read" for case in TEXTS)
    print()
    for (kind, verdict), count in sorted(kinds.items()):
        print(f"{kind:<8}{verdict:<18}{count:>4}")
    print(f"texts read {came['read']}, refused {came['refused']}")
    assert len(CASES) == 87
    assert len({case["id"] for case in CASES}) == 87
    assert {kind for kind, _ in kinds} == {*DOORS, "cli"}
    assert len(TEXTS) + sum(count for (kind, _), count in kinds.items() if kind == "cli") == 87
    assert (came["read"], came["refused"]) == (35, 18)
