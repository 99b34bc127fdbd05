"""``show best``: against the search, against the exact loss and slopes, and what it refuses."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from sympy import Rational, sqrt

import handcalc
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.polish import polished
from handcalc.superposition.closed_forms import best_regular
from handcalc.superposition.closed_forms.three_in_two import (
    TWO_LENGTHS_BELOW,
    change_of_best,
    three_in_two,
)
from handcalc.superposition.loss.problem import Problem
from tests.cli_runs import Run, Shell, outside

DENSE, SPARSE = ["0", "1/5", "0.4781"], ["0.4782", "1/2", "19/20"]
NEAR = Rational(1, 10**28)


def refused(done: Run) -> str:
    """What was said of a command line that was refused."""
    assert (done.code, done.out) == (2, "")
    return done.err


def unreadable(done: Run) -> str:
    """What was said of a value that could not be read."""
    assert (done.code, done.out) == (3, "")
    return done.err


@pytest.mark.slow
@pytest.mark.parametrize("sparsity", [*DENSE, *SPARSE])
def test_the_search_finds_the_same(shell: Shell, sparsity: str) -> None:
    found = shell("show", "best", f"--sparsity={sparsity}", "--json").json()
    searched = handcalc.optimum(3, 2, sparsity)
    assert found["family"] == searched.family.name
    assert found["family"] == ("triangle" if sparsity in DENSE else "antipodal")
    assert abs(handcalc.parse_scalar(found["loss"]) - searched.loss) < NEAR
    lengths = sorted(to_float(norm) for norm in handcalc.geometry(searched.model).norms)
    assert float(found["length"]) == pytest.approx(lengths[1], abs=1e-12)


@pytest.mark.parametrize("sparsity", [DENSE[1], SPARSE[1]])
def test_W_and_b_have_that_loss_and_no_slope(shell: Shell, sparsity: str) -> None:
    found = shell("show", "best", f"--sparsity={sparsity}", "--json").json()
    model = handcalc.ToyModel(found["W"], found["b"])
    inputs = handcalc.SparseUniform(sparsity)
    loss = handcalc.expected_loss(model, inputs).value
    assert handcalc.sign(abs(loss - handcalc.parse_scalar(found["loss"])) - NEAR) < 0
    slopes = handcalc.loss_gradient(model, inputs)
    steepest = max(abs(to_float(s.right)) for row in (*slopes.W, slopes.b) for s in row)
    assert steepest < 1e-28


@pytest.mark.parametrize("name", ["antipodal", "triangle"])
def test_no_other_length_or_bias_of_a_shape_is_better(name: str) -> None:
    """On a grid around the best, coarse and fine, by the exact loss of each model."""
    result = three_in_two("3/10")
    (shape,) = (shape for shape in result.shapes if shape.name == name)
    free = shape.values.length, shape.values.bias
    length, bias = (Rational(str(round(to_float(value), 6))) for value in free)
    inputs = handcalc.SparseUniform("3/10")
    for step in (Rational(1, 5), Rational(1, 1000)):
        for across in (-1, 0, 1):
            for up in (-1, 0, 1):
                model = _model(name, length + across * step, bias + up * step)
                loss = handcalc.expected_loss(model, inputs).value
                assert to_float(loss) >= to_float(shape.values.total)


def _model(name: str, length: Rational, bias: Rational) -> handcalc.ToyModel:
    if name == "antipodal":
        return handcalc.ToyModel([[1, 0], [0, length], [0, -length]], [0, bias, bias])
    half, side = -length / 2, length * sqrt(3) / 2
    return handcalc.ToyModel([[length, 0], [half, side], [half, -side]], [bias] * 3)


def test_the_two_change_places_where_it_says() -> None:
    where = change_of_best(25).sparsity
    step = Rational(1, 10**24)
    assert three_in_two(where - step).best.name == "triangle"
    assert three_in_two(where + step).best.name == "antipodal"
    assert f"{to_float(where):.15f}" == "0.478162340928575"


def test_costs_by_active_features_are_all_of_the_loss() -> None:
    for shape in three_in_two("1/3").shapes:
        assert handcalc.sign(abs(sum(shape.costs) - shape.values.total) - NEAR) < 0
        assert all(handcalc.sign(cost) > 0 for cost in shape.costs)
    assert sum(three_in_two("1/3").probabilities) == 1


def test_where_the_arrows_of_the_best_pair_part() -> None:
    step = Rational(1, 10**5)
    below, above = (
        handcalc.optimum(2, 1, TWO_LENGTHS_BELOW + side * step).model.W for side in (-1, 1)
    )
    assert abs(abs(below[0][0]) - abs(below[1][0])) > Rational(1, 100)
    assert abs(abs(above[0][0]) - abs(above[1][0])) < NEAR
    assert three_in_two("0.293").is_beaten_by_two_lengths
    assert not three_in_two("0.294").is_beaten_by_two_lengths


def test_just_below_a_pair_of_two_lengths_provably_beats_all_of_one_length() -> None:
    near = handcalc.optimum(2, 1, TWO_LENGTHS_BELOW - Rational(1, 10**5)).model
    W, b = [[to_float(w) for w in row] for row in near.W], [to_float(b) for b in near.b]
    for side in (-1, 1):
        sparsity = TWO_LENGTHS_BELOW + side * Rational(1, 10**15)
        two_lengths = polished(W, b, Problem.of(2, 1, sparsity=sparsity), 40).model
        loss = handcalc.expected_loss(two_lengths, sparsity).value
        one_length = Rational(str(best_regular(2, sparsity).digits(40).total))
        assert handcalc.sign(loss - one_length) == side
        assert abs(loss - one_length) < Rational(1, 10**16)


def test_the_page_at_one_sparsity(shell: Shell) -> None:
    page = shell("show", "best", "--sparsity", "1/2").out
    flat = " ".join(page.split())
    assert "Best is an antipodal pair beside a feature with a dimension of its own." in flat
    assert "It loses 0.0762824469895636." in flat
    assert "loses 0.0775793624364242 at its best, which is 1.7 % more." in flat
    assert "0 = β⁷ − 12·β⁶ − 21·β⁵ + 70·β⁴ + 9·β³ + 24·β² + 55·β − 6" in flat
    assert "At S = 0.478162340928575 the pair and the triangle lose the same" in flat
    assert "handcalc verify three-in-two-half" in page
    assert (
        "handcalc optimum --features 3 --hidden 2 --sparsity=2/5"
        in shell("show", "best", "--sparsity", "2/5").out
    )
    assert "0.2936" not in page


def test_a_pair_that_is_beaten_by_another_pair_says_so(shell: Shell) -> None:
    flat = " ".join(shell("show", "best", "--sparsity=0").out.split())
    assert "Best is a triangle." in flat
    assert "The pair, with equal lengths, loses 1/12 at its best, which is 0.293 % more." in flat
    assert "For S below 0.2936 a pair with two different lengths does a little better" in flat


def test_long_coefficients_are_left_to_json(shell: Shell) -> None:
    long = "--sparsity=0.12345678901234567"
    page = shell("show", "best", long).out
    assert "0 = a polynomial of degree 9 with long coefficients; see --json" in page
    found = shell("show", "best", long, "--json").json()["shapes"][1]["polynomial"]
    assert len(re.findall(r"beta\*\*", found)) == 8


def test_a_root_in_the_sparsity_is_quoted_for_the_shell(shell: Shell) -> None:
    assert '--sparsity="sqrt(2)/3"' in shell("show", "best", "--sparsity=sqrt(2)/3").out


def test_the_story_for_all_sparsities(shell: Shell) -> None:
    page = shell("show", "best").out
    rows = re.findall(r"^ *(0\.?\d?) +(triangle|pair)  ", page, re.MULTILINE)
    assert [name.strip() for _, name in rows] == ["triangle"] * 5 + ["pair"] * 5
    found = shell("show", "best", "--json").json()
    losses = [entry["value"] for entry in found["along"]]
    assert losses[0] == pytest.approx(0.0830895928, abs=1e-10)
    assert all(before > after for before, after in pairwise(losses[2:]))
    assert found["change"]["sparsity"].startswith("0.478162340928575")


@pytest.mark.slow
@pytest.mark.parametrize("sparsity", ["--sparsity=0", "--sparsity=1/2", "--sparsity=0.123456789"])
def test_the_page_fits_80_columns_of_ascii(sparsity: str) -> None:
    done = outside("show", "best", sparsity, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    lines = done.stdout.decode("ascii").splitlines()
    assert done.returncode == 0
    assert max(map(len, lines)) <= 80
    assert "<U+" not in done.stdout.decode("ascii")
    assert any("beta = " in line for line in lines)


def test_it_is_on_the_list(shell: Shell) -> None:
    assert "handcalc show best --sparsity=1/2" in shell("show").out
    assert shell("show", "--json").json()["best"]["name"] == "best"
    assert "Try: handcalc show best" in refused(shell("show", "bests"))


def test_the_drawing(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "best.svg"
    done = shell("show", "best", "--sparsity=2/5", f"--svg={file}")
    assert f"Wrote {file}." in done.out.replace("\n", "")
    drawn = file.read_text(encoding="utf-8")
    assert drawn.count('class="arrow"') == 3
    assert "length about 0.921460" in drawn
    assert refused(shell("show", "best", f"--svg={file}")).startswith("--svg draws the best")


def test_what_does_not_go_together(shell: Shell) -> None:
    assert "--sparsity belongs to best" in refused(shell("show", "relu", "--sparsity=1/2"))
    assert "--sparsity belongs to the page" in refused(shell("show", "--sparsity=1/2"))
    said = refused(shell("show", "best", "--sparsity=1/2", "--x=1 0 0"))
    assert said.startswith("best is about all inputs at once")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1", "At S = 1 no feature is ever active"),
        ("6/5", "A sparsity is a probability, from 0 to 1, not 6/5."),
        ("-1/10", "A sparsity is a probability, from 0 to 1, not -1/10."),
        ("1/2 1/2", "Two numbers stand side by side where one is asked for"),
    ],
)
def test_no_such_sparsity(shell: Shell, value: str, said: str) -> None:
    assert said in unreadable(shell("show", "best", f"--sparsity={value}"))
    with pytest.raises(handcalc.InputError, match=re.escape(said)):
        three_in_two(value)
