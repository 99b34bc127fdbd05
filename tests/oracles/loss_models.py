"""Random rational models and distributions, made to sit where a careless formula breaks.

The same for the same seed. Nothing here imports the package that it helps to judge; features count
from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from tests.oracles.recursion import (
    Model,
    Numbers,
    Patterns,
    anticorrelated,
    correlated,
    independent,
    one_active,
)

Rows = list[list[Fraction]]
Sets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Inputs:
    """A distribution in plain data: its kind, its sets of features, one S or one for each set."""

    kind: str
    sets: Sets
    sparsities: Numbers

    @property
    def patterns(self) -> Patterns:
        each = self.sparsities * (len(self.sets) if len(self.sparsities) == 1 else 1)
        if self.kind == "one active":
            return one_active(len(self.sets))
        if self.kind == "correlated":
            return correlated(self.sets, each)
        if self.kind == "anticorrelated":
            return anticorrelated(self.sets, each)
        return independent(each)


@dataclass(frozen=True)
class Case:
    """A model of one of the ``KINDS`` with its inputs and importances."""

    kind: str
    model: Model
    inputs: Inputs
    importance: Numbers


def number(random: Random) -> Fraction:
    return Fraction(random.randint(-6, 6), random.choice([1, 2, 3, 4, 5, 7]))


# ── models ──────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Draft:
    """Rows of W and the biases, before a kind has had its way with them."""

    W: Rows
    b: list[Fraction]

    def overlaps(self, i: int) -> list[Fraction]:
        rows = ([p * q for p, q in zip(self.W[i], row, strict=True)] for row in self.W)
        return [sum(products, Fraction(0)) for products in rows]


def as_drawn(random: Random, draft: Draft) -> None:
    """Nothing is special."""


def zero_overlaps(random: Random, draft: Draft) -> None:
    """Every row lies along one of the axes, some nowhere."""
    for row in draft.W:
        axis = random.randrange(len(row) + 1)
        row[:] = [value if k == axis else Fraction(0) for k, value in enumerate(row)]


def repeated_rows(random: Random, draft: Draft) -> None:
    """Some rows are another row, or its opposite."""
    source, rows = list(random.choice(draft.W)), range(len(draft.W))
    for i in random.sample(rows, random.randint(1, len(rows))):
        draft.W[i] = [random.choice([1, -1]) * value for value in source]


def kinks(random: Random, draft: Draft) -> None:
    """z is exactly 0 at a corner of the cube, often at the one where it is largest or smallest."""
    for i in range(len(draft.W)):
        row = draft.overlaps(i)
        corners = [
            [value for value in row if value < 0],
            [value for value in row if value > 0],
            [value for value in row if random.random() < 0.5],
        ]
        draft.b[i] = -sum(random.choice(corners), Fraction(0))


def small_overlaps(random: Random, draft: Draft) -> None:
    """Overlaps of very different size, on which dividing would lose every digit of a float."""
    for row in draft.W:
        scale = Fraction(1, 10 ** random.choice([0, 3, 9]))
        row[:] = [value * scale for value in row]


def no_biases(random: Random, draft: Draft) -> None:
    """Every kink lies in a corner of the cube, and a row of zeros lies in it as a whole."""
    draft.b[:] = [Fraction(0)] * len(draft.b)
    draft.W[random.randrange(len(draft.W))] = [Fraction(0)] * len(draft.W[0])


KINDS: dict[str, Callable[[Random, Draft], None]] = {
    "as drawn": as_drawn,
    "zero overlaps": zero_overlaps,
    "repeated rows": repeated_rows,
    "kinks": kinks,
    "small overlaps": small_overlaps,
    "no biases": no_biases,
}


def random_model(random: Random, kind: str, n: int) -> Model:
    m = random.randint(1, 3)
    draft = Draft(
        [[number(random) for _ in range(m)] for _ in range(n)], [number(random) for _ in range(n)]
    )
    KINDS[kind](random, draft)
    activation = random.choice(["relu", "relu", "relu", "linear"])
    return Model(tuple(map(tuple, draft.W)), tuple(draft.b), activation)


# ── distributions ───────────────────────────────────────────────────────────────────────────────


def sparsity(random: Random) -> Fraction:
    """0 and 1 are as likely as all between them."""
    return random.choice([Fraction(0), Fraction(1), *[Fraction(random.randint(1, 11), 12)] * 2])


def random_sets(random: Random, n: int) -> Sets:
    order, sets = random.sample(range(n), n), []
    while order:
        size = random.randint(1, len(order))
        sets.append(tuple(order[:size]))
        order = order[size:]
    return tuple(sets)


def random_inputs(random: Random, n: int) -> Inputs:
    kind = random.choice(["independent", "one active", "correlated", "anticorrelated"])
    alone = kind in ("independent", "one active")
    sets = tuple((i,) for i in range(n)) if alone else random_sets(random, n)
    count = random.choice([1, len(sets)])
    return Inputs(kind, sets, tuple(sparsity(random) for _ in range(count)))


def cases(count: int, seed: int) -> list[Case]:
    """As many cases as asked, the kinds of model in turn, n from 1 to 5."""
    random, kinds_in_turn = Random(seed), tuple(KINDS)  # noqa: S311 - a repeatable draw, no secret
    found = []
    for index in range(count):
        kind, n = kinds_in_turn[index % len(KINDS)], random.choice([1, 2, 2, 3, 3, 3, 4, 5])
        model, inputs = random_model(random, kind, n), random_inputs(random, n)
        importance = tuple(Fraction(random.randint(0, 6), random.randint(1, 4)) for _ in range(n))
        found.append(Case(kind, model, inputs, importance))
    return found
