"""Which named circuit a trained model is nearest to: which head plays which part, and how well.

A part has marks, each a measure of a head or of a pair: 0 at chance, 1 as made by hand. A head
plays a part as well as its worst mark says, a model plays a circuit as well as its worst part, and
is near to it from ½ on. Heads are taken so that this comes out highest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torchsim.comparison.heads import HeadMeasures, Measure, PairMeasures

NEAR = 0.5
"""Halfway from chance to the head that was made by hand."""

LOOKED_FOR = ("copying", "previous-token", "induction", "induction-pointer")
"""The named circuits that a trained model may be near to."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a head has to do, with a place for how much it does so, and the measure of it."""

    what: str
    measure: Measure

    @property
    def said(self) -> str:
        """What the head does, with the number and that of chance.

        >>> Mark("sleeps for {} of the time", Measure(0.5, 0.25)).said
        'sleeps for 0.50 of the time (by chance 0.25)'
        """
        value, chance = (f"{each:.2f}" for each in (self.measure.value, self.measure.chance))
        return f"{self.what.format(value)} (by chance {chance})"


@dataclass(frozen=True, slots=True)
class PlayedPart:
    """A part of a circuit, and the head that plays it best, as (layer, number) from 1."""

    name: str
    head: tuple[int, int]
    marks: tuple[Mark, ...]

    @property
    def nearness(self) -> float:
        """That of its worst mark."""
        return min(mark.measure.nearness for mark in self.marks)

    @property
    def is_near(self) -> bool:
        """Whether each mark is at least halfway from chance."""
        return self.nearness >= NEAR


@dataclass(frozen=True, slots=True)
class CircuitMatch:
    """A named circuit, and the heads that play its parts."""

    name: str
    parts: tuple[PlayedPart, ...]

    @property
    def nearness(self) -> float:
        """That of its worst part."""
        return min(part.nearness for part in self.parts)

    @property
    def is_near(self) -> bool:
        """Whether every part is played."""
        return self.nearness >= NEAR


def circuit_matches(
    heads: Sequence[HeadMeasures], pairs: Sequence[PairMeasures]
) -> tuple[CircuitMatch, ...]:
    """Each named circuit as well as the heads can play it, the nearest first.

    >>> whole, none = Measure(1.0, 0.25), Measure(0.25, 0.25)
    >>> head = HeadMeasures((1, 1), none, none, none, even=whole, copies=whole, copying_score=1.0)
    >>> [(match.name, match.nearness) for match in circuit_matches([head], [])]
    [('copying', 1.0), ('previous-token', 0.0)]
    """
    best: dict[str, CircuitMatch] = {}
    for match in _candidates(heads, pairs):
        known = best.get(match.name)
        if known is None or _rank(match) > _rank(known):
            best[match.name] = match
    return tuple(sorted(best.values(), key=lambda match: -match.nearness))


def _rank(match: CircuitMatch) -> tuple[float, float]:
    """By the worst part, and of equals by all of them."""
    return match.nearness, sum(part.nearness for part in match.parts)


def _candidates(
    heads: Sequence[HeadMeasures], pairs: Sequence[PairMeasures]
) -> Iterator[CircuitMatch]:
    known = {each.head: each for each in heads}
    for each in heads:
        copies = Mark(_COPIES, each.copies)
        even = Mark(_ALIKE, each.even)
        yield CircuitMatch("copying", (PlayedPart("copying head", each.head, (even, copies)),))
        marks = (Mark(_BEFORE, each.previous), copies)
        yield CircuitMatch("previous-token", (PlayedPart(_PREVIOUS, each.head, marks),))
    for pair in pairs:
        yield from _two_layers(pair, known[pair.earlier], known[pair.later])


def _two_layers(
    pair: PairMeasures, earlier: HeadMeasures, later: HeadMeasures
) -> Iterator[CircuitMatch]:
    follows, copies = Mark(_FOLLOWERS, later.followers), Mark(_COPIES, later.copies)
    first_name = ".".join(map(str, pair.earlier))
    matches = Mark(_MATCHES.replace("EARLIER", first_name), pair.matches)
    first = PlayedPart(_PREVIOUS, pair.earlier, (Mark(_BEFORE, earlier.previous),))
    yield CircuitMatch(
        "induction", (first, PlayedPart("induction head", pair.later, (follows, matches, copies)))
    )
    if pair.points is not None:
        points = Mark(_POINTS.replace("EARLIER", first_name), pair.points)
        same = PlayedPart("pointing head", pair.earlier, (Mark(_SAME, earlier.same),))
        yield CircuitMatch(
            "induction-pointer",
            (same, PlayedPart("induction head", pair.later, (follows, points, copies))),
        )


_PREVIOUS = "previous-token head"
_BEFORE = "attends to the place before with {}"
_FOLLOWERS = "attends to what followed earlier copies of its token with {}"
_SAME = "attends to earlier copies of its token with {}"
_ALIKE = "looks at all places alike in {} of its attention"
_COPIES = "copies: {} of the rows of its OV table are largest at their own token"
_MATCHES = (
    "matches: {} of the rows of its K-composition table with head EARLIER are largest at their own "
    "token"
)
_POINTS = "is pointed one place further on: {} of the rows of its table of places with head EARLIER"
