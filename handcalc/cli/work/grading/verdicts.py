"""Answers judged in processes of their own, each in its time; one that is killed is replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from exercises import Exercise, reporting
from exercises import grade as grade_one
from exercises.course import load_variants
from handcalc.cli.failures import explain, interruption
from handcalc.cli.report import CommandError, Session
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given, answer_text
from handcalc.cli.work.answers import answer_in
from handcalc.processes.cores import cores
from handcalc.processes.time_limits import Died, TimedOut, within_time_limit

_WORTH_A_PROCESS = 10  # answers: to start a process takes as long as to grade so many


@dataclass(frozen=True, slots=True)
class AnswerTask:
    """One answer, by which name it is shown, and the exercise and variant that it is graded by."""

    slug: str
    variant: int
    shown: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """What came of one answer; the texts are as they were found.

    The status is that of a grade; or "undecided" or "error" where there is no verdict and so no
    ``score``; or it says that there was nothing to judge: "absent", "missing", "unknown",
    "doubled".
    """

    status: str
    score: Fraction | None
    diagnosis: str | None
    happened: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long an answer may take, and how many are graded at once, if that is said."""

    seconds: float
    jobs: int | None


def judged(
    session: Session,
    slugs: Sequence[str],
    folder: Path | None,
    limits: TimeLimits,
    tasks: Sequence[AnswerTask],
) -> list[AnswerVerdict]:
    """A verdict for each task, in their order. Errors: an interruption, as a refusal."""
    verdicts: dict[int, AnswerVerdict] = {}
    # In other processes: an answer that hangs, or brings Python down, costs nobody else's row.
    outcomes = within_time_limit(
        grader,
        (tuple(slugs), folder),
        tasks,
        seconds=limits.seconds,
        processes=limits.jobs or max(1, min(cores(), len(tasks) // _WORTH_A_PROCESS)),
    )
    try:
        with ProgressBar(session, "Grading", time_left=True) as bar:
            for position, outcome in outcomes:
                verdict = outcome if isinstance(outcome, AnswerVerdict) else _lost(outcome, limits)
                verdicts[position] = verdict
                bar(len(verdicts), len(tasks))
    except KeyboardInterrupt as stop:
        done = f"{len(verdicts)} of {len(tasks)} answers were graded"
        raise interruption(session, stop, done, "no table was written") from None
    finally:
        outcomes.close()
    return [verdicts[i] for i in range(len(tasks))]


def grader(setting: tuple[tuple[str, ...], Path | None]) -> Callable[[AnswerTask], AnswerVerdict]:
    """What grades one answer in a process of its own.

    It is made ready by grading an example for each kind of check, so that the time of an answer is
    its own, and not that of what is imported for the first.
    """
    slugs, folder = setting
    variants = {slug: load_variants(slug, folder) for slug in slugs}
    firsts = {type(found[0].key().check): found[0] for found in variants.values()}
    for first in firsts.values():
        grade_one(first, **first.example)

    def graded(task: AnswerTask) -> AnswerVerdict:
        try:
            return _verdict(variants[task.slug][task.variant - 1], task)
        except Exception as error:  # noqa: BLE001 - one answer, whatever it does, stops no other
            problem = explain(error).problem
            said = type(error).__name__ if problem is None else problem.message
            return AnswerVerdict("error", None, None, said)

    return graded


def _verdict(found: Exercise, task: AnswerTask) -> AnswerVerdict:
    """Grade one answer; a text that holds none is unreadable."""
    text = task.content
    try:
        if isinstance(text, bytes):
            text = answer_text(text, f"grade: the file {task.shown}", "grade", task.shown)
        grade = answer_in(Given(text, task.shown), found).grade(found)
    except CommandError as refusal:
        return unreadable(refusal.problem.message)
    if grade.error is not None and grade.answer.value is not None:  # read, and past deciding
        return AnswerVerdict("undecided", None, None, grade.error.message)
    said = reporting.feedback_data(grade.feedback)
    happened, advice = said["happened"] or "", said["try"] or ""
    return AnswerVerdict(grade.status, grade.score, said["diagnosis"], happened, advice)


def unreadable(said: str) -> AnswerVerdict:
    """The verdict on what cannot be read, and so earns nothing."""
    return AnswerVerdict("unreadable", Fraction(0), None, said)


def _lost(outcome: TimedOut | Died, limits: TimeLimits) -> AnswerVerdict:
    """What is said of an answer that ended without a verdict."""
    said = (
        f"Not graded within {limits.seconds:g} s, the --timeout of each answer; "
        "grade this one by itself with more."
    )
    if not isinstance(outcome, TimedOut):
        said = f"Not graded: its process died, with exit code {outcome.exit_code}."
    return AnswerVerdict("error", None, None, said)
