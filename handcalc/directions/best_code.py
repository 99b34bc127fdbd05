"""The best code of one h: min over f ≥ 0 of ‖h − Dᵀf‖² + λ Σ fⱼ, by enumerating active sets.

It is convex, so that a point with 0 slope in the latents that are on, and none downwards in those
that are off, is the best. Some best code has independent directions on: of those there are finitely
many sets, and each gives f = (DDᵀ)⁻¹(Dh − λ/2), linear in h.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder, read_l1
from handcalc.directions.code_moments import price_of
from handcalc.directions.dictionaries import check_unit_rows
from handcalc.display import Displayed, abridged
from handcalc.errors import EngineError, InputError
from handcalc.export import AsArrays
from handcalc.inputs.arguments import Vector
from handcalc.inputs.flags import read_flag
from handcalc.numbers.exact import elements, listed_text, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot, gram, solve

Point = Sequence[Element]
_MOST_SETS = 20_000


@dataclass(frozen=True)
class ActiveSet:
    """Latents (from 0) with independent directions; f is ``slopes``·h − ``shifts`` on them."""

    latents: tuple[int, ...]
    slopes: tuple[tuple[Element, ...], ...]
    shifts: tuple[Element, ...]

    def code(self, h: Point) -> list[Element]:
        """What f would be with these latents on."""
        return [dot(row, h) - c for row, c in zip(self.slopes, self.shifts, strict=True)]


@dataclass(frozen=True)
class Dictionary:
    """Directions, of shape (latents, m), and their thresholds λ‖dⱼ‖/2, with all active sets."""

    rows: Sequence[tuple[Element, ...]]
    thresholds: Sequence[Element]
    _sets: list[ActiveSet] = field(default_factory=list)

    @property
    def set_count(self) -> int:
        """How many active sets there can be."""
        most = min(len(self.rows), len(self.rows[0]))
        return sum(comb(len(self.rows), size) for size in range(most + 1))

    def active_sets(self) -> Sequence[ActiveSet]:
        """The small ones first. Errors: ``too_complicated``."""
        if not self._sets:
            if self.set_count > _MOST_SETS:
                raise InputError(
                    "too_complicated",
                    f"The best code is sought among at most {_MOST_SETS} sets of latents that can "
                    f"be on together; of {len(self.rows)} latents in {len(self.rows[0])} "
                    f"dimensions there are {self.set_count}.",
                )
            self._sets.extend(self._enumerated())
        return self._sets

    def _enumerated(self) -> Iterator[ActiveSet]:
        yield ActiveSet((), (), ())
        m, one = len(self.rows[0]), self.thresholds[0] * 0 + 1
        for size in range(1, min(len(self.rows), m) + 1):
            for latents in combinations(range(len(self.rows)), size):
                on = [self.rows[j] for j in latents]
                aims = [(*row, self.thresholds[j]) for row, j in zip(on, latents, strict=True)]
                found = solve(gram(on), aims)  # None where the directions are dependent
                if found is not None:
                    slopes = tuple(tuple(row[:m]) for row in found)
                    yield ActiveSet(latents, slopes, tuple(row[m] * one for row in found))

    def residual(self, found: ActiveSet, code: Point, h: Point) -> list[Element]:
        """h − Dᵀf."""
        left = list(h)
        for f, j in zip(code, found.latents, strict=True):
            left = [a - f * d for a, d in zip(left, self.rows[j], strict=True)]
        return left

    def best(self, h: Point) -> tuple[ActiveSet, list[Element]]:
        """An active set of a best code of h, and the code on it."""
        for found in self.active_sets():
            code = found.code(h)
            if any(f.sign() < 0 for f in code):
                continue
            left = self.residual(found, code, h)
            pairs = zip(self.rows, self.thresholds, strict=True)
            if all((t - dot(row, left)).sign() >= 0 for row, t in pairs):
                return found, code
        raise EngineError("best_code", "No active set is the best, where one of them must be.")

    def least(self, h: Point) -> Element:
        """‖h − Dᵀf‖² + λ Σ fⱼ‖dⱼ‖ at the best f, which is ‖h‖² − Σ fⱼ(dⱼ·h − λ‖dⱼ‖/2)."""
        found, code = self.best(h)
        gains = (
            f * (dot(self.rows[j], h) - self.thresholds[j])
            for f, j in zip(code, found.latents, strict=True)
        )
        return dot(h, h) - sum(gains, h[0] * 0)


@dataclass(frozen=True, slots=True, repr=False)
class BestCode(Displayed, AsArrays):
    """The best code of one h, beside what the encoder makes of it.

    ``code`` is a best f ≥ 0 for the dictionary (not the only one where directions are dependent),
    ``value`` its ‖h − ĥ‖² + λ Σ fⱼ; ``encoded`` and ``encoded_value`` are the encoder's.
    """

    sae: SparseAutoencoder
    h: Vector
    l1: sympy.Expr
    weighted: bool
    code: Vector
    value: sympy.Expr
    encoded: Vector
    encoded_value: sympy.Expr

    def __repr__(self) -> str:
        code = f"code={listed_text(self.code)}, value={to_text(self.value)}"
        return abridged(f"<BestCode: {code}; encoded_value={to_text(self.encoded_value)}>")

    def arrays(self) -> dict[str, Vector | sympy.Expr]:
        """The codes and what they cost, exact."""
        names = ("h", "code", "value", "encoded", "encoded_value")
        return {name: getattr(self, name) for name in names}


def best_code(
    sae: SparseAutoencoder, h: object, l1: object = "1/5", *, weighted: bool = False
) -> BestCode:
    """min over f ≥ 0 of ‖h − W_decᵀf − b_dec‖² + λ Σ fⱼ for one h, exactly.

    Args:
        sae: The SAE; its dictionary is what counts, and its encoder is compared.
        h: One point, of length m.
        l1: λ ≥ 0, the price of an activation.
        weighted: Pay each activation by the length of its row of W_dec; without it, rows have
            length 1.

    Returns:
        The best code and what it costs, beside the encoder's.

    Raises:
        InputError: ``norms``, ``wrong_shape``, ``l1``; ``too_complicated`` for more than 20,000
            sets of latents.

    Source: derived here; the gap is the "amortisation gap" of O'Neill and Klindt 2024.

    Examples:
        >>> triangle = SparseAutoencoder.of_dictionary(
        ...     "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", l1="1/5"
        ... )
        >>> found = best_code(triangle, "13/20 sqrt(3)/4", l1="1/5")
        >>> found.code, found.value
        ((7/10, 3/10, 0), 6/25)
        >>> found.encoded, found.encoded_value
        ((11/20, 0, 0), 123/400)
    """
    if not isinstance(sae, SparseAutoencoder):
        raise InputError("sae", "An SAE is asked for: make one with SparseAutoencoder(…).")
    price, values = read_l1(l1), sae.read_h(h)
    if not read_flag("weighted", weighted) and price != 0:
        check_unit_rows(sae.W_dec, "Or pay each activation by its row's length: weighted=True.")
    numbers_field, numbers = elements(*sae.numbers(), price, *values)
    _, W_dec, _, b_dec = sae.unpacked(numbers)
    half = numbers[len(sae.numbers())] / 2
    lengths = [price_of(row, numbers_field, weighted) for row in W_dec]
    dictionary = Dictionary(W_dec, [half * length for length in lengths])
    centred = [a - b for a, b in zip(numbers[-sae.m :], b_dec, strict=True)]
    found, code = dictionary.best(centred)
    full = [half * 0] * sae.latents
    for j, f in zip(found.latents, code, strict=True):
        full[j] = f
    encoded = sae.encode(values)
    active = [numbers_field.from_sympy(f) for f in encoded]
    return BestCode(
        sae=sae,
        h=values,
        l1=price,
        weighted=weighted,
        code=tuple(f.to_sympy() for f in full),
        value=dictionary.least(centred).to_sympy(),
        encoded=encoded,
        encoded_value=_cost(dictionary, active, centred).to_sympy(),
    )


def _cost(dictionary: Dictionary, code: Point, h: Point) -> Element:
    """‖h − Dᵀf‖² + λ Σ fⱼ‖dⱼ‖ of any f."""
    columns = zip(h, zip(*dictionary.rows, strict=True), strict=True)
    left = [a - dot(code, column) for a, column in columns]
    return dot(left, left) + 2 * dot(code, list(dictionary.thresholds))
