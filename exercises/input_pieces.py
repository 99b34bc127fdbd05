"""Sets of inputs as pieces, each the convex hull of its corners, and how an author writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import sympy

from handcalc.errors import InputError
from handcalc.numbers.exact import in_unit_interval
from handcalc.parsing import parse_input, parse_matrix

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector


@dataclass(frozen=True, slots=True)
class Hull:
    """The convex hull of some inputs, its ``corners``; ``text`` is how the author wrote it.

    The faces of the box are pieces, and so are segments and single inputs. ``features`` are those
    (from 1) whose outputs are asked of these inputs.
    """

    text: str
    corners: tuple[Vector, ...]
    features: tuple[int, ...]


def read_piece(text: str, n: int, features: tuple[int, ...]) -> Hull:
    """A face of the box, as in "x1 0 1/2" with letters in [0, 1]; or the hull of rows.

    Behind a colon stand the outputs that are asked of it; else all of ``features`` are. Errors:
    ``InputError``.

    >>> read_piece("x1 0: 2", 2, (1, 2))
    Hull(text='x1 0', corners=((0, 0), (1, 0)), features=(2,))
    """
    text, colon, outputs = map(str.strip, text.partition(":"))
    if colon:
        features = _outputs(outputs, n)
    if ";" in text:
        return Hull(text, tuple(map(_in_box, parse_matrix(text, None, n))), features)
    x = parse_input(text, n)
    _in_box([value for value in x if not value.free_symbols])
    letters = sorted({value for value in x if value.free_symbols}, key=str)
    # x is affine in its letters, so the face is the hull of what it is with each at 0 or 1
    corners = []
    for ends in product((0, 1), repeat=len(letters)):
        at = dict(zip(letters, ends, strict=True))
        corners.append(tuple(value.subs(at) for value in x))
    return Hull(text, tuple(corners), features)


def _outputs(text: str, n: int) -> tuple[int, ...]:
    """The outputs that are asked of a piece, by number, each once."""
    numbers = tuple(int(word) if word.isdecimal() else 0 for word in text.split())
    if not numbers or len(set(numbers)) < len(numbers) or not set(numbers) <= {*range(1, n + 1)}:
        said = f'Behind ":" stand some of the outputs 1 to {n}, each once, not "{text}".'
        raise InputError("wrong_value", said)
    return numbers


def _in_box(x: Sequence[sympy.Expr]) -> Vector:
    if not all(map(in_unit_interval, x)):
        raise InputError("wrong_value", "A piece lies in the box: its numbers are from 0 to 1.")
    return tuple(x)
