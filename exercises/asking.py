"""Exercises where one reads: asked in a notebook, graded and counted as at the terminal."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

from exercises.asked_exercise import AskedExercise
from exercises.course import course_mark
from exercises.exercise import Exercise
from exercises.grading import Grade, find_exercise, grade
from exercises.progress import store

if TYPE_CHECKING:
    from anywidget import AnyWidget

    from exercises.answers import Typed
    from exercises.course import Folder


def ask(
    exercise: Exercise | int | str,
    *,
    student: str | None = None,
    folder: Folder | None = None,
    no_state: bool = False,
) -> AnyWidget | AskedExercise:
    """Ask an exercise in a notebook: a statement, fields, a button, and help when it is asked for.

    Works in Jupyter, JupyterLab, VS Code, Colab and marimo, where a cell ends with it. Answers are
    graded by this Python, and counted where ``handcalc exercise`` counts them, as are hints and
    solutions that were seen. Of what comes back, ``typed`` is the last answer as it was typed,
    ``grade`` its ``Grade``, or None; ``observe(f, "grade")`` calls ``f`` whenever that changes.

    Args:
        exercise: Its position or id, or what ``load`` gave.
        student: Whose numbers, where the exercise is given by position or id.
        folder: A course, where the exercise is given by position or id.
        no_state: Keep nothing of what is done.

    Returns:
        The widget, or, without anywidget, the statement and the call that grades an answer. A page
        that shows no widgets shows that, too.

    Raises:
        InputError: Those of ``load``, and ``unused_argument``.

    Source: derived here.

    Examples:
        >>> asked = ask("best-bias-sparse", student="ada", no_state=True)
        >>> print(str(asked).splitlines()[-1])
           exercises.answer(7, "3/7", student="ada")
    """
    found = find_exercise(exercise, folder, student, "ask")
    asked = AskedExercise(found, store(no_state, course_mark(found.folder)))
    asked.store.open(found.id)
    if find_spec("anywidget") is None:
        return asked
    from exercises.exercise_widget import ExerciseWidget  # which takes a second to import

    return ExerciseWidget(asked)


def answer(
    exercise: Exercise | int | str,
    *typed: Typed | None,
    student: str | None = None,
    folder: Folder | None = None,
    no_state: bool = False,
    **named: Typed | None,
) -> Grade:
    """Grade an answer, as ``grade`` does, and count it where ``handcalc exercise`` counts it.

    Args:
        exercise: Its position or id, or what ``load`` gave.
        *typed: The answer as the exercise asks for it, as ``grade`` takes it.
        student: Whose numbers, where the exercise is given by position or id.
        folder: A course, where the exercise is given by position or id.
        no_state: Keep nothing of it.
        **named: Parts of the answer by their names, as in W="1 0; 0 1".

    Returns:
        The grade. Where it cannot be kept, a warning says why, and it is the same grade.

    Raises:
        InputError: Those of ``grade``.

    Source: derived here.

    Examples:
        >>> answer(7, "3/8", no_state=True).status
        'solved'
    """
    found = find_exercise(exercise, folder, student, "answer")
    verdict = grade(found, *typed, **named)  # type: ignore[arg-type]  # named has no folder in it
    kept = store(no_state, course_mark(found.folder)).attempt(found.id, verdict.status)
    for said in kept.warnings:
        warnings.warn(said, stacklevel=2)
    return verdict
