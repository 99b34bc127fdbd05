"""Exact means over cubes of products of two clipped linear forms, u⁺v⁺ and [u > 0]·v⁺·xᵢ.

Where the gradients of u and v are independent, both are 0 at some c, in the cube or outside; a
function g that is homogeneous of degree d about c has (x − c)·∇g = d·g, so that Gauss's theorem
leaves the 2k faces of the cube of k features,

    (k + d) E[g] = Σⱼ (1 − cⱼ) E[g | xⱼ = 1] + cⱼ E[g | xⱼ = 0],

with d = 2 for u⁺v⁺. On edges, and where the gradients are parallel, g is a piecewise polynomial in
one form. The faces of all cubes are faces of one, so each is worked out once.

Source: derived here, from Euler's theorem on homogeneous functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from handcalc.numbers.field import Element
from handcalc.superposition.loss.moments import DrawnBlock, SupportWeights, clipped_table


class LinearForm(NamedTuple):
    """c + Σ aⱼxⱼ, with a slope for each feature."""

    constant: Element
    slopes: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class _Face:
    """A cube of ``free`` features, of which u or v has a slope; the others stand at 0 or 1.

    ``u`` and ``v`` hold the values at its lowest corner, and the slopes of all features.
    """

    free: tuple[int, ...]
    u: LinearForm
    v: LinearForm

    def ends(self, form: LinearForm) -> tuple[Element, Element]:
        """The least and the greatest value of a form."""
        low = high = form.constant
        for j in self.free:
            a = form.slopes[j]
            if a.sign() < 0:
                low = low + a
            else:
                high = high + a
        return low, high


_Known: TypeAlias = "dict[tuple[tuple[int, ...], frozenset[int]], tuple[Element, ...]]"


class ClippedPair:
    """Two forms over cubes: in each some features are active, uniform on [0, 1], the others 0.

    Features count from 0. Faces are shared by all cubes that are asked for.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> pair = ClippedPair(LinearForm(one * 0, (one, -one)), LinearForm(one * 0, (-one, 2 * one)))
    >>> pair.product_mean((0, 1)), pair.product_mean((0,))
    (Element(1/96), Element(0))
    """

    def __init__(self, u: LinearForm, v: LinearForm) -> None:
        self._u, self._v = u, v
        self._zero = u.constant * 0
        self._products: _Known = {}
        self._gated: _Known = {}

    def product_mean(self, active: Sequence[int]) -> Element:
        """E[u⁺v⁺] over the cube of the active features."""
        (mean,) = self._mean(tuple(active), frozenset(), gated=False)
        return mean

    def gated_means(self, active: Sequence[int]) -> tuple[Element, ...]:
        """E[[u > 0]·v⁺], and E[[u > 0]·v⁺·xᵢ] for each feature i of all.

        >>> from handcalc.numbers.field import Field
        >>> one = Field().rational(1)
        >>> u, v = LinearForm(-one / 2, (one, one)), LinearForm(one * 0, (one, one * 0))
        >>> ClippedPair(u, v).gated_means((0,))
        (Element(3/8), Element(7/24), Element(0))
        """
        return self._mean(tuple(active), frozenset(), gated=True)

    # -- one face, from its own faces ------------------------------------------------------------

    def _mean(self, free: tuple[int, ...], raised: frozenset[int], gated: bool) -> _Values:
        known = self._gated if gated else self._products
        found = known.get((free, raised))
        if found is None:
            found = known[free, raised] = self._worked_out(free, raised, gated)
        return found

    def _worked_out(self, free: tuple[int, ...], raised: frozenset[int], gated: bool) -> _Values:
        bent = tuple(j for j in free if self._u.slopes[j] or self._v.slopes[j])
        if bent != free:  # the others are no part of u or v
            return self._with_idle(self._mean(bent, raised, gated), free, bent)
        face = _Face(free, *(_raised(form, raised) for form in (self._u, self._v)))
        (u_low, u_high), (v_low, v_high) = face.ends(face.u), face.ends(face.v)
        size = 1 + len(self._u.slopes) if gated else 1
        if u_high.sign() <= 0 or v_high.sign() <= 0:
            return (self._zero,) * size
        if u_low.sign() >= 0 and v_low.sign() >= 0:
            return self._unclipped(face, raised, gated)
        if len(free) == 1:
            return self._edge(face, raised, gated)
        apex = _apex(face)
        if apex is None:
            return self._parallel(face, raised, gated)
        return self._euler(face, raised, apex, gated)

    def _with_idle(self, values: _Values, free: tuple[int, ...], bent: tuple[int, ...]) -> _Values:
        """The means with features that neither form has: their own mean is ½."""
        if len(values) == 1:
            return values
        idle = set(free) - set(bent)
        each = ((values[0] / 2 if j in idle else mean) for j, mean in enumerate(values[1:]))
        return values[0], *each

    def _unclipped(self, face: _Face, raised: frozenset[int], gated: bool) -> _Values:
        """Both forms are ≥ 0 all over: E[uv] = ūv̄ + Σ aⱼbⱼ/12, E[v·xᵢ] = v̄/2 + bᵢ/12."""
        u, v = face.u, face.v
        v_mean = v.constant + sum((v.slopes[j] for j in face.free), self._zero) / 2
        if not gated:
            u_mean = u.constant + sum((u.slopes[j] for j in face.free), self._zero) / 2
            both = (u.slopes[j] * v.slopes[j] for j in face.free)
            return (u_mean * v_mean + sum(both, self._zero) / 12,)
        moments = {j: v_mean / 2 + v.slopes[j] / 12 for j in face.free}
        return self._by_feature(v_mean, moments, raised)

    def _edge(self, face: _Face, raised: frozenset[int], gated: bool) -> _Values:
        """One feature is free: a polynomial in it, from where both are > 0 to where one ends."""
        (j,) = face.free
        low, high = self._zero, self._zero + 1
        lines = [(form.constant, form.slopes[j]) for form in (face.u, face.v)]
        for c, a in lines:
            root = -c / a if a else None
            if root is None and c.sign() <= 0:
                low = high
            elif root is not None and a.sign() > 0 and (root - low).sign() > 0:
                low = root
            elif root is not None and a.sign() < 0 and (root - high).sign() < 0:
                high = root
        powers = [self._zero] * 3
        if (high - low).sign() > 0:
            powers = [(high**k - low**k) / k for k in (1, 2, 3)]
        (p, q), (c, a) = lines
        if not gated:
            return (p * c * powers[0] + (p * a + q * c) * powers[1] + q * a * powers[2],)
        mean = c * powers[0] + a * powers[1]
        return self._by_feature(mean, {j: c * powers[1] + a * powers[2]}, raised)

    def _euler(
        self, face: _Face, raised: frozenset[int], apex: dict[int, Element], gated: bool
    ) -> _Values:
        """From the faces of the cube; with a feature xᵢ, it is xᵢ − cᵢ that is homogeneous."""
        size = len(face.free)
        ends = []
        for j in face.free:
            rest = tuple(i for i in face.free if i != j)
            for weight, up in ((1 - apex[j], raised | {j}), (apex[j], raised)):
                if weight:
                    ends.append((weight, self._mean(rest, up, gated)))
        degree = 1 if gated else 2
        mean = sum((w * values[0] for w, values in ends), self._zero) / (size + degree)
        if not gated:
            return (mean,)
        moments = {
            i: c * mean
            + sum((w * (values[i + 1] - c * values[0]) for w, values in ends), self._zero)
            / (size + 2)
            for i, c in apex.items()
        }
        return self._by_feature(mean, moments, raised)

    def _parallel(self, face: _Face, raised: frozenset[int], gated: bool) -> _Values:
        """The gradients are parallel: a sum of means of R_k(t) and R_k(t)·xᵢ of forms t."""
        one = self._zero + 1
        terms = _terms(face, gated)
        everywhere = DrawnBlock(self._zero, one, ((face.free, one),))
        draws = SupportWeights(one.field, (everywhere,), shared=False)
        monomials = [(), *((i,) for i in face.free)] if gated else [()]
        totals = dict.fromkeys(monomials, self._zero)
        for weight, k, form in terms:
            wanted = [(k, monomial) for monomial in monomials]
            table = clipped_table(draws, form.constant, form.slopes, wanted)
            for monomial in monomials:
                totals[monomial] = totals[monomial] + weight * table[k, monomial][0]
        if not gated:
            return (totals[()],)
        return self._by_feature(totals[()], {i: totals[i,] for i in face.free}, raised)

    def _by_feature(
        self, mean: Element, moments: dict[int, Element], raised: frozenset[int]
    ) -> _Values:
        """The mean, and that with each feature: one that stands at 1 or 0 leaves it, or nothing."""
        others = (
            moments.get(i, mean if i in raised else self._zero) for i in range(len(self._u.slopes))
        )
        return mean, *others


_Values: TypeAlias = "tuple[Element, ...]"


def _raised(form: LinearForm, raised: frozenset[int]) -> LinearForm:
    return LinearForm(sum((form.slopes[j] for j in raised), form.constant), form.slopes)


def _apex(face: _Face) -> dict[int, Element] | None:
    """A c with u(c) = v(c) = 0, None where the gradients are parallel.

    All but two of its coordinates are 1, so that of those features only the faces at 0 count: they
    are cubes of active features, which are asked for anyway.
    """
    a, b = face.u.slopes, face.v.slopes
    first = next(j for j in face.free if a[j] or b[j])
    for second in face.free:
        minor = a[first] * b[second] - a[second] * b[first]
        if minor:
            break
    else:
        return None
    others = [j for j in face.free if j not in (first, second)]
    u = sum((a[j] for j in others), face.u.constant)
    v = sum((b[j] for j in others), face.v.constant)
    found = dict.fromkeys(others, minor * 0 + 1)
    found[first] = (a[second] * v - b[second] * u) / minor
    found[second] = (b[first] * u - a[first] * v) / minor
    return found


_Term: TypeAlias = "tuple[Element, int, LinearForm]"


def _terms(face: _Face, gated: bool) -> list[_Term]:
    """u⁺v⁺, or [u > 0]·v⁺, as Σ w·R_k(t) with R_k(t) = max(t, 0)^k/k!, for parallel gradients.

    The slopes that the forms t have of features that are not free do not count.
    """
    u, v = face.u, face.v
    pivot = next((j for j in face.free if u.slopes[j]), None)
    one = u.constant * 0 + 1
    if pivot is None:  # u is constant, and > 0 where this is asked
        return [(one if gated else u.constant, 1, v)]
    slope = v.slopes[pivot] / u.slopes[pivot]
    gap = v.constant - slope * u.constant  # v = slope·u + gap
    if not slope:
        return [(gap, 0, u)] if gated else [(gap, 1, u)]
    root = -gap / slope  # the u at which v is 0

    def shifted(start: Element) -> LinearForm:
        return LinearForm(u.constant - start, u.slopes)

    if slope.sign() > 0:  # both are > 0 beyond the later of their zeros, at u = 0 and u = root
        start = root if root.sign() > 0 else one * 0
        rest = slope * start + gap
        if gated:
            return [(slope, 1, shifted(start)), (rest, 0, shifted(start))]
        return [(2 * slope, 2, shifted(start)), (slope * start + rest, 1, shifted(start))]
    if gap.sign() <= 0:  # v is 0 before u begins
        return []
    if gated:
        return [(slope, 1, u), (gap, 0, u), (-slope, 1, shifted(root))]
    return [
        (2 * slope, 2, u), (gap, 1, u), (-2 * slope, 2, shifted(root)), (gap, 1, shifted(root)),
    ]  # fmt: skip
