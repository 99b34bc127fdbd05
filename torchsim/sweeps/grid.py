"""What a sweep trains: every combination of values along some axes, in a stated order.

A ``SweepGrid`` is its axes, not its cells: a million of these are never all there at once. A *cell*
is a model with how it is trained; a *shard* is a row of cells that are trained together, and the
unit in which a sweep is shared out and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from math import prod
from typing import Any

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.distribution import OneActive, SparseUniform
from handcalc.superposition.loss.expected_loss import importances
from handcalc.wording import counted
from torchsim.choices import RESTARTS, KernelChoice, TrainerChoice, trainer_of
from torchsim.settings import read_count, read_positive
from torchsim.specification import (
    SAMPLER,
    Device,
    Dtype,
    Kernel,
    ModelSpec,
    Optimiser,
    Schedule,
    TrainingSpec,
)
from torchsim.sweeps.costs import cell_seconds, cells_together
from torchsim.sweeps.values import (
    InputKind,
    check_count,
    check_once,
    input_kinds,
    read_values,
    values_of,
)

ON_SAMPLES = ("optimiser", "rate", "schedule", "batch", "steps")
"""The axes that belong to the trainer on samples, and make no difference to the exact one."""

OUTER = ("features", "hidden", "distribution", *ON_SAMPLES)
INNER = ("sparsity", "importance", "activation", "seed")
AXES = (*OUTER, *INNER)
"""The axes in the order in which cells are counted, the last one changing fastest.

Cells that differ along inner axes alone are trained together.
"""

_USUAL: dict[str, Any] = {field.name: field.default for field in fields(TrainingSpec)}
"""What each setting is where nothing is said."""


@dataclass(frozen=True, slots=True, repr=False)
class SweepGrid(Displayed):
    """Every combination of the values along its axes; ``SweepGrid.of`` makes one of what is given.

    Each field of ``AXES`` is a tuple of values, in the order of the cells. The rest is the same for
    all cells: ``trainer`` "auto" is ``exact`` up to 8 features and ``sampled`` beyond; ``restarts``
    None is 32 of the exact trainer and 8 on samples.
    """

    features: tuple[int, ...]
    hidden: tuple[int, ...]
    distribution: tuple[InputKind, ...]
    optimiser: tuple[Optimiser, ...]
    rate: tuple[float, ...]
    schedule: tuple[Schedule, ...]
    batch: tuple[int, ...]
    steps: tuple[int, ...]
    sparsity: tuple[Vector | None, ...]
    importance: tuple[Vector, ...]
    activation: tuple[str, ...]
    seed: tuple[int, ...]
    trainer: TrainerChoice = "auto"
    restarts: int | None = None
    decay: float = 0.01
    device: Device = "cpu"
    dtype: Dtype = "float32"
    kernel: Kernel | None = None
    sampler: str = SAMPLER

    def __repr__(self) -> str:
        sizes = " x ".join(f"{len(values)} {name}" for name, values in self.varying.items())
        return f"<SweepGrid: {counted(len(self), 'cell')}{f' ({sizes})' if sizes else ''}>"

    def __len__(self) -> int:
        return prod(len(getattr(self, name)) for name in AXES)

    @classmethod
    def of(  # noqa: PLR0913 - an axis or a setting each, named when asked for
        cls,
        features: object,
        hidden: object,
        sparsity: object = None,
        importance: object = "1",
        *,
        distribution: object = SparseUniform.name,
        sets: object = None,
        activation: object = "relu",
        seed: object = 0,
        trainer: TrainerChoice = "auto",
        restarts: int | None = None,
        steps: object = None,
        batch: object = None,
        optimiser: object = None,
        rate: object = None,
        schedule: object = None,
        decay: float | None = None,
        device: Device = "cpu",
        dtype: Dtype = "float32",
        kernel: KernelChoice | None = None,
    ) -> SweepGrid:
        """The grid of the values given, checked; at most 2²⁴ cells.

        Each argument but the settings (``trainer``, ``restarts``, ``decay``, ``device``, ``dtype``,
        ``kernel``) is one value, or a sequence of values; what is left out is one value. A text is
        one value: for all features, such as "1/2", or such as "1 1/2" for one each, and so is a
        tuple or list of numbers within the sequence. ``distribution`` is a name or several;
        ``sets`` are sets of features such as [(1, 2), (3, 4)], or several such lists, for each of
        the distributions that have sets.

        Args:
            features: n.
            hidden: m.
            sparsity: S of all features, or one each (of correlated and anticorrelated ones, one for
                each set); exact.
            importance: Iᵢ, of all features or one each; exact.
            distribution: "independent", "one-active", "correlated", "anticorrelated".
            sets: Features that are drawn together.
            activation: "relu", "linear"; on samples any elementwise function of torch by its name.
            seed: From 0 to 2³² − 1.
            trainer: "auto", "exact", "sampled".
            restarts: How many starts of each cell.
            steps: On samples, as are the next five.
            batch: Inputs a step.
            optimiser: "adam", "adamw".
            rate: The learning rate.
            schedule: "constant", "linear", "cosine".
            decay: Of AdamW.
            device: "cpu", "cuda".
            dtype: "float32", "float64".
            kernel: "plain", "fused", "auto".

        Errors: ``sweep`` for no values, a value twice, too many cells; ``ignored`` for what would
        make no difference to some cell; those of ``ModelSpec.of`` and ``TrainingSpec``.

        >>> grid = SweepGrid.of(2, 1, ["0", "1/2"], importance=["1", "1 1/2"])
        >>> [(spec.distribution.sparsity, spec.importance) for spec in grid.spec(range(4)).models]
        [((0,), (1, 1)), ((0,), (1, 1/2)), ((1/2,), (1, 1)), ((1/2,), (1, 1/2))]
        """
        on_samples = {
            "optimiser": optimiser,
            "rate": rate,
            "schedule": schedule,
            "batch": batch,
            "steps": steps,
            "decay": decay,
        }
        given: dict[str, object] = {
            "features": features,
            "hidden": hidden,
            "sparsity": sparsity,
            "importance": importance,
            "activation": activation,
            "seed": seed,
            **{
                name: _USUAL[name] if on_samples[name] is None else on_samples[name]
                for name in ON_SAMPLES
            },
        }
        values = {name: values_of(name, each) for name, each in given.items()}
        kinds = input_kinds(distribution, sets)
        check_count({**values, "distribution": kinds})
        axes: dict[str, Any] = {name: read_values(name, values[name]) for name in given}
        grid = cls(
            **axes,
            distribution=kinds,
            trainer=trainer,
            restarts=None if restarts is None else read_count("number of restarts", restarts),
            decay=_USUAL["decay"] if decay is None else read_positive("decay", decay, or_zero=True),
            device=device,
            dtype=dtype,
            kernel=None if isinstance(kernel, str) and kernel == "auto" else kernel,
        )
        named = [name for name, value in on_samples.items() if value is not None]
        grid._refuse_ignored([*named, *(["kernel"] if grid.kernel is not None else [])])
        return grid

    def _refuse_ignored(self, on_samples: Sequence[str]) -> None:
        """Refuse what was said of samples, where some cells draw none."""
        exact = [n for n in self.features if trainer_of(n, self.trainer) == "exact"]
        if exact and on_samples:
            which = "" if len(exact) == len(self.features) else f" of {exact[0]} features"
            raise InputError(
                "ignored",
                f"The {on_samples[0]} makes no difference to cells{which}: it belongs to the "
                "trainer on samples, and they are trained by the exact one, which draws nothing "
                "and stops by itself.",
                suggestion='trainer="sampled"',
            )

    def __post_init__(self) -> None:
        for name in AXES:
            check_once(name, getattr(self, name))
        for kind, n in product(self.distribution, self.features):
            self._check_drawn(kind, n)
        for weights, n in product(self.importance, self.features):
            importances(weights, n)
        first = {name: getattr(self, name)[0] for name in AXES}
        for name in AXES:
            if name not in ("distribution", "sparsity", "importance", "seed"):
                for value in getattr(self, name):  # one axis at a time: not every cell is made here
                    cell = {**first, name: value}
                    self._spec(cell, [tuple(cell[inner] for inner in INNER)])

    def _check_drawn(self, kind: InputKind, n: int) -> None:
        for sparsity in self.sparsity:
            if sparsity is None and kind.name != OneActive.name:
                raise InputError(
                    "sparsity", 'A sweep needs at least one sparsity, from 0 to 1, such as "1/2".'
                )
            if sparsity is not None and kind.name == OneActive.name:
                raise InputError(
                    "sparsity",
                    "Where exactly one feature is active there is no sparsity to choose: sweep "
                    "one-active features by themselves, without a sparsity.",
                )
            if sparsity is None or len(sparsity) > 1 or sparsity is self.sparsity[0]:
                kind.distribution(n, sparsity).blocks(n)

    # -- axes -------------------------------------------------------------------------------------

    @property
    def varying(self) -> dict[str, tuple[Any, ...]]:
        """The axes with more than one value, with their values."""
        found = {name: getattr(self, name) for name in AXES}
        return {name: values for name, values in found.items() if len(values) > 1}

    def coordinates(self, cell: int) -> dict[str, Any]:
        """The value of a cell, from 0, along each axis.

        >>> SweepGrid.of(2, 1, ["0", "1/2"], seed=range(3)).coordinates(4)["seed"]
        1
        """
        found = {}
        for name in reversed(AXES):
            values = getattr(self, name)
            cell, place = divmod(cell, len(values))
            found[name] = values[place]
        return {name: found[name] for name in AXES}

    # -- shards -----------------------------------------------------------------------------------

    def shards(self) -> Iterator[range]:
        """The cells, from 0, in rows that are trained together: each some seconds of work.

        >>> list(SweepGrid.of([2, 3], 1, "1/2", seed=range(3)).shards())
        [range(0, 3), range(3, 6)]
        """
        for cells, seconds in self._alike():
            size = cells_together(seconds)
            for first in range(cells.start, cells.stop, size):
                yield range(first, min(first + size, cells.stop))

    def seconds(self) -> float:
        """About how many seconds one core takes for all cells."""
        return sum(len(cells) * seconds for cells, seconds in self._alike())

    def _alike(self) -> Iterator[tuple[range, float]]:
        """Cells that differ along inner axes alone, with about the seconds that one takes."""
        inner = prod(len(getattr(self, name)) for name in INNER)
        costly = ("features", "hidden", "batch", "steps")  # and of the others none makes a cost
        at = [OUTER.index(name) for name in costly]
        for k, outer in enumerate(product(*(getattr(self, name) for name in OUTER))):
            n, m, batch, steps = (outer[place] for place in at)
            trainer = trainer_of(n, self.trainer)
            restarts = RESTARTS[trainer] if self.restarts is None else self.restarts
            seconds = cell_seconds(trainer, n, m, restarts, steps * batch)
            yield range(k * inner, (k + 1) * inner), seconds

    def spec(self, cells: range) -> TrainingSpec:
        """The run that trains some cells, from 0, which differ along inner axes alone.

        >>> SweepGrid.of(2, 1, ["0", "1/2"], seed=range(3)).spec(range(2, 4)).models[1].seed
        0
        """
        each = [self.coordinates(cell) for cell in cells]
        return self._spec(each[0], [tuple(one[name] for name in INNER) for one in each])

    def _spec(self, outer: Mapping[str, Any], inner: Sequence[tuple[Any, ...]]) -> TrainingSpec:
        n, m, kind = outer["features"], outer["hidden"], outer["distribution"]
        trainer = trainer_of(n, self.trainer)
        models = tuple(
            ModelSpec.of(
                n,
                m,
                importance=importance,
                distribution=kind.distribution(n, sparsity),
                activation=activation,
                seed=seed,
            )
            for sparsity, importance, activation, seed in inner
        )
        names = ("decay", "device", "dtype", "sampler", "kernel")
        same: dict[str, Any] = {name: getattr(self, name) for name in names}
        how = {name: outer[name] for name in ON_SAMPLES}
        restarts = RESTARTS[trainer] if self.restarts is None else self.restarts
        return TrainingSpec(models, trainer, restarts, **same, **how)
