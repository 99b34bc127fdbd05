"""A person in a course: which one, whose numbers, what was done, what comes next.

What bare ``handcalc`` says, how much of the course is done, and forgetting what was done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from exercises import Exercise, load, load_all
from exercises.course import course_mark, edition_of, load_variants, manifest_slugs, part_slugs
from exercises.course_list import by_part
from exercises.progress import ExerciseRecord, Progress, ProgressStore, decode, encode, store
from exercises.variants import student_name
from handcalc.cli.failures import of_input
from handcalc.cli.options import STUDENT
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, refuse
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import read_file, read_standard_input
from handcalc.errors import AuthorError, InputError
from handcalc.storage.files import at_home, reason, write
from handcalc.views.layout import columns, to_type
from handcalc.wording import counted, option_words, word

_ABOUT = (
    "handcalc works out toy models of superposition, step by step and exactly,\n"
    "and sets exercises on them: more features than dimensions, and what that costs."
)
_WHERE_TO_LOOK = (
    ("handcalc show", "the named embeddings, one by one"),
    ('handcalc forward --W="1 0; 0 1; 0 -1"', "your own model, worked out"),
    ("handcalc train", "the same models, trained"),
    ("handcalc exercises", "all exercises, and which are solved"),
    ("handcalc next", "the first that is not, to be answered"),
    ("handcalc --help", "every command"),
)
_BAR = 40  # characters


@dataclass(frozen=True, slots=True)
class CourseContext:
    """A course (``folder`` is None for handcalc's own), a student, and the store of what was done.

    ``carried`` is what the next command has to say again, behind the exercise: "" or, say,
    " --student ada". In a student edition nothing can be solved: what is answered is done there.
    """

    folder: Path | None
    student: str | None
    carried: str
    store: ProgressStore
    is_edition: bool = False

    @property
    def done_word(self) -> str:
        """What is said of an exercise that is done."""
        return "answered" if self.is_edition else "solved"

    def is_done(self, record: ExerciseRecord) -> bool:
        """Whether nothing is left to be done in an exercise."""
        return record.solved or (self.is_edition and record.attempts > 0)

    def exercise(self, which: str) -> Exercise:
        """The exercise that was named, with the student's numbers; an unknown name is exit 2."""
        with explained(self.folder):
            return load(which, self.folder, student=self.student)

    def variants(self, which: str) -> Sequence[Exercise]:
        """The exercise that was named, with each of its sets of numbers."""
        with explained(self.folder):
            return load_variants(which, self.folder)

    def exercises(self) -> Sequence[Exercise]:
        """All exercises, with the student's numbers."""
        with explained(self.folder):
            return load_all(self.folder, student=self.student)

    def unsolved(self) -> str | None:
        """The id of the first exercise that is not solved, or None where all are."""
        done = self.store.read()
        with explained(self.folder):
            slugs = manifest_slugs(self.folder)
        return next((slug for slug in slugs if not self.is_done(done.of(slug))), None)

    def following(self, exercise: Exercise) -> str | None:
        """The id of the next exercise that is not solved, behind this one or else before it."""
        done = self.store.read()
        with explained(self.folder):
            slugs = manifest_slugs(self.folder)
        if self.store.folder is None:  # nothing is known of what is solved
            return next(iter(slugs[exercise.position :]), None)
        others = (*slugs[exercise.position :], *slugs[: exercise.position - 1])
        return next((slug for slug in others if not self.is_done(done.of(slug))), None)

    def finished_part(self, exercise: Exercise) -> str | None:
        """The title of the exercise's part, where everything in it is solved."""
        done = self.store.read()
        with explained(self.folder):
            own = part_slugs(exercise)
        return exercise.part if all(self.is_done(done.of(slug)) for slug in own) else None


def course_context(
    *,
    course: str | None = None,
    student: str | None = None,
    seed: int | None = None,
    no_state: bool = False,
) -> CourseContext:
    """Where a command acts, by its options; handcalc's own course where they say nothing."""
    folder = None if course is None else folder_at(course, "--course")
    name, said = _student(student, seed)
    carried = f" {said}" if said else ""
    if course is not None:
        carried += f" {option_words('--course', course)}"
    mark, is_edition = "", False
    if folder is not None:
        with explained(folder):
            mark, is_edition = course_mark(folder), bool(edition_of(folder))
    return CourseContext(folder, name, carried, store(no_state, mark), is_edition)


def folder_at(text: str, option: str) -> Path:
    """A folder that is there, by the name that was typed; refused where there is none."""
    folder = at_home(text)
    if not folder.is_dir():
        raise CommandError(ReportedError("missing_folder", f"{option}: there is no folder {text}."))
    return folder


def _student(student: str | None, seed: int | None) -> tuple[str | None, str]:
    """Whose numbers they are, and the option that says so."""
    if student is not None and seed is not None:
        refuse("--seed N is the student “seed N”: give one of the two.")
    if seed is not None:
        return f"seed {seed}", f"--seed {seed}"
    given = os.environ.get(STUDENT, "") if student is None else student
    if student is None and not given.strip():
        return None, ""
    try:
        name = student_name(given)
    except InputError as error:
        raise CommandError(ReportedError("usage", error.message)) from None
    return name, "" if student is None else option_words("--student", name)


@contextmanager
def explained(folder: Path | None) -> Iterator[None]:
    """A fault in somebody's course is theirs to mend; one in our own is a fault of handcalc."""
    try:
        yield
    except InputError as error:
        raise CommandError(of_input(error)) from error
    except AuthorError as error:
        if folder is None:
            raise
        message = f"The course in {folder} has a fault. {error.message}"
        suggestion = f"handcalc dev check {word(str(folder))}"
        raise CommandError(ReportedError(error.code, message, suggestion=suggestion)) from error


# --------------------------------------------------------------------------------------------------
# What bare ``handcalc`` says.


def home() -> Report:
    """The report of bare ``handcalc``."""
    place = course_context()
    done, slug = place.store.read(), place.unsolved()
    following = None if slug is None else place.exercise(slug)
    keys = None
    if following is not None:
        keys = {"position": following.position, "id": following.id, "title": following.title}

    def page(terminal: Terminal) -> RenderableType:
        text = Text(_ABOUT + "\n\n")
        if following is None:
            text.append("Every exercise is solved. Look at one again: handcalc exercise 1\n\n")
        else:
            text.append(f"Next: exercise {following.position}, ")
            text.append(terminal.plain(following.title), "bold").append(".\n")
            text.append(f"      handcalc exercise {following.position}\n\n")
        width = max(len(place) for place, _ in _WHERE_TO_LOOK)
        lines = (f"  {place:<{width}}  {what}" for place, what in _WHERE_TO_LOOK)
        return text.append("Where to look:\n" + "\n".join(lines))

    return Report(data=lambda: {"next": keys}, text=page, warnings=done.warnings)


# --------------------------------------------------------------------------------------------------
# Progress: shown, exported, taken in, forgotten.


def progress(export: str | None, import_: str | None, **where: Any) -> Report:
    """How much of the course is solved; or the record written to a file, or taken in from one."""
    place = course_context(**where)
    if export is not None:
        return _export(export, place)
    if import_ is not None:
        return _import(import_, place)
    known, done = place.exercises(), place.store.read()
    return Report(
        data=lambda: _progress_data(known, done),
        text=lambda terminal: _progress_text(known, done, place, terminal),
        warnings=done.warnings,
    )


def _progress_data(known: Sequence[Exercise], done: Progress) -> Mapping[str, object]:
    """How many are solved, of how many, in each part too, and each exercise's record."""
    return {
        "solved": _solved(known, done),
        "of": len(known),
        "parts": [
            {"title": part, "solved": _solved(there, done), "of": len(there)}
            for part, there in by_part(known).items()
            if part is not None
        ],
        "exercises": [
            {
                "position": exercise.position,
                "id": exercise.id,
                "title": exercise.title,
                "part": exercise.part,
                "state": record.state,
                "solved": record.solved,
                "attempts": record.attempts,
                "hints": record.hints,
                "of_hints": exercise.hint_count,
                "solution": record.solution,
            }
            for exercise, record in _paired(known, done)
        ],
    }


def _progress_text(
    known: Sequence[Exercise], done: Progress, place: CourseContext, terminal: Terminal
) -> RenderableType:
    """For each part its title, the bar and the table; and what is next."""
    shown: list[RenderableType] = []
    for part, there in by_part(known).items():
        shown += [] if part is None else [Text(terminal.plain(part), "bold")]
        shown += [_progress_of(there, done, place, terminal), ""]
    following: RenderableType = f"Every exercise is {place.done_word}."
    if not all(place.is_done(record) for _, record in _paired(known, done)):
        following = to_type(f"handcalc next{place.carried}", "The next exercise: ")
    return Group(*shown, following)


def _progress_of(
    known: Sequence[Exercise], done: Progress, place: CourseContext, terminal: Terminal
) -> Text:
    """The bar and the table of some exercises."""
    number = sum(place.is_done(record) for _, record in _paired(known, done))
    room = min(_BAR, max(terminal.width - _BAR, _BAR // 4))
    filled = room * number // len(known)
    bar = f"[{'#' * filled}{'.' * (room - filled)}]  {number} of {len(known)} exercises "
    bar += place.done_word
    rows = []
    for exercise, record in _paired(known, done):
        answers = counted(record.attempts, "answer")
        hints = "" if place.is_edition else f"{record.hints} of {exercise.hint_count} hints"
        rows.append([f"{exercise.position:>3}", record.state, answers, hints, exercise.title])
    return Text(terminal.plain(f"{bar}\n\n{columns(rows, terminal.width)}"))


def _paired(known: Sequence[Exercise], done: Progress) -> list[tuple[Exercise, ExerciseRecord]]:
    return [(exercise, done.of(exercise.id)) for exercise in known]


def _solved(known: Sequence[Exercise], done: Progress) -> int:
    return sum(record.solved for _, record in _paired(known, done))


def _export(file: str, place: CourseContext) -> Report:
    done = place.store.everything()
    if file == "-":
        content = encode(done.records).decode()
        data = {"exported": len(done.records), "content": content}
        return Report(lambda: data, lambda _: content, warnings=done.warnings)
    try:
        path = at_home(file)
        if path.exists() or path.is_symlink():
            message = f"--export: there is a file {file} already, and it stays as it is."
            raise CommandError(ReportedError("file_exists", message))
        write(path, encode(done.records))
    except (OSError, ValueError) as error:
        message = f"--export: the file {file} cannot be written: {reason(error)}."
        raise CommandError(ReportedError("unwritable_file", message)) from None
    number = counted(len(done.records), "exercise")
    return _said(f"Wrote the records of {number} to {file}.", done, {"exported": len(done.records)})


def _import(file: str, place: CourseContext) -> Report:
    given = read_standard_input("--import") if file == "-" else read_file(file, "--import")
    content = decode(given.encode(), *([] if file == "-" else [at_home(file).name]))
    fault = "was written by a newer handcalc." if content.newer else ""
    if content.faults:
        writer = "handcalc" if file == "-" else "`handcalc progress --export`"
        fault = f"is damaged, or was not written by {writer}. "
        fault += content.faults[0]
    if fault:  # nothing of it is taken, however sound the rest is
        what = "what was given" if file == "-" else f"the file {file}"
        message = f"--import: {what} {fault} Nothing was changed."
        raise CommandError(ReportedError("not_progress", message), Exit.UNREADABLE)
    records = content.records
    before = place.store.everything()
    after = _written(place.store.merge(records))
    changed = sum(
        before.of(name).merged(record) != before.of(name) for name, record in records.items()
    )
    said = (
        f"The file has records of {counted(len(records), 'exercise')}; {changed or 'none'} of them "
    )
    said += "added something." if changed else "added anything."
    return _said(said, after, {"imported": len(records), "changed": changed})


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
    if which is None and not (yes or session.may_ask):
        message = (
            "--all forgets every exercise of the course, and here is nobody to ask: add --yes."
        )
        refuse(message)
    what = f"exercise {which}" if which is not None else counted(len(known), "exercise")
    if not (yes or session.confirms(f"Forget what was done in {what}? A copy is kept.")):
        return _said("Nothing was forgotten.", done, {"forgotten": []})
    after = _written(place.store.forget(chosen))
    data = {"forgotten": sorted(known), "copy": str(after.copy)}
    number = "One exercise is" if len(known) == 1 else f"{len(known)} exercises are"
    return _said(f"{number} as new. The record as it was is kept in {after.copy}.", after, data)


def _written(after: Progress) -> Progress:
    """What is kept now; refused, with the reason, where it could not be written."""
    if not after.kept:
        raise CommandError(ReportedError("not_kept", " ".join(after.warnings)))
    return after


def _said(sentence: str, done: Progress, data: Mapping[str, object]) -> Report:
    return Report(
        data=lambda: data, text=lambda terminal: terminal.plain(sentence), warnings=done.warnings
    )
