"""What tells the models of a run from each other, in short words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handcalc.numbers.exact import ExactLike, to_float
from handcalc.views.plots.ticks import indexed
from handcalc.wording import joined
from torchsim.comparison.grids import density
from torchsim.settings import activation_word
from torchsim.specification import ModelSpec


def panel_labels(models: Sequence[ModelSpec]) -> tuple[str, ...]:
    """What tells each model from the others: sparsity, and whatever else they differ in.

    S stands where two decimals say it in all models, else p = 1 − S; where features have an S each,
    and models differ in that of one feature alone, it is that one's. Models without an S are called
    by their distribution.

    >>> from handcalc.superposition.loss.distribution import OneActive
    >>> panel_labels([ModelSpec.of(3, 2, s) for s in ("0", "1/10")])
    ('S = 0', 'S = 0.1')
    >>> linear = ModelSpec.of(3, 2, "99/100", activation="linear")
    >>> panel_labels([linear, ModelSpec.of(3, 2, "999/1000")])
    ('linear, p = 0.01', 'ReLU, p = 0.001')
    >>> panel_labels([ModelSpec.of(3, 2, 0, f"1 1 {last}") for last in ("1", "1/2")])
    ('I₃ = 1', 'I₃ = 0.5')
    >>> panel_labels([ModelSpec.of(2, 1, each) for each in ("9/10 1/2", "9/10 3/4")])
    ('S₂ = 0.5', 'S₂ = 0.75')
    >>> panel_labels([ModelSpec.of(3, 2, distribution=OneActive(3))])
    ('one-active',)
    """
    sparsities = _one_sparsity(models) or list(map(_sparsity_teller(models), models))
    kinds = [str(model.distribution.name) for model in models]
    columns = [
        [f"{model.features} → {model.hidden}" for model in models],
        [activation_word(model.activation) for model in models],
        kinds,
        sparsities,
        _importances(models),
        [f"seed {model.seed}" for model in models],
    ]
    told = [column for column in columns if len(set(column)) > 1]
    told = told or [sparsities if any(sparsities) else kinds]
    return tuple(", ".join(filter(None, texts)) for texts in zip(*told, strict=True))


def _one_sparsity(models: Sequence[ModelSpec]) -> list[str]:
    """That of the one feature in which alone models differ; nothing where there is no such one."""
    each = [
        model.sparsities[:1] * model.features
        if len(set(model.sparsities)) == 1
        else model.sparsities
        for model in models
    ]
    features = {len(values) for values in each}
    if len(features) > 1 or all(len(set(values)) == 1 for values in each):
        return []
    differ = [k for k, values in enumerate(zip(*each, strict=True), 1) if len(set(values)) > 1]
    if len(differ) != 1:
        return []
    return [f"{indexed('S', differ[0])} = {to_float(values[differ[0] - 1]):.4g}" for values in each]


def _sparsity_teller(models: Sequence[ModelSpec]) -> Callable[[ModelSpec], str]:
    """How a model's sparsity is told: as S where two decimals say it in all models, else as p."""
    found = [density(model) for model in models]
    short = all(p is None or abs(round(p, 2) - p) < 1e-12 for p in found)

    def tell(model: ModelSpec) -> str:
        p = density(model)
        if p is None:
            return f"S = {_each(model.sparsities)}" if model.sparsities else ""
        return f"S = {1 - p:.2g}" if short else f"p = {p:.3g}"

    return tell


def _importances(models: Sequence[ModelSpec]) -> list[str]:
    """That of the last feature alone, where all others are 1 in all models; one where all are 1."""
    if all(weight == 1 for model in models for weight in model.importance):
        return ["I = 1"] * len(models)
    if all(weight == 1 for model in models for weight in model.importance[:-1]):
        return [
            f"{indexed('I', model.features)} = {to_float(model.importance[-1]):.3g}"
            for model in models
        ]
    return [f"I = {_each(model.importance)}" for model in models]


def _each(values: Sequence[ExactLike]) -> str:
    shown = [f"{float(to_float(value)):.3g}" for value in values]
    return shown[0] if len(set(shown)) == 1 else joined(shown)
