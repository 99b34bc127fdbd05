"""The reader's budget: work is counted, in units of its own and in calls, and no clock is read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from sympy.core.cache import clear_cache

from handcalc import InputError, parse_matrix, parse_scalar, parse_vector
from handcalc.parsing import parse
from handcalc.parsing.limits import (
    FIELD_EFFORT,
    MAX_TOKENS,
    MAX_WORK,
    TERM_WORK,
    TOKEN_WORK,
    WorkBudget,
)
from handcalc.parsing.refusal import UnreadableError
from tests.refusing import refusal
from tests.test_parsing_limits import SUMS, row

LONG = 7_990
WORST = {
    "power tower": "2^" * 99 + "2",
    "roots of roots": "√" * 119 + "2",
    "fractions in fractions": r"\frac{1}{1+" * 15 + "2" + "}" * 15,
    "roots in roots": "sqrt(" * 32 + "2" + ")" * 32,
    "brackets": "[" * LONG,
    "empty lists": "[]" * (LONG // 2),
    "nested lists": "[1," * (LONG // 3),
    "quotes": '"1",' * (LONG // 4),
    "lone quotes": '"' * LONG,
    "environments": r"\begin{array}{" * 500,
    "gaps": "1" + " " * LONG + "2",
    "gap and sign": "1" + " " * (LONG - 5) + "- 1",
    "gap and power": "^" + " " * LONG,
    "tabs": "1\t" * (LONG // 2),
    "lines": "1\n" * (LONG // 2),
    "fraction signs": "½ " * (LONG // 2),
    "distinct numbers": row(map(str, range(4000)), 1500),
    "distinct fractions": row((f"{i}/{i + 1}" for i in range(1, 999)), 900),
    "sums": row(SUMS, MAX_TOKENS // 3),
    "sums and an error": row(SUMS, MAX_TOKENS // 3 - 1) + " 1/0",
    "decimal commas": "0,5 " * 99,
    "signs in gaps": "1 - 1 " * 60,
    "square roots": row((f"{i}√{p}" for i in range(2, 99) for p in (2, 3, 5, 7, 11, 13)), 600),
    "sums of roots": row((f"{i}+{j}√2" for i, j in product(range(2, 40), repeat=2)), 490),
    "roots of squares": row((f"√(({i}+√2+√3+√5)^2)" for i in range(2, 200)), 140),
    "quotients": row((f"1/({i}+√2+√3+√5)" for i in range(2, 200)), 190),
    "vanishing": row((f"0/({i}+√2+√3+√5+√7+√11+√13)" for i in range(2, 200)), 130),
    "cosines": row((f"{j}cos({i}π/59)" for i, j in product(range(1, 30), range(2, 20))), 270),
    "products of cosines": row(
        (f"cos({i}π/59)cos({j}π/59)" for i, j in product(range(1, 19), repeat=2)), 170
    ),
    "large roots and nested ones": "((((1e40+1e-40))/((1e40-√(6)))-sqrt(((cos(2pi/60)+13))^2+"
    "((1e40+cos(π/24)))^2))+(sqrt(sqrt((cos(12°))^2+(2^64)^2)))/(((2^64+sqrt(5)))*((cos(12°)+√10))))",
    "a division by large roots": "1/(1e9+√2+√3+√5)+1/(2^20+√7+√11)",
    "divisions by large roots": "(1e40+√2)/(1e40-√3)+(1e40+√5)/(1e40-√7)+1/(1e40+cos(π/24))",
    "a root of large squares": "√((1e40+cos(π/30))^2+(1e40+√2)^2)/(1e40-√6)",
    "roots of roots of large squares": "√√((cos(12°))^2+(2^64)^2)+√√((cos(π/24)+13)^2+(1e20)^2)",
    "a division by roots of roots": "1/(√(1e40+√2)+√(1e40+√3)+√(2^64+√5))",
    "ragged sums": row(SUMS, MAX_TOKENS // 3 - 1) + "; 1",
    "roots of cosines": row(
        (f"√((2+cos({i}π/7))^{j})" for i in (1, 2, 3) for j in range(1, 50)), 99
    ),
}


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """What the calculations of the texts read in a test have cost so far, in units of work."""
    budgets: list[WorkBudget] = []

    class Watched(WorkBudget):
        def __init__(self) -> None:
            super().__init__()
            budgets.append(self)

    monkeypatch.setattr(parse, "WorkBudget", Watched)
    return lambda: sum(work.spent for work in budgets)


@pytest.mark.parametrize(
    ("text", "units"),
    {
        "1 -1/2; 0.5 ½": 0,
        "1+1": 3 * TOKEN_WORK,
        "1+1 1+1; 1+1 1+1": 3 * TOKEN_WORK,  # spelt alike, worked out once
        "√2 1": 2 * TOKEN_WORK + 2 * TERM_WORK + 27,  # and the proof that ℚ has no √2
        "√2+√3": 5 * TOKEN_WORK + 4 * TERM_WORK + 57,
    }.items(),
)
def test_the_work_of_a_text_is_counted_exactly(
    spent: Callable[[], int], text: str, units: int
) -> None:
    parse_vector(text) if ";" not in text else parse_matrix(text)
    assert spent() == units


def test_the_last_unit_of_the_budget_is_there_to_spend() -> None:
    work = WorkBudget()
    work.spend(MAX_WORK, 0)
    with pytest.raises(UnreadableError, match="too many together"):
        work.spend(1, 0)


def test_roots_are_read_as_long_as_the_budget_lasts(spent: Callable[[], int]) -> None:
    roots = [f"{i}√{p}" for i in range(2, 400) for p in (2, 3)]
    fits = 250
    assert len(parse_vector(row(roots, fits))) == fits
    assert fits * (3 * TOKEN_WORK + 2 * TERM_WORK) < spent() <= MAX_WORK
    assert refusal(parse_vector, row(roots, 260)).code == "too_complicated"


def calls(read: Callable[[], object]) -> int:
    """How many functions are called, those of C included: the same number on every machine."""
    count = 0

    def seen(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    clear_cache()
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        with suppress(InputError):
            read()
    finally:
        sys.setprofile(before)
    return count


CALLS_A_CHARACTER, CALLS_A_UNIT = 80, 6


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
@pytest.mark.parametrize("door", [parse_scalar, parse_vector, parse_matrix])
def test_the_budget_bounds_what_is_done(
    spent: Callable[[], int], door: Callable[[str], Any], text: str
) -> None:
    """So many calls a character, and so many a unit of work, whatever the text."""
    parse_scalar("1+√2")  # the grammar is built once
    done = calls(lambda: door(text))
    assert spent() <= 2 * (MAX_WORK + FIELD_EFFORT)
    assert done <= 40_000 + CALLS_A_CHARACTER * len(text) + CALLS_A_UNIT * spent()


LAYOUTS = {
    "rows of numbers": "0.25 -1.5 3\n",
    "lists": "[0.25, -1.5], ",
    "bullets": "- 1 -2\n",
    "comments": "1 0 # up\n",
    "Markdown": "| 1 | 0 |\n",
    "LaTeX": r"1 & \phantom{-}1 \\ ",
    "calls": "Fraction(1, 2), ",
    "quotes": '"1", ',
    "columns of R": "[1,]  0.5 -0.5\n",
    "lost row ends": r"1 \ ",
    "environments": r"\begin{array}{",
    "labels": "1 0   feature 1\n",
    "backslashes": "\\\\",
    "blanks": "   \n",
    "Typst": "mat(",
    "percent": "%",
}


@pytest.mark.parametrize("piece", LAYOUTS.values(), ids=LAYOUTS)
def test_twice_the_text_is_twice_the_work(piece: str) -> None:
    """Characters that are looked at cannot be counted in a regular expression; calls can."""
    once, twice = (calls(lambda n=n: parse_matrix(piece * n)) for n in (300, 600))  # type: ignore[misc]  # a lambda of one default
    assert twice <= 2.2 * once + 2_000
