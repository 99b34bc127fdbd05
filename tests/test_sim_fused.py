"""The fused kernel beside the plain one: the same inputs, steps and ends, however it is cut."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from handcalc import Anticorrelated, Correlated, InputError, OneActive
from tests.fused_models import mixed
from torchsim import ModelSpec, TrainingSpec
from torchsim.restarts import diverged_steps
from torchsim.sampling import Sampler, drawn_features
from torchsim.specification import Dtype, Trainer
from torchsim.storage.specifications import spec_digest, spec_from_data, spec_to_data
from torchsim.training import train
from torchsim.training.fused import FusedDescent
from torchsim.training.fused.inputs import Inputs, draw, fill
from torchsim.training.plain import PlainDescent

CPU = torch.device("cpu")
DRAWN = {
    "one S": (ModelSpec.of(4, 2, "1/2"), ModelSpec.of(4, 2, "0")),
    "an S each": (ModelSpec.of(4, 2, "0 1 999/1000 1/3"),),
    "one active": (ModelSpec.of(4, 2, distribution=OneActive(4)),),
    "correlated": (
        ModelSpec.of(4, 2, distribution=Correlated([(1, 2)], "1/2 1/4 0")),
        ModelSpec.of(4, 2, distribution=Correlated([(1, 2)], "9/10 1 1/7")),
    ),
    "anticorrelated": (ModelSpec.of(4, 2, distribution=Anticorrelated([(3, 1), (2, 4)], "0.1")),),
}


def spec_of(models: tuple[ModelSpec, ...], **parts: object) -> TrainingSpec:
    chosen = {"trainer": "sampled", "restarts": 1, "steps": 100, "batch": 256, **parts}
    return TrainingSpec(models, **chosen)  # type: ignore[arg-type]  # any part, by its name


def ended(spec: TrainingSpec, descent: type[FusedDescent | PlainDescent]) -> PlainDescent:
    """After all steps, by one kernel or the other."""
    found = descent(spec, tuple(range(len(spec.models))))
    while found.step < spec.steps:
        found.advance()
    return found  # type: ignore[return-value]  # both are of one kind


# -- inputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
@pytest.mark.parametrize(("first", "count"), [(0, 64), (8, 57), (0, 1), (4, 6)])
def test_inputs_are_those_of_the_sampler(
    drawn: tuple[ModelSpec, ...], dtype: Dtype, first: int, count: int
) -> None:
    """Bit for bit; the order of the samples is another."""
    theirs = Sampler.of(drawn, [3], CPU, getattr(torch, dtype)).inputs(7, count, first=first)
    inputs = Inputs.of([drawn_features(model) for model in drawn], np.dtype(dtype))
    numbers = np.zeros((inputs.rows.size, 64), np.uint32)
    key = np.array([0, 3], np.uint32)
    draw(numbers, inputs.rows, first, count, 7, key)
    for a in range(len(drawn)):
        x = np.full((4, 64), np.nan, dtype)
        fill(x, inputs, a, numbers, count)
        assert np.isnan(x[:, count:]).all()
        ours = sorted(map(tuple, x[:, :count].T.tolist()))
        assert ours == sorted(map(tuple, theirs[a].T.tolist()))


def test_values_are_rounded_once_whatever_their_number() -> None:
    """Every size of r and of T: sum and quotient as float64 gives them, rounded to float32."""
    chance = np.random.default_rng(0)
    for T in (1, 2, 3, 1000, 2**24 + 1, 2**31 - 1, 2**32 - 1, 2**32):
        sizes = np.exp2(chance.uniform(0, np.log2(T) if T > 1 else 1e-9, 4096)).astype(np.uint64)
        d = np.minimum(sizes, T - 1)
        r = (d + np.uint64(2**32 - T)).astype(np.uint32)[None, :]
        model = ModelSpec.of(1, 1, f"{2**32 - T}/{2**32}")
        inputs = Inputs.of([drawn_features(model)], np.dtype(np.float32))
        x = np.empty((1, 4096), np.float32)
        fill(x, inputs, 0, r, 4096)
        assert (x[0] == (d.astype(np.float64) + 0.5).astype(np.float32) / np.float32(T)).all()


# -- steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "most"), [("float32", 1e-4), pytest.param("float64", 1e-11, marks=pytest.mark.slow)]
)
def test_sixty_four_mixed_models_take_the_steps_of_the_plain_kernel(
    dtype: Dtype, most: float
) -> None:
    spec = spec_of(mixed(64), dtype=dtype)
    ours, theirs = ended(spec, FusedDescent), ended(spec, PlainDescent)
    for mine, plain in ((ours.weights, theirs.weights), (ours.losses, theirs.losses)):
        assert ((mine - plain).abs() <= most * plain.abs().clamp(min=1e-2)).all()
    assert torch.equal(ours.sound, theirs.sound)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 1), (3, 3), (4, 5), (6, 4), (7, 7), (9, 6)])
@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_every_size_takes_the_steps_of_the_plain_kernel(n: int, m: int, batch: int) -> None:
    models = (ModelSpec.of(n, m, "1/3"), ModelSpec.of(n, m, "0", activation="linear"))
    spec = spec_of(models, restarts=2, steps=6, batch=batch, dtype="float64", schedule="cosine")
    for adam in ("adam", "adamw"):
        each = replace(spec, optimiser=adam)
        ours, theirs = ended(each, FusedDescent), ended(each, PlainDescent)
        torch.testing.assert_close(ours.weights, theirs.weights, rtol=0, atol=1e-12)
        torch.testing.assert_close(ours.losses, theirs.losses, rtol=0, atol=1e-12)


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_features_that_are_drawn_together(drawn: tuple[ModelSpec, ...]) -> None:
    spec = spec_of(drawn, steps=10, dtype="float64")
    ours, theirs = ended(spec, FusedDescent), ended(spec, PlainDescent)
    torch.testing.assert_close(ours.weights, theirs.weights, rtol=0, atol=1e-12)


def test_a_wide_model_is_cut_into_blocks_of_samples() -> None:
    spec = spec_of((ModelSpec.of(100, 9, "9/10"),), steps=3, batch=1000, dtype="float64")
    ours, theirs = ended(spec, FusedDescent), ended(spec, PlainDescent)
    torch.testing.assert_close(ours.weights, theirs.weights, rtol=0, atol=1e-12)


@pytest.mark.parametrize("hidden", [8, 20])
def test_what_is_not_active_is_not_multiplied(hidden: int) -> None:
    """A bias far below 0 turns most outputs off: then few errors are passed on, too."""
    models = (ModelSpec.of(50, hidden, "99/100"), ModelSpec.of(50, hidden, "19/20", seed=1))
    spec = spec_of(models, steps=30, batch=500, dtype="float64")
    both = [kind(spec, (0, 1)) for kind in (FusedDescent, PlainDescent)]
    for descent in both:
        descent.weights[1, ..., -1] = -0.3
        while descent.step < spec.steps:
            descent.advance()
    ours, theirs = both
    torch.testing.assert_close(ours.weights, theirs.weights, rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.losses, theirs.losses, rtol=0, atol=1e-12)


# -- however it is cut -----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_no_bit(threads: int) -> None:
    spec = spec_of(mixed(6), restarts=2, steps=5)
    before = torch.get_num_threads()
    alone = ended(spec, FusedDescent)
    try:
        torch.set_num_threads(threads)
        assert torch.equal(ended(spec, FusedDescent).weights, alone.weights)
    finally:
        torch.set_num_threads(before)


def test_a_model_does_not_depend_on_what_is_trained_beside_it() -> None:
    spec = spec_of(mixed(6), restarts=3, steps=20)
    together = ended(spec, FusedDescent)
    for i in range(6):
        alone = ended(replace(spec, models=(spec.models[i],), restarts=2), FusedDescent)
        assert torch.equal(alone.weights[0], together.weights[i, :2])
        assert torch.equal(alone.losses[:, 0], together.losses[:, i, :2])


@pytest.mark.parametrize("stop", [3, 126, 249])
def test_going_on_gives_what_the_unbroken_run_gives(stop: int) -> None:
    spec = spec_of(mixed(3), restarts=2, steps=250, batch=32, schedule="linear")
    whole = ended(spec, FusedDescent)
    first, then = (FusedDescent(spec, (0, 1, 2)) for _ in range(2))
    while first.step < stop:
        first.advance()
    assert first.step == stop  # a record's end
    then.restore(first.state())
    while then.step < 250:
        then.advance()
    assert torch.equal(then.weights, whole.weights)
    assert torch.equal(then.losses, whole.losses)


def test_steps_end_at_records_and_where_they_would_take_long() -> None:
    small, wide = ModelSpec.of(2, 1, "0"), ModelSpec.of(60, 40, "0")
    assert FusedDescent(spec_of((small,), steps=10_000), (0,)).advance() == 100
    assert FusedDescent(spec_of((wide,), steps=10**6, batch=1 << 12), (0,)).advance() < 1000


def test_an_infinity_is_noticed_with_its_place() -> None:
    descent = FusedDescent(spec_of(mixed(2), restarts=3, steps=1000), (0, 1))
    descent.advance()
    descent.weights[1, 2, 0, 0] = torch.inf
    before = descent.weights[0].clone()
    descent.advance()
    other, own = (history for _, _, history in descent.results())
    assert diverged_steps(other.steps, other.losses) == (None,) * 3
    assert diverged_steps(own.steps, own.losses) == (None, None, 20)
    assert descent.sound[1].tolist() == [20, 20, 10]
    assert descent.weights[1, 2].isnan().all()
    assert not torch.equal(before, descent.weights[0])


def test_an_importance_past_the_dtype_is_refused() -> None:
    model = ModelSpec.of(2, 1, "1/2", importance="1" + "0" * 60)
    with pytest.raises(InputError, match=r"an importance is a number that float32 holds") as no:
        spec_of((model,), steps=5)
    assert no.value.code == "importance"


def test_an_importance_at_the_end_of_the_dtype_diverges_without_a_warning() -> None:
    """Warnings of NumPy would stand on a terminal, and the tests make errors of them."""
    model = ModelSpec.of(2, 1, "1/2", importance="3" + "0" * 38)
    with pytest.raises(InputError, match=r"NaN by step 1; .* importances of a more ordinary size"):
        train(spec_of((model,), steps=5, kernel="fused"))


@pytest.mark.slow
def test_ten_thousand_steps_end_in_the_same_distribution() -> None:
    """Rounding parts the paths; the mean loss at the end agrees within five standard errors."""
    model = ModelSpec.of(5, 2, "1/2", "1 9/10 81/100 729/1000 6561/10000")
    spec = spec_of((model,), restarts=64, steps=10_000)
    ends = [ended(spec, kind).losses[-1, 0] for kind in (FusedDescent, PlainDescent)]
    means, errors = zip(*[(end.mean(), end.std() / 8) for end in ends], strict=True)
    assert abs(means[0] - means[1]) < 5 * (errors[0] ** 2 + errors[1] ** 2) ** 0.5


# -- which kernel ----------------------------------------------------------------------------------


def test_the_fused_kernel_is_chosen_for_samples_on_a_cpu() -> None:
    model = ModelSpec.of(3, 2, "1/2")
    assert TrainingSpec((model,), "sampled").kernel == "fused"
    assert TrainingSpec((model,), "sampled", device="cuda").kernel == "plain"
    assert TrainingSpec((model,), "exact", kernel="fused").kernel == "plain"
    for n, m, kernel in ((2048, 32, "fused"), (2049, 2, "plain"), (1000, 66, "plain")):
        assert TrainingSpec((ModelSpec.of(n, m, "0"),), "sampled").kernel == kernel
    exact = TrainingSpec((model,), "exact")
    assert replace(exact, trainer="sampled", kernel=None).kernel == "fused"
    for trainer in get_args(Trainer):
        with pytest.raises(InputError, match=r"The kernel is .plain. or .fused., not 'fast'"):
            TrainingSpec((model,), trainer, kernel="fast")  # type: ignore[arg-type]  # refused


def test_a_run_of_the_plain_kernel_is_the_run_it_was_before_there_was_another() -> None:
    plain = TrainingSpec((ModelSpec.of(3, 2, "1/2"),), "sampled", kernel="plain")
    fused = replace(plain, kernel="fused")
    assert "kernel" not in spec_to_data(plain)
    assert spec_to_data(fused)["kernel"] == "fused"
    assert spec_digest(plain) != spec_digest(fused)
    assert [spec_from_data(spec_to_data(each)) for each in (plain, fused)] == [plain, fused]
