"""Numbers as the author of an answer typed them: 1.1*cos(2*pi/5), and not its roots."""

from __future__ import annotations

import re

from exercises.specification import TypedAnswer
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, to_text
from handcalc.parsing import parse_scalar
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import PlainNotation

__all__ = ["model_cells"]

_BETWEEN = re.compile(r"[\s,]+")


def model_cells(
    typed: TypedAnswer, model: ToyModel, notation: PlainNotation
) -> tuple[list[list[str]], list[str]]:
    """The cells of W, row by row, and of b: as they were typed, 1/2 and sqrt(3)/2 as ever.

    A row that cannot be told apart cell by cell, as with spaces in its numbers, is shown as ever.

    >>> from handcalc.views.notation import UNICODE
    >>> typed = {"W": "0.88 0; -0.44 sqrt(3)/2", "b": "0.3"}
    >>> model_cells(typed, ToyModel(typed["W"], b=["0.3", "0.3"]), UNICODE)
    ([['0.88', '0'], ['−0.44', '√3/2']], ['0.3', '0.3'])
    """
    rows = typed["W"].split(";")
    rows += [""] * (model.n - len(rows))
    W = [
        _row(text, values, notation) for text, values in zip(rows[: model.n], model.W, strict=True)
    ]
    return W, _row(typed["b"], model.b, notation)


def _row(text: str, values: Vector, notation: PlainNotation) -> list[str]:
    cells = _BETWEEN.split(text.strip())
    if len(cells) == 1:  # one number stands for all
        cells *= len(values)
    try:
        numbers = [parse_scalar(cell) for cell in cells]
        as_typed = len(numbers) == len(values) and all(map(equal, numbers, values))
    except InputError:
        as_typed = False
    if not as_typed:
        return [notation.number(value) for value in values]
    pairs = zip(cells, values, strict=True)
    return [_cell(cell, to_text(value), notation.number(value), notation) for cell, value in pairs]


def _cell(cell: str, usual: str, shown: str, notation: PlainNotation) -> str:
    return shown if cell == usual else notation.words(cell).replace("-", notation.minus)
