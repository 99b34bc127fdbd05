"""The compiled loss beside the one that the array library works out: two routes to one number."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pytest
import sympy

from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Block,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import (
    expected_losses,
    expected_losses_and_gradients,
    losses,
    portable,
)
from handcalc.superposition.numeric.compiled.lanes import LANES
from handcalc.superposition.numeric.compiled.rows import rows_of
from handcalc.superposition.numeric.posed import posed
from tests.guarded import ROOT
from tests.oracles.float_models import KINDS, hard_case
from tests.twin_cases import gradient_error, loss_error, smooth_models

Arrays = tuple[np.ndarray, ...]
ACTIVATIONS: tuple[Activation, ...] = ("relu", "linear")


def kinds(n: int) -> list[Distribution]:
    """Distributions of n features: independent ones, and sets that leave some by themselves."""
    some = [tuple(range(1, max(2, n // 2) + 1))] if n > 1 else [(1,)]
    return [
        SparseUniform("1/3"),
        SparseUniform(),
        OneActive(n),
        Correlated(some, "1/4"),
        Anticorrelated(some, "2/5"),
    ]


def both_ways(W: np.ndarray, b: np.ndarray, **asked: Any) -> tuple[Arrays, Arrays]:
    """Compiled, and by NumPy's own operations."""
    given = {"distribution": None, "sparsity": None, "importance": 1.0, "activation": "relu"}
    question = posed(W, b, **(given | asked), gradient=True)
    return expected_losses_and_gradients(W, b, **asked), portable.solved(question, gradient=True)


def disagreement(W: np.ndarray, b: np.ndarray, **asked: Any) -> float:
    """The largest difference, of the loss by 1 + L, of slopes by (1 + L)(1 + max |W|)."""
    (L, *slopes), (other, *others) = both_ways(W, b, **asked)
    size = 1 + np.abs(other)
    worst = [np.abs(L - other) / size]
    for mine, theirs in zip(slopes, others, strict=True):
        apart = np.abs(mine - theirs).reshape(len(L), -1).max(axis=1)
        worst.append(apart / (size * (1 + np.abs(W).max())))
    return float(np.max(worst))


# -- the same numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", range(1, 9))
def test_both_routes_lead_to_the_same_numbers(n: int, activation: Activation) -> None:
    """Nine models, which is one more than stand side by side, except where that takes long."""
    count = LANES + 1 if n < 7 else 2
    W, b = smooth_models(count, n, min(n, 3), seed=n)
    random = np.random.default_rng(n)
    for inputs in kinds(n):
        asked: dict[str, Any] = {"distribution": inputs, "importance": random.random((count, n))}
        if inputs == SparseUniform():
            asked["sparsity"] = random.random((count, n))
        assert disagreement(W, b, activation=activation, **asked) < 1e-14


DEGENERATE = {
    "nothing": (np.zeros((3, 2)), np.zeros(3)),
    "dead outputs": (np.eye(3)[:, :2], np.asarray([-2.0, -1.0, 0.0])),
    "just dead": (np.asarray([[1.0, 0], [0, 1], [0, -1]]), np.asarray([-1.0, -1.0, -1.0])),
    "z = 0 everywhere": (np.asarray([[1.0, 0], [0, 1], [0, 0]]), np.asarray([0.5, -0.5, 0.0])),
    "never cut": (np.asarray([[1.0, 0], [0, 1], [0, -1]]), np.asarray([0.0, 1.0, 1.0])),
    "no ramp": (np.zeros((3, 2)), np.asarray([0.25, 1.0, -1.0])),
    "corners": (np.asarray([[2.0, 1], [-1, 1], [1, -2]]), np.asarray([0.0, 1.0, -3.0])),
    "large": (1e3 * np.asarray([[0.3, 1], [-1, 0.7], [0.1, -0.9]]), np.asarray([1e3, -1e3, 0.1])),
    "small": (1e-160 * np.asarray([[1.0, 1], [-1, 1], [1, -2]]), np.asarray([5e-324, 0, -1e-310])),
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_models(name: str, activation: Activation) -> None:
    W, b = (values[None] for values in DEGENERATE[name])
    for S in (0.0, 0.5, 1.0):
        assert disagreement(W, b, sparsity=S, activation=activation) < 1e-14


@pytest.mark.parametrize("place", ["W", "b"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_spoils_its_own_model_alone(bad: float, place: str) -> None:
    W, b = smooth_models(5, 3, 2, seed=1)
    whole = expected_losses_and_gradients(W, b, sparsity=0.5)
    {"W": W[2, 1], "b": b[2]}[place][0] = bad
    found = expected_losses_and_gradients(W, b, sparsity=0.5)
    assert not np.isfinite(found[0][2])
    assert not np.isfinite(found[2][2]).all()
    for mine, before in zip(found, whole, strict=True):
        assert np.delete(mine, 2, axis=0).tolist() == np.delete(before, 2, axis=0).tolist()


def test_the_array_library_keeps_to_the_bound_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba is not installed: against the exact engine, as ``test_numeric`` does it."""
    monkeypatch.setattr(losses, "_compiled", lambda: None)
    random = Random(5)  # noqa: S311 - a repeatable draw, no secret
    cases = [hard_case(random, n, kind) for kind in KINDS for n in (1, 2, 3, 4) * 3]
    for activation in ACTIVATIONS:
        assert max(loss_error(case, activation) for case in cases) <= 1e-12
        assert max(gradient_error(case, activation) for case in cases) <= 1e-12


WITHOUT = """
import sys
{how}
import numpy as np
from handcalc.superposition.numeric import compile_losses, expected_losses
assert compile_losses() < 1
print(float(expected_losses(np.ones((1, 1, 1)), np.full((1, 1), 0.25), sparsity=0.5)[0]))
print("handcalc.superposition.numeric.compiled.models" in sys.modules)
"""


@pytest.mark.parametrize(
    "how",
    [
        "sys.modules['numba'] = None  # as where it is not installed",
        "import os; os.environ['NUMBA_DISABLE_JIT'] = '1'",
    ],
)
def test_where_nothing_is_compiled_the_loss_is_the_same(how: str) -> None:
    command = [sys.executable, "-c", WITHOUT.format(how=how)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loss, compiled = done.stdout.split()
    assert float(loss) == pytest.approx(1 / 16, rel=1e-14)  # x̂ − x is 1/4 always
    assert compiled == "False"


# -- the same bits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_model_does_not_depend_on_what_stands_beside_it(activation: Activation) -> None:
    """Not in one bit: by itself, in any company, and in any of several threads."""
    W, b = smooth_models(2 * LANES + 3, 4, 2, seed=2)
    inputs = Correlated([(1, 3)], "1/3")

    def work(part: slice) -> list[list[object]]:
        found = expected_losses_and_gradients(W[part], b[part], inputs, activation=activation)
        return [values.tolist() for values in found]

    whole = work(slice(None))
    for size in (1, 2, 7, 8, 9):
        parts = [slice(k, k + size) for k in range(0, len(b), size)]
        with ThreadPoolExecutor(4) as pool:
            pieces = zip(*pool.map(work, parts), strict=True)
        joined = [[value for piece in each for value in piece] for each in pieces]
        assert joined == whole


def test_arrays_may_be_laid_out_in_any_way() -> None:
    W, b = smooth_models(9, 4, 2, seed=3)
    plain = expected_losses_and_gradients(W, b, sparsity=0.5)
    turned = np.asfortranarray(W)[::-1], np.broadcast_to(b, (2, 9, 4))[1, ::-1]
    for mine, theirs in zip(
        plain, expected_losses_and_gradients(*turned, sparsity=0.5), strict=True
    ):
        assert mine[::-1].tolist() == theirs.tolist()


# -- the rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(1, 7))
def test_rows_are_those_that_the_sets_lead_to(n: int) -> None:
    for inputs in kinds(n):
        rows = rows_of(inputs, n)
        digits = [tuple(row) for row in rows.digits.tolist()]
        assert digits == sorted(set(digits))
        reached = {digits[s] for s in rows.patterns}
        for s in reversed(range(len(digits))):
            assert digits[s] in reached
            for feature, one, zero in rows.places[rows.first[s] : rows.first[s + 1]].tolist():
                assert digits[s][feature] == 2
                for row, value in ((one, 1), (zero, 0)):
                    face = (*digits[s][:feature], value, *digits[s][feature + 1 :])
                    assert digits[row] == face
                    reached.add(face)
                assert rows.ones[s, feature] == one
        assert len(digits) == len(reached)


def test_few_sets_need_few_rows() -> None:
    """Twelve features of which one is active: 25 rows, where all assignments are half a million."""
    assert rows_of(OneActive(12), 12).digits.shape == (25, 12)
    W, b = smooth_models(3, 12, 2, seed=4)
    assert disagreement(W, b, distribution=OneActive(12)) < 1e-14


@dataclass(frozen=True)
class RepeatedSupports(Distribution):
    """Two features in one block, a support twice, and one without features."""

    def sentence(self) -> str:
        return "Repeated supports."

    def blocks(self, n: int) -> tuple[Block, ...]:
        assert n == 2
        quarter = sympy.Rational(1, 4)
        sets: list[tuple[int, ...]] = [(0,), (0,), (), (0, 1)]
        return (Block(sympy.Rational(1, 3), tuple((each, quarter) for each in sets)),)


def test_supports_that_are_the_same_set_count_together() -> None:
    """And so do a support without features and a block that is off."""
    W, b = smooth_models(3, 2, 2, seed=5)
    assert disagreement(W, b, distribution=RepeatedSupports()) < 1e-14
    assert expected_losses(W, b, RepeatedSupports()).tolist() != [0, 0, 0]
