"""What becomes of the last feature, by its importance and by density: superposition as a phase."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import sympy

from handcalc.numbers.exact import to_float
from handcalc.superposition.phases.candidates import textbook_candidates
from handcalc.superposition.phases.regimes import FeatureRegime, Regime
from torchsim.presets.experiment import Extent, Preset, PresetClaim, density, rows
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import Trained, TrainingRun


_SIZES = ((2, 1), (3, 2))
_CLEARLY = 1.3  # a fate is clear where every other costs so many times as much, or more

Fates: TypeAlias = "tuple[tuple[Regime, ...], ...]"


@dataclass(frozen=True, slots=True)
class PhaseGrid:
    """The last feature's fate after training, for one size of model.

    ``fates`` has a row an importance of the last feature and a column a density, both ascending.
    """

    features: int
    hidden: int
    importances: tuple[sympy.Rational, ...]
    densities: tuple[sympy.Rational, ...]
    fates: Fates


def phase_grids(run: TrainingRun) -> tuple[PhaseGrid, ...]:
    """The fates in a run of this preset, one grid for each size of model."""
    grids = []
    for group in run.spec.groups:
        found = {_point(run.trained[i].model): _fate(run.trained[i]) for i in group}
        importances = tuple(sorted({r for r, _ in found}))
        densities = tuple(sorted({p for _, p in found}))
        model = run.trained[group[0]].model
        fates = tuple(tuple(found[r, p] for p in densities) for r in importances)
        grids.append(PhaseGrid(model.features, model.hidden, importances, densities, fates))
    return tuple(grids)


def _point(model: ModelSpec) -> tuple[sympy.Rational, sympy.Rational]:
    """The last feature's importance, and the density."""
    return model.importance[-1], density(model)


def _fate(trained: Trained) -> Regime:
    W = rows(trained)
    return FeatureRegime.of(W, len(W) - 1).fate


def _agrees(trained: Trained) -> bool:
    """Whether the last feature fares as the textbook's candidates clearly say, where they do."""
    model = trained.model
    losses: dict[Regime, float] = {}
    for candidate in textbook_candidates(model.features, model.hidden):
        loss = to_float(candidate.loss(*_point(model)))
        losses[candidate.fate] = min(loss, losses.get(candidate.fate, inf))
    best, second, *_ = sorted(losses, key=losses.__getitem__)
    return losses[second] < _CLEARLY * losses[best] or _fate(trained) == best


def _models(size: int, seed: int) -> tuple[ModelSpec, ...]:
    from handcalc.superposition.phases.diagram_survey import log_spaced

    importances, densities = log_spaced(-1, size), log_spaced(-2, size)
    return tuple(
        ModelSpec.of(n, m, 1 - p, [*[1] * (n - 1), r], seed=seed)
        for n, m in _SIZES
        for r in importances
        for p in densities
    )


PRESET = Preset(
    name="phase-change",
    title="Superposition as a phase change",
    story=(
        "Two features in one dimension, and three in two. The last feature is between a tenth and "
        "ten times as important as the others, and all are on with probability 1/100 to 1. Each "
        "point of the grid is a model of its own. The last feature is dropped, has a dimension to "
        "itself, or shares one with another feature, and mostly changes from one to the other "
        "abruptly; where all are of about one importance its arrow grows from nothing first."
    ),
    source="Elhage et al. 2022, Superposition as a Phase Change; borders derived here",
    claim=PresetClaim(
        "Wherever one fate of the last feature is clearly cheapest by hand (every other costs 30 % "
        "more), training finds that one: not represented, dedicated dimension or superposition.",
        lambda run: all(map(_agrees, run.trained)),
    ),
    full=Extent(lambda seed: _models(20, seed), restarts=(16, 4), steps=5000, batch=512),
    small=Extent(lambda seed: _models(6, seed), restarts=(8, 4), steps=3000, batch=256),
)
