"""What neurons take in and give out: for each model W_in above W_out, a column a neuron."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handcalc.views.plots.panels import wrapped
from handcalc.views.plots.style import Theme
from torchsim.figures.layout import blank, headed
from torchsim.networks.neurons import Neurons
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.views.network_runs import neurons_sentence
from torchsim.views.network_specifications import network_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 6
_NAMED = 12  # rows or columns that are numbered one by one


def drawn(run: NetworkRun, theme: Theme) -> Figure:
    """Up to six models, a column each: W_in above W_out, features × neurons, by sign and size."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    shown = run.trained[:_MOST]
    names = network_names([trained.model for trained in run.trained])
    figure = blank()
    headed(figure, *_said(run), theme)
    matrices = 1 if all(trained.model.tied for trained in shown) else 2
    grid = figure.add_gridspec(
        matrices, len(shown), left=0.06, right=0.92, top=0.72, bottom=0.1, wspace=0.25, hspace=0.22
    )
    for k, (trained, name) in enumerate(zip(shown, names, strict=False)):
        order = _order(trained)
        for row, matrix in enumerate(_balanced(trained)[:matrices]):
            axes = figure.add_subplot(grid[row, k])
            _matrix(axes, matrix[:, order], theme)
            if k == 0:
                what = "W_in = W_out" if matrices == 1 else ("W_in", "W_out")[row]
                axes.set_ylabel(f"{what}, by feature")
            if row == matrices - 1:
                axes.set_xlabel("neuron")
                _mark(axes, trained, order, theme)
            else:
                axes.set_xticks([])
            if row == 0:
                axes.set_title("\n".join(wrapped(name, 110 // len(shown))) if name else "")
    scale = ScalarMappable(Normalize(-1, 1), theme.signed)
    bar = figure.colorbar(scale, cax=figure.add_axes((0.94, 0.1, 0.012, 0.62)))
    bar.set_ticks([-1, 0, 1])
    bar.outline.set_visible(False)
    return figure


def described(run: NetworkRun) -> str:
    """What the figure shows, for those who do not see it."""
    names = network_names([trained.model for trained in run.trained])
    told = []
    for trained, name in zip(run.trained[:_MOST], names, strict=False):
        found = trained.neurons()
        said = "its neurons are linear." if found is None else neurons_sentence(found)
        told.append(f"{name or 'The model'}: {said}")
    return f"{_said(run)[0]} {' '.join(told)}"


def _order(trained: TrainedNetwork) -> list[int]:
    """Neurons, from 0, by what they hold: those of one feature first, idle ones last."""
    found = trained.neurons()
    if found is None:
        return list(range(trained.model.neurons))
    return sorted(
        range(len(found.held)),
        key=lambda k: (not found.held[k], len(found.held[k]) > 1, found.held[k]),
    )


def _balanced(trained: TrainedNetwork) -> tuple[Tensor, Tensor]:
    """W_in and W_out of the best restart, (n, m) each, the largest number of each 1.

    What a neuron takes in may be multiplied and what it gives divided by any number above 0: here
    the largest of its W_in and of its W_out are the same.
    """
    inward, outward = trained.W_in[trained.best], trained.W_out[trained.best]
    least = torch.finfo(inward.dtype).tiny
    sizes = [each.abs().amax(0).clamp(min=least) for each in (inward, outward)]
    factor = (sizes[1] / sizes[0]).sqrt()
    if not trained.model.tied:
        inward, outward = inward * factor, outward / factor
    first, second = (each / each.abs().max().clamp(min=least) for each in (inward, outward))
    return first, second


def _matrix(axes: Axes, matrix: Tensor, theme: Theme) -> None:
    """Cells from blue for below 0 to vermilion for above it."""
    axes.imshow(
        matrix.tolist(), cmap=theme.signed, vmin=-1, vmax=1, aspect="auto", interpolation="nearest"
    )
    for side in axes.spines.values():
        side.set_color(theme.faint)
    axes.tick_params(length=0)
    n = len(matrix)
    numbers = range(1, n + 1) if n <= _NAMED else (1, n)
    axes.set_yticks([number - 1 for number in numbers], [str(number) for number in numbers])


def _mark(axes: Axes, trained: TrainedNetwork, order: list[int], theme: Theme) -> None:
    """Below each neuron how many features it holds: a dot for one, the number for several."""
    found = trained.neurons()
    if found is None:
        axes.set_xticks(range(len(order)), [str(k + 1) for k in order])
        return
    labels = [_marked(found, k) for k in order]
    axes.set_xticks(range(len(order)), labels, fontsize=11 if len(order) <= _NAMED else 7)
    for text, k in zip(axes.get_xticklabels(), order, strict=True):
        if len(found.held[k]) > 1:
            text.set_color(theme.colour(1))
            text.set_fontweight("bold")


def _marked(found: Neurons, k: int) -> str:
    """The sort of a neuron, from 0, in one letter."""
    count = len(found.held[k])
    return "–" if count == 0 else "•" if count == 1 else str(count)


def _said(run: NetworkRun) -> tuple[str, str]:
    """How neurons are shared from model to model, and how to read the panels."""
    left = len(run.trained) - _MOST
    more = f" {_MOST} of {len(run.trained)} models are shown." if left > 0 else ""
    counts = [found.shared for trained in run.trained[:_MOST] if (found := trained.neurons())]
    how = (
        "Blue below 0, orange above; in each panel the largest number is 1, and neurons are "
        f"scaled to be as large in as out.{more}"
    )
    if not counts:
        return "The weights of linear neurons, which have no axes of their own.", how
    mark = " Below a neuron: • it holds one feature, 2 and more so many, – none."
    low, high = min(counts), max(counts)
    span = str(low) if low == high else f"{low} to {high}"
    return f"Neurons that hold several features: {span}.", f"{how}{mark}"
