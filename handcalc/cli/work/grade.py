"""One exercise graded for a class: many files, each in its time, and a table of what came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from exercises import Exercise, reporting
from exercises import grade as grade_one
from exercises.course import drawn_variant, load_variants
from exercises.variants import student_name
from handcalc.cli.failures import explain, interruption
from handcalc.cli.options import cores
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given, read_file
from handcalc.cli.visible import visible, visible_in_line
from handcalc.errors import InputError
from handcalc.processes.time_limits import Died, TimedOut, within_time_limit

from .answers import answer_in
from .class_files import HandedIn, Row, Submission, as_csv, as_text, is_table
from .course import CourseContext, course_context
from .outputs import Output, write_all

_WORTH_A_PROCESS = 10  # answers: to start a process takes as long as to grade so many


@dataclass(frozen=True, slots=True)
class _Task:
    """One answer: where it is, by which name it is shown, and against which variant to grade it.

    The variant is 0 where nobody's name is in the name of the file. ``fault`` says why it cannot be
    graded, if that is known already.
    """

    path: Path
    file: str
    variant: int
    student: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Limits:
    """How long an answer may take, and how many are graded at once, if that is said."""

    seconds: float
    jobs: int | None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What came of one answer; the texts are as they were found."""

    status: str
    score: Fraction | None
    diagnosis: str | None
    happened: str


def grade(  # noqa: PLR0913 - the options of the command
    session: Session,
    /,
    *,
    which: str,
    handed: HandedIn,
    student_from_name: bool,
    table: str | None,
    seconds: float,
    jobs: int | None,
    course: str | None,
) -> Report:
    """Grade one exercise for a class: a table with a row for every file."""
    output = Output.of("--csv", None if table is None else Path(table))
    if output is not None:
        _refuse_other_files(output)
    place = replace(course_context(course=course), student=None)  # not the lecturer's own numbers
    found = place.variants(which)[0] if student_from_name else place.exercise(which)
    if output is not None:
        output.refuse_early()
    tasks = _tasks(handed.submissions, found, place, student_from_name)
    rows = _rows(session, found, tasks, place.folder, _Limits(seconds, jobs))
    written, trouble = write_all([(output, lambda: as_csv(rows))])
    notes = (*written, *_notes(found, handed, student_from_name))
    named = {"position": found.position, "id": found.id, "title": found.title}
    answers = [row.data for row in rows]
    statuses = {row.status for row in rows}
    code = Exit.DONE if statuses <= {"solved"} else Exit.NOT_SOLVED
    if "error" in statuses:
        code = Exit.INTERNAL
    report = Report(
        data=lambda: {**named, "answers": answers, "left_out": list(handed.notes), "csv": table},
        text=lambda terminal: terminal.plain(
            "\n\n".join(
                [as_text(f"Exercise {found.position}: {found.title}", rows, terminal), *notes]
            )
        ),
        exit_code=code,
    )
    return with_trouble(report, trouble)


def _refuse_other_files(output: Output) -> None:
    """A slip with --csv costs nobody an answer: only a table of grades is written over."""
    try:
        other = (
            output.path.is_file() and output.path.stat().st_size > 0 and not is_table(output.path)
        )
    except OSError:  # it cannot be read; whether it can be written is asked next
        return
    if other or (output.path.exists() and not output.path.is_file()):
        name = visible(str(output.path))
        message = f"--csv: the file {name} is no table of grades, and it stays as it is."
        raise CommandError(ReportedError("file_exists", message))


def _notes(found: Exercise, handed: HandedIn, student_from_name: bool) -> list[str]:
    """What was left out, and against which numbers the answers were graded."""
    notes = ["\n".join(["No submissions:", *handed.notes])] if handed.notes else []
    if found.variants > 1 and not student_from_name:
        notes.append(
            f"The exercise has {found.variants} variants, and all files were graded against the "
            "first; --student-from-name grades each against its student's numbers."
        )
    return notes


def _rows(
    session: Session, found: Exercise, tasks: Sequence[_Task], folder: Path | None, limits: _Limits
) -> list[Row]:
    """A row for each task, in their order."""
    verdicts = {i: _unreadable(task.fault) for i, task in enumerate(tasks) if task.fault}
    open_tasks = [i for i in range(len(tasks)) if i not in verdicts]
    # In other processes: an answer that hangs, or brings Python down, costs nobody else's row.
    outcomes = within_time_limit(
        _grader,
        (found.id, folder),
        [tasks[i] for i in open_tasks],
        seconds=limits.seconds,
        processes=limits.jobs or max(1, min(cores(), len(open_tasks) // _WORTH_A_PROCESS)),
    )
    try:
        with ProgressBar(session, "Grading", time_left=True) as bar:
            for position, outcome in outcomes:
                verdict = outcome if isinstance(outcome, _Verdict) else _lost(outcome, limits)
                verdicts[open_tasks[position]] = verdict
                bar(len(verdicts), len(tasks))
    except KeyboardInterrupt as stop:
        done = f"{len(verdicts)} of {len(tasks)} answers were graded"
        raise interruption(session, stop, done, "no table was written") from None
    finally:
        outcomes.close()
    return [_row(task, verdicts[i]) for i, task in enumerate(tasks)]


def _tasks(
    submissions: Sequence[Submission],
    found: Exercise,
    place: CourseContext,
    student_from_name: bool,
) -> list[_Task]:
    """What there is to grade, whose it is by its name, and against which variant."""
    tasks = []
    for each in submissions:
        task = _Task(each.path, each.file, found.variant, fault=each.fault)
        if student_from_name:
            try:
                student = student_name(each.path.stem)
            except InputError as error:
                said = f"Nobody's name is in the name of the file. {error.message}"
                task = replace(task, variant=0, fault=each.fault or said)
            else:
                variant = drawn_variant(found, student, place.folder)
                task = replace(task, variant=variant, student=student)
        tasks.append(task)
    return tasks


def _grader(setting: tuple[str, Path | None]) -> Callable[[_Task], _Verdict]:
    """What grades one answer in a process of its own, made ready by grading the example."""
    variants = load_variants(*setting)
    grade_one(variants[0], **variants[0].example)

    def graded(task: _Task) -> _Verdict:
        try:
            return _verdict(variants[task.variant - 1], task)
        except Exception as error:  # noqa: BLE001 - one answer, whatever it does, stops no other
            problem = explain(error).problem
            said = type(error).__name__ if problem is None else problem.message
            return _Verdict("error", None, None, said)

    return graded


def _verdict(found: Exercise, task: _Task) -> _Verdict:
    """Grade one file; one that holds no answer is unreadable."""
    try:
        given = Given(read_file(str(task.path), "grade"), task.file)
        verdict = answer_in(given, found).grade(found)
    except CommandError as refusal:
        return _unreadable(refusal.problem.message)
    feedback = reporting.grade_data(verdict)["feedback"]
    said = str(feedback["happened"]) if isinstance(feedback, dict) else ""
    return _Verdict(verdict.status, verdict.score, verdict.feedback.diagnosis, said)


def _unreadable(said: str) -> _Verdict:
    return _Verdict("unreadable", Fraction(0), None, said)


def _lost(outcome: TimedOut | Died, limits: _Limits) -> _Verdict:
    """What is said of an answer that ended without a verdict."""
    said = (
        f"Not graded within {limits.seconds:g} s, the --timeout of each answer; "
        "grade this one by itself with more."
    )
    if not isinstance(outcome, TimedOut):
        said = f"Not graded: its process died, with exit code {outcome.exit_code}."
    return _Verdict("error", None, None, said)


def _row(task: _Task, verdict: _Verdict) -> Row:
    return Row(
        task.file,
        None if task.student is None else visible(task.student),
        task.variant or None,
        verdict.status,
        verdict.score,
        None if verdict.diagnosis is None else visible(verdict.diagnosis),
        visible_in_line(verdict.happened),
    )
