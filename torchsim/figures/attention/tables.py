"""The tables of trained models by token: W_E W_U, QK, OV, and K-composition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handcalc.circuits.paths import path_name
from handcalc.views.circuits.in_words import largest
from handcalc.views.plots import heat_map
from handcalc.views.plots.heat_map import CellNumbers, HeatMap
from handcalc.views.plots.style import Theme
from handcalc.wording import joined
from torchsim.attention.data import Contexts
from torchsim.attention.model import AttentionWeights, heads_of
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionSpec
from torchsim.comparison.attention import centred_log_counts
from torchsim.comparison.circuit_parts import NEAR
from torchsim.comparison.heads import best_weights, own_rows
from torchsim.figures.attention.naming import model_names, panel_title
from torchsim.figures.layout import blank, headed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST, _COLUMNS = 8, 4


@dataclass(frozen=True, slots=True, eq=False)
class TrainedTable:
    """Numbers [row token, column token] of a model, and what they are."""

    what: str
    model: str
    meanings: tuple[str, str]
    vocabulary: tuple[str, ...]
    cells: Tensor


def drawn(run: AttentionRun, theme: Theme) -> Figure:
    """Up to eight tables, those of the deepest model first."""
    found = tables(run)
    shown = found[:_MOST]
    figure = blank()
    headed(figure, *_said(run, found), theme)
    columns = min(_COLUMNS, len(shown))
    rows = ceil(len(shown) / columns)
    grid = figure.add_gridspec(
        rows, columns, left=0.05, right=0.945, bottom=0.04, top=0.72, wspace=0.42, hspace=0.5
    )
    for k, each in enumerate(shown):
        heat_map.draw(
            HeatMap(
                panel_title(each.what, each.model, columns), each.meanings, each.vocabulary,
                each.vocabulary, CellNumbers.rounded(each.cells.tolist()),
            ),
            figure.add_subplot(grid[divmod(k, columns)]),
            theme,
        )  # fmt: skip
    return figure


def described(run: AttentionRun) -> str:
    """What the figure shows, for those who do not see it."""
    found = tables(run)
    each = (
        f"{panel_title(table.what, table.model, 1)}. "
        f"{largest(table.vocabulary, table.vocabulary, table.cells.tolist())}"
        for table in found[:_MOST]
    )
    return " ".join([_said(run, found)[0], *each])


def tables(run: AttentionRun) -> list[TrainedTable]:
    """Every table of every model, the deepest model first."""
    pairs = sorted(
        zip(run.trained, model_names(run), strict=True), key=lambda pair: -pair[0].model.layers
    )
    found = [table for trained, name in pairs for table in _of_model(trained, name)]
    return [*found, *_best(run)]


def _best(run: AttentionRun) -> Iterator[TrainedTable]:
    """The best table that there is, of each different table of counts."""
    for data in dict.fromkeys(each.model.data for each in run.trained):
        if isinstance(data, Contexts) and data.n_ctx == 1 and all(map(all, data.counts)):
            cells = torch.tensor(list(map(centred_log_counts, data.counts)))
            name = "Log counts, rows centred"
            yield TrainedTable(name, "exact", ("current", "next"), data.vocabulary, cells)


def _of_model(trained: TrainedAttention, name: str) -> Iterator[TrainedTable]:
    model, weights = trained.model, best_weights(trained)
    W_E, W_U, words = weights.W_E[0], weights.W_U[0], model.data.vocabulary
    direct = W_E @ W_U
    centred = direct - direct.mean(-1, keepdim=True)
    yield TrainedTable("W_E W_U, rows centred", name, ("current", "next"), words, centred)
    for place in heads_of(model):
        head, (layer, number) = ".".join(map(str, place)), (place[0] - 1, place[1] - 1)
        moved = weights.moved(*place)[0] @ W_U
        yield TrainedTable(f"OV of head {head}", name, ("source", "out"), words, moved)
        W_Q, W_K = weights.W_Q[0, layer, number], weights.W_K[0, layer, number]
        scores = W_E @ W_Q @ (W_E @ W_K).T * _scale(model)
        meanings = ("destination", "source")
        yield TrainedTable(f"QK of head {head}", name, meanings, words, scores)
        for before in heads_of(model):
            if before[0] < place[0]:
                yield _composed(model, weights, before, place, name)


def _composed(
    model: AttentionSpec,
    weights: AttentionWeights,
    before: tuple[int, int],
    after: tuple[int, int],
    name: str,
) -> TrainedTable:
    """W_E W_QK (W_E W_OV)ᵀ: how a token scores a place where another was written."""
    cells = weights.matched(before, after)[0] * _scale(model)
    what = f"K-composition {path_name([before, after])}"
    return TrainedTable(what, name, ("destination", "written there"), model.data.vocabulary, cells)


def _scale(model: AttentionSpec) -> float:
    """What scores are multiplied with."""
    return 1 / sqrt(model.d_head) if model.scale else 1.0


def _said(run: AttentionRun, found: Sequence[TrainedTable]) -> tuple[str, str]:
    """Which heads copy and which match, and how to read the panels."""
    left = f" {_MOST} of {len(found)} tables are shown." if len(found) > _MOST else ""
    how = (
        "Blue above 0, orange below; where numbers have no room, − marks what is below 0. Numbers "
        f"are rounded.{left}"
    )
    if not any(each.model.layers for each in run.trained):
        return "The logits W_E W_U of each model, rows centred.", how
    deepest = [each for each in found if each.model == found[0].model]
    copies = [t.what.removeprefix("OV of head ") for t in deepest if _own(t, "OV of head ")]
    matches = [t.what.removeprefix("K-composition ") for t in deepest if _own(t, "K-composition ")]
    said = f"copying, {joined(copies)}" if copies else "no head copies"
    said += f"; matching, {joined(matches)}." if matches else "."
    return f"{found[0].model}: {said}" if found[0].model else said.capitalize(), how


def _own(table: TrainedTable, kind: str) -> bool:
    """Whether most rows of a table of this kind are largest at their own token."""
    return table.what.startswith(kind) and own_rows(table.cells).nearness >= NEAR
