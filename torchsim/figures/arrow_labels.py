"""Where the numbers of features stand beside their arrows, so that none lies on another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, tau

import numpy as np
from numpy.typing import NDArray

from torchsim.figures.shown import Floats

__all__ = ["Label", "arrow_labels", "beside"]

_NEAR = 1.2  # letters: labels lie on each other
_SHORT = 1.5  # letters: a shorter arrow's number stands where the others leave room


@dataclass(frozen=True, slots=True)
class Label:
    """A text and the place of its middle."""

    text: str
    x: float
    y: float


def arrow_labels(
    tips: Floats, feet: Floats, letter: float, wanted: Iterable[bool] | None = None
) -> list[Label]:
    """The number of each feature (from 1) beyond the tip of its arrow, at most ``letter`` high.

    ``tips`` and ``feet`` have shape (n, 2). Features whose tips lie together share a label. The
    label of a short arrow stands where the longer ones leave most room. ``wanted`` leaves out
    features, all of them being there.

    >>> tips = np.asarray([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    >>> [label.text for label in arrow_labels(tips, 0 * tips, 0.1)]
    ['1', '2, 3']
    """
    asked = [True] * len(tips) if wanted is None else list(wanted)
    short = _SHORT * letter
    room = _widest(tips - feet, short)
    found = []
    for group in _groups(tips, feet, letter):
        tip, foot = tips[group].mean(axis=0), feet[group[0]]
        dx, dy = (tip - foot).tolist()
        long = hypot(dx, dy) > short
        angle, start, away = (atan2(dy, dx), tip, 0.75) if long else (room, foot, 1.4)
        text = ", ".join(str(i + 1) for i in group if asked[i])
        away += abs(cos(angle)) * len(text) * 0.3 + abs(sin(angle)) * 0.5
        x, y = (start + letter * away * np.asarray([cos(angle), sin(angle)])).tolist()
        found.append(Label(text, x, y))
    return [label for label in found if label.text]


def beside(labels: Sequence[Label], others: Sequence[Label], letter: float) -> list[Label]:
    """The labels, those that lie on one of the ``others`` moved to its side, around the origin."""
    moved = []
    for label in labels:
        on = [one for one in others if hypot(one.x - label.x, one.y - label.y) < _NEAR * letter]
        away = letter * (1 + 0.3 * sum(len(one.text) for one in [label, *on]))
        far = hypot(label.x, label.y) or 1.0
        x, y = label.x - away * label.y / far, label.y + away * label.x / far
        moved.append(Label(label.text, x, y) if on else label)
    return moved


def _groups(tips: Floats, feet: Floats, letter: float) -> list[list[int]]:
    """Features whose tips are near to each other: closer than a letter, or all short."""
    spots = np.where(_are_long(tips - feet, _SHORT * letter)[:, None], tips, feet)
    groups: list[list[int]] = []
    for i, spot in enumerate(spots):
        near = (g for g in groups if hypot(*(spots[g[0]] - spot).tolist()) < letter)
        group = next(near, None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    return groups


def _are_long(arrows: Floats, short: float) -> NDArray[np.bool_]:
    long: NDArray[np.bool_] = np.hypot.reduce(arrows, axis=1) > short
    return long


def _widest(arrows: Floats, short: float) -> float:
    """The middle of the widest angle between arrows that are not short; up where there are none."""
    angles = sorted(atan2(y, x) for x, y in arrows[_are_long(arrows, short)].tolist())
    if not angles:
        return pi / 2
    width, start = max((round(after - before, 3), before) for before, after in _around(angles))
    return start + width / 2


def _around(angles: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(angles, [*angles[1:], angles[0] + tau], strict=True))
