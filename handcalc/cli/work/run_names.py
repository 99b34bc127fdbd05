"""Names that people give to the runs in handcalc's own folder: checked, free, and given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from unicodedata import normalize

from handcalc.cli.names import BEST_KNOWN, PRESETS
from handcalc.cli.report import CommandError, ReportedError, refuse
from handcalc.errors import InputError
from handcalc.storage import BusyError
from handcalc.storage.files import locked, reason
from handcalc.wording import option_words
from torchsim.storage import check_name, name_run

from .runs import SWEEP, own_name, own_runs, runs_folder

_TAKEN = (*PRESETS, SWEEP, BEST_KNOWN)
_PATIENCE = 10.0  # seconds; a name is given in far less
_ROOM = 58  # characters of a name that leave room for a number


def asked_name(asked: Mapping[str, Any]) -> str | None:
    """The ``--name`` of a training, which is to be kept in handcalc's own folder."""
    name: str | None = asked["name"]
    if name is not None and (asked["out"] is not None or asked["no_state"]):
        option = "--no-state" if asked["no_state"] else "--out"
        refuse(f"--name is for runs in handcalc's own folder: leave out {option}, or --name.")
    return name


def free_name(name: str, folder: Path | None) -> str:
    """The name as it is kept, refused where it is none, or another run's than that in ``folder``.

    Errors: ``CommandError``, with a name to type instead.
    """
    name = normalize("NFC", name)
    try:
        check_name(name)
    except InputError as error:
        raise _refused(error.message, name) from error
    if name in _TAKEN:
        raise _refused(f"{name} is no name for a run: it stands for more than one.", name)
    others = [each for each in own_runs(name) if folder is None or not _same(each, folder)]
    if others:
        raise _refused(f"Another run is called {name}, that in {others[0]}.", name)
    return name


def give_name(name: str, folder: Path) -> None:
    """Have a run in handcalc's own folder be called so; its folder's name takes a name away.

    Errors: ``CommandError`` as ``free_name`` has it, and where the run is busy or cannot be
    written to.
    """
    try:
        runs_folder().mkdir(parents=True, exist_ok=True)
        with locked(runs_folder() / "names.lock", patience=_PATIENCE):
            name = free_name(name, folder)
            if name != own_name(folder):
                name_run(folder, None if name == folder.name else name)
    except BusyError as error:
        message = f"--name: another process is naming runs. {error.file} is its lock."
        raise CommandError(ReportedError("busy", message)) from error
    except OSError as error:
        message = f"--name: no run can be named in {runs_folder()}: {reason(error)}."
        raise CommandError(ReportedError("unwritable", message)) from error


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.resolve() == other.resolve()
    return False


def _refused(why: str, name: str) -> CommandError:
    suggestion = option_words("--name", _instead(name))
    return CommandError(ReportedError("name", f"--name: {why}", suggestion=suggestion))


def _instead(name: str) -> str:
    r"""A name that is free, as near to the one given as can be.

    >>> _instead("../a/b\n"), _instead("")
    ('a-b', 'first')
    """
    near = re.sub(r"[^\w ,.=+-]+", "-", name)[:_ROOM].strip("-. ,=+_") or "first"
    tried, k = near, 1
    while tried in _TAKEN or own_runs(tried):
        k += 1
        tried = f"{near}-{k}"
    return tried
