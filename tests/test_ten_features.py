"""Nine and ten features: the search, what names it, and what says that it stops before."""

from __future__ import annotations

import signal
import time
from importlib import import_module

import numpy as np
import pytest
from scipy.optimize import minimize

from handcalc import InputError, Optimum, optimum
from handcalc.cli.work import embeddings, waiting
from handcalc.numbers.exact import to_float
from handcalc.superposition.best import multistart
from handcalc.superposition.best.canonical_form import recognised, reflect
from handcalc.superposition.best.minima import Minimum, merged
from handcalc.superposition.best.multistart import estimate, random_starts
from handcalc.superposition.closed_forms import best_regular
from handcalc.superposition.loss.distribution import Correlated, OneActive
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import family
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from handcalc.superposition.phases.phase_map import phase_map
from tests.cli_runs import Shell

solved = import_module("handcalc.superposition.numeric.compiled.solved")  # hidden by its function


def words(text: str) -> str:
    return " ".join(text.split())


def by_scipy(problem: Problem, W: np.ndarray, b: np.ndarray) -> float:
    """Where scipy's L-BFGS leads from a start."""
    n, m = W.shape
    importance = np.asarray([[to_float(weight) for weight in problem.importance]])

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        given = x[: n * m].reshape(1, n, m), x[None, n * m :], problem.distribution
        L, by_W, by_b = expected_losses_and_gradients(*given, importance=importance)
        return float(L[0]), np.concatenate([by_W.ravel(), by_b.ravel()])

    start = np.concatenate([W.ravel(), b])
    return float(minimize(value, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-13}).fun)


def check(found: Optimum) -> None:
    """The loss is that of W and b by the other engine, and scipy finds nothing lower."""
    model, problem = found.model, found.problem
    W, b = (np.asarray(rows, dtype=float) for rows in (model.W, model.b))
    weights = np.asarray([to_float(weight) for weight in problem.importance])
    [L] = expected_losses(W[None], b[None], problem.distribution, importance=weights)
    assert pytest.approx(to_float(found.loss), abs=1e-14) == L
    assert found.slope < 1e-30
    assert by_scipy(problem, W, b) == pytest.approx(to_float(found.loss), abs=1e-9)
    for rows, bias in zip(*random_starts(problem.features, problem.hidden, 7, 0, 3), strict=True):
        assert by_scipy(problem, rows, bias) > to_float(found.loss) - 1e-9


# -- the search -----------------------------------------------------------------------------------


def test_ten_features_of_which_one_is_active() -> None:
    found = optimum(10, 2, distribution=OneActive(10), restarts=16)
    check(found)
    exact = expected_loss(found.model, found.problem.distribution).value
    assert exact == found.loss


@pytest.mark.slow
def test_nine_independent_features() -> None:
    found = optimum(9, 2, "9/10", restarts=1)
    assert found.slope < 1e-30
    exact = expected_loss(found.model, found.problem.distribution).value
    assert exact == found.loss


@pytest.mark.slow  # with ten features each takes a search of a minute
@pytest.mark.parametrize(
    ("n", "m", "given"),
    [
        (9, 2, {"sparsity": "9/10", "importance": "1 1 1 1 1 1/2 1/2 1/2 1/4"}),
        (10, 2, {"sparsity": "1/2"}),
        (10, 5, {"sparsity": "9/10"}),
        (10, 3, {"sparsity": "9/10", "importance": "1 1 1 1 1 1/2 1/2 1/2 1/4 1/4"}),
        (10, 2, {"distribution": Correlated([(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)], "1/2")}),
    ],
)
def test_many_features(n: int, m: int, given: dict[str, object]) -> None:
    check(optimum(n, m, **given))  # type: ignore[arg-type]  # whatever optimum takes


def test_eleven_are_refused() -> None:
    with pytest.raises(InputError, match="a whole number from 1 to 10, not 11"):
        optimum(11, 2, "1/2")


@pytest.mark.parametrize("n", [9, 10])
def test_threads_change_no_bit(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(n)
    W, b = rng.normal(size=(9, n, 2)), rng.normal(size=(9, n))
    monkeypatch.setattr(solved, "_SHARED", 3**n + 1)
    alone = expected_losses_and_gradients(W, b, sparsity=0.5)
    monkeypatch.setattr(solved, "_SHARED", 0)
    for count in (1, 3):
        monkeypatch.setattr(solved, "cores", lambda count=count: count)
        shared = expected_losses_and_gradients(W, b, sparsity=0.5)
        assert all(np.array_equal(one, other) for one, other in zip(alone, shared, strict=True))


# -- what could try all orders or all arrows ------------------------------------------------------


def test_nine_dropped_features_are_not_tried_in_all_orders() -> None:
    """Of 9! orders every one would fail at the last feature."""
    minima = [
        Minimum(0.1, ((0.0,),) * 9 + ((length,),), (0.25,) * 10, 0.0, 1) for length in (1.0, 1.1)
    ]
    assert len(merged(minima, (0,) * 10, 1.0)) == 2
    assert [one.hits for one in merged([minima[0]] * 2, (0,) * 10, 1.0)] == [2]


def test_arrows_of_ten_features_are_turned_round() -> None:
    circle = [[np.cos(2 * np.pi * i / 9), np.sin(2 * np.pi * i / 9), 0.0] for i in range(9)]
    W = [*circle, [0.0, 0.0, 1.0]]
    turned, b = reflect(W, [0.0] * 10, {8})
    assert not family(turned).is_recognised
    found = recognised(turned, b, Problem.of(10, 3, sparsity=0))
    assert (found.family.name, found.turned) == ("9-gon", (9,))


@pytest.mark.parametrize("k", [pytest.param(9, marks=pytest.mark.slow), 10])
def test_the_best_polygon_of_so_many_corners(k: int) -> None:
    best = best_regular(k, "1/2")
    length, bias = (float(each) for each in (best.digits(20).length, best.digits(20).bias))
    angles = 2 * np.pi * np.arange(k) / k
    W = length * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    L, by_W, by_b = expected_losses_and_gradients(W[None], np.full((1, k), bias), sparsity=0.5)
    assert L[0] == pytest.approx(float(best.digits(20).total), abs=1e-13)
    assert abs(np.sum(by_W * W)) < 1e-12
    assert np.max(np.abs(by_b)) < 1e-12


def test_a_map_along_S_stops_at_eight_features(shell: Shell) -> None:
    with pytest.raises(InputError, match="up to 8 features, not 9: each of its points is a search"):
        phase_map(9, 2)
    done = shell("phases", "--features=9")
    assert (done.code, done.out) == (2, "")
    assert "For one S at a time optimum takes more." in words(done.err)


# -- what is said to those who wait ---------------------------------------------------------------

ASKED = ["optimum", "--features=3", "--sparsity=1/2", "--restarts=16"]


def test_more_features_and_more_restarts_take_longer() -> None:
    few, more = (estimate(Problem.of(n, 2, sparsity="1/2")) for n in (5, 9))
    assert few < more < estimate(Problem.of(9, 2, sparsity="1/2"), restarts=10**4)


def test_a_long_search_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell(*ASKED).err == ""
    monkeypatch.setattr(multistart, "estimate", lambda *_: 47.0)
    assert words(shell(*ASKED).err) == (
        "This takes about 45 seconds on this CPU, and several times as long where the restarts do "
        "not soon agree."
    )
    assert shell(*ASKED, "--json").err == ""


@pytest.mark.parametrize(
    "asked",
    [ASKED, ["phases", "--features=2", "--hidden=1", "--points=3", "--jobs=1", "--no-state"]],
)
def test_compiling_is_told_where_it_takes_a_while(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    def compile_losses() -> float:
        time.sleep(0.2)
        return 8.6

    monkeypatch.setattr("handcalc.superposition.numeric.compile_losses", compile_losses)
    monkeypatch.setattr("handcalc.cli.work.phases.compile_losses", compile_losses)
    monkeypatch.setattr(waiting, "COMPILING", 0.02)
    assert words(shell(*asked).err) == (
        "Compiling the loops of the loss, once on this machine … Compiled in 9 seconds."
    )
    assert shell(*asked, "--json").err == ""


def test_nothing_is_compiled_for_a_few_features(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "compile_aloud", lambda *_: pytest.fail("it is compiled"))
    assert shell("optimum", "--features=3", "--sparsity=1/2").code == 0
    assert shell("optimum", "--features=9", "--hidden=9", "--sparsity=1/2").code == 0


def test_ctrl_c_does_not_wait_for_the_compiler(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_losses() -> float:
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.01)  # here it is interrupted
        pytest.fail("it went on")

    monkeypatch.setattr("handcalc.superposition.numeric.compile_losses", compile_losses)
    assert shell(*ASKED).code == 130
