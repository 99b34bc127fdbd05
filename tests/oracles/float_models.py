"""Models in floating point that are hard on a numeric loss: kinks, cancellation, mixed sizes.

The same for the same seed. Nothing here imports the package that it helps to judge; features count
from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import nextafter
from random import Random

from tests.oracles.loss_models import Inputs, random_sets

LARGEST = 1e3
SMALLEST = 1e-100
INDEPENDENT, ONE_ACTIVE, CORRELATED, ANTICORRELATED = KINDS = (
    "independent",
    "one active",
    "correlated",
    "anticorrelated",
)
SIZES = (0.0, 0.3, 0.5, 1.0, 1e-2, 1e-4, 1e-8, 1e-13, 30.0, LARGEST)
SPARSITIES = (0.0, 1.0, 0.5, 0.9, 1e-9, 1 - 1e-9)

Row = tuple[float, ...]


@dataclass(frozen=True)
class FloatCase:
    """A model in floats with its inputs (each S a float) and importances."""

    W: tuple[Row, ...]
    b: Row
    inputs: Inputs
    importance: Row

    @property
    def n(self) -> int:
        return len(self.b)


def hard_case(random: Random, n: int, kind: str) -> FloatCase:
    """One of the families below, biases on kinks or an ulp beside them, S = 0 and 1 included."""
    W = random.choice(FAMILIES)(random, n)
    b = tuple(hard_bias(random, W, i) for i in range(n))
    alone = kind in (INDEPENDENT, ONE_ACTIVE)
    sets = tuple((i,) for i in range(n)) if alone else random_sets(random, n)
    each = tuple(Fraction(sparsity(random)) for _ in sets)
    importance = tuple(random.choice([1.0, 1.0, 0.0, random.random()]) for _ in range(n))
    return FloatCase(W, b, Inputs(kind, sets, each), importance)


def entry(random: Random) -> float:
    size = random.choice([*SIZES, random.gauss(0, 1), 10 ** random.uniform(-16, 3)])
    return random.choice([1, -1]) * size


def sparsity(random: Random) -> float:
    return random.choice([*SPARSITIES, random.random(), random.random()])


# ── families ────────────────────────────────────────────────────────────────────────────────────


def as_drawn(random: Random, n: int) -> tuple[Row, ...]:
    """Entries of all sizes beside one another."""
    m = random.randint(1, n + 1)
    return tuple(tuple(entry(random) for _ in range(m)) for _ in range(n))


def moderate(random: Random, n: int) -> tuple[Row, ...]:
    """All entries of one size, as in a trained model."""
    m, size = random.randint(1, 3), random.choice([0.1, 0.5, 1, 1, 5, 30])
    return tuple(tuple(random.gauss(0, size) for _ in range(m)) for _ in range(n))


def chosen_overlaps(random: Random, n: int) -> tuple[Row, ...]:
    """The overlaps of the first output are exactly those drawn, some of them equal."""
    few = [entry(random), *(random.choice([1, -1]) * size for size in SIZES[:-2])]
    rest = [[entry(random) if k == i else 0.0 for k in range(1, n)] for i in range(1, n)]
    rows = [(random.choice(few), *own) for own in rest]
    return ((random.choice([1.0, 0.5, 30.0]), *[0.0] * (n - 1)), *rows)


def repeated_rows(random: Random, n: int) -> tuple[Row, ...]:
    """Rows that are another row, its opposite or a multiple, exactly or but for one ulp."""
    rows = list(as_drawn(random, n))
    factors = [1.0, -1.0, 1 + 2**-52, -1 - 2**-52, 1e-3, -1e-3, 1 / 3]
    for i in range(1, n):
        if random.random() < 0.6:
            factor = random.choice(factors)
            rows[i] = tuple(inside(w * factor) for w in rows[random.randrange(i)])
    return tuple(rows)


def nearly_orthogonal(random: Random, n: int) -> tuple[Row, ...]:
    """Large rows whose products cancel but for a rounding error."""
    rows = [[random.uniform(-LARGEST, LARGEST) for _ in range(2)] for _ in range(n)]
    for i in range(1, n, 2):
        scale = random.choice([1.0, 0.1, 1 / 3, 1e-3])
        rows[i] = [-rows[i - 1][1] * scale, rows[i - 1][0] * scale]
    return tuple(map(tuple, rows))


FAMILIES: tuple[Callable[[Random, int], tuple[Row, ...]], ...] = (
    as_drawn,
    moderate,
    chosen_overlaps,
    repeated_rows,
    nearly_orthogonal,
)


def hard_bias(random: Random, W: tuple[Row, ...], i: int) -> float:
    """0, any number, or one that puts z's zero at a corner of the cube, or an ulp beside it."""
    overlaps = [sum(v * w for v, w in zip(W[i], row, strict=True)) for row in W]
    corner = random.choice(
        [
            -sum(a for a in overlaps if a > 0),
            -sum(a for a in overlaps if a < 0),
            -sum(a for a in overlaps if random.random() < 0.5),
        ]
    )
    beside = nextafter(corner, random.choice([-LARGEST, LARGEST]))
    near = corner + random.choice([1, -1]) * random.choice(SIZES[:-1])
    return inside(random.choice([0.0, entry(random), corner, beside, near]))


def inside(value: float) -> float:
    """The nearest number that is at most 1000; 0 for what is as good as 0."""
    return 0.0 if abs(value) < SMALLEST else max(-LARGEST, min(LARGEST, value))


# ── the search for something worse ──────────────────────────────────────────────────────────────


def changed(random: Random, case: FloatCase) -> FloatCase:
    """The same case with one number changed, a little or altogether."""
    what = random.randrange(4)
    if what == 0:
        i, k = random.randrange(case.n), random.randrange(len(case.W[0]))
        row = moved(random, case.W[i], k, entry(random))
        return replace(case, W=(*case.W[:i], row, *case.W[i + 1 :]))
    i = random.randrange(case.n)
    if what == 1:
        return replace(case, b=moved(random, case.b, i, hard_bias(random, case.W, i)))
    if what == 2:
        fresh = random.choice([0.0, 1.0, random.random()])
        return replace(case, importance=(*case.importance[:i], fresh, *case.importance[i + 1 :]))
    each = list(case.inputs.sparsities)
    each[random.randrange(len(each))] = Fraction(sparsity(random))
    return replace(case, inputs=replace(case.inputs, sparsities=tuple(each)))


def moved(random: Random, values: Row, place: int, fresh: float) -> Row:
    old = values[place]
    ways = [
        fresh,
        -old,
        nextafter(old, LARGEST),
        nextafter(old, -LARGEST),
        old * random.uniform(0.5, 2),
        old * (1 + random.gauss(0, 1e-3)),
    ]
    return (*values[:place], inside(random.choice(ways)), *values[place + 1 :])
