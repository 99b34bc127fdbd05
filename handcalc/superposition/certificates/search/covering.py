"""The search for a cover: branch and bound over boxes of W, the worst boxes first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.certificates.cover import (
    BOUNDED,
    DEEPEST,
    ELSEWHERE,
    FAR,
    HALVED,
    Cover,
    Floats,
    Region,
    Whole,
    bias_widths,
    halves,
    lengths,
    region_biases,
    regions_of,
    whole_box,
)
from handcalc.superposition.certificates.search.tangent import CornerCases, scratch
from handcalc.superposition.certificates.search.vertex_bound import bound_boxes

_AT_ONCE = 512  # boxes for each thread
_STIFFNESS = 6.0  # how steep a loss is taken to rise, where the best of a box is guessed
OPEN = 255
"""The code of a leaf that was not looked at yet."""
_SAFE = 2.0**-34  # what a bound is lowered by, for its roundings: those are below 1e-12


@dataclass(slots=True, eq=False)
class Search:
    """Branch and bound that can be stopped between any two rounds, and gone on with.

    ``nodes`` has a row for each box that was made; of those that wait, ``numbers``, ``low``,
    ``high``, and ``known``, the margin of the box that they are a half of.
    """

    claim: CertifiedClaim
    side: float
    regions: tuple[Region, ...]
    most: tuple[float, ...]
    nodes: np.ndarray[Any, Any]
    count: int
    numbers: Whole
    low: Floats
    high: Floats
    known: Floats

    @classmethod
    def of(
        cls,
        claim: CertifiedClaim,
        side: float,
        regions: tuple[Region, ...],
        most: tuple[float, ...],
    ) -> Search:
        """At its beginning: all embeddings are one box. ``most`` is to be stayed above, by case."""
        n, m = claim.problem.features, claim.problem.hidden
        low, high = whole_box(n, m, side)
        nodes = np.zeros(1, node_type(len(free_entries(n, m)), n))
        nodes["code"] = OPEN
        first = np.zeros(1, np.int64)
        return cls(
            claim, side, regions, most, nodes, 1, first, low[None], high[None], np.full(1, -np.inf)
        )

    @property
    def is_done(self) -> bool:
        """Whether nothing waits."""
        return len(self.numbers) == 0

    @property
    def margin(self) -> float:
        """By how much all losses are known to stay above ``most``; below it, if < 0."""
        codes = self.nodes["code"][: self.count]
        bounded = self.nodes["margin"][: self.count][codes == BOUNDED]
        return float(min(bounded.min(initial=np.inf), self.known.min(initial=np.inf)))

    def run(
        self,
        threads: int,
        should_stop: Callable[[], bool],
        on_round: Callable[[Search], None],
    ) -> None:
        """Look at boxes until nothing waits, or until a stop is asked for."""
        cases = to_floats(self.claim, self.most)
        n, m = self.low.shape[1:]
        entries = free_entries(n, m)
        works = [scratch(cases, m, 1 << len(entries)) for _ in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            while not self.is_done and not should_stop():
                self._round(cases, works, pool, entries)
                on_round(self)

    def cover(self) -> Cover:
        """The tree as it is; of what waits, the box that it is a half of is a leaf."""
        nodes = self.nodes[: self.count].copy()
        halved = np.flatnonzero((nodes["code"] >= HALVED) & (nodes["code"] != OPEN))
        waits = nodes["code"] == OPEN
        whole = nodes["first"][halved]
        nodes["code"][halved[waits[whole] | waits[whole + 1]]] = BOUNDED
        nodes["code"][0] = BOUNDED if waits[0] else nodes["code"][0]
        order, stack = [], [0]
        codes, first = nodes["code"].tolist(), nodes["first"].tolist()
        while stack:
            number = stack.pop()
            order.append(number)
            if codes[number] >= HALVED:
                stack += [first[number] + 1, first[number]]
        nodes = nodes[order]
        leaves = nodes[nodes["code"] == BOUNDED]
        return Cover(nodes["code"], *(leaves[name] for name in ("touch", "bias", "cut", "margin")))

    def _round(
        self,
        cases: CornerCases,
        works: list[Any],
        pool: ThreadPoolExecutor,
        entries: list[tuple[int, int]],
    ) -> None:
        """Look at the worst boxes that wait; halve those whose bound is too low."""
        taken = np.arange(len(self.numbers))
        if len(taken) > _AT_ONCE * len(works):
            taken = np.argpartition(self.known, _AT_ONCE * len(works))[: _AT_ONCE * len(works)]
        numbers, low, high = self.numbers[taken], self.low[taken], self.high[taken]
        left = np.ones(len(self.numbers), bool)
        left[taken] = False
        self.numbers, self.known = self.numbers[left], self.known[left]
        self.low, self.high = self.low[left], self.high[left]

        sort = self.sort_out(low, high)
        self.nodes["code"][numbers] = sort
        numbers, low, high = (each[sort == BOUNDED] for each in (numbers, low, high))
        rows, biases, margins, cuts = self._bounds(cases, works, pool, low, high)
        columns = tuple(np.array(entries).T)
        self.nodes["touch"][numbers] = rows[:, *columns]
        self.nodes["bias"][numbers] = biases
        self.nodes["cut"][numbers] = cuts
        below = np.nextafter(margins.astype(np.float32), np.float32(-np.inf))
        self.nodes["margin"][numbers] = below
        # Nothing is halved beyond the grain of boxes: such a leaf keeps the margin that it has.
        sides = (high - low)[:, *columns]
        sides[sides <= self._whole_sides() * 2.0**-DEEPEST] = 0
        open_ = (margins <= 0) & (sides.max(1, initial=0) > 0)
        halved = (each[open_] for each in (numbers, low, high, margins, sides))
        self._halve(columns, *halved)

    def _halve(
        self,
        columns: tuple[Any, ...],
        numbers: Whole,
        low: Floats,
        high: Floats,
        margins: Floats,
        sides: Floats,
    ) -> None:
        """Halve boxes along their widest sides; both halves wait."""
        widest = sides.argmax(1)
        self.nodes["code"][numbers] = HALVED + widest
        born = self.count + np.arange(2 * len(numbers))
        self.nodes["first"][numbers] = born[0::2]
        self._grow(self.count + len(born))
        place = np.arange(len(numbers)), columns[0][widest], columns[1][widest]
        lower, upper = halves(low, high, place)
        self.numbers = np.concatenate([self.numbers, born[0::2], born[1::2]])
        self.low = np.concatenate([self.low, low, upper])
        self.high = np.concatenate([self.high, lower, high])
        self.known = np.concatenate([self.known, margins, margins])

    def _whole_sides(self) -> Floats:
        """The sides of the box that all began with, of the free entries."""
        n, m = self.low.shape[1:]
        low, high = whole_box(n, m, self.side)
        columns = tuple(np.array(free_entries(n, m)).T)
        sides: Floats = (high - low)[columns]
        return sides

    def sort_out(self, low: Floats, high: Floats) -> np.ndarray[Any, Any]:
        """The codes of boxes that need no bound; BOUNDED of all others."""
        least, most = lengths(low, high)
        codes = np.full(len(low), BOUNDED, np.uint8)
        for i, alike in enumerate(self.claim.alike):
            if alike:  # rows that may change places are ordered by length
                codes[most[:, i - 1] < least[:, i]] = ELSEWHERE
        codes[(least > self.side**2).any(1)] = FAR
        return codes

    def _bounds(
        self,
        cases: CornerCases,
        works: list[Any],
        pool: ThreadPoolExecutor,
        low: Floats,
        high: Floats,
    ) -> tuple[Whole, Whole, Floats, Whole]:
        """Where bounds of boxes touch, their margins, lowered for roundings, and their cuts."""
        shape, count = low.shape, len(low)
        rows, biases = np.zeros(shape, np.int64), np.zeros(shape[:2], np.int64)
        margins, cuts = np.empty(count), np.zeros(count, np.int64)
        widths = bias_widths(low, high)
        inside = regions_of(self.regions, low, high)
        regions = region_biases(self.regions, shape[1])

        def work(t: int) -> None:
            part = slice(t, None, len(works))  # neighbours cost the same, so they are dealt out
            own_low, own_high = (np.ascontiguousarray(each[part]) for each in (low, high))
            found = np.zeros((len(own_low), *shape[1:]), np.int64)
            found_biases = np.zeros((len(own_low), shape[1]), np.int64)
            found_margins, found_cuts = np.empty(len(own_low)), np.zeros(len(own_low), np.int64)
            bound_boxes(
                cases, own_low, own_high, works[t], found, found_biases,
                np.ascontiguousarray(widths[part]), _STIFFNESS, regions,
                np.ascontiguousarray(inside[part]), found_margins, found_cuts,
            )  # fmt: skip
            rows[part], biases[part] = found, found_biases
            margins[part], cuts[part] = found_margins, found_cuts

        list(pool.map(work, range(len(works))))
        return rows, biases, margins - _SAFE, cuts

    def _grow(self, count: int) -> None:
        """Room for so many nodes."""
        if count > len(self.nodes):
            more = np.zeros(max(count, 2 * len(self.nodes)) - len(self.nodes), self.nodes.dtype)
            more["code"] = OPEN
            self.nodes = np.concatenate([self.nodes, more])
        self.count = count


def to_floats(claim: CertifiedClaim, most: tuple[float, ...]) -> CornerCases:
    """The corner cases of a claim as arrays."""
    cases = claim.cases
    sets = sorted({on for case in cases for on, _ in case.patterns})
    table = np.full((len(sets), 3), -1, np.int64)
    for row, on in zip(table, sets, strict=True):
        row[: len(on)] = on
    weights = [[float(dict(case.patterns).get(on, 0)) for on in sets] for case in cases]
    active = [[float(case.probability(i)) for i in range(len(case.importance))] for case in cases]
    return CornerCases(
        sets=table,
        weights=np.array(weights),
        importance=np.array([[float(weight) for weight in case.importance] for case in cases]),
        squares=np.array(active) / 3,
        means=np.array(active) / 2,
        most=np.array(most),
    )


def node_type(free: int, features: int) -> np.dtype[Any]:
    """A row of ``Search.nodes``: what is known of a box."""
    return np.dtype(
        [
            ("code", np.uint8),
            ("first", np.int64),
            ("touch", np.uint8, (free,)),
            ("bias", np.int32, (features,)),
            ("cut", np.int8),
            ("margin", np.float32),
        ]
    )
