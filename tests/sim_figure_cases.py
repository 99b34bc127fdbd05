"""Made-up runs to draw, near to the best that is known, and their figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, groupby
from typing import Any, TypeAlias, get_args

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.text import Text

from handcalc.superposition.best.multistart import search
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import Activation
from torchsim.comparison.best_known import MOST_SEARCHED
from torchsim.comparison.best_store import KnownBest
from torchsim.figures import Kind, draw
from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, Trainer, TrainingSpec

RESTARTS = 3
Bests: TypeAlias = "Sequence[KnownBest | None]"


def trained(model: ModelSpec, best: KnownBest | None, rng: np.random.Generator) -> Trained:
    """Restart 1 of 3 is the exact best, turned and a little off; the others are random."""
    W = rng.normal(size=(RESTARTS, model.features, model.hidden)) / 2
    loss = 0.01 if best is None else best.loss
    if best is not None:
        Q = np.linalg.qr(rng.normal(size=(model.hidden, model.hidden)))[0]
        W[1] = np.asarray(best.W) @ Q + 0.01 * rng.normal(size=W[1].shape)
    ends = loss * np.asarray([1.5, 1.001, 1.2])
    losses = ends * (1 + np.geomspace(10, 0.001, 8)[:, None])
    end = torch.tensor(ends)
    exact = end if model.features <= 12 else None
    history = History(tuple(2**k for k in range(8)), torch.tensor(losses))
    zeros = torch.zeros(RESTARTS, model.features)
    return Trained(model, torch.tensor(W), zeros, exact, end, end / 100, history)


def searched(models: Sequence[ModelSpec]) -> Bests:
    """The best of a few descents for each model of one size; None for more than 8 features."""
    if models[0].features > MOST_SEARCHED:
        return [_top(model) if model.activation == "linear" else None for model in models]
    problems = [Problem(m.features, m.hidden, m.distribution, m.importance) for m in models]
    minima = [found.minima[0] for found in search(problems, restarts=12)]
    return [
        KnownBest(each.loss, np.asarray(each.W), np.asarray(each.b), 12, 12, proved=False)
        for each in minima
    ]


def _top(model: ModelSpec) -> KnownBest:
    """A linear model that keeps the first features; its loss is whatever it is."""
    n, m = model.features, model.hidden
    return KnownBest(0.02, np.eye(n, m), np.zeros(n), 0, 0, proved=True)


def run_of(models: Sequence[ModelSpec], trainer: Trainer = "exact") -> tuple[TrainingRun, Bests]:
    """A run of models with the best of each; models of one size stand together."""
    sizes = [list(group) for _, group in groupby(models, key=lambda m: (m.features, m.hidden))]
    best = [one for group in sizes for one in searched(group)]
    rng = np.random.default_rng(1)
    spec = TrainingSpec(tuple(models), trainer=trainer, restarts=RESTARTS)
    each = tuple(trained(m, b, rng) for m, b in zip(models, best, strict=True))
    return TrainingRun(spec, each, 1.0, "cpu"), best


def _plane() -> list[ModelSpec]:
    weights = [f"{9**i}/{10**i}" for i in range(5)]
    return [ModelSpec.of(5, 2, s, weights) for s in ("0", "1/2", "19/20")]


def _heatmaps() -> list[ModelSpec]:
    weights = [f"{7**i}/{10**i}" for i in range(16)]
    return [
        ModelSpec.of(16, 4, s, weights, activation=activation)
        for s in ("0", "9/10", "999/1000")
        for activation in get_args(Activation)[::-1]
    ]


def _grid() -> list[ModelSpec]:
    places = [(p, r) for p in ("0", "7/10", "99/100") for r in ("1/10", "1", "10")]
    return [ModelSpec.of(n, n - 1, s, [1] * (n - 1) + [r]) for n in (2, 3) for s, r in places]


MODELS: dict[str, tuple[Sequence[ModelSpec], Trainer]] = {
    "plane": (_plane(), "exact"),
    "by-hand": ([ModelSpec.of(3, 2, s) for s in ("0", "3/10", "7/10", "9/10", "19/20")], "exact"),
    "line": ([ModelSpec.of(2, 1, s) for s in ("0", "1/2", "9/10")], "exact"),
    "heatmaps": (_heatmaps(), "sampled"),
    "grid": (_grid(), "exact"),
}
DRAWN: list[tuple[str, Kind]] = [
    ("plane", "embeddings"),
    ("by-hand", "embeddings"),
    ("line", "embeddings"),
    ("heatmaps", "gram"),
    ("grid", "phases"),
    ("grid", "losses"),
    ("heatmaps", "losses"),
    ("plane", "losses"),
]


@cache
def case(name: str) -> tuple[TrainingRun, Bests]:
    """A run by its name, with the best of every model, searched once; not to be changed."""
    return run_of(*MODELS[name])


@cache
def drawn(name: str, kind: Kind, dark: bool = False) -> Figure:
    """A figure of such a run."""
    run, best = case(name)
    return draw(kind, run, dark, best=best)


def texts(figure: Figure) -> Iterator[tuple[Any, Any]]:
    """All texts that can be seen, with their boxes in pixels."""
    figure.draw_without_rendering()
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            yield text, text.get_window_extent()


def overlapping(seen: Sequence[tuple[Any, Any]]) -> list[tuple[str, str]]:
    """Of ``texts`` those that lie on each other by more than two pixels both ways."""
    return [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(seen, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2
    ]
