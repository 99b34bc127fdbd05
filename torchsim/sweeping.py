"""Grids of models: every combination of what is to vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from handcalc.errors import InputError
from handcalc.superposition.model.toy_model import Activation
from torchsim.specification import ModelSpec

_MAX_MODELS = 1 << 14


def grid(
    *,
    features: int | Sequence[int],
    hidden: int | Sequence[int],
    sparsity: object,
    importance: object = "1",
    activation: Activation | Sequence[Activation] = "relu",
    seed: int | Sequence[int] = 0,
) -> tuple[ModelSpec, ...]:
    """Every combination of the values given, at most 16,384 models, for one run or several.

    Each argument is one value, or a sequence of values. A text is one value: for all features, or
    such as "1 1/2" for one each. Order: as the arguments stand here, the last one (the seed)
    changing fastest. Errors: ``sweep`` for no values, too many models, the same model twice; those
    of ``ModelSpec.of``.

    >>> models = grid(features=2, hidden=1, sparsity=["0", "1/2"], importance=["1", "1 1/2"])
    >>> [(model.distribution.sparsity, model.importance) for model in models]
    [((0,), (1, 1)), ((0,), (1, 1/2)), ((1/2,), (1, 1)), ((1/2,), (1, 1/2))]
    """
    axes: dict[str, Sequence[Any]] = {
        "features": _values(features),
        "hidden": _values(hidden),
        "sparsity": _values(sparsity),
        "importance": _values(importance),
        "activation": _values(activation),
        "seed": _values(seed),
    }
    _check_count(axes)
    models = tuple(
        ModelSpec.of(n, m, S, weights, activation=kind, seed=number)
        for n, m, S, weights, kind, number in product(*axes.values())
    )
    _check_different(models)
    return models


def _values(given: object) -> Sequence[object]:
    return given if isinstance(given, Sequence) and not isinstance(given, str) else (given,)


def _check_count(axes: Mapping[str, Sequence[object]]) -> None:
    for name, values in axes.items():
        if not values:
            raise InputError("sweep", f"A sweep takes at least one {name}; none is given.")
    many = prod(map(len, axes.values()))
    if many > _MAX_MODELS:
        longest = max(axes, key=lambda name: len(axes[name]))
        length = len(axes[longest])
        sizes = " x ".join(f"{len(values)} {name}" for name, values in axes.items())
        fitting = _MAX_MODELS * length // many
        advice = (
            f"give at most {fitting} values of {longest} instead of {length}"
            if fitting
            else f"give fewer values of {longest} ({length} here) and of the others"
        )
        raise InputError(
            "sweep",
            f"A sweep holds up to {_MAX_MODELS} models, not {many} ({sizes}): {advice}, "
            "or train several sweeps.",
        )


def _check_different(models: Sequence[ModelSpec]) -> None:
    first: dict[ModelSpec, int] = {}
    for i, model in enumerate(models, start=1):
        if model in first:
            raise InputError(
                "sweep",
                f"Models {first[model]} and {i} of the sweep are the same: a value is given twice. "
                "Give each value once; for another start, give another seed.",
            )
        first[model] = i
