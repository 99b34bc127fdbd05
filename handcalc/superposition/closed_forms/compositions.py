"""Families of features that are alike, by how many parts of each kind they have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from handcalc.errors import InputError
from handcalc.superposition.closed_forms.regular import check_size
from handcalc.wording import joined

__all__ = ["Composition"]


@dataclass(frozen=True, slots=True)
class Composition:
    """How many parts of each kind a family has; its features all have the same S and importance.

    ``k_gons`` lists the number of corners of each regular k-gon. Errors: ``size``.

    >>> pair, triangle = Composition(pairs=1, dedicated=1), Composition(k_gons=(3,), dropped=2)
    >>> pair.features, pair.hidden, pair.sentence
    (3, 2, '1 pair and 1 dedicated feature')
    >>> triangle.features, triangle.hidden, triangle.sentence
    (5, 2, '1 3-gon and 2 dropped features')
    """

    k_gons: tuple[int, ...] = ()
    pairs: int = 0
    dedicated: int = 0
    dropped: int = 0

    def __post_init__(self) -> None:
        for k in self.k_gons:
            check_size(k)
        counts = (self.pairs, self.dedicated, self.dropped)
        if any(type(count) is not int or count < 0 for count in counts) or not self.features:
            raise InputError(
                "size", f"Parts are counted by whole numbers from 0, and there is one, not {self}."
            )

    @property
    def features(self) -> int:
        """The number of features."""
        return sum(self.k_gons) + 2 * self.pairs + self.dedicated + self.dropped

    @property
    def hidden(self) -> int:
        """The number of hidden dimensions that the parts span."""
        return 2 * len(self.k_gons) + self.pairs + self.dedicated

    @property
    def regular(self) -> Counter[int]:
        """The number of parts by the number k of their features: pairs, k = 2, and k-gons."""
        return Counter([*self.k_gons, *[2] * self.pairs])

    @property
    def sentence(self) -> str:
        """The parts in words."""
        k_gons = [(count, f"{k}-gon") for k, count in sorted(Counter(self.k_gons).items())]
        others = [(self.pairs, "pair"), (self.dedicated, "dedicated feature")]
        counted = [*k_gons, *others, (self.dropped, "dropped feature")]
        return joined([f"{n} {kind}{'s' if n > 1 else ''}" for n, kind in counted if n])
