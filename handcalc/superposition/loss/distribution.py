"""Feature distributions: which features are active together, and with what exact probability.

Every distribution here is made of independent blocks. With probability S a block is off, and none
of its features is active; otherwise one of its supports is drawn, and its features are active, each
with a value uniform on [0, 1], independently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product
from typing import ClassVar, Literal, TypeAlias, cast

import sympy

from handcalc.display import Displayed, fields_text
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_vector, spread
from handcalc.inputs.containers import as_int, as_lists
from handcalc.numbers.exact import in_unit_interval, integer_text, to_text
from handcalc.wording import brief, cut

DistributionName: TypeAlias = Literal["independent", "one-active", "correlated", "anticorrelated"]
"""What commands, course files and runs on disk call a kind of distribution."""

S = sympy.Symbol("S")
_ONE = sympy.Integer(1)


@dataclass(frozen=True, slots=True, repr=False)
class Pattern:
    """A set of active features (from 1, ascending) and its probability, exact or in S."""

    active: tuple[int, ...]
    probability: sympy.Expr

    __repr__ = fields_text


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """Features that are drawn together, by one draw.

    Off with probability ``sparsity`` (None is the symbol S), else one of ``supports``: each a set
    of features (from 0) with its probability given that the block is on.
    """

    sparsity: sympy.Expr | None
    supports: tuple[tuple[tuple[int, ...], sympy.Expr], ...]

    __repr__ = fields_text


class Distribution(Displayed, ABC):
    """What a distribution knows: its blocks for n features, and from them its support patterns.

    ``phrase`` is what a sentence calls it. A class of ``KINDS`` is made from ``n`` alone, or from
    ``sparsity``, or from ``sets`` and ``sparsity``: its fields, in their order.
    """

    __slots__ = ()

    name: ClassVar[DistributionName]
    phrase: ClassVar[str]

    __repr__ = fields_text

    @abstractmethod
    def blocks(self, n: int) -> tuple[Block, ...]:
        """The independent blocks over n features; errors say what does not fit n."""

    @abstractmethod
    def sentence(self) -> str:
        """What the inputs are, in words."""

    def patterns(self, n: int) -> Iterator[Pattern]:
        """All sets of features that can be active together, with their probabilities.

        >>> [(p.active, p.probability) for p in SparseUniform("1/3").patterns(1)]
        [((), 1/3), ((1,), 2/3)]
        """
        outcomes = []
        for block in self.blocks(n):
            off = S if block.sparsity is None else block.sparsity
            outcomes.append([((), off), *((s, (1 - off) * p) for s, p in block.supports)])
        for drawn in product(*outcomes):
            active = sorted(feature + 1 for features, _ in drawn for feature in features)
            probability = sympy.expand(sympy.Mul(*(p for _, p in drawn)))
            if probability != 0:
                yield Pattern(tuple(active), probability)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class SparseUniform(Distribution):
    """Each feature is active with probability p = 1 − S, independently of the others.

    ``sparsity`` is one S for all features or one each, in [0, 1]; None keeps S as a symbol. Errors:
    ``sparsity`` for a value outside [0, 1], ``wrong_shape`` for a number of values that is neither
    1 nor n. Source: Elhage et al. 2022, "Demonstrating Superposition".

    >>> sum(pattern.probability for pattern in SparseUniform("1/3 1/2").patterns(2))
    1
    """

    name = "independent"
    phrase = "features drawn independently"

    sparsity: Vector | None

    def __init__(self, sparsity: object = None) -> None:
        object.__setattr__(self, "sparsity", _sparsities(sparsity))

    def sentence(self) -> str:
        """What the inputs are, in words."""
        return f"Each feature is off with probability S{_given(self.sparsity)}, independently."

    def blocks(self, n: int) -> tuple[Block, ...]:
        """One block a feature."""
        each = _each(self.sparsity, n, "features")
        return tuple(Block(s, (((i,), _ONE),)) for i, s in enumerate(each))


@dataclass(frozen=True, slots=True, repr=False)
class OneActive(Distribution):
    """Exactly one of the ``n`` features is active, each with probability 1/n.

    Source: Chen et al. 2023, arXiv 2310.06301.

    >>> [pattern.probability for pattern in OneActive(3).patterns(3)]
    [1/3, 1/3, 1/3]
    """

    name = "one-active"
    phrase = "one feature active at a time"

    n: int

    def __post_init__(self) -> None:
        n = as_int(self.n)
        if n is None or n < 1:
            raise InputError(
                "wrong_shape",
                f"OneActive takes the number of features, such as 3, not {brief(self.n)}.",
            )
        object.__setattr__(self, "n", n)

    def sentence(self) -> str:
        """What the inputs are, in words."""
        return "Exactly one feature is active, each with the same chance."

    def blocks(self, n: int) -> tuple[Block, ...]:
        """A single block that is always on."""
        if n != self.n:
            raise InputError(
                "wrong_shape", f"The distribution has {brief(self.n)} features, not {n}."
            )
        return (Block(sympy.Integer(0), _singles(range(n))),)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class _Sets(Distribution):
    """Sets of features (from 1), drawn set by set; a feature in no set is a set of its own."""

    sets: tuple[tuple[int, ...], ...]
    sparsity: Vector | None

    def __init__(self, sets: object, sparsity: object = None) -> None:
        object.__setattr__(self, "sets", _sets(sets))
        object.__setattr__(self, "sparsity", _sparsities(sparsity))

    def _members(self, n: int) -> tuple[tuple[int, ...], ...]:
        named = [feature for members in self.sets for feature in members]
        if sorted(set(named)) != sorted(named) or not set(named) <= set(range(1, n + 1)):
            raise InputError(
                "sets",
                f"Sets hold the features 1 to {n}, each at most once, "
                f"not {cut(_listed(self.sets))}.",
            )
        alone = tuple((i,) for i in range(1, n + 1) if i not in named)
        return tuple(tuple(i - 1 for i in members) for members in (*self.sets, *alone))


class Correlated(_Sets):
    """The members of a set are all active, with probability 1 − S, or all off.

    Their values are independent. ``sets`` name features from 1; ``sparsity`` is one S, or one for
    each set. Source: Elhage et al. 2022, "Organization of Correlated Features".

    >>> [pattern.active for pattern in Correlated([(1, 2)], "1/2").patterns(2)]
    [(), (1, 2)]
    """

    __slots__ = ()

    name = "correlated"
    phrase = "correlated sets of features"

    def sentence(self) -> str:
        """What the inputs are, in words."""
        return (
            f"The sets {_listed(self.sets)} are off as a whole with probability "
            f"S{_given(self.sparsity)}, else on as a whole."
        )

    def blocks(self, n: int) -> tuple[Block, ...]:
        """One block a set, with the whole set as its support."""
        members = self._members(n)
        each = _each(self.sparsity, len(members), "sets")
        return tuple(Block(s, ((m, _ONE),)) for s, m in zip(each, members, strict=True))


class Anticorrelated(_Sets):
    """With probability 1 − S exactly one member of a set is active, each with the same chance.

    ``sets`` name features from 1; ``sparsity`` is one S, or one for each set. Source: Elhage et al.
    2022, "Organization of Correlated Features".

    >>> [pattern.probability for pattern in Anticorrelated([(1, 2)], "1/2").patterns(2)]
    [1/2, 1/4, 1/4]
    """

    __slots__ = ()

    name = "anticorrelated"
    phrase = "anticorrelated sets of features"

    def sentence(self) -> str:
        """What the inputs are, in words."""
        return (
            f"Of each of the sets {_listed(self.sets)} none is active with probability "
            f"S{_given(self.sparsity)}, else exactly one."
        )

    def blocks(self, n: int) -> tuple[Block, ...]:
        """One block a set, with each member a support of its own."""
        members = self._members(n)
        each = _each(self.sparsity, len(members), "sets")
        return tuple(Block(s, _singles(m)) for s, m in zip(each, members, strict=True))


KINDS: Mapping[DistributionName, type[Distribution]] = {
    kind.name: kind for kind in (SparseUniform, OneActive, Correlated, Anticorrelated)
}
"""The kinds of distribution by name, in the order in which they are offered."""


def distribution_of(given: object, sparsity: object = None) -> Distribution:
    """The distribution that was asked for: one of them, or a sparsity, for ``SparseUniform``.

    Both arguments take either, and only one is given; None leaves S a symbol. Errors: ``sparsity``,
    and those of ``SparseUniform``.

    >>> distribution_of("9/10") == distribution_of(None, SparseUniform("9/10"))
    True
    """
    if given is not None and sparsity is not None:
        raise InputError("sparsity", "A distribution has its own sparsity: give one of the two.")
    one = sparsity if given is None else given
    if isinstance(one, type) and issubclass(one, Distribution):
        raise InputError(
            "distribution",
            f"A distribution is asked for, such as {one.__name__}(…), not the class itself.",
        )
    return one if isinstance(one, Distribution) else SparseUniform(one)


def without_symbol(distribution: Distribution, n: int, reason: str) -> Distribution:
    """The distribution, if it leaves no S open over n features; ``reason`` says why none may be."""
    if any(block.sparsity is None for block in distribution.blocks(n)):
        raise InputError(
            "sparsity",
            f'{reason}: give a sparsity from 0 to 1, such as "1/2".',
            suggestion="1/2",
        )
    return distribution


def _sets(sets: object) -> tuple[tuple[int, ...], ...]:
    if isinstance(sets, Sequence) and not isinstance(sets, str):  # each may be a set of Python's
        # what is no feature has a place too, and is refused below
        sets = [
            sorted(each, key=lambda i: as_int(i) or 0) if isinstance(each, Set) else each
            for each in sets
        ]
    given = sets if isinstance(sets, str) else as_lists(sets, "the sets")
    found = [
        tuple(map(as_int, members)) if isinstance(members, list) else ()
        for members in (given if isinstance(given, list) else ())
    ]
    if not found or not all(m and all(i is not None and i >= 1 for i in m) for m in found):
        raise InputError(
            "sets",
            f"Sets are lists of features, from 1, such as [(1, 2), (3, 4)], not {brief(sets)}.",
        )
    return cast("tuple[tuple[int, ...], ...]", tuple(found))


def _given(sparsity: Vector | None) -> str:
    return "" if sparsity is None else f" = {', '.join(map(to_text, sparsity))}"


def _listed(sets: tuple[tuple[int, ...], ...]) -> str:
    return " ".join(f"{{{', '.join(map(integer_text, members))}}}" for members in sets)


def _singles(features: Sequence[int]) -> tuple[tuple[tuple[int, ...], sympy.Expr], ...]:
    return tuple(((i,), sympy.Rational(1, len(features))) for i in features)


def _sparsities(value: object) -> Vector | None:
    if value is None:
        return None
    values = read_vector(value, "the sparsity")
    for number in values:
        if not in_unit_interval(number):
            raise InputError(
                "sparsity", f"A sparsity is a probability, from 0 to 1, not {brief(number)}."
            )
    return values


def _each(values: Vector | None, count: int, what: str) -> tuple[sympy.Expr | None, ...]:
    if values is None:
        return (None,) * count
    wanted = f"One sparsity is asked for, or one for each of the {count} {what}"
    return spread(values, count, wanted)
