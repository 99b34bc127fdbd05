"""The features' colours: 1 blue, 2 green, 3 orange, and on; told apart by the colour-blind too."""

from __future__ import annotations

# Okabe and Ito 2008, "Color Universal Design", in the order of the by-hand walk
_SVG = ("#0072B2", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_TERMINAL = ("bright_blue", "green", "dark_orange", "magenta", "cyan", "red", "default")


def svg_colour(feature: int) -> str:
    """The colour of a feature (from 1) as a hexadecimal triplet.

    >>> svg_colour(1), svg_colour(8) == svg_colour(1)
    ('#0072B2', True)
    """
    return _SVG[(feature - 1) % len(_SVG)]


def terminal_colour(feature: int) -> str:
    """The colour of a feature (from 1) as rich names it.

    >>> terminal_colour(2)
    'green'
    """
    return _TERMINAL[(feature - 1) % len(_TERMINAL)]
