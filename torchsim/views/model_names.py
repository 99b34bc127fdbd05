"""What tells the models of a run from each other, in short words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handcalc.numbers.exact import ExactLike, to_float
from handcalc.wording import joined
from torchsim.comparison.grids import density
from torchsim.specification import ModelSpec


def panel_labels(models: Sequence[ModelSpec]) -> tuple[str, ...]:
    """What tells each model from the others: sparsity, and whatever else they differ in.

    S stands where two decimals say it in all models, else p = 1 − S.

    >>> panel_labels([ModelSpec.of(3, 2, s) for s in ("0", "1/10")])
    ('S = 0', 'S = 0.1')
    >>> linear = ModelSpec.of(3, 2, "99/100", activation="linear")
    >>> panel_labels([linear, ModelSpec.of(3, 2, "999/1000")])
    ('linear, p = 0.01', 'ReLU, p = 0.001')
    """
    sparsities = list(map(_sparsity_teller(models), models))
    columns = [
        [f"{model.features} → {model.hidden}" for model in models],
        ["ReLU" if model.activation == "relu" else "linear" for model in models],
        [type(model.distribution).__name__ for model in models],
        sparsities,
        list(map(_importance, models)),
        [f"seed {model.seed}" for model in models],
    ]
    told = [column for column in columns if len(set(column)) > 1] or [sparsities]
    return tuple(", ".join(filter(None, texts)) for texts in zip(*told, strict=True))


def _sparsity_teller(models: Sequence[ModelSpec]) -> Callable[[ModelSpec], str]:
    """How a model's sparsity is told: as S where two decimals say it in all models, else as p."""
    found = [density(model) for model in models]
    short = all(p is None or abs(round(p, 2) - p) < 1e-12 for p in found)

    def tell(model: ModelSpec) -> str:
        p = density(model)
        if p is None:
            return f"S = {_each([block.sparsity or 0 for block in model.blocks])}"
        return f"S = {1 - p:.2g}" if short else f"p = {p:.3g}"

    return tell


def _importance(model: ModelSpec) -> str:
    *most, last = model.importance
    if len(set(most)) == 1 and most[0] == 1:
        return f"Iₙ = {to_float(last):.3g}"
    return f"I = {_each(model.importance)}"


def _each(values: Sequence[ExactLike]) -> str:
    shown = [f"{float(to_float(value)):.3g}" for value in values]
    return shown[0] if len(set(shown)) == 1 else joined(shown)
