"""Networks with a hidden ReLU, worked exactly: beside toy models, quadrature and sampling."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from scipy.integrate import quad

import handcalc
from handcalc.errors import InputError
from handcalc.networks.network_loss import network_loss
from handcalc.networks.relu_network import ReluNetwork, Task
from handcalc.networks.simplices import Simplex, cut_by_all, unit_cube
from handcalc.numbers.field import Field

TASKS: tuple[Task, ...] = ("identity", "absolute")


def random_network(
    n: int, m: int, seed: int
) -> tuple[ReluNetwork, np.ndarray, np.ndarray, np.ndarray]:
    """A network in eighths, and the same as arrays."""
    rng = np.random.default_rng(seed)
    W_in, W_out = rng.integers(-9, 10, (2, n, m)) / 8
    b = rng.integers(-4, 5, n) / 8
    return ReluNetwork.from_floats(W_in, W_out, b), W_in, W_out, b


def loss_at(x: np.ndarray, arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """Σ (|xᵢ| − ŷᵢ)² in floating point; |x| is x where that is not negative."""
    W_in, W_out, b = arrays
    y = np.maximum(np.maximum(x @ W_in, 0) @ W_out.T + b, 0)
    return np.square(np.abs(x) - y).sum(-1)


def test_weights_of_at_least_0_make_a_toy_model() -> None:
    for W in ("1 0; 1/2 1/2; 0 3/4", "1; sqrt(2)/2", "1/3 2/3 0; 1 0 1/5; 0 1/7 1; 0 0 2"):
        network = ReluNetwork(W, b="-1/8")
        model = handcalc.ToyModel(W, "-1/8")  # h = Wᵀx stays above 0, so ReLU does nothing to it
        for sparsity in ("1/3", None):
            found = network_loss(network, "identity", sparsity)
            expected = handcalc.expected_loss(model, sparsity)
            assert sympy.expand(found.value - expected.value) == 0
            assert found.by_active == expected.by_active
        assert network_loss(network, "identity", "0").per_feature == tuple(
            handcalc.expected_loss(model, "0").per_feature
        )


def test_two_neurons_a_feature_give_its_absolute_value() -> None:
    network = ReluNetwork("1 -1 0 0; 0 0 2 -2", "1 1 0 0; 0 0 1/2 1/2")
    assert network_loss(network, "absolute").value == 0
    assert network.output("-1/3 1/2") == (Fraction(1, 3), Fraction(1, 2))
    S = sympy.Symbol("S")
    nothing = network_loss(ReluNetwork("0; 0"), "absolute").value
    assert sympy.expand(nothing - sympy.Rational(2, 3) * (1 - S)) == 0


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(4))
def test_quadrature_agrees(task: Task, seed: int) -> None:
    network, *arrays = random_network(2, 3, seed)
    given = tuple(arrays)
    low = -1.0 if task == "absolute" else 0.0
    zero = float(loss_at(np.zeros(2), given))
    span = 1 - low

    def along(k: int, value: float) -> float:
        return float(loss_at(np.eye(2)[k] * value, given))

    ones = sum(quad(lambda v, k=k: along(k, v), low, 1, limit=200)[0] for k in range(2)) / span
    middles = (
        low + span * (np.arange(1500) + 0.5) / 1500
    )  # the midpoint rule: wrong by some 1/1500²
    grid = np.stack(np.meshgrid(middles, middles), axis=-1)
    both = loss_at(grid, given).mean()
    exact = network_loss(network, task).by_active
    assert exact is not None
    assert float(exact[0]) == pytest.approx(zero, abs=1e-12)
    assert float(exact[1]) == pytest.approx(ones, rel=1e-8)
    assert float(exact[2]) == pytest.approx(both, rel=1e-5)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("n", "m"), [(1, 2), (2, 4), (3, 6), pytest.param(4, 3, marks=pytest.mark.slow)]
)
def test_sampling_agrees(task: Task, n: int, m: int) -> None:
    network, *arrays = random_network(n, m, n + m)
    S, count = 0.5, 200_000
    rng = np.random.default_rng(1)
    x = rng.uniform(-1 if task == "absolute" else 0, 1, (count, n))
    losses = loss_at(x * (rng.uniform(size=x.shape) > S), tuple(arrays))
    error = losses.std() / count**0.5
    assert abs(losses.mean() - float(network_loss(network, task, "1/2").value)) < 5 * error
    assert error < 0.01 * losses.mean()


def test_sets_and_importances() -> None:
    network, *_ = random_network(3, 2, 5)
    each = network_loss(network, "absolute", "1/2")
    weighed = network_loss(network, "absolute", "1/2", "1 0 1/3")
    assert weighed.value == each.per_feature[0] + each.per_feature[2] / 3
    one = network_loss(network, "absolute", handcalc.OneActive(3)).value
    by_active = network_loss(network, "absolute").by_active
    assert by_active is not None
    assert one == by_active[1] / 3


def test_pieces_fill_the_cube() -> None:
    field = Field()
    one = field.rational(1)
    pieces = unit_cube(3, one)

    def with_plane(corner: Any) -> Any:
        x, y, t = corner
        return (*corner, x + 2 * y - 3 * t, x - y + t / 4 - one / 3)

    cut = cut_by_all([piece.mapped(with_plane) for piece in pieces], (3, 4))
    assert len(cut) > len(pieces)
    assert sum((piece.part for piece in cut), one * 0) == 1
    for piece in cut:
        for function in (3, 4):
            signs = {corner[function].sign() for corner in piece.corners}
            assert not {1, -1} <= signs
    for function, mean in ((0, Fraction(1, 3)), (3, Fraction(14, 12))):
        total = sum((piece.mean_square(function) * piece.part for piece in cut), one * 0)
        assert total.to_sympy() == sympy.Rational(mean)  # E[(x + 2y − 3t)²] = Σ a²/12, mean 0
    assert isinstance(cut[0], Simplex)


@pytest.mark.parametrize(
    ("work", "match"),
    [
        (lambda: ReluNetwork("1 0; 0 1", "1 0"), "it is 1 × 2"),
        (lambda: ReluNetwork("1 0; 0 1", b="1 2 3"), "b has one number for each feature, 2"),
        (lambda: ReluNetwork("1 0; 0 1").output("1"), "x has one number for each feature, 2"),
        (lambda: ReluNetwork([[0.5]]), "from_floats"),
        (lambda: network_loss(ReluNetwork("1"), "square"), '"identity", to give x back'),  # type: ignore[arg-type] # wrong on purpose
        (lambda: network_loss(ReluNetwork("1; 1; 1; 1; 1"), "identity"), "Up to 4 features"),
    ],
)
def test_what_cannot_be_worked_is_said(work: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        work()
