"""The views: terminal text, LaTeX, Markdown, JSON and SVG of the same results, nothing lost."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from functools import cache
from xml.etree import ElementTree as ET

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from sympy import Rational, Symbol, cos, pi, sin, sqrt

import handcalc
from handcalc import (
    ToyModel,
    embedding,
    embeddings,
    equal,
    exact,
    forward,
    geometry,
    parse_matrix,
    parse_scalar,
    same_model,
    strategies,
)
from handcalc.derivation import Name, Number
from handcalc.errors import InputError
from handcalc.superposition.forward_pass import Forward
from handcalc.views import data, latex, markdown, svg, text
from handcalc.views.latex import LATEX
from handcalc.views.palette import svg_colour, terminal_colour
from handcalc.views.plain import ASCII, UNICODE, PlainNotation
from tests.sampling import FEWER

NOTATIONS = {"unicode": UNICODE, "ascii": ASCII}
WIDTHS = [80, 60]
ALL_WIDE = 10_000
NAMES = [found.name for found in embeddings()]

MODELS = {
    **{found.name: found.model for found in embeddings()},
    "pentagon": ToyModel([[cos(2 * pi * k / 5), sin(2 * pi * k / 5)] for k in range(5)]),
    "heptagon": ToyModel([[cos(2 * pi * k / 7), sin(2 * pi * k / 7)] for k in range(7)]),
    "roots": ToyModel([[1 + sqrt(2), 0], [sqrt(3), 1]], [sqrt(5) / 4 - Rational(1, 4), -1]),
    "nested": ToyModel([[sqrt(2 + sqrt(2)), cos(3 * pi / 7)]], [sqrt(sqrt(3))]),
    "one dimension": ToyModel("1; -2; 0; 1/3"),
    "three dimensions": ToyModel("1 2 3; 0 1 0; 1/2 1/3 -1/4"),
    "zeros": ToyModel("0 0; 0 0"),
    "one number": ToyModel("1/2", "-1/4"),
    "long numbers": ToyModel([[Rational(10**30 + 1, 10**29 + 7), 1], [-1, Rational(1, 3**40)]]),
    "twenty features": ToyModel(
        [[Rational(i * j % 7 - 3, j + 2) for j in range(5)] for i in range(20)]
    ),
    "twelve dimensions": ToyModel(
        [[Rational(i * j % 97 - 30, j + 101) for j in range(12)] for i in range(3)]
    ),
}


def rendered(shown: RenderableType, width: int = ALL_WIDE) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, legacy_windows=False)
    console.print(shown)
    return file.getvalue()


def squeezed(shown: str) -> str:
    """Without blanks, and with lines below headings of one length."""
    return re.sub("-{5,}", "-----", "".join(shown.split()))


@cache
def results(model: ToyModel) -> tuple[Forward, ...]:
    """For symbols, for numbers, and for both mixed."""
    numbers = [Rational(1, i + 2) for i in range(model.n)]
    mixed = [Symbol("x1"), *[Rational(3, 2)] * (model.n - 1)]
    return forward(model), forward(model, numbers), forward(model, mixed)


@cache
def pages(model: ToyModel, notation: PlainNotation) -> tuple[RenderableType, ...]:
    return (
        *(text.forward(result, notation) for result in results(model)),
        text.geometry(geometry(model), notation),
        text.arrows(model, notation),
    )


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
    for matrix in (model.W, found.gram):
        cells = Counter(squeezed(notation.number(cell)) for row in matrix for cell in row)
        for cell, count in cells.items():
            assert page.count(cell) >= count, cell
    for values in (model.b, found.norms, found.interference, found.dimensionality):
        for value in values:
            assert squeezed(notation.number(value)) in page
    assert squeezed(notation.number(found.capacity)) in page


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
    assert equal(parse_scalar(notation.number(value)), value)


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
    assert "Feature 2 keeps 1/4 of its own; feature 3 puts -1/2 on top." in page


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


# -- terminal text: the drawing -------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.m <= 2])
def test_every_feature_is_labelled_and_told(name: str, notation: PlainNotation) -> None:
    drawn, _, words = rendered(text.arrows(MODELS[name], notation)).partition("\n\n")
    labels = {int(n) for n in re.findall(r"\d+", drawn)}
    assert labels == set(range(1, MODELS[name].n + 1))
    for i in labels:
        assert f"eature {i} " in words


def test_arrows_are_coloured_as_the_walk_has_them() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="truecolor")
    console.print(text.arrows(MODELS["antipodal"], UNICODE))
    for feature in (1, 2, 3):
        sample = io.StringIO()
        Console(file=sample, force_terminal=True, color_system="truecolor").print(
            "x", style=f"bold {terminal_colour(feature)}"
        )
        assert sample.getvalue().split("x")[0] in file.getvalue()


def test_braille_needs_unicode() -> None:
    drawn = rendered(text.arrows(MODELS["antipodal"], UNICODE))
    assert any("⠀" < character <= "⣿" for character in drawn)


def test_what_cannot_be_drawn_is_told() -> None:
    shown = rendered(text.arrows(MODELS["three dimensions"], ASCII), 80)
    assert "lie in 3 dimensions and are not drawn" in shown


def test_the_first_three_colours_are_blue_green_and_orange() -> None:
    assert [svg_colour(i) for i in (1, 2, 3)] == ["#0072B2", "#009E73", "#E69F00"]
    assert len({svg_colour(i) for i in range(1, 8)}) == 7
    assert svg_colour(8) == svg_colour(1)


# -- LaTeX and Markdown ---------------------------------------------------------------------------

ENVIRONMENT = re.compile(r"\\(begin|end)\{(\w+)\}")


def assert_balanced(formula: str) -> None:
    assert formula.isascii()
    bare = re.sub(r"\\[{}]", "", formula)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert formula.count(r"\left") == formula.count(r"\right")
    open_now: list[str] = []
    for kind, name in ENVIRONMENT.findall(formula):
        if kind == "begin":
            open_now.append(name)
        else:
            assert open_now.pop() == name
    assert open_now == []


def test_latex_is_balanced(model: ToyModel) -> None:
    assert_balanced(latex.model(model))
    assert_balanced(latex.matrix(geometry(model).gram))
    for result in results(model):
        formula = latex.derivation(result.derivation)
        assert_balanced(formula)
        assert "$" not in formula
        assert formula.startswith("\\begin{aligned}")


@FEWER
@given(strategies.toy_models())
def test_latex_of_any_model_is_balanced(model: ToyModel) -> None:
    assert_balanced(latex.derivation(forward(model).derivation))


def test_every_line_of_an_aligned_block_has_one_ampersand() -> None:
    for result in results(MODELS["pentagon"]):
        body = latex.derivation(result.derivation).splitlines()[1:-1]
        assert all(line.count("&") == 1 for line in body if "cases" not in line)


def test_latex_of_numbers_and_cases() -> None:
    assert LATEX.number(Rational(1, 2)) == r"\frac{1}{2}"
    assert LATEX.number(cos(3 * pi / 7)) == r"\cos{\left(\frac{3 \pi}{7} \right)}"
    assert LATEX.expression(Number(sqrt(3) / 2)) == r"\frac{\sqrt{3}}{2}"
    formula = latex.derivation(forward(MODELS["relu"]).derivation)
    assert r"\begin{cases} x_{2} - x_{3} & \text{if } x_{2} \ge x_{3} \\ 0 & \text{else}" in formula


def test_a_matrix_in_latex_reads_back(model: ToyModel) -> None:
    if not any(cell.has(cos, sin) for row in model.W for cell in row):
        read = parse_matrix(latex.matrix(model.W))
        assert ToyModel(read, model.b, model.activation) == model


def shown_in_notebooks(model: ToyModel) -> list[object]:
    return [model, *results(model), geometry(model), same_model(model, model)]


def test_markdown_is_balanced(model: ToyModel) -> None:
    for value in [*shown_in_notebooks(model), *embeddings()]:
        shown = markdown.of(value)
        assert shown.count("$$") % 2 == 0
        assert shown.replace("$$", "").count("$") % 2 == 0
        for formula in re.findall(r"\$\$\n(.*?)\n\$\$", shown, flags=re.DOTALL):
            assert_balanced(formula)


def test_a_notebook_asks_the_values_themselves() -> None:
    for value in [*shown_in_notebooks(MODELS["relu"]), embedding("relu")]:
        assert value._repr_markdown_() == markdown.of(value)  # type: ignore[attr-defined]


def test_a_geometry_in_markdown_is_a_table() -> None:
    shown = markdown.of(geometry(MODELS["relu"]))
    assert "| 3 | $1$ | $1$ | $\\frac{1}{2}$ |" in shown.splitlines()
    assert shown.endswith("Capacity: $2$")


def test_what_has_no_markdown_is_refused() -> None:
    with pytest.raises(TypeError, match="no Markdown for a int"):
        markdown.of(3)


# -- JSON -----------------------------------------------------------------------------------------


def reads_back(shown: object, expected: object) -> bool:
    """Whether texts read back to the numbers; those past the reader's limits are not read."""
    if isinstance(expected, tuple):
        assert isinstance(shown, list)
        return all(reads_back(a, b) for a, b in zip(shown, expected, strict=True))
    assert isinstance(shown, str)
    assert isinstance(expected, sympy.Expr)
    try:
        return equal(parse_scalar(shown), expected)
    except InputError as error:
        return error.code in {"too_many_digits", "too_complicated", "cell_too_long"}


def test_data_is_json_and_its_numbers_read_back(model: ToyModel) -> None:
    result = forward(model, [Rational(1, i + 2) for i in range(model.n)])
    found = json.loads(json.dumps(data.forward(result)))
    for name in ("x", "h", "z", "output", "difference"):
        assert reads_back(found[name], getattr(result, name))
    assert reads_back(found["W"], model.W)
    assert reads_back(found["b"], model.b)
    assert found["activation"] == model.activation
    assert found["cases"] == [None] * model.n


def test_data_of_a_geometry_reads_back(model: ToyModel) -> None:
    result = geometry(model)
    found = json.loads(json.dumps(data.geometry(result)))
    for name in ("gram", "norms", "interference", "dimensionality"):
        assert reads_back(found[name], getattr(result, name))
    assert reads_back(found["capacity"], result.capacity)


def test_data_of_symbols_is_text() -> None:
    found = json.loads(json.dumps(data.forward(forward(MODELS["relu"]))))
    assert found["x"] == ["x1", "x2", "x3"]
    assert found["z"] == ["x1", "x2 - x3", "-x2 + x3"]
    assert found["cases"][0] is None
    assert found["cases"][1] == "x2 - x3 if x2 >= x3, else 0"
    assert found["steps"][3]["lines"][1]["value"] == found["cases"][1]


def test_data_of_parts_names_features_from_1() -> None:
    found = data.forward(forward(MODELS["relu"], "1 1/4 1/2"))["parts"]
    assert found[1] == {  # type: ignore[index]
        "feature": 2,
        "kept": "1/4",
        "interference": [{"feature": 3, "amount": "-1/2"}],
        "bias": "0",
    }


@pytest.mark.parametrize("name", NAMES)
def test_data_of_an_embedding(name: str) -> None:
    found = json.loads(json.dumps(data.embedding(embedding(name))))
    assert found["name"] == name
    assert found["story"]
    assert found["symbolic"]["x"] == ["x1", "x2", "x3"]
    assert reads_back(found["example"]["x"], embedding(name).example)
    assert found["gained"] or found["lost"]


# -- SVG ------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.m <= 2])
def test_svg_is_well_formed_and_says_what_it_shows(name: str) -> None:
    model = MODELS[name]
    root = ET.fromstring(svg.arrows(model))  # noqa: S314  # our own text
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("Feature 1 ")
    arrows = [part for part in root if part.get("class") == "arrow"]
    assert len(arrows) == model.n
    labels = [part.text for part in root.iter(f"{SVG}text")]
    assert labels == [str(i) for i in range(1, model.n + 1)]


def test_svg_lies_within_its_square() -> None:
    for name in ("pentagon", "one dimension", "long numbers", "roots"):
        root = ET.fromstring(svg.arrows(MODELS[name]))  # noqa: S314  # our own text
        for label in root.iter(f"{SVG}text"):
            assert 0 <= float(label.get("x", -1)) <= 360
            assert 0 <= float(label.get("y", -1)) <= 360


def test_svg_needs_a_plane() -> None:
    with pytest.raises(InputError, match="one or two dimensions, not in 3") as caught:
        svg.arrows(MODELS["three dimensions"])
    assert caught.value.code == "not_drawn"


def test_views_know_every_public_result() -> None:
    assert {handcalc.Forward, handcalc.Geometry, handcalc.Embedding} <= set(
        markdown.of.registry  # type: ignore[attr-defined]
    )
