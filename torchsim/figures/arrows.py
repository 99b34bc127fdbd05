"""One embedding as arrows: trained features solid, the exact ones as thin lines with rings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import atan2, cos, factorial, hypot, pi, prod, sin, tau
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from handcalc.superposition.best.canonical_form import reflectable_sets
from handcalc.superposition.loss.problem import MAX_FEATURES
from handcalc.views.plots.style import RGB, Theme
from torchsim.figures.layout import only_lines
from torchsim.figures.shown import Floats
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# --------------------------------------------------------------------------------------------------
# Where the numbers of features stand beside their arrows, so that none lies on another.


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
    around = zip(angles, [*angles[1:], angles[0] + tau], strict=True)
    width, start = max((round(after - before, 3), before) for before, after in around)
    return start + width / 2


_FAR = 2.5  # letters, beyond which an exact feature has a number of its own


@dataclass(frozen=True, slots=True)
class Scale:
    """Half the width of every panel, and the letters of a label in the same unit."""

    reach: float
    letter: float


def arrow_panel(
    axes: Axes,
    embeddings: tuple[Floats, Floats | None],
    colours: Sequence[RGB],
    scale: Scale,
    theme: Theme,
) -> None:
    """The trained embedding and, if there is one, the exact; both (n, m) with m = 1 or 2.

    In one dimension each feature has a line of its own.
    """
    W, best = embeddings
    trained, feet = _tips(W, scale), _tips(np.zeros_like(W), scale)
    axes.set(xlim=(-scale.reach, scale.reach), ylim=(-scale.reach, scale.reach), aspect="equal")
    axes.set(xticks=[], yticks=[])
    only_lines(axes)
    if W.shape[1] == 1:
        _lines(axes, feet, scale, theme)
    else:
        _circle(axes, theme)
    _arrows(axes, trained, feet, colours, theme)
    numbers = arrow_labels(trained, feet, scale.letter)
    for label in numbers:
        _write(axes, label, theme.ink, theme)
    if best is not None:
        exact = _tips(best, scale)
        _rings(axes, exact, feet, theme)
        far = are_far(W, best, scale)
        others = arrow_labels(exact, feet, scale.letter, far.tolist())
        for label in beside(others, numbers, scale.letter):
            _write(axes, label, theme.soft, theme)


def are_far(W: Floats, best: Floats, scale: Scale) -> NDArray[np.bool_]:
    """Which exact features (n,) are so far from the trained ones that they have numbers."""
    far: NDArray[np.bool_] = np.linalg.norm(best - W, axis=1) > _FAR * scale.letter
    return far


def name_axes(axes: Axes, m: int, theme: Theme) -> None:
    """h₁ at the right end of a panel and h₂ above it; −1, 0 and 1 above a single dimension."""
    if m == 2:
        axes.annotate("h₁", (1, 0.5), (3, 0), va="center", **_near("axes fraction", theme))
        axes.annotate("h₂", (0.5, 1), (0, 2), ha="center", **_near("axes fraction", theme))
        return
    for x, text in ((-1, "−1"), (0, "h = 0"), (1, "1")):
        place = _near(("data", "axes fraction"), theme)
        axes.annotate(text, (x, 1), (0, 2), ha="center", **place)


def _near(places: object, theme: Theme) -> dict[str, Any]:
    return {"xycoords": places, "textcoords": "offset points", "color": theme.soft}


def _tips(W: Floats, scale: Scale) -> Floats:
    """The ends (n, 2) of arrows; in one dimension each feature has a height of its own."""
    if W.shape[1] == 2:
        return W
    heights = np.linspace(0.6, -0.6, len(W)) * scale.reach if len(W) > 1 else np.zeros(1)
    return np.stack([W[:, 0], heights], axis=1)


def _circle(axes: Axes, theme: Theme) -> None:
    """Both axes, and the unit circle."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=theme.faint, linewidth=1))
    axes.axhline(0, color=theme.faint, linewidth=0.7, zorder=0)
    axes.axvline(0, color=theme.faint, linewidth=0.7, zorder=0)


def _lines(axes: Axes, feet: Floats, scale: Scale, theme: Theme) -> None:
    """A line for each feature, marked at −1, 0 and 1, where the ends of the unit circle are."""
    axes.hlines(feet[:, 1], -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    axes.vlines([0], -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    for x in (-1, 1):
        axes.scatter(
            np.full(len(feet), x), feet[:, 1], s=120, facecolors="none", edgecolors=theme.faint
        )


def _arrows(axes: Axes, tips: Floats, feet: Floats, colours: Sequence[RGB], theme: Theme) -> None:
    (x, y), (u, v) = feet.T, (tips - feet).T
    axes.quiver(
        x, y, u, v, color=list(colours), angles="xy", scale_units="xy", scale=1, units="inches",
        width=0.07, headwidth=3.2, headlength=3.6, headaxislength=3.4, minlength=0.6,
        edgecolor=theme.ink, linewidth=0.4, zorder=3,
    ).set_gid("trained")  # fmt: skip


def _rings(axes: Axes, tips: Floats, feet: Floats, theme: Theme) -> None:
    """The exact best: thin lines in ink, a ring at each end."""
    from matplotlib.collections import LineCollection

    lines = list(np.stack([feet, tips], axis=1))
    axes.add_collection(LineCollection(lines, colors=theme.ink, linewidths=0.9, zorder=4))
    x, y = tips.T
    axes.scatter(
        x, y, s=95, facecolors="none", edgecolors=theme.ink, linewidths=1.4, zorder=5
    ).set_gid("exact")


def _write(axes: Axes, label: Label, colour: str, theme: Theme) -> None:
    from matplotlib.patheffects import withStroke

    axes.text(
        label.x, label.y, label.text, ha="center", va="center", fontsize=12, fontweight="bold",
        color=colour, zorder=6, path_effects=[withStroke(linewidth=2.5, foreground=theme.paper)],
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------
# An embedding turned, and its features that are alike exchanged, to lie on another.


_MOST = 1 << 16  # orders that are tried: 8 features that are all alike have fewer


def aligned(choices: Sequence[Floats], target: Floats, kinds: Sequence[Hashable]) -> Floats:
    """P W Q nearest to the target: W a choice, Q orthogonal, P an order that keeps the kinds.

    Q is U V from the singular value decomposition U D V of (P W)ᵀ target, and the nearest P W has
    the largest sum of singular values less half its squared length. ``target`` and every choice
    have shape (n, m). Beyond 65,536 orders in all features stay in theirs.

    Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".

    >>> W = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> target = np.asarray([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> bool(np.allclose(aligned([W], target, [1, 1, 1]), target))
    True
    """
    orders = np.asarray(list(_orders(kinds, _MOST // len(choices))))
    ordered = np.concatenate([W[orders] for W in choices])  # (choices × orders, n, m)
    overlaps = np.einsum("oik,il->okl", ordered, target)
    near = np.linalg.svd(overlaps, compute_uv=False).sum(axis=1) - (ordered**2).sum((1, 2)) / 2
    nearest = int(near.round(9).argmax())
    U, _, V = np.linalg.svd(overlaps[nearest])
    found: Floats = ordered[nearest] @ U @ V
    return found


def turned_round(W: Floats, model: ModelSpec) -> list[Floats]:
    """W, and W with some of its rows negated, where that can be had at no cost.

    Features that are always on may be turned round: see ``best.canonical_form``. Only for up to 8
    features; for more W alone.

    >>> W = np.asarray([[1.0], [-0.5]])
    >>> [len(turned_round(W, ModelSpec.of(2, 1, s))) for s in ("0", "1/2")]
    [2, 1]
    """
    if model.features > MAX_FEATURES:
        return [W]
    found = []
    for rows in reflectable_sets(W.tolist(), model):
        signs = np.ones((len(W), 1))
        signs[list(rows)] = -1
        found.append(W * signs)
    return found


def alike(model: ModelSpec) -> tuple[Hashable, ...]:
    """For each feature what tells it from the others: importance, sparsity, and its set, if any.

    >>> kinds = alike(ModelSpec.of(3, 2, "1/2", importance="1 1 1/2"))
    >>> kinds[0] == kinds[1], kinds[0] == kinds[2]
    (True, False)
    """
    found: list[Hashable] = [None] * model.features
    for number, block in enumerate(model.blocks):
        members = {i for support, _ in block.supports for i in support}
        for i in members:
            own = number if len(members) > 1 else -1
            found[i] = (model.importance[i], block.sparsity, own)
    return tuple(found)


def _orders(kinds: Sequence[Hashable], most: int) -> Iterator[list[int]]:
    """Every order of the features in which each place keeps its kind; the given one first."""
    groups = [[i for i, k in enumerate(kinds) if k == kind] for kind in dict.fromkeys(kinds)]
    if prod(factorial(len(group)) for group in groups) > most:
        yield list(range(len(kinds)))
        return
    for chosen in product(*(permutations(group) for group in groups)):
        order = list(range(len(kinds)))
        for group, images in zip(groups, chosen, strict=True):
            for place, image in zip(group, images, strict=True):
                order[place] = image
        yield order
