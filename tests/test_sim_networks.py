"""Networks with neurons trained in torch: beside the exact losses, and the same every time."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import handcalc
import torchsim
from handcalc import InputError
from torchsim import NetworkRun, NetworkSpec, NetworkTraining, TrainedNetwork
from torchsim.comparison.networks import own_neurons_loss
from torchsim.networks.architecture import TwoLayers
from torchsim.networks.judging import judge
from torchsim.networks.neurons import neurons
from torchsim.presets import preset
from torchsim.run import History
from torchsim.sampling import Sampler

LAYERS = [
    ("identity", "relu", True),
    ("identity", "linear", True),
    ("identity", "linear", False),
    ("absolute", "relu", False),
    ("absolute", "relu", True),
    ("absolute", "linear", False),
]


def floats(matrix: Any) -> torch.Tensor:
    return torch.tensor([[float(cell) for cell in row] for row in matrix], dtype=torch.float64)


def written(name: str) -> dict[str, torch.Tensor]:
    """The weights of a named network."""
    network = handcalc.network(name).network
    b = torch.tensor([float(each) for each in network.b], dtype=torch.float64)
    return {"W_in": floats(network.W_in), "W_out": floats(network.W_out), "b": b}


def as_trained(spec: NetworkSpec, weights: dict[str, torch.Tensor]) -> TrainedNetwork:
    own = {name: weights[name][None] for name in spec.names}
    history = History((1,), torch.zeros(1, 1, dtype=torch.float64))
    return TrainedNetwork(spec, own, *judge(spec, own), history)


@pytest.mark.parametrize(("task", "activation", "tied"), LAYERS)
def test_slopes_are_those_of_autograd(task: str, activation: str, tied: bool) -> None:
    spec = NetworkSpec.of(4, 3, task, "1/3", "1 2 1/2 3", activation=activation, tied=tied)
    weights = TwoLayers(spec).initial(5, torch.device("cpu"))
    weights["b"] += torch.linspace(-0.2, 0.2, 20, dtype=torch.float64).reshape(5, 4)
    sampler = Sampler.of([spec.inputs], range(5), torch.device("cpu"), torch.float64)
    x = TwoLayers(spec).inputs(sampler, step=3, count=50)
    live = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    W_out = live.get("W_out", live["W_in"])
    h = torch.einsum("rnm,rnk->rmk", live["W_in"], x)
    h = torch.relu(h) if activation == "relu" else h
    y = torch.relu(torch.einsum("rnm,rmk->rnk", W_out, h) + live["b"][:, :, None])
    target = x.abs() if task == "absolute" else x
    importance = torch.tensor([1.0, 2.0, 0.5, 3.0], dtype=torch.float64)[:, None]
    expected = (importance * (target - y) ** 2).sum(1)
    expected.mean(1).sum().backward()
    loss, slopes = TwoLayers(spec).loss_and_slopes(weights, x)
    assert torch.allclose(loss, expected.detach(), atol=1e-12)
    assert torch.allclose(TwoLayers(spec).losses(weights, x), loss, atol=1e-12)
    assert set(slopes) == set(spec.names)
    for name, slope in slopes.items():
        grad = live[name].grad
        assert grad is not None
        assert torch.allclose(slope, grad, atol=1e-12), name


def test_inputs_of_the_second_task_have_either_sign() -> None:
    spec = NetworkSpec.of(2, 2, "absolute", "0 3/4")
    sampler = Sampler.of([spec.inputs], range(1), torch.device("cpu"), torch.float64)
    x = TwoLayers(spec).inputs(sampler, step=0, count=40_000)[0]
    assert x.abs().max() < 1
    one, two = x
    for value, density in ((one, 1.0), (two, 0.25)):
        on = value[value != 0]
        assert len(on) / len(value) == pytest.approx(density, abs=0.01)
        moments = [float((on**k).mean()) for k in range(1, 5)]
        assert moments == pytest.approx([0, 1 / 3, 0, 1 / 5], abs=0.02)


@pytest.mark.parametrize(("task", "activation", "tied"), LAYERS)
def test_exact_losses_are_those_on_samples(task: str, activation: str, tied: bool) -> None:
    spec = NetworkSpec.of(
        3, 3, task, "1/2", "1 2 1/2", activation=activation, tied=tied, steps=40, batch=64, seed=5
    )
    trained = torchsim.train(spec, restarts=2).trained[0]
    exact = trained.exact_loss
    assert exact is not None
    for r in range(2):
        found = handcalc.network_loss(trained.exact(r), spec.task, "1/2", spec.importance)
        near, error = float(trained.loss[r]), float(trained.standard_error[r])
        assert error < 0.02 * near
        assert abs(float(found.value) - near) < 5 * error
    assert (
        exact.value
        == handcalc.network_loss(trained.exact(), spec.task, "1/2", spec.importance).value
    )


def test_a_linear_tied_network_is_a_toy_model() -> None:
    spec = NetworkSpec.of(3, 2, "identity", "2/3", activation="linear", steps=30, batch=64)
    trained = torchsim.train(spec, restarts=2).trained[0]
    network = trained.exact()
    assert network.m == 4  # u = ReLU(u) − ReLU(−u)
    W = [row[:2] for row in network.W_in]
    toy = handcalc.expected_loss(handcalc.ToyModel(W, network.b), "2/3")
    assert trained.exact_loss is not None
    assert trained.exact_loss.value == toy.value


def test_many_features_have_no_exact_loss() -> None:
    trained = torchsim.train(NetworkSpec.of(6, 2, sparsity="1/2", steps=2, batch=8)).trained[0]
    assert trained.exact_loss is None
    assert torchsim.compare(torchsim.train(trained.model)).models[0].standard_error


def test_a_run_is_the_same_every_time_and_restarts_do_not_mix() -> None:
    spec = NetworkSpec.of(3, 4, "absolute", "1/2", steps=60, batch=64)
    few, again, more = (torchsim.train(spec, restarts=count).trained[0] for count in (2, 2, 5))
    assert torch.equal(few.W_in, again.W_in)
    assert torch.allclose(few.W_out, more.W_out[:2], atol=1e-12)
    assert not torch.allclose(few.W_in[0], few.W_in[1])
    other = NetworkSpec.of(3, 4, "absolute", "1/2", steps=60, batch=64, seed=1)
    assert not torch.allclose(few.W_in, torchsim.train(other, restarts=2).trained[0].W_in)


def test_each_matrix_begins_by_the_rule_of_xavier() -> None:
    spec = NetworkSpec.of(60, 40, "absolute", "1/2")
    weights = TwoLayers(spec).initial(8, torch.device("cpu"))
    for name in ("W_in", "W_out"):
        assert float(weights[name].std()) == pytest.approx((2 / 100) ** 0.5, rel=0.03)
    assert not weights["b"].any()
    both = torch.stack([weights["W_in"].flatten(), weights["W_out"].flatten()])
    assert abs(float(torch.corrcoef(both)[0, 1])) < 0.03


# -- what neurons hold ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "task", "held", "inhibited"),
    [
        ("one-neuron-each", "identity", ((1,), (2,)), ((), ())),
        ("shared-neuron", "identity", ((1, 3), (2, 3)), ((2,), (1,))),
        ("absolute-value", "absolute", ((1,), (1,), (2,), (2,)), ((), (), (), ())),
        (
            "asymmetric", "absolute",
            ((1, 2), (2, 3), (1, 2), (2, 3)), ((3,), (1,), (3,), (1,)),
        ),
    ],
)  # fmt: skip
def test_neurons_of_named_networks(name: str, task: str, held: Any, inhibited: Any) -> None:
    weights = written(name)
    n, m = weights["W_in"].shape
    spec = NetworkSpec.of(n, m, task, "19/20", tied=False)
    found = neurons(spec, weights)
    assert (found.held, found.inhibited) == (held, inhibited)
    assert found.is_asymmetric == (name == "asymmetric")
    scale = torch.linspace(0.2, 5, m, dtype=torch.float64)  # the same network, written otherwise
    scaled = weights | {"W_in": weights["W_in"] * scale, "W_out": weights["W_out"] / scale}
    assert neurons(spec, scaled) == found


def test_the_motif_is_told_by_its_two_pairs() -> None:
    spec = NetworkSpec.of(3, 4, "absolute", "19/20")
    weights = written("asymmetric")
    turned = weights | {"W_out": weights["W_out"].abs()}  # nothing inhibits
    assert not neurons(spec, turned).is_asymmetric


def test_neurons_with_a_feature_each_lose_what_they_leave() -> None:
    pairs = handcalc.network("absolute-value").network
    zeros = ["0"] * 4
    W_in, W_out = [*pairs.W_in, zeros], [*pairs.W_out, zeros]
    for S, mean in (("1/2", "1/4"), ("19/20", "1/40")):
        network = handcalc.ReluNetwork(W_in, W_out, b=["0", "0", mean])
        exact = handcalc.network_loss(network, "absolute", S, "3 2 1").value
        assert own_neurons_loss(NetworkSpec.of(3, 4, "absolute", S, "3 2 1")) == exact
    assert own_neurons_loss(NetworkSpec.of(3, 4, "absolute", "1/2", tied=True)) is None


# -- experiments ----------------------------------------------------------------------------------


def run_of(*trained: TrainedNetwork) -> NetworkRun:
    models = tuple(each.model for each in trained)
    return NetworkRun(NetworkTraining(models, restarts=1), trained, 0.0, "cpu")


def claim(name: str, *trained: TrainedNetwork) -> bool:
    return bool(preset(name).claim.holds(run_of(*trained)))


def test_the_claim_of_computation_on_weights_by_hand() -> None:
    dense, sparse = (NetworkSpec.of(3, 4, "absolute", S) for S in ("1/2", "19/20"))
    pairs, motif = written("absolute-value"), written("asymmetric")
    none = torch.zeros(1, 4, dtype=torch.float64)
    wide = {name: torch.cat([pairs[name], none]) for name in ("W_in", "W_out")}
    wide["b"] = torch.tensor([0.0, 0.0, 0.25], dtype=torch.float64)
    assert claim("computation", as_trained(dense, wide), as_trained(sparse, motif))
    assert not claim("computation", as_trained(dense, motif), as_trained(sparse, motif))
    assert not claim("computation", as_trained(dense, wide), as_trained(sparse, wide))


def test_the_claim_of_a_privileged_basis_on_weights_by_hand() -> None:
    dense, sparse = (NetworkSpec.of(10, 5, "identity", S) for S in ("1/2", "19/20"))
    b = torch.zeros(10, dtype=torch.float64)
    alone = torch.cat([torch.eye(5, dtype=torch.float64), torch.zeros(5, 5, dtype=torch.float64)])
    both = torch.cat([torch.eye(5, dtype=torch.float64)] * 2)
    own, shared = {"W_in": alone, "b": b}, {"W_in": both, "b": b}
    assert claim("privileged-basis", as_trained(dense, own), as_trained(sparse, shared))
    assert not claim("privileged-basis", as_trained(dense, shared), as_trained(sparse, shared))
    assert not claim("privileged-basis", as_trained(dense, own), as_trained(sparse, own))
    doubled = {"W_in": alone.roll(0, 1), "b": b}
    doubled["W_in"] = torch.cat([alone[:1].expand(1, 5), torch.zeros(9, 5)]).double()
    doubled["W_in"][0] = 1  # five neurons with the same feature
    assert not claim("privileged-basis", as_trained(dense, doubled))


def test_the_claim_of_many_neurons_on_weights_by_hand() -> None:
    dense, sparse = (NetworkSpec.of(100, 40, "absolute", S) for S in ("0", "9/10"))
    pairs = torch.zeros(100, 40, dtype=torch.float64)
    for i in range(20):
        pairs[i, 2 * i], pairs[i, 2 * i + 1] = 1, -1
    b = torch.zeros(100, dtype=torch.float64)
    own = {"W_in": pairs, "W_out": pairs.abs(), "b": b}
    more = pairs + pairs.roll(20, 0)
    shared = {"W_in": more, "W_out": more.abs(), "b": b}
    assert claim("computation-large", as_trained(dense, own), as_trained(sparse, shared))
    assert not claim("computation-large", as_trained(dense, shared))
    assert not claim("computation-large", as_trained(sparse, own))


def test_the_claim_of_untied_decoders_on_weights_by_hand() -> None:
    tied, untied = (
        NetworkSpec.of(3, 2, "identity", "1/2", activation="linear", tied=each)
        for each in (True, False)
    )
    W = torch.tensor([[1.0, 0], [0, 1], [0, 0]], dtype=torch.float64)
    b = torch.tensor([0, 0, 0.25], dtype=torch.float64)
    same = {"W_in": W, "W_out": W, "b": b}
    worse = {"W_in": W, "b": torch.zeros(3, dtype=torch.float64)}
    assert claim("untied", as_trained(tied, worse), as_trained(untied, same))
    assert not claim("untied", as_trained(tied, same), as_trained(untied, same))


@pytest.mark.parametrize("name", ["privileged-basis", "computation", "untied"])
def test_a_small_run_bears_its_claim_out(name: str) -> None:
    known = preset(name)
    assert known.claim.holds(torchsim.train(known, small=True))


# -- what is refused, and shown -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"task": "square"}, "task", 'The task is "identity"'),
        ({"activation": "softmax"}, "activation", 'The activation is "relu", "linear" or an'),
        ({"neurons": 0}, "neurons", "neurons is from 1 to 1,024, not 0"),
        ({"features": 2000}, "features", "features is from 1 to 1,024"),
        ({"features": 2.5}, "features", "whole number"),
        ({"tied": 1}, "tied", "tied= is True or False, not 1"),
        ({"rate": 0}, "rate", "The rate is above 0"),
        ({"rate": True}, "rate", "The rate is above 0"),
        ({"steps": 0}, "steps", "steps is from 1"),
        ({"batch": 10**9}, "batch", "batch is from 1"),
        ({"seed": -1}, "seed", "seed"),
        ({"sparsity": "2"}, "sparsity", "A sparsity is a probability"),
        ({"importance": "-1"}, "importance", "mportance"),
        ({"importance": "1 2"}, "wrong_shape", "mportance"),
    ],
)
def test_what_is_no_configuration(more: dict[str, Any], code: str, said: str) -> None:
    given: dict[str, Any] = {"features": 3, "neurons": 2, "sparsity": "1/2"} | more
    with pytest.raises(InputError, match=said) as caught:
        NetworkSpec.of(**given)
    assert caught.value.code == code


def test_what_is_no_training() -> None:
    spec = NetworkSpec.of(3, 2, sparsity="1/2", steps=2, batch=8)
    with pytest.raises(InputError, match="tuple of NetworkSpec") as caught:
        NetworkTraining([spec])  # type: ignore[arg-type]  # what is refused
    assert caught.value.code == "models"
    wide = NetworkSpec.of(1024, 1024, sparsity="1/2")
    with pytest.raises(InputError, match="Model 1 is too large: a step of all restarts") as caught:
        NetworkTraining((wide,), restarts=1000)
    assert caught.value.code == "size"
    with pytest.raises(InputError, match="a NetworkSpec has its own: NetworkSpec") as caught:
        torchsim.train(spec, steps=3)
    assert caught.value.code == "ignored"
    with pytest.raises(InputError, match="Restarts count from 0 to 1") as caught:
        torchsim.train(spec, restarts=2).trained[0].exact(2)
    assert caught.value.code == "restart"


def test_a_training_that_diverges_says_so() -> None:
    spec = NetworkSpec.of(2, 2, "absolute", 0, f"{10**200} 1", steps=40, batch=8, rate=1.0)
    with pytest.raises(InputError, match="model 1, restart 1 became infinite or NaN") as caught:
        torchsim.train(spec, restarts=1)
    assert caught.value.code == "diverged"


def test_runs_show_themselves() -> None:
    run = torchsim.train(NetworkSpec.of(2, 3, "absolute", "1/2", steps=40, batch=64), restarts=3)
    [trained] = run.trained
    page, markdown = str(trained), trained._repr_markdown_()
    for told in ("A trained network with neurons, the best of 3 restarts", "In fractions it loses"):
        assert told in page
        assert told in markdown
    assert "holds" in page
    assert len(trained.to_frame()) == 3
    assert repr(trained).startswith("<TrainedNetwork: absolute, 2 features, 3 ReLU neurons")
    assert "seconds" in repr(run)
    found = torchsim.compare(run)
    assert "neurons with one feature each" in str(found.models[0])
    assert found.columns()["exact"] == [True]
    linear = torchsim.train(
        NetworkSpec.of(2, 1, sparsity="1/2", activation="linear", steps=3, batch=8), restarts=1
    )
    assert linear.trained[0].neurons() is None
    assert linear.columns()["shared"] == [None]
    assert "holds" not in str(linear)
