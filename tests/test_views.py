"""The views on a terminal: two notations, every width, nothing lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from sympy import Rational, Symbol, cos, pi, sin, sqrt

from handcalc import (
    ToyModel,
    embedding,
    embeddings,
    equal,
    exact,
    forward,
    geometry,
    parse_scalar,
    strategies,
)
from handcalc.derivation import Name
from handcalc.views import text
from handcalc.views.latex import LATEX
from handcalc.views.notation import ASCII, UNICODE, PlainNotation, RoundedNotation
from handcalc.views.palette import svg_colour
from tests.view_cases import MODELS, NAMES, NOTATIONS, WIDTHS, pages, rendered, results, squeezed


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def model(request: pytest.FixtureRequest) -> ToyModel:
    found: ToyModel = request.param
    return found


@pytest.fixture(params=NOTATIONS.values(), ids=NOTATIONS.keys())
def notation(request: pytest.FixtureRequest) -> PlainNotation:
    found: PlainNotation = request.param
    return found


# -- terminal text: every width -------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_too_long(model: ToyModel, notation: PlainNotation, width: int) -> None:
    for page in pages(model, notation):
        lines = rendered(page, width).splitlines()
        assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_page_is_too_long(name: str, notation: PlainNotation, width: int) -> None:
    lines = rendered(text.embedding(embedding(name), notation), width).splitlines()
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_no_step_is_cut(model: ToyModel, notation: PlainNotation, width: int) -> None:
    for result in results(model):
        steps = text.derivation(result.derivation, notation)
        assert squeezed(rendered(steps, width)) == squeezed(rendered(steps))


@pytest.mark.parametrize("width", WIDTHS)
def test_no_number_of_a_matrix_is_cut(model: ToyModel, notation: PlainNotation, width: int) -> None:
    found = geometry(model)
    page = squeezed(rendered(text.geometry(found, notation), width))
    for name, matrix in (("W", model.W), ("G", found.gram)):
        cells = [cell for row in matrix for cell in row]
        if f"{name}has{len(matrix)}rows" not in page:  # which tells that some are left out
            assert any(stands_in(page, notation.cells(cells, n).texts) for n in notation.places)
    for values in (found.norms, found.interference, found.dimensionality):
        assert stands_in(page, notation.cells(values).texts)
    assert squeezed(notation.number(found.capacity)) in page


def stands_in(page: str, cells: Iterable[str]) -> bool:
    return all(page.count(cell) >= count for cell, count in Counter(map(squeezed, cells)).items())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_on_a_page_is_cut(name: str, notation: PlainNotation) -> None:
    page = text.embedding(embedding(name), notation)
    assert squeezed(rendered(page, 60)) == squeezed(rendered(page, 80))


# -- terminal text: two notations -----------------------------------------------------------------


def test_ascii_is_ascii(model: ToyModel) -> None:
    for page in pages(model, ASCII):
        assert rendered(page, 80).isascii()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_ascii_is_ascii(name: str) -> None:
    found = embedding(name)
    assert rendered(text.embedding(found, ASCII), 80).isascii()
    assert rendered(text.embeddings(embeddings(), ASCII), 80).isascii()


SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SPELT = [
    (r"x̂", "xhat"),
    (r"·", "*"),
    (r"−", "-"),
    (r"≥", ">="),
    (r"≤", "<="),
    (r"Wᵀ", "W^T "),
    (r"[⎡⎢⎣]", "["),
    (r"[⎤⎥⎦]", "]"),
    (r"─", "-"),
    (r"√(\d+)", r"sqrt(\1)"),
    (r"√\(", "sqrt("),
    (r"(\d)π", r"\1*pi"),
    (r"π", "pi"),
    (r"(?<=[\d)])(?=sqrt|cos|sin)", "*"),
    (r"°", " degrees"),
    (r"≈", "~="),
    (r"…", "..."),
    (r"⋮", ":"),
]


def spelt_in_ascii(shown: str) -> str:
    shown = shown.translate(SUBSCRIPTS)
    for pattern, plain in SPELT:
        shown = re.sub(pattern, plain, shown)
    return shown


def test_both_notations_say_the_same(model: ToyModel) -> None:
    for in_unicode, in_ascii in zip(pages(model, UNICODE)[:-1], pages(model, ASCII), strict=False):
        assert squeezed(spelt_in_ascii(rendered(in_unicode))) == squeezed(rendered(in_ascii))


NUMBERS = [
    (Rational(-1, 4), "−1/4", "-1/4"),
    (exact(cos(2 * pi / 5)), "−1/4 + √5/4", "-1/4 + sqrt(5)/4"),
    (1 - sqrt(2), "1 − √2", "1 - sqrt(2)"),
    (2 * sqrt(3) / 3, "2√3/3", "2*sqrt(3)/3"),
    (-sqrt(2) / 2, "−√2/2", "-sqrt(2)/2"),
    (sqrt(2 + sqrt(2)), "√(2 + √2)", "sqrt(2 + sqrt(2))"),
    (sqrt(10 - 2 * sqrt(5)) / 4, "√(10 − 2√5)/4", "sqrt(10 - 2*sqrt(5))/4"),
    (sqrt(sqrt(5)), "√(√5)", "sqrt(sqrt(5))"),
    (cos(3 * pi / 7), "cos(3π/7)", "cos(3*pi/7)"),
    (2 * sin(pi / 7), "2sin(π/7)", "2*sin(pi/7)"),
    (sqrt(2) * cos(pi / 7) / 2, "√2cos(π/7)/2", "sqrt(2)*cos(pi/7)/2"),
]


@pytest.mark.parametrize(("value", "in_unicode", "in_ascii"), NUMBERS)
def test_numbers_are_written_plainly(value: sympy.Expr, in_unicode: str, in_ascii: str) -> None:
    assert UNICODE.number(value) == in_unicode
    assert ASCII.number(value) == in_ascii
    assert equal(parse_scalar(in_unicode), value)
    assert equal(parse_scalar(in_ascii), value)


@given(strategies.numbers(), st.sampled_from([UNICODE, ASCII]))
def test_a_number_on_the_screen_reads_back(value: sympy.Expr, notation: PlainNotation) -> None:
    exactly = PlainNotation(unicode=notation.unicode, exact=True)
    assert equal(parse_scalar(exactly.number(value)), value)


MULTIPLES = [
    (sqrt(2) * Symbol("x1"), "√2·x₁", "sqrt(2)*x1"),
    ((1 + sqrt(2)) * Symbol("x1"), "(1 + √2)·x₁", "(1 + sqrt(2))*x1"),
    (-Symbol("x3"), "−x₃", "-x3"),
    (-(1 + sqrt(2)) * Symbol("x3"), "(−1 − √2)·x₃", "(-1 - sqrt(2))*x3"),
    (Rational(3, 2), "3/2", "3/2"),
]


@pytest.mark.parametrize(("value", "in_unicode", "in_ascii"), MULTIPLES)
def test_a_multiple_of_a_symbol_leaves_no_doubt(
    value: sympy.Expr, in_unicode: str, in_ascii: str
) -> None:
    assert UNICODE.multiple(value) == in_unicode
    assert ASCII.multiple(value) == in_ascii


def test_indices_past_nine_are_kept_apart() -> None:
    assert UNICODE.name(Name("W", (12, 3))) == "W₁₂,₃"
    assert ASCII.name(Name("W", (12, 3))) == "W12,3"
    assert UNICODE.name(Name("W", (1, 23))) == "W₁,₂₃"
    assert LATEX.name(Name("W", (12, 3))) == "W_{12,3}"
    assert LATEX.name(Name("x", (2,), hat=True)) == r"\hat{x}_{2}"


def test_a_row_is_broken_between_its_numbers_and_nowhere_else() -> None:
    cells = ["-0.232523341166", "-0.300186342646", "-0.424527597010", "0.735303367236"]
    W = [[cells[0], "0", "0", "0"], cells]
    shown = ToyModel("; ".join(map(" ".join, W)))
    page = rendered(text.model(shown, RoundedNotation(ASCII, 12)), 60).splitlines()
    first = next(i for i, line in enumerate(page) if line.startswith("   feature 1"))
    indent = page[first].index("(") + 1
    told = page[first + 1 : first + 3]
    assert told[0].startswith("   feature 2")
    assert not told[1][:indent].strip()
    assert [cell for line in told for cell in cells if cell in line] == cells


# -- terminal text: what it says ------------------------------------------------------------------


def test_a_forward_pass_is_told_in_five_steps() -> None:
    page = rendered(text.forward(forward(MODELS["relu"], "1 1/4 1/2"), ASCII), 80)
    for line in (
        "    [ 1    0 ]   feature 1",
        "W = [ 0    1 ]   feature 2",
        "xhat = ReLU(z)   (ReLU model)",
        "x = (1, 1/4, 1/2)",
        "1. Project   h = W^T x",
        "   h2 = W12*x1 + W22*x2 + W32*x3 = 0*1 + 1*1/4 - 1*1/2 = -1/4",
        "   xhat2 = ReLU(z2) = ReLU(-1/4) = 0",
        "   xhat2 - x2 = 0 - 1/4 = -1/4",
    ):
        assert line in page.splitlines()
    assert "Feature 2 brings 1/4 to its own output; feature 3 puts -1/2 on top." in page


def test_cases_are_told_with_their_conditions() -> None:
    page = rendered(text.forward(forward(MODELS["relu"]), UNICODE))
    assert "x̂₂ = ReLU(z₂) = ReLU(x₂ − x₃) = x₂ − x₃ if x₂ ≥ x₃, else 0" in page


def test_a_note_is_told() -> None:
    page = rendered(text.forward(forward(MODELS["relu"], "2 0 0"), ASCII), 80)
    assert "Note: x1 = 2 lies outside [0, 1]" in page


def test_the_linear_model_says_so() -> None:
    assert "xhat = z   (linear model)" in rendered(text.model(MODELS["antipodal"], ASCII))


def test_each_named_embedding_has_a_line() -> None:
    lines = rendered(text.embeddings(embeddings(), ASCII), 80).splitlines()
    for name in NAMES:
        assert any(line.split()[:1] == [name] for line in lines)


def test_a_page_can_take_an_example_of_one_s_own() -> None:
    shown = text.embedding(embedding("relu"), ASCII, (Rational(1, 3), Rational(1, 5), Rational(0)))
    assert "x = (1/3, 1/5, 0)" in rendered(shown, 80)


# -- colours --------------------------------------------------------------------------------------


def test_the_first_three_colours_are_blue_green_and_orange() -> None:
    assert [svg_colour(i) for i in (1, 2, 3)] == ["#0072B2", "#009E73", "#E69F00"]
    assert len({svg_colour(i) for i in range(1, 8)}) == 7
    assert svg_colour(8) == svg_colour(1)
