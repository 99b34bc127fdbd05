"""Where in a grid of names a label has most of its own region under it."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from typing import TypeVar

import numpy as np

from handcalc.views.plots.regions import inmost
from torchsim.figures.shown import Floats

Name = TypeVar("Name", bound=str)


def label_spots(
    names: Sequence[Sequence[Name]], box: tuple[int, int]
) -> dict[Name, tuple[float, float]]:
    """For each name the middle of a box of so many rows and columns, in rows and columns.

    No other box of that size has more cells of the name; of those that have as many the one nearest
    to the cell that is furthest inside.

    >>> label_spots(["aaaab", "aabbb", "abbbb"], (1, 3))
    {'a': (0.5, 1.5), 'b': (1.5, 3.5)}
    """
    grid = np.asarray([list(row) for row in names])
    middles = inmost(names)
    return {name: _spot((grid == name).astype(float), box, cell) for name, cell in middles.items()}


def _spot(inside: Floats, box: tuple[int, int], middle: tuple[int, int]) -> tuple[float, float]:
    high, wide = (min(size, most) for size, most in zip(box, inside.shape, strict=True))
    counts = np.lib.stride_tricks.sliding_window_view(inside, (high, wide)).sum(axis=(2, 3))
    places = [
        (row + high / 2, column + wide / 2)
        for row, column in np.argwhere(counts == counts.max()).tolist()
    ]
    return min(places, key=lambda place: dist(place, (middle[0] + 0.5, middle[1] + 0.5)))
