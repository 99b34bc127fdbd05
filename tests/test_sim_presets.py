"""The experiments: what they specify, what they claim, and that training bears the claims out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

import torchsim
from handcalc.cli.names import PRESETS, TOY_PRESETS
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from tests.preset_runs import PAIR, Rows, polygon, written
from tests.sim_devices import DEVICES
from torchsim.comparison.best_known import best_known, linear_best
from torchsim.presets import Preset, dynamics, preset, presets
from torchsim.presets.experiment import density, max_sharing, shape
from torchsim.specification import Device, ModelSpec, TrainingSpec

# -- what they specify ----------------------------------------------------------------------------


def test_the_names_are_those_that_the_shell_completes() -> None:
    assert tuple(known.name for known in presets()) == PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_each_tells_its_story(name: str) -> None:
    known = preset(name)
    assert known.name == name
    assert known.title
    assert 2 <= known.story.count(". ") + 1 <= 5
    assert "20" in known.source
    assert known.claim.sentence.endswith(".")


@pytest.mark.parametrize("name", TOY_PRESETS)
def test_the_small_one_asks_the_same_questions(name: str) -> None:
    full, small = preset(name).full.models(0), preset(name).small.models(0)
    assert len(small) < len(full)
    if name != "geometry":  # whose full size takes minutes whatever is left out
        assert {model.kind[:2] for model in small} <= {model.kind[:2] for model in full}
    assert {model.activation for model in small} == {model.activation for model in full}


def test_by_hand_is_the_walk_along_the_sparsity() -> None:
    models = preset("by-hand").spec().models
    found = [(model.features, model.hidden, str(model.blocks[0].sparsity)) for model in models]
    tenths = [str(Fraction(k, 10)) for k in range(10)]
    assert found == [(3, 2, s) for s in [*tenths, "19/20"]]
    assert {model.importance for model in models} == {(1, 1, 1)}


def test_introduction_is_the_papers() -> None:
    models = preset("introduction").spec().models
    assert [(model.features, model.hidden) for model in models] == [(5, 2)] * 10
    for k, model in enumerate(models):
        assert to_float(density(model)) == pytest.approx(20 ** (-k / 9), rel=1e-11)
        assert model.importance == tuple(sympy.Rational(9, 10) ** i for i in range(5))


@pytest.mark.parametrize(
    ("name", "n", "m", "ratio"),
    [("demonstrating", 20, 5, 0.7), ("demonstrating-large", 80, 20, 0.9)],
)
def test_demonstrating_is_linear_and_relu_at_seven_densities(
    name: str, n: int, m: int, ratio: float
) -> None:
    spec = preset(name).spec()
    assert [model.activation for model in spec.models] == ["linear"] * 7 + ["relu"] * 7
    densities = [to_float(density(model)) for model in spec.models]
    assert densities == pytest.approx([1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001] * 2)
    assert {(model.features, model.hidden) for model in spec.models} == {(n, m)}
    weights = [to_float(weight) for weight in spec.models[0].importance]
    assert weights == pytest.approx([ratio**i for i in range(n)], rel=1e-11)
    assert (spec.trainer, spec.optimiser, spec.rate) == ("sampled", "adam", 1e-3)
    assert (spec.steps, spec.batch, spec.schedule) == (20_000, 256, "constant")


def test_phase_change_is_two_grids() -> None:
    spec = preset("phase-change").spec()
    for size, group in zip([(2, 1), (3, 2)], spec.groups, strict=True):
        models = [spec.models[i] for i in group]
        assert {(model.features, model.hidden) for model in models} == {size}
        importances = sorted({to_float(model.importance[-1]) for model in models})
        densities = sorted({to_float(density(model)) for model in models})
        assert (importances[0], importances[-1], len(importances)) == (0.1, 10, 20)
        assert (densities[0], densities[-1], len(densities)) == (0.01, 1, 20)
        assert len({(m.importance, m.distribution) for m in models}) == len(models) == 400
        assert {model.importance[0] for model in models} == {1}


def test_samples_are_drawn_by_the_papers_recipe() -> None:
    for name, restarts in (("by-hand", 12), ("introduction", 8)):
        spec = preset(name).spec(trainer="sampled")
        assert (spec.batch, spec.steps, spec.optimiser) == (1024, 10_000, "adamw")
        assert (spec.rate, spec.schedule, spec.restarts) == (1e-3, "constant", restarts)


def test_auto_is_exact_up_to_eight_features() -> None:
    found = {name: preset(name).spec(small=True).trainer for name in TOY_PRESETS}
    assert [name for name in TOY_PRESETS if found[name] == "exact"] == [
        "by-hand",
        "introduction",
        "phase-change",
        "non-uniform",
        "correlated",
        "anticorrelated",
        "one-active",
    ]


def test_what_is_chosen_otherwise() -> None:
    spec = preset("by-hand").spec(True, "sampled", 3, "cuda", steps=70, seed=9)
    assert (spec.trainer, spec.restarts, spec.device, spec.steps) == ("sampled", 3, "cuda", 70)
    assert {model.seed for model in spec.models} == {9}
    assert {model.seed for model in preset("introduction").spec().models} == {5}
    with pytest.raises(InputError, match=r"70 steps make no difference.*exact one stops by itself"):
        preset("by-hand").spec(steps=70)


@pytest.mark.parametrize(
    ("typed", "near"), [("by-han", "by-hand"), ("Introduction", "introduction"), ("xyz", None)]
)
def test_an_unknown_name_is_refused_with_the_nearest(typed: str, near: str | None) -> None:
    with pytest.raises(
        InputError, match=f"There is no preset '{typed}'; there are by-hand"
    ) as info:
        preset(typed)
    assert (info.value.code, info.value.suggestion) == ("unknown_preset", near)


# -- what claims look at --------------------------------------------------------------------------


def only(model: ModelSpec, rows: Rows) -> torchsim.Trained:
    return written(TrainingSpec((model,), restarts=2), lambda _: rows).trained[0]


def test_the_features_that_are_held() -> None:
    trained = only(ModelSpec.of(3, 2, "1/2"), [[0.5, 0.0], [0.0, 0.49], [0.9, 0.9]])
    assert trained.held == (1, 3)
    assert max_sharing(trained) == pytest.approx(0.81)  # of feature 1, from feature 3
    assert max_sharing(only(ModelSpec.of(2, 2, 0), [[0.0, 0.0], [0.1, 0.0]])) == 0


def test_what_is_left_of_a_feature_counts_as_dropped() -> None:
    rows = [[1.0, 0.05], [0.05, 1.0], [0.06, 0.07]]
    assert shape(only(ModelSpec.of(3, 2, "1/2"), rows)).sentence == (
        "Features 1 and 2 have dimensions of their own; feature 3 is dropped. "
        "Angles are off by up to 5.7° and what is dropped is up to 0.092 long."
    )
    rows[2] = [0.06, 0.09]
    assert shape(only(ModelSpec.of(3, 2, "1/2"), rows)).name == "mixed"


def test_an_arrow_that_may_be_turned_round() -> None:
    first, second, third = polygon(3)
    turned = [first, second, [-cell for cell in third]]
    assert shape(only(ModelSpec.of(3, 2, 0), turned)).name == "triangle"
    assert shape(only(ModelSpec.of(3, 2, "1/10"), turned)).name == "mixed"
    assert shape(only(ModelSpec.of(3, 2, 0), PAIR)).name == "antipodal"


def test_a_shape_among_many_features_has_a_name() -> None:
    assert shape(only(ModelSpec.of(9, 2, "1/2"), polygon(9))).name == "9-gon"
    many = polygon(5, extra=75)
    spec = TrainingSpec((ModelSpec.of(80, 2, "1/2"),), "sampled", 2)
    assert shape(written(spec, lambda _: many).trained[0]).name == "pentagon"


# -- claims, trained ------------------------------------------------------------------------------


def cut(known: Preset, device: Device) -> TrainingSpec:
    """A small run, or a smaller one, that a test has time for."""
    spec = known.spec(True, device=device)
    if known.name == "phase-change":
        return replace(spec, models=spec.models[::5], restarts=6)
    return spec


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "name",
    ["by-hand", "introduction", "phase-change", "non-uniform", "correlated", "anticorrelated",
     "one-active"],
)  # fmt: skip
def test_the_exact_trainer_bears_it_out(name: str, device: Device) -> None:
    known = preset(name)
    assert known.claim.holds(torchsim.train(cut(known, device)))


def quick(known: Preset, device: Device, densities: tuple[float, ...], **more: int) -> TrainingSpec:
    """A run on samples that is over in a second or two: few models, small batches, long steps."""
    spec = known.spec(True, "sampled", device=device, **more)
    models = tuple(m for m in spec.models if to_float(density(m)) in densities)
    assert len({density(m) for m in models}) == len(densities)
    return replace(spec, models=models, batch=128)


@pytest.mark.parametrize("device", DEVICES)
def test_samples_bear_out_by_hand(device: Device) -> None:
    known = preset("by-hand")
    spec = quick(known, device, (0.6, 0.5), restarts=7, steps=1500)  # the seventh is a triangle
    assert known.claim.holds(torchsim.train(replace(spec, rate=3e-3)))


@pytest.mark.parametrize("device", DEVICES)
def test_samples_bear_out_large_sets(device: Device) -> None:
    known = preset("correlated-large")
    assert known.claim.holds(torchsim.train(known.spec(True, device=device, restarts=1)))


@pytest.mark.parametrize("device", DEVICES)
def test_samples_bear_out_demonstrating(device: Device) -> None:
    known = preset("demonstrating")
    spec = quick(known, device, (0.1, 0.01), steps=800)
    assert known.claim.holds(torchsim.train(replace(spec, rate=5e-3)))


@pytest.mark.slow
@pytest.mark.parametrize("name", TOY_PRESETS)
def test_full_size(name: str) -> None:
    known = preset(name)
    assert known.claim.holds(torchsim.train(known.spec()))


@pytest.mark.slow
@pytest.mark.parametrize("name", TOY_PRESETS)
def test_small_size(name: str) -> None:
    known = preset(name)
    assert known.claim.holds(torchsim.train(known.spec(True)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["by-hand", "introduction"])
def test_full_size_on_samples(name: str) -> None:
    known = preset(name)
    run = torchsim.train(known.spec(trainer="sampled"))
    assert known.claim.holds(run)
    for trained, best in zip(run.trained, best_known(run.spec.models), strict=True):
        assert best is not None
        assert float(trained.loss.min()) < best.loss * 1.03


@pytest.mark.slow
def test_twenty_features_come_near_the_linear_best_or_below_it() -> None:
    for trained in torchsim.train(preset("demonstrating").spec()).trained:
        loss, linear = float(trained.loss.min()), linear_best(trained.model)
        assert loss < linear * 1.01
        assert trained.model.activation == "relu" or loss > linear * (1 - 1e-9)


def test_dynamics_takes_steps_on_samples_unless_the_exact_trainer_is_asked_for() -> None:
    known = preset("dynamics")
    assert (known.spec().trainer, known.spec().measures) == ("sampled", True)
    small = torchsim.preset("dynamics").spec(small=True)
    assert [model.kind[:2] for model in small.models] == [(60, 6), (6, 3)]
    with pytest.raises(InputError, match="up to 10 features, not 60"):
        known.spec(trainer="exact")


def test_dynamics_is_borne_out_and_not_by_chance() -> None:
    """The twelfth feature's jump is one of samples: the same claim fails where it is taken away."""
    known = preset("dynamics")
    run = torchsim.train(known, small=True)
    assert known.claim.holds(run)
    uniform = run.trained[0]
    late = [r for r in range(4) if dynamics.has_late_digon(uniform, r)]
    assert late
    counts = [count for count, _ in dynamics.levels(uniform)]
    assert counts == [12, 10]
    history = uniform.history
    flat = history.losses.clone()
    flat[:] = flat.mean()
    still = replace(uniform, history=replace(history, losses=flat))
    assert not any(dynamics.has_late_digon(still, r) for r in range(4))
    assert not known.claim.holds(replace(run, trained=(still, run.trained[1])))
    upside_down = replace(uniform, exact_loss=None, sampled_loss=-uniform.sampled_loss)
    assert not known.claim.holds(replace(run, trained=(upside_down, run.trained[1])))
    unmeasured = replace(uniform, history=replace(history, dimensionality=None))
    assert dynamics.arrivals(unmeasured, 0) == []
