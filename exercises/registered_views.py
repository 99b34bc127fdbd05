"""The views of exercises and grades, registered with handcalc's ``display``."""

from __future__ import annotations

from exercises.course_list import Listing
from exercises.exercise import Exercise
from exercises.grading import Grade
from exercises.reporting import exercise_text, grade_text, listing_text
from exercises.reporting.notebook import exercise_markdown, grade_markdown, listing_markdown
from exercises.reporting.prose import options
from handcalc.views.text import register

register(
    Exercise,
    lambda exercise, notation: exercise_text(exercise, notation, options(exercise)),
    exercise_markdown,
)
register(
    Grade,
    lambda grade, notation: grade_text(grade, notation, options(grade.exercise)),
    grade_markdown,
)
register(Listing, listing_text, listing_markdown)
