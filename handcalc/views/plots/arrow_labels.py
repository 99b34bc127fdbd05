"""Where the names of features stand beside their arrows, so that none lies on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, tau
from typing import TypeAlias

Spot: TypeAlias = "tuple[float, float]"

_NEAR = 1.2  # letters: labels lie on each other
_SHORT = 1.5  # letters: a shorter arrow's number stands where the others leave room
_WIDE = 0.3  # half of a letter's width, in its height


@dataclass(frozen=True, slots=True)
class Label:
    """A text and the place of its middle."""

    text: str
    x: float
    y: float


def arrow_labels(
    tips: Sequence[Spot],
    feet: Sequence[Spot],
    letter: float,
    names: Sequence[str],
    wanted: Sequence[bool] | None = None,
) -> list[Label]:
    """The name of each feature beyond the tip of its arrow, at most ``letter`` high.

    Features whose tips lie together share a label. The label of a short arrow stands where the
    longer ones leave most room. ``wanted`` leaves out features, all of them being there.

    >>> spots = [(1.0, 0.0), (0.0, 0.0), (0.0, 0.0)]
    >>> [label.text for label in arrow_labels(spots, [(0, 0)] * 3, 0.1, "123")]
    ['1', '2, 3']
    """
    asked = [True] * len(tips) if wanted is None else wanted
    short = _SHORT * letter
    room = _widest(tips, feet, short)
    found = []
    for group in _groups(tips, feet, letter):
        tip, foot = _middle([tips[i] for i in group]), feet[group[0]]
        dx, dy = tip[0] - foot[0], tip[1] - foot[1]
        long = hypot(dx, dy) > short
        angle, start, away = (atan2(dy, dx), tip, 0.75) if long else (room, foot, 1.4)
        text = ", ".join(names[i] for i in group if asked[i])
        away += abs(cos(angle)) * len(text) * _WIDE + abs(sin(angle)) * 0.5
        found.append(
            Label(
                text, start[0] + letter * away * cos(angle), start[1] + letter * away * sin(angle)
            )
        )
    return [label for label in found if label.text]


def beside(labels: Sequence[Label], others: Sequence[Label], letter: float) -> list[Label]:
    """The labels, those that lie on one of the ``others`` moved to its side, around the origin."""
    moved = []
    for label in labels:
        on = [one for one in others if hypot(one.x - label.x, one.y - label.y) < _NEAR * letter]
        away = letter * (1 + _WIDE * sum(len(one.text) for one in [label, *on]))
        far = hypot(label.x, label.y) or 1.0
        x, y = label.x - away * label.y / far, label.y + away * label.x / far
        moved.append(Label(label.text, x, y) if on else label)
    return moved


def _groups(tips: Sequence[Spot], feet: Sequence[Spot], letter: float) -> list[list[int]]:
    """Features whose tips are near to each other: closer than a letter, or all short."""
    spots = [
        tip if _length(tip, foot) > _SHORT * letter else foot
        for tip, foot in zip(tips, feet, strict=True)
    ]
    groups: list[list[int]] = []
    for i, spot in enumerate(spots):
        near = (group for group in groups if _length(spots[group[0]], spot) < letter)
        group = next(near, None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    return groups


def _widest(tips: Sequence[Spot], feet: Sequence[Spot], short: float) -> float:
    """The middle of the widest angle between arrows that are not short; up where there are none."""
    angles = sorted(
        atan2(tip[1] - foot[1], tip[0] - foot[0])
        for tip, foot in zip(tips, feet, strict=True)
        if _length(tip, foot) > short
    )
    if not angles:
        return pi / 2
    around = zip(angles, [*angles[1:], angles[0] + tau], strict=True)
    width, start = max((round(after - before, 3), before) for before, after in around)
    return start + width / 2


def _middle(spots: Sequence[Spot]) -> Spot:
    x, y = (sum(values) / len(spots) for values in zip(*spots, strict=True))
    return x, y


def _length(tip: Spot, foot: Spot) -> float:
    return hypot(tip[0] - foot[0], tip[1] - foot[1])
