"""How much is read: every bound, checked before the work that it bounds."""

from __future__ import annotations

__all__ = [
    "FIELD_EFFORT",
    "MAX_ANGLES",
    "MAX_BITS",
    "MAX_CELL_CHARACTERS",
    "MAX_CELL_TOKENS",
    "MAX_CHARACTERS",
    "MAX_DENOMINATOR",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MAX_EXPONENT",
    "MAX_POWER",
    "MAX_ROOTS",
    "MAX_ROOT_BITS",
    "MAX_SUGGESTION",
    "MAX_TERMS",
    "MAX_TERMS_IN_ALL",
    "MAX_TOKENS",
]

MAX_CHARACTERS = 8_000  # a text
MAX_DEPTH = 32  # brackets of any kind within one another
MAX_CELL_CHARACTERS = 200
MAX_CELL_TOKENS = 120
MAX_TOKENS = 2_000  # the cells of a text that are more than a literal or a fraction of two
MAX_DIGITS = 40  # a literal, the zeros at the end of a whole number aside
MAX_EXPONENT = 40  # e-notation: 1e40, 1e-40
MAX_POWER = 64  # 2^64, 2^-64
MAX_BITS = 512  # numerator and denominator of every value on the way
MAX_ANGLES = 32  # different cosines and sines of one text; a 60-gon has 31
MAX_DENOMINATOR = 60  # of π in an angle
MAX_TERMS = 20  # a number written out as a sum of roots; more do not fit into a cell
MAX_TERMS_IN_ALL = 450  # in one text; a product of two roots counts twice, roots in roots thrice
MAX_ROOTS = 48  # different square roots of one text
MAX_ROOT_BITS = 60  # the product of the different whole numbers under square roots in one text
FIELD_EFFORT = 25_000  # roots and cosines of one text, in about microseconds
MAX_SUGGESTION = 400  # characters of a text that is still worth writing out corrected
