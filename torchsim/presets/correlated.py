"""Features that come together, and features that never do: what shares a direction with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Anticorrelated, Correlated
from torchsim.presets.experiment import Extent, Preset, PresetClaim, density, rows
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import Trained, TrainingRun


_SOURCE = "Elhage et al. 2022, Superposition in Correlated and Anticorrelated Features"
_PAIRS = ((1, 2), (3, 4))
_TRIPLES = ((1, 2, 3), (4, 5, 6))
_TENS = (tuple(range(1, 11)), tuple(range(11, 21)))
_DENSE, _SPARSE = 1 / 2, 1 / 10  # the densities p from which, and up to which, a claim is about

_Kind = type[Correlated] | type[Anticorrelated]


def _cosines(trained: Trained) -> Iterator[float]:
    """The cosines of the pairs of held features that are in one set."""
    W = rows(trained)
    for features in trained.model.distribution.sets:  # type: ignore[attr-defined] # it has sets
        for i, j in combinations(sorted(set(features) & set(trained.held)), 2):
            u, v = W[i - 1], W[j - 1]
            dot = sum(a * b for a, b in zip(u, v, strict=True))
            yield dot / (sum(a * a for a in u) * sum(b * b for b in v)) ** 0.5


def _models(
    kind: _Kind, sizes: Sequence[tuple[Sequence[tuple[int, ...]], int, tuple[str, ...]]]
) -> Callable[[int], tuple[ModelSpec, ...]]:
    """Sets of features in so many dimensions, at each sparsity."""

    def models(seed: int) -> tuple[ModelSpec, ...]:
        return tuple(
            ModelSpec.of(sum(map(len, sets)), m, distribution=kind(sets, S), seed=seed)
            for sets, m, sparsities in sizes
            for S in sparsities
        )

    return models


def _is_sparse(trained: Trained) -> bool:
    return to_float(density(trained.model)) <= _SPARSE


def _holds_together(run: TrainingRun) -> bool:
    dense = [each for each in run.trained if density(each.model) >= _DENSE]
    return all(
        abs(cosine) < 0.1 for each in run.trained if _is_sparse(each) for cosine in _cosines(each)
    ) and all(cosine > 0.99 for each in dense for cosine in _cosines(each))


def _holds_apart(run: TrainingRun) -> bool:
    pairs = [each for each in run.trained if each.model.hidden == len(_PAIRS)]
    return all(
        len(each.held) == 4
        and max(_cosines(each)) < -0.999
        and float(each.loss.min()) < 1e-4 * density(each.model)
        for each in pairs
    )


def _holds_in_bases(run: TrainingRun) -> bool:
    return all(
        len(each.held) == 20 and max(map(abs, _cosines(each))) < 0.1
        for each in run.trained
        if density(each.model) <= 1 / 50
    )


CORRELATED = Preset(
    name="correlated",
    title="Features that come together: pairs and triples",
    story=(
        "Two pairs of features in two dimensions, and two triples in three. The features of a set "
        "are on together or not at all, each with a value of its own. Where sets are rare, the "
        "features of one stand at right angles, so as never to disturb each other, and share their "
        "dimensions with those of the other set. Where they are common, the two of a pair fold "
        "into one direction, their mean: that is what principal components do."
    ),
    source=_SOURCE,
    claim=PresetClaim(
        "Rare sets (S of 9/10 and more): the features of a set stand at right angles, within 6°. "
        "Common ones (S of 1/2 and less): those of a pair share one direction.",
        _holds_together,
    ),
    full=Extent(
        _models(
            Correlated,
            (
                (_PAIRS, 2, ("3/10", "1/2", "6/10", "7/10", "8/10", "9/10", "97/100")),
                (_TRIPLES, 3, ("9/10", "95/100", "98/100")),
            ),
        ),
        restarts=(32, 8),
    ),
    small=Extent(
        _models(Correlated, ((_PAIRS, 2, ("1/2", "8/10", "97/100")),)),
        restarts=(16, 8), steps=4000, batch=256,
    ),
)  # fmt: skip

ANTICORRELATED = Preset(
    name="anticorrelated",
    title="Features that never come together: pairs and triples",
    story=(
        "The same sets, but of each only one feature is on at a time. What is never on together "
        "can share a line at no cost: the two of a pair stand back to back, and ReLU cuts the one "
        "off that is not there. Two pairs in two dimensions so lose nothing at all. Of three "
        "features only two can do that, and the third of each triple has to find a partner outside."
    ),
    source=_SOURCE,
    claim=PresetClaim(
        "The two features of a pair stand back to back, and nothing is lost.", _holds_apart
    ),
    full=Extent(
        _models(
            Anticorrelated,
            (
                (_PAIRS, 2, ("3/10", "1/2", "7/10", "9/10", "97/100")),
                (_TRIPLES, 3, ("8/10", "95/100")),
            ),
        ),
        restarts=(32, 8),
    ),
    small=Extent(
        _models(Anticorrelated, ((_PAIRS, 2, ("1/2", "9/10")),)),
        restarts=(16, 8), steps=4000, batch=256,
    ),
)  # fmt: skip

CORRELATED_LARGE = Preset(
    name="correlated-large",
    title="Two sets of ten features that come together",
    story=(
        "Twenty features in ten dimensions: each set of ten is on as a whole or not at all. Where "
        "that is rare, each set takes all ten dimensions as a basis of its own, nearly at right "
        "angles, and the two bases share all of them."
    ),
    source=_SOURCE,
    claim=PresetClaim(
        "Where sets are on one time in fifty or less, all twenty features are held, and those of "
        "a set stand at right angles, within 6°: local orthogonal bases.",
        _holds_in_bases,
    ),
    full=Extent(
        _models(Correlated, ((_TENS, 10, ("1/2", "8/10", "9/10", "98/100", "99/100")),)),
        restarts=(32, 4), steps=10_000, batch=512,
    ),
    small=Extent(
        _models(Correlated, ((_TENS, 10, ("9/10", "99/100")),)),
        restarts=(8, 2), steps=3000, batch=256,
    ),
)  # fmt: skip
