"""A batch of toy models: x̂, L and its gradient, against autograd and against numbers by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.sim_devices import DEVICES
from torchsim.specification import Schedule
from torchsim.training.descent import rate_scale
from torchsim.training.losses import floors, forward, loss_and_gradient

# instances, n, m, samples; the last goes through h, the others through W Wᵀ
SHAPES = [(1, 2, 1, 5), (6, 5, 2, 33), (3, 20, 5, 64), (2, 20, 4, 10)]


def batch(shape: tuple[int, int, int, int], device: str) -> tuple[Tensor, ...]:
    """W, b, x, I of normal and uniform numbers, x with zeros in it, in float64."""
    instances, n, m, samples = shape
    generator = torch.Generator().manual_seed(1)

    def uniform(*size: int) -> Tensor:
        return torch.rand(*size, generator=generator, dtype=torch.float64)

    W = uniform(instances, n, m) * 2 - 1
    b = uniform(instances, n) - 0.5
    x = uniform(instances, n, samples).sub(0.3).clamp(min=0)
    return tuple(some.to(device) for some in (W, b, x, uniform(instances, n)))


def some_linear(instances: int, device: str) -> Tensor:
    return torch.arange(instances, device=device) % 2 == 1


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("mixed", [False, True], ids=["relu", "mixed"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_gradient_is_what_autograd_finds(
    device: str, mixed: bool, shape: tuple[int, int, int, int]
) -> None:
    W, b, x, importance = batch(shape, device)
    linear = some_linear(shape[0], device) & mixed
    floor = floors(linear, x.dtype) if mixed else None
    found = loss_and_gradient(W, b, x, importance, floor)

    W.requires_grad_()
    b.requires_grad_()
    z = torch.einsum("jnm,jkm,jks->jns", W, W, x) + b[:, :, None]
    output = torch.where(linear[:, None, None], z, torch.relu(z))
    losses = (importance[:, :, None] * (x - output) ** 2).sum(1).mean(1)
    losses.sum().backward()

    assert W.grad is not None
    assert b.grad is not None
    assert found.losses.min() > 0.005  # there is something to differentiate
    torch.testing.assert_close(found.losses, losses.detach(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found.W, W.grad, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found.b, b.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("device", DEVICES)
def test_forward_has_a_floor_where_the_model_is_not_linear(device: str) -> None:
    W = torch.tensor([[[1.0], [-1.0]]], device=device)  # an antipodal pair
    b = torch.tensor([[0.25, 0.0]], device=device)
    x = torch.tensor([[[0.5, 0.0, 1.0], [0.0, 0.5, 1.0]]], device=device)
    relu, linear = (forward(W, b, x, activation)[0] for activation in ("relu", "linear"))
    assert relu.tolist() == [[0.75, 0.0, 0.25], [0.0, 0.5, 0.0]]
    assert linear.tolist() == [[0.75, -0.25, 0.25], [-0.5, 0.5, 0.0]]


def test_a_loss_by_hand() -> None:
    """x̂ = ReLU(x/4 + b), of x = 1 and x = 0, importance 2: a half of 2((1/2)² + (1/4)²)."""
    found = loss_and_gradient(
        torch.tensor([[[0.5]]]),
        torch.tensor([[0.25]]),
        torch.tensor([[[1.0, 0.0]]]),
        torch.tensor([[2.0]]),
    )
    assert found.losses.tolist() == [2 * (1 / 4 + 1 / 16) / 2]
    assert found.b.tolist() == [[2 * 2 * (-1 / 2 + 1 / 4) / 2]]
    assert found.W.tolist() == [[[2 * 2 * (-1 / 2) / 2 * 2 * 0.5]]]  # dG/dW = 2W, x = 1 only


def test_a_dead_output_has_no_gradient() -> None:
    W, b = torch.zeros(1, 1, 1), torch.tensor([[-1.0]])
    x, importance = torch.ones(1, 1, 4), torch.ones(1, 1)
    dead = loss_and_gradient(W, b, x, importance)
    assert (dead.losses.item(), dead.b.item(), dead.W.item()) == (1.0, 0.0, 0.0)
    linear = loss_and_gradient(W, b, x, importance, floors(torch.tensor([True]), x.dtype))
    assert (linear.losses.item(), linear.b.item()) == (4.0, -4.0)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_an_instance_depends_on_its_neighbours_by_rounding_alone(
    shape: tuple[int, int, int, int],
) -> None:
    """How a product rounds may depend on where in memory it stands: MKL's do on some processors."""
    W, b, x, importance = batch(shape, "cpu")
    together = loss_and_gradient(W, b, x, importance)
    for j in range(shape[0]):
        one = slice(j, j + 1)
        alone = loss_and_gradient(W[one], b[one], x[one], importance[one])
        for ours, theirs in [
            (alone.losses, together.losses),
            (alone.W, together.W),
            (alone.b, together.b),
        ]:
            torch.testing.assert_close(ours, theirs[one], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [1.0, 1.0, 1.0, 1.0]),
        ("linear", [1.0, 0.75, 0.5, 0.25]),
        ("cosine", [1.0, 3**0.5 / 2, 0.5, 0.0]),
    ],
)
def test_schedules_fall_as_in_the_notebook(schedule: Schedule, expected: list[float]) -> None:
    assert [rate_scale(schedule, step, 4) for step in range(4)] == pytest.approx(
        expected, abs=1e-15
    )
    assert rate_scale(schedule, 0, 1) == 1.0
