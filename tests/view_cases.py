"""Models and pages that every view is tried on."""

from __future__ import annotations

import io
import re
from functools import cache

from rich.console import Console, RenderableType
from sympy import Rational, Symbol, cos, pi, sin, sqrt

from handcalc import ToyModel, embeddings, forward, geometry
from handcalc.superposition.model.forward_pass import Forward
from handcalc.views import text
from handcalc.views.notation import ASCII, UNICODE, PlainNotation

NOTATIONS = {"unicode": UNICODE, "ascii": ASCII}
WIDTHS = [80, 60]
ALL_WIDE = 10_000
NAMES = [found.name for found in embeddings()]

MODELS = {
    **{found.name: found.model for found in embeddings()},
    "pentagon": ToyModel([[cos(2 * pi * k / 5), sin(2 * pi * k / 5)] for k in range(5)]),
    "heptagon": ToyModel([[cos(2 * pi * k / 7), sin(2 * pi * k / 7)] for k in range(7)]),
    "roots": ToyModel([[1 + sqrt(2), 0], [sqrt(3), 1]], [sqrt(5) / 4 - Rational(1, 4), -1]),
    "nested": ToyModel([[sqrt(2 + sqrt(2)), cos(3 * pi / 7)]], [sqrt(sqrt(3))]),
    "one dimension": ToyModel("1; -2; 0; 1/3"),
    "three dimensions": ToyModel("1 2 3; 0 1 0; 1/2 1/3 -1/4"),
    "zeros": ToyModel("0 0; 0 0"),
    "one number": ToyModel("1/2", "-1/4"),
    "long numbers": ToyModel([[Rational(10**30 + 1, 10**29 + 7), 1], [-1, Rational(1, 3**40)]]),
    "twenty features": ToyModel(
        [[Rational(i * j % 7 - 3, j + 2) for j in range(5)] for i in range(20)]
    ),
    "twelve dimensions": ToyModel(
        [[Rational(i * j % 97 - 30, j + 101) for j in range(12)] for i in range(3)]
    ),
}


def rendered(shown: RenderableType, width: int = ALL_WIDE) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, legacy_windows=False)
    console.print(shown)
    return file.getvalue()


def squeezed(shown: str) -> str:
    """Without blanks, and with lines below headings of one length."""
    return re.sub("-{5,}", "-----", "".join(shown.split()))


@cache
def results(model: ToyModel) -> tuple[Forward, ...]:
    """For symbols, for numbers, and for both mixed."""
    numbers = [Rational(1, i + 2) for i in range(model.n)]
    mixed = [Symbol("x1"), *[Rational(3, 2)] * (model.n - 1)]
    return forward(model), forward(model, numbers), forward(model, mixed)


@cache
def pages(model: ToyModel, notation: PlainNotation) -> tuple[RenderableType, ...]:
    return (
        *(text.forward(result, notation) for result in results(model)),
        text.geometry(geometry(model), notation),
        text.drawing(model, notation),
    )
