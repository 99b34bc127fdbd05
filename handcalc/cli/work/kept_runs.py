"""The runs in handcalc's own folder: a list of them, and one by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import cast

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.names import BEST_KNOWN
from handcalc.cli.report import CommandError, Report
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError
from handcalc.views.layout import Paragraph, Sized, columns, spaced, to_type
from handcalc.views.text import heading
from handcalc.wording import counted, joined, lasted, word
from torchsim.comparison.best_store import BestStore
from torchsim.one_by_one import OneByOne
from torchsim.storage import is_finished, load, load_spec, spec_to_data
from torchsim.storage import runs as run_folders
from torchsim.storage.records import RunRecord
from torchsim.storage.summaries import RunSummary, record_of, size_of, summary
from torchsim.storage.sweeps import ShardStore, SweepRecord
from torchsim.sweeps.run import NOT_TRAINED, SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.kept_runs import count_text, spec_sentences, trained_text

from .runs import best_folder, folder_word, run_folder, runs_folder

_MOST_FAILED = 5  # that are told each


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in its folder; ``summary`` is None where that cannot be read, as ``trouble`` says."""

    folder: Path
    summary: RunSummary | None
    trouble: str | None
    bytes: int
    is_latest: bool = False

    @property
    def called(self) -> str:
        """What a person types for it: its name, or that of its folder."""
        return self.folder.name if self.summary is None else self.summary.name or self.folder.name

    @property
    def state(self) -> str:
        """What there is to say of it, in words."""
        if self.summary is None:
            return "damaged"
        return "finished" if self.summary.is_finished else "unfinished"


def kept_run(folder: Path, latest: Path | None = None) -> ListedRun:
    """The run in a folder, whatever became of it; ``latest`` is that of the latest run."""
    size, found, trouble = 0, None, None
    with suppress(OSError):  # someone deletes it just now
        size = size_of(folder)
    try:
        found = summary(folder)
    except InputError as error:
        trouble = error.message
    return ListedRun(folder, found, trouble, size, folder.resolve() == latest)


def kept_runs() -> list[ListedRun]:
    """All in handcalc's own folder, the newest last."""
    try:
        last = run_folder(None).resolve()
    except CommandError:
        last = None
    return [kept_run(folder, last) for folder in run_folders(runs_folder())]


# --------------------------------------------------------------------------------------------------
# A list.


def listing(said: str = "", deleted: Sequence[str] = ()) -> Report:
    """The list, below what there is to say of what was done."""
    found = kept_runs()
    return Report(
        data=lambda: _listing_data(found, deleted),
        text=lambda terminal: _listing_page(found, said, terminal),
    )


def _listing_data(found: Sequence[ListedRun], deleted: Sequence[str]) -> Mapping[str, object]:
    best = BestStore(best_folder()).files()
    kept = {"folder": str(best_folder()), "files": len(best), "bytes": _bytes(best)}
    return {"runs": [*map(run_data, found)], "best_known": kept, "deleted": list(deleted)}


def run_data(run: ListedRun) -> Mapping[str, object]:
    """A run for programs: keys of what cannot be read are null."""
    short = run.summary
    trained = None if short is None else short.trained
    return {
        "name": run.folder.name,
        "called": None if short is None else short.name,
        "preset": None if short is None else short.preset,
        "started": None if short is None else short.started,
        "models": None if short is None else short.models,
        "kept": None if short is None else short.kept,
        "trainers": None if trained is None else list(trained.trainers),
        "steps": None if trained is None else list(trained.steps),
        "kernels": None if trained is None else list(trained.kernels),
        "finished": is_finished(run.folder),
        "latest": run.is_latest,
        "damaged": run.trouble,
        "folder": str(run.folder),
        "bytes": run.bytes,
    }


def _listing_page(found: Sequence[ListedRun], said: str, terminal: Terminal) -> RenderableType:
    files = BestStore(best_folder()).files()
    told = [f"They are in {runs_folder()}." if found else f"There is no run in {runs_folder()}."]
    told[0] += "".join(f" The latest is {run.called}." for run in found if run.is_latest)
    kinds = f"{counted(len(files), 'kind')} of problem"
    known = f"the best models known, for {kinds} ({size_text(_bytes(files))})"
    told.append(f"{BEST_KNOWN} has {known}, in {best_folder()}." if files else _NO_BEST)
    return spaced(
        heading("Training runs", terminal.notation),
        *([Paragraph(terminal.plain(said))] if said else []),
        *([Sized(lambda width: Text(terminal.plain(_table(found, width))))] if found else []),
        *(Paragraph(terminal.plain(each)) for each in told),
    )


_NO_BEST = "No best model is kept."
_HEADS = ["run", "preset", "models", "state", "size", "begun", "trained"]
_GAP = 2  # between columns
_NAME, _TRAINED = 14, 20  # columns that names, and the last column, have at least
_LONG = 24  # columns of a name that has its row beside it


def _table(found: Sequence[ListedRun], width: int) -> str:
    """A row for each run, longer names above it; in words where the facts leave no room for names.

    A name stays whole, as it is what one types.
    """
    rows = [_HEADS, *map(_row, found)]
    _, *facts, trained = (max(map(cell_len, column)) for column in zip(*rows, strict=True))
    room = width - _GAP - sum(fact + _GAP for fact in facts) - min(trained, _TRAINED)
    if room >= _NAME:
        return columns(rows, width, min(room, _LONG))
    return columns([[run.called, _in_words(run)] for run in found], width, min(_LONG, width // 3))


def _row(run: ListedRun) -> list[str]:
    size = size_text(run.bytes)
    short = run.summary
    if short is None:
        return [run.called, "?", "?", run.state, size, "?", "?"]
    preset = short.preset or "none"
    count, trained = count_text(short), trained_text(short.trained)
    return [run.called, preset, count, run.state, size, _day(short.started), trained]


def _in_words(run: ListedRun) -> str:
    _, preset, count, state, size, day, trained = _row(run)
    is_sweep = run.summary is not None and isinstance(run.summary.spec, SweepSpec)
    what = f"{'cell' if is_sweep else 'model'}{'' if count == '1' else 's'}"
    return f"{preset}, {count} {what}; {trained}; {state}; {size}; {day}"


def _day(started: str, form: str = "%Y-%m-%d") -> str:
    """The day, by this machine's clock, or "?" for what is none."""
    try:
        return datetime.fromisoformat(started).astimezone().strftime(form)
    except (ValueError, OverflowError, OSError):
        return "?"


def _bytes(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def size_text(count: int) -> str:
    """About so many bytes.

    >>> size_text(912), size_text(43_100), size_text(5_200_000), size_text(7_100_000_000)
    ('912 B', '43 kB', '5.2 MB', '7.1 GB')
    """
    if count < 1000:
        return f"{count} B"
    for unit, many in (("kB", 1e6), ("MB", 1e9)):
        if count < many:
            return f"{count / many * 1000:.{0 if unit == 'kB' else 1}f} {unit}"
    return f"{count / 1e9:.1f} GB"


# --------------------------------------------------------------------------------------------------
# One.


def one_run(folder: Path, notes: Sequence[str] = ()) -> Report:
    """What a run is, how far it is, where it is kept, and what failed; ``notes`` come first.

    Errors: InputError for a damaged one.
    """
    run = kept_run(folder)
    short = summary(folder)
    record = record_of(folder, short.spec) if short.is_finished else None
    failed, warnings = _failed(folder, record)
    return Report(
        data=lambda: {
            **run_data(run),
            "specification": spec_to_data(short.spec),
            "record": None if record is None else _record_data(record),
            "failed": [{"cell": cell, "why": why} for cell, why in failed.items()],
        },
        text=lambda terminal: _page(run, short, record, failed, notes, terminal),
        warnings=warnings,
    )


def _record_data(record: RunRecord | SweepRecord) -> Mapping[str, object]:
    return {
        "finished": record.finished,
        "wall_seconds": record.wall_seconds,
        "devices": list(_devices(record)),
        "versions": record.versions,
    }


def _devices(record: RunRecord | SweepRecord) -> tuple[str, ...]:
    return record.devices if isinstance(record, SweepRecord) else (record.device,)


_NOT_WHOLE = (
    "Not all of its shards are there as they were written. The sweep, typed again, trains these "
    "anew."
)


def _failed(
    folder: Path, record: RunRecord | SweepRecord | None
) -> tuple[Mapping[int, str], tuple[str, ...]]:
    """The cells of a sweep that came to nothing, with the reason; and what cannot be read of it."""
    if isinstance(record, SweepRecord):
        known = {int(cell): why for cell, why in record.failed.items()}
        is_whole = ShardStore(cast("SweepSpec", load_spec(folder)), folder).is_whole()
        return known, () if is_whole else (_NOT_WHOLE,)
    if record is None:
        try:
            found = load(folder, partial=True)
        except InputError as error:  # a run of models has no part, and that is no trouble
            return {}, () if error.code == "unfinished" else (error.message,)
        if isinstance(found, SweepRun):
            failed = found.failed.items()
            return {cell: why for cell, why in failed if why != NOT_TRAINED}, ()
    return {}, ()


def _page(
    run: ListedRun,
    short: RunSummary,
    record: RunRecord | SweepRecord | None,
    failed: Mapping[int, str],
    notes: Sequence[str],
    terminal: Terminal,
) -> RenderableType:
    told = [
        *notes,
        *spec_sentences(short.spec),
        *_how_far(short, record),
        f"{size_text(run.bytes)} in {run.folder}.",
    ]
    if failed:
        each = " ".join(f"Cell {k}: {why}" for k, why in islice(failed.items(), _MOST_FAILED))
        rest = len(failed) - _MOST_FAILED
        more = f" And {rest:,} more." if rest > 0 else ""
        told.append(f"{counted(len(failed), 'cell')} failed. {each}{more}")
    return spaced(
        heading(f"The run {run.called}", terminal.notation),
        *(Paragraph(terminal.plain(text)) for text in told),
        *_next(run, short),
    )


def _how_far(short: RunSummary, record: RunRecord | SweepRecord | None) -> Iterator[str]:
    minute = "%d %B %Y, %H:%M"
    what = (
        "A sweep" if isinstance(short.spec, SweepSpec) else f"A run of {short.preset or 'models'}"
    )
    begun = f"{what}, begun on {_day(short.started, minute).lstrip('0')}"
    if record is None:
        cells = f", {count_text(short)} cells are there" if short.kept is not None else ""
        yield f"{begun}; not finished{cells}. The command that began it goes on from there."
        return
    when = _day(record.finished, minute).lstrip("0")
    by = joined([f"{name} {version}" for name, version in record.versions.items()])
    work = f"{lasted(record.wall_seconds)} of work on {joined(_devices(record))}"
    yield f"{begun}; finished on {when}, after {work}, by {by}."


def _next(run: ListedRun, short: RunSummary) -> Iterator[RenderableType]:
    """What to type next, for a run that can be looked at."""
    which = word(run.called) if run.folder.parent == runs_folder() else folder_word(run.folder)
    lines = []
    if short.is_finished:
        close = "Beside what is exact:  " if isinstance(short.spec, OneByOne) else ""
        lines.append(to_type(f"handcalc compare {which}", close or "How close to the best: "))
        lines.append(to_type(f"handcalc figure {which}", "A picture of it:       "))
    has_rows = short.is_finished or isinstance(short.spec, SweepSpec)
    if has_rows and not isinstance(short.spec, OneByOne):
        lines.append(to_type(f"handcalc runs {which} --csv FILE", "A row for each model:  "))
    if lines:
        yield Group(*lines)
