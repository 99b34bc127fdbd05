"""Training runs: where they are kept, and which one is meant.

The best models known are kept beside them, so that they are searched for once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from handcalc.cli.failures import of_input
from handcalc.cli.names import PRESETS
from handcalc.cli.options import SETS
from handcalc.cli.report import CommandError, Exit, ReportedError
from handcalc.cli.visible import visible
from handcalc.errors import InputError
from handcalc.storage.files import at_home, state_folder, write
from handcalc.wording import joined, option_words, word
from torchsim.kinds import KeptRun, KeptSpec
from torchsim.storage import is_finished, latest, load, name_of, preset_of
from torchsim.storage import runs as run_folders
from torchsim.storage.folders import RECORD, SPEC
from torchsim.storage.specifications import spec_digest

SWEEP = "sweep"
_LAST = "last-run.txt"
_ARGUMENT = re.compile(r'(\w+)=(?:"([\w-]+)"|\[.*\])')  # the only lists are sets
_SPOILT = ("damaged", "no_file", "no_spec", "other_version", "run_file", "schema")


def runs_folder() -> Path:
    """The folder of all runs that were not sent elsewhere with ``--out``."""
    return state_folder() / "runs"


def folder_for(name: str, spec: KeptSpec) -> Path:
    """The folder of a run by what it is: the same specification has the same folder."""
    return runs_folder() / f"{name}-{spec_digest(spec)[:8]}"


def remember(folder: Path) -> bool:
    """Make this the latest run, wherever it is; False where the state folder cannot be."""
    with suppress(OSError):
        runs_folder().mkdir(parents=True, exist_ok=True)
        write(runs_folder() / _LAST, str(folder.resolve()).encode(errors="surrogateescape"))
        return True
    return False


def run_folder(which: str | None) -> Path:
    """The run that is meant: a folder, the latest one of a preset, or the latest of all."""
    # The latest run may lie anywhere, by --out, so the note of where it is goes first; for a preset
    # or a sweep it counts if the run is one of these. Only then are folders looked through.
    last = _last(which)
    if last is not None:
        return last
    with refusing():
        if which is None:
            return latest(runs_folder())
        found = runs_meant(which)
        if found:
            return _one(which, found)
        if which in PRESETS:
            return latest(runs_folder(), which)
    if which == SWEEP:
        try:
            return latest(runs_folder(), SWEEP)
        except InputError as error:  # which says how to train a preset, and a sweep is none
            instead = (
                error.suggestion and 'handcalc sweep --features 3 --hidden 2 --sparsity="1/2 9/10"'
            )
            problem = replace(of_input(error), suggestion=instead)
            raise CommandError(problem, Exit.USAGE) from None
    what = "is neither a folder with a run in it nor a preset, and no run is called so"
    with suppress(OSError):
        if at_home(which).is_dir():
            what = "is a folder without a run in it"
    suggestion = "handcalc runs" if run_folders(runs_folder()) else "handcalc train"
    said = f"{visible(which) or word('')} {what}."
    raise CommandError(ReportedError("no_run", said, suggestion=suggestion))


def runs_meant(which: str) -> list[Path]:
    """The runs that a path, a name or the name of a folder may mean, each once.

    A preset is none of these.
    """
    found = {each.resolve(): each for each in own_runs(which)}
    folder = at_home(which)
    with suppress(OSError):  # a name that is too long for a file, or a folder of somebody else
        if any((folder / name).is_file() for name in (SPEC, RECORD)):
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def own_runs(called: str) -> list[Path]:
    """The runs in handcalc's own folder that are called so, by their name or their folder's."""
    wanted = normalize("NFC", called)
    return [each for each in run_folders(runs_folder()) if wanted in (each.name, own_name(each))]


def own_name(folder: Path) -> str | None:
    """The name that a person gave a run, or None, as for one that is damaged."""
    try:
        return name_of(folder)
    except InputError:
        return None


def is_run(which: str) -> bool:
    """Whether a word means a run by a path or by a name."""
    return bool(runs_meant(which))


def _one(which: str, found: Sequence[Path]) -> Path:
    """The run that is meant; of several, what to type for each."""
    if len(found) > 1:
        paths = joined([folder_word(each) for each in found])
        message = f"{visible(which)} is what {len(found)} runs are called: {paths}. Give a path."
        raise CommandError(ReportedError("ambiguous", message))
    return found[0]


def _last(which: str | None) -> Path | None:
    """The run that was trained or asked for last, if it is of that preset and still there."""
    if which is not None and which not in (*PRESETS, SWEEP):
        return None
    try:
        folder = Path((runs_folder() / _LAST).read_text("utf-8", "surrogateescape"))
        fits = is_finished(folder) and which in (None, preset_of(folder))
    except (OSError, ValueError):
        return None
    return folder if fits else None


def folder_word(folder: Path) -> str:
    """A run's folder as the next command takes it: the short way from here, if there is one."""
    with suppress(ValueError):
        return word(str(folder.resolve().relative_to(Path.cwd())))
    return word(str(folder))


def load_run(folder: Path) -> KeptRun:
    """A run or a sweep as it was kept; what is damaged or missing is said."""
    with refusing():
        return load(folder)


@contextmanager
def refusing(remedy: str | None = None) -> Iterator[None]:
    """What torchsim refuses in the block is a matter of usage, and not of reading an answer.

    ``remedy`` is what to type where what is on disk cannot be used.
    """
    try:
        yield
    except InputError as error:
        code = Exit.NOT_SOLVED if error.code == "diverged" else Exit.USAGE
        problem = of_input(error)
        suggestion = remedy if error.code in _SPOILT else _as_typed(problem.suggestion)
        raise CommandError(replace(problem, suggestion=suggestion), code) from error


def _as_typed(suggestion: str | None) -> str | None:
    """An argument of Python's, such as trainer="exact", as the option that it is here."""
    found = _ARGUMENT.fullmatch(suggestion or "")
    if found is None:
        return suggestion
    name, value = found.groups()
    return option_words(f"--{name}", value or SETS)


def best_folder() -> Path:
    """The folder of the best models known."""
    return state_folder() / "best-known"
