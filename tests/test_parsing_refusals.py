"""The reader: what is refused with which code, where the caret stands, and what to type instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from handcalc import parse_input, parse_matrix, parse_scalar, parse_vector
from tests.refusing import refusal

UNCLEAR = {
    "1 1/2": "ambiguous",
    "1 ½": "ambiguous",
    "½½": "ambiguous",
    "1/2√3": "ambiguous",
    "1/2(3)": "ambiguous",
    r"2\frac{1}{2}": "ambiguous",
    r"2\frac12": "ambiguous",
    r"\sqrt12": "ambiguous",
    r"\frac123": "ambiguous",
    r"\frac{1}23": "ambiguous",
    "0·5": "ambiguous",
    "1 -1": "ambiguous_minus",
    "1,000": "decimal_comma",
}
MISWRITTEN = {
    "sqrt 2": "missing",
    "cos 2π/3": "missing",
    "sin²(π/5)": "missing",
    "Sqrt[3]": "missing",
    "sqrt()": "missing",
    "1.2.3": "unexpected",
    "2^(1/3)": "unexpected",
    "2^√2": "unexpected",
    r"\sqrt[3]{2}": "unexpected",
    "∛2": "unexpected",
    "|2|": "unexpected",
    "$1$/2": "unexpected",
    r"\alpha": "unknown_name",
    "60°": "angle",
    "cos(π²)": "angle",
    "cos(√2π)": "angle",
    "cos(1)": "angle",
    "2π": "unknown_name",
    "2^π": "unknown_name",
    "√π": "unknown_name",
    "math.pi": "attribute",
    "(1).real": "attribute",
    "W == 1": "comparison",
    "1 = 1": "comparison",
    "1 0; 0 1": "wrong_shape",
}


@pytest.mark.parametrize(("text", "code"), (UNCLEAR | MISWRITTEN).items())
def test_one_number_is_refused_with_its_code(text: str, code: str) -> None:
    assert refusal(parse_scalar, text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    {
        "1 0, 0 1": "ambiguous",
        "1, 2 3": "ambiguous",
        "[1 -1, 2]": "ambiguous_minus",
        "1- 1 2": "ambiguous_minus",
        "1;0\n0;1": "ambiguous",
        "[1, 0,\n 0, 1]": "ambiguous",
        "1\t\t0\n0\t1": "missing",
        "1 0;; 0 1": "missing",
        "1 & & 0": "missing",
        "1 & 0 & \\\\ 0 & 1": "missing",
        '["1", ""]': "missing",
        "[[1, 0], []]": "ragged",
        "[1, [2, 3]]": "ragged",
        "[[[1], [0]], [[0], [1]]]": "wrong_shape",
        "2*[1 0; 0 1]": "unexpected",
        "[1 0; 0 1]*2": "unexpected",
        "[1 0; 0 1]'": "unexpected",
        "[1 0; 0 1]^T": "unexpected",
        "[1 0; 0 1].T": "attribute",
        "nn.Parameter(torch.tensor([[1., 0.]]))": "attribute",
        "Matrix(2, 2, [1, 0, 0, 1])": "unexpected",
        "array([[1, 0]], order_by=1)": "unexpected",
        r"\begin{vmatrix} 1 & 0 \end{vmatrix}": "unexpected",
        "[1 ... 2]": "unexpected",
        "'1 0; 0 1'": "quoted",
        "`1 0; 0 1`": "quoted",
        '"1 0': "quoted",
        '["0,5", "1"]': "decimal_comma",
        "0,05 1,5": "decimal_comma",
        "1 0\n0 1]": "unbalanced",
    }.items(),
)
def test_a_table_is_refused_with_its_code(text: str, code: str) -> None:
    assert refusal(parse_matrix, text).code == code


def test_a_comma_is_a_decimal_comma_where_a_point_makes_the_shape_fit() -> None:
    assert parse_matrix("0,5; 1,5") == ((0, 5), (1, 5))
    for text, asked in (("0,5; 1,5", (2, 1)), ("0,5 0; 0 1", ()), ("1,5; 2", (2, 1))):
        assert refusal(parse_matrix, text, *asked).code == "decimal_comma"
    assert refusal(parse_vector, "0,5; 1,25; 2").code == "decimal_comma"
    assert refusal(parse_matrix, "1,0\n0").code == "ragged"


@pytest.mark.parametrize(
    ("text", "code", "column", "word"),
    [
        ("banana", "unknown_name", 1, '"banana"'),
        ("W", "unknown_name", 1, '"W"'),
        ("c(1,0,0,1)", "unknown_call", 1, '"c"'),
        ("rbind(c(1,0), c(0,1))", "unknown_call", 1, '"rbind"'),
        ("nn.Parameter(torch.tensor([[1., 0.]]))", "attribute", 1, '"nn.Parameter"'),
        ("1 0; 0 1; 0 1 e-3", "unknown_name", 15, '"e"'),
        ("1 0; 1/0", "division_by_zero", 7, "zero"),
        ("1 0 x1; 0 1", "unknown_name", 5, '"x1"'),
    ],
)
def test_what_is_no_number_is_refused_before_the_shape(
    text: str, code: str, column: int, word: str
) -> None:
    error = refusal(parse_matrix, text, 3, 2)
    assert (error.code, error.row, error.column) == (code, 1, column)
    assert word in error.message


def test_symbols_are_no_fault_of_an_input_of_the_wrong_shape() -> None:
    assert refusal(parse_input, "x1 0 x3 0", 3).code == "wrong_shape"
    assert refusal(parse_input, "x1 [0, 1]").code == "ragged"
    assert refusal(parse_input, "x1 0 foo 0", 3).code == "unknown_name"


@pytest.mark.parametrize("asked", [(), (3, 2)])
@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        ("1;0\r\n0,5;1\r\n0;0", "decimal_comma", "1,0 \n0.5,1 \n0,0"),
        ("0,5;0\n0;1\n0;0", "decimal_comma", "0.5,0\n0,1\n0,0"),
        ("0,5;0,1\n1;0\n0;0", "decimal_comma", "0.5,0.1\n1,0\n0,0"),
        ("0,05;0\n0;1\n0;0", "decimal_comma", "0.05,0\n0,1\n0,0"),
        ("1;0\n0;1\n0;0", "ambiguous", "1,0\n0,1\n0,0"),
    ],
)
def test_lines_with_semicolons_in_them_are_a_table_with_decimal_commas(
    text: str, code: str, suggestion: str, asked: tuple[int, ...]
) -> None:
    error = refusal(parse_matrix, text, *asked)
    assert (error.code, error.suggestion) == (code, suggestion)
    assert len(parse_matrix(suggestion, 3, 2)) == 3


def test_semicolons_at_the_ends_of_lines_end_rows() -> None:
    assert refusal(parse_matrix, "1,0;\n0,1;\n5;").code == "ragged"
    assert parse_matrix("0,5; 0,1; 0,0", 3, 2) == ((0, 5), (0, 1), (0, 0))


@pytest.mark.parametrize("value", [5, 0.5, True, None, b"1 2", ["1"], object()])
@pytest.mark.parametrize("door", [parse_scalar, parse_vector, parse_matrix, parse_input])
def test_what_is_no_text_is_refused_by_its_type(door: Callable[..., Any], value: Any) -> None:
    error = refusal(door, value)
    assert (error.code, error.row, error.suggestion) == ("text_expected", None, None)
    assert ("None" if value is None else type(value).__name__) in error.message
    assert ("decode" in error.message) == isinstance(value, bytes)


def test_names_before_the_numbers_are_let_go_and_others_are_not() -> None:
    for name in ("W=", "W :=", "b:", "answer = ", r"\vec b ="):
        assert parse_vector(f"{name}1 2") == (1, 2)
    for name in ("lambda:", "W.T =", "1 =", "=", "x1 =", "a = b ="):
        assert refusal(parse_vector, f"{name} 1 2").code in {
            "attribute",
            "comparison",
            "unexpected",
            "unknown_name",
        }


# ── where, and what to type instead ─────────────────────────────────────────────────────────────

CARETS = [
    ("1 0; 0 3!", 1, 9),
    ("\ufeff1 3!", 1, 5),
    ("1 0\r\n0 3!", 2, 4),
    ("1 0\r0 3!", 2, 4),
    ("1\t0\n0\t3!", 2, 4),
    ("−½ × 3!", 1, 7),
    ("W =\n1 0\n0 3!\n", 3, 4),
    ("$W = 3!$", 1, 7),
    ("[[1, 0],\n [0, 1/0]]", 2, 7),
    ("1+", 1, 3),
    ("1 0\n0 1+\n", 2, 5),
    ("(1 0; 0 1", 1, 1),
    ("1 0; 0 \u200b1", 1, 8),
    ("√2 √(1-√2)", 1, 4),
    ("1 cos(π/61)", 1, 3),
    ("1 0; 0; 0 1", 1, 6),
]


@pytest.mark.parametrize(("text", "row", "column"), CARETS)
def test_the_caret_points_at_the_character_at_fault(text: str, row: int, column: int) -> None:
    error = refusal(parse_matrix, text)
    assert (error.row, error.column) == (row, column)
    line, caret = error.caret.split("\n")
    assert caret == " " * (column - 1) + "^"
    assert len(line) >= column - 1


SUGGESTIONS: list[tuple[Callable[..., Any], str, tuple[int, ...], str | None]] = [
    (parse_scalar, "0,5", (), "0.5"),
    (parse_scalar, "1,000", (), None),
    (parse_scalar, "1 1/2", (), "1+1/2"),
    (parse_scalar, "1/2√3", (), "(1/2)√3"),
    (parse_scalar, r"\sqrt12", (), r"\sqrt{12}"),
    (parse_scalar, r"2\frac{1}{2}", (), r"2+\frac{1}{2}"),
    (parse_scalar, "0·5", (), "0.5"),
    (parse_scalar, "1 -1", (), "1-1"),
    (parse_scalar, "3!", (), "6"),
    (parse_scalar, "50%", (), "50/100"),
    (parse_scalar, "1_000", (), "1000"),
    (parse_scalar, "0x1F", (), "31"),
    (parse_scalar, "True", (), "1"),
    (parse_scalar, "np.sqrt(2)", (), "sqrt(2)"),
    (parse_scalar, "sqrt2", (), "sqrt(2)"),
    (parse_scalar, "sqrt 2", (), "sqrt(2)"),
    (parse_scalar, "cos π", (), "cos(π)"),
    (parse_scalar, "cos 2pi/3", (), "cos(2pi/3)"),
    (parse_scalar, "cos 120", (), "cos(120*pi/180)"),
    (parse_scalar, r"\sqrt[3]{8}", (), None),
    (parse_scalar, "|-2|", (), None),
    (parse_scalar, "Sqrt[3]/2", (), "Sqrt(3)/2"),
    (parse_scalar, "cos(60)", (), "cos(60*pi/180)"),
    (parse_scalar, "O", (), "0"),
    (parse_scalar, "(1/2", (), "(1/2)"),
    (parse_scalar, "1/2)", (), "1/2"),
    (parse_scalar, '"1/2"', (), "1/2"),
    (parse_scalar, "1\u200b/2", (), "1/2"),
    (parse_scalar, "W == 1", (), "W = 1"),
    (parse_scalar, r"\frac{1}{2}.", (), r"\frac{1}{2}"),
    (parse_scalar, "1/0", (), None),
    (parse_scalar, "tan(1)", (), None),
    (parse_vector, "1 - 1 0", (), "1-1 0"),
    (parse_vector, "1 - 1 0", (3,), "1 -1 0"),
    (parse_vector, "0,5 0,25", (), "0.5 0.25"),
    (parse_vector, "1 + 1 0", (2,), "1+1 0"),
    (parse_matrix, "[1 0; 0 1", (), "[1 0; 0 1]"),
    (parse_matrix, "1 0, 0 1, 0 0", (), "1 0; 0 1; 0 0"),
    (parse_matrix, "1;0\n0;1", (), "1,0\n0,1"),
    (parse_matrix, "[1, 0,\n 0, 1]", (), "[1, 0;\n 0, 1]"),
    (parse_matrix, "1 0 0; 0 1 -1", (3, 2), "1 0; 0 1; 0 -1"),
    (parse_matrix, "[[1, 2 - 1, 0], [0, 1, √2/2]]", (3, 2), "1 0; 2-1 1; 0 √2/2"),
    (parse_matrix, r"1 & \sqrt 2 & 2 \sqrt{3}", (3, 1), r"1; \sqrt 2; 2\sqrt{3}"),
    (parse_matrix, "1 0; 0 1", (3, 2), None),
    (parse_matrix, "1 0; 0 1; 0 1 e-3", (3, 2), "1 0; 0 1; 0 1e-3"),
    (parse_vector, '{"x1": 1, "x2": 2}', (), None),
]


@pytest.mark.parametrize(("door", "text", "asked", "suggestion"), SUGGESTIONS)
def test_a_suggestion_is_the_text_mended_and_can_be_read(
    door: Callable[..., Any], text: str, asked: tuple[int, ...], suggestion: str | None
) -> None:
    error = refusal(door, text, *asked)
    assert error.suggestion == suggestion
    if suggestion is not None:
        assert door(suggestion, *asked) is not None


def test_the_transposed_text_is_the_transposed_matrix() -> None:
    text = "1 √3/2 -1/2; 0 cos(π/7) 1e-3"
    suggestion = refusal(parse_matrix, text, 3, 2).suggestion
    assert suggestion is not None
    assert parse_matrix(suggestion) == tuple(zip(*parse_matrix(text), strict=True))


def test_a_square_matrix_is_never_called_transposed() -> None:
    assert refusal(parse_matrix, "1 2; 3 4", 2, 3).code == "wrong_shape"
    assert parse_matrix("1 2; 3 4", 2, 2) == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("door", "text", "asked", "words"),
    [
        (parse_matrix, "1 0; 0; 0 1", (), ["row 2 has 1", "row 1 has 2"]),
        (parse_matrix, "1 0; 0 1", (3, 2), ["3 × 2", "2 × 2"]),
        (parse_vector, "1 2", (3,), ["3 numbers", "not 2"]),
        (parse_scalar, "1\u200b", (), ["U+200B", "zero width space"]),
        (parse_scalar, "1\x07", (), ["U+0007"]),
        (parse_scalar, "cos(1)", (), ["cos(2*pi/3)"]),
        (parse_scalar, "foo", (), ['"foo"']),
        (parse_scalar, "a" * 100, (), ['"aaaaaaaaaaa…aaa"']),
        (parse_scalar, "sqrt 2", (), ['"sqrt" takes a number in brackets']),
        (parse_scalar, r"\sqrt[3]{8}", (), ["only square roots"]),
        (parse_scalar, "1,000", (), ["0.5", "1000"]),
        (parse_scalar, "tan(1)", (), ['"tan"', "sqrt, cos and sin"]),
        (parse_scalar, "[1", (), ['"["']),
    ],
)
def test_the_sentence_says_what_came(
    door: Callable[..., Any], text: str, asked: tuple[int, ...], words: list[str]
) -> None:
    message = refusal(door, text, *asked).message
    assert [word for word in words if word not in message] == []


# ── what is never done ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "open('/etc/passwd').read()",
        "sympy.sympify('1')",
        "exec('1')",
        "1 if 1 else 2",
        "1 or 2",
        "{}.get(1)",
        "%s",
        "{0.__class__}",
    ],
)
def test_code_is_refused(text: str) -> None:
    for door in (parse_scalar, parse_vector, parse_matrix, parse_input):
        assert refusal(door, text).code


def test_a_refusal_shows_no_inner_errors() -> None:
    error = refusal(parse_scalar, "1+")
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("read", "text", "suggestion"),
    [
        (parse_matrix, '{"b": [0, 1], "W": [[1, 0], [0, 1]]}', "[[1, 0], [0, 1]]"),
        (parse_vector, '{"b": [0, 1], "W": [[1, 0], [0, 1]]}', "[0, 1]"),
        (parse_matrix, '{"columns": [0, 1], "index": [0, 1], "data": [[1, 0], [0, 1]]}', None),
        (parse_matrix, '{"W1": [[1, 0]], "W2": [[0, 1]]}', None),
        (parse_matrix, "{W}' = 1 0; 0 1", None),
        (parse_matrix, ">> W'\n\nans =\n\n   1   0\n   0   1", None),
        (parse_matrix, "octave:1> W'\nans =\n\n   1   0\n   0   1", None),
        (parse_matrix, "    0  1\n0  - 12 1\n1  0  3", None),
        (parse_matrix, "1 & 0 % \\\\ 5 & 5", None),
        (parse_matrix, "1 0 % 5 5", None),
        (parse_matrix, "50% 25%; 1 0", "50/100 25/100; 1 0"),
        (parse_matrix, "1 0; 0 - 1", "1 0; 0 -1"),
    ],
)
def test_a_suggestion_is_the_right_reading_or_none(
    read: Callable[[str], object], text: str, suggestion: str | None
) -> None:
    assert refusal(read, text).suggestion == suggestion
