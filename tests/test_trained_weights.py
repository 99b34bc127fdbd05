"""Weights of every preset, at the full precision of training, through every command and view.

The models in ``data/trained_weights.json`` come from real runs; the normal suite takes the smallest
one of each kind through everything, the slow tests take all. Whatever the commands print about them
has to fit a page, and every decimal has to be the nearest one: that is checked against Python's
``decimal`` module, from the exact fractions in the JSON.
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from handcalc import (
    SparseUniform,
    ToyModel,
    expected_loss,
    forward,
    geometry,
    loss_gradient,
    same_model,
)
from tests.cli_runs import Run, Shell

FIXTURE = json.loads((Path(__file__).parent / "data" / "trained_weights.json").read_text("utf-8"))
TRAINED: list[dict[str, Any]] = FIXTURE["models"]
SMALL = [each for each in TRAINED if len(each["W"]) <= 5]
LARGE = [each for each in TRAINED if len(each["W"]) > 12]


def name(trained: dict[str, Any]) -> str:
    return f"{trained['preset']}-{trained['activation']}"


def each_of(models: list[dict[str, Any]]) -> pytest.MarkDecorator:
    """A test for each of the models: the first is always run, the others are slow tests."""
    others = [pytest.param(model, marks=pytest.mark.slow) for model in models[1:]]
    return pytest.mark.parametrize("trained", [models[0], *others], ids=map(name, models))


def options(trained: dict[str, Any], folder: Path, *, b: bool = True) -> list[str]:
    """W (and b) as the answer of ``train`` gives them, each from a file."""
    (folder / "W").write_text(json.dumps(trained["W"]), "utf-8")
    (folder / "b").write_text(json.dumps(trained["b"]), "utf-8")
    W, bias = (f"--{each}=@{folder / each}" for each in ("W", "b"))
    linear = ["--linear"] if trained["activation"] == "linear" else []
    return [W, bias, *linear] if b else [W]


def model_of(trained: dict[str, Any]) -> ToyModel:
    W = [[Fraction(repr(cell)) for cell in row] for row in trained["W"]]
    return ToyModel(W, [Fraction(repr(cell)) for cell in trained["b"]], trained["activation"])


def readable(done: Run) -> str:
    """The page, which came without a fault and fits 80 columns."""
    assert (done.code, done.err) == (0, "")
    assert max(map(cell_len, done.out.splitlines())) <= 80
    longest = max(map(len, re.findall(r"\d+", done.out)), default=0)
    assert longest <= 20, "a number fills the line"
    return done.out


def test_every_preset_is_there() -> None:
    assert {each["preset"] for each in TRAINED} == {
        "by-hand",
        "introduction",
        "demonstrating",
        "demonstrating-large",
        "phase-change",
    }
    assert all(max(len(repr(cell)) for cell in each["W"][0]) > 8 for each in TRAINED)


# -- commands -------------------------------------------------------------------------------------


@each_of(TRAINED)
def test_geometry(shell: Shell, tmp_path: Path, trained: dict[str, Any]) -> None:
    given = options(trained, tmp_path, b=False)
    page = readable(shell("geometry", *given))
    assert "Decimals are rounded; --json" in page
    found = shell("geometry", *given, "--json").json()
    for key in ("dimensionality", "norms", "interference"):
        assert len(found[f"{key}_values"]) == len(trained["W"])
    exactly = [Fraction(text) for text in found["dimensionality"]]
    assert found["dimensionality_values"] == list(map(float, exactly))
    assert found["capacity_value"] == float(sum(exactly))
    assert found["gram_values"] == [[float(Fraction(g)) for g in row] for row in found["gram"]]


@each_of(SMALL)
def test_the_decimals_of_a_page_are_the_nearest(
    shell: Shell, tmp_path: Path, trained: dict[str, Any]
) -> None:
    given = options(trained, tmp_path, b=False)
    page = readable(shell("geometry", *given))
    found = shell("geometry", *given, "--json").json()
    table = [
        line.split() for line in page.splitlines() if re.fullmatch(r" *\d+( +[\d.e-]+){3}", line)
    ]
    assert len(table) == len(trained["W"])
    for row, *exactly in zip(table, found["interference"], found["dimensionality"], strict=True):
        assert all(map(is_nearest, row[2:], exactly))
    rows = re.findall(r"[⎡⎢⎣].*[⎤⎥⎦]", page)[-len(trained["W"]) :]
    shown = [cell for row in rows for cell in row[1:-1].split()]
    assert all(map(is_nearest, shown, [g for row in found["gram"] for g in row]))
    assert len(shown) == len(trained["W"]) ** 2


def is_nearest(shown: str, exactly: str) -> bool:
    """Whether a text is six decimals of a fraction, or three digits of a small one."""
    value = Fraction(exactly)
    prec = 3 if "e" in shown else 2000
    decimal = Context(prec=prec).divide(Decimal(value.numerator), Decimal(value.denominator))
    if "e" not in shown:
        decimal = decimal.quantize(Decimal("0.000001"), ROUND_HALF_EVEN, Context(prec=2000))
    return Decimal(shown.replace("−", "-")) == decimal


@each_of(TRAINED)
def test_forward(shell: Shell, tmp_path: Path, trained: dict[str, Any]) -> None:
    given = options(trained, tmp_path)
    page = readable(shell("forward", *given, "--x=1/2"))
    assert "≈" in page
    found = shell("forward", *given, "--x=1/2", "--json").json()
    model = model_of(trained)
    z = [Fraction(text) for text in found["z"]]
    assert z[0] == sum(
        (
            Fraction(repr(trained["W"][0][k])) * Fraction(repr(row[k])) / 2
            for row in trained["W"]
            for k in range(model.m)
        ),
        Fraction(repr(trained["b"][0])),
    )


@each_of(SMALL)
def test_forward_with_symbols(shell: Shell, tmp_path: Path, trained: dict[str, Any]) -> None:
    given = options(trained, tmp_path)
    assert "·x₁" in readable(shell("forward", *given))
    assert len(shell("forward", *given, "--json").json()["z"]) == len(trained["W"])


@each_of(SMALL)
def test_loss(shell: Shell, tmp_path: Path, trained: dict[str, Any]) -> None:
    given = options(trained, tmp_path)
    page = readable(shell("loss", *given, "--sparsity=9/10"))
    told = re.search(r"Expected loss L is about ([\d.]+)", page)
    assert told is not None
    found = shell("loss", *given, "--sparsity=9/10", "--json").json()
    assert found["value"] == float(Fraction(found["loss"]))
    exactly = Fraction(found["loss"])
    nearest = Context(prec=10).divide(Decimal(exactly.numerator), Decimal(exactly.denominator))
    assert Decimal(told[1]) == nearest
    assert re.search(r"Expected loss\s+L\s≈", readable(shell("loss", *given)))
    polynomial = shell("loss", *given, "--json").json()["polynomial"]
    assert Fraction(evaluated(polynomial, Fraction(9, 10))) == exactly


def evaluated(polynomial: str, s: Fraction) -> Fraction:
    """A polynomial in S at one S, by sympy."""
    import sympy

    at = sympy.Poly(sympy.sympify(polynomial, {"S": sympy.Symbol("S")}), sympy.Symbol("S")).eval(
        sympy.Rational(s)
    )
    return Fraction(int(at.p), int(at.q))


@each_of(LARGE)
def test_the_loss_of_many_features_is_refused_for_their_number(
    shell: Shell, tmp_path: Path, trained: dict[str, Any]
) -> None:
    done = shell("loss", *options(trained, tmp_path), "--sparsity=9/10")
    assert done.code in (2, 3)
    assert "12" in done.err


def test_an_exercise_grades_trained_weights(shell: Shell, tmp_path: Path) -> None:
    given = options(TRAINED[0], tmp_path)
    done = shell("exercise", "1", *given, "--no-state")
    assert done.code == 1
    assert max(map(cell_len, done.out.splitlines())) <= 80
    assert shell("exercise", "1", *given, "--no-state", "--json").json()["status"] == "wrong"


# -- print and Markdown of every result -----------------------------------------------------------


@each_of(TRAINED)
def test_print_and_markdown_of_every_result(trained: dict[str, Any]) -> None:
    model = model_of(trained)
    results: list[Any] = [model, geometry(model), forward(model, ["1/2"] * model.n)]
    if model.n <= 5:
        losses = [expected_loss(model, SparseUniform("9/10")), expected_loss(model)]
        results += [forward(model), same_model(model, model), *losses]
    if model.n <= 3:
        results.append(loss_gradient(model, SparseUniform("9/10")))
    for result in results:
        lines = str(result).splitlines()
        assert max(map(cell_len, lines)) <= 80
        shown = result._repr_markdown_()
        assert shown.count("$$") % 2 == 0
        assert max(map(len, re.findall(r"\d+", f"{result}{shown}")), default=0) <= 20


@each_of(TRAINED)
def test_the_default_of_from_floats_is_shown_as_well(trained: dict[str, Any]) -> None:
    model = ToyModel.from_floats(trained["W"], trained["b"], activation=trained["activation"])
    for result in (model, geometry(model), forward(model, ["1/2"] * model.n)):
        assert max(map(cell_len, str(result).splitlines())) <= 80
        assert "$$" in result._repr_markdown_()


# -- more digits than Python writes out -----------------------------------------------------------


@pytest.mark.slow
def test_fractions_of_five_thousand_digits_are_shown_and_kept() -> None:
    top, bottom = 10**5000 + 1, 7 * 10**4999
    model = ToyModel([[Fraction(top, bottom), 1], [1, Fraction(1, top)]], [Fraction(1, bottom), 0])
    found = geometry(model)
    assert "1.428571" in str(model)
    assert "1.428571" in model._repr_markdown_()
    for result in (found, forward(model, "1/2"), forward(model), expected_loss(model)):
        assert max(map(cell_len, str(result).splitlines())) <= 80
        assert result._repr_markdown_()
        assert repr(result)
    from handcalc.views import json as data

    gram = json.loads(json.dumps(data.geometry(found)))["gram"]
    top_text = gram[0][0].split("/")[0]
    assert len(top_text) > 10_000
    assert len(data.loss(expected_loss(model))["loss"]) > 5000  # type: ignore[arg-type]  # a text
