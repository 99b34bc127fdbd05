"""Figures of runs: everybody can read them, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from handcalc.views.plots.regimes import regime_colour
from handcalc.views.plots.style import DARK, LIGHT, Theme
from tests.sim_figure_cases import DRAWN, drawn, overlapping, texts
from torchsim.figures import Kind

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


# -- everybody can read it ------------------------------------------------------------------------


def words(figure: Figure) -> list[tuple[str, object]]:
    return [(text.get_text(), text.get_fontsize()) for text, _ in texts(figure)]


@pytest.mark.parametrize(("name", "kind"), DRAWN, ids=str)
def test_texts_are_large_and_lie_neither_on_each_other_nor_outside(name: str, kind: Kind) -> None:
    figure = drawn(name, kind)
    assert tuple(figure.get_size_inches() * figure.dpi) == (1600, 900)
    seen = list(texts(figure))
    assert len(seen) > 10
    for text, box in seen:
        assert text.get_fontsize() >= 11, text
        assert 0 <= box.x0 < box.x1 <= 1600, text
        assert 0 <= box.y0 < box.y1 <= 900, text
    assert overlapping(seen) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_colour_blind_tell_colours_apart(theme: Theme) -> None:
    """Distances in CIE Lab as seen without green cones: 2 is just seen, 15 at a glance."""
    features = [theme.tinted(theme.colour(i), 1) for i in range(1, 8)]
    fates = [regime_colour(size, sharing, theme) for size, sharing in ((0, 0), (1, 0), (1, 1))]
    signs = [to_rgb(theme.signed(x)) for x in (0.0, 0.5, 1.0)]
    paler = [theme.tinted(theme.colour(i + 1), 0.5 + 0.5 * 0.9**i) for i in range(5)]
    for group, least in ((features, 15), (paler, 15), (fates, 50), (signs, 60)):
        for one, other in combinations(group, 2):
            assert distance(one, other) > least, (one, other)
    shades = [lightness(to_rgb(theme.amount(x))) for x in np.linspace(0, 1, 9)]
    assert min(np.diff(shades)) > 3  # also where there is no colour at all


@pytest.mark.parametrize("theme", THEMES)
def test_texts_stand_out_from_the_paper(theme: Theme) -> None:
    """The ratios of WCAG 2.2, 1.4.3 and 1.4.6: 7 for text, 4.5 for what is less important."""
    assert contrast(theme.ink, theme.paper) > 7
    assert contrast(theme.soft, theme.paper) > 4.5
    assert lightness(to_rgb(theme.paper)) < 15 or not theme.dark


@pytest.mark.parametrize(("kind", "name"), {kind: name for name, kind in DRAWN}.items())
def test_light_and_dark_differ_in_colours_alone(kind: Kind, name: str) -> None:
    light, dark = (drawn(name, kind, dark) for dark in (False, True))
    assert to_rgb(light.get_facecolor()) == to_rgb(LIGHT.paper)
    assert to_rgb(dark.get_facecolor()) == to_rgb(DARK.paper)
    assert words(light) == words(dark)
    assert overlapping(list(texts(dark))) == []


def linear(colour: Sequence[float]) -> Any:
    c = np.asarray(colour[:3])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(light: Any) -> Any:
    """CIE Lab under D65 of linear sRGB."""
    M = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    t = np.asarray(M) @ light / np.asarray([0.95047, 1.0, 1.08883])
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.asarray([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """As a deuteranope sees it: Machado, Oliveira and Fernandes 2009, table for severity 1."""
    M = np.asarray(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    )
    first, second = (lab(np.clip(M @ linear(colour), 0, 1)) for colour in (one, other))
    return float(np.linalg.norm(first - second))


def lightness(colour: Sequence[float]) -> float:
    return float(lab(linear(colour))[0])


def contrast(one: str, other: str) -> float:
    weights = np.asarray([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(to_rgb(colour))) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)
