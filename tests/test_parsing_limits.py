"""The reader's bounds: what just fits is read, one more is refused, and before the work is done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from fractions import Fraction
from itertools import product
from time import process_time
from typing import Any

import pytest
import sympy

from handcalc import InputError, equal, parse_matrix, parse_scalar, parse_vector
from handcalc.field import Field
from handcalc.parsing import arithmetic, cells, field_values, reading
from handcalc.parsing.grammar import parsed
from handcalc.parsing.limits import (
    MAX_ANGLES,
    MAX_BITS,
    MAX_CELL_CHARACTERS,
    MAX_CELL_TOKENS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_POWER,
    MAX_ROOTS,
    MAX_TOKENS,
)
from handcalc.parsing.tokens import tokenise
from tests.refusing import refusal


def row(cells: Iterable[str], count: int) -> str:
    return " ".join(cell for cell, _ in zip(cells, range(count), strict=False))


SUMS = [f"{i}+{j}" for i, j in product(range(1, 40), repeat=2)]  # three tokens each
JUST_FITS = {
    "too_long": row("0" * MAX_CHARACTERS, MAX_CHARACTERS // 2).ljust(MAX_CHARACTERS),
    "too_deep": "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH,
    "cell_too_long": "(" + "1".rjust(MAX_CELL_CHARACTERS - 2) + ")",
    "too_many_tokens": "+" * (MAX_CELL_TOKENS - 1) + "1",
    "too_many_digits": "9" * MAX_DIGITS,
    "exponent_too_large": f"1e-{MAX_EXPONENT}",
    "power_too_large": f"2^-{MAX_POWER}",
    "too_large": "1e40*1e40*1e40",
    "too_complicated": row((f"cos({i}π/60)" for i in range(31)), MAX_ANGLES),
}
ONE_MORE = {
    "too_long": row("0" * MAX_CHARACTERS, MAX_CHARACTERS // 2).ljust(MAX_CHARACTERS + 1),
    "too_deep": "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1),
    "cell_too_long": "(" + "1".rjust(MAX_CELL_CHARACTERS - 1) + ")",
    "too_many_tokens": "+" * MAX_CELL_TOKENS + "1",
    "too_many_digits": "9" * (MAX_DIGITS + 1),
    "exponent_too_large": f"1e-{MAX_EXPONENT + 1}",
    "power_too_large": f"2^-{MAX_POWER + 1}",
    "too_large": "1e40*1e40*1e40*1e40",
    "too_complicated": row((f"cos(π/{n})" for n in range(3, 60)), MAX_ANGLES + 1),
}


@pytest.mark.parametrize("text", JUST_FITS.values(), ids=JUST_FITS)
def test_what_just_fits_is_read(text: str) -> None:
    assert len(parse_vector(text)) >= 1


@pytest.mark.parametrize(("code", "text"), ONE_MORE.items(), ids=ONE_MORE)
def test_one_more_is_refused(code: str, text: str) -> None:
    assert refusal(parse_vector, text).code == code


def test_the_tokens_of_all_calculations_are_bounded_and_literals_are_free() -> None:
    fits = MAX_TOKENS // 3
    assert len(parse_vector(row(SUMS, fits))) == fits
    error = refusal(parse_vector, row(SUMS, fits + 1))
    assert (error.code, error.row) == ("too_many_tokens", 1)
    assert len(parse_vector(row((f"-{i}/7" for i in range(1, 1600)), 1000))) == 1000
    assert len(parse_vector(row(["1+1"] * 1999, 1999))) == 1999  # spelt alike, read once


def test_zeros_at_the_end_are_no_digits() -> None:
    assert parse_scalar("1e40") == parse_scalar("1" + "0" * 40) == 10**40
    assert refusal(parse_scalar, "1" + "0" * 190).code == "too_large"


# ── before the work ─────────────────────────────────────────────────────────────────────────────


class TooMuchError(AssertionError):
    """Work that a bound should have prevented."""


def must_not_run(*_: object, **__: object) -> None:
    raise TooMuchError


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        (reading, "plain", "1" * (MAX_CHARACTERS + 1)),
        (reading, "plain", "[" * 10**5),
        (reading, "plain", "1+" * 6000),
        (reading, "laid_out", "9" * 5000),
        (reading, "laid_out", "1e999999999"),
        (reading, "values", "(" * 8000),
        (reading, "values", "-" * 8000),
        (reading, "values", "2^" * 100 + "2"),
        (reading, "FieldValues", "√2 2; 3"),
        (cells, "_calculated", row(SUMS, MAX_TOKENS)),
        (arithmetic, "_product", "(2^64)^9"),
        (Fraction, "__pow__", "3^65"),
        (field_values, "Field", "2^1000 √2"),
        (field_values, "Field", row((f"cos(π/{n})" for n in range(3, 50)), 40)),
        (Field, "sqrt", "√(2^1000)"),
    ],
)
def test_a_bound_comes_before_the_work(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, text: str
) -> None:
    monkeypatch.setattr(module, name, must_not_run)
    with pytest.raises(InputError, match=r"\.$"):
        parse_vector(text)


def test_the_guard_above_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "plain", must_not_run)
    with pytest.raises(TooMuchError, match=r"^$"):
        parse_vector("1")


def test_no_value_on_the_way_is_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rational result, seen as it is made: none has over 512 bits."""
    sizes = [0]

    def seen(value: Fraction) -> int:
        sizes.append(max(value.numerator.bit_length(), value.denominator.bit_length()))
        return sizes[-1]

    monkeypatch.setattr(arithmetic, "bits", seen)
    for text in (
        "(2^64)^8",
        "2^2^2^2^2^2",
        "9^9^9",
        "((99^20)^20)^20",
        "1e40^3*1e40^3",
        "(1/7)^64",
    ):
        with suppress(InputError):
            parse_scalar(text)
    assert 100 < max(sizes) <= MAX_BITS


# ── roots and cosines ───────────────────────────────────────────────────────────────────────────

NEAR_FACTORS = (10**19 + 33) * (10**19 + 51)


@pytest.mark.parametrize(
    "text",
    [
        row((f"√{p}" for p in (2, 3, 5, 7, 11, 13, 17)), 7),
        "√(2+√(2+√(2+√(2+√(2+√(2+√2))))))",
        f"√{NEAR_FACTORS}",
        f"√{10**19 + 33} √{10**19 + 51}",
        row((f"√({i}^2+√2)" for i in range(2, 200)), MAX_ROOTS + 1),
        "1/(√2+√3+√5+√7+√11+√13)^20",
        "1/(√2+√3+√5+√7+√11+√13+1/123456789)",
        "(1+√2)(1+√3)(1+√5)(1+√7)(1+√11)",
        "(cos(π/59)+√2)^64",
        row((f"{i}+{j}√2+√3" for i, j in product(range(2, 40), repeat=2)), 200),
        "(√(3-cos(π/59)))^5",
        "cos(π/61)",
        "sin(π/97)",
        "cos(π/59) cos(π/47)",
        "cos(π/7)cos(π/11)",
    ],
)
def test_what_is_too_long_by_hand_is_refused(text: str) -> None:
    assert refusal(parse_vector, text).code in {"too_complicated", "too_large"}


@pytest.mark.parametrize("n", [5, 7, 12, 17, 25, 30, 40])
def test_the_corners_of_a_regular_polygon_are_read(n: int) -> None:
    text = "; ".join(f"cos({2 * k}π/{n}) sin({2 * k}π/{n})" for k in range(n))
    corners = parse_matrix(text, n, 2)
    assert equal(sum(x for x, _ in corners), sympy.Integer(0))
    assert all(equal(x**2 + y**2, sympy.Integer(1)) for x, y in corners[:: n // 5])


def test_the_echo_of_a_long_number_is_no_longer_than_a_cell() -> None:
    assert parse_scalar("(1+√2)(1+√3)(1+√5)") is not None
    assert refusal(parse_scalar, "0.9^64").code == "too_large"
    assert refusal(parse_vector, row(["½"] * 4000, 4000)).code == "too_long"


# ── time ────────────────────────────────────────────────────────────────────────────────────────

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


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
@pytest.mark.parametrize("door", [parse_scalar, parse_vector, parse_matrix])
def test_the_worst_texts_take_no_longer_than_any(door: Callable[[str], Any], text: str) -> None:
    """At most 100 ms of the processor, the fastest of three; most take a tenth of that."""

    def seconds() -> float:
        start = process_time()
        with suppress(InputError):
            door(text)
        return process_time() - start

    assert min(seconds() for _ in range(3)) <= 0.1


def test_the_parser_is_built_once() -> None:
    code = (
        "import lark, handcalc\n"
        "built, make = [], lark.Lark.__init__\n"
        "def count(*a, **k): built.append(1); make(*a, **k)\n"
        "lark.Lark.__init__ = count\n"
        "for text in ('1+1', '2√3', 'cos(π/7)'): handcalc.parse_scalar(text)\n"
        "print(sum(built))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.split() == ["1"]


def test_the_grammar_refuses_no_literal() -> None:
    assert parsed(tokenise("1½")) == Fraction(3, 2)
