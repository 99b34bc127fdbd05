"""The sweeps whose figures are tested, trained once, and what is read of a figure."""

from __future__ import annotations

from functools import cache
from typing import Any

from matplotlib.figure import Figure

from torchsim import SweepGrid, SweepRun, sweep
from torchsim.figures import draw

ON_SAMPLES: dict[str, Any] = {
    "trainer": "sampled", "steps": 20, "batch": 16, "restarts": 2, "kernel": "plain",
}  # fmt: skip
RATES = [1e-3, 1e-2, 1e9]  # the last one runs off


def _sweeps() -> dict[str, Any]:
    ratios = ("1/10", "1", "10")
    importances = [f"1 1 {r}" for r in ratios]
    forty = [f"{k}/40" for k in range(40)]
    batches = ON_SAMPLES | {"batch": [16, 64]}
    halves = [SweepGrid.of(3, 2, ["0", "1/2"], importances[:2], restarts=4)]
    return {
        "map": SweepGrid.of(3, 2, ["0", "1/2", "9/10"], importances, restarts=4),
        "sizes": SweepGrid.of([3, 4, 5], [1, 2], ["0", "9/10"], restarts=3),
        "rates": SweepGrid.of(3, 2, "9/10", rate=RATES, seed=range(2), **batches),
        "merged": [*halves, SweepGrid.of(3, 2, ["1/2", "9/10"], importances[:2], restarts=1)],
        "line": SweepGrid.of(3, 2, ["9/10", "0", "1/2"], restarts=4, seed=range(3)),
        "nothing": SweepGrid.of(
            [2, 3], 2, None, ["1", "1/2"], distribution="one-active", restarts=2
        ),
        "names": SweepGrid.of(3, 2, "1/2", optimiser=["adam", "adamw"], **ON_SAMPLES),
        "seeds": SweepGrid.of(2, 1, "1/2", seed=range(3), restarts=2),
        "both": [
            SweepGrid.of(3, 2, "1/2", restarts=2),
            SweepGrid.of(3, 2, "1/2", rate=RATES[:2], **ON_SAMPLES),
        ],
        "large": SweepGrid.of([9, 3], 2, ["1/2", "9/10"], **ON_SAMPLES),
        "many": SweepGrid.of(2, 1, forty, ["1", "1 1/2", "1 1/4", "1 1/8", "1 2"], restarts=1),
    }  # fmt: skip


@cache
def swept(name: str) -> SweepRun:
    """A sweep by its name, trained once."""
    return sweep(_sweeps()[name])


@cache
def drawn(name: str, value: str = "loss", dark: bool = False) -> Figure:
    """Its heat map."""
    return draw("heatmap", swept(name), dark, value=value)


def squares(axes: Any) -> dict[tuple[float, float], float]:
    """The values that are drawn, by the lower left corner of their squares."""
    (found,) = [c for c in axes.collections if c.get_gid() == "squares"]
    corners = [tuple(path.vertices[0]) for path in found.get_paths()]
    return dict(zip(corners, found.get_array().tolist(), strict=True))


def ticks(axis: Any) -> list[str]:
    return [tick.get_text() for tick in axis.get_ticklabels()]


def said(axes: Any) -> str:
    """The title, whose spaces may be such as are never broken at."""
    title: str = axes.get_title().replace("\u00a0", " ")
    return title


def rows(name: str) -> list[dict[str, Any]]:
    columns = swept(name).columns()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
