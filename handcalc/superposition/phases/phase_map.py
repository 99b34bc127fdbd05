"""The phase map: the best embedding along S, and the sparsities at which it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fractions import Fraction
from math import hypot
from typing import TYPE_CHECKING, Any

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError, require
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.processes.jobs import check_executor
from handcalc.storage.store import LineStore
from handcalc.superposition.loss.problem import Problem, check_effort
from handcalc.superposition.model.families import Kind
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

if TYPE_CHECKING:
    from handcalc.superposition.phases.changes import Change
    from handcalc.superposition.phases.grid import BestAt, Curve
    from handcalc.superposition.phases.sparsity_path import Key, MinimumAt, Shape
    from handcalc.superposition.phases.staged_work import OnProgress


# --------------------------------------------------------------------------------------------------
# The stretches of S with one shape of the best embedding, and what they are called.


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` to ``end`` the best embedding has one shape; ``spots`` are known of it.

    An end is a change of the best embedding, or an end of the grid.
    """

    start: Fraction
    end: Fraction
    spots: tuple[MinimumAt, ...]

    @property
    def shape(self) -> Shape:
        """The shape all along."""
        return self.spots[len(self.spots) // 2].shape


def stretches(spots: Sequence[MinimumAt], changes: Sequence[Change]) -> tuple[Stretch, ...]:
    """What lies between the changes along the best minima ``spots``."""
    ends = [spots[0].sparsity, *(change.sparsity for change in changes), spots[-1].sparsity]
    found = []
    for k in range(len(changes) + 1):
        known = [spot for spot in spots if ends[k] <= spot.sparsity <= ends[k + 1]]
        if k > 0 and (changes[k - 1].kind == "crossing" or not known):
            known.insert(0, changes[k - 1].after)
        if k < len(changes) and (changes[k].kind == "crossing" or not known):
            known.append(changes[k].before)
        found.append(Stretch(ends[k], ends[k + 1], tuple(known)))
    return tuple(found)


def region_labels(shapes: Iterable[Shape]) -> dict[Key, str]:
    """A name for each shape: that of its family, and what tells it from others of that family.

    >>> from handcalc.superposition.phases.sparsity_path import shape_of
    >>> from handcalc.superposition.loss.problem import Problem
    >>> from handcalc.superposition.best.minima import Minimum
    >>> pairs = [Minimum(0.1, ((x,), (-0.5,)), (0.2, 0.2), 0.0, 1) for x in (0.5, 0.9)]
    >>> shapes = [shape_of(pair, Problem.of(2, 1, sparsity=0)) for pair in pairs]
    >>> list(region_labels(shapes).values()), list(region_labels(shapes[:1]).values())
    (['antipodal (equal lengths)', 'antipodal (two lengths)'], ['antipodal'])
    """
    known = {shape.key: shape for shape in shapes}
    return {key: _label(shape, list(known.values())) for key, shape in known.items()}


def _label(shape: Shape, known: Sequence[Shape]) -> str:
    name = shape.family.name
    rivals = [s for s in known if s.family.name == name and s.key != shape.key]
    if not rivals:
        return name
    if all(rival.lengths != shape.lengths for rival in rivals):
        return f"{name} ({shape.lengths})" if shape.lengths else name
    told = [_parts(shape)]
    if shape.lengths and any(_parts(rival) == told[0] for rival in rivals):
        told.append(shape.lengths)
    return f"{name} ({'; '.join(told)})"


def _parts(shape: Shape) -> str:
    """How many parts there are of each kind, and how many dropped features.

    One pair, one dedicated feature and two dropped ones are "1 pair, 1 dedicated, 2 dropped".
    """
    counts: dict[Kind, int] = {}
    for part in shape.family.parts:
        more = len(part.features) if part.kind == "dropped" else 1
        counts[part.kind] = counts.get(part.kind, 0) + more
    names = {"dedicated": "dedicated", "dropped": "dropped", "simplex": "simplices"}
    return ", ".join(
        f"{count} {names.get(kind, f'{kind}s') if count > 1 else kind}"
        for kind, count in counts.items()
    )


LARGEST = 1001
MOST_FEATURES = 8  # a point is a search: half a minute with 9 features, minutes with 10
MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class MapPoint:
    """The best minimum found at one sparsity.

    ``loss``, ``W`` (n rows of m) and ``b`` (n) are decimals in full, good to 50 digits; ``slope``
    is the largest |∂L/∂entry| there. ``agreed`` of ``restarts`` reached that loss; where none did,
    a descent from the minimum of a neighbouring point led there.
    """

    sparsity: Fraction
    loss: str
    W: tuple[tuple[str, ...], ...]
    b: tuple[str, ...]
    slope: float
    shape: Shape
    restarts: int
    agreed: int

    @classmethod
    def of(cls, best: BestAt, record: Mapping[str, Any]) -> MapPoint:
        """The point of a minimum and its polished record."""
        return cls(
            sparsity=best.spot.sparsity,
            loss=record["loss"],
            W=tuple(map(tuple, record["W"])),
            b=tuple(record["b"]),
            slope=record["slope"],
            shape=best.spot.shape,
            restarts=best.restarts,
            agreed=best.agreed,
        )

    @property
    def model(self) -> ToyModel:
        """The model with these entries, as exact numbers."""
        rows = [[sympy.Rational(cell) for cell in row] for row in self.W]
        return ToyModel(rows, [sympy.Rational(cell) for cell in self.b])

    @property
    def lengths(self) -> tuple[float, ...]:
        """The lengths ‖Wᵢ‖."""
        return tuple(hypot(*map(float, row)) for row in self.W)


@dataclass(frozen=True, slots=True)
class PhaseMap(Displayed, Exported, Tabular):
    """The best embedding of n features in m dimensions along S.

    ``points`` stand on a grid from 0 to just below 1. ``stretches`` have one shape each; between
    each two is one of the ``changes``, good to ``digits`` digits if not to fewer. ``curves`` has
    the minimum of each stretch wherever it is one.
    """

    features: int
    hidden: int
    importance: Vector
    digits: int
    seed: int
    points: tuple[MapPoint, ...] = field(repr=False)
    stretches: tuple[Stretch, ...] = field(repr=False)
    changes: tuple[Change, ...] = field(repr=False)
    curves: tuple[Curve, ...] = field(repr=False)

    def label(self, shape: Shape) -> str:
        """The name of a shape: its family, and what tells it from others of that family here."""
        shapes = [stretch.shape for stretch in self.stretches]
        return region_labels([*shapes, shape])[shape.key]

    @property
    def worst_slope(self) -> MapPoint:
        """The point whose slope is furthest from 0."""
        return max(self.points, key=lambda point: point.slope)

    @property
    def lowest_agreement(self) -> MapPoint:
        """The point at which the smallest part of the restarts reached the best loss."""
        return min(self.points, key=lambda point: point.agreed / point.restarts)

    def arrays(self) -> dict[str, Sequence[Any]]:
        """At each point along S the sparsity, the loss, W and b."""
        return {
            "sparsity": [point.sparsity for point in self.points],
            "loss": [point.loss for point in self.points],
            "W": [point.W for point in self.points],
            "b": [point.b for point in self.points],
        }

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each point along S."""
        return {
            "sparsity": [point.sparsity for point in self.points],
            "loss": [Fraction(point.loss) for point in self.points],
            "shape": [self.label(point.shape) for point in self.points],
            "agreed": [point.agreed for point in self.points],
            "restarts": [point.restarts for point in self.points],
            "slope": [point.slope for point in self.points],
        }


def phase_map(  # noqa: PLR0913 - each names one thing that the answer depends on, or its work
    features: int = 3,
    hidden: int = 2,
    importance: object = None,
    *,
    points: int = 41,
    digits: int = 15,
    restarts: int | None = None,
    seed: int = 0,
    store: LineStore | None = None,
    executor: Executor | None = None,
    on_progress: OnProgress | None = None,
) -> PhaseMap:
    """The best embedding along S = i/(points − 1), and where it changes in between.

    At each S a search; then descents from neighbour to neighbour, until none is lower; then
    polishing to 50 digits. Between points whose minima have different shapes, or do not lead to
    each other, each change is worked out. Where one minimum overtakes another, the order of the
    exact losses is checked a tenth of a unit of the last digit before and after. Where one turns
    into another without a jump, it is to as many digits as can be told. Searches at the changes
    find nothing lower, or more changes are told. S = 1 is left out, as nothing is ever active
    there.

    Args:
        features: n, up to 8.
        hidden: m.
        importance: Iᵢ ≥ 0, one for all or one each; None is 1.
        points: How many S, 3 to 1001.
        digits: To how many digits a change is worked out, 1 to 30.
        restarts: How many random starts at each S; None is as many as it takes for several to
            agree.
        seed: Which random starts.
        store: Opened, it keeps what is done, and what it has is not done again.
        executor: Shares the work out, as ``processes.jobs.Processes(2)`` does.
        on_progress: Hears (stage, done, total).

    Returns:
        The map. A best found is not a best proved, and a phase that exists only between two points
        would be missed.

    Raises:
        InputError: ``points``, ``digits``, ``size``, ``importance``, ``wrong_shape``, ``restarts``,
            ``seed``; ``executor``; ``missing_extra`` without numpy.

    Source: derived here.

    Examples:
        >>> found = phase_map(2, 1, points=5)
        >>> for change in found.changes:
        ...     print(found.label(change.before.shape), "to", found.label(change.after.shape))
        antipodal (two lengths) to antipodal (equal lengths)
    """
    check_executor(executor)
    points, digits = _sizes(points, digits)
    restarts, seed = check_effort(restarts, seed)
    problem = Problem.of(features, hidden, sparsity=0, importance=importance)  # its errors first
    _check_features(problem.features)
    features, hidden, weights = problem.features, problem.hidden, problem.importance
    require("optimum", "numpy", "array_api_compat")
    from handcalc.superposition.phases.grid import Seek, best_along, curves, grid
    from handcalc.superposition.phases.map_tasks import MapWork
    from handcalc.superposition.phases.sparsity_path import SparsityPath

    line, where = SparsityPath(features, hidden, weights), grid(points)
    kept = LineStore() if store is None else store
    work = MapWork(line, Seek(restarts, seed), where, kept, executor, on_progress)
    best = best_along(line, work.searched())
    spots = [each.spot for each in best]
    found = work.changes(spots, digits + 1)  # decimals: few S are below 1/10, and then not by much
    parts = stretches(spots, found)
    records = work.polished(spots)
    return PhaseMap(
        features=features,
        hidden=hidden,
        importance=line.importance,
        digits=digits,
        seed=seed,
        points=tuple(MapPoint.of(*known) for known in zip(best, records, strict=True)),
        stretches=parts,
        changes=tuple(found),
        curves=curves(line, [part.spots for part in parts], where),
    )


def _check_features(n: int) -> None:
    if n > MOST_FEATURES:
        raise InputError(
            "size",
            f"A map along S is worked out for up to {MOST_FEATURES} features, not {n}: each of its "
            "points is a search by itself. For one S at a time optimum takes more.",
        )


def _sizes(points: object, digits: object) -> tuple[int, int]:
    steps = read_whole(points, "number of points", "points")
    if not 3 <= steps <= LARGEST:
        raise InputError("points", f"A map has 3 to {LARGEST} points along S, not {brief(steps)}.")
    places = read_whole(digits, "number of digits", "digits")
    if not 1 <= places <= MOST_DIGITS:
        raise InputError(
            "digits", f"From 1 to {MOST_DIGITS} digits are worked out, not {brief(places)}."
        )
    return steps, places
