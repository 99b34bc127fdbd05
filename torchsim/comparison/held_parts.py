"""The geometry of a trained model: its held features as an orthogonal sum of named shapes."""

from __future__ import annotations

from collections import Counter

from handcalc.superposition.model.families import TOLERANCE, Family, family
from handcalc.wording import joined
from torchsim.run import Trained

_NAMES = {
    "dedicated": ("feature in a dimension of its own", "features in a dimension of their own"),
    "other": ("group without a name", "groups without a name"),
}


def held_parts(trained: Trained, tolerance: float = TOLERANCE) -> Family:
    """The parts of the held features alone, at right angles to each other to ``tolerance`` radians.

    What is not held counts as zero, however many such rows there are: they make a model of many
    features "mixed" else. Errors: ``tolerance``.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(4, 2, "9/10"),), restarts=8))
    >>> [part.name for part in held_parts(run.trained[0]).parts]
    ['pair', 'pair']
    """
    held = set(trained.held)
    rows = trained.W[trained.best].double().tolist()
    return family(
        [row if i in held else [0.0] * len(row) for i, row in enumerate(rows, 1)], tolerance
    )


def counted_shapes(trained: Trained, tolerance: float = TOLERANCE) -> dict[str, int]:
    """How many parts of each shape there are; "dropped" is what is not held, feature by feature.

    Errors: ``tolerance``.
    """
    parts = held_parts(trained, tolerance).parts
    counts = Counter(part.name for part in parts if part.kind != "dropped")
    dropped = sum(len(part.features) for part in parts if part.kind == "dropped")
    return dict(counts) | ({"dropped": dropped} if dropped else {})


def shapes_sentence(trained: Trained, tolerance: float = TOLERANCE) -> str:
    """The same in words: "29 pairs, 2 triangles", without what is dropped.

    Errors: ``tolerance``.
    """
    told = [
        f"{count} {_NAMES.get(name, (name, f'{name}s'))[count > 1]}"
        for name, count in counted_shapes(trained, tolerance).items()
        if name != "dropped"
    ]
    return joined(told) if told else "no feature is held"
