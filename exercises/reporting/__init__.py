"""Views of exercises and grades: for the terminal, for JSON, for notebooks. No mathematics here."""

from __future__ import annotations

from .data import exercise_data as exercise_data
from .data import feedback_data as feedback_data
from .data import grade_data as grade_data
from .data import hint_data as hint_data
from .data import listing_data as listing_data
from .data import solution_data as solution_data
from .listing import listing_text as listing_text
from .text import exercise_text as exercise_text
from .text import grade_text as grade_text
from .text import has_steps as has_steps
from .text import hint_text as hint_text
from .text import solution_text as solution_text
from .text import steps_text as steps_text
