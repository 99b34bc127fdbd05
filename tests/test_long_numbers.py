"""Numbers of thousands of digits and past all floats, and models of hundreds of features.

What is asked for here is refused in a sentence, or shown on a page that fits 80 columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from rich.cells import cell_len

import handcalc
from handcalc import InputError, ToyModel
from tests.cli_runs import Shell

LONG = 10**5000 + 7
SMALL = Fraction(1, LONG)
PLAIN = ToyModel("1 0; 0 1")


# -- past the largest float -----------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e160", "1e200", "1e400", "-" + "9" * 999])
@pytest.mark.parametrize(
    "command",
    [
        ("geometry",),
        ("loss", "--sparsity=1/2"),
        ("loss",),
        ("loss", "--sparsity=1/2", "--linear"),
        ("forward", "--x=1/2"),
        ("forward",),
    ],
    ids=" ".join,
)
def test_json_has_null_for_what_no_float_holds(
    shell: Shell, command: tuple[str, ...], number: str
) -> None:
    name, *options = command
    done = shell(name, f"--W={number} 1; 0 1", *options, "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out, parse_constant=pytest.fail)
    assert found["status"] == "ok"


def test_the_floats_beside_an_infinite_one_stay(shell: Shell) -> None:
    found = shell("geometry", "--W=1e400 1; 0 1", "--json").json()
    assert found["norms_values"] == [None, 1.0]
    assert found["gram_values"] == [[None, 1.0], [1.0, 1.0]]
    assert Fraction(found["gram"][0][0]) == 10**800 + 1
    loss = shell("loss", "--W=1e400 1; 0 1", "--sparsity=1/2", "--json").json()
    assert loss["value"] is None
    assert Fraction(loss["loss"]) > 10**700


# -- thousands of digits in errors and reprs ------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: handcalc.SparseUniform(LONG), "sparsity"),
        (lambda: handcalc.OneActive(-LONG), "wrong_shape"),
        (lambda: handcalc.OneActive(LONG).blocks(3), "wrong_shape"),
        (lambda: handcalc.Correlated([(1, LONG)]).blocks(3), "sets"),
        (lambda: handcalc.Anticorrelated([LONG]), "sets"),
        (lambda: handcalc.optimum(LONG, 2, "1/2"), "size"),
        (lambda: handcalc.optimum(3, LONG, "1/2"), "size"),
        (lambda: handcalc.optimum(3, 2, LONG), "sparsity"),
        (lambda: handcalc.optimum(3, 2, "1/2", restarts=-LONG), "restarts"),
        (lambda: handcalc.optimum(3, 2, "1/2", seed=-LONG), "seed"),
        (lambda: handcalc.optimum(3, 2, "1/2", digits=LONG), "digits"),
        (lambda: handcalc.optimum(3, 2, "1/2", importance=-LONG), "importance"),
        (lambda: handcalc.phase_map(2, LONG), "size"),
        (lambda: handcalc.phase_map(2, 1, points=LONG), "points"),
        (lambda: handcalc.phase_map(2, 1, digits=LONG), "digits"),
        (lambda: handcalc.phase_diagram(LONG, 1), "size"),
        (lambda: handcalc.phase_diagram(2, LONG), "size"),
        (lambda: handcalc.phase_diagram(2, 1, LONG), "size"),
        (lambda: handcalc.embedding(LONG), "unknown_embedding"),  # type: ignore[arg-type]  # no name at all
        (lambda: ToyModel([LONG, LONG]), "wrong_shape"),
        (lambda: ToyModel([[LONG, 0.5]]), "float"),
        (lambda: ToyModel([[1]], 1, LONG), "activation"),  # type: ignore[arg-type]  # no activation
        (lambda: ToyModel.from_floats([[0.5]], max_denominator=-LONG), "max_denominator"),
        (lambda: handcalc.expected_loss(PLAIN, LONG), "sparsity"),
        (lambda: handcalc.expected_loss(PLAIN, SMALL, -LONG), "importance"),
        (lambda: handcalc.forward(PLAIN).output_at({LONG: 1}), "unknown_name"),  # type: ignore[dict-item]  # no name
        (lambda: handcalc.exact(sympy.Float(1) * sympy.Symbol("y") + LONG), "float"),
        (lambda: handcalc.exact(sympy.cos(sympy.pi / LONG)), "too_complicated"),
        (lambda: handcalc.exact(sympy.sqrt(2) ** sympy.Rational(1, LONG)), "not_exact"),
    ],
)
def test_a_refusal_does_not_write_thousands_of_digits(call: Callable[[], Any], code: str) -> None:
    with pytest.raises(InputError, match=r"^[^\n]{20,400}$") as caught:
        call()
    assert caught.value.code == code
    assert not re.search(r"\d{81}", caught.value.message)


LONG_MODEL = ToyModel([[LONG, 1], [1, SMALL]], [SMALL, -LONG])


@pytest.mark.parametrize(
    "make",
    [
        lambda: handcalc.SparseUniform(SMALL),
        lambda: handcalc.OneActive(LONG),
        lambda: handcalc.Correlated([(1, LONG)], SMALL),
        lambda: list(handcalc.SparseUniform(SMALL).patterns(2)),
        lambda: handcalc.SparseUniform(SMALL).blocks(2),
        lambda: LONG_MODEL,
        lambda: handcalc.geometry(LONG_MODEL),
        lambda: handcalc.forward(LONG_MODEL, [LONG, SMALL]),
        lambda: handcalc.forward(LONG_MODEL).parts,
        lambda: handcalc.forward(LONG_MODEL).derivation.steps,
        lambda: handcalc.expected_loss(LONG_MODEL, SMALL),
        lambda: handcalc.loss_steps(handcalc.expected_loss(LONG_MODEL)).steps,
        lambda: handcalc.loss_gradient(LONG_MODEL, SMALL),
        lambda: handcalc.same_model(LONG_MODEL, LONG_MODEL),
    ],
)
def test_a_repr_of_thousands_of_digits_is_made(make: Callable[[], Any]) -> None:
    assert "000" in repr(make()) or "Same" in repr(make())


def test_the_repr_of_short_numbers_has_every_field() -> None:
    assert repr(handcalc.SparseUniform("1/2")) == "SparseUniform(sparsity=(1/2,))"
    assert repr(handcalc.Correlated([(1, 2)])) == "Correlated(sets=((1, 2),), sparsity=None)"
    first, *_ = handcalc.OneActive(2).patterns(2)
    assert repr(first) == "Pattern(active=(1,), probability=1/2)"


# -- layout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sparsity", [None, "9/10", "0.123456789"])
@pytest.mark.parametrize(
    ("W", "b"),
    [
        ("0.12345678; -0.98765432", "0.1234567 -0.0123456"),
        ("12345.678; -0.000098765432", "-1234.5678 0.0000123456"),
        ("0.12345678 -1.2345678; -0.98765432 1.0000001; 0.33333333 -0.7654321", "0.1234567"),
    ],
)
def test_the_loss_of_long_weights_fits_the_page(W: str, b: str, sparsity: str | None) -> None:
    loss = handcalc.expected_loss(ToyModel(W, b), sparsity)
    for shown in (loss, handcalc.loss_steps(loss)):
        assert max(map(cell_len, str(shown).splitlines())) <= 80


def test_a_table_that_rounds_short_numbers_too_says_so() -> None:
    """1/8192 reads at a glance, and 0.0625001 has six digits: below each other both are rounded."""
    loss = handcalc.expected_loss(ToyModel("0; 0"), 0, "0.1875003 3/8192")
    assert list(map(str, loss.per_feature)) == ["625001/10000000", "1/8192"]
    for page in (str(loss), loss._repr_markdown_()):
        assert "0.0625" in page
        assert "0.000122" in page
        assert "Decimals are rounded" in page


def wide(features: int, folder: Path) -> str:
    rows = [f"{i % 7}/8 {i % 5}/9 {i % 3}/4" for i in range(features)]
    (folder / "W.txt").write_text("; ".join(rows), "utf-8")
    return f"--W=@{folder / 'W.txt'}"


def test_forward_of_many_features_shows_the_first_and_the_last(
    shell: Shell, tmp_path: Path
) -> None:
    W = wide(100, tmp_path)
    done = shell("forward", W, "--x=1/2")
    assert done.code == 0
    told = re.findall(r"^ *Feature (\d+) (?:brings|has no arrow)", done.out, re.MULTILINE)
    assert list(map(int, told)) == [*range(1, 13), 98, 99, 100]
    assert "... 85 features are left out here; --json has all." in done.out
    assert len(done.out.splitlines()) < 250
    assert len(shell("forward", W, "--x=1/2", "--json").json()["parts"]) == 100
    rows = [[i % 7, i % 5] for i in range(100)]
    shown = handcalc.forward(rows, "1/2")._repr_markdown_()
    assert "85 features are left out here" in shown
    assert "Feature 12 brings" in shown
    assert "Feature 13 brings" not in shown


@pytest.mark.parametrize("features", [13, 400])
def test_the_loss_of_too_many_features_is_refused_in_a_sentence(
    shell: Shell, tmp_path: Path, features: int
) -> None:
    for options in (["--sparsity=9/10"], []):
        done = shell("loss", wide(features, tmp_path), *options)
        assert done.code == 3
        assert "12 independent features" in done.err
        assert max(map(len, re.findall(r"\d+", done.err))) <= 7


def test_a_run_whose_sampled_loss_is_infinite_has_null_in_json() -> None:
    torch = pytest.importorskip("torch")
    from dataclasses import replace

    from torchsim import ModelSpec, train
    from torchsim.views.runs import run_data

    model = ModelSpec.of(2, 1, "1/2")
    run = train(model, steps=20, restarts=1, trainer="sampled")
    endless = torch.full_like(run.trained[0].sampled_loss, torch.inf)
    lost = replace(run.trained[0], sampled_loss=endless, standard_error=endless)
    (found,) = json.loads(json.dumps(run_data(replace(run, trained=(lost,))), allow_nan=False))[
        "models"
    ]
    assert (found["sampled_loss"], found["standard_error"]) == (None, None)
    assert found["W"] == run.trained[0].W[0].tolist()
