"""What pictures show of a run: arrows beside the exact best, losses on the way, grids of fates.

``handcalc.plot`` draws one or a few models of it, ``torchsim.figures`` all on one page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, TypeAlias

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.expected_loss import loss_by_active
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.regimes import REGIMES, FeatureRegime, Regime, Rows
from handcalc.views.plots import regimes
from handcalc.views.plots.loss_curves import LossCurve, TrainingLosses
from handcalc.views.plots.pictured import DrawnGrid, DrawnModel, Pictured, choice
from handcalc.views.plots.regimes import RegimeMap
from handcalc.views.plots.style import Theme
from handcalc.views.plots.value_map import ValueMap
from handcalc.wording import joined
from torchsim.comparison.aligned import Floats, aligned, alike, turned_round
from torchsim.comparison.best_known import linear_best
from torchsim.comparison.grids import Grid, density, grids, outcome
from torchsim.comparison.named_shapes import turned
from torchsim.restarts import divergence
from torchsim.run import Trained, TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.sweeps.run import SweepRun
from torchsim.training.divergence import without_lost
from torchsim.views.shown import Shown
from torchsim.views.sweep_maps import SweepMaps

Outcomes: TypeAlias = "list[list[FeatureRegime]]"
"""A row for each density, in it the outcome for each importance."""


# --------------------------------------------------------------------------------------------------
# One model of a run.


def drawn_model(shown: Shown, i: int, name: str = "") -> DrawnModel:
    """The best restart of model i, from 0, and the exact best turned to fit, if one is known."""
    W, model = shown.W(i), shown.model(i)
    arrows = turned(W, shown.b(i), model)
    words = f"{arrows.family.name}, as trained. {arrows.family.sentence}"
    if arrows.turned:
        which = "Feature" if len(arrows.turned) == 1 else "Features"
        words += f" {which} {joined(arrows.turned)} may point the other way at the same loss."
    p = density(model)
    return DrawnModel(
        W=W.tolist(),
        b=shown.b(i).tolist(),
        name=name,
        words=words,
        importance=[to_float(weight) for weight in model.importance],
        best=_beside(shown, i),
        sparsity=None if p is None else 1 - p,
    )


def _beside(shown: Shown, i: int) -> Rows | None:
    if shown.best[i] is None:
        return None
    model = shown.model(i)
    best = aligned(turned_round(shown.known_W(i), model), shown.W(i), alike(model))
    rows: Rows = best.tolist()
    return rows


def descent(shown: Shown, i: int, name: str = "") -> TrainingLosses:
    """The losses of model i, from 0; by evaluations for the exact trainer, else by steps."""
    trained, best = shown.trained(i), shown.best[i]
    standing = list(trained.standing)  # a restart that diverged is off every scale
    is_exact, unit = shown.run.spec.trainer == "exact", steps_unit(shown)
    is_bound = best is None and shown.model(i).has_exact
    line = linear_best(shown.model(i)) if is_bound else None if best is None else best.loss
    words = "thousand steps" if unit == 1000 else "steps"
    return TrainingLosses(
        name=name,
        steps=[step / unit for step in trained.history.steps],
        losses=trained.history.losses[:, standing].tolist(),
        best=standing.index(trained.best),
        line=None if line is None else float(line),
        is_bound=is_bound,
        unit="evaluations" if is_exact else words,
        is_log=is_exact,
    )


def steps_unit(shown: Shown) -> int:
    """Steps are counted in thousands where there are thousands."""
    longest = max(trained.history.steps[-1] for trained in shown.run.trained)
    return 1000 if shown.run.spec.trainer == "sampled" and longest >= 2000 else 1


# --------------------------------------------------------------------------------------------------
# Phase diagrams in pairs: what training made of a grid, and what is best on it.


@dataclass(frozen=True, slots=True)
class PhasePair:
    """A grid with what training made of it, and what is best."""

    grid: Grid
    trained: Outcomes
    exact: Outcomes

    @property
    def differing(self) -> list[tuple[float, float]]:
        """Where the fates differ: density and importance."""
        rows = zip(self.grid.densities, self.trained, self.exact, strict=True)
        return [
            (p, r)
            for p, ours, theirs in rows
            for r, one, other in zip(self.grid.importances, ours, theirs, strict=True)
            if one.fate != other.fate
        ]

    @property
    def maps(self) -> tuple[RegimeMap, RegimeMap]:
        """What was trained, with crosses where it is not the best, and the best."""
        grid = self.grid
        axes = grid.features, grid.densities, grid.importances
        name = f"{grid.features} → {grid.hidden}"
        return (
            RegimeMap(*axes, self.trained, f"{name}, trained", self.differing),
            RegimeMap(*axes, self.exact, f"{name}, exact best known"),
        )


def pairs_of(shown: Shown) -> list[PhasePair]:
    """A pair for each size of model. Errors: ``no_best``."""

    def outcomes(grid: Grid, weights: Callable[[int], Floats]) -> Outcomes:
        return [[outcome(weights(i), alike(shown.model(i))) for i in row] for row in grid.places]

    return [
        PhasePair(grid, outcomes(grid, shown.W), outcomes(grid, shown.known_W))
        for grid in grids(shown.models)
    ]


def counted_fates(shown: RegimeMap) -> str:
    """How often each fate is met.

    >>> from handcalc.superposition.phases.regimes import FeatureRegime
    >>> one = FeatureRegime.of([[1.0]], 0)
    >>> counted_fates(RegimeMap(1, [1], [1], [[one]]))
    'not represented at 0 points, dedicated dimension at 1, superposition at 0'
    """
    fates = [each.fate for row in shown.points for each in row]
    first, *others = [f"{name} at {fates.count(name):,}" for name in REGIMES]
    return f"{first} points, {', '.join(others)}"


# --------------------------------------------------------------------------------------------------
# A run, or one of its models, as ``handcalc.plot`` takes them.


class PicturedRun(Pictured):
    """A run, without models all restarts of which diverged.

    What is best is worked out where a picture shows it, once in a process.
    """

    what = "TrainingRun"
    is_trained = has_sparsity = True

    def __init__(self, run: TrainingRun) -> None:
        self.run = without_lost(run)

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """The best restart of every model; with the exact best unless ``best`` is False."""
        shown = self._shown(best=best is not False)
        return [drawn_model(shown, i, name) for i, name in enumerate(shown.names)]

    def descents(self) -> Sequence[TrainingLosses]:
        """The losses of every model."""
        shown = self._shown(best=True)
        return [descent(shown, i, name) for i, name in enumerate(shown.names)]

    def curves(self) -> Sequence[LossCurve]:
        """L(S) of every trained model, whose own S is marked."""
        return [
            curve
            for model, trained in zip(self.models(best=False), self.run.trained, strict=True)
            for curve in _curves(model, trained)
        ]

    def grids(self, show: object) -> Sequence[DrawnGrid]:
        """What was trained on each grid, or what is best there."""
        chosen = choice("show", show or "trained", ("trained", "best"))
        found = pairs_of(self._shown(best=True)) if grids(self.run.spec.models) else []
        if not found:
            raise InputError(
                "picture",
                "The models of this run are no grid of importances of the last feature and of "
                "densities.",
                suggestion='plot.diagram(torchsim.train("phase-change"))',
            )
        shown = [pair.maps[chosen == "best"] for pair in found]
        return [
            DrawnGrid(
                each.title,
                f"{counted_fates(each)}; {len(each.crossed)} crosses.",
                partial(_draw, each),
                each.features,
            )
            for each in shown
        ]

    def _shown(self, *, best: bool) -> Shown:
        return Shown.of(self.run, None if best else [None] * len(self.run.trained))


class PicturedSweep(Pictured):
    """A sweep. Its heat maps are of all cells; what else is drawn is drawn of some of them."""

    what = "SweepRun"
    is_trained = has_sparsity = True

    def __init__(self, run: SweepRun) -> None:
        self.run = run

    def maps(self, x: object, y: object, value: object) -> Sequence[ValueMap]:
        """A panel for each combination of what is along no axis."""
        return SweepMaps.of(self.run, x=x, y=y, value=value).panels

    def _refuse(self, asked: str, instead: str) -> NoReturn:
        name = instead.partition("(")[0]
        raise InputError(
            "picture",
            f"A SweepRun has no {asked} to draw: choose some of its cells.",
            suggestion=f"{name}(swept.chosen([1, 2]))",
        )


def one_trained(trained: Trained) -> PicturedRun:
    """A model of a run by itself, whose history counts in steps."""
    if trained.is_lost:
        raise InputError(
            "failed", f"This model came to nothing: it {divergence(trained.diverged)}."
        )
    spec = TrainingSpec((trained.model,), "sampled", restarts=len(trained.loss))
    return PicturedRun(TrainingRun(spec, (trained,), 0.0, ""))


def _draw(shown: RegimeMap, axes: Any, theme: Theme, names: Mapping[Regime, str]) -> None:
    regimes.draw(axes, shown, theme, names)


def _curves(model: DrawnModel, trained: Trained) -> list[LossCurve]:
    """L(S) of the fractions near trained weights. Errors: ``too_complicated``, ``activation``."""
    near = ToyModel.from_floats(model.W, model.b, 10**6, trained.model.exact_activation)
    numbers = tuple(map(to_float, loss_by_active(near, trained.model.importance)))
    curve = LossCurve(model.name, numbers)
    S = model.sparsity
    return [curve if S is None else LossCurve(model.name, numbers, ((S, curve.at(S)),))]
