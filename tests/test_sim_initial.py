from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import pytest
import torch

from tests import philox_by_hand
from tests.sim_devices import DEVICES
from torchsim.sampling import INITIAL, TRAINING, UNSEEN, initial
from torchsim.sampling.philox import WORDS
from torchsim.specification import ModelSpec

CPU = torch.device("cpu")


def models(*seeds: int, n: int = 5, m: int = 2) -> list[ModelSpec]:
    return [ModelSpec.of(n, m, "1/2", seed=seed) for seed in seeds]


def weights(some: list[ModelSpec], restarts: range | list[int]) -> torch.Tensor:
    return initial(some, restarts, CPU, torch.float64)[0]


def test_weights_are_quantiles_of_the_numbers_at_their_places() -> None:
    """The other route: Python's own quantiles, of numbers made in Python's whole numbers."""
    W = weights(models(3, 8, n=4, m=6), range(2)).unflatten(0, (2, 2))
    for j, seed in enumerate((3, 8)):
        for restart in range(2):
            for i in range(4):
                numbers = [
                    philox_by_hand.number(h, i, step=0, purpose=2, seed=seed, restart=restart)
                    for h in range(6)
                ]
                expected = [sqrt(2 / 10) * NormalDist().inv_cdf((r + 0.5) / WORDS) for r in numbers]
                assert W[j, restart, i].tolist() == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("batched", [1, 10, 1000])
def test_the_spread_is_xaviers_however_many_are_batched(batched: int) -> None:
    """For 5 × 2: √(2/7) = 0.5345. Of the 3-D tensor it would be 0.408 for 1, 0.032 for 1000."""
    starts = 2000 // batched
    drawn = torch.cat(
        [weights(models(*range(k * batched, (k + 1) * batched)), range(1)) for k in range(starts)]
    )
    assert drawn.shape == (2000, 5, 2)
    count, variance = drawn.numel(), 2 / 7
    assert abs(float(drawn.mean())) < 5 * sqrt(variance / count) < 0.019
    assert abs(float(drawn.var()) - variance) < 5 * variance * sqrt(2 / count) < 0.015
    fourth = float((drawn**4).mean()) / variance**2  # 3 for a normal, of variance 96/count
    assert abs(fourth - 3) < 5 * sqrt(96 / count) < 0.35


def test_weights_are_independent_of_each_other() -> None:
    W = weights(models(*range(100)), range(40)).unflatten(0, (100, 40)) / sqrt(2 / 7)
    for a, b in (
        (W[:, 1:], W[:, :-1]),
        (W[1:], W[:-1]),
        (W[..., 1:, :], W[..., :-1, :]),
        (W[..., 0], W[..., 1]),
    ):
        assert abs(float((a * b).mean())) < 5 / sqrt(a.numel()) < 0.036


def test_the_same_weights_however_batched() -> None:
    whole = weights(models(4, 9, 4), [0, 1, 2, 7]).unflatten(0, (3, 4))
    assert torch.equal(weights(models(9), [7, 1]), whole[1][[3, 1]])
    assert torch.equal(whole[0], whole[2]), "one seed, one start"
    assert len(whole.unique()) == 2 * 4 * 10


def test_more_hidden_dimensions_keep_the_numbers_of_the_first() -> None:
    narrow, wide = (weights(models(5, n=3, m=m), range(2)) * sqrt(3 + m) for m in (1, 6))
    assert torch.allclose(narrow, wide[..., :1], rtol=1e-15)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_every_device_starts_alike(dtype: torch.dtype, device: str) -> None:
    W, b = initial(models(1, 2), range(3), torch.device(device), dtype)
    assert W.device.type == b.device.type == device
    assert W.dtype == b.dtype == dtype
    assert torch.equal(W.cpu(), weights(models(1, 2), range(3)).to(dtype))
    assert torch.equal(b.cpu(), torch.zeros(6, 5, dtype=dtype))


def test_purposes_differ() -> None:
    assert len({TRAINING, UNSEEN, INITIAL}) == 3
