"""What neurons without a ReLU write and read: rows of W_in beside those of W_out, in the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handcalc.views.plots.panels import Rows, only_lines
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import number
from handcalc.wording import joined
from torchsim.figures.layout import LEFT, blank, headed
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec
from torchsim.views.network_specifications import network_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 8


def suits(run: NetworkRun) -> bool:
    """Whether every model has two neurons without a ReLU: h is a plane that may be turned."""
    models = run.spec.models
    return all(model.activation == "linear" and model.neurons == 2 for model in models)


def drawn(run: NetworkRun, theme: Theme) -> Figure:
    """Up to eight panels; where half are tied, these stand above the others."""
    from matplotlib.lines import Line2D

    shown = _chosen(run)
    names = network_names([each.model for each in shown], but=("importance",))
    rows = Rows.of(len(shown))
    figure = blank()
    headed(figure, *_said(run), theme)
    grid = figure.add_gridspec(
        rows.rows, rows.columns, left=LEFT, right=0.985, top=0.81, bottom=0.15, wspace=0.05,
        hspace=0.32,
    )  # fmt: skip
    for k, (trained, name) in enumerate(zip(shown, names, strict=True)):
        axes = figure.add_subplot(grid[rows.place(k)])
        _arrows(axes, trained, theme)
        _caption(axes, rows.named(name), _measured(trained, shown), theme)
    keys = [
        Line2D([], [], color=theme.ink, linewidth=3, label="W_in: what a feature writes"),
        Line2D(
            [], [], color=theme.ink, linewidth=1.6, linestyle="--", marker="o",
            markerfacecolor="none", label="W_out: what its output reads",
        ),
        Line2D(
            [], [], color=theme.faint, linewidth=0, marker="o", markersize=11,
            markerfacecolor="none", label="length 1",
        ),
    ]  # fmt: skip
    figure.legend(
        handles=keys, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.01), ncols=3,
        columnspacing=2.5,
    )  # fmt: skip
    return figure


def described(run: NetworkRun) -> str:
    """What the figure shows, for those who do not see it."""
    shown = _chosen(run)
    names = network_names([each.model for each in shown], but=("importance",))
    told = []
    for trained, name in zip(shown, names, strict=True):
        inward, outward = (each.norm(dim=1).tolist() for each in balanced(trained.weights()))
        lengths = f"rows of W_in {_lengths(inward)} long"
        if not trained.model.tied:
            lengths += f", of W_out {_lengths(outward)}"
        told.append(f"{name or 'The model'}: {_measured(trained, shown)}; {lengths}")
    return f"{_said(run)[0]} {'. '.join(told)}."


def balanced(weights: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """W_in A and W_out A⁻ᵀ (n, m), the same network, with A so that both are as large in each way.

    Any A that has an inverse leaves W_out W_inᵀ as it is. Here (W_in A)ᵀ(W_in A) is
    (W_out A⁻ᵀ)ᵀ(W_out A⁻ᵀ), by the geometric mean P = A Aᵀ of (W_inᵀW_in)⁻¹ and W_outᵀW_out; what
    is left is turned so that the first feature writes to the right. Source: derived here.

    >>> W = torch.tensor([[2.0, 0.0], [0.0, 1.0]]).double()
    >>> inward, outward = balanced({"W_in": W, "W_out": torch.eye(2).double()})
    >>> torch.allclose(inward, outward), torch.allclose(outward @ inward.T, W.T)
    (True, True)
    """
    inward, outward = weights["W_in"], weights.get("W_out", weights["W_in"])
    if "W_out" in weights and torch.linalg.matrix_rank(torch.cat([inward, outward])) == 2:
        root = _root(inward.T @ inward)
        back = torch.linalg.pinv(root)
        A = _root(back @ _root(root @ outward.T @ outward @ root) @ back)
        inward, outward = inward @ A, outward @ torch.linalg.pinv(A).T
    return _turned(inward, outward)


def _root(square: Tensor) -> Tensor:
    """The square root of a symmetric matrix without values below 0."""
    values, axes = torch.linalg.eigh(square)
    found: Tensor = axes @ torch.diag(values.clamp(min=0).sqrt()) @ axes.T
    return found


def _turned(inward: Tensor, outward: Tensor) -> tuple[Tensor, Tensor]:
    """Both turned so that the first row of W_in points to the right, in two dimensions."""
    x, y = (inward[0] / inward[0].norm().clamp(min=1e-300)).tolist()
    turn = torch.tensor([[x, -y], [y, x]], dtype=inward.dtype)
    return inward @ turn, outward @ turn


def _chosen(run: NetworkRun) -> list[TrainedNetwork]:
    """The models that are shown, tied ones first where there are as many untied ones."""
    shown = list(run.trained[:_MOST])
    tied = [each for each in shown if each.model.tied]
    untied = [each for each in shown if not each.model.tied]
    return [*tied, *untied] if len(tied) == len(untied) else shown


def _arrows(axes: Axes, trained: TrainedNetwork, theme: Theme) -> None:
    """A feature's two arrows in its colour, with its number beyond the longer one."""
    from matplotlib.patches import Circle

    inward, outward = (each.tolist() for each in balanced(trained.weights()))
    axes.add_patch(Circle((0, 0), 1, fill=False, color=theme.faint, linewidth=1, zorder=1))
    for i, ends in enumerate(zip(inward, outward, strict=True), 1):
        written, read = ends
        colour = theme.colour(i)
        axes.annotate(
            "", written, (0, 0),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.6, "shrinkA": 0,
                        "shrinkB": 0},
        )  # fmt: skip
        if not trained.model.tied:
            axes.plot([0, read[0]], [0, read[1]], "--", color=colour, linewidth=1.6)
            axes.plot(*read, "o", color=colour, markerfacecolor=theme.paper, markersize=7)
        x, y = max(ends, key=lambda end: end[0] ** 2 + end[1] ** 2)
        length = max((x * x + y * y) ** 0.5, 1e-9)
        axes.annotate(
            str(i), (x, y), (11 * x / length, 11 * y / length), textcoords="offset points",
            ha="center", va="center", color=theme.ink, fontsize=13,
        )  # fmt: skip
    longest = max((x * x + y * y) ** 0.5 for x, y in (*inward, *outward))
    reach = 1.22 * max(1.0, longest)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    only_lines(axes)


def _caption(axes: Axes, name: str, measured: str, theme: Theme) -> None:
    axes.annotate(
        name, (0.5, 0), (0, -4), xycoords="axes fraction", textcoords="offset points",
        ha="center", va="top", fontsize=13, fontweight="bold",
    )  # fmt: skip
    axes.annotate(
        measured, (0.5, 0), (0, -6 - 16 * (1 + name.count("\n"))), xycoords="axes fraction",
        textcoords="offset points", ha="center", va="top", fontsize=12, color=theme.soft,
    )  # fmt: skip


def _measured(trained: TrainedNetwork, shown: Sequence[TrainedNetwork]) -> str:
    """The loss, and of an untied model by how much it is below that of its tied one."""
    loss = trained.best_loss
    tied = _tied_one(trained.model, shown)
    if tied is None or trained is tied:
        return f"loss {number(loss)}"
    less = 100 * (1 - loss / tied.best_loss)
    return f"loss {number(loss)}, {abs(less):.1f} % {'less' if less >= 0 else 'more'}"


def _tied_one(model: NetworkSpec, shown: Sequence[TrainedNetwork]) -> TrainedNetwork | None:
    """The tied model of the same problem."""

    def problem(each: NetworkSpec) -> tuple[object, ...]:
        return each.features, each.task, each.output, each.distribution, each.importance

    same = (each for each in shown if each.model.tied and problem(each.model) == problem(model))
    return next(same, None)


def _lengths(values: Sequence[float]) -> str:
    return joined([f"{value:.2f}" for value in values])


def _said(run: NetworkRun) -> tuple[str, str]:
    """How much a decoder of its own saves at most, and how to read the arrows."""
    shown = _chosen(run)
    saved = [
        100 * (1 - each.best_loss / tied.best_loss)
        for each in shown
        if not each.model.tied and (tied := _tied_one(each.model, shown)) is not None
    ]
    claim = "What features write into h, and what outputs read"
    if saved:
        claim = (
            f"A decoder of its own loses up to {max(saved):.0f} % less: a feature that is written "
            "weakly is read strongly"
        )
    left = len(run.trained) - len(shown)
    some = f" {len(shown)} of {len(run.trained)} models are shown." if left else ""
    how = (
        "The best restart of each. W_in A and W_out A⁻ᵀ are the same network for any A: drawn is "
        f"the one in which both are as large in every direction.{some}"
    )
    return f"{claim}.", how
