"""Who handed in what: a class's files as Moodle, Gradescope, Canvas or a folder of names lay them.

- Moodle: ``Ada Lovelace_12345_assignsubmission_file_/answers.txt``, or flat, with one more name
  behind the last stroke.
- Canvas: ``lovelaceada_LATE_1234_5678_answers.txt``, without LATE where it was in time.
- Gradescope: ``submission_123/answers.txt``, beside ``submission_metadata.yml``.
- Else a file, a folder or a zip a student, by its name.

Where a file or folder lies says whose it is; what stands in it never does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePath, PurePosixPath

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.typed_text import path_of
from handcalc.cli.visible import visible
from handcalc.storage.files import reason

from .files import (
    MOST_MEMBERS,
    HandedEntry,
    UnreadableFileError,
    entries_of_zip,
    entry_at,
    left_by_programs,
    open_zip,
)
from .gradescope import METADATA, MOST_METADATA, Submitted, read_export
from .tables import is_table

_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_(?P<rest>.+)", re.DOTALL
)  # LATE is Canvas's own word for it, by the due date that it knows
_CLASS = re.compile(r"submission_\d+|.*_\d+_assignsubmission_.*|[^_]+(?:_LATE)?_\d+_\d+_.+")


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a student, or a group, handed in: where it lies, whose it is, and when it came.

    ``people`` has for each submitter what is known of them: "name", "folder", "id" and "email".
    ``late`` is what the platform says, if it says it without a time. ``fault`` is why nothing of
    it can be had.
    """

    shown: str
    path: str
    entries: tuple[HandedEntry, ...]
    people: tuple[Mapping[str, str], ...]
    submitted: datetime | None = None
    late: bool | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class HandIns:
    """All hand-ins in their order, and in words what else there was and is not graded.

    ``alone`` are folders of several files that are all that is in a zip: each is a student's, or
    that of a class.
    """

    hand_ins: tuple[HandIn, ...]
    notes: tuple[str, ...]
    alone: tuple[HandedEntry, ...] = ()


def hand_ins_at(names: Sequence[str], ours: Collection[Path] = ()) -> HandIns:
    """The hand-ins in the folders and zips by these names; a file that is named itself is one.

    A zip is a class's where nothing but folders stands beside it, and else a student's. What is
    named itself is a hand-in, whatever its name, and is not looked at again in its folder; there,
    what is ``ours`` is none, nor is an older table, nor are the files of editors and systems.
    Errors: refused where there is nothing of that name.
    """
    paths = [_found(name) for name in names]
    missing = [name for name, path in zip(names, paths, strict=True) if path is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"There is no file {visible(missing[0])}{more}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", message))
    there = [path for path in paths if path is not None]
    named = {path.absolute() for path in there}
    found: list[HandIn] = []
    notes: list[str] = []
    single: list[HandedEntry] = []
    alone: list[HandedEntry] = []
    only_zip = sum(not os.path.isdir(path) for path in there) == 1  # noqa: PTH112 - it raises nothing
    for path in there:
        entry = entry_at(path, follows=True)
        if not (entry.is_folder or (only_zip and path.suffix.lower() == ".zip")):
            single.append(entry)
            continue
        found += _grouped(single)
        single = []
        others = [each for each in _entries_in(entry, path) if _absolute(each) not in named]
        kept, left_out = _sorted_out(others, ours)
        notes += left_out
        alone += [] if entry.is_folder else _folder_alone(kept)
        found += _of_class(kept)
    found += _grouped(single)
    if not found:
        said = ", ".join(visible(name) for name in names)
        message = f"There is no file in the folder {said}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", " ".join([message, *notes])))
    return HandIns(tuple(found), tuple(notes), tuple(alone))


def one_hand_in(path: Path, students: Sequence[Submitted]) -> HandIn:
    """The hand-in of one student or group: all that is below a path. Errors: as above."""
    if _found(str(path)) is None:
        message = f"There is no file {visible(str(path))}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", message))
    entry = entry_at(path, follows=True)
    people = tuple(each.known for each in students) or (_known_of(entry),)
    submitted = students[0].at if students else None
    return HandIn(entry.shown, entry.name, (entry,), people, submitted)


def _found(name: str) -> Path | None:
    """The path of that name; None where nothing is there, not even a link that leads nowhere."""
    if not name:
        return None
    try:
        path = path_of(name)
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError:  # it may well be there: looking at it says why it cannot be read
        return path
    return path


def _absolute(entry: HandedEntry) -> Path | None:
    return None if entry.path is None else entry.path.absolute()


def _entries_in(entry: HandedEntry, path: Path) -> list[HandedEntry]:
    """What lies directly in the folder or zip of a class; refused where that cannot be seen."""
    try:
        if entry.is_folder:
            return _class_in(entry.inside(), is_zip=False)
        archive = open_zip(path, MOST_MEMBERS)  # it is read from as long as the command lasts
        return _class_in(entries_of_zip(archive, entry.shown), is_zip=True)
    except OSError as error:
        said = f"The folder {entry.shown} cannot be read: {reason(error)}. Nothing was graded."
    except UnreadableFileError as error:
        said = f"{entry.shown}: {error} Nothing was graded."
    raise CommandError(ReportedError("unreadable_file", said))


def _class_in(entries: list[HandedEntry], *, is_zip: bool) -> list[HandedEntry]:
    """The class that lies in a folder of its own, as in a zip that was made of a folder."""
    seen = [entry for entry in entries if not left_by_programs(entry.name)]
    if len(seen) != 1 or not seen[0].is_folder:
        return entries
    inside = seen[0].inside()
    is_class = is_zip and any(
        each.is_folder or _CLASS.fullmatch(each.name) or each.name.lower().endswith(".zip")
        for each in inside
    )
    return inside if is_class or any(each.name == METADATA for each in inside) else entries


def _folder_alone(entries: Sequence[HandedEntry]) -> list[HandedEntry]:
    """The folder that is all of a zip, where its several files may be those of a class."""
    is_alone = len(entries) == 1 and entries[0].is_folder and not _CLASS.fullmatch(entries[0].name)
    return [each for each in entries if len(each.inside()) > 1] if is_alone else []


def _sorted_out(
    entries: Sequence[HandedEntry], ours: Collection[Path]
) -> tuple[list[HandedEntry], list[str]]:
    """What is handed in of what lies in the folder of a class, and in words what else there is."""
    why = [_not_handed_in(each, ours) for each in entries]
    pairs = list(zip(entries, why, strict=True))
    left_out = [f"{each.shown}: {said}" for each, said in pairs if said]
    return [each for each, said in pairs if not said], left_out


def _not_handed_in(entry: HandedEntry, ours: Collection[Path]) -> str:
    """Why what lies in the folder of a class is no hand-in; "" for what is one."""
    if (path := _absolute(entry)) is not None:
        if path in ours:
            return "a file of this command"
        try:
            if path.suffix.lower() == ".csv" and path.is_file() and is_table(path):
                return "a table of grades"
        except OSError:  # it cannot be read, which its row says
            pass
    return left_by_programs(entry.name)


# --------------------------------------------------------------------------------------------------
# Whose it is, by where it lies.


def _of_class(entries: Sequence[HandedEntry]) -> list[HandIn]:
    """The hand-ins of one class, by the layout that its names, or its metadata, show."""
    metadata = next((entry for entry in entries if entry.name == METADATA), None)
    if metadata is None:
        return _grouped(entries)
    (file,) = metadata.files()
    try:
        known = read_export(file.read(MOST_METADATA))
    except UnreadableFileError as error:
        said = f"{metadata.shown}: {error} Nothing was graded."
        raise CommandError(ReportedError("unreadable_file", said)) from None
    found = []
    folders = {entry.name: entry for entry in entries if entry is not metadata}
    for name, entry in folders.items():
        people = known.get(name, ())
        if not people:
            fault = f"{METADATA} does not say who handed it in."
            found.append(HandIn(entry.shown, name, (entry,), (_known_of(entry),), fault=fault))
            continue
        own = tuple({"folder": name, **each.known} for each in people)
        found.append(HandIn(entry.shown, name, (entry,), own, people[0].at))
    for name in known.keys() - folders.keys():
        own = tuple({"folder": name, **each.known} for each in known[name])
        fault = f"It stands in {METADATA}, and there is no folder {visible(name)}."
        found.append(HandIn(visible(name), name, (), own, fault=fault))
    return sorted(found, key=lambda each: each.path)


def _grouped(entries: Iterable[HandedEntry]) -> list[HandIn]:
    """A hand-in for each entry; for several of one student of Moodle or Canvas, one for all."""
    found: dict[object, HandIn] = {}
    for entry in entries:
        platform, people = _platform(entry.name), (_known_of(entry),)
        if platform is None:
            kept = entry if entry.is_folder else _named_after_student(entry)
            found[len(found)] = HandIn(entry.shown, entry.name, (kept,), people)
            continue
        named = platform.groupdict()
        kept = entry if entry.is_folder or not named["rest"] else _renamed(entry, named["rest"])
        late = bool(named["late"]) if "late" in named else None
        key = (str(PurePath(entry.shown).parent), named["name"], named["id"])
        before = found.get(key)
        if before is None:
            found[key] = HandIn(entry.shown, entry.name, (kept,), people, late=late)
        else:
            late = late if before.late is None else before.late or late
            found[key] = replace(before, entries=(*before.entries, kept), late=late)
    return list(found.values())


def _platform(name: str) -> re.Match[str] | None:
    return _MOODLE.fullmatch(name) or _CANVAS.fullmatch(name)


def _named_after_student(entry: HandedEntry) -> HandedEntry:
    """The file, whose name says no more than whose it is."""
    return replace(
        entry, files=lambda: [replace(file, names_student=True) for file in entry.files()]
    )


def _renamed(entry: HandedEntry, name: str) -> HandedEntry:
    """The file by the name that it had before the platform put more before it."""
    return replace(
        entry, name=name, files=lambda: [replace(file, name=name) for file in entry.files()]
    )


def _known_of(entry: HandedEntry) -> Mapping[str, str]:
    """What the name of a file or folder says of whoever handed it in."""
    platform = _platform(entry.name)
    folder = entry.path.absolute().parent.name if entry.path else ""
    own = {"folder": entry.name if entry.is_folder else folder}
    if platform is not None:
        return {**own, "name": platform["name"], "id": platform["id"]}
    stem = entry.name if entry.is_folder else PurePosixPath(entry.name).stem or entry.name
    return {**own, "name": stem}
