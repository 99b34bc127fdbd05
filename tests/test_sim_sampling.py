from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from handcalc.distribution_strategies import distributions
from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Block,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from tests import philox_by_hand
from tests.sampling import FEWER
from tests.sim_devices import CUDA, DEVICES
from torchsim import sampling
from torchsim.sampling import TRAINING, UNSEEN, Sampler
from torchsim.sampling.philox import WORDS
from torchsim.specification import ModelSpec

CPU = torch.device("cpu")
DTYPES = [torch.float32, torch.float64]


@dataclass(frozen=True)
class Overlapping(Distribution):
    """Sets that share features, and a feature in none: none of the named distributions has them."""

    def sentence(self) -> str:
        return "Features 1 and 2, or 2, or 1, or nothing."

    def blocks(self, n: int) -> tuple[Block, ...]:
        assert n == 4
        q = sympy.Rational(1, 4)
        return (Block(q, (((0, 1), q), ((1,), q), ((0,), 2 * q))), Block(2 * q, (((2,), 4 * q),)))


KINDS = {
    "one S": (3, SparseUniform("1/3")),
    "an S each": (3, SparseUniform("0 1/4 9/10")),
    "one active": (4, OneActive(4)),
    "correlated": (5, Correlated([(1, 3), (2, 5)], "1/2 2/3 1/10")),
    "anticorrelated": (5, Anticorrelated([(5, 1, 2), (3,)], "1/4 1/2 2/3")),
    "overlapping": (4, Overlapping()),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def model(sparsity: str = "1/2", seed: int = 0, n: int = 5) -> ModelSpec:
    return ModelSpec.of(n, 2, sparsity, seed=seed)


def sampler(
    models: Sequence[ModelSpec],
    restarts: Sequence[int] = range(1),
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> Sampler:
    return Sampler.of(models, restarts, torch.device(device), dtype)


def of_kind(kind: str, seed: int = 0) -> ModelSpec:
    n, distribution = KINDS[kind]
    return ModelSpec.of(n, 2, distribution=distribution, seed=seed)


def by_hand(drawn: ModelSpec, k: int, *, restart: int, step: int, purpose: int) -> list[Fraction]:
    """Sample k in whole numbers and fractions, block by block."""
    n = drawn.features

    def number(i: int) -> int:
        return philox_by_hand.number(
            k, i, step=step, purpose=purpose, seed=drawn.seed, restart=restart
        )

    def cut(p: sympy.Expr) -> int:
        return round(Fraction(str(p)) * WORDS)

    x = [Fraction(0)] * n
    for place, block in enumerate(drawn.blocks):
        assert block.sparsity is not None
        p = 1 - block.sparsity
        if len(block.supports) == 1 and len(block.supports[0][0]) == 1:
            i, parts = block.supports[0][0][0], cut(p)
            left = number(i) + Fraction(1, 2) - (WORDS - parts)
            x[i] = left / parts if left > 0 else Fraction(0)
            continue
        total = sympy.Integer(0)
        for support, probability in block.supports:
            chosen = cut(p * total) <= number(n + place) < cut(p * (total + probability))
            total += probability
            for i in support if chosen else ():
                x[i] = (number(i) + Fraction(1, 2)) / WORDS
    return x


def check_by_hand(drawn: ModelSpec, samples: range) -> None:
    found = sampler([drawn], [3]).inputs(9, len(samples), first=samples.start)[0]
    unseen = sampler([drawn], [3]).inputs(9, len(samples), first=samples.start, unseen=True)[0]
    for x, purpose, restart in ((found, TRAINING, 3), (unseen, UNSEEN, 0)):
        expected = [by_hand(drawn, k, restart=restart, step=9, purpose=purpose) for k in samples]
        assert x.T.tolist() == [[float(value) for value in sample] for sample in expected]


@EACH_KIND
def test_samples_are_those_of_the_definition(kind: str) -> None:
    check_by_hand(of_kind(kind, seed=77), range(2, 19))


@FEWER
@given(data=st.data())
def test_any_distribution_is_drawn_by_its_definition(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 5))
    drawn = data.draw(distributions(n))
    check_by_hand(ModelSpec.of(n, 2, distribution=drawn, seed=5), range(4, 11))


def test_single_precision_rounds_numerator_and_quotient() -> None:
    S = [Fraction(i, 10) for i in range(10)]
    single = sampler([ModelSpec.of(10, 2, S, seed=1)], dtype=torch.float32).inputs(0, 2000)[0]
    double = sampler([ModelSpec.of(10, 2, S, seed=1)]).inputs(0, 2000)[0]
    parts = np.array([[round((1 - s) * WORDS)] for s in S], dtype=np.float64)
    left = (double.numpy() * parts * 2).round() / 2  # r + 1/2 − (2³² − T), from which x was made
    assert single.numpy().tolist() == (left.astype("f4") / parts.astype("f4")).tolist()


PARTS = [0, 1, 2, 3, (1 << 23) + 1, (1 << 24) - 1, (1 << 24) + 1, WORDS // 2 + 1, WORDS - 1, WORDS]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("parts", PARTS)
def test_on_is_above_0_and_at_most_1(
    parts: int, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = WORDS - parts  # so many of the 2³² numbers
    edge = torch.tensor([0, 1, off - 1, off, off + 1, WORDS - 2, WORDS - 1]).clamp(0, WORDS - 1)
    drawn = sampler([ModelSpec.of(1, 1, Fraction(off, WORDS))], dtype=dtype)
    monkeypatch.setattr(sampling, "numbers", lambda *_, **__: edge.double()[None, None, None])
    x = drawn.inputs(0, len(edge))[0, 0]
    on = edge >= off
    assert torch.equal(x > 0, on)
    assert bool((x[on] <= 1).all() and (x[~on] == 0).all() and (x[on] >= 2.0**-33).all())
    assert dtype == torch.float32 or bool((x < 1).all())


@EACH_KIND
def test_patterns_come_as_often_as_they_should(kind: str) -> None:
    n, distribution = KINDS[kind]
    x = sampler([of_kind(kind, seed=4)], range(2), torch.float32).inputs(0, 50_000)
    codes = ((x > 0) * (2 ** torch.arange(n))[:, None]).sum(1).flatten()
    counts = torch.bincount(codes, minlength=2**n).tolist()
    square, seen = 0.0, 0
    patterns = list(distribution.patterns(n))
    expected = [0.0] * 2**n
    for pattern in patterns:
        expected[sum(2 ** (i - 1) for i in pattern.active)] += float(pattern.probability)
    for count, p in zip(counts, expected, strict=True):
        assert abs(count / len(codes) - p) < 0.008
        assert count == 0 or p > 0
        square += (count - p * len(codes)) ** 2 / (p * len(codes)) if p else 0
        seen += p > 0
    freedom = seen - 1  # χ² has mean f and variance 2f
    assert abs(square - freedom) < 5 * (2 * freedom) ** 0.5


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("sparsity", ["0", "1/10", "1/2", "9/10", "999/1000"])
def test_rate_mean_and_variance(sparsity: str, dtype: torch.dtype) -> None:
    p = float(1 - Fraction(sparsity))
    x = sampler([model(sparsity, seed=11)], range(8), dtype).inputs(3, 1 << 15).double()
    count, on = x.numel(), x[x > 0]
    assert abs(len(on) / count - p) <= 5 * (p * (1 - p) / count) ** 0.5 < max(0.15 * p, 1e-12)
    assert abs(float(on.mean()) - 1 / 2) < 5 * (1 / 12 / len(on)) ** 0.5 < 0.041
    spread = float(((on - 1 / 2) ** 2).mean())  # of a variance 1/80 − 1/144
    assert abs(spread - 1 / 12) < 5 * ((1 / 80 - 1 / 144) / len(on)) ** 0.5 < 0.011
    cells = torch.histc(on, 16, 0, 1)
    square = float(((cells - len(on) / 16) ** 2).sum() * 16 / len(on))
    assert abs(square - 15) < 5 * 30**0.5


def test_sparse_values_are_not_few() -> None:
    """With 24 bits there would be 16,778 values at S = 999/1000, and many would come twice."""
    x = sampler([model("999/1000")], range(8)).inputs(0, 1 << 17)
    on = x[x > 0]
    assert len(on) > 5000
    assert len(on.unique()) > len(on) - 20


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_never_and_always(dtype: torch.dtype) -> None:
    x = sampler([model("1 0 1 0 1/2")], range(4), dtype).inputs(0, 4_000)
    assert bool((x[:, [0, 2]] == 0).all() and (x[:, [1, 3]] > 0).all())
    assert bool((x[:, 4] == 0).any() and (x[:, 4] > 0).any())


def pairs(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Two samples that should have nothing to do with each other."""
    x = sampler([model(seed=21), model(seed=22)], range(4)).inputs(0, 1 << 13)
    alone = sampler([model(seed=21)], range(4))
    return {
        "features": lambda: (x[:, :4], x[:, 1:]),
        "samples": lambda: (x[..., :-1], x[..., 1:]),
        "blocks": lambda: (x[..., :-4], x[..., 4:]),
        "restarts": lambda: (x[[0, 1, 2, 4, 5, 6]], x[[1, 2, 3, 5, 6, 7]]),
        "seeds": lambda: (x[:4], x[4:]),
        "steps": lambda: (x[:4], alone.inputs(1, 1 << 13)),
        "purposes": lambda: (x[:1], alone.inputs(0, 1 << 13, unseen=True)[:1]),
    }[name]()


@pytest.mark.parametrize(
    "name", ["features", "samples", "blocks", "restarts", "seeds", "steps", "purposes"]
)
def test_independence(name: str) -> None:
    for of in (lambda x: x, lambda x: (x > 0).double(), lambda x: x**2):
        a, b = ((of(x) - of(x).mean()).flatten() for x in pairs(name))
        correlation = float((a * b).mean() / (a.std() * b.std()))
        assert abs(correlation) < 5 / len(a) ** 0.5 < 0.026


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("unseen", [False, True])
@EACH_KIND
def test_the_same_however_batched(kind: str, unseen: bool, device: str) -> None:
    models = [of_kind(kind, seed) for seed in (9, 3, 9)]
    restarts, other = [0, 1, 2, 5], [5, 2]
    whole = sampler(models, restarts, torch.float32, device).inputs(4, 23, first=1, unseen=unseen)
    whole = whole.unflatten(0, (3, 4))

    pieces = sampler(models, restarts, torch.float32, device)
    cuts = [0, 1, 4, 9, 11, 23]
    cut = [
        pieces.inputs(4, high - low, first=1 + low, unseen=unseen) for low, high in pairwise(cuts)
    ]
    assert torch.equal(torch.cat(cut, -1).unflatten(0, (3, 4)), whole)

    swapped = sampler([models[2], models[1]], other, torch.float32, device)
    again = swapped.inputs(4, 23, first=1, unseen=unseen).unflatten(0, (2, 2))
    assert torch.equal(again, whole[[2, 1]][:, [3, 2]])

    alone = sampler(models[1:2], [2], torch.float32, device).inputs(4, 23, first=1, unseen=unseen)
    assert torch.equal(alone[0], whole[1, 2])
    assert torch.equal(whole[0], whole[2]), "one seed, one stream"
    assert not torch.equal(whole[0], whole[1])
    assert torch.equal(whole[0, 0], whole[0, 1]) is unseen, "unseen inputs are for all restarts"


def test_each_model_has_its_own_sparsity_and_one_stream() -> None:
    """What is on at one S is on at every smaller one, and its value is where u − S is."""
    x = sampler([model("1/2"), model("9/10"), model("0")], range(2)).inputs(0, 5000)
    half, tenth, dense = x.unflatten(0, (3, 2))
    u = dense
    assert torch.allclose(half, (u - 0.5).clamp(min=0) / 0.5, rtol=0, atol=1e-9)
    assert torch.allclose(tenth, (u - 0.9).clamp(min=0) / 0.1, rtol=0, atol=1e-8)


@pytest.mark.parametrize("text", ["sqrt(2)/2", "cos(pi/5)", "1/3", "1/8589934592"])
def test_thresholds_are_the_nearest_whole_numbers(text: str) -> None:
    drawn = model(text, n=1)
    assert isinstance(drawn.distribution, SparseUniform)
    assert drawn.distribution.sparsity is not None
    exact = (1 - drawn.distribution.sparsity[0]) * WORDS
    parts = int(sampler([drawn]).parts)
    assert abs((exact - parts).evalf(30)) <= sympy.Rational(1, 2)
    assert parts in (floor(exact), floor(exact) + 1)


def test_models_of_several_kinds_are_refused() -> None:
    with pytest.raises(InputError, match="together if they are of one kind"):
        sampler([model(), of_kind("one active")])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=CUDA) for kind in KINDS])
def test_cuda_draws_what_the_cpu_draws(kind: str, dtype: torch.dtype) -> None:
    models = [of_kind(kind, seed) for seed in (0, WORDS - 1)]
    on_cpu, on_cuda = (
        sampler(models, range(8), dtype, device).inputs(12345, 4099, first=2)
        for device in ("cpu", "cuda")
    )
    assert torch.equal(on_cpu, on_cuda.cpu())
