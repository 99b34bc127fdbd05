"""Where the heads of trained models look on a sentence, dots where an induction head would."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.views.circuits.in_words import attends, places
from handcalc.views.plots import heat_map
from handcalc.views.plots.heat_map import CellNumbers, HeatMap
from handcalc.views.plots.style import Theme
from torchsim.attention.batches import SequenceSampler
from torchsim.attention.data import Contexts
from torchsim.attention.model import heads_of, run_model
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.scores import induction_places
from torchsim.attention.specification import AttentionSpec
from torchsim.comparison.attention import AttentionComparison
from torchsim.comparison.heads import best_weights
from torchsim.figures.attention.naming import model_names, nearest_said, panel_title
from torchsim.figures.layout import blank, headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST, _COLUMNS = 8, 4  # panels, and those beside each other
_SHOWN = 24  # places of a sentence
_FEW = 8  # places that are told one by one


@dataclass(frozen=True, slots=True, eq=False)
class HeadPattern:
    """A head's attention (places, places) on a sentence, and where an induction head would look."""

    head: str
    model: str
    tokens: tuple[str, ...]
    weights: Tensor
    followers: Tensor


def drawn(run: AttentionRun, compared: AttentionComparison, tokens: object, theme: Theme) -> Figure:
    """Up to eight heads, those of the deepest models first, each on a sentence of its data.

    ``tokens`` is another sentence, as a text or a list, or None. Errors: ``token``, ``too_long``.
    """
    shown = patterns(run, tokens)[:_MOST]
    figure = blank()
    headed(figure, *_said(run, compared, tokens), theme)
    columns = min(_COLUMNS, len(shown))
    rows = ceil(len(shown) / columns)
    grid = figure.add_gridspec(
        rows, columns, left=0.05, right=0.955, bottom=0.03, top=0.69, wspace=0.2, hspace=0.42
    )
    for k, each in enumerate(shown):
        ax = figure.add_subplot(grid[divmod(k, columns)], anchor="W")
        _panel(ax, each, columns, theme, has_key=(k + 1) % columns == 0 or k + 1 == len(shown))
    return figure


def described(run: AttentionRun, compared: AttentionComparison, tokens: object) -> str:
    """What the figure shows, for those who do not see it."""
    each = (
        f"{panel_title(shown.head, shown.model, 1)}: {_in_words(shown)}."
        for shown in patterns(run, tokens)[:_MOST]
    )
    return " ".join([_said(run, compared, tokens)[0], *each])


def _in_words(shown: HeadPattern) -> str:
    """Where each place looks most; of many places, how many look at the one before, and at dots."""
    if len(shown.tokens) <= _FEW:
        return attends(places(shown.tokens), shown.weights.tolist())
    most = shown.weights.argmax(1)
    count = len(most)
    before = int((most[1:] == torch.arange(count - 1)).sum())
    dotted = shown.followers.any(1)
    at_dots = int((shown.followers.gather(1, most[:, None])[:, 0] & dotted).sum())
    return (
        f"{before} of {count - 1} places look most at the one before, and {at_dots} of "
        f"{int(dotted.sum())} with dots at one of these"
    )


def patterns(run: AttentionRun, tokens: object) -> list[HeadPattern]:
    """The attention of every head of every model, on a sentence of its data or on that given."""
    names = model_names(run)
    found = []
    for trained, name in sorted(
        zip(run.trained, names, strict=True), key=lambda pair: -pair[0].model.layers
    ):
        for row in _sentences(trained.model, tokens):
            _, layers = run_model(trained.model, best_weights(trained), row[None, None])
            words = tuple(trained.model.data.vocabulary[k] for k in row.tolist())
            follows = induction_places(row[None])[0] & trained.model.is_scored
            for layer, head in heads_of(trained.model):
                weights = layers[layer - 1][0, 0, head - 1]
                found.append(HeadPattern(f"Head {layer}.{head}", name, words, weights, follows))
    return found


def _sentences(model: AttentionSpec, tokens: object) -> list[Tensor]:
    """The sentences to look at: that given, the contexts, or the first one not trained on."""
    if tokens is not None:
        return [torch.tensor(_read(model, tokens))]
    if isinstance(model.data, Contexts):
        return [torch.tensor(context) for context in model.data.contexts]
    sampler = SequenceSampler.of(model.data, model.seed, (0,), torch.device("cpu"), torch.float64)
    return [sampler.batch(0, 1, unseen=True).tokens[0, 0, :_SHOWN]]


def _read(model: AttentionSpec, tokens: object) -> tuple[int, ...]:
    """The places of tokens in the vocabulary. Errors: ``token``, ``too_long``, ``empty``."""
    words, n_ctx = model.data.vocabulary, model.data.n_ctx
    reader = AttentionOnly(
        [[0]] * len(words), [[0] * len(words)], W_pos=[[0]] * n_ctx, vocabulary=words
    )
    return reader.read_tokens(tokens)


def _said(run: AttentionRun, compared: AttentionComparison, tokens: object) -> tuple[str, str]:
    count = sum(len(_sentences(each.model, tokens)) * _heads(each) for each in run.trained)
    left = f" {_MOST} of {count} are shown." if count > _MOST else ""
    dots = ""
    if any(each.model.is_scored for each in run.trained):
        dots = "; dots: what followed an earlier copy of the token, where an induction head looks"
    how = (
        f"Rows look, columns are looked at{dots}. Numbers, where there is room, are rounded.{left}"
    )
    return nearest_said(run, compared), how


def _heads(trained: TrainedAttention) -> int:
    return trained.model.layers * trained.model.heads


def _panel(ax: Axes, shown: HeadPattern, columns: int, theme: Theme, *, has_key: bool) -> None:
    names = places(shown.tokens)
    rows = [row[: i + 1] for i, row in enumerate(shown.weights.tolist())]
    numbers, title = CellNumbers.rounded(rows), panel_title(shown.head, shown.model, columns)
    legend = "" if has_key else None
    panel = HeatMap(title, ("", ""), names, names, numbers, legend, 1.0, is_square=True)
    heat_map.draw(panel, ax, theme)
    across, down = (0.85, 0.15) if ax.texts else (0.5, 0.5)  # beside numbers, or in their place
    i, j = torch.nonzero(shown.followers, as_tuple=True)
    ax.scatter(
        (j + across).tolist(), (i + down).tolist(), s=110 / len(names) + 2, color=theme.ink,
        zorder=4,
    ).set_gid("followers")  # fmt: skip
