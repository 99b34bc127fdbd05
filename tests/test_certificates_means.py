"""E[z⁺] and E[xⱼ z⁺] of up to three features, as search and check find them, against fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handcalc.superposition.certificates.checker.means import line_means, plane_means, space_means
from handcalc.superposition.certificates.search.tangent import all_means, own_means
from tests.oracles.recursion import clipped

FINEST = 40  # everything given is a multiple of 2⁻⁴⁰
CLAIMED = Fraction(1, 2**46)
TINY = 2.0**-FINEST
CHECKS: dict[int, Any] = {1: line_means, 2: plane_means, 3: space_means}


@st.composite
def dyadic(draw: st.DrawFn) -> float:
    """Coarse numbers, fine ones, and those that are 0 or next to it."""
    kind = draw(st.sampled_from(["coarse", "fine", "tiny"]))
    if kind == "coarse":
        return draw(st.integers(-16, 16)) / 8
    if kind == "fine":
        return draw(st.integers(-(2**42), 2**42)) * TINY
    return draw(st.sampled_from([-1, 0, 1])) * 2.0 ** -draw(st.integers(0, FINEST))


def forms(features: int) -> st.SearchStrategy[list[float]]:
    """c and the slopes; often 0 at a corner of the cube."""

    @st.composite
    def form(draw: st.DrawFn) -> list[float]:
        slopes = [draw(dyadic()) for _ in range(features)]
        corner = [draw(st.booleans()) for _ in slopes]
        at = -sum(g for g, on in zip(slopes, corner, strict=True) if on)
        return [draw(st.one_of(st.just(at), dyadic())), *slopes]

    return form()


def exact(form: Sequence[float]) -> list[Fraction]:
    c, *slopes = map(Fraction, form)
    n = len(slopes)
    powers = [(0,) * n, *(tuple(int(j == k) for j in range(n)) for k in range(n))]
    return [clipped(c, tuple(slopes), each, 1) for each in powers]


def by_search(form: Sequence[float]) -> list[float]:
    """By the loop for all means, which the loop for one mean has to agree with."""
    c, *slopes = form
    n = len(slopes)
    sets = np.array([[*range(n), *(-1,) * (3 - n)]])
    g, means, own = np.array(slopes), np.full((1, 4), np.nan), np.full(1, np.nan)
    given: list[Any] = [sets, g, c, means]
    all_means(*given)
    for i in range(n):
        one: list[Any] = [sets, i, g, c, own]
        own_means(*one)
        assert own[0] == pytest.approx(means[0, i + 1], rel=1e-12, abs=1e-13)
    return [float(each) for each in means[0, : n + 1]]


@pytest.mark.parametrize("features", [1, 2, 3])
def test_the_check_is_exact_to_the_relative_error_that_it_claims(features: int) -> None:
    @settings(max_examples=150)
    @given(forms(features))
    @example([-TINY, *(TINY,) * features])
    @example([TINY, *(-TINY,) * features])
    @example([0.0, *(0.0,) * features])
    @example([-1.0, 1.0, *(TINY,) * (features - 1)])
    @example([1.0 - TINY, *(-1.0,) * features])
    def holds(form: list[float]) -> None:
        found = CHECKS[features](*form)
        for value, true in zip(found, exact(form), strict=True):
            assert abs(Fraction(value) - true) <= CLAIMED * true

    holds()


@pytest.mark.parametrize("features", [1, 2, 3])
def test_the_search_is_right_to_rounding(features: int) -> None:
    @settings(max_examples=150)
    @given(forms(features))
    @example([-TINY, *(TINY,) * features])
    @example([0.0, *(0.0,) * features])
    @example([-1.0, 1.0, *(TINY,) * (features - 1)])
    def holds(form: list[float]) -> None:
        size = sum(map(abs, form))
        for value, true in zip(by_search(form), exact(form), strict=True):
            assert abs(value - float(true)) <= 1e-14 * size

    holds()


def test_with_no_feature_on_it_is_the_bias_that_is_clipped() -> None:
    means = np.full((1, 4), np.nan)
    for b in (-0.5, 0.0, 0.25):
        given: list[Any] = [np.full((1, 3), -1), np.zeros(2), b, means]
        all_means(*given)
        assert means[0, 0] == max(b, 0.0)


def test_the_mean_of_a_feature_that_is_off_is_0() -> None:
    sets, parts = np.array([[0, -1, -1], [0, 2, -1]]), np.full(2, np.nan)
    given: list[Any] = [sets, 1, np.ones(3), 1.0, parts]
    own_means(*given)
    assert parts.tolist() == [0.0, 0.0]
