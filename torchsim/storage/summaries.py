"""What the run in a folder is, in short: for lists, without reading what was trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from torchsim.kinds import KeptSpec
from torchsim.one_by_one import OneByOne
from torchsim.specification import TrainingSpec
from torchsim.storage.documents import read_document
from torchsim.storage.folders import RECORD, SHARDS, begun_in, is_finished
from torchsim.storage.records import RunRecord
from torchsim.storage.specifications import spec_of, trainer_name
from torchsim.storage.sweeps import ShardStore, SweepRecord
from torchsim.sweeps.grid import SweepGrid
from torchsim.sweeps.specification import SweepPart, SweepSpec

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Trainings:
    """By which ``trainers`` models are trained, in how many ``steps``, and by which ``kernels``.

    The last two are of those trained on samples, or on sequences, alone.
    """

    trainers: tuple[str, ...]
    steps: tuple[int, ...]
    kernels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run: what a person called it, its preset, when it ``started``, and what it trains.

    ``models`` counts the cells of a sweep; ``kept`` those that are there, None where nobody knows.
    """

    name: str | None
    preset: str | None
    started: str
    spec: KeptSpec
    models: int
    kept: int | None
    is_finished: bool
    trained: Trainings


def summary(folder: Path) -> RunSummary:
    """The run in a folder. Errors: those of ``load_spec``.

    >>> from tempfile import TemporaryDirectory
    >>> from torchsim.specification import ModelSpec
    >>> from torchsim.storage.folders import start
    >>> with TemporaryDirectory() as root:
    ...     start(root, SweepSpec((SweepGrid.of(2, 1, ["0", "1/2"]),)))
    ...     found = summary(Path(root))
    >>> found.models, found.kept, found.trained.trainers
    (2, 0, ('exact',))
    """
    begun = begun_in(folder)
    spec = spec_of(begun.spec, str(folder))
    done = is_finished(folder)
    models = len(spec) if isinstance(spec, SweepSpec) else len(spec.models)
    kept = models if done else None
    if not done and isinstance(spec, SweepSpec):
        kept = sum(len(place.cells) for place in ShardStore(spec, folder).kept())
    name = begun.name or None
    trained = trainings(spec)
    return RunSummary(name, begun.preset, begun.started, spec, models, kept, done, trained)


def record_of(folder: Path, spec: KeptSpec) -> RunRecord | SweepRecord:
    """The record of a finished run. Errors: ``damaged``, ``schema``, ``run_file``, ``no_file``."""
    if isinstance(spec, SweepSpec):
        return read_document(folder / RECORD, SweepRecord)
    return read_document(folder / RECORD, RunRecord)


def size_of(folder: Path) -> int:
    """The bytes of all files of a run, those of its shards among them. Errors: OSError."""
    files = [*folder.iterdir(), *(folder / SHARDS).glob("*")]
    return sum(file.stat().st_size for file in files if file.is_file())


def trainings(spec: KeptSpec) -> Trainings:
    """How a specification trains, whatever its models are.

    >>> grid = SweepGrid.of(9, 1, "1/2", kernel="plain", steps=[3, 5])
    >>> trainings(SweepSpec((grid,)))
    Trainings(trainers=('sampled',), steps=(3, 5), kernels=('plain',))
    """
    if isinstance(spec, OneByOne):
        return Trainings((trainer_name(spec),), _once(model.steps for model in spec.models), ())
    parts: tuple[SweepPart, ...] = spec.parts if isinstance(spec, SweepSpec) else (spec,)
    found = {part: _examples(part) for part in parts}
    trained = [each for examples in found.values() for each in examples]
    on_samples = [each for each in trained if each.trainer == "sampled"]
    steps = {
        count
        for part, examples in found.items()
        if any(each.trainer == "sampled" for each in examples)
        for count in (part.steps if isinstance(part, SweepGrid) else (part.steps,))
    }
    kernels = _once(str(each.kernel) for each in on_samples)
    return Trainings(_once(each.trainer for each in trained), tuple(sorted(steps)), kernels)


def _examples(part: SweepPart) -> list[TrainingSpec]:
    """A cell of each size: trainer and kernel are chosen by the size alone."""
    if not isinstance(part, SweepGrid):
        return [part]
    sizes = len(part.features) * len(part.hidden)
    alike = len(part) // sizes
    return [part.spec(range(k * alike, k * alike + 1)) for k in range(sizes)]


def _once(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))
