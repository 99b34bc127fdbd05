"""Hypothesis strategies for feature distributions, offered to users by ``handcalc.strategies``."""

from __future__ import annotations

import sympy
from hypothesis import strategies as st

from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)

_SPARSITIES = tuple(
    sympy.Rational(p, q)
    for p, q in ((1, 2), (0, 1), (1, 1), (1, 3), (2, 3), (1, 4), (3, 4), (9, 10), (1, 20))
)


@st.composite
def distributions(draw: st.DrawFn, n: int, *, symbols: bool = False) -> Distribution:
    """Distributions of n features: of all four kinds, with one S or one each, also 0 and 1.

    Sets may leave features out and hold them in any order. With ``symbols``, S may be left as the
    symbol S. Every S is a fraction.

    >>> from hypothesis import find
    >>> find(distributions(2), lambda drawn: True)
    OneActive(n=2)
    >>> find(distributions(3), lambda drawn: hasattr(drawn, "sets") and len(drawn.sets) == 2)
    Correlated(sets=((1,), (2,)), sparsity=(1/2,))
    """
    kind = draw(st.sampled_from((OneActive, SparseUniform, Correlated, Anticorrelated)))
    if kind is OneActive:
        return OneActive(n)
    sets = draw(_sets(n))
    blocks = n if kind is SparseUniform else len(sets) + n - sum(map(len, sets))
    each = st.integers(1, 2).flatmap(
        lambda many: st.tuples(*[st.sampled_from(_SPARSITIES)] * (1 if many == 1 else blocks))
    )
    sparsity = draw(st.one_of(each, st.none()) if symbols else each)
    return SparseUniform(sparsity) if kind is SparseUniform else kind(sets, sparsity)


@st.composite
def _sets(draw: st.DrawFn, n: int) -> tuple[tuple[int, ...], ...]:
    """Some of the features 1 … n, in some order, cut into sets."""
    named = draw(st.permutations(range(1, n + 1)))[: draw(st.integers(1, n))]
    sets: list[tuple[int, ...]] = []
    while named:
        size = draw(st.integers(1, len(named)))
        sets.append(tuple(named[:size]))
        named = named[size:]
    return tuple(sets)
