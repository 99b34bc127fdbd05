"""The views beyond the terminal: LaTeX, Markdown, JSON and SVG of the same results."""

from __future__ import annotations

import json
import re

import pytest
import sympy
from hypothesis import given
from sympy import Rational, cos, pi, sin, sqrt

import handcalc
from handcalc import (
    ToyModel,
    embedding,
    embeddings,
    equal,
    forward,
    geometry,
    parse_matrix,
    parse_scalar,
    same_model,
    strategies,
)
from handcalc.derivation import Number
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.views import json as data
from handcalc.views import latex
from handcalc.views.latex import LATEX, LATEX_EXACT
from tests.sampling import FEWER
from tests.view_cases import MODELS, NAMES, results


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def model(request: pytest.FixtureRequest) -> ToyModel:
    found: ToyModel = request.param
    return found


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
        read = parse_matrix(latex.matrix(model.W, LATEX_EXACT))
        assert ToyModel(read, model.b, model.activation) == model


def shown_in_notebooks(model: ToyModel) -> list[Displayed]:
    return [model, *results(model), geometry(model), same_model(model, model)]


def test_markdown_is_balanced(model: ToyModel) -> None:
    for value in [*shown_in_notebooks(model), *embeddings()]:
        shown = value._repr_markdown_()
        assert shown.count("$$") % 2 == 0
        assert shown.replace("$$", "").count("$") % 2 == 0
        for formula in re.findall(r"\$\$\n(.*?)\n\$\$", shown, flags=re.DOTALL):
            assert_balanced(formula)


def test_a_geometry_in_markdown_is_a_table() -> None:
    shown = geometry(MODELS["relu"])._repr_markdown_()
    assert "| 3 | $1$ | $1$ | $\\frac{1}{2}$ |" in shown.splitlines()
    assert shown.endswith("Capacity, the sum of the dimensionalities: $2$ of at most 2.")


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
    assert found[1] == {
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


def test_a_map_and_a_diagram_show_themselves() -> None:
    for shown, said in [
        (handcalc.phase_map(2, 1, points=3), "The best embedding of 2 features in 1 dimension"),
        (handcalc.phase_diagram(2, 1, size=3), "importance"),
    ]:
        assert said in str(shown)
        assert said in shown._repr_markdown_()


@pytest.mark.parametrize(
    ("W", "shown", "latex"),
    [
        ("sqrt(2) sqrt(3); sqrt(5) 1", "(9√3/2 + 9√10/2)·S²", r"\sqrt{10}"),
        ("cos(2*pi/7) sin(2*pi/7); 1 0", "1/3 − cos(3π/7)/3", r"\cos"),
    ],
)
def test_a_polynomial_of_roots_and_cosines_is_shown(W: str, shown: str, latex: str) -> None:
    loss = handcalc.expected_loss(W)
    assert shown in str(loss)
    assert latex in loss.latex()
    assert latex in loss._repr_markdown_()
