"""Nothing is read as something else: texts that two readers take for two things, and look-alikes.

Each is read as its writer meant, or refused with both readings in the sentence; never read as the
other. The dialects of single programs are in tests/data/printed.jsonl.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy

from handcalc import InputError, parse_input, parse_matrix, parse_scalar, parse_vector
from tests.refusing import refusal

HALF = Fraction(1, 2)

READ: dict[str, tuple[tuple[Fraction | int, ...], ...]] = {
    # marks of lists
    "- 1 0\n- 0 -1": ((1, 0), (0, -1)),
    "-\t1\t0\n-\t0\t-1": ((1, 0), (0, -1)),
    "— 1 0\n— 0 —1": ((1, 0), (0, -1)),
    "- [1, 0]\n- [0, -1]": ((1, 0), (0, -1)),
    "W:\n- [1, 0]\n- [0, -1]": ((1, 0), (0, -1)),
    "b:\n- 0.5\n- 0.25": ((HALF,), (Fraction(1, 4),)),
    "- 0.5\n- -0.25": ((HALF,), (Fraction(-1, 4),)),
    "- - 1\n  - 0\n- - 0\n  - -1": ((1, 0), (0, -1)),
    "W:\n- - 1\n  - 0\n- - 0\n  - -1\n": ((1, 0), (0, -1)),
    "- - 0.5\n- - -0.25": ((HALF,), (Fraction(-1, 4),)),
    "* 1 0\n* 0 -1": ((1, 0), (0, -1)),
    "• 1 0\n• 0 -1": ((1, 0), (0, -1)),
    # a minus with a blank behind it, where nothing makes it a mark
    "- 1 0\n0 1": ((-1, 0), (0, 1)),
    "- 1 2": ((-1, 2),),
    "- - 1\n\n  - -3\n\n- - -12\n\n  - -12": ((1, -3), (-12, -12)),
    "W:\n  - - 1\n    - 0\n  - - 0\n    - -1": ((1, 0), (0, -1)),
    "- - 1\n    - 0\n  - - 0\n    - -1": ((1, 0), (0, -1)),
    "1--1 -(-1)": ((2, 1),),
    # Markdown's tables without names
    "| | |\n|--|--|\n| 1 | 0 |\n| 0 | -1 |": ((1, 0), (0, -1)),
    "|  |  |  |\n|--|--|--|\n| 1 | 0 | 2 |\n| 0 | -1 | 3 |": ((1, 0, 2), (0, -1, 3)),
    "| | a | b |\n|--|--|--|\n| 1 | 0 | 2 |\n| 0 | -1 | 3 |": ((0, 2), (-1, 3)),
    "| | |\n|--|--|\n| w1 | 1 |\n| w2 | 2 |": ((1,), (2,)),
    "| a | b |\n|---|---|\n| ½ | 1 |\n| −½ | 2 |": ((HALF, 1), (-HALF, 2)),
    # commas that part numbers
    "1, 0; 0, 1;\n0, -1": ((1, 0), (0, 1), (0, -1)),
    "1,0; 0,1;\n1,1": ((1, 0), (0, 1), (1, 1)),
    r"1 & 0, \\ 0 & 1,": ((1, 0), (0, 1)),
    "a;b\n1;0\n0;-1": ((1, 0), (0, -1)),
    "a;b\n1;2": ((1, 2),),
    # sympy's matrix of a list is a column
    "Matrix([1, 2])": ((1,), (2,)),
    "sympy.ImmutableMatrix([1/2, -1])": ((HALF,), (-1,)),
    "Matrix([[1, 2]])": ((1, 2),),
    "np.matrix([1, 2])": ((1, 2),),
    # braces
    "{{1},{-1}}": ((1,), (-1,)),
    "{{1, 0}, {0, -1}}": ((1, 0), (0, -1)),
    "{1},{-1}": ((1,), (-1,)),
    "((1),(-1))": ((1, -1),),
    "{1, -1}": ((1, -1),),
    "{{1}}": ((1,),),
    # LaTeX whose row ends are there
    r"\begin{bmatrix} 1 & \ 0 \\ -1 & \ 1 \end{bmatrix}": ((1, 0), (-1, 1)),
    "\\begin{bmatrix}\n1 &\n0 \\\\\n-1 & 1\n\\end{bmatrix}": ((1, 0), (-1, 1)),
    r"\begin{pmatrix} 1 & - 1 \\ 1 - 2 & 1\,-\,1 \end{pmatrix}": ((1, -1), (-1, 0)),
    # recurring decimals
    "0.(3) 66.(3)": ((Fraction(1, 3), Fraction(199, 3)),),
    r"0.{3} 0.1\overline{6}": ((Fraction(1, 3), Fraction(1, 6)),),
    ".(142857) -1.(6)": ((Fraction(1, 7), Fraction(-5, 3)),),
    "2.(1/2) 2(3)": ((1, 6),),
    # commas between whole numbers are commas
    "1,0\n0,1": ((1, 0), (0, 1)),
    "1,0;\n0,1;": ((1, 0), (0, 1)),
    "0,1; 1,0": ((0, 1), (1, 0)),
    # whole numbers in the first row, in a matrix that a person typed
    "0 1\n1 0": ((0, 1), (1, 0)),
    "0,1\n1,0\n0,-1": ((0, 1), (1, 0), (0, -1)),
    "0 1\n0.5 0.5": ((0, 1), (HALF, HALF)),
    "0, 1\n0.5, 0.5": ((0, 1), (HALF, HALF)),
    "1,0\n0,1\n0.5,-0.5": ((1, 0), (0, 1), (HALF, -HALF)),
    "[[0,1],\n [0.5,0.5]]": ((0, 1), (HALF, HALF)),
    "> 1 0\n> 0 -1": ((1, 0), (0, -1)),
    # names above columns of a person's own
    "a b\n1 0\n0 -1": ((1, 0), (0, -1)),
    "feature  w1  w2\n0  1  0\n1  0 -1": ((1, 0), (0, -1)),
    "feature,w1,w2\n1,1,0\n2,0,-1": ((1, 0), (0, -1)),
    # dialects that are in no record
    r"[■(1&0@0&-1)]": ((1, 0), (0, -1)),
    '$mat(delim: "(", 1, 0; 0, −1)$': ((1, 0), (0, -1)),
    "$ mat(delim: #none, 1, 0; 0, -1) $": ((1, 0), (0, -1)),
    "```latex\n\\begin{bmatrix}1&0\\\\0&-1\\end{bmatrix}\n```": ((1, 0), (0, -1)),
    r"\begin{bmatrix} ~1 & 0{,}5 \\ 0 & -1 \end{bmatrix}": ((1, HALF), (0, -1)),
    "np.array([[1., 0.], [0., -1.]], np.float32)": ((1, 0), (0, -1)),
    "┌───┬────┐\n│ 1 │  0 │\n│ 0 │ -1 │\n└───┴────┘": ((1, 0), (0, -1)),
    "w1 w2\n1 0.5\n2 0": ((1, HALF), (2, 0)),
    "0 1; 0.5 0.5; 1 0": ((0, 1), (HALF, HALF), (1, 0)),
    "0 1\n0.5 0.5\n1 0": ((0, 1), (HALF, HALF), (1, 0)),
    "1 0.5\n2 0.5": ((1, HALF), (2, HALF)),
    "0.0 1.0\n1.0 0.0": ((0, 1), (1, 0)),
    "0\n0.5\n0.5": ((0,), (HALF,), (HALF,)),
    "1. 0.\n2. 1.": ((1, 0), (2, 1)),
    # comments
    "1 0 # up\n0 1\n# 5 5\n0 -1": ((1, 0), (0, 1), (0, -1)),
    "# W\n1 0\n0 -1": ((1, 0), (0, -1)),
    "% W\n[1 0; % up\n0 -1]": ((1, 0), (0, -1)),
    "\\begin{bmatrix}%\n1 & 0 \\\\% up\n0 & -1 % down\n\\end{bmatrix}": ((1, 0), (0, -1)),
    "\\begin{bmatrix}\n1 & 0 \\\\\n% 5 & 5 \\\\\n0 & -1\n\\end{bmatrix}": ((1, 0), (0, -1)),
}


@pytest.mark.parametrize(("text", "rows"), READ.items())
def test_it_is_read_as_it_was_meant(
    text: str, rows: tuple[tuple[Fraction | int, ...], ...]
) -> None:
    meant = tuple(tuple(sympy.Rational(v) for v in row) for row in rows)
    assert parse_matrix(text) == meant


REFUSED: dict[str, tuple[str, str | None]] = {
    # row ends of LaTeX that lost a backslash: in Markdown, a chat, a shell's quotes
    r"1 & 1 \ -1 & -1": ("row_end", r"1 & 1 \\ -1 & -1"),
    r"\begin{bmatrix}1&0\0&1\end{bmatrix}": ("row_end", r"\begin{bmatrix}1&0\\0&1\end{bmatrix}"),
    r"\begin{bmatrix}1&0\-1&1\end{bmatrix}": ("row_end", r"\begin{bmatrix}1&0\\-1&1\end{bmatrix}"),
    r"\left[\begin{matrix}1 & 1 \ -1 & -1\end{matrix}\right]": (
        "row_end",
        r"\left[\begin{matrix}1 & 1 \\ -1 & -1\end{matrix}\right]",
    ),
    "\\begin{bmatrix}\n1 & 1 \\\n-1 & -1\n\\end{bmatrix}": (
        "row_end",
        "\\begin{bmatrix}\n1 & 1 \\\\\n-1 & -1\n\\end{bmatrix}",
    ),
    "\\begin{bmatrix}\n1 & 1\n-1 & -1\n\\end{bmatrix}": (
        "row_end",
        "\\begin{bmatrix}\n1 & 1 \\\\\n-1 & -1\n\\end{bmatrix}",
    ),
    "\\begin{pmatrix}\n\\sqrt{2}\n\\sqrt{3}\n\\end{pmatrix}": (
        "row_end",
        "\\begin{pmatrix}\n\\sqrt{2} \\\\\n\\sqrt{3}\n\\end{pmatrix}",
    ),
    r"\begin{bmatrix} 1 & 1 \quad -1 & -1 \end{bmatrix}": ("row_end", None),
    r"\begin{bmatrix} \frac{1}{2} \ \frac{1}{2} \end{bmatrix}": (
        "row_end",
        r"\begin{bmatrix} \frac{1}{2} \\ \frac{1}{2} \end{bmatrix}",
    ),
    r"\begin{bmatrix} 2 \; \sqrt{3} \end{bmatrix}": ("row_end", None),
    r"\begin{bmatrix} 1 & 1 -1 & -1 \end{bmatrix}": ("ambiguous_minus", None),
    r"1 0 \ 0 1": ("row_end", r"1 0 \\ 0 1"),
    r"1 \ 1 \ -1": ("row_end", r"1 \\ 1 \\ -1"),
    # a dash at the head of every line
    "- 1 0\n- 0 1": ("ambiguous_mark", None),
    "- 1\n- 2": ("ambiguous_mark", None),
    "– 1 0\n– 0 1": ("ambiguous_mark", None),
    "- - 1\n- - 2": ("ambiguous_mark", None),
    "- - 1, 0\n- 0, 1\n- 0, -1": ("ambiguous_mark", None),
    "- - 1 0\n- 0 1\n- 0 -1": ("ambiguous_mark", None),
    "- - 1, 0\n- 2, - 12": ("ambiguous_mark", None),
    "- - 1\n- - 2\n- 3": ("ambiguous_mark", None),
    "- - 1\n- -3\n- - -12\n- 0": ("ambiguous_mark", None),
    "-  -  - 1.564\n  -  1.132\n-  -  - 1.386\n  -  1.95": ("ambiguous_mark", None),
    "W:\n- - 1 0\n- 0 1\n- 0 -1": ("ambiguous_mark", None),
    "- - 1\n  - - 3": ("ambiguous_mark", None),
    "- - 1\n  - - 3\n- - 4\n  - 5": ("ambiguous_mark", None),
    "- - 1 0\n  - 0 1": ("ambiguous_mark", None),
    "--1 0": ("ambiguous_mark", None),
    "−−1 0": ("ambiguous_mark", None),
    "- - 1 0": ("ambiguous_mark", None),
    "- -1 0": ("ambiguous_mark", None),
    "1 --1": ("ambiguous_mark", None),
    "1. 0.5\n2. 0.25": ("ambiguous_mark", None),
    "(1) 0.5\n(2) 0.25": ("ambiguous_mark", None),
    # decimal commas
    "0,5;0,25\n-0,7;1,2": ("decimal_comma", "0.5,0.25\n-0.7,1.2"),
    "1,0;0,0\n0,0;1,0": ("decimal_comma", "1.0,0.0\n0.0,1.0"),
    '"a";"b"\n0,5;0,25\n1,5;1,25': ("decimal_comma", '"a";"b"\n0.5;0.25\n1.5;1.25'),
    "a;b\n0,5;-1,21": ("decimal_comma", "a;b\n0.5;-1.21"),
    ";0;1\n0;-1,425;-1,21\n1;-1,0;-1,33": ("decimal_comma", None),
    "feature;dim1;dim2\n1;0,5;0,25\n2;1,5;1,25": (
        "decimal_comma",
        "feature;dim1;dim2\n1;0.5;0.25\n2;1.5;1.25",
    ),
    "W = 0,5; 1,5\n2,5; 3,5": ("decimal_comma", "W = 0.5, 1.5\n2.5, 3.5"),
    "```\n0,5;1,5\n2,5;3,5\n```": ("decimal_comma", None),
    "```\nW = 0,5;1,5\n2,5;3,5\n```": ("decimal_comma", None),
    "W:\n0,5;1,5\n2,5;3,5": ("decimal_comma", None),
    "[0,5; 1,5\n2,5; 3,5]": ("decimal_comma", "[0.5, 1.5\n2.5, 3.5]"),
    "0,5;1,5\n2,5;3,5 # up": ("decimal_comma", "0.5,1.5\n2.5,3.5 # up"),
    "1,5E-03;1,2E-04\n2,5E-01;3,5E+00": ("decimal_comma", "1.5E-03,1.2E-04\n2.5E-01,3.5E+00"),
    r"0,5 & 0,25 \\ 1,5 & 2,5": ("decimal_comma", r"0.5 & 0.25 \\ 1.5 & 2.5"),
    r"\begin{pmatrix}0,5 & 1 \\ 1,5 & 2,5\end{pmatrix}": (
        "decimal_comma",
        r"\begin{pmatrix}0.5 & 1 \\ 1.5 & 2.5\end{pmatrix}",
    ),
    r"1 & 0, 2 \\ 0 & 1, 3": ("unexpected", None),
    "| 0,5 | 0,25 |\n| 1,5 | 1,5 |": ("decimal_comma", "| 0.5 | 0.25 |\n| 1.5 | 1.5 |"),
    "| a | b |\n|---|---|\n| 0,5 | 0,25 |\n| 1,75 | 1,5 |": (
        "decimal_comma",
        "| a | b |\n|---|---|\n| 0.5 | 0.25 |\n| 1.75 | 1.5 |",
    ),
    "| 1, 2 | 3 |\n| 4, 5 | 6 |": ("unexpected", None),
    ",0&": ("missing", None),
    "┌─────┬─────┐\n│ a   ┆ b   │\n╞═════╪═════╡\n│ 1,5 ┆ 0.0 │\n└─────┴─────┘": (
        "decimal_comma",
        "┌─────┬─────┐\n│ a   ┆ b   │\n╞═════╪═════╡\n│ 1.5 ┆ 0.0 │\n└─────┴─────┘",
    ),
    "a\tb\n0,5\t0,25\n1,5\t2": ("decimal_comma", "a\tb\n0.5\t0.25\n1.5\t2"),
    "-0,5; 1": ("decimal_comma", "-0.5; 1"),
    "0,(3); 1,(6)": ("decimal_comma", None),
    # recurring, or a product
    "0.1(6)": ("ambiguous", None),
    "0.25(3) 1": ("ambiguous", None),
    # a row of a table without its numbers
    "| | a |\n|--|--|\n| x | 1 |\n| y |": ("ragged", None),
    "|  | 0 |\n|--|--|\n| 0 |": ("ragged", None),
    # transposed
    "Wᵀ = [1 2; 3 4]": ("transposed", "1 3; 2 4"),
    "W^T = [1 2; 3 4]": ("transposed", "1 3; 2 4"),
    r"W^{\top} = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}": ("transposed", "1 3; 2 4"),
    "W_transposed = 1 2; 3 4": ("transposed", "1 3; 2 4"),
    "W' = 1 2; 3 4": ("ambiguous_name", None),
    "W′ = 1 2; 3 4": ("ambiguous_name", None),
    "W_T = [1 2; 3 4]": ("ambiguous_name", None),
    "WT = [1 2; 3 4]": ("ambiguous_name", None),
    "Wt = [1 2; 3 4]": ("ambiguous_name", None),
    "Wtrans = [1 2; 3 4]": ("ambiguous_name", None),
    "W_t = [1 2; 3 4]": ("ambiguous_name", None),
    "W_enc_T: [1 2; 3 4]": ("ambiguous_name", None),
    "[1 2; 3 4]^T": ("unexpected", None),
    # the header or the index of a data frame
    "0,1\n1.0,0.0\n0.0,1.0": ("ambiguous_header", None),
    "0\t1\n1.0\t0.0\n0.0\t1.0": ("ambiguous_header", None),
    "0 1\n1.0 0.0\n0.0 -1.0": ("ambiguous_header", None),
    "0,1,2\n0.1,0.2,0.3": ("ambiguous_header", None),
    "0,1\n0.9908,-0.1308\n0.1291,0.9904": ("ambiguous_header", None),
    "0,0.5,0.25\n1,0.5,0.25\n2,0.5,0.25": ("ambiguous_header", None),
    "k,w\n0,0.5\n1,0.25": ("ambiguous_header", None),
    "0,1\n-1.564,1.132\n-1.386,1.95": ("ambiguous_header", None),
    "0\t1\n0.5\t-0.5": ("ambiguous_header", None),
    '"0","1"\n-1.564,1.132\n1,2': ("ambiguous_header", None),
    "0,0.5,0.25\n1,1.5,-0.25": ("ambiguous_header", None),
    '"1",0.5\n"2",1': ("ambiguous_header", None),
    "| | a | |\n|--|--|--|\n| 1 | 0 | 2 |\n| 0 | -1 | 3 |": ("ambiguous_header", None),
    "| 1 | 0 |\n|---|---|\n| 0 | 1 |": ("ambiguous_header", None),
    # fields with two numbers in them
    "a;b\n1/2,5;3": ("unknown_name", None),
    "a,b\n1;2,3": ("unknown_name", None),
    # digits behind a number
    "Float('0.5', 15)": ("unexpected", None),
    "[Decimal('0.5', 3), 1]": ("unexpected", None),
    "sympy.Integer(3, 2)": ("unexpected", None),
    # comments that may be numbers
    "1 0 # 0 1": ("unexpected", None),
    "50 %\n20 %": ("percent", "50 /100\n20 /100"),
    # other names
    "-W = 1 0; 0 1": ("unknown_name", None),
    "|-2| 1": ("unexpected", None),
    "i. 1 0\nii. 0 1": ("imaginary", None),
    "pi e\n1 0": ("unknown_name", None),
    # thousands, braces, minutes
    "1 000 0": ("ambiguous", None),
    "1\u202f234 5": ("ambiguous", None),
    "1\u2009234, 5 6": ("ambiguous", None),
    r"10\,000 0": ("ambiguous", None),
    r"\begin{bmatrix} 1\,234 & 5 \end{bmatrix}": ("ambiguous", None),
    "{{1}{-1}}": ("ambiguous", None),
    "1′ 30″": ("quoted", None),
    "O l\n1 0": ("unknown_name", None),
    "x1 x2\n1 0": ("unknown_name", None),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items())
def test_it_is_refused_and_no_wrong_reading_is_suggested(
    text: str, expected: tuple[str, str | None]
) -> None:
    error = refusal(parse_matrix, text)
    assert (error.code, error.suggestion) == expected


@pytest.mark.parametrize("door", [parse_scalar, parse_vector, parse_input])
@pytest.mark.parametrize("text", ["0.(3)", r"\frac{1}{3}", "0.\\overline{3}", "Fraction(1, 3)"])
def test_a_third_is_a_third_at_every_door(door: Callable[[str], Any], text: str) -> None:
    third = sympy.Rational(1, 3)
    assert door(text) in (third, (third,))


def test_a_bias_may_stand_transposed() -> None:
    """A list is the same list as a row and as a column."""
    assert (
        parse_vector("bᵀ = [0 1/2]") == parse_vector("b' = (0, 1/2)") == (0, sympy.Rational(1, 2))
    )
    assert refusal(parse_matrix, "bᵀ = [0 1/2]").suggestion == "0; 1/2"


def test_a_short_row_is_no_header() -> None:
    """Labels stand right above their numbers; what does not is a row with a number missing."""
    assert parse_matrix("   0  1\n0  1  0\n1  0 -1") == ((1, 0), (0, -1))
    assert refusal(parse_matrix, "0 1\n0 1 0\n1 0 1").code == "ragged"


def test_the_value_of_a_text_in_quotes_is_asked_for_plainly() -> None:
    for text in ('"1 0; 0 1"', "'1 0; 0 1'", "`1 0; 0 1`"):
        with pytest.raises(InputError, match="quotation marks"):
            parse_matrix(text)
