"""The phase diagram: what becomes of the last feature, by its importance and by density.

At every point of a grid the best minimum is searched for among all embeddings, with no list of
candidates; what the textbook's candidates say is worked out beside it, and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from handcalc.display import Displayed
from handcalc.errors import require
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_fraction
from handcalc.processes.jobs import check_executor
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases import candidates
from handcalc.superposition.phases.candidates import Border, Candidate
from handcalc.superposition.phases.regimes import REGIMES, FeatureRegime, Regime

if TYPE_CHECKING:
    from handcalc.storage.store import LineStore
    from handcalc.superposition.phases.diagram_survey import DiagramPoint
    from handcalc.superposition.phases.staged_work import OnProgress


_FINE = 200  # points along a border


@dataclass(frozen=True, slots=True)
class Point:
    """The best minimum found at one importance r of the last feature and one density p.

    ``loss``, ``W`` (n rows of m) and ``b`` (n) are decimals in full, good to 50 digits; ``slope``
    is the largest |∂L/∂entry| there. ``agreed`` of the restarts reached that loss; where
    ``repaired``, none did, but a descent from the minimum of a neighbouring point. ``length`` and
    ``shared`` are ‖Wₙ‖ and Σ_{j≠n} (Ŵₙ·Wⱼ)² of the last feature, and ``fate`` their name.
    """

    importance: sympy.Rational
    density: sympy.Rational
    loss: str
    W: tuple[tuple[str, ...], ...]
    b: tuple[str, ...]
    slope: float
    family: str
    agreed: int
    repaired: bool
    length: float
    shared: float
    fate: Regime

    @property
    def model(self) -> ToyModel:
        """The model with these entries, as exact numbers."""
        rows = [[sympy.Rational(cell) for cell in row] for row in self.W]
        return ToyModel(rows, [sympy.Rational(cell) for cell in self.b])

    @classmethod
    def of(cls, place: DiagramPoint, record: Mapping[str, Any]) -> Point:
        """The point of a polished record."""
        W = [[float(cell) for cell in row] for row in record["W"]]
        regime = FeatureRegime.of(W, len(W) - 1)
        return cls(
            importance=place.importance,
            density=place.density,
            loss=record["loss"],
            W=tuple(map(tuple, record["W"])),
            b=tuple(record["b"]),
            slope=record["slope"],
            family=record["family"],
            agreed=record["agreed"],
            repaired=record["repaired"],
            length=regime.length,
            shared=regime.shared,
            fate=regime.fate,
        )


@dataclass(frozen=True, slots=True)
class PhaseDiagram(Displayed, Exported, Tabular):
    """What becomes of the last of n features in m dimensions, from true minima.

    ``points`` has a row for each of the ``densities`` p = 1 − S and a column for each of the
    ``importances`` r, both ascending. ``textbook`` has the best of the candidates in the same
    places, and ``borders`` the lines (r, p) between their fates; it is None, with no borders, where
    there are no candidates. ``restarts`` were made at every point, and ``looks`` rounds of descents
    from neighbour to neighbour until nothing improved.
    """

    features: int
    hidden: int
    importances: Vector
    densities: Vector
    restarts: int
    seed: int
    looks: int
    points: tuple[tuple[Point, ...], ...] = field(repr=False)
    textbook: tuple[tuple[Candidate, ...], ...] | None = field(repr=False)
    borders: tuple[Border, ...] = field(repr=False)

    @property
    def all_points(self) -> Iterator[Point]:
        """The points, row by row."""
        return (point for row in self.points for point in row)

    @property
    def counts(self) -> dict[Regime, int]:
        """How many points there are of each fate."""
        found = Counter(point.fate for point in self.all_points)
        return {name: found[name] for name in REGIMES}

    @property
    def differs(self) -> tuple[tuple[bool, ...], ...] | None:
        """Where the textbook's fate is another than that of the true minimum."""
        if self.textbook is None:
            return None
        return tuple(
            tuple(point.fate != candidate.fate for point, candidate in zip(*rows, strict=True))
            for rows in zip(self.points, self.textbook, strict=True)
        )

    @property
    def savings(self) -> tuple[tuple[float, ...], ...] | None:
        """1 − L/L_textbook: the part of the textbook's loss that the true minimum saves."""
        if self.textbook is None:
            return None

        def saving(point: Point, candidate: Candidate) -> float:
            expected = candidate.loss(point.importance, point.density)
            return float(1 - Fraction(point.loss) / to_fraction(expected))

        return tuple(
            tuple(map(saving, *rows)) for rows in zip(self.points, self.textbook, strict=True)
        )

    @property
    def lowest_agreement(self) -> Point:
        """The point at which fewest restarts reached the best loss."""
        return min(self.all_points, key=lambda point: point.agreed)

    @property
    def worst_slope(self) -> Point:
        """The point whose slope is furthest from 0."""
        return max(self.all_points, key=lambda point: point.slope)

    @property
    def repaired(self) -> int:
        """At how many points the best came from a neighbour's."""
        return sum(point.repaired for point in self.all_points)

    def arrays(self) -> dict[str, Sequence[Any]]:
        """The axes, and at each point, a row for each density, the loss, W and b."""
        return {
            "importances": self.importances,
            "densities": self.densities,
            "loss": [[point.loss for point in row] for row in self.points],
            "W": [[point.W for point in row] for row in self.points],
            "b": [[point.b for point in row] for row in self.points],
        }

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each point."""
        points = list(self.all_points)
        names = ("importance", "density", "fate", "family", "length", "shared", "agreed", "slope")
        found = {name: [getattr(point, name) for point in points] for name in names}
        losses = [Fraction(point.loss) for point in points]
        return {"point": range(1, len(points) + 1), **found, "loss": losses}


def phase_diagram(  # noqa: PLR0913 - each names one thing that the answer depends on, or its work
    features: int = 3,
    hidden: int = 2,
    size: int = 60,
    *,
    restarts: int = 32,
    seed: int = 0,
    store: LineStore | None = None,
    executor: Executor | None = None,
    on_progress: OnProgress | None = None,
) -> PhaseDiagram:
    """The best embedding's last feature, by its importance r and the density p of all features.

    r goes from 0.1 to 10 and p from 0.01 to 1, evenly in the logarithm and rounded to four digits,
    so that they are exact; all other importances are 1. At each point a search; then descents from
    the minima of the neighbouring points, until none is lower; then polishing to 50 digits.

    Args:
        features: n, at most 4, and more than m.
        hidden: m.
        size: How many r, and how many p, 2 to 200.
        restarts: How many random starts at each point.
        seed: Which random starts.
        store: Opened, it keeps what is done, and what it has is not done again.
        executor: Shares the work out, as ``processes.jobs.Processes(2)`` does.
        on_progress: Hears (stage, done, points) of each few points.

    Returns:
        The diagram. A best found is not a best proved.

    Raises:
        InputError: ``size``, ``restarts``, ``seed``; ``executor``; ``missing_extra`` without numpy.

    Source: Elhage et al. 2022, "Superposition as a Phase Change", for n = 2, m = 1 and n = 3, m =
    2, there by training.

    Examples:
        >>> diagram = phase_diagram(2, 1, 3)
        >>> for row in reversed(diagram.points):
        ...     print(row[0].density, [point.fate for point in row])
        1 ['not represented', 'dedicated dimension', 'dedicated dimension']
        1/10 ['superposition', 'superposition', 'superposition']
        1/100 ['superposition', 'superposition', 'superposition']
    """
    check_executor(executor)
    require("optimum", "numpy", "array_api_compat")
    from handcalc.storage.store import LineStore
    from handcalc.superposition.phases.diagram_survey import SurveyPlan, log_spaced, survey

    plan = SurveyPlan.of(features, hidden, size, restarts=restarts, seed=seed)
    found = survey(plan, LineStore() if store is None else store, executor, on_progress)
    points = tuple(map(Point.of, plan.places, found.records))
    rows = tuple(points[k : k + plan.size] for k in range(0, len(points), plan.size))
    known = candidates.textbook_candidates(plan.features, plan.hidden)
    textbook = tuple(
        tuple(candidates.cheapest(known, point.importance, point.density) for point in row)
        for row in (rows if known else ())
    )
    return PhaseDiagram(
        features=plan.features,
        hidden=plan.hidden,
        importances=plan.importances,
        densities=plan.densities,
        restarts=plan.restarts,
        seed=plan.seed,
        looks=found.looks,
        points=rows,
        textbook=textbook if known else None,
        borders=candidates.borders(known, log_spaced(-1, _FINE), log_spaced(-2, _FINE)),
    )
