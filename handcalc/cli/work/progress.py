"""The way through the course: how much of it is done, and forgetting what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType

from exercises import Exercise
from exercises.progress import ExerciseRecord, Progress, decode, encode
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import read_file
from handcalc.storage.files import at_home, reason, write
from handcalc.views.columns import columns
from handcalc.views.layout import to_type

from .course_context import CourseContext, course_context

_BAR = 40


def progress_data(known: Sequence[Exercise], done: Progress) -> Mapping[str, object]:
    """How many are solved, of how many, and each exercise's record."""
    return {
        "solved": _solved(known, done),
        "of": len(known),
        "exercises": [
            {
                "position": exercise.position,
                "id": exercise.id,
                "title": exercise.title,
                "state": record.state,
                "solved": record.solved,
                "attempts": record.attempts,
                "hints": record.hints,
                "of_hints": len(exercise.key().hints),
                "solution": record.solution,
            }
            for exercise, record in _paired(known, done)
        ],
    }


def progress_text(
    known: Sequence[Exercise], done: Progress, carried: str, terminal: Terminal
) -> RenderableType:
    """The bar, the table, and what is next."""
    solved = _solved(known, done)
    filled = _BAR * solved // len(known)
    bar = f"[{'#' * filled}{'.' * (_BAR - filled)}]  {solved} of {len(known)} exercises solved"
    table = columns([_row(*pair) for pair in _paired(known, done)], terminal.width)
    following: RenderableType = "Every exercise is solved."
    if solved < len(known):
        following = to_type(f"handcalc next{carried}", "The next exercise: ")
    return Group(terminal.plain(f"{bar}\n\n{table}"), "", following)


def _row(exercise: Exercise, record: ExerciseRecord) -> list[str]:
    answers = "1 answer" if record.attempts == 1 else f"{record.attempts} answers"
    hints = f"{record.hints} of {len(exercise.key().hints)} hints"
    return [f"{exercise.position:>3}", record.state, answers, hints, exercise.title]


def _paired(known: Sequence[Exercise], done: Progress) -> list[tuple[Exercise, ExerciseRecord]]:
    return [(exercise, done.of(exercise.id)) for exercise in known]


def _solved(known: Sequence[Exercise], done: Progress) -> int:
    return sum(record.solved for _, record in _paired(known, done))


def progress(export: str | None, import_: str | None, **where: Any) -> Report:
    """How much of the course is solved; or the record written to a file, or taken in from one."""
    place = course_context(**where)
    if export is not None:
        return _exported(export, place)
    if import_ is not None:
        return _imported(import_, place)
    known, done = place.exercises(), place.store.read()
    return Report(
        data=lambda: progress_data(known, done),
        text=lambda terminal: progress_text(known, done, place.carried, terminal),
        warnings=done.warnings,
    )


def reset(session: Session, which: str | None, /, yes: bool, **where: Any) -> Report:
    """Forget what was done in an exercise, or in all of them."""
    place = course_context(**where)
    chosen = None if which is None else {place.exercise(which).id}
    done = _written(place.store.read())
    known = [name for name in done.records if chosen is None or name in chosen]
    if not known:
        return _said(
            "Nothing was kept there, so there is nothing to forget.", done, {"forgotten": []}
        )
    what = f"exercise {which}" if which is not None else _exercises(len(known))
    if not (yes or session.confirms(f"Forget what was done in {what}? A copy is kept.")):
        return _said("Nothing was forgotten.", done, {"forgotten": []})
    after = _written(place.store.forget(chosen))
    data = {"forgotten": sorted(known), "copy": str(after.copy)}
    number = "One exercise is" if len(known) == 1 else f"{len(known)} exercises are"
    return _said(f"{number} as new. The record as it was is kept in {after.copy}.", after, data)


def _exported(file: str, place: CourseContext) -> Report:
    done = place.store.everything()
    try:
        path = at_home(file)
        if path.exists() or path.is_symlink():
            message = f"--export: there is a file {file} already, and it stays as it is."
            raise CommandError(ReportedError("file_exists", message))
        write(path, encode(done.records))
    except (OSError, ValueError) as error:
        message = f"--export: the file {file} cannot be written: {reason(error)}."
        raise CommandError(ReportedError("unwritable_file", message)) from None
    number = _exercises(len(done.records))
    return _said(f"Wrote the records of {number} to {file}.", done, {"exported": len(done.records)})


def _imported(file: str, place: CourseContext) -> Report:
    records = _records(file)
    before = place.store.everything()
    after = _written(place.store.merge(records))
    changed = sum(
        before.of(name).merged(record) != before.of(name) for name, record in records.items()
    )
    said = f"The file has records of {_exercises(len(records))}; {changed or 'none'} of them "
    said += "added something." if changed else "added anything."
    return _said(said, after, {"imported": len(records), "changed": changed})


def _records(file: str) -> Mapping[str, ExerciseRecord]:
    """The records of an exported file, all of them sound; else nothing is taken."""
    content = decode(read_file(file, "--import").encode(), at_home(file).name)
    said = "was written by a newer handcalc." if content.newer else ""
    if content.faults:
        said = "is damaged, or was not written by `handcalc progress --export`. "
        said += content.faults[0]
    if said:
        message = f"--import: the file {file} {said} Nothing was changed."
        raise CommandError(ReportedError("not_progress", message), Exit.UNREADABLE)
    return content.records


def _written(after: Progress) -> Progress:
    """What is kept now; refused, with the reason, where it could not be written."""
    if not after.kept:
        raise CommandError(ReportedError("not_kept", " ".join(after.warnings)))
    return after


def _said(sentence: str, done: Progress, data: Mapping[str, object]) -> Report:
    return Report(
        data=lambda: data, text=lambda terminal: terminal.plain(sentence), warnings=done.warnings
    )


def _exercises(number: int) -> str:
    return "1 exercise" if number == 1 else f"{number} exercises"
