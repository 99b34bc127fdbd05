"""The budget of counted work that calculations in one text have, spent before the work is done."""

from __future__ import annotations

from handcalc.parsing.arithmetic import Place
from handcalc.parsing.limits import MAX_WORK
from handcalc.parsing.refusal import UnreadableError


class WorkBudget:
    """What the calculations of one text may still cost; ``spent`` is what they have cost.

    Units are counts with fixed weights (limits.py), so that the same text costs the same on every
    machine. Errors: ``UnreadableError`` with code ``too_complicated``, before the work is done.

    >>> work = WorkBudget()
    >>> work.spend(40, 0)
    >>> work.spent
    40
    """

    def __init__(self) -> None:
        self.spent = 0

    def spend(self, units: int, start: Place) -> None:
        """Pay for work that is about to be done at a place."""
        self.spent += units
        if self.spent > MAX_WORK:
            raise UnreadableError(
                "too_complicated",
                "The roots, cosines and calculations of one text are too many together; "
                "use fewer, or type some of the values instead.",
                start,
            )
