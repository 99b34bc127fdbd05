"""Measures on the way: D and length of every feature at every record, kept with a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import torchsim
from handcalc import InputError, geometry
from tests.test_sim_training import InMemory, assert_same
from torchsim import ModelSpec, ProbeRecord, Trained, TrainingRun, TrainingSpec
from torchsim.figures import draw, kinds
from torchsim.run import dimensionalities
from torchsim.storage import start
from torchsim.storage.specifications import spec_digest
from torchsim.training import train

MODELS = (ModelSpec.of(3, 2, "1/2"), ModelSpec.of(2, 1, "9/10"), ModelSpec.of(3, 2, "9/10"))
SPEC = TrainingSpec(MODELS, "sampled", restarts=2, steps=250, batch=16, rate=0.01, measures=True)


def measures(trained: Trained) -> list[torch.Tensor]:
    found = [trained.history.dimensionality, trained.history.lengths]
    return [each for each in found if each is not None]


def assert_same_measures(run: TrainingRun, other: TrainingRun) -> None:
    assert_same(run, other)
    for ours, theirs in zip(run.trained, other.trained, strict=True):
        pairs = list(zip(measures(ours), measures(theirs), strict=True))
        assert len(pairs) == 2
        assert all(torch.equal(one, two) for one, two in pairs)


@pytest.mark.parametrize("kernel", ["plain", "fused"])
def test_measures_are_those_of_the_weights_that_a_probe_sees(kernel: str) -> None:
    """By the other route: the n × n matrix of overlaps, as the definition has it."""
    seen: list[ProbeRecord] = []
    spec = replace(SPEC, kernel=kernel)
    run = train(spec, probe=seen.append)
    assert_same(run, replace(train(replace(spec, measures=False)), spec=spec))
    for i, trained in enumerate(run.trained):
        shares, lengths = measures(trained)
        n = trained.model.features
        assert shares.shape == lengths.shape == (84, 2, n)
        assert shares.dtype == lengths.dtype == torch.float32
        own = [look.W[look.models.index(i)] for look in seen if i in look.models]
        W = torch.stack(own).double()
        gram = W @ W.mT
        squares = gram.diagonal(dim1=-2, dim2=-1)
        assert torch.allclose(lengths, squares.sqrt().float(), atol=1e-6)
        expected = squares.square() / gram.square().sum(-1)
        assert torch.allclose(shares, expected.float(), atol=1e-6)
        last = shares[-1, trained.best]
        assert torch.allclose(last, trained.dimensionality.float(), atol=1e-7)


def test_dimensionalities_are_those_that_are_exact() -> None:
    W = [[3, 0], [1, 2], [0, 0], [-1, 1]]
    exactly = [float(share) for share in geometry(W).dimensionality]
    found = dimensionalities(torch.tensor([W, W], dtype=torch.float32))
    assert found.dtype == torch.float64
    assert found[1].tolist() == pytest.approx(exactly, abs=1e-15)


def test_without_being_asked_for_nothing_is_measured() -> None:
    for run in (train(replace(SPEC, measures=False)), train(TrainingSpec(MODELS, restarts=2))):
        assert [measures(trained) for trained in run.trained] == [[], [], []]


def test_they_go_on_with_the_run() -> None:
    keeping = InMemory()
    whole = train(SPEC, keeping=keeping)
    for state in keeping.states[::37]:
        assert_same_measures(train(SPEC, keeping=InMemory([state])), whole)


def test_they_are_loaded_again_bit_for_bit(tmp_path: Path) -> None:
    run = train(SPEC)
    torchsim.save(run, tmp_path / "saved")
    assert_same_measures(torchsim.load(tmp_path / "saved"), run)
    kept = torchsim.train(SPEC, keep=tmp_path / "kept")
    assert_same_measures(kept, run)
    assert_same_measures(torchsim.load(tmp_path / "kept"), run)
    (cell,) = torchsim.merge([torchsim.load(tmp_path / "kept")]).chosen([1]).trained
    assert torch.equal(measures(cell)[0], measures(run.trained[0])[0])


def test_a_run_without_them_is_specified_as_before(tmp_path: Path) -> None:
    plain = replace(SPEC, measures=False)
    assert spec_digest(plain) != spec_digest(SPEC)
    for name, spec, there in (("plain", plain, False), ("measured", SPEC, True)):
        start(tmp_path / name, spec)
        assert ("measures" in (tmp_path / name / "spec.json").read_text()) is there


@pytest.mark.parametrize(
    ("asked", "more", "code", "said"),
    [
        (MODELS[0], {"measures": True}, "measures", "the exact one keeps its losses alone"),
        (MODELS[0], {"measures": 1, "trainer": "sampled"}, "measures", "True or False, not 1."),
        (SPEC, {"measures": True}, "ignored", "measures=True makes no difference"),
        ("bigrams", {"measures": True}, "ignored", "it is for toy models on samples"),
        ("by-hand", {"measures": True}, "measures", 'the exact one keeps its losses alone'),
    ],
)  # fmt: skip
def test_what_is_refused(asked: object, more: dict[str, object], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        torchsim.train(asked, **more)
    assert refused.value.code == code


# --------------------------------------------------------------------------------------------------
# The figure.


def test_the_figure_draws_the_best_restart_of_each_model() -> None:
    run = train(SPEC)
    assert kinds(run)[0] == "dynamics"
    figure = draw("dynamics", run, best=[None] * 3)
    panels = figure.axes
    assert [axes.get_ylabel() for axes in panels[:2]] == ["dimensionality D", "loss L"]
    for i, trained in enumerate(run.trained):
        above, below = panels[2 * i : 2 * i + 2]
        lines = [line for line in above.lines if len(line.get_xdata()) == 84]
        drawn = torch.tensor([list(line.get_ydata()) for line in lines])
        expected = measures(trained)[0][:, trained.best].mT
        assert torch.allclose(drawn.float(), expected)
        levels = [line.get_ydata()[0] for line in above.lines if len(line.get_xdata()) == 2]
        assert levels == [1, 3 / 4, 2 / 3, 1 / 2, 2 / 5, 3 / 8, 1 / 3]
        (loss,) = below.lines
        assert list(loss.get_xdata()) == list(trained.history.steps)
        losses = trained.history.losses[:, trained.best]
        assert torch.allclose(torch.tensor(list(loss.get_ydata())), losses.double())
    told = figure.get_label()
    end = float(measures(run.trained[1])[0][-1, run.trained[1].best, 0])
    assert f"D in the end {end:.3g}" in told


def test_a_run_without_measures_has_no_such_figure() -> None:
    run = train(replace(SPEC, measures=False))
    assert "dynamics" not in kinds(run)
    with pytest.raises(InputError, match='not "dynamics"'):
        draw("dynamics", run)
