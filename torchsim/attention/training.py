"""Training attention-only models: AdamW on fresh sequences, all restarts of a model together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import nan

import torch
from torch import Tensor

from torchsim.attention.batches import Batch, SequenceSampler
from torchsim.attention.data import Contexts
from torchsim.attention.model import initial, losses, run_model, unpacked
from torchsim.attention.run import AttentionHistory, AttentionRun, TrainedAttention
from torchsim.attention.scores import Scores, scores
from torchsim.attention.specification import (
    AttentionSpec,
    AttentionTraining,
    numbers_a_sequence,
)
from torchsim.training.checkpoint import Checkpointer, State, TrainingProgress, zero_moments
from torchsim.training.devices import device_name
from torchsim.training.each_model import seconds_of_each, train_each
from torchsim.training.loop import Result

_RECORDS = 50  # about so many losses and scores are kept of each restart
_WATCHED = 64  # sequences that the scores on the way are worked on, or a batch of fewer
_JUDGED = 1024  # sequences that a model is judged by, where they fit
_FITTING = 1 << 26  # so many numbers are made of them at most


def train(
    spec: AttentionTraining,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> AttentionRun:
    """All restarts of all models of a specification, trained and judged.

    Goes on from the state that ``keeping`` has, if any, bit for bit as without the stop. Once
    ``should_stop`` is true the last state is kept and KeyboardInterrupt raised. Errors: ``device``,
    ``diverged`` where all restarts of all models did, those of ``keeping``.

    >>> coin = Contexts.of("a b", {"a": {"a": 3, "b": 1}})
    >>> model = AttentionSpec(coin, layers=0, d_model=1, steps=300, rate=0.05, positions=False)
    >>> run = train(AttentionTraining((model,), restarts=2))
    >>> round(float(run.trained[0].loss.min()), 3), round(float(coin.entropy), 3)
    (0.562, 0.562)
    """
    trained, seconds = train_each(
        spec, AttentionDescent, _judged, on_progress, keeping, should_stop
    )
    return AttentionRun(spec, trained, seconds, device_name(spec.device))


def estimate(spec: AttentionTraining) -> float:
    """About how many seconds ``train`` takes, from some steps of each model. Errors: ``device``.

    >>> coin = Contexts.of("a b", {"a": {"a": 3, "b": 1}})
    >>> estimate(AttentionTraining((AttentionSpec(coin, layers=0, d_model=1),))) > 0
    True
    """
    return seconds_of_each(spec, AttentionDescent)


class AttentionDescent:
    """All restarts of a model on their way down: numbers, moments of AdamW, records so far.

    ``numbers`` (restarts, all numbers of a model) are its matrices one after the other. A restart's
    gradient is that of its own loss, and cut to the length ``clip`` by itself.
    """

    def __init__(self, spec: AttentionTraining, number: int) -> None:
        self.spec, self.number, self.step = spec, number, 0
        self.model = model = spec.models[number]
        device, dtype = torch.device(spec.device), getattr(torch, spec.dtype)
        self.numbers = initial(model, range(spec.restarts)).to(device, dtype).requires_grad_()
        self.optimiser = _optimiser(model, self.numbers)
        self.sampler = SequenceSampler.of(
            model.data, model.seed, range(spec.restarts), device, dtype
        )
        self.interval = -(-model.steps // _RECORDS)
        records = -(-model.steps // self.interval)
        heads = (model.layers, model.heads)
        self.losses = torch.zeros(records, spec.restarts, dtype=torch.float64)
        self.induction = torch.zeros(records, spec.restarts, *heads, dtype=torch.float64)
        self.previous = torch.zeros_like(self.induction)
        self.total = torch.zeros(spec.restarts, device=device, dtype=torch.float64)
        self._is_lost = False  # all restarts were given up at some record
        self._fixed = (
            self.sampler.batch(0, model.batch) if isinstance(model.data, Contexts) else None
        )

    def advance(self) -> int:
        """One step of every restart, or up to the next record where all of them diverged."""
        model = self.model
        if self._is_lost:
            taken = min(self.interval - self.step % self.interval, model.steps - self.step)
            self.step += taken
            self._record()
            return taken
        batch = self._fixed or self.sampler.batch(self.step, model.batch)
        logits, _ = run_model(model, unpacked(model, self.numbers), batch.tokens)
        found = losses(logits, batch)
        # the sum of all losses, as no restart's depends on another's numbers
        (slopes,) = torch.autograd.grad(found.sum(), [self.numbers])
        if model.clip is not None:
            lengths = torch.linalg.vector_norm(slopes, dim=1, keepdim=True)
            slopes = slopes * (model.clip / (lengths + 1e-6)).clamp(max=1)
        self.numbers.grad = slopes
        self.optimiser.param_groups[0]["lr"] = model.rate_at(self.step)
        self.optimiser.step()
        self.total += found.detach()
        self.step += 1
        if self.step % self.interval == 0 or self.step == model.steps:
            self._record()
        return 1

    @torch.no_grad()
    def _record(self) -> None:
        """Keep the mean loss since the last record and the scores now; give up what is infinite."""
        row = (self.step - 1) // self.interval
        self.losses[row] = self.total.cpu() / (self.step - row * self.interval)
        self.total.zero_()
        bad = ~torch.isfinite(self.losses[row])
        bad |= ~torch.isfinite(self.numbers).all(1).cpu()
        # a NaN in the weights is in every number of this restart from now on, and in no other's
        self.losses[row, bad] = nan
        self.numbers[bad.to(self.numbers.device)] = nan
        self._is_lost = bool(bad.all())
        if self.model.is_scored:
            batch = self.sampler.batch(0, min(_WATCHED, self.model.batch), unseen=True)
            weights = unpacked(self.model, self.numbers)
            found = _scores(self.model, run_model(self.model, weights, batch.tokens)[1], batch)
            self.induction[row], self.previous[row] = found.induction, found.previous

    def _kept(self) -> dict[str, Tensor]:
        """The live tensors that make up the state, by name."""
        names = ("numbers", "losses", "induction", "previous", "total")
        own = {name: getattr(self, name) for name in names}
        return {**own, **self.optimiser.state[self.numbers]}

    def state(self) -> State:
        """What ``restore`` goes on from; it holds the live tensors."""
        return State(group=0, step=self.step, tensors=self._kept())

    @torch.no_grad()
    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same model of the same specification."""
        state.copy_to(self._kept())
        self.step = state.step
        self._is_lost = bool(self.numbers.isnan().all())

    def result(self) -> Result:
        """The numbers, the losses and the scores on the way."""
        names = ("numbers", "losses", "induction", "previous")
        records = range(1, len(self.losses) + 1)
        steps = tuple(min(k * self.interval, self.model.steps) for k in records)
        return Result({name: getattr(self, name).detach().clone() for name in names}, steps)


def _optimiser(model: AttentionSpec, numbers: Tensor) -> torch.optim.Optimizer:
    """AdamW with its moments at 0. Not fused on a CPU, as for the toy models."""
    fused = numbers.is_cuda
    optimiser = torch.optim.AdamW(
        [numbers],
        lr=model.rate,
        betas=model.betas,
        weight_decay=model.decay,
        foreach=False,
        fused=fused,
    )
    optimiser.state[numbers] = zero_moments(numbers, fused)
    return optimiser


# --------------------------------------------------------------------------------------------------
# What a model came to, on sequences that training did not see.


@torch.no_grad()
def _judged(spec: AttentionTraining, model: AttentionSpec, result: Result) -> TrainedAttention:
    """A model's restarts with their losses and scores, all on the CPU."""
    device, dtype = torch.device(spec.device), getattr(torch, spec.dtype)
    sampler = SequenceSampler.of(model.data, model.seed, range(spec.restarts), device, dtype)
    numbers = result.tensors["numbers"].to(device)
    count = max(1, min(_JUDGED, _FITTING // numbers_a_sequence(model)))
    batch = sampler.batch(0, count, unseen=True)
    rows, found = [], []
    for i in range(spec.restarts):  # one at a time, as it takes memory
        logits, patterns = run_model(model, unpacked(model, numbers[i : i + 1]), batch.tokens)
        rows.append(_judgement(logits, batch))
        if model.is_scored:
            found.append(_scores(model, patterns, batch))
    loss, error, right = torch.stack(rows, 1).cpu()
    if isinstance(model.data, Contexts):
        error = torch.zeros_like(loss)
    both = ("induction", "previous")
    on_the_way = [result.tensors[name] if model.is_scored else None for name in both]
    history = AttentionHistory(result.steps, result.tensors["losses"], *on_the_way)
    together = _together(found) if found else None
    weights = unpacked(model, numbers.cpu())
    return TrainedAttention(model, weights, loss, error, right, together, history)


def _judgement(logits: Tensor, batch: Batch) -> Tensor:
    """The loss, its standard error, and how often the likeliest token comes next."""
    each = -(batch.targets * logits.log_softmax(-1)).sum((0, 2, 3), dtype=torch.float64)
    likeliest = logits.argmax(-1, keepdim=True)
    right = batch.targets.gather(-1, likeliest).sum(dtype=torch.float64)
    right = right / batch.targets.sum(dtype=torch.float64)
    return torch.stack((each.sum(), each.std(correction=0) * len(each) ** 0.5, right))


def _scores(model: AttentionSpec, patterns: list[Tensor], batch: Batch) -> Scores:
    """The scores on unseen sequences, on the CPU."""
    found = scores(patterns, batch.tokens[0], self_attention=model.self_attention)
    return replace(found, induction=found.induction.cpu(), previous=found.previous.cpu())


def _together(found: list[Scores]) -> Scores:
    """The scores of several restarts; their chances are those of the same sequences."""
    induction = torch.cat([each.induction for each in found])
    return replace(found[0], induction=induction, previous=torch.cat([f.previous for f in found]))
