"""The reader: what each way of writing means, one table for each rule.

The corpus (test_parsing_corpus.py) has the many texts.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import sympy

from handcalc import equal, parse_input, parse_matrix, parse_scalar, parse_vector
from handcalc.parsing.characters import FRACTIONS
from handcalc.parsing.parse import table
from tests.refusing import refusal

HALF = sympy.Rational(1, 2)
ROOT2, ROOT3, ROOT5 = (sympy.sqrt(n) for n in (2, 3, 5))

# ── one number ──────────────────────────────────────────────────────────────────────────────────

SCALARS = {
    # literals, and what together makes one
    "007": 7,
    "1.": 1,
    ".5e1": 5,
    "1½": 3 * HALF,
    "1¹⁄₂": 3 * HALF,
    "³⁄₄": 3 * HALF / 2,
    r"\frac 1 2": HALF,
    r"\tfrac1{2}": HALF,
    # what binds tighter
    "-2^2": -4,
    "2^3^2": 512,
    "2^-1": HALF,
    "1/2^2": HALF / 2,
    "√2/2": ROOT2 / 2,
    "√2²": 2,
    "2√3/4": ROOT3 / 2,
    "1/√2": ROOT2 / 2,
    "√√16": 2,
    "-(-1)": 1,
    "1--1": 2,
    "2*-3": -6,
    # products without a sign
    "2(1/2)": 1,
    "(1/2)(1/3)": HALF / 3,
    "√2√3": ROOT2 * ROOT3,
    "½√3": ROOT3 / 2,
    "2 √3": 2 * ROOT3,
    "2sqrt(3)√3": 6,
    r"\sqrt{3}\frac12": ROOT3 / 2,
    # powers and roots
    "4^(1/2)": 2,
    "2**0.5": ROOT2,
    "8^-½": ROOT2 / 4,
    "(1+√2)^-1": ROOT2 - 1,
    "0^0": 1,
    # angles
    "cos(120°)": -HALF,
    "cos 60°": HALF,
    r"\cos 60^\circ": HALF,
    r"\sin\frac{\pi}{6}": HALF,
    r"\cos{\left(\frac{2 \pi}{5} \right)}": (ROOT5 - 1) / 4,
    "cos(-2π/3 + 2π)": -HALF,
    "sin(7π/6)": -HALF,
    "cos(π·√4/6)": HALF,
    "COS(2*PI/3)": -HALF,
    # around one number
    "[1/2]": HALF,
    "((1/2))": HALF,
    "x = 1/2": HALF,
    r"\[ \frac{1}{2} \]": HALF,
    r"\(1/2\)": HALF,
    "tensor(0.5000)": HALF,
    "np.float64(0.5)": HALF,
    "1/2;": HALF,
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_a_way_of_writing_has_its_value(text: str, value: sympy.Expr) -> None:
    assert equal(parse_scalar(text), value)


@pytest.mark.parametrize(
    ("plain_sign", "looks"),
    [
        ("-", "‐‑‒–—―−﹣－➖"),
        ("*", "×·⋅∙•∗＊✕✖"),
        ("/", "⁄∕÷／➗"),
        ("+", "＋➕"),
        (" + ", "\u00a0+\u2009"),
    ],
)
def test_look_alikes_mean_the_plain_sign(plain_sign: str, looks: str) -> None:
    for look in [looks] if plain_sign == " + " else looks:
        assert parse_scalar(f"6{look}3") == parse_scalar(f"6{plain_sign}3")


def test_fraction_signs_have_their_values() -> None:
    for sign, (top, bottom) in FRACTIONS.items():
        assert parse_scalar(f"2*{sign}") == 2 * sympy.Rational(top, bottom)


def test_digits_of_every_width_are_digits() -> None:
    assert parse_scalar("１２．５") == parse_scalar("𝟏𝟐.𝟓") == parse_scalar("𝟣𝟤.𝟧") == 25 * HALF


# ── rows and columns ────────────────────────────────────────────────────────────────────────────

SQUARE = ((1, 0), (0, -1))
MATRICES = {
    "(1,0) (0,-1)": SQUARE,
    "(1,0)(0,-1)": SQUARE,
    "[1 0], [0 -1]": SQUARE,
    "[[1 0]; [0 -1]]": SQUARE,
    "{[1 0; 0 -1]}": SQUARE,
    "([1 0\n0 -1])": SQUARE,
    "[[1,\n  0],\n [0, -1]]": SQUARE,
    "1,0,\n0,-1,\n": SQUARE,
    "1 0\r0 -1\r": SQUARE,
    "1 0\n\n\n0 -1": SQUARE,
    "1 0;\n0 -1;\n": SQUARE,
    "1 0\n;0 -1": SQUARE,
    "'1','0'\n'0','-1'": SQUARE,
    "['1' '0']\n['0' '-1']": SQUARE,
    "1 & 0 \\\\ 0 & -1": SQUARE,
    "1 &\n 0 \\\\\n0 & - 1 \\\\\n": SQUARE,
    r"\begin{array}{r|r} 1 & 0 \\ \hline 0 & -1 \end{array}": SQUARE,
    r"\begin{pmatrix}1, 0\\[2pt] 0, -1\end{pmatrix}": SQUARE,
    r"\left[\begin{matrix}1 & 0\\0 & -1\end{matrix}\right]": SQUARE,
    r"\mathbf{W} = \begin{bmatrix} 1 & \quad 0 \\ 0 & -1 \end{bmatrix}": SQUARE,
    "⎡1  0 ⎤\n⎢     ⎥\n⎣0  -1⎦": SQUARE,
    "[1  0 ]\n[     ]\n[0  -1]": SQUARE,
    "tensor([[1., 0.],\n [0., -1.]], device='cuda:0', grad_fn=<MmBackward0>)": SQUARE,
    "Parameter containing:\ntensor([[1., 0.], [0., -1.]], requires_grad=True)": SQUARE,
    "np.array(np.array([[1, 0], [0, -1]]),\n dtype=float)": SQUARE,
    "array([[1, 0], [0, -1]], shape=(2, 2))": SQUARE,
    "Array([[ 1.,  0.],\n       [ 0., -1.]], dtype=float32)": SQUARE,
    '{"W": [[1, 0], [0, -1]]}': SQUARE,
    "{'W': [[1, 0], [0, -1]]}": SQUARE,
    '"W": [[1, 0], [0, -1]]': SQUARE,
    "{W: [[1, 0], [0, -1]]}": SQUARE,
    "[np.float64(1.0) np.float64(0.0)]; [0 -1]": SQUARE,
    "1/ 2 2 * 3": ((HALF, 6),),
    "1 -(1/2) -√3": ((1, -HALF, -ROOT3),),
    "- 1 2": ((-1, 2),),
    "1 - 1, 2 - 1": ((0, 1),),
    "((1/2)(1/3), 2)": ((HALF / 3, 2),),
    "[[1],[2]]": ((1,), (2,)),
    "(1,)": ((1,),),
    r"\begin{bmatrix} 2 \sqrt{3} & 1 - 1 & 1-1 \end{bmatrix}": ((2 * ROOT3, 0, 0),),
}


@pytest.mark.parametrize(("text", "rows"), MATRICES.items())
def test_a_layout_has_its_rows(text: str, rows: tuple[tuple[sympy.Expr, ...], ...]) -> None:
    assert parse_matrix(text) == rows


def test_a_list_that_numpy_breaks_over_lines_is_one_list() -> None:
    wrapped = "[0.1 0.2 0.3\n 0.4 0.5]"
    assert len(parse_vector(wrapped)) == len(parse_vector(wrapped, 5)) == 5
    assert parse_vector("tensor([1., 2.,\n        3., 4.])", 4) == (1, 2, 3, 4)
    assert refusal(parse_matrix, wrapped).code == "ragged"
    assert refusal(parse_vector, "[1 2\n 3 4]").code == "wrong_shape"
    assert parse_vector("[1 2\n 3 4]", 4) == (1, 2, 3, 4)


def test_one_cell_stands_for_all() -> None:
    assert parse_vector("1/2", 3) == parse_input("1/2", 3) == (HALF,)


@pytest.mark.parametrize("x", ["x2", "x_2", "x_{2}", "x₂"])
def test_a_symbol_stands_alone_in_its_place(x: str) -> None:
    assert parse_input(f"1, {x}, √2/2", 3) == (1, sympy.Symbol("x2"), ROOT2 / 2)
    assert refusal(parse_vector, f"1, {x}, 0").code == "unknown_name"
    assert refusal(parse_input, f"1, 2{x}, 0").code == "unknown_name"
    assert refusal(parse_input, f"1, {x}, 0, 0, 0", 1).code == "wrong_shape"


def test_features_are_numbered_from_one_to_n() -> None:
    assert "from 1 to 3" in refusal(parse_input, "x4 0 0", 3).message
    assert "from 1," in refusal(parse_input, "x0").message
    assert parse_input("x7") == (sympy.Symbol("x7"),)


def test_cells_that_are_spelt_alike_are_one_value_at_every_place() -> None:
    assert parse_vector("√2 1+√2 √2 1+√2") == (ROOT2, 1 + ROOT2) * 2


def test_a_table_keeps_the_place_of_every_cell() -> None:
    text = "W = [1/2 0; 0 √3]"
    found = [text[cell.start : cell.end] for cell in table(text).cells]
    assert found == ["1/2", "0", "0", "√3"]


# ── what is loaded ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "needs_lark"), [("1 -1/2; .5 ½", False), ("1 1+1", True)])
def test_plain_numbers_need_no_parser(text: str, needs_lark: bool) -> None:
    code = f"import handcalc, sys; handcalc.parse_matrix({text!r}); print('lark' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.strip() == str(needs_lark)
