"""A whole model in one text, as handcalc itself shows it: W for a matrix, b for a list.

Only what is marked as a model is taken for one: both names, in one of handcalc's own views.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from handcalc.parsing.formats.wrapping import blanked

Part: TypeAlias = Literal["W", "b"]

_REST: Final = r"(?s:.)*"
_VIEWS: Final = (
    # ToyModel("1 0; 0 1", b="0 1/2", activation="relu")
    re.compile(rf"\s*+ToyModel\(\"(?P<W>[^\"]*)\", b=\"(?P<b>[^\"]*)\"{_REST}"),
    # the terminal's: rows in brackets, b = (0, 1/2) below them, and the formula of the output
    re.compile(
        r"\s*+(?P<W>(?:[^\n\]⎤⎥⎦]*+[\]⎤⎥⎦][^\n]*+\n)+)"
        r"(?P<indent>[ \t]*+)(?P<b>b [=≈] \([^\n]*+(?:\n(?P=indent)[ \t]++[^\n]*+)*)"
        r"(?:\n(?P=indent)x[^\n]*+)?\s*"
    ),
    # the Markdown's
    re.compile(
        r"\s*+(?:\$\$\s*+)?"
        r"(?P<W>W (?:=|\\approx) \\begin(?:(?!\\end)(?s:.))*\\end\{bmatrix\}), \\quad "
        r"(?P<b>b (?:=|\\approx) \\left\((?:(?!\\right\), \\quad)(?s:.))*\\right\))" + _REST
    ),
    # JSON, with more behind W and b
    re.compile(
        r"\s*+\{(?:[^\[\]]*,)?\s*\"W\":\s*(?P<W>\[[^:]*\])\s*,\s*\"b\":\s*(?P<b>\[[^:\[\]]*\])"
        + _REST
    ),
)


def part_of_model(text: str, part: Part) -> str:
    """The text with only W or only b left, where it is a whole model; else as it is.

    >>> part_of_model('ToyModel("1 0", b="5")', "b").split()
    ['5']
    """
    for view in _VIEWS:
        found = view.fullmatch(text)
        if found is not None:
            start, end = found.span(part)
            return blanked(text[:start]) + text[start:end] + blanked(text[end:])
    return text
