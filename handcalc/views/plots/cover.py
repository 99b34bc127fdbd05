"""The boxes of a certificate as a figure, where W has two free entries: two features on a line."""

from __future__ import annotations

from math import log10, nan
from typing import TYPE_CHECKING

from handcalc.errors import InputError
from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.claim import free_entries
from handcalc.superposition.certificates.cover import BOUNDED, FAR, walk, whole_box
from handcalc.views.plots.style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NEAR = 0.14  # how far around the model the second panel reaches
_LEAST = 1e-9  # a margin that is drawn
_NAMES = ("$W_1$", "$W_2$")
_REGION = "#D55E00"  # an orange that stands out from the blues of boxes


def figure(shown: Certificate) -> Figure:
    """All boxes, the darker the less their loss stays above the model's; and those near the model.

    Errors: ``not_drawn`` where W has more than two free entries; ``missing_extra``.
    """
    problem = shown.claim.problem
    entries = free_entries(problem.features, problem.hidden)
    if len(entries) != 2:
        message = (
            "Boxes are drawn of two features in one dimension, where they lie in a plane; here W "
            f"has {len(entries)} free entries."
        )
        raise InputError("not_drawn", message)
    with styled():
        from handcalc.views.plots.shown_figure import ShownFigure

        label = (
            f"{shown.cover.boxes:,} boxes of W₁ and W₂, small near the model and near where "
            "another embedding is nearly as good, large elsewhere."
        )
        drawn = ShownFigure(figsize=(9.0, 4.6), label=label)
        whole, near = drawn.subplots(1, 2)
        for axes in (whole, near):
            _draw(axes, shown)
            axes.set_xlabel(_NAMES[0])
            axes.set_ylabel(_NAMES[1])
        region = shown.regions[0] if shown.regions else None
        if region is not None:
            middle = (region.low + region.high).ravel() / 2
            near.set_xlim(middle[0] - _NEAR, middle[0] + _NEAR)
            near.set_ylim(middle[1] - _NEAR, middle[1] + _NEAR)
        whole.set_title("All embeddings, turned so that $W_1 ≥ 0$")
        near.set_title("Near the best one")
        drawn.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.13, wspace=0.22)
    return drawn


def _draw(axes: Axes, shown: Certificate) -> None:
    """Every leaf as a rectangle, the regions framed, and the model as a dot."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    problem = shown.claim.problem
    side = float(shown.side)
    patches, shades = [], []
    box = whole_box(problem.features, problem.hidden, side)
    for code, leaf, low, high in walk(
        shown.cover, *box, free_entries(problem.features, problem.hidden)
    ):
        if code == FAR:
            continue
        corner, size = low.ravel(), (high - low).ravel()
        patches.append(Rectangle((corner[0], corner[1]), size[0], size[1]))
        # white where the box has an equal elsewhere
        bounded = code == BOUNDED
        shades.append(log10(max(shown.cover.margins[leaf], _LEAST)) if bounded else nan)
    collection = PatchCollection(patches, cmap="Blues_r", edgecolor=PAGE.soft, linewidth=0.3)
    collection.set_array(shades)
    collection.set_clim(-5, -0.5)
    axes.add_collection(collection)
    for region in shown.regions:
        corner, size = region.low.ravel(), (region.high - region.low).ravel()
        axes.add_patch(
            Rectangle((corner[0], corner[1]), size[0], size[1], fill=False, edgecolor=_REGION)
        )
        middle = corner + size / 2
        axes.plot(middle[0], middle[1], ".", color=_REGION, markersize=4)
    axes.set_xlim(0, side)
    axes.set_ylim(-side, side)
