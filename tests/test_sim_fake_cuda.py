"""Every path of torch on a stand-in for a GPU, which refuses what mixes devices.

The fused kernel on a GPU is a program of Triton, which no stand-in runs: ``test_sim_fused_gpu`` has
what can be seen of it on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.attention_runs import CHAIN
from tests.fake_devices import device_of, fake_cuda
from torchsim import ModelSpec, TrainingSpec, storage
from torchsim.attention.specification import AttentionTraining
from torchsim.autoencoders.codes import NAMES
from torchsim.autoencoders.run import TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.kinds import AnySpec, train
from torchsim.training import plain
from torchsim.training.losses import sampled_losses

MODELS = (ModelSpec.of(3, 2, "1/2"), ModelSpec.of(3, 2, "1/4", "1 1 1/2", activation="linear"))
SAMPLED = TrainingSpec(MODELS, "sampled", restarts=2, steps=6, batch=16, kernel="plain")
SPECS: dict[str, AnySpec] = {
    "adamw": SAMPLED,
    "adam": replace(SAMPLED, optimiser="adam", decay=0.0, schedule="cosine", dtype="float64"),
    "one active": replace(SAMPLED, models=(ModelSpec.of(24, 2, "99/100", seed=3),)),
    "exact": TrainingSpec(
        (ModelSpec.of(2, 1, "1/2"), ModelSpec.of(2, 1, "1/4")), "exact", restarts=2
    ),
    "attention": AttentionTraining((replace(CHAIN, steps=4),), restarts=2),
    **{
        kind: SaeTraining(
            (SaeSpec.of("1 0; 0 1; 0 -1", 3, "1/10", "1/2", kind=kind, steps=6, batch=16),), 2
        )
        for kind in ("l1", "topk", "jumprelu")
    },
}


@pytest.fixture(name="gpu")
def _gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fake_cuda(monkeypatch):
        yield


def numbers_of(run: object) -> list[Tensor]:
    """The weights and losses of a run."""
    found = []
    for each in run.trained:  # type: ignore[attr-defined]  # runs of every kind
        if isinstance(each, TrainedSae):
            weights = {name: getattr(each, name) for name in (*NAMES, "on")}
        else:
            weights = (
                each.weights.named() if hasattr(each, "weights") else {"W": each.W, "b": each.b}
            )
        found += [*weights.values(), each.loss]
    return found


# -- the stand-in itself --------------------------------------------------------------------------


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    "mixed",
    [
        lambda there, here: there + here,
        lambda there, here: here * there,
        lambda there, here: torch.stack([there, here]),
        lambda there, here: there.add_(here),
        lambda there, here: here.sum().add_(there.sum()),
        lambda there, here: torch.where(there > 0, here, 0.0),
        lambda there, here: here[there.long()],
        lambda there, here: torch.nn.functional.linear(there, here[None]),
        lambda there, here: there @ here,
        lambda there, here: torch.zeros(3, device=there.device) - here,
        lambda there, here: there.to(torch.float64).clone() - here,
    ],
)
def test_what_mixes_devices_is_refused(mixed: Callable[[Tensor, Tensor], Tensor]) -> None:
    with pytest.raises(RuntimeError, match="all tensors to be on the same device"):
        mixed(torch.ones(3, device="cuda"), torch.ones(3))


@pytest.mark.usefixtures("gpu")
def test_what_cuda_takes_is_taken() -> None:
    there, here = torch.ones(3, device="cuda"), torch.tensor([1.0, 2.0, 3.0])
    there[1:] = here[1:]
    assert there.cpu().tolist() == [1, 2, 3]
    assert (there * here.sum()).is_cuda
    assert (torch.tensor(2.0) * there).device == torch.device("cuda", 0)
    assert there[here.long() - 1].is_cuda
    assert device_of(there.cpu() + here) == device_of(here) == torch.device("cpu")
    assert here.to(there).is_cuda
    assert torch.zeros_like(there).is_cuda
    assert not here.is_cuda


@pytest.mark.usefixtures("gpu")
def test_numpy_gets_nothing_from_there() -> None:
    there = torch.ones(3, device="cuda")
    with pytest.raises(TypeError, match="to numpy"):
        there.numpy()
    assert there.cpu().numpy().tolist() == [1, 1, 1]


# -- training -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SPECS)
def test_training_mixes_no_devices(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SPECS[kind]
    here = train(spec)
    with fake_cuda(monkeypatch):
        there = train(replace(spec, device="cuda"))
        assert all(not tensor.is_cuda for tensor in numbers_of(there))
    assert there.device == "a stand-in for a GPU"
    for one, other in zip(numbers_of(there), numbers_of(here), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["adamw", "exact", "attention", "l1", "jumprelu"])
def test_a_stopped_run_goes_on(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = replace(SPECS[kind], device="cuda")
    with fake_cuda(monkeypatch):
        whole = train(spec)
        asked = 0

        def stop() -> bool:
            nonlocal asked
            asked += 1
            return asked == 4

        with storage.FolderCheckpointer(tmp_path / "run", spec, every=0) as keeping:
            keeping.start()
            with pytest.raises(KeyboardInterrupt, match="stopped"):
                train(spec, keeping=keeping, should_stop=stop)
        with storage.FolderCheckpointer(tmp_path / "run", spec) as keeping:
            assert keeping.load() is not None
            again = train(spec, keeping=keeping)
            storage.finish(again, keeping)
        kept = storage.load(tmp_path / "run")
    for found in (again, kept):
        for one, other in zip(numbers_of(found), numbers_of(whole), strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=0)


@pytest.mark.usefixtures("gpu")
def test_judging_is_done_where_the_weights_are() -> None:
    W, b = torch.ones(2, 3, 2, device="cuda"), torch.zeros(2, 3, device="cuda")
    loss, error = sampled_losses(MODELS[0], W, b, 64)
    assert loss.is_cuda
    assert error.is_cuda


@pytest.mark.usefixtures("gpu")
def test_a_step_that_forgets_the_device_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    work = plain.loss_and_gradient
    forgetful = lambda W, b, x, *more: work(W, b, x.cpu(), *more)  # noqa: E731 - said where it is used
    monkeypatch.setattr(plain, "loss_and_gradient", forgetful)
    with pytest.raises(RuntimeError, match="all tensors to be on the same device"):
        train(replace(SAMPLED, device="cuda"))
