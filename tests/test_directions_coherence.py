"""Coherence and its bounds, named sets, and how many directions fit: the reference's numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import acos, cos, degrees, exp, lgamma, log, pi, sqrt

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import handcalc
from handcalc import InputError
from handcalc.cli.names import DIRECTIONS
from handcalc.directions.analogy import ANALOGIES
from handcalc.directions.coherence import levenshtein_square, orthoplex_square, welch_square

# section 11: n, d, the values of cos², what is met, and whether n is the most that Gerzon allows
SETS = {
    "triangle": (3, 2, {"1/4"}, ["welch"], True),
    "tetrahedron": (4, 3, {"1/9"}, ["welch"], False),
    "simplex": (5, 4, {"1/16"}, ["welch"], False),
    "icosahedron": (6, 3, {"1/5"}, ["welch"], True),
    "half-signs": (10, 5, {"1/9"}, ["welch"], False),
    "even-signs": (16, 6, {"1/9"}, ["welch"], False),
    "twenty-eight": (28, 7, {"1/9"}, ["welch"], True),
    "two-bases": (4, 2, {"0", "1/2"}, ["orthoplex", "levenshtein"], False),
    "three-bases": (12, 4, {"0", "1/4"}, ["orthoplex", "levenshtein"], False),
    "e8": (120, 8, {"0", "1/4"}, ["levenshtein"], False),
    "axes-and-diagonals": (7, 3, {"0", "1/3", "1/9"}, ["orthoplex"], False),
}


@pytest.mark.parametrize("name", SETS)
def test_the_sets_of_section_11(name: str) -> None:
    n, d, squares, met, is_gerzon = SETS[name]
    model = handcalc.direction_set(name).model
    found = handcalc.coherence(model)
    rows = [sympy.Matrix([row]) for row in model.W]
    by_sympy = {
        str(sympy.nsimplify(sympy.radsimp((a.dot(b)) ** 2 / (a.dot(a) * b.dot(b)))))
        for a, b in combinations(rows, 2)
    }
    assert by_sympy == squares
    assert (model.n, found.dimensions) == (n, d)
    assert str(found.coherence**2) == max(squares, key=Fraction)
    assert found.equiangular is (len(squares) == 1)
    bounds = ("welch", "orthoplex", "levenshtein")
    assert [bound for bound in bounds if getattr(found, f"meets_{bound}")] == met
    assert (found.equiangular and n == found.gerzon) is is_gerzon


@pytest.mark.parametrize("d", range(1, 9))
def test_a_simplex_has_the_cosine_minus_one_over_d(d: int) -> None:
    rows = [[d if i == j else -1 for j in range(d + 1)] for i in range(d + 1)]
    found = handcalc.coherence(rows)
    assert (found.dimensions, found.signed) == (d, Fraction(-1, d))
    assert found.meets_welch
    assert found.equiangular is (d > 1)  # in one dimension all are one line


@pytest.mark.parametrize("n", range(2, 8))
def test_lines_in_the_plane(n: int) -> None:
    """n lines at 180°/n: cos(π/n), which no bound is above, and ⌊π/arccos ε⌋ of them fit."""
    rows = [[sympy.cos(sympy.pi * k / n), sympy.sin(sympy.pi * k / n)] for k in range(n)]
    found = handcalc.coherence(rows)
    assert handcalc.equal(found.coherence, sympy.cos(sympy.pi / n))
    least = handcalc.least_coherence(n, 2)
    assert handcalc.equal(least.value, found.coherence)
    assert least.reached
    for bound in (least.welch, least.orthoplex, least.levenshtein):
        assert bound is None or handcalc.sign(found.coherence - bound) >= 0
    assert handcalc.how_many(2, found.coherence).lines == n
    below = handcalc.how_many(2, found.coherence - Fraction(1, 10**12) if n > 2 else 0)
    assert below.lines == (n - 1 if n > 2 else 2)


@pytest.mark.parametrize("n", range(3, 9))
def test_vectors_on_a_circle(n: int) -> None:
    """Section 11: n vectors at 360°/n have the largest signed cos cos(2π/n), which fits n."""
    rows = [[sympy.cos(2 * sympy.pi * k / n), sympy.sin(2 * sympy.pi * k / n)] for k in range(n)]
    signed = handcalc.coherence(rows).signed
    assert handcalc.equal(signed, sympy.cos(2 * sympy.pi / n))
    if n >= 4:
        assert handcalc.how_many(2, signed).vectors == n


@pytest.mark.parametrize(("epsilon", "lines"), [("0", 2), ("1/2", 3), ("4/5", 4), ("99/100", 22)])
def test_how_many_lines_fit_by_floats_too(epsilon: str, lines: int) -> None:
    angle = acos(float(Fraction(epsilon)))
    assert handcalc.how_many(2, epsilon).lines == lines == int(pi / angle + 1e-9)
    assert handcalc.how_many(2, epsilon).vectors == int(2 * pi / angle + 1e-9)


@pytest.mark.parametrize(
    ("d", "angle", "most"), [(100, "89", 103), (100, "85", 412), (12_288, "89.5", 191_270)]
)
def test_how_many_directions_fit_by_welch(d: int, angle: str, most: int) -> None:
    square = mpmath.cos(mpmath.radians(mpmath.mpf(angle))) ** 2
    assert int(d * (1 - square) / (1 - d * square)) == most
    found = handcalc.how_many(d, degrees=angle)
    assert (found.welch, found.at_most) == (most, most)
    assert welch_square(most, d) <= square < welch_square(most + 1, d)


def test_a_bound_that_is_a_whole_number_is_decided() -> None:
    """Three lines at 60° meet Welch's bound, in the plane and at 1/3 in space."""
    assert handcalc.how_many(2, degrees=60).welch == 3
    assert handcalc.how_many(3, "1/3").welch == 4
    assert handcalc.how_many(3, "1/sqrt(5)").welch == 6
    assert handcalc.how_many(7, "1/3").at_most == 28
    assert handcalc.how_many(8, "1/2").at_most == 120
    assert handcalc.how_many(1, "1/2").at_most == 1


def test_ten_thousand_directions_in_a_hundred_dimensions() -> None:
    """Section 11: Welch has 1/√101, 84.29°; Levenshtein, for as many, is above it."""
    found = handcalc.least_coherence(10_000, 100)
    assert found.welch == sympy.sqrt(101) / 101
    assert round(found.degrees["welch"], 2) == 84.29 == round(degrees(acos(sqrt(1 / 101))), 2)
    assert round(float(found.welch), 4) == 0.0995
    assert (found.value, found.value > found.welch) == (sympy.sqrt(51) / 51, True)


def test_what_random_signs_promise() -> None:
    """Section 11: n(n − 1) < exp(dε²/2)."""
    assert f"{handcalc.how_many(10_000, '1/10').random_signs:.0e}" == "7e+10"
    assert handcalc.how_many(12_288, degrees=88).random_signs == 42
    bound = exp(12_288 * cos(pi * 88 / 180) ** 2 / 2)
    assert 42 * 41 < bound < 43 * 42


def test_the_exact_tail() -> None:
    """Section 11: P = 0.0013917 for two rows of 1000 signs at ε = 0.1, so that 38 are certain."""
    found = handcalc.how_many(1000, "1/10")
    logs = (lgamma(1001) - lgamma(k + 1) - lgamma(1001 - k) - 1000 * log(2) for k in range(450))
    assert found.tail is not None
    assert float(found.tail) == pytest.approx(2 * sum(map(exp, logs)), rel=1e-9)
    assert f"{float(found.tail):.7f}" == "0.0013917"
    assert found.by_tail == 38
    assert 38 * 37 * found.tail / 2 < 1 <= 39 * 38 * found.tail / 2


@pytest.mark.parametrize("d", range(1, 9))
def test_the_tail_is_counted(d: int) -> None:
    """All 2ᵈ products of two rows of signs, for a few ε."""
    for epsilon in (Fraction(0), Fraction(1, 4), Fraction(1, 3), Fraction(1, 2)):
        sums = [d - 2 * bin(word).count("1") for word in range(2**d)]
        above = sum(abs(total) > d * epsilon for total in sums)
        assert handcalc.how_many(d, epsilon).tail == Fraction(above, 2**d)


def test_johnson_and_lindenstrauss() -> None:
    """Section 11: 7,895 and 443 dimensions for 10,000 points; 1.7·10⁶ points in 12,288."""
    assert handcalc.dimensions_needed(10_000, "1/10").distances == 7895
    assert handcalc.dimensions_needed(10_000, "1/2").distances == 443
    assert f"{handcalc.how_many(12_288, '1/10').distances:.1e}" == "1.7e+06"
    for epsilon, k in ((0.1, 7895), (0.5, 443)):
        exactly = 4 * log(10_000) / (epsilon**2 / 2 - epsilon**3 / 3)
        assert k - 1 < exactly <= k


@given(st.integers(2, 400), st.integers(1, 30))
def test_bounds_turned_round_are_the_bounds(n: int, d: int) -> None:
    """As many fit at an angle as have a bound that is no larger, and one more does not."""
    for name, bound in (("welch", welch_square), ("levenshtein", levenshtein_square)):
        low = bound(n, d)
        if low is None or low >= 1:
            continue
        found = getattr(handcalc.how_many(d, sympy.sqrt(low)), name)
        assert found is None or found >= n
    least = handcalc.least_coherence(n, d)
    squares = [low for low in (least.welch, least.orthoplex, least.levenshtein) if low is not None]
    assert all(0 <= low <= 1 for low in squares)
    assert orthoplex_square(n, d) is None or n > d * (d + 1) / 2


@given(
    st.lists(
        st.lists(st.integers(-4, 4), min_size=3, max_size=3).filter(any), min_size=2, max_size=7
    ),
    st.data(),
)
def test_no_set_is_below_a_bound_and_lengths_do_not_matter(
    rows: list[list[int]], data: st.DataObject
) -> None:
    found = handcalc.coherence(rows)
    for bound in (found.welch, found.orthoplex, found.levenshtein):
        assert bound is None or handcalc.sign(found.coherence - bound) >= 0
    lengths = [data.draw(st.fractions("1/7", 7)) for _ in rows]
    scaled = [[s * cell for cell in row] for s, row in zip(lengths, rows, strict=True)]
    again = handcalc.coherence(scaled)
    assert (again.coherence, again.signed, again.pairs) == (
        found.coherence,
        found.signed,
        found.pairs,
    )
    turned = handcalc.coherence([[row[2], -row[0], row[1]] for row in rows])
    assert turned.coherence == found.coherence


def test_cosines_of_different_surds_are_compared_exactly() -> None:
    """(1, 0) with (1, √2) and with (√2, 2): the same line, in two forms."""
    found = handcalc.coherence("1 0; 1 sqrt(2); sqrt(2) 2; -1 sqrt(3)")
    assert (found.coherence, found.pairs) == (1, ((2, 3),))
    assert found.degrees == 0


@pytest.mark.parametrize(
    ("W", "code", "message"),
    [
        ("1 0; 0 0; 0 1", "zero_row", "Row 2 of W has no direction"),
        ("0 0; 1 0; 0 0", "zero_row", "Rows 1 and 3 of W have no direction"),
        ("1 0", "one_row", "two rows at least"),
        ([[1, 0]] * 501, "too_large", "500 rows at most is worked out, not 501"),
        ([[0.5, 1]], "float", "only near a number"),
    ],
)
def test_what_has_no_coherence_is_refused(W: object, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        handcalc.coherence(W)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((3, "1"), "from 0 to below 1, not 1"),
        ((3, "-1/2"), "from 0 to below 1"),
        ((3, None, 0), "above 0 and up to 90, not 0"),
        ((3, None, "91"), "above 0 and up to 90"),
        ((3, None, "sqrt(2)"), "a fraction of degrees"),
        ((3,), "one of the two"),
        ((3, "1/2", 60), "one of the two"),
        ((0, "1/2"), "from 1 to 100,000, not 0"),
        ((10**6, "1/2"), "from 1 to 100,000"),
        ((2.5, "1/2"), "is a whole number, not 2.5"),
    ],
)
def test_an_angle_that_is_none_is_refused(asked: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        handcalc.how_many(*asked)


def test_a_right_angle_needs_as_many_dimensions() -> None:
    with pytest.raises(InputError, match="n directions need n dimensions, here 7"):
        handcalc.dimensions_needed(7, 0)
    assert handcalc.how_many(7, 0).at_most == 7


def test_the_names_on_the_command_line_are_those_of_the_sets() -> None:
    assert (*(s.name for s in handcalc.direction_sets()), *ANALOGIES) == DIRECTIONS


def test_an_unknown_set_has_the_nearest_name() -> None:
    with pytest.raises(InputError, match="no set of directions named 'icosahedra'") as refused:
        handcalc.direction_set("icosahedra")
    assert refused.value.suggestion == "icosahedron"


@pytest.mark.parametrize("n", [61, 97, 1000, 10**15])
def test_in_the_plane_the_least_is_known_however_many_there_are(n: int) -> None:
    least = handcalc.least_coherence(n, 2)
    assert least.reached
    assert least.value == sympy.cos(sympy.pi / n)
    assert least.degrees["value"] == 180 / n <= min(least.degrees.values())
    assert f"cos(π/{n:,}), " in str(least)


def test_right_angles_and_a_simplex_exist_for_certain() -> None:
    found = handcalc.how_many(100, degrees=89)
    assert (found.simplex, found.at_least, found.at_most) == (101, 101, 103)
    assert handcalc.how_many(100, 0).at_least == handcalc.how_many(100, 0).at_most == 100
    assert handcalc.how_many(3, "1/3").at_least == handcalc.how_many(3, "1/3").at_most == 4
    assert (handcalc.how_many(1, "9/10").at_least, handcalc.how_many(2, "4/5").at_least) == (1, 4)
    simplex = handcalc.coherence(handcalc.direction_set("minus-sum").model)
    d = simplex.dimensions
    assert handcalc.how_many(d, simplex.coherence).at_least >= simplex.model.n or d == 1


@pytest.mark.parametrize("epsilon", ["1/50", "1/10", "1/5", "1/3", "2/3", "cos(pi/5)", "24/25"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 40, 100])
def test_dimensions_and_directions_are_one_question(n: int, epsilon: str) -> None:
    """The least d that ``how_many`` allows, one by one; and Welch's bound solved for d."""
    found = handcalc.dimensions_needed(n, epsilon)
    assert 2 <= found.at_least <= found.enough <= n
    allowed = [handcalc.how_many(d, epsilon).at_most for d in range(1, found.at_least + 1)]
    assert allowed[-1] is None or allowed[-1] >= n
    assert all(most is not None and most < n for most in allowed[:-1])
    square = handcalc.exact(epsilon) ** 2
    assert found.welch == sympy.ceiling(n / (1 + (n - 1) * square))
    if found.enough < n:
        assert handcalc.how_many(found.enough, epsilon).at_least >= n


def test_bounds_on_dimensions_are_the_sharpest_known() -> None:
    found = handcalc.dimensions_needed(10_000, degrees=84)
    assert (found.welch, found.orthoplex, found.levenshtein) == (91, 92, 127)
    assert handcalc.dimensions_needed(100, degrees=89).enough == 99
    assert handcalc.dimensions_needed(4, degrees=45).enough == 2
    page = " ".join(str(handcalc.dimensions_needed(4, degrees=45)).split())
    assert "So 2 are needed, and enough." in page


def test_lines_that_are_one_are_not_equiangular() -> None:
    for rows in ("1; 1; -1", "1 2; 2 4; -3 -6"):
        assert not handcalc.coherence(rows).equiangular
        assert "equiangular" not in str(handcalc.coherence(rows))
    assert handcalc.coherence("1 0; 0 1").equiangular


@pytest.mark.parametrize(
    "W",
    [
        "1 0; 0 1; 1 1",
        "1 0; 0 1",
        "1; -1",
        "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2",
        "1 0; 8 1; 8 -1",
    ],
)
def test_what_coherence_promises_is_the_largest_k_below_its_bound(W: object) -> None:
    found = handcalc.recovery(W)
    mu = float(handcalc.coherence(W).coherence)
    below = [k for k in range(found.model.n + 1) if (2 * k - 1) * mu < 1 - 1e-12]
    assert found.enough == max(below)
