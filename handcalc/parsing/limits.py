"""How much is read: every bound, checked before the work that it bounds, and the budget of work.

Reading is linear in the characters of a text; calculations have a budget of counted work. So the
same text is read or refused on every machine, and no clock is looked at. The bound on the angles
of cosines is that of their field, ``numbers.cosine_field.MAX_ANGLE_DENOMINATOR``.
"""

from __future__ import annotations

from handcalc.parsing.refusal import UnreadableError

MAX_CHARACTERS = 500_000  # a text; 400 × 30 weights of 17 digits take 300,000
MAX_PIECES = 80_000  # numbers, signs and brackets of a text; 400 × 30 as JSON take 31,000
MAX_BLOCK_CHARACTERS = 10_000_000  # of a text with its columns in blocks, times the blocks
MAX_DEPTH = 32  # brackets of any kind within one another
MAX_CELL_CHARACTERS = 2_500
MAX_CELL_TOKENS = 120
MAX_TOKENS = 2_000  # the cells of a text that are more than a literal or a fraction of two
MAX_DIGITS = 1_000  # a literal, the zeros at the end of a whole number aside
MAX_EXPONENT = 400  # e-notation: 1e400, 1e-400; floats reach 1e-324
MAX_POWER = 64  # 2^64, 2^-64
MAX_BITS = 4_096  # numerator and denominator of every fraction on the way, about 1,200 digits
MAX_FIELD_BITS = 512  # the same among roots and cosines, where every step takes many products
MAX_ANGLES = 32  # different cosines and sines of one text; a 60-gon has 31
MAX_TERMS = 20  # a number written out as a sum of roots; more do not fit into a cell
MAX_ROOTS = 48  # different square roots of one text
MAX_ROOT_BITS = 60  # the product of the different whole numbers under square roots in one text
FIELD_EFFORT = 25_000  # arithmetic on roots and cosines in one text, in operations on words

# The budget of what is calculated in one text. A unit is about a microsecond of a fast machine.
MAX_WORK = 100_000
TOKEN_WORK = 30  # a token that goes through the grammar
TERM_WORK = 150  # a factor of a number that is written out: 2√3 has two
NESTED_WORK = 600  # the same where there are roots of roots
MAX_SUGGESTION = 400  # characters of a text that is still worth writing out corrected


class WorkBudget:
    """What the calculations of one text may still cost; ``spent`` is what they have cost.

    Units are counts with fixed weights (above), so that the same text costs the same on every
    machine. Errors: ``UnreadableError`` with code ``too_complicated``, before the work is done.

    >>> work = WorkBudget()
    >>> work.spend(40, 0)
    >>> work.spent
    40
    """

    def __init__(self) -> None:
        self.spent = 0

    def spend(self, units: int, start: int | None) -> None:
        """Pay for work that is about to be done at a place."""
        self.spent += units
        if self.spent > MAX_WORK:
            raise UnreadableError(
                "too_complicated",
                "The roots, cosines and calculations of one text are too many together; "
                "use fewer, or type some of the values instead.",
                start,
            )
