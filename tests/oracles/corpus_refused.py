r"""Texts that cannot be taken, with the code of the refusal; shapes and doors where they matter.

A text is a string, or a list of strings and ``{"repeat": [string, times]}`` for the long ones.
A code like ``"too_deep|unbalanced"`` belongs to a text that breaks both rules.
"""

from __future__ import annotations

from typing import Any

__all__ = ["refused"]

Refusal = dict[str, Any]
THREE_BY_TWO = {"door": "matrix", "rows": 3, "columns": 2}
THREE = {"door": "vector", "length": 3}
INPUT = {"door": "input", "length": 3}


def _repeat(text: str, times: int) -> dict[str, list[Any]]:
    return {"repeat": [text, times]}


def _refuse(code: str, *texts: Any, **more: Any) -> list[Refusal]:
    refusal = more.pop("refusal", code.split("|", maxsplit=1)[0])
    door = {"door": "scalar", **more}
    return [{"refusal": refusal, "code": code, "text": text, **door} for text in texts]


def _matrix(code: str, *texts: Any) -> list[Refusal]:
    return _refuse(code, *texts, **THREE_BY_TWO)


def _vector(code: str, *texts: Any) -> list[Refusal]:
    return _refuse(code, *texts, **THREE)


def bounds() -> list[Refusal]:
    """Texts that are stopped before any work is done on them."""
    seven_roots = "+".join(f"sqrt({prime})" for prime in (2, 3, 5, 7, 11, 13, 17))
    four_rows = "sqrt(2) sqrt(3); sqrt(5) sqrt(7); sqrt(11) sqrt(13); sqrt(17) sqrt(19)"
    nested = "sqrt(2+" * 7 + "sqrt(2)" + ")" * 7
    long_sum = "+".join(["1234567890" * 25] * 10)
    return [
        *_refuse("too_long", [_repeat("[", 600_000)], [_repeat("1+", 300_000), "1"]),
        *_refuse("too_long", [_repeat("1", 500_001)]),
        *_refuse("too_long|empty", [_repeat(" ", 600_000)]),
        *_refuse("too_long", [_repeat("(", 300_000), "1", _repeat(")", 300_000)]),
        *_refuse("too_long", [_repeat("1 0; ", 110_000)], [_repeat("1\n", 10**6)], door="matrix"),
        *_refuse("too_long", [_repeat("0,", 260_000)], door="vector"),
        *_refuse("too_long", [_repeat("x1 ", 200_000)], **INPUT),
        *_refuse("cell_too_long", long_sum, "(" + long_sum + ")/2", long_sum.replace("+", "*")),
        *_refuse("cell_too_long", f"1 0; 0 {long_sum}; 0 0", f"{long_sum} 0\n0 1", door="matrix"),
        *_vector("cell_too_long", f"[0, {long_sum}, 0]"),
        *_refuse("too_deep", "(" * 33 + "1" + ")" * 33, "-(" * 36 + "1" + ")" * 36),
        *_refuse("too_deep", "[" * 33 + "1" + "]" * 33, door="matrix"),
        *_refuse("too_deep", "{" * 50 + "1" + "}" * 50, door="vector"),
        *_refuse("too_deep|cell_too_long|unbalanced|too_many_tokens", [_repeat("(", 7_999)]),
        *_refuse(
            "too_deep|cell_too_long|unbalanced|too_many_tokens",
            [_repeat("[", 5_000)],
            [_repeat("[", 3_900), "1", _repeat("]", 3_900)],
            [_repeat("{(", 2_000)],
            door="matrix",
        ),
        *_refuse("too_deep|unbalanced|too_many_tokens", [_repeat("√(", 99), "1"]),
        *_refuse("too_many_tokens", "1+" * 60 + "1", "1*" * 60 + "1", "1-" * 70 + "1"),
        *_refuse("too_many_tokens", "1 0; 0 " + "1+" * 60 + "1", door="matrix"),
        *_refuse("too_many_tokens|cell_too_long", [_repeat("1+", 3_000), "1"]),
        *_refuse("too_many_tokens|cell_too_long", [_repeat("1/", 3_999), "1"]),
        *_refuse("too_many_digits", "1" * 1001, "0." + "3" * 1000),
        *_refuse("too_many_digits", "1/" + "7" * 1001, "-" + "9" * 1200),
        *_refuse("too_many_digits", "1 0; 0 " + "8" * 1060, door="matrix"),
        *_refuse(
            "too_many_digits|cell_too_long", [_repeat("9", 5_000)], ["0.", _repeat("1", 5_000)]
        ),
        *_refuse("exponent_too_large", "1e999999999", "1e-999999999"),
        *_refuse("exponent_too_large", "1e401", "1e-401", "-1.5E+999"),
        *_matrix("exponent_too_large", "1 0; 0 1e4000; 0 0"),
        *_refuse("exponent_too_large|too_many_digits|cell_too_long", ["1e", _repeat("9", 4_000)]),
        *_refuse("power_too_large", "2^65", "2**1000", "10^-100", "1.1^65", "(1/2)^99999999"),
        *_refuse("power_too_large", "2^(-65)", "0^1000", "1^65"),
        *_refuse(
            "power_too_large|too_large|ambiguous",
            "9^9^9",
            "9^9^9^9^9",
            "9**9**9",
            "10^10^10^10",
            [_repeat("9^", 50), "9"],
            refusal="power_tower",
        ),
        *_matrix("power_too_large", "1 0; 0 2^100; 0 0"),
        *_refuse("too_large", "(2^64)^64", "(10^40)^64", "((2^64)^8)^9", "*".join(["1e400"] * 4)),
        *_refuse("too_large", "1/(1e400)^4", "((99^20)^20)^20", "(0.123456789^60)^60"),
        *_matrix("too_large", "1 0; 0 (2^64)^64; 0 0"),
        *_refuse(
            "too_complicated", seven_roots, nested, "cos(pi/61)", "cos(2π/97)", "sin(pi/1009)"
        ),
        *_refuse("too_complicated", "cos(pi/59)+cos(pi/47)", "cos(pi/1000000007)"),
        *_refuse("too_complicated", four_rows, door="matrix"),
    ]


def numbers() -> list[Refusal]:
    """Things that are not numbers, or not numbers that anyone can work with by hand."""
    return [
        *_refuse("unknown_name", "x", "x+1", "2*y", "sqrt(x)", "W", "hello", "one half", "e", "π"),
        *_refuse("unknown_name", "pi", "1 + pi", "2*pi", "cos(x)", "2^x", "θ", r"\alpha"),
        *_matrix("unknown_name", "1 0; 0 a; 0 0", "[[x, 0], [0, 1], [0, 0]]"),
        *_vector("unknown_name", "x1 0 x3"),
        *_refuse("unknown_name", "y1 0 x3", "x4 0 0", "x0 0 0", "foo 0 x3", **INPUT),
        *_refuse("unknown_call", "tan(pi/4)", "exp(1)", "f(2)", "max(1, 2)", "abs(-1)", "eval(1)"),
        *_refuse("unknown_call", "log(2)", "range(3)", "open(1)"),
        *_refuse("unknown_call|quoted|underscore|unknown_name", '__import__("os")'),
        *_refuse("unknown_call|quoted", 'eval("1")', "exec('1')", 'open("/etc/passwd")'),
        *_refuse(
            "unknown_call", "1 0; 0 exp(0); 0 0", "[[1, 0], [0, tan(0)], [0, 0]]", **THREE_BY_TWO
        ),
        *_refuse("attribute", "os.system", "a.b", "os.system(1)", "x.real", "math.e", "W.T"),
        *_refuse("attribute|quoted", "os.system('ls')", 'os.system("rm -rf /")'),
        *_refuse("attribute|underscore", "().__class__", "x.__class__.__bases__"),
        *_matrix("attribute", "1 0; 0 W.T; 0 0"),
        *_refuse("quoted", '"1"', "'1/2'", '"1/2"', "'quoted'", "\u201c1\u201d", '"sqrt(2)"'),
        *_refuse("boolean", "True", "False", "true", "-True", "True + 1"),
        *_refuse(
            "boolean",
            "True 0; 0 1; 0 0",
            "[[true,false],[false,true],[false,false]]",
            **THREE_BY_TWO,
        ),
        *_vector("boolean", "[True, False, True]"),
        *_refuse("hexadecimal", "0x1F", "0xff", "0XAB", "-0x1", "0x10/2", "1+0x2"),
        *_refuse("hexadecimal", "0xef", "0x1e3", "0xEC/2", "0x1eF"),
        *_matrix("hexadecimal", "0x1 0; 0 1; 0 0"),
        *_refuse("underscore", "1_0", "1_000", "10_000.5", "-1_0", "1_0/2"),
        *_matrix("underscore", "1_0 0; 0 1; 0 0", "[[1_000, 0], [0, 1], [0, 0]]"),
        *_refuse("nan", "nan", "NaN", "NAN", "-nan", "1 + nan"),
        *_matrix("nan", "nan 0; 0 1; 0 0", "[[nan, 0.], [0., 1.], [0., 0.]]"),
        *_vector("nan", "[0.5 nan 1. ]"),
        *_refuse("infinite", "inf", "Infinity", "-inf", "\u221e", "-\u221e", r"\infty", "1/inf"),
        *_matrix("infinite", "[[inf 0.]\n [0. 1.]\n [0. 0.]]"),
        *_refuse("division_by_zero", "1/0", "0/0", "1/(1-1)", "0^-1", r"\frac{1}{0}", "2/0.0"),
        *_refuse("division_by_zero", "1/(sqrt(2)^2 - 2)", "1/cos(pi/2)", "1/(√2 - √2)"),
        *_refuse("division_by_zero", "1/(cos(2*pi/5) - (sqrt(5)-1)/4)", "1/sin(2π)"),
        *_matrix("division_by_zero", "1 0; 0 1/0; 0 0"),
        *_refuse("negative_root", "sqrt(-1)", "√(-1)", r"\sqrt{-2}", "sqrt(1-2)", "sqrt(-4)/2"),
        *_refuse("negative_root", "sqrt(1-sqrt(2))", "sqrt(cos(2*pi/3))", "sqrt(cos(pi) + 1/2)"),
        *_refuse("negative_root", "sqrt(-0.0001)", r"\frac{\sqrt{-3}}{2}"),
        *_matrix("negative_root", "1 0; 0 sqrt(-1); 0 0"),
        *_refuse("factorial", "3!", "0!", "(2+1)!", "5!/2", "1 + 3!"),
        *_matrix("factorial", "3! 0; 0 1; 0 0"),
        *_refuse("percent", "50%", "12.5%", "50 %", "-5%"),
        *_matrix("percent", "50% 0; 0 1; 0 0"),
        *_refuse(
            "comparison", "1<2", "1==2", "1<=2", "1 > 0", "1 \u2264 2", "0 \u2260 1", "1 != 2"
        ),
        *_refuse("imaginary", "2i", "3j", "i", "j", "1+2i", "2*i", "1j", "1+1j"),
        *_refuse(
            "imaginary",
            "2i 0; 0 1; 0 0",
            "[[1.+0.j 0.+1.j]\n [0.+0.j 1.+0.j]\n [0.j 0.j]]",
            **THREE_BY_TWO,
        ),
        *_refuse(
            "angle", "cos(1)", "sin(2)", "cos(0.5)", "sin(1/2)", "cos(sqrt(2)*pi)", "cos(pi+1)"
        ),
        *_refuse("angle", "cos(pi^2)", "cos(1/pi)", r"\cos(1)", "sin(pi*pi)"),
        *_refuse("decimal_comma", "0,5", "1,5", "-0,25", "3,14", "+0,5"),
        *_refuse(
            "decimal_comma",
            "0,5 0; 0 1; 0 0",
            "1 0\n0 1\n0,5 0,5",
            "[0,5 0,5; 0 1; 0 0]",
            **THREE_BY_TWO,
        ),
        *_refuse(
            "unexpected", "@", "1 # 2", "1?2", "1@2", "\U0001f44d", "\u222b", "1|2", "1~2", "1:3"
        ),
        *_matrix("unexpected", "1 0; 0 @; 0 0"),
    ]


def shapes() -> list[Refusal]:
    """Rows and cells that do not add up to what was asked."""
    empty_array = "array([])"
    return [
        *_refuse("empty", "", " ", "\n\n", "\t", "\ufeff", "\r\n"),
        *_matrix("empty", "", "  \n", "[]", "[[]]", empty_array),
        *_vector("empty", "", "[]"),
        *_refuse("empty", "", **INPUT),
        *_refuse(
            "ragged", "1 0; 0; 0 1", "[[1, 0], [0], [0, 1]]", "1,2,3\n4,5\n6,7,8\n", door="matrix"
        ),
        *_refuse("ragged", "1 2 3; 4 5", "[[1 0]\n [0 1 1]]", "1\t2\n3\n", door="matrix"),
        *_refuse(
            "ragged", r"\begin{bmatrix} 1 & 0 \\ 0 \end{bmatrix}", "((1, 2), (3,))", door="matrix"
        ),
        *_matrix("ragged", "1 0; 0 1 0; 0 0", '[["1"], ["0", "1"], ["1"]]'),
        *_matrix("wrong_shape", "1 0 0; 0 1 0; 0 0 1", "1 0; 0 1", "1 2 3 4", "5"),
        *_matrix("wrong_shape", "[[1, 0], [0, 1], [0, 0], [1, 1]]", "1\n0\n0\n"),
        *_matrix("wrong_shape", r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}"),
        *_vector("wrong_shape", "1 2", "1 2 3 4", "[1, 2]", "1; 2", "1 0; 0 1; 0 0"),
        *_refuse("wrong_shape", "x1 0", "x1 0 x3 0", **INPUT),
        *_refuse(
            "transposed", "1 0 0; 0 1 0", "[[1, 0, 0], [0, 1, 0]]", "1,0,0\n0,1,0\n", **THREE_BY_TWO
        ),
        *_matrix("transposed", "[[1. 0. 0.]\n [0. 1. 0.]]", "1 0 -1\n0 1 0"),
        *_refuse(
            "transposed", r"\begin{pmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}", **THREE_BY_TWO
        ),
        *_refuse("transposed", "1 2; 3 4; 5 6", door="matrix", rows=2, columns=3),
        *_matrix("ambiguous_minus", "1 - 1; 0 1; 0 0", "1 0; 0 - 1; 0 0"),
        *_matrix("ambiguous_minus", "1 \u2212 1; 0 1; 0 0", "[1 - 1; 0 1; 0 0]"),
        *_matrix("ambiguous_minus", "1 0\n0 1\n0 - 1", "[[1 0]\n [0 1]\n [0 - 1]]"),
        *_vector("ambiguous_minus", "1 - 1 0", "[1 - 1 0]", "0 1 \u2013 1"),
        *_refuse("ambiguous_minus", "x1 - 1 0", "x1 - x2 x3", **INPUT),
        *_refuse(
            "ambiguous|ambiguous_minus", "1 + 1 0; 0 1; 0 0", "1 0\n0 + 1\n0 0", **THREE_BY_TWO
        ),
        *_vector("ambiguous|ambiguous_minus", "1 + 1 0"),
        *_refuse("ambiguous|wrong_shape|unexpected", "1 1/2", "1 2", "2 3/4", "0.5 0.5"),
        *_refuse("unbalanced", "(1/2", "1/2)", "sqrt(2", "(1]", "((1)", ")", "(", r"\frac{1}{2"),
        *_refuse(
            "unbalanced", "[1 0; 0 1", "[[1,0],[0,1]", "1 0; 0 1]", "[[1,0],[0,1]]]", door="matrix"
        ),
        *_refuse(
            "unbalanced",
            "[[1, 0), [0, 1]]",
            "array([[1, 0], [0, 1]]",
            "((1,0),(0,1)",
            door="matrix",
        ),
        *_refuse("unbalanced", r"\begin{bmatrix} 1 & 0 \\ 0 & 1", door="matrix"),
        *_refuse("unbalanced", r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}", door="matrix"),
        *_refuse("missing", "1/", "1+", "*2", "2^", "sqrt()", r"\frac{1}{}", "√", "(1+)", "1+*2"),
        *_vector("missing", "1,,2", "[1, , 2]", ",1,2"),
        *_refuse("missing", "1 0; ; 0 1", "1,,2\n3,4,5", "[[1, 0], , [0, 1]]", door="matrix"),
        *_refuse(
            "missing", "1,0\n,1\n0,0", r"\begin{bmatrix} 1 & \\ 0 & 1 \end{bmatrix}", door="matrix"
        ),
        *_refuse("missing", '[["1", ""], ["0", "1"]]', "1 0; 0 1/; 0 0", door="matrix"),
    ]


def invisible() -> list[Refusal]:
    """Characters that cannot be seen: the place is given, and the message names them."""
    hidden = [
        ("1\u200b0", 2), ("\u200b1", 1), ("1/\u200e2", 3), ("1\u200f", 2), ("\u202e1/2", 1),
        ("1\x000", 2), ("\x00", 1), ("1\x07", 2), ("1\u00ad2", 2), ("1\u20602", 2),
        ("1\ufeff2", 2), ("1\u200d2", 2), ("sqrt(2\u200b)", 7), ("1\x1b[0m", 2), ("1\x7f", 2),
    ]  # fmt: skip
    scalars = [
        {**_matrix("invisible_character", text)[0], "row": 1, "column": column}
        for text, column in hidden
    ]
    second_row = _refuse("invisible_character", "1 0\n0 \u200b1\n0 0")[0]
    vector = _refuse("invisible_character", "1 \u200f0 0", **THREE)[0]
    return [
        *scalars,
        {**second_row, "row": 2, "column": 3},
        {**vector, "row": 1, "column": 3},
    ]


def places() -> list[Refusal]:
    """Mistakes on a known line of several: the row of the error is that line."""
    texts = [
        ("factorial", "1 0\n0 3!\n0 0", 2),
        ("unknown_name", "1,0\r\n0,1\r\n0,foo\r\n", 3),
        ("division_by_zero", "[[1, 0],\n [0, 1],\n [1/0, 0]]", 3),
        ("boolean", "W =\n1 0\n0 True\n0 0", 3),
        ("negative_root", "1 0\nsqrt(-1) 0\n0 0", 2),
        ("percent", "1\t0\n0\t1\n5%\t0", 3),
        ("ambiguous_minus", "1 0\n0 - 1\n0 0", 2),
        ("underscore", "\n\n1 0\n0 1_0\n0 0", 4),
        ("imaginary", "\\begin{bmatrix}\n1 & 0 \\\\\n0 & 2i \\\\\n0 & 0\n\\end{bmatrix}", 3),
        ("exponent_too_large", "1 0\n0 1\n0 1e999\n", 3),
        ("too_many_digits", "1 0\n0 1\n" + "1" * 1050 + " 0", 3),
    ]
    return [{**_matrix(code, text)[0], "row": row} for code, text, row in texts]


def refused() -> list[Refusal]:
    """Every refused text."""
    return bounds() + numbers() + shapes() + invisible() + places()
