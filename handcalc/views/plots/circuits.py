"""Circuits with matplotlib: attention as grids, tables as heat maps, the residual stream.

Each function draws into the axes that it is given, or into a figure of its own, and returns the
axes; their label says in words what is to be seen. ``plot`` of a result does the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import HeadCompositions
from handcalc.circuits.copying import Copying
from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.paths import PathExpansion, path_name
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import SourceEffect, TokenTable
from handcalc.errors import InputError
from handcalc.views.circuits.in_words import attends, greatest, largest, places
from handcalc.views.notation import UNICODE
from handcalc.views.plots import heat_map, stream
from handcalc.views.plots.heat_map import CellNumbers, HeatMap
from handcalc.views.plots.style import page_theme, styled
from handcalc.wording import counted, joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_SENTENCE = 24  # characters below the residual stream


def plot_run(
    run: CircuitRun, layer: Any, head: Any, ax: Axes | None = None, *, dark: bool | None = None
) -> Axes:
    """The attention of a head or, where none is named, the residual stream. Errors: ``head``."""
    if layer is None and head is None:
        return plot_stream(run, ax, dark=dark)
    return plot_pattern(run, layer, head, ax, dark=dark)


def plot_pattern(
    run: CircuitRun, layer: int, head: int, ax: Axes | None = None, *, dark: bool | None = None
) -> Axes:
    """The attention of a head: a row for each place that looks, a column for each looked at.

    Heads count from 1. Errors: ``head``, ``missing_extra``.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> plot_pattern(circuit("induction").run(), 2, 1).get_label()[-19:]
    '4 a attends to 2 b.'
    """
    run.model.head(layer, head)
    names, rows = places(run.tokens), run.pattern[layer - 1][head - 1]
    shown = HeatMap(
        f"Head {layer}.{head} attends",
        ("destination: looks", "source: is looked at"),
        names,
        names,
        CellNumbers.of([row[: i + 1] for i, row in enumerate(rows)]),
        "attention",
        whole=1.0,
        is_square=True,
    )
    return _heat_map(shown, f"Head {layer}.{head}: {attends(names, rows)}.", ax, dark)


def plot_stream(
    shown: CircuitRun | AttentionOnly, ax: Axes | None = None, *, dark: bool | None = None
) -> Axes:
    """The residual stream with its heads; of a run also where its last place looks, and what next.

    Errors: ``missing_extra``.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> plot_stream(circuit("induction").model).get_label()[:42]
    'The residual stream, with 1 head in layer '
    """
    run = shown if isinstance(shown, CircuitRun) else None
    model = shown if isinstance(shown, AttentionOnly) else shown.model
    boxes = [
        [_boxed(run, a, b) for b in range(1, len(layer) + 1)]
        for a, layer in enumerate(model.layers, 1)
    ]
    with styled(theme := page_theme(ax, dark)):
        axes = _axes(ax, stream.size(list(map(len, boxes))))
        stream.draw(axes, boxes, _ends(run), "The residual stream", theme)
    return _told(axes, _stream_in_words(model, run))


def plot_table(table: TokenTable, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """A table by token: blue above 0, orange below, the number in each cell.

    Errors: ``missing_extra``.

    >>> from handcalc.circuits.tables import bigram_table
    >>> plot_table(bigram_table(AttentionOnly("1 0; 0 1", "1 0; 0 1"))).get_label()
    'W_E W_U. a: largest at a; b: largest at b.'
    """
    legend = "score" if table.column_meaning == "source" else "logit"
    return _table(table, legend, ax, dark)


def plot_copying(shown: Copying, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The OV circuit whose copying is measured."""
    return plot_table(shown.table, ax, dark=dark)


def plot_counts(shown: Bigrams, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """How often each token of a corpus follows each."""
    cells = tuple(tuple(map(sympy.Integer, row)) for row in shown.counts)
    names = shown.vocabulary
    return _table(TokenTable("Counts", "current", "next", names, names, cells), "pairs", ax, dark)


def plot_effects(shown: SourceEffect, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """What a source changes in the logits, by destination and output."""
    title = f"What {shown.source} changes, against {shown.rest}"
    rows, columns = shown.destinations, shown.outputs
    numbers = CellNumbers.of(shown.effects)
    drawn = HeatMap(title, ("destination", "output"), rows, columns, numbers, "logit")
    words = largest(rows, columns, shown.effects)
    return _heat_map(drawn, f"{title}. {words}", ax, dark)


def plot_paths(shown: PathExpansion, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """What each path through the heads adds to the logits of the last place, and their sum."""
    names = [*(path_name(term.heads) for term in shown.terms), "sum"]
    cells = [*(term.contribution[-1] for term in shown.terms), shown.logits[-1]]
    title = f"Paths to the logits after {_sentence(shown.run)}"
    tokens = shown.run.model.vocabulary
    drawn = HeatMap(title, ("path", "next"), names, tokens, CellNumbers.of(cells), "logit")
    return _heat_map(drawn, f"{title}. {largest(names, tokens, cells)}", ax, dark)


def plot_composition(
    shown: HeadCompositions, ax: Axes | None = None, *, dark: bool | None = None
) -> Axes:
    """The squares of the Q-, K- and V-composition scores of each pair of heads.

    Errors: ``head`` where there are no pairs.
    """
    if not shown.pairs:
        raise InputError("head", "There is one layer at most, so no heads compose.")
    names = [path_name([pair.earlier, pair.later]) for pair in shown.pairs]
    cells = [(pair.Q, pair.K, pair.V) for pair in shown.pairs]
    numbers = CellNumbers.of(cells)
    baseline = f"{UNICODE.number(shown.baseline)} at random"
    kinds = ("Q²", "K²", "V²")
    title = "Composition of heads"
    drawn = HeatMap(title, ("heads", "kind"), names, kinds, numbers, f"square; {baseline}")
    each = "; ".join(
        f"{name}: {', '.join(map(' '.join, zip(kinds, row, strict=True)))}"
        for name, row in zip(names, numbers.texts, strict=True)
    )
    return _heat_map(drawn, f"{title}: {each}; {baseline}.", ax, dark)


# -- a heat map, in words too ----------------------------------------------------------------------


def _table(table: TokenTable, legend: str, ax: Axes | None, dark: bool | None) -> Axes:
    rows, columns = table.row_tokens, table.column_tokens
    meanings = (table.row_meaning, table.column_meaning)
    shown = HeatMap(table.name, meanings, rows, columns, CellNumbers.of(table.cells), legend)
    return _heat_map(shown, f"{table.name}. {largest(rows, columns, table.cells)}", ax, dark)


def _heat_map(shown: HeatMap, words: str, ax: Axes | None, dark: bool | None) -> Axes:
    with styled(theme := page_theme(ax, dark)):
        axes = _axes(ax, shown.size)
        heat_map.draw(shown, axes, theme)
    return _told(axes, words)


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The axes that were given, or those of a figure of that size."""
    if ax is not None:
        return ax
    from handcalc.views.plots.shown_figure import own_axes

    return own_axes(*size)


def _told(axes: Axes, words: str) -> Axes:
    """The axes with what they show in words, and so a figure of their own."""
    axes.set_label(words)
    figure = axes.get_figure(root=True)
    if figure is not None and figure.axes == [axes]:
        figure.set_label(words)
    return axes


# -- the residual stream, in words too -------------------------------------------------------------


def _boxed(run: CircuitRun | None, layer: int, head: int) -> str:
    """The name of a head, and of a run where its last place looks."""
    name = f"head {layer}.{head}"
    if run is None:
        return name
    names = places(run.tokens)
    most = greatest(run.pattern[layer - 1][head - 1][-1])
    where = names[most[0]] if len(most) == 1 else f"{len(most)} places"
    return f"{name}\n{names[-1]} ⟶ {where}"


def _ends(run: CircuitRun | None) -> tuple[str, str]:
    """What stands below and above the stream."""
    if run is None:
        return "tokens", "logits"
    return f"tokens {_sentence(run)}", f"logits: next {' or '.join(run.predictions[-1])}"


def _sentence(run: CircuitRun) -> str:
    """The tokens, of many the last."""
    text = " ".join(run.tokens)
    return text if len(text) <= _LONGEST_SENTENCE else f"…{text[-_LONGEST_SENTENCE:]}"


def _stream_in_words(model: AttentionOnly, run: CircuitRun | None) -> str:
    heads = [f"{counted(len(row), 'head')} in layer {a}" for a, row in enumerate(model.layers, 1)]
    words = f"The residual stream, with {joined(heads) if heads else 'no heads'}."
    if run is None:
        return words
    looks = [
        _boxed(run, a, b).replace("\n", ": ").replace("⟶", "looks at")
        for a, row in enumerate(model.layers, 1)
        for b in range(1, len(row) + 1)
    ]
    said = f" {'; '.join(looks)}." if looks else ""
    return f"{words}{said} The next token is {' or '.join(run.predictions[-1])}."
