"""Any elementwise function of torch as an activation: tried whether it is one, and trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
import torch
from torch import Tensor

import torchsim
from handcalc import InputError, plot
from tests.cli_runs import Shell
from torchsim import ModelSpec, NetworkSpec, NetworkTraining, SweepGrid, TrainingSpec, figures
from torchsim.comparison.adversarial import vulnerability
from torchsim.elementwise import check_elementwise, elementwise, value_and_slope
from torchsim.networks.architecture import ARCHITECTURES, TwoLayers
from torchsim.storage.specifications import spec_digest, spec_from_data, spec_to_data
from torchsim.training.losses import forward, loss_and_gradient, sampled_losses

OWN = ("gelu", "tanh", "silu", "sigmoid", "softplus", "elu", "leaky_relu", "relu6", "square")
GELU = ModelSpec.of(3, 2, "1/2", activation="gelu")
NETWORK = NetworkSpec.of(
    3, 4, "absolute", "1/2", activation="gelu", output="softplus", steps=30, batch=32
)


# --------------------------------------------------------------------------------------------------
# Which functions are activations.


@pytest.mark.parametrize("name", [*OWN, "sin", "hardtanh", "mish", "erf", "abs", "relu"])
def test_elementwise_functions_are_taken(name: str) -> None:
    check_elementwise("activation", name)
    z = torch.tensor([-1.5, 0.5, 2.0], dtype=torch.float64)
    value, slope = value_and_slope(name, z)
    step = 1e-6
    difference = (elementwise(name)(z + step) - elementwise(name)(z - step)) / (2 * step)
    assert torch.equal(value, elementwise(name)(z))
    assert torch.allclose(slope, difference, atol=1e-8)
    assert not value.requires_grad


@pytest.mark.parametrize(
    ("name", "why", "instead"),
    [
        ("geluu", 'not \'geluu\'; do you mean "gelu", "elu" or "selu"', "gelu"),
        ("LeakyReLU", 'do you mean "leaky_relu"', "leaky_relu"),
        ("relu_", 'do you mean "relu"', "relu"),
        ("sigmod", 'do you mean "sigmoid"', "sigmoid"),
        ("softmax", "which makes a number of several", None),
        ("cumsum", "which does not take one tensor and nothing else", None),
        ("flipud", "which makes a number of several", None),
        ("sort", "does not give a number with a slope for each", None),
        ("dropout", "which is random", None),
        ("sqrt", "which is no finite number at -4", None),
        ("reciprocal", "which is no finite number at 0", None),
        ("round", "whose slope is 0 everywhere", None),
        ("detach", "does not give a number with a slope", None),
        ("clone", 'which gives x itself, as "linear" does', None),
        ("manual_seed", "not 'manual_seed'", None),
        ("set_num_threads", "not 'set_num_threads'", None),
        ("__init__", "not '__init__'", None),
        ("", "not ''", None),
    ],
)
def test_what_is_none_is_told_why(name: str, why: str, instead: str | None) -> None:
    before = torch.random.get_rng_state()
    with pytest.raises(InputError, match='The output is "relu", "linear" or an el') as caught:
        check_elementwise("output", name)
    error = caught.value
    assert why in error.message
    assert error.message.startswith('The output is "relu", "linear" or an elementwise function')
    assert error.code == "output"
    assert (error.suggestion == f'output="{instead}"') == (instead is not None)
    assert torch.equal(before, torch.random.get_rng_state())


def test_only_names_are_taken() -> None:
    for given in (3, None, torch.tanh):
        with pytest.raises(InputError, match='by its name such as "gelu", not'):
            ModelSpec.of(2, 1, "1/2", activation=given)  # type: ignore[arg-type]  # what is refused


# --------------------------------------------------------------------------------------------------
# Toy models.


def toy_loss(W: Tensor, b: Tensor, x: Tensor, name: str) -> Tensor:
    """Σᵢ Iᵢ mean (xᵢ − x̂ᵢ)² of one model with importances 1, in plain words."""
    z = W @ (W.T @ x) + b[:, None]
    return (x - elementwise(name)(z)).square().sum(0).mean()


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("shape", [(3, 2), (9, 1)])
def test_slopes_of_a_toy_model_are_those_of_autograd(name: str, shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(1)
    W = torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
    b = torch.randn(shape[0], generator=generator, dtype=torch.float64, requires_grad=True)
    x = torch.rand(shape[0], 50, generator=generator, dtype=torch.float64)
    loss = toy_loss(W, b, x, name)
    by_W, by_b = torch.autograd.grad(loss, (W, b))
    one = torch.ones(1, shape[0], dtype=torch.float64)
    found = loss_and_gradient(
        W.detach()[None], b.detach()[None], x[None], one, None, activation=name
    )
    assert torch.allclose(found.losses[0], loss.detach())
    assert torch.allclose(found.W[0], by_W, atol=1e-10)
    assert torch.allclose(found.b[0], by_b, atol=1e-10)
    z = W.detach() @ (W.detach().T @ x) + b.detach()[:, None]
    output = forward(W.detach()[None], b.detach()[None], x[None], name)[0]
    assert torch.allclose(output, elementwise(name)(z))


def test_a_toy_model_is_trained_on_samples() -> None:
    run = torchsim.train([GELU, ModelSpec.of(3, 2, "1/2")], steps=400, restarts=2)
    assert (run.spec.trainer, run.spec.kernel) == ("sampled", "plain")
    own, usual = run.trained
    assert own.exact_loss is None
    assert usual.exact_loss is not None
    assert own.lowest < 0.8 * float(own.history.losses[0].min())
    loss, _ = sampled_losses(GELU, own.W, own.b)
    assert torch.equal(loss, own.loss)
    [alone] = torchsim.train(ModelSpec.of(3, 2, "1/2"), trainer="sampled", kernel="plain",
                             steps=400, restarts=2).trained  # fmt: skip
    assert torch.equal(usual.W, alone.W)


def test_a_model_of_its_own_activation_is_a_group_by_itself() -> None:
    models = [ModelSpec.of(2, 1, "1/2", activation=name) for name in ("relu", "gelu", "linear")]
    assert TrainingSpec((*models, models[1]), "sampled").groups == ((0, 2), (1, 3))


def test_it_is_kept_and_gone_on_with_bit_for_bit(tmp_path: Path) -> None:
    whole, asked = torchsim.train(GELU, steps=60, restarts=2), 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 25

    with pytest.raises(KeyboardInterrupt, match="stopped after 25 of 60 steps"):
        torchsim.train(GELU, steps=60, restarts=2, keep=tmp_path, should_stop=stop)
    torchsim.train(GELU, steps=60, restarts=2, keep=tmp_path)
    run = torchsim.load(tmp_path)
    assert run.spec == whole.spec
    assert torch.equal(run.trained[0].W, whole.trained[0].W)
    further = torchsim.go_on(run, steps=50)
    assert further.trained[0].lowest < run.trained[0].lowest


def test_what_needs_an_exact_loss_says_so() -> None:
    run = torchsim.train(GELU, steps=10, restarts=1)
    for refused in (
        lambda: torchsim.train(GELU, trainer="exact"),
        lambda: torchsim.go_on(run, trainer="exact"),
        lambda: SweepGrid.of(2, 1, "1/2", activation=["relu", "gelu"]),
    ):
        with pytest.raises(InputError, match=r'not of "gelu"; train on samples') as caught:
            refused()
        assert caught.value.suggestion == 'trainer="sampled"'
    with pytest.raises(InputError, match='has loops for ReLU and linear models, not for "gelu"'):
        TrainingSpec((GELU,), "sampled", kernel="fused")
    with pytest.raises(InputError, match='this one ends with "gelu"'):
        run.trained[0].latex()
    with pytest.raises(InputError, match='this one ends with "gelu"'):
        plot.losses(run, along="S")


def test_it_is_shown_compared_and_drawn() -> None:
    run = torchsim.train([GELU, ModelSpec.of(3, 2, "1/2")], steps=60, restarts=2)
    assert "1      gelu" in str(run)
    assert "3 features in 2 dimensions, gelu." in str(run.trained[0])
    assert run.columns()["activation"] == ["gelu", "relu"]
    found = torchsim.compare(run)
    own = found.models[0]
    assert (own.best, own.gap_percent, own.linear_best, own.by_hand) == (None,) * 4
    assert "the loss of gelu models has no exact form here" in own.sentence
    assert found.models[1].best is not None
    for kind in figures.kinds(run):
        figures.draw(kind, run)
    assert "gelu models hold" in figures.describe("gram", run)
    for draw in (plot.arrows, plot.losses, plot.gram):
        draw(run)
    plt.close("all")
    assert vulnerability(run.trained[0], samples=16).attacked > 0


def test_sweeps_have_them_on_samples(shell: Shell) -> None:
    asked = ("sweep", "--features=3", "--hidden=2", "--sparsity=1/2", "--restarts=1", "--no-state")
    short = ("--trainer=sampled", "--steps=20", "--batch=8")
    found = shell(*asked, "--activation=relu tanh", *short, "--json").json()
    assert [each["activation"] for each in found["models"]] == ["relu", "tanh"]
    assert found["models"][1]["exact_loss"] is None
    refused = shell(*asked, "--activation=gelu")
    assert refused.code == 2
    assert "--activation=gelu --trainer sampled" in refused.err
    refused = shell(*asked, "--activation=geluu", *short)
    assert (refused.code, refused.out) == (2, "")
    assert 'do you mean "gelu"' in refused.err


# --------------------------------------------------------------------------------------------------
# Networks with neurons.


@pytest.mark.parametrize("task", ["identity", "absolute"])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(
    ("activation", "output"),
    [(name, "relu") for name in OWN] + [("linear", "gelu"), ("tanh", "linear"), ("relu", "silu")],
)
def test_slopes_of_a_network_are_those_of_autograd(
    task: str, tied: bool, activation: str, output: str
) -> None:
    spec = NetworkSpec.of(3, 2, task, "1/2", "1 1/2 2", activation=activation, output=output,
                          tied=tied)  # fmt: skip
    architecture = TwoLayers(spec)
    generator = torch.Generator().manual_seed(2)
    weights = architecture.initial(3, torch.device("cpu"))
    weights["b"] += torch.rand(3, 3, generator=generator, dtype=torch.float64) / 4
    x = torch.rand(3, 3, 40, generator=generator, dtype=torch.float64) * 2 - int(task == "absolute")
    leaves = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    losses = architecture.losses(leaves, x)
    expected = dict(
        zip(leaves, torch.autograd.grad(losses.mean(1).sum(), list(leaves.values())), strict=True)
    )
    loss, slopes = architecture.loss_and_slopes(weights, x)
    assert torch.allclose(loss, losses.detach(), atol=1e-12)
    assert slopes.keys() == expected.keys()
    for name, slope in slopes.items():
        assert torch.allclose(slope, expected[name], atol=1e-10), name


def test_a_tied_linear_network_is_a_toy_model() -> None:
    spec = NetworkSpec.of(3, 2, sparsity="1/2", **ARCHITECTURES["tied"] | {"output": "gelu"})
    weights = TwoLayers(spec).initial(4, torch.device("cpu"))
    x = torch.rand(4, 3, 20, dtype=torch.float64)
    [_, output] = TwoLayers(spec).forward(weights, x)
    assert torch.allclose(output, forward(weights["W_in"], weights["b"], x, "gelu"))


def test_four_architectures_have_names() -> None:
    for name, parts in ARCHITECTURES.items():
        spec = NetworkSpec.of(2, 2, sparsity="1/2", steps=3, batch=4, **parts)
        [trained] = torchsim.train(spec, restarts=1).trained
        assert TwoLayers(spec).has_exact, name
        assert trained.exact_loss is not None
        assert ("W_out" in trained.tensors) == (not parts["tied"])


def test_a_network_without_an_exact_counterpart_says_so() -> None:
    for more, said in (
        ({"activation": "gelu"}, 'its neurons are "gelu"'),
        ({"output": "linear"}, 'its outputs are "linear"'),
        ({"output": "tanh"}, 'its outputs are "tanh"'),
    ):
        spec = NetworkSpec.of(2, 2, sparsity="1/2", steps=3, batch=4, **more)
        [trained] = torchsim.train(spec, restarts=1).trained
        assert trained.exact_loss is None
        with pytest.raises(InputError, match=said) as caught:
            trained.exact()
        assert caught.value.code == "activation"
        assert caught.value.suggestion in ('activation="relu"', 'output="relu"')


def test_networks_are_kept_shown_and_compared(tmp_path: Path, shell: Shell) -> None:
    spec = NetworkTraining((NETWORK, NetworkSpec.of(3, 4, "absolute", "1/2", steps=30)), restarts=2)
    run = torchsim.train(spec, keep=tmp_path)
    again = torchsim.load(tmp_path)
    assert again.spec == spec
    assert torch.equal(again.trained[0].W_in, run.trained[0].W_in)
    assert "3 features, 4 gelu neurons, softplus outputs, to give |x|" in str(run.trained[0])
    assert "softplus" in str(run)
    assert "gelu neurons, softplus outputs, untied" in repr(NETWORK)
    found = torchsim.compare(run)
    assert (found.models[0].exact, found.models[0].own, found.models[0].named) == (None, None, ())
    assert found.models[1].own is not None
    for kind in figures.kinds(run):
        figures.draw(kind, run)
    plt.close("all")
    data = shell("compare", str(tmp_path), "--json").json()
    assert [each["output"] for each in data["models"]] == ["softplus", "relu"]


def test_runs_of_before_are_the_same_runs() -> None:
    spec = NetworkTraining((NetworkSpec.of(3, 4, "absolute", "1/2"),))
    data: Any = spec_to_data(spec)
    assert "output" not in data["models"][0]
    assert spec_from_data(json.loads(json.dumps(data))) == spec
    assert spec_digest(spec) == "8c02f9ddb15ef37e88a39e189a5e53fdfac162348884a1cceaea441d014731e7"
    own = NetworkTraining((NETWORK,))
    assert spec_from_data(json.loads(json.dumps(spec_to_data(own)))) == own
    broken: Any = spec_to_data(own)
    broken["models"][0]["output"] = "geluu"
    with pytest.raises(InputError, match=r'models.0.": The output is "relu"'):
        spec_from_data(broken)


def test_what_a_neuron_brings_is_what_it_has_more_than_without_an_input() -> None:
    spec = NetworkSpec.of(1, 1, sparsity="1/2", activation="sigmoid", output="linear", tied=False)
    run = torchsim.train(spec, restarts=1)
    found = run.trained[0].neurons()
    assert found is not None
    assert found.held == ((1,),)
