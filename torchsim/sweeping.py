"""A sweep trained: its shards shared out to an executor, each kept as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from os import PathLike
from time import perf_counter
from typing import TypeAlias
from warnings import warn

from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.processes.jobs import Processes, check_executor, work_through
from handcalc.processes.signals import stop_asked
from handcalc.storage.files import at_home
from handcalc.wording import brief
from torchsim.choices import check_telling
from torchsim.run import TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.storage.sweeps import ShardStore, load_finished, shard_bytes
from torchsim.sweeps.grid import SweepGrid
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import ShardPlace, SweepPart, SweepSpec
from torchsim.sweeps.values import MOST_CELLS
from torchsim.training import train
from torchsim.training.checkpoint import TrainingProgress
from torchsim.training.devices import loop_threads, one_thread
from torchsim.training.divergence import failures_of_cells, without_lost
from torchsim.views.bar import told

_GOES_UP = ("device", "missing", "missing_extra", "kernel")  # what would fail in every cell


@dataclass(frozen=True, slots=True)
class SweepProgress(TrainingProgress):
    """How many cells of how many are done, earlier ones among them, and how many failed."""

    failed: int


OnProgress: TypeAlias = Callable[[SweepProgress], None]


def sweep(  # noqa: PLR0913 - what may be chosen, each named when asked for
    asked: SweepGrid | Sequence[SweepPart] | SweepSpec,
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    keep: str | PathLike[str] | None = None,
    progress: bool = False,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SweepRun:
    """Train every cell of a grid, shard by shard, on whatever does the work.

    The numbers do not depend on who does it, nor on how often it was stopped: cells are always
    trained in the same shards, each operation in one thread.

    Args:
        asked: A ``SweepGrid``, or a list of grids and TrainingSpecs, one after the other.
        executor: Any ``concurrent.futures.Executor`` whose workers can import torchsim: a process
            pool, that of a Dask client. Left out, shards are trained here, one after the other.
        jobs: So many processes of this machine, in place of an executor. A script needs
            ``if __name__ == "__main__":`` around what it does.
        keep: A folder in which each shard is kept as soon as it is there; the same call goes on
            from where it stopped, and reads the sweep once it is done. A shard whose file is
            damaged is set aside, with a warning, and trained again.
        progress: Show a bar, on standard error or below the cell.
        on_progress: Hears what the bar would show.
        should_stop: Ends the sweep, as Ctrl-C does, once it gives true.

    Returns:
        The cells. One that failed, because its numbers ran off or its process was killed, is in
        ``failed`` with the reason, and the others are there.

    Raises:
        InputError: ``jobs`` for less than one; ``executor`` for what is none; ``ignored`` for jobs
            beside an executor; ``progress``, ``on_progress``, ``should_stop``; ``path``;
            ``broken_executor``; those of ``SweepGrid.of``; with ``keep``, ``other_run``,
            ``not_empty``, ``busy``, ``unwritable``, ``other_version``.

    Examples:
        >>> found = sweep(SweepGrid.of(2, 1, ["0", "1/2"], seed=range(2), restarts=4))
        >>> [round(loss, 4) for loss in found.columns()["loss"]]
        [0.0833, 0.0833, 0.0763, 0.0763]
    """
    spec = asked if isinstance(asked, SweepSpec) else SweepSpec(_parts(asked))
    check_executor(executor)
    check_telling(progress, on_progress, should_stop)
    if jobs is not None and (as_int(jobs) or 0) < 1:
        raise InputError("jobs", f"jobs= is a number of processes, from 1, not {brief(jobs)}.")
    if jobs is not None and executor is not None:
        raise InputError(
            "ignored", "jobs= are processes in place of an executor: give one of them."
        )
    folder = None if keep is None else at_home(keep)
    kept = None if folder is None else load_finished(folder, spec)
    if kept is not None:
        return kept
    with ExitStack() as stack:
        tell = stack.enter_context(told(on_progress, progress))
        stops = [] if should_stop is None else [should_stop]
        if folder is not None and executor is None and jobs in (None, 1):
            stops.append(stack.enter_context(stop_asked()))
        store = stack.enter_context(ShardStore(spec, folder))
        if jobs is not None and jobs > 1:
            executor = stack.enter_context(Processes(min(jobs, len(spec))))
        found = run_shards(store, executor, tell, lambda: any(stop() for stop in stops))
    for what in store.set_aside:
        warn(what, stacklevel=2)
    if store.trouble is not None:
        warn(f"Not all that is done is kept. {store.trouble.message}", stacklevel=2)
    return found


def _parts(asked: object) -> tuple[SweepPart, ...]:
    if isinstance(asked, SweepGrid):
        return (asked,)
    if isinstance(asked, TrainingSpec):
        return (asked,)
    no_list = (str, bytes, Set, Mapping)
    if isinstance(asked, Iterable) and not (isinstance(asked, no_list) or hasattr(asked, "tolist")):
        return tuple(islice(asked, MOST_CELLS))
    raise InputError("sweep", f"A sweep takes a SweepGrid, or a list of them, not {brief(asked)}.")


def run_shards(
    store: ShardStore,
    executor: Executor | None = None,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> SweepRun:
    """Train what a store does not have, and keep it as it comes; write the record at the end.

    Without an executor shards are trained here, and ``should_stop`` is asked at every step; with
    one it is asked between shards. ``on_stop`` is called where Ctrl-C has to wait for shards that
    are begun elsewhere. Errors: KeyboardInterrupt when stopped; those of ``sweep``.

    >>> run_shards(ShardStore(SweepSpec((SweepGrid.of(2, 1, "1/2", restarts=2),))))
    <SweepRun: 1 cell>
    """
    store.start()
    return _ShardLoop(store, on_progress, should_stop).run(executor, on_stop)


class _ShardLoop:
    """A sweep under way: what is done of it, and who hears of that."""

    def __init__(
        self,
        store: ShardStore,
        on_progress: OnProgress | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._store, self._spec = store, store.spec
        self._on_progress, self._should_stop = on_progress, should_stop
        self._kept = store.kept()
        self._done = sum(len(place.cells) for place in self._kept)

    def run(self, executor: Executor | None, on_stop: Callable[[], None] | None) -> SweepRun:
        """Train what is left."""
        self._tell()
        here = executor is None
        work = partial(train_shard, on_progress=self._within, should_stop=self._asked)
        function = work if here else train_shard
        loops = loop_threads() if here else 1
        tasks = self._tasks(here, loops)
        work_through(function, tasks, self._keep, executor, self._lose, on_stop)
        self._store.finish()
        return self._store.run()

    def _tasks(self, here: bool, loops: int) -> Iterator[ShardTask]:
        """The shards that are left; elsewhere a stop is asked for between them."""
        for place in self._spec.shards():
            if place not in self._kept:
                if not here and self._asked():
                    raise KeyboardInterrupt(
                        f"stopped after {self._done} of {len(self._spec)} cells"
                    )
                yield ShardTask(self._spec.parts[place.part], place, loops)

    def _keep(self, task: ShardTask, found: ShardResult) -> None:
        self._store.put(task.place, found.raw, again=found.again)
        self._done += len(task.place.cells)
        self._tell()

    def _lose(self, task: ShardTask, why: str) -> None:
        self._store.lose(task.place, why)
        self._done += len(task.place.cells)
        self._tell()

    def _within(self, progress: TrainingProgress, cells: int) -> None:
        self._tell(cells * progress.done // progress.total)

    def _tell(self, more: int = 0) -> None:
        if self._on_progress is not None:
            failed = len(self._store.failed)
            self._on_progress(SweepProgress(self._done + more, len(self._spec), failed))

    def _asked(self) -> bool:
        return self._should_stop is not None and self._should_stop()


# --------------------------------------------------------------------------------------------------
# A shard, here or in another process.


@dataclass(frozen=True, slots=True)
class ShardTask:
    """A shard to train: the ``part`` of its sweep, where it stands, and threads for its loops."""

    part: SweepPart
    place: ShardPlace
    loops: int


@dataclass(frozen=True, slots=True)
class ShardResult:
    """A shard's file; ``again`` says that a cell failed that may be trained the next time."""

    raw: bytes
    again: bool = False


def train_shard(
    task: ShardTask,
    on_progress: Callable[[TrainingProgress, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ShardResult:
    """Train the cells of a shard together; if one fails, each by itself, and say which and why.

    Errors: KeyboardInterrupt when stopped; ``device`` and others that every cell would meet.

    >>> place = ShardPlace(0, range(2))
    >>> task = ShardTask(SweepGrid.of(2, 1, ["0", "1/2"], restarts=2), place, loops=1)
    >>> len(train_shard(task).raw) > 1000
    True
    """
    part, cells = task.part, task.place.cells
    spec = part.spec(cells) if isinstance(part, SweepGrid) else part
    began = perf_counter()

    def tell(progress: TrainingProgress) -> None:
        if on_progress is not None:
            on_progress(progress, len(cells))

    with one_thread(task.loops):
        try:
            run = train(spec, on_progress=tell, should_stop=should_stop)
        except (InputError, MemoryError, ArithmeticError, RuntimeError) as error:
            _raise_if_all_fail(error)
        else:
            failed = failures_of_cells(run)
            left = without_lost(run)
            return ShardResult(shard_bytes(spec, left, failed, perf_counter() - began))
        found, failed, again = _one_by_one(spec, should_stop)
    merged = _merged(spec, found)
    return ShardResult(shard_bytes(spec, merged, failed, perf_counter() - began), again)


def _one_by_one(
    spec: TrainingSpec, should_stop: Callable[[], bool] | None
) -> tuple[list[TrainingRun], dict[int, str], bool]:
    """The runs of the cells that do not fail, why others do, and whether that could change."""
    found, failed, again = [], {}, False
    for i, model in enumerate(spec.models):
        try:
            found.append(train(replace(spec, models=(model,)), should_stop=should_stop))
        except InputError as error:
            _raise_if_all_fail(error)
            failed[i] = error.message
        except (MemoryError, ArithmeticError, RuntimeError) as error:  # torch's want of memory, too
            failed[i] = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
            again = True
    return found, failed, again


def _raise_if_all_fail(error: Exception) -> None:
    if isinstance(error, InputError) and error.code in _GOES_UP:
        raise error


def _merged(spec: TrainingSpec, found: Sequence[TrainingRun]) -> TrainingRun | None:
    if not found:
        return None
    trained = tuple(each for run in found for each in run.trained)
    whole = replace(spec, models=tuple(each.model for each in trained))
    return TrainingRun(whole, trained, sum(run.wall_seconds for run in found), found[0].device)
