"""The views of exercises and grades, registered with handcalc's ``display``."""

from __future__ import annotations

from collections.abc import Iterator

from exercises.asked_exercise import AskedExercise
from exercises.course_list import Listing
from exercises.exercise import Exercise
from exercises.grading import Grade
from exercises.reporting import exercise_text, grade_text, listing_text
from exercises.reporting.notebook import exercise_markdown, grade_markdown, listing_markdown
from exercises.reporting.prose import answering_call, loading_call, options
from handcalc.views.layout import Paragraph, spaced, to_type
from handcalc.views.text import register


def variant_lines(exercise: Exercise) -> Iterator[Paragraph]:
    """Of a variant that is nobody's: which it is, and how Python grades it.

    >>> from exercises import load
    >>> str(load(7, variant=2)).splitlines()[-2]
    'This is variant 2 of 5, which commands do not name; to answer it:'
    """
    if exercise.student is None and exercise.variant > 1:
        which = f"variant {exercise.variant} of {exercise.variants}, which commands do not name"
        call = f"exercises.grade({loading_call(exercise)}, …)"
        yield Paragraph(f"This is {which}; to answer it: {call}")


register(
    Exercise,
    lambda exercise, notation: spaced(
        exercise_text(exercise, notation, options(exercise)), *variant_lines(exercise)
    ),
    exercise_markdown,
)
register(
    Grade,
    lambda grade, notation: grade_text(
        # where there is no option to ask for them, the steps of a forward pass are there at once
        grade,
        notation,
        options(grade.exercise),
        steps=grade.work is not None,
    ),
    grade_markdown,
)
register(
    AskedExercise,
    lambda asked, notation: spaced(
        exercise_text(asked.exercise, notation, None),
        Paragraph("Answer it with this call, with your own numbers:"),
        to_type(answering_call(asked.exercise), "   "),
    ),
    lambda asked: exercise_markdown(asked.exercise, answering_call(asked.exercise)),
)
register(Listing, listing_text, listing_markdown)
