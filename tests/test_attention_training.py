"""Training attention-only models: the same twice, stopped or not, and to what the presets claim."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import pytest
import torch

import torchsim
from handcalc.circuits.corpus import best_bigrams
from handcalc.circuits.skip_trigram_bug import bug_price
from handcalc.cli.names import ATTENTION_PRESETS
from handcalc.errors import InputError
from tests.attention_runs import CHAIN, MODELS, SPEC, made_up, same_result, tensors_of
from tests.sim_devices import CUDA
from torchsim.attention.data import Contexts
from torchsim.attention.run import AttentionRun
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.attention.training import estimate, train
from torchsim.comparison.attention import pays_for_bug
from torchsim.presets import AttentionPreset, preset
from torchsim.training.checkpoint import State, TrainingProgress

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


class Memory:
    """Keeps the last state, as a copy."""

    def __init__(self) -> None:
        self.state: State | None = None

    def load(self) -> State | None:
        return self.state

    def save(self, state: State) -> None:
        tensors = {name: tensor.detach().clone() for name, tensor in state.tensors.items()}
        self.state = replace(state, tensors=tensors)

    def due(self) -> bool:
        return False


# -- the same twice -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unbroken() -> AttentionRun:
    return train(SPEC)


def test_the_same_twice_with_any_number_of_threads(unbroken: AttentionRun) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert same_result(train(SPEC), unbroken)
        assert torch.get_num_threads() == 3, "what was set before is set again"
    finally:
        torch.set_num_threads(before)
    assert not same_result(train(replace(SPEC, models=(replace(CHAIN, seed=1),))), unbroken)


@pytest.mark.parametrize("stop", range(0, 24, 3))
def test_a_stop_anywhere_changes_nothing(stop: int, unbroken: AttentionRun) -> None:
    keeping, asked = Memory(), 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > stop

    with pytest.raises(KeyboardInterrupt, match="stopped"):
        train(SPEC, keeping=keeping, should_stop=should_stop)
    heard: list[TrainingProgress] = []
    assert same_result(train(SPEC, keeping=keeping, on_progress=heard.append), unbroken)
    total = sum(model.steps for model in MODELS)
    assert {each.total for each in heard} <= {total}
    assert not heard or heard[-1].done == total


def test_a_restart_does_not_depend_on_the_others() -> None:
    alone = train(replace(SPEC, restarts=1, dtype="float64"))
    three = train(replace(SPEC, dtype="float64"))
    for one, many in zip(alone.trained, three.trained, strict=True):
        for a, b in zip(one.weights.named().values(), many.weights.named().values(), strict=True):
            assert torch.allclose(a[0], b[0], atol=1e-9)  # but for rounding
        assert not torch.allclose(many.weights.W_E[0], many.weights.W_E[1])


@CUDA
def test_a_gpu_comes_to_the_same_but_for_rounding() -> None:
    spec = replace(SPEC, dtype="float64")
    there, here = tensors_of(train(replace(spec, device="cuda"))), tensors_of(train(spec))
    for name, tensor in here.items():
        assert torch.allclose(there[name], tensor, atol=1e-6), name
    assert train(replace(spec, device="cuda")).device == torch.cuda.get_device_name()


@CUDA
def test_a_gpu_comes_to_the_same_twice() -> None:
    spec = replace(SPEC, device="cuda")
    assert same_result(train(spec), train(spec))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there() -> None:
    for work in (train, estimate):
        with pytest.raises(InputError, match="no CUDA device here that torch can use") as caught:
            work(replace(SPEC, device="cuda"))
        assert caught.value.code == "device"


# -- how it goes ----------------------------------------------------------------------------------


def test_a_single_step_is_adamws() -> None:
    """From gradients of the starting weights, by the formula: worked with what torch has not."""
    data = Contexts.of("a b", {"a": {"a": 3, "b": 1}})
    model = AttentionSpec(
        data, layers=0, d_model=1, positions=False, steps=1, warm_up=2, decay=0.1, rate=0.02
    )
    start = torchsim.train(replace(model, rate=1e-30), restarts=1).trained[0].weights
    trained = torchsim.train(model, restarts=1).trained[0].weights
    e, u = float(start.W_E[0, 0, 0]), start.W_U[0, 0].tolist()
    p = 1 / (1 + 2.718281828459045 ** (e * (u[1] - u[0])))
    slopes = {"e": (p - 0.75) * (u[0] - u[1]), "u0": (p - 0.75) * e, "u1": (0.75 - p) * e}
    rate = 0.02 / 2  # the first of two steps of warm-up
    for before, after, slope in (
        (e, float(trained.W_E[0, 0, 0]), slopes["e"]),
        (u[0], float(trained.W_U[0, 0, 0]), slopes["u0"]),
        (u[1], float(trained.W_U[0, 0, 1]), slopes["u1"]),
    ):
        # both moments are corrected for their start, so that their ratio is the sign
        expected = before * (1 - rate * 0.1) - rate * slope / (abs(slope) + 1e-8)
        assert after == pytest.approx(expected, abs=1e-6)


def test_records_on_the_way() -> None:
    run = train(AttentionTraining((replace(CHAIN, steps=120),), restarts=2))
    history = run.trained[0].history
    assert history.steps == (*range(3, 121, 3),)
    assert history.losses.shape == (40, 2)
    assert history.induction is not None
    assert history.induction.shape == (40, 2, 2, 2)
    assert float(history.losses[0].mean()) == pytest.approx(log(5), abs=0.6)
    assert float(history.losses[-1].mean()) < float(history.losses[0].mean())


def test_a_rate_that_is_too_high_is_told() -> None:
    model = replace(CHAIN, rate=1e30, clip=None, warm_up=0, steps=60)
    with pytest.raises(InputError, match=r"model 2, restart \d became infinite.* to 1e\+29") as e:
        train(AttentionTraining((replace(CHAIN, steps=1), model), restarts=2))
    assert e.value.code == "diverged"


# -- what torchsim.train takes --------------------------------------------------------------------


def test_what_is_trained() -> None:
    assert torchsim.train(CHAIN).spec == AttentionTraining((CHAIN,), restarts=4)
    assert torchsim.train([CHAIN, CHAIN], restarts=1).spec == AttentionTraining((CHAIN,) * 2, 1)
    assert torchsim.train(SPEC).spec == SPEC
    two = torchsim.train([SPEC, replace(SPEC, restarts=1)])
    assert [run.spec.restarts for run in two] == [3, 1]
    run = torchsim.train("bigrams", small=True, restarts=1, steps=2, seed=5)
    assert {(model.steps, model.seed) for model in run.spec.models} == {(2, 5)}


@pytest.mark.parametrize(
    ("asked", "chosen", "code", "said"),
    [
        (CHAIN, {"trainer": "exact"}, "ignored", "trainer='exact' makes no difference"),
        (CHAIN, {"steps": 5}, "ignored", "steps=5 makes no difference.*AttentionSpec"),
        (CHAIN, {"small": True}, "ignored", "it is for presets"),
        (CHAIN, {"seed": 3}, "ignored", "seed=3 makes no difference"),
        (SPEC, {"restarts": 2}, "ignored", "an AttentionTraining says itself"),
        ([CHAIN, torchsim.ModelSpec.of(2, 1, "1/2")], {}, "models", "this list has both"),
        ([CHAIN, "bigrams"], {}, "models", "this list has both"),
        ("bigrams", {"trainer": "sampled"}, "trainer", "bigrams has one of its own"),
        ("induktion", {}, "unknown_preset", "There is no preset 'induktion'"),
    ],
)
def test_what_is_refused(asked: Any, chosen: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        torchsim.train(asked, **chosen)
    assert caught.value.code == code


# -- what the presets claim -----------------------------------------------------------------------


def known(name: str) -> AttentionPreset:
    found = preset(name)
    assert isinstance(found, AttentionPreset)
    return found


@pytest.mark.parametrize("name", ATTENTION_PRESETS)
def test_the_small_size_bears_the_claim_out(name: str) -> None:
    run = torchsim.train(known(name).spec(small=True))
    assert known(name).claim.holds(run)
    stopped = torchsim.train(known(name).spec(small=True, steps=3))
    assert not known(name).claim.holds(stopped), "a claim that any run bears out says nothing"


@pytest.mark.parametrize("name", ATTENTION_PRESETS)
def test_the_small_one_asks_the_same_questions(name: str) -> None:
    full, small = known(name).full, known(name).small
    assert small.restarts <= full.restarts
    for models in (full.models(3), small.models(3)):
        assert {model.seed for model in models} == {3}
    depths = [{model.layers for model in extent.models(0)} for extent in (full, small)]
    assert depths[0] == depths[1]


def test_the_price_of_the_bug_is_the_least_that_can_be() -> None:
    """The infimum by another way: a scan over what the one head can still choose."""
    price = bug_price().price.to_float()
    assert price == pytest.approx(0.4544543674)
    best = min(
        # "in" is served to the end, and at σ(u) = s the two of "at" share: see docs/training.md
        (-1.5 * log(s / 1000) - 0.5 * log(1 - s / 1000) + log(2)) / 4
        for s in range(1, 1000)
    )
    assert best == pytest.approx(price, abs=1e-9)
    assert f" = {price:.5f}, the price that is proved" in known("skip-trigrams").claim.sentence


@pytest.mark.parametrize("raised", [None, 0, 1, 2, 3])
def test_the_claim_on_the_bug_sees_whoever_loses_more(raised: int | None) -> None:
    """The price of the one model that the proof is about, and of the others the entropy."""
    run = made_up(AttentionTraining(known("skip-trigrams").full.models(0), restarts=2))
    assert [pays_for_bug(each.model) for each in run.trained] == [False, True, False, False]
    price = bug_price().price.to_float()
    losses = [
        (price if pays_for_bug(each.model) else float(each.entropy or 0)) + 0.01 * (k == raised)
        for k, each in enumerate(run.trained)
    ]
    trained = [
        replace(each, loss=torch.full((2,), loss))
        for each, loss in zip(run.trained, losses, strict=True)
    ]
    claim = known("skip-trigrams").claim
    assert claim.holds(replace(run, trained=tuple(trained))) == (raised is None)


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTENTION_PRESETS)
def test_the_full_size_bears_the_claim_out(name: str) -> None:
    assert known(name).claim.holds(torchsim.train(known(name).spec()))


@pytest.mark.slow
def test_widths_below_lose_what_the_reference_says() -> None:
    """V = 4: a rank-one table is found to 1e-5 with d_model 1, though V − 1 is 3."""
    table = [[1, 2, 4], [2, 2, 2], [4, 2, 1]]
    assert best_bigrams(table).dimensions == 1
    model = replace(known("bigrams").spec().models[0], data=Contexts.bigrams(table), d_model=1)
    trained = torchsim.train(model).trained[0]
    assert float(trained.loss.min()) == pytest.approx(float(trained.entropy or 0), abs=1e-5)
