"""What a person asks to be trained, by a name or a model: kept in a folder, with a bar.

``torchsim.training`` trains a specification; here one is made of what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, Unpack, cast, overload
from warnings import warn

from handcalc.errors import InputError
from handcalc.processes.signals import stop_asked
from handcalc.storage.files import at_home
from torchsim import kinds, storage
from torchsim.asked import (
    AttentionAsked,
    Choices,
    DatasetAsked,
    NetworkAsked,
    SaeAsked,
    several_wholes,
)
from torchsim.attention.run import AttentionRun
from torchsim.attention.specification import AttentionTraining
from torchsim.autoencoders.run import SaeRun
from torchsim.autoencoders.specification import SaeOptions, SaeSpec, SaeTraining
from torchsim.choices import DeviceChoice, KernelChoice, TrainerChoice, check_telling
from torchsim.datasets.run import DatasetRun
from torchsim.datasets.specification import DatasetTraining
from torchsim.kinds import AnyRun, AnySpec
from torchsim.networks.run import NetworkRun
from torchsim.networks.specification import NetworkTraining
from torchsim.presets import (
    AnyPreset,
    AttentionPreset,
    DatasetPreset,
    NetworkPreset,
    Preset,
    SaePreset,
)
from torchsim.run import TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training.checkpoint import TrainingProgress
from torchsim.training.probes import Probe, check_probe
from torchsim.training.starts import StartWeights, starting
from torchsim.views.bar import told

_Whole: TypeAlias = str | AnyPreset | AnySpec
_Folder: TypeAlias = "str | PathLike[str]"


class _Options(TypedDict, total=False):
    """What may be chosen beside what is trained, for the signatures of ``train``."""

    small: bool
    trainer: TrainerChoice | None
    restarts: int | None
    steps: int | None
    seed: int | None
    device: DeviceChoice | None
    kernel: KernelChoice | None
    measures: bool
    progress: bool
    on_progress: Callable[[TrainingProgress], None] | None
    should_stop: Callable[[], bool] | None


class _KeptOptions(_Options, total=False):
    """The same for one run, which a folder may keep."""

    keep: _Folder | None


class _ToyOptions(_KeptOptions, total=False):
    """The same for a run of toy models, which a probe may look at."""

    probe: Probe | None
    start: object


@overload
def train(
    asked: Preset | TrainingSpec | ModelSpec | list[ModelSpec] | tuple[ModelSpec, ...],
    **options: Unpack[_ToyOptions],
) -> TrainingRun: ...
@overload
def train(
    asked: AttentionAsked,
    **options: Unpack[_KeptOptions],
) -> AttentionRun: ...
@overload
def train(
    asked: SaeAsked,
    **options: Unpack[_KeptOptions],
) -> SaeRun: ...
@overload
def train(
    asked: NetworkAsked,
    **options: Unpack[_KeptOptions],
) -> NetworkRun: ...
@overload
def train(
    asked: DatasetAsked,
    **options: Unpack[_KeptOptions],
) -> DatasetRun: ...
@overload
def train(
    asked: str,
    **options: Unpack[_ToyOptions],
) -> Any: ...  # a run of the kind that the preset of that name has
@overload
def train(
    asked: list[str]
    | list[Preset]
    | list[TrainingSpec]
    | list[AttentionPreset]
    | list[AttentionTraining]
    | list[SaePreset]
    | list[SaeTraining]
    | list[NetworkPreset]
    | list[NetworkTraining]
    | list[DatasetPreset]
    | list[DatasetTraining]
    | tuple[_Whole, ...],
    **options: Unpack[_Options],
) -> tuple[AnyRun, ...]: ...
def train(  # noqa: PLR0913 - what may be chosen, each named when asked for
    asked: Any,
    *,
    small: bool = False,
    trainer: TrainerChoice | None = None,
    restarts: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    device: DeviceChoice | None = None,
    kernel: KernelChoice | None = None,
    measures: bool = False,
    keep: _Folder | None = None,
    progress: bool = False,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    probe: Probe | None = None,
    start: object = None,
) -> AnyRun | tuple[AnyRun, ...]:
    """Train a preset, by its name or itself, a model, several models, or a whole specification.

    Toy models, attention-only ones, sparse autoencoders, networks with neurons and toy models on
    data sets alike: an ``AttentionSpec``, ``SaeSpec``, ``NetworkSpec`` or ``DatasetSpec`` is
    trained where a ``ModelSpec`` is, and an ``AttentionTraining``, ``SaeTraining``,
    ``NetworkTraining`` or ``DatasetTraining`` where a ``TrainingSpec`` is.

    Args:
        asked: One thing is one run, and so is a list of models: they are trained together. A list
            of presets or specifications is a run each.
        small: A preset's quick size.
        trainer: "exact", "sampled" or "auto", for toy models and their presets. What is left out of
            this and of the next three is as on the command line, on the CPU; a TrainingSpec has all
            of them itself.
        restarts: How many random starts of each model.
        steps: How many steps the trainer on samples takes.
        seed: A preset's seed.
        device: "cpu", "cuda" or "auto".
        kernel: What takes the steps on samples, "plain" or "fused"; "auto", or left out, is "fused"
            on a CPU, where it is the quicker, and "plain" on a GPU.
        measures: Keep D and the length of each feature at every record of a run on samples, in
            ``run.trained[0].history``, for ``handcalc figure --kind dynamics``.
        keep: A folder in which the run is kept as it goes, and read from once it is done: the same
            call goes on from where it stopped, bit for bit. Ctrl-C (a notebook's stop button) and
            SIGTERM then stop at the next boundary, with all that is done kept. What cannot be kept
            there later on is warned of, and the run comes back all the same.
        progress: Show a bar, on standard error or below the cell.
        on_progress: Hears what the bar would show.
        should_stop: Ends the run, as Ctrl-C does, once it gives true.
        probe: A function that is shown a ``ProbeRecord`` about a hundred times in a run on samples,
            and ends the training of the models it was shown once it returns True. Such a run comes
            back, its ``stopped`` models with a shorter history; it is kept as one that was stopped.

        start: Where toy models begin, in place of weights that are drawn: a run, or (W, b), with
            W (restarts, n, m) and b (restarts, n), of several models a list of each. A folder of
            ``keep=`` has a copy; from other weights it is another run. See ``go_on``.

    Returns:
        The run; for a list of presets or specifications a tuple of runs.

    Raises:
        InputError: ``unknown_preset``; ``ignored`` for an argument that would make no difference;
            ``probe``; ``start``; those of ``TrainingSpec`` and of ``torchsim.training.train``; with
            ``keep``, ``other_run``, ``not_empty``, ``busy``, ``unwritable``, ``damaged``,
            ``other_version``.

    Examples:
        >>> run = train("by-hand", small=True, restarts=4)
        >>> len(run.trained), round(float(run.trained[0].loss.min()), 4)
        (6, 0.0831)
        >>> train(ModelSpec.of(2, 1, "1/2"), restarts=4).spec.trainer
        'exact'
    """
    choices = Choices(small, trainer, restarts, steps, seed, device, kernel, measures)
    check_telling(progress, on_progress, should_stop)
    hooks = _Hooks(progress, on_progress, should_stop, probe)
    several = several_wholes(asked)
    if several is None:
        spec, name = choices.specified(asked)
        weights = None
        if start is not None:
            is_free = restarts is None and not isinstance(asked, TrainingSpec)
            spec, weights = starting(spec, start, is_free=is_free)
        check_probe(spec, probe)
        if keep is None:
            return _trained(spec, hooks, start=weights)
        return _kept(spec, name, at_home(keep), hooks, weights)
    if start is not None:
        raise InputError("start", "start= is for one run of toy models, not for several.")
    if keep is not None:
        message = "One folder keeps one run: train each by itself, with a folder of its own."
        raise InputError("keep", message)
    each = [choices.specified(one)[0] for one in several]  # all is checked before any is trained
    for spec in each:
        check_probe(spec, probe)
    return tuple(_trained(spec, hooks) for spec in each)


def sae(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
    model: object,
    latents: int,
    l1: object = "1/5",
    sparsity: object = None,
    *,
    restarts: int | None = None,
    device: DeviceChoice | None = None,
    keep: _Folder | None = None,
    progress: bool = False,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    **more: Unpack[SaeOptions],
) -> SaeRun:
    """Train a sparse autoencoder on a toy model's h = Wᵀx, all restarts together.

    It is ``train`` of one ``SaeSpec``.

    Args:
        model: A model, or W alone (n × m).
        latents: How many latents there are.
        l1: λ ≥ 0: the price of an activation, of the kind "jumprelu" that of a latent that is on;
            1/5 if left out, as everywhere.
        sparsity: S of the inputs, or one for each feature.
        restarts: How many starts; 8 if left out.
        device: "cpu", "cuda" or "auto".
        keep: A folder in which the run is kept, as ``train`` has it.
        progress: Show a bar, on standard error or below the cell.
        on_progress: Hears what the bar would show.
        should_stop: Ends the run, as Ctrl-C does, once it gives true.
        more: What else an ``SaeSpec`` has: ``distribution`` in place of a sparsity; ``kind``, "l1",
            "topk" (with ``k``, how many latents may be on) or "jumprelu"; ``steps``, ``batch``,
            ``rate``, ``seed``; ``decoder_bias``, whether b_dec is trained, too; ``bandwidth``.

    Returns:
        The run, of one model: ``.trained[0]`` has the weights of every restart, ``exact()`` the
        best in fractions, and its ``exact_loss``.

    Raises:
        InputError: ``kind``, ``device``, ``sparsity``, ``diverged``, or the name of an argument;
            with ``keep`` what ``train`` raises.

    Examples:
        >>> run = sae("1; -1", 2, "1/5", "1/2", restarts=4, steps=300, batch=256)
        >>> run.trained[0].exact().W_dec in (((1,), (-1,)), ((-1,), (1,)))
        True
    """
    return train(
        SaeSpec.of(model, latents, l1, sparsity, **more),
        restarts=restarts,
        device=device,
        keep=keep,
        progress=progress,
        on_progress=on_progress,
        should_stop=should_stop,
    )


@dataclass(frozen=True, slots=True)
class _Hooks:
    """Who hears how far a run is, who stops it, and who looks at it."""

    bar: bool
    on_progress: Callable[[TrainingProgress], None] | None
    should_stop: Callable[[], bool] | None
    probe: Probe | None


def _trained(
    spec: AnySpec,
    hooks: _Hooks,
    keeping: storage.FolderCheckpointer | None = None,
    start: StartWeights | None = None,
) -> AnyRun:
    with ExitStack() as stack:
        on_progress = stack.enter_context(told(hooks.on_progress, hooks.bar))
        stops = [] if hooks.should_stop is None else [hooks.should_stop]
        if keeping is not None:
            stops.append(stack.enter_context(stop_asked()))

        def should_stop() -> bool:
            return any(stop() for stop in stops)

        return kinds.train(
            spec,
            on_progress=on_progress,
            keeping=keeping,
            should_stop=should_stop,
            probe=hooks.probe,
            start=start,
        )


def _kept(
    spec: AnySpec,
    name: str | None,
    folder: Path,
    hooks: _Hooks,
    start: StartWeights | None = None,
) -> AnyRun:
    if storage.is_finished(folder) and storage.load_spec(folder) == spec:
        return cast("AnyRun", storage.load(folder))
    with storage.FolderCheckpointer(folder, spec, preset=name) as keeping:
        keeping.start()
        if start is not None:
            storage.keep_start(folder, start)
        try:
            run = _trained(spec, hooks, keeping, start)
        except KeyboardInterrupt:
            if keeping.trouble is not None:
                warn(f"Not all that is done is kept. {keeping.trouble.message}", stacklevel=3)
            raise
        if isinstance(run, TrainingRun) and run.stopped:
            trouble = keeping.trouble
        else:
            trouble = storage.finish(run, keeping)
        if trouble is not None:
            warn(
                f"The run is not kept. {trouble.message} Or keep it elsewhere: "
                "torchsim.save(run, folder).",
                stacklevel=3,
            )
    return run
