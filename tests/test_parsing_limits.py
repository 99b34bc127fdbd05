"""The reader's bounds: what just fits is read, one more is refused, and before the work is done.

What all calculations of a text may cost together is in test_parsing_budget.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
import sympy

from handcalc import InputError, equal, parse_matrix, parse_scalar, parse_vector
from handcalc.numbers.field import Field
from handcalc.parsing import arithmetic, parse, values
from handcalc.parsing.grammar import parse_cell
from handcalc.parsing.limits import (
    MAX_ANGLES,
    MAX_BITS,
    MAX_CELL_CHARACTERS,
    MAX_CELL_TOKENS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_PIECES,
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
    "too_long": ("0" * 99).ljust(MAX_CHARACTERS),
    "too_deep": "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH,
    "cell_too_long": "(" + "1".rjust(MAX_CELL_CHARACTERS - 2) + ")",
    "too_many_tokens": "+" * (MAX_CELL_TOKENS - 1) + "1",
    "too_many_digits": "9" * MAX_DIGITS,
    "exponent_too_large": f"1e-{MAX_EXPONENT}",
    "power_too_large": f"2^-{MAX_POWER}",
    "too_large": "*".join(["1e400"] * 3),
    "too_complicated": row((f"cos({i}π/60)" for i in range(31)), MAX_ANGLES),
}
ONE_MORE = {
    "too_long": ("0" * 99).ljust(MAX_CHARACTERS + 1),
    "too_deep": "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1),
    "cell_too_long": "(" + "1".rjust(MAX_CELL_CHARACTERS - 1) + ")",
    "too_many_tokens": "+" * MAX_CELL_TOKENS + "1",
    "too_many_digits": "9" * (MAX_DIGITS + 1),
    "exponent_too_large": f"1e-{MAX_EXPONENT + 1}",
    "power_too_large": f"2^-{MAX_POWER + 1}",
    "too_large": "*".join(["1e400"] * 4),
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


def test_the_pieces_of_a_text_are_bounded_before_they_are_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(parse_vector("0 " * MAX_PIECES)) == MAX_PIECES
    monkeypatch.setattr(parse, "lay_out", must_not_run)
    assert refusal(parse_vector, "0 " * (MAX_PIECES + 1)).code == "too_long"


def test_zeros_at_the_end_are_no_digits() -> None:
    assert parse_scalar("1e40") == parse_scalar("1" + "0" * 40) == 10**40
    assert refusal(parse_scalar, "1" + "0" * 1900).code == "too_large"


# ── before the work ─────────────────────────────────────────────────────────────────────────────


class TooMuchError(AssertionError):
    """Work that a bound should have prevented."""


def must_not_run(*_: object, **__: object) -> None:
    raise TooMuchError


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        (parse, "plain", "1" * (MAX_CHARACTERS + 1)),
        (parse, "plain", "[" * 10**6),
        (parse, "plain", "1+" * 300_000),
        (parse, "lay_out", "9" * 5000),
        (parse, "lay_out", "1e999999999"),
        (parse, "values", "(" * 8000),
        (parse, "values", "-" * 8000),
        (parse, "values", "2^" * 100 + "2"),
        (parse, "FieldValues", "√2 2; 3"),
        (values, "_calculate", row(SUMS, MAX_TOKENS)),
        (arithmetic, "_product", "((2^64)^9)^9"),
        (Fraction, "__pow__", "3^65"),
        (values, "Field", "2^1000 √2"),
        (values, "Field", row((f"cos(π/{n})" for n in range(3, 50)), 40)),
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
    monkeypatch.setattr(parse, "plain", must_not_run)
    with pytest.raises(TooMuchError, match=r"^$"):
        parse_vector("1")


def test_no_value_on_the_way_is_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rational result, seen as it is made: none has over 4,096 bits."""
    sizes = [0]

    def seen(value: Fraction) -> int:
        sizes.append(max(value.numerator.bit_length(), value.denominator.bit_length()))
        return sizes[-1]

    monkeypatch.setattr(arithmetic, "bits", seen)
    for text in (
        "(2^64)^8",
        "((2^64)^9)^9",
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
    assert parse_scalar("0.9^64") == sympy.Rational(9, 10) ** 64
    assert len(parse_vector(row(["½"] * 4000, 4000))) == 4000


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────


def test_four_hundred_rows_of_thirty_weights_are_read() -> None:
    random = Random(7)  # noqa: S311 - a repeatable draw, no secret
    rows = [[random.gauss(0, 1) for _ in range(30)] for _ in range(400)]
    text = "\n".join(" ".join(map(repr, line)) for line in rows)
    assert len(text) > 200_000
    found = parse_matrix(text, 400, 30)
    for i, j in ((0, 0), (17, 29), (399, 12)):
        assert found[i][j] == sympy.Rational(repr(rows[i][j]))
        assert abs(float(found[i][j]) - rows[i][j]) == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.4012985e-45", Fraction("1.4012985e-45")),  # the smallest of float32
        ("5e-324", Fraction("5e-324")),
        ("0.1000000000000000055511151231257827", Fraction("0.1000000000000000055511151231257827")),
        ("3602879701896397/36028797018963968", Fraction(3602879701896397, 36028797018963968)),
        (f"{10**599 + 7}/{10**598 + 9}", Fraction(10**599 + 7, 10**598 + 9)),
    ],
)
def test_a_long_number_is_read(text: str, value: Fraction) -> None:
    assert parse_scalar(text) == sympy.Rational(value.numerator, value.denominator)


@pytest.mark.parametrize("text", ["9" * 5_000, "1/" + "7" * 5_000, "0." + "3" * 5_000])
def test_an_integer_of_five_thousand_digits_is_refused_in_words(text: str) -> None:
    error = refusal(parse_scalar, text)
    assert error.code in {"too_many_digits", "cell_too_long"}
    assert f"{MAX_DIGITS:,}" in error.message or f"{MAX_CELL_CHARACTERS:,}" in error.message


@pytest.mark.parametrize(
    "text", ["[" + "1" * 5_000 + "] 0.5", "2" * 5_000 + "×2 Matrix{Int64}:\n 1  2"]
)
def test_a_count_of_five_thousand_digits_counts_nothing(text: str) -> None:
    assert refusal(parse_vector, text).code in {"too_many_digits", "ragged"}


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
    assert parse_cell(tokenise("1½")) == Fraction(3, 2)
