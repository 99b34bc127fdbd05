"""``train``: a specification in, a record out. Nothing is printed, and only a keeper writes files.

The groups of a specification are trained one after the other; then every model is judged by its
exact loss, where that can be worked out, and on samples that training did not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import inf, nan
from statistics import median
from time import perf_counter

import torch
from torch import Tensor

from torchsim.restarts import diverged_steps
from torchsim.run import History, Trained, TrainingRun
from torchsim.sampling import initial
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training import exact, sampled
from torchsim.training.checkpoint import Checkpointer, State, TrainingProgress
from torchsim.training.descent import MEASURES, Descent
from torchsim.training.devices import check_device, device_name
from torchsim.training.divergence import refuse_nothing_left
from torchsim.training.loop import Descending, Offer, Result, TrainingLoop
from torchsim.training.losses import exact_losses, sampled_losses
from torchsim.training.probes import Probe, ProbedDescent, check_probe
from torchsim.training.starts import StartWeights, check_start

_JUDGING, _CHECKING = 1 << 16, 1 << 14  # samples without, and beside, an exact loss
_LOOK = 0.5  # seconds that an estimate may take, and a little more
_EVALUATIONS = 85  # of a chunk of descents, as if all took as many; between 40 and 180 were seen

TRAINERS: dict[str, Callable[..., list[tuple[Tensor, Tensor, History]]]] = {
    "sampled": sampled.train_group,
    "exact": exact.train_group,
}
"""What trains one group, by the name of the trainer; all are given the same."""


def train(
    spec: TrainingSpec,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
    probe: Probe | None = None,
    start: StartWeights | None = None,
) -> TrainingRun:
    """All restarts of all models of a specification, trained and judged.

    Goes on from the state that ``keeping`` has, if any; what comes of it is the same, bit for bit,
    as without the stop. ``should_stop`` is asked at every step (on samples) or evaluation (of the
    exact loss): once it is true, the last state is kept and KeyboardInterrupt raised. ``probe`` is
    shown the weights at every record of a run on samples; once it says True, the models it was
    shown stay as they are, and the last state that is kept is the one they then have. ``start`` is
    where to begin, in place of weights that are drawn; the run's specification has its digest.
    A restart that diverges is left, and loses infinitely much; the others are trained to the end.
    Errors: ``device`` where there is none such; ``diverged`` where all restarts of all models did,
    with the first restart and the step; ``probe``; ``start``; those of ``keeping``.

    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> round(float(run.trained[0].loss.min()), 10)  # an antipodal pair
    0.076282447
    """
    check_device(spec.device)
    check_probe(spec, probe)
    check_start(spec, start)
    if start is not None:
        start.check_restarts(spec.restarts)
        spec = start.named_in(spec)

    def watched(descent: Descent) -> Descending:
        if start is not None:
            descent.begin_at(*start.chosen(descent.group))
        return descent if probe is None else ProbedDescent(descent, probe, loop.cut)

    loop = TrainingLoop(
        spec, partial(_train_group, watched=watched, start=start), on_progress, keeping, should_stop
    )
    trained, results = [], loop.run()
    refuse_nothing_left(spec, results)
    for model, result in zip(spec.models, results, strict=True):
        loop.heed()
        trained.append(_judged(spec, model, result))
    device = device_name(spec.device)
    given = None if start is None else start.given
    return TrainingRun(spec, tuple(trained), loop.seconds, device, given)


def _judged(spec: TrainingSpec, model: ModelSpec, result: Result) -> Trained:
    """A model's restarts with their losses, all on the CPU; infinite of those that diverged.

    Where the exact loss is known the sampled one is a check of it, and takes fewer samples.
    """
    W, b = result.tensors["W"], result.tensors["b"]
    measured = {name: result.tensors.get(name) for name in MEASURES}
    history = History(result.steps, result.tensors["losses"], **measured)
    lost = torch.tensor([k is not None for k in diverged_steps(result.steps, history.losses)])
    V, c = W.nan_to_num(0.0), b.nan_to_num(0.0)  # no loss is worked of a NaN
    exact = exact_losses(model, V, c)
    samples = _JUDGING if exact is None else _CHECKING
    loss, error = sampled_losses(model, V.to(spec.device), c.to(spec.device), samples)
    return Trained(
        model=model,
        W=W,
        b=b,
        exact_loss=None if exact is None else exact.masked_fill(lost, inf),
        sampled_loss=loss.cpu().masked_fill(lost, inf),
        standard_error=error.cpu().masked_fill(lost, nan),
        history=history,
    )


def _train_group(  # noqa: PLR0913 - what every trainer is given, and what one of them
    spec: TrainingSpec,
    group: tuple[int, ...],
    kept: State | None,
    report: Callable[[int], None],
    save: Offer,
    should_stop: Callable[[], bool],
    *,
    watched: Callable[[Descent], Descending],
    start: StartWeights | None,
) -> list[Result]:
    """The results of a group, by the trainer that the specification names."""
    if spec.trainer == "sampled":
        found = sampled.train_group(spec, group, kept, report, save, should_stop, watched=watched)
    else:
        found = exact.train_group(spec, group, kept, report, save, should_stop, start=start)
    return [Result({"W": W, "b": b} | _on_the_way(h), h.steps) for W, b, h in found]


def _on_the_way(history: History) -> dict[str, Tensor]:
    """What was kept at each record, by name."""
    measured = {name: getattr(history, name) for name in MEASURES}
    return {"losses": history.losses} | {k: v for k, v in measured.items() if v is not None}


# --------------------------------------------------------------------------------------------------
# How long a run will take.


def estimate(spec: TrainingSpec) -> float:
    """About how many seconds ``train`` takes, from a short look at every group.

    Some steps are timed (on samples), or evaluations (of the exact loss), and the judging of one
    model. The number of steps is a guess; expect a factor of two. Nothing is saved.
    Errors: ``device``.

    >>> estimate(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=1, batch=8)) > 0
    True
    """
    check_device(spec.device)
    look = {"sampled": _of_steps, "exact": _of_descents}[spec.trainer]
    return sum(
        look(spec, group, _LOOK / len(spec.groups)) + _of_judging(spec, group)
        for group in spec.groups
    )


def _of_steps(spec: TrainingSpec, group: tuple[int, ...], most: float) -> float:
    """Seconds that the steps of a group take, from no more than 50 of them."""
    longer = replace(spec, steps=10_000)  # records none of its losses so soon
    descent = sampled.descent_of(longer, group)
    descent.advance()
    began, count = perf_counter(), 0
    while count < 49 and perf_counter() - began < most:
        count += descent.advance()
    descent.total.sum().item()  # a device that works ahead has to finish
    return (perf_counter() - began) / count * spec.steps


def _of_descents(spec: TrainingSpec, group: tuple[int, ...], most: float) -> float:
    """Seconds that the descents of a group take, from a few evaluations of its first chunk."""
    times = [perf_counter()]
    enough = False

    def late() -> bool:
        nonlocal enough
        times.append(perf_counter())
        enough = len(times) > 4 and (len(times) > 8 or times[-1] - times[1] > most)
        return enough

    try:
        TRAINERS["exact"](spec, group, None, lambda _: None, lambda _: None, late)
    except KeyboardInterrupt:
        if not enough:  # it was somebody's Ctrl-C
            raise
    if len(times) < 3:
        return perf_counter() - times[0]
    one = median(later - sooner for sooner, later in pairwise(times[1:]))
    return one * _EVALUATIONS * sum(1 for _ in exact.chunks(spec, group))


def _of_judging(spec: TrainingSpec, group: tuple[int, ...]) -> float:
    """Seconds that the last losses of a group take, from two models: tables are made once."""
    times = [perf_counter()]
    for i in group[:2]:
        model = spec.models[i]
        W, b = initial([model], range(spec.restarts), torch.device("cpu"), torch.float64)
        _judged(
            spec, model, Result({"W": W, "b": b, "losses": torch.zeros(1, spec.restarts)}, (1,))
        )
        times.append(perf_counter())
    return times[-1] - times[0] + (len(group) - len(times) + 1) * (times[-1] - times[-2])
