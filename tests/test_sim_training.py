"""The door ``train``: runs of several groups, kept, stopped and gone on with; an estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

import pytest
import torch

from handcalc import InputError
from tests.sim_devices import DEVICES
from torchsim import ModelSpec, Trained, TrainingRun, TrainingSpec, training
from torchsim.specification import Device
from torchsim.training import estimate, train
from torchsim.training.checkpoint import State, TrainingProgress

PAIR = ModelSpec.of(2, 1, "1/2")
MODELS = (PAIR, ModelSpec.of(3, 2, "9/10"), ModelSpec.of(2, 1, "0", activation="linear"))
SAMPLED = TrainingSpec(
    MODELS, "sampled", restarts=2, steps=30, batch=16, rate=0.01, schedule="cosine"
)
EXACT = TrainingSpec(MODELS, restarts=3)
SPECS = pytest.mark.parametrize("spec", [SAMPLED, EXACT], ids=["sampled", "exact"])


@dataclass
class InMemory:
    """Keeps copies of states; one is due at every offer."""

    states: list[State] = field(default_factory=list)

    def load(self) -> State | None:
        return self.states[-1] if self.states else None

    def save(self, state: State) -> None:
        tensors = {name: tensor.detach().clone() for name, tensor in state.tensors.items()}
        self.states.append(replace(state, tensors=tensors))

    def due(self) -> bool:
        return True


class Never(InMemory):
    """Nothing is due: only a stop keeps a state."""

    def due(self) -> bool:
        return False


def after(questions: int) -> Callable[[], bool]:
    """True once, the time after so many questions: a yes has to stand by itself."""
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == questions + 1

    return should_stop


def assert_same(run: TrainingRun, other: TrainingRun) -> None:
    """Every number, bit for bit; how long it took may differ."""
    assert (run.spec, run.device) == (other.spec, other.device)
    for ours, theirs in zip(run.trained, other.trained, strict=True):
        assert ours.model == theirs.model
        assert ours.history.steps == theirs.history.steps
        for a, b in zip(tensors(ours), tensors(theirs), strict=True):
            assert torch.equal(a, b)


def tensors(trained: Trained) -> list[torch.Tensor]:
    named = [trained.W, trained.b, trained.sampled_loss, trained.standard_error]
    exact = [] if trained.exact_loss is None else [trained.exact_loss]
    return [*named, *exact, trained.history.losses]


@SPECS
@pytest.mark.parametrize("device", DEVICES)
def test_the_same_twice_and_in_the_order_of_the_models(spec: TrainingSpec, device: Device) -> None:
    spec = replace(spec, device=device, kernel=None)
    run = train(spec)
    assert_same(run, train(spec))
    assert [trained.model for trained in run.trained] == list(MODELS)
    for model, trained in zip(MODELS, run.trained, strict=True):
        assert trained.W.shape == (spec.restarts, model.features, model.hidden)
        assert trained.b.shape == (spec.restarts, model.features)
        assert trained.history.losses.shape == (len(trained.history.steps), spec.restarts)
        assert {tensor.device.type for tensor in tensors(trained)} == {"cpu"}
        z = (trained.sampled_loss - trained.loss) / trained.standard_error
        assert z.abs().max() < 5
    assert run.wall_seconds > 0
    assert run.device == run.device.strip() != ""


def test_the_exact_trainer_finds_the_antipodal_pair() -> None:
    trained = train(TrainingSpec((PAIR,), restarts=8)).trained[0]
    assert float(trained.loss.min()) == pytest.approx(0.0762824470, abs=1e-9)
    assert float(trained.W[trained.best].prod()) < 0


@SPECS
def test_going_on_from_every_state_gives_the_unbroken_run(spec: TrainingSpec) -> None:
    """Three models in two groups: states from the middle of each, and at their ends."""
    keeping = InMemory()
    unbroken = train(spec, keeping=keeping)
    groups = [state.group for state in keeping.states]
    assert sorted(set(groups)) == [0, 1]
    assert groups == sorted(groups)
    chosen = keeping.states if len(keeping.states) < 8 else keeping.states[::7]
    for state in chosen:
        assert_same(train(spec, keeping=InMemory([state])), unbroken)


@SPECS
@pytest.mark.parametrize("count", [0, 3, 40])
def test_a_stop_keeps_the_last_state(spec: TrainingSpec, count: int) -> None:
    keeping = Never()
    with pytest.raises(KeyboardInterrupt, match=r"stopped after \d+ of \d+ (steps|descents)"):
        train(spec, keeping=keeping, should_stop=after(count))
    [state] = keeping.states
    if spec.trainer == "sampled":
        assert (state.group, state.step) == divmod(count, 30)
    assert_same(train(spec, keeping=keeping), train(spec))


@pytest.mark.parametrize("count", [3, 34])
def test_a_stop_soon_after_going_on_loses_nothing(count: int) -> None:
    """Within the first group and the second: the state that was taken up is kept again."""
    first = Never()
    with pytest.raises(KeyboardInterrupt, match="stopped after"):
        train(SAMPLED, keeping=first, should_stop=after(count))
    again = Never(list(first.states))
    with pytest.raises(KeyboardInterrupt, match="stopped after"):
        train(SAMPLED, keeping=again, should_stop=lambda: True)
    before, kept = first.states[-1], again.states[-1]
    assert (kept.group, kept.step) == (before.group, before.step) == divmod(count, 30)
    assert kept.tensors.keys() == before.tensors.keys()
    assert_same(train(SAMPLED, keeping=Never(again.states)), train(SAMPLED))


def test_a_stop_without_a_keeper() -> None:
    with pytest.raises(KeyboardInterrupt, match="after 3 of 30 steps"):
        train(SAMPLED, should_stop=after(3))


@SPECS
def test_a_stop_after_the_last_step_is_heard_too(spec: TrainingSpec) -> None:
    keeping, done = Never(), []
    with pytest.raises(KeyboardInterrupt, match="stopped before all models were judged"):
        train(
            spec,
            keeping=keeping,
            on_progress=lambda progress: done.append(progress.part),
            should_stop=lambda: bool(done) and done[-1] == 1,
        )
    assert len(keeping.states) == 1
    assert_same(train(spec, keeping=keeping), train(spec))


def test_time_before_a_stop_counts() -> None:
    keeping = Never()
    with pytest.raises(KeyboardInterrupt, match="after 5 of 30 steps"):
        train(SAMPLED, keeping=keeping, should_stop=after(5))
    [state] = keeping.states
    long = replace(state, numbers={**state.numbers, "seconds": 1000.0})
    assert train(SAMPLED, keeping=InMemory([long])).wall_seconds > 1000


@SPECS
def test_progress_counts_up_to_all_there_is(spec: TrainingSpec) -> None:
    keeping = InMemory()
    total = 60 if spec.trainer == "sampled" else 9
    whole: list[TrainingProgress] = []
    train(spec, on_progress=whole.append, keeping=keeping)
    assert whole[-1] == TrainingProgress(total, total)
    assert all(a.done <= b.done for a, b in pairwise(whole))

    state = keeping.states[-2 if spec.trainer == "exact" else 40]
    rest: list[TrainingProgress] = []
    train(spec, on_progress=rest.append, keeping=InMemory([state]))
    assert 0 < rest[0].done < total
    assert rest[-1] == TrainingProgress(total, total)


def test_a_model_that_diverges_is_named_by_its_place_in_the_run() -> None:
    spec = replace(SAMPLED, models=(MODELS[1],), rate=1e6, steps=100)
    with pytest.raises(InputError, match=r"model 1, restart \d became infinite or NaN by step \d+"):
        train(spec)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("door", [train, estimate])
def test_a_device_that_is_not_there(door: Callable[[TrainingSpec], object]) -> None:
    with pytest.raises(InputError, match=r'no CUDA device here .* the device "cpu"') as caught:
        door(replace(SAMPLED, device="cuda", kernel=None))
    assert (caught.value.code, caught.value.suggestion) == ("device", "cpu")


@SPECS
@pytest.mark.parametrize("device", DEVICES)
def test_an_estimate_is_positive_and_leaves_no_trace(spec: TrainingSpec, device: Device) -> None:
    spec = replace(spec, device=device, kernel=None)
    before = train(spec)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    assert 0 < estimate(spec) < 3600
    assert torch.equal(torch.rand(3), expected)  # torch's own generator is left alone
    assert_same(train(spec), before)


def test_an_estimate_goes_with_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on by 1/128 of a second whenever it is looked at."""
    ticks = count()
    monkeypatch.setattr(training, "perf_counter", lambda: next(ticks) / 128)
    some, more = (replace(SAMPLED, steps=steps) for steps in (1000, 3000))
    judging = 3 / 128  # of three models
    assert estimate(more) - judging == pytest.approx(3 * (estimate(some) - judging))
    two, three = (replace(EXACT, models=MODELS[:k]) for k in (2, 3))  # in two groups, and a chunk
    assert estimate(three) == pytest.approx(3 / 2 * estimate(two))  # more for a linear model
