"""What is best along S, a panel each: losses, by how much they are over the best, lengths, biases.

A dotted line stands at each change of the best embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from handcalc.views.json.phases import decimals
from handcalc.views.plots.panels import inches
from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from handcalc.superposition.phases.phase_map import PhaseMap
    from handcalc.superposition.phases.sparsity_path import MinimumAt

Of: TypeAlias = Literal["lengths", "biases"]

MINIMA, BEST = "minima; the best is thick", "of the best"
"""The titles of legends."""
SPARSITY = (
    "sparsity S, the probability that a feature is off (dense → sparse)",
    "sparsity S (dense → sparse)",
    "sparsity S",
)

NAMES: dict[Of, str] = {"lengths": "length ‖Wᵢ‖", "biases": "bias bᵢ"}
_NAME = 20  # characters on a line
_WIDTH = 0.55  # of a letter, in its size
_ROOM = 0.1  # that a text on a change takes along S
_NARROW = 0.04  # a stretch with no room for its number
_MUCH = 40.0  # per cent over the best, beyond which a curve may leave the panel


def losses(panel: Axes, shown: PhaseMap, theme: Theme, names: Sequence[str] = ()) -> None:
    """Thin lines for minima; thick and numbered where they are the best."""
    for k, (curve, stretch) in enumerate(zip(shown.curves, shown.stretches, strict=True)):
        panel.plot(*_points(curve.spots, _loss), **theme.line(k), linewidth=1.2)
        named = names[k] if names else shown.label(curve.shape)
        label = f"{k + 1}: " + "\n    ".join(wrap(named, _NAME))
        best = _points(stretch.spots, _loss)
        panel.plot(*best, color=theme.colour(k + 1), linewidth=3, label=label)
        if stretch.end - stretch.start > _NARROW:
            middle = stretch.spots[len(stretch.spots) // 2]
            panel.annotate(
                str(k + 1), (float(middle.sparsity), middle.loss), xytext=(0, 9),
                textcoords="offset points", fontsize=theme.points("xtick.labelsize"),
                fontweight="bold", ha="center",
            )  # fmt: skip
    panel.set_ylim(0, panel.get_ylim()[1] * 1.08)
    panel.set_ylabel("loss L")


def excess(panel: Axes, shown: PhaseMap, theme: Theme) -> None:
    """By how many per cent each minimum is over the best."""
    best = {point.sparsity: float(point.loss) for point in shown.points}
    best |= {change.sparsity: float(change.loss) for change in shown.changes}
    highest = 1.0
    for k, curve in enumerate(shown.curves):
        spots = [spot for spot in curve.spots if spot.sparsity in best]
        over = [100 * (spot.loss / best[spot.sparsity] - 1) for spot in spots]
        panel.plot([float(spot.sparsity) for spot in spots], over, **theme.line(k), linewidth=1.2)
        highest = max(highest, *over)
    panel.set_ylim(-0.03 * min(highest, _MUCH), 1.08 * min(highest, _MUCH))
    panel.set_ylabel("over the best, %")


def features(panel: Axes, shown: PhaseMap, of: Of, theme: Theme, names: Sequence[str] = ()) -> None:
    """A line for each feature of the best, later ones narrower, so that equal ones are seen."""
    for i in range(shown.features):
        for k, stretch in enumerate(shown.stretches):
            each = [_numbers(spot, of)[i] for spot in stretch.spots]
            width = 1.2 + 3.6 * (shown.features - 1 - i) / max(1, shown.features - 1)
            named = names[i] if names else f"feature {i + 1}"
            panel.plot(
                [float(spot.sparsity) for spot in stretch.spots], each, color=theme.colour(i + 1),
                linewidth=width, solid_capstyle="butt", label=None if k else named,
            )  # fmt: skip
    panel.set_ylabel(NAMES[of])


def changes(panel: Axes, shown: PhaseMap, theme: Theme, *, are_named: bool) -> None:
    """Dotted lines, with S above the panel, as many lines up as there is no room."""
    ends: list[float] = []
    for change in shown.changes:
        S = float(change.sparsity)
        panel.axvline(S, color="#666666", linewidth=0.8, linestyle=":")
        if not are_named:
            continue
        level = next((k for k, end in enumerate(ends) if S - end > _ROOM), len(ends))
        ends[level : level + 1] = [S]
        size = theme.points("xtick.labelsize")
        panel.annotate(
            decimals(change.sparsity, 6), (S, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 1.25 * size * level), textcoords="offset points",
            fontsize=size - 0.5, ha="center",
        )  # fmt: skip


def sparsities(panel: Axes) -> None:
    """All of S, and its name below, as long as there is room for."""
    panel.set_xlim(0, 1)
    label = panel.xaxis.label
    letters = inches(panel)[0] * 72 / float(label.get_fontsize()) / _WIDTH
    panel.set_xlabel(next((name for name in SPARSITY if len(name) < letters), SPARSITY[-1]))


def legend(panel: Axes, title: str, theme: Theme, *, inside: bool = False) -> None:
    """Names on the right of a panel, or inside of one that has others beside it."""
    size = theme.points("legend.fontsize")
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.03)}
    panel.legend(
        title=title, title_fontsize=size, fontsize=size - 0.5, alignment="left",
        labelcolor=theme.ink, **({"loc": "best"} if inside else place),
    )  # fmt: skip
    found = panel.get_legend()
    if found is not None:
        found.get_title().set_color(theme.ink)


def _numbers(spot: MinimumAt, of: Of) -> Sequence[float]:
    return spot.lengths if of == "lengths" else spot.minimum.b


def _points(
    spots: Sequence[MinimumAt], value: Callable[[MinimumAt], float]
) -> tuple[list[float], list[float]]:
    return [float(spot.sparsity) for spot in spots], [value(spot) for spot in spots]


def _loss(spot: MinimumAt) -> float:
    return spot.loss
