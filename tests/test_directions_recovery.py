"""Which sparse inputs come back: the reference's table, linear programs, and what cannot change."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tests.linear_programs as lp
from handcalc import InputError, ToyModel
from handcalc.directions.decoding import basis_pursuit, sparsest
from handcalc.directions.kernels import dependences, independent_sets
from handcalc.directions.recovery import QUESTIONS, Recovery, recovery
from handcalc.directions.sets import direction_set
from handcalc.numbers.exact import sign

TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
# section 12: spark, unique ±, unique ≥ 0, ℓ₁ ±, ℓ₁ ≥ 0
TABLE = {
    "antipodal": (2, 0, 1, 0, 1),
    "square": (2, 0, 1, 0, 1),
    "octahedron": (2, 0, 1, 0, 1),
    "triangle": (3, 1, 2, 1, 2),
    "tetrahedron": (4, 1, 3, 1, 3),
    "minus-sum": (5, 2, 4, 2, 4),
    "two-triangles": (3, 1, 2, 1, 2),
    "interfering": (3, 1, 1, 0, 0),
    "moment-curve": (5, 2, 2, 0, 2),
    "zero-row": (1, 0, 0, 0, 0),
    "five-in-four": (5, 2, 4, 1, 4),
}


def answers(found: Recovery) -> tuple[int | None, ...]:
    names = ("unique", "unique_nonnegative", "l1", "l1_nonnegative")
    return (found.spark, *(found.most(name) for name in names))


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_section_12(name: str) -> None:
    assert answers(recovery(direction_set(name).model)) == TABLE[name]


def test_ties_are_said() -> None:
    """Interfering: at k = 1 ℓ₁ has the input among its answers, and another beside it."""
    for name in ("l1", "l1_nonnegative"):
        failure = recovery("1 0; 0 1; 1/2 1/2").counterexamples[name]
        assert failure is not None
        assert (failure.k, failure.is_tie, failure.x in failure.others) == (1, True, True)
        assert len(failure.others) == 2
    failure = recovery(direction_set("five-in-four").model).counterexamples["l1"]
    assert failure is not None
    assert not failure.is_tie


def test_the_counterexample_with_unit_rows() -> None:
    """Section 12: x = (25, 25, 0, 0, 0) is the only 2-sparse one, and ℓ₁ returns another."""
    model = direction_set("five-in-four").model
    assert all(sum(cell**2 for cell in row) == 1 for row in model.W)
    found = recovery(model)
    assert [circuit.entries for circuit in found.circuits] == [(25, 25, 14, 14, 14)]
    assert found.coherence is not None
    assert found.coherence.coherence == Fraction(527, 625)
    failure = found.counterexamples["l1"]
    assert failure is not None
    assert (failure.k, failure.x) == (2, (25, 25, 0, 0, 0))
    assert failure.others == ((0, 0, -14, -14, -14),)
    shortest = basis_pursuit(model, "14 0 0 0")
    assert (shortest.inputs, shortest.norm) == (((0, 0, -14, -14, -14),), 42)
    assert sparsest(model, "14 0 0 0").inputs == ((25, 25, 0, 0, 0),)


@pytest.mark.parametrize("name", TABLE)
def test_each_witness_is_one(name: str) -> None:
    """x has k + 1 entries, and what is beside it has the same h and is as short or as sparse."""
    model = direction_set(name).model
    found = recovery(model)
    for question in QUESTIONS:
        failure = found.counterexamples[question]
        assert failure is not None
        assert failure.k == found.most(question) + 1
        assert count(failure.x) == failure.k
        for other in failure.others:
            assert embedded(model, other) == embedded(model, failure.x)
            if question.startswith("l1"):
                longer = sign(norm(failure.x) - norm(other))
                assert longer == (0 if failure.is_tie else 1)
            else:
                assert other != failure.x
                assert count(other) <= failure.k
            if question.endswith("nonnegative"):
                assert all(sign(cell) >= 0 for cell in (*failure.x, *other))


def count(x: tuple[sympy.Expr, ...]) -> int:
    return sum(1 for cell in x if cell != 0)


def norm(x: tuple[sympy.Expr, ...]) -> sympy.Expr:
    return sum(map(abs, x), sympy.Integer(0))


def embedded(model: ToyModel, x: tuple[sympy.Expr, ...]) -> list[sympy.Expr]:
    return [
        sympy.expand(sum(a * row[k] for a, row in zip(x, model.W, strict=True)))
        for k in range(model.m)
    ]


# -- linear programs -------------------------------------------------------------------------------


BY_PROGRAMS = {
    "unique": lp.is_unique,
    "unique_nonnegative": lp.is_unique_nonnegative,
    "l1": lp.is_shortest,
    "l1_nonnegative": lp.is_shortest_nonnegative,
}


def agree(seed: int) -> None:
    """The circuits' four answers, and those of linear programs, for one random W."""
    chance = random.Random(seed)  # noqa: S311 - examples, and no secrets
    n = chance.randint(2, 6)
    m, most = chance.randint(1, n), chance.choice((1, 2, 3))
    W = [[chance.randint(-most, most) for _ in range(m)] for _ in range(n)]
    found, A = recovery(W), np.array(W, dtype=float).T
    for name, holds in BY_PROGRAMS.items():
        k = found.most(name)
        assert k == 0 or holds(A, k), (W, name, k)
        assert k == n or not holds(A, k + 1), (W, name, k + 1)


@pytest.mark.parametrize("seed", range(50))
def test_linear_programs_agree(seed: int) -> None:
    agree(seed)


@pytest.mark.slow  # five hundred matrices take minutes of linear programs
@pytest.mark.parametrize("start", range(50, 500, 25))
def test_linear_programs_agree_on_many(start: int) -> None:
    for seed in range(start, start + 25):
        agree(seed)


@pytest.mark.parametrize("seed", range(30))
def test_basis_pursuit_is_the_linear_program(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - examples, and no secrets
    n, m = chance.randint(2, 8), chance.randint(1, 4)
    W = [[chance.randint(-3, 3) for _ in range(m)] for _ in range(n)]
    x = [chance.choice((0, 0, 1, 2)) for _ in range(n)]
    A, h = (
        np.array(W, dtype=float).T,
        [sum(a * row[k] for a, row in zip(x, W, strict=True)) for k in range(m)],
    )
    for nonnegative in (False, True):
        both = A if nonnegative else np.hstack([A, -A])
        solved = lp.linprog(np.ones(both.shape[1]), A_eq=both, b_eq=h, bounds=(0, None))
        shortest = basis_pursuit(W, h, nonnegative=nonnegative)
        assert float(shortest.norm) == pytest.approx(solved.fun, abs=1e-9)
        assert all(embedded(shortest.model, each) == h for each in shortest.inputs)
        assert all(norm(each) == shortest.norm for each in shortest.inputs)


def test_sparsest_is_what_a_search_over_supports_finds() -> None:
    """Every support of each size, by sympy's own solver."""
    W = sympy.Matrix([[1, 0], [0, 1], [1, 1], [1, -1], [2, 1]])
    h = sympy.Matrix([2, 1])
    found = {}
    for size in (1, 2):
        for support in combinations(range(5), size):
            symbols = sympy.symbols(f"s0:{size}")
            solved = sympy.linsolve((W.extract(list(support), [0, 1]).T, h), *symbols)
            for each in solved:
                if all(cell.is_number and cell > 0 for cell in each):
                    x = [0] * 5
                    for place, cell in zip(support, each, strict=True):
                        x[place] = cell
                    found.setdefault(size, []).append(tuple(x))
    assert min(found) == 1
    assert sparsest(W, [2, 1]).inputs == tuple(found[1])
    without = sparsest(W.extract([0, 1, 2, 3], [0, 1]), [2, 1])
    assert sorted(without.inputs, key=str) == sorted({x[:4] for x in found[2] if not x[4]}, key=str)
    assert not without.unique


# -- circuits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_circuits_are_the_minimal_supports(seed: int) -> None:
    """By sympy's null spaces: a support is minimal if its kernel has one dimension and no zero."""
    chance = random.Random(seed)  # noqa: S311 - examples, and no secrets
    n, m = chance.randint(2, 6), chance.randint(1, 4)
    W = [[chance.randint(-2, 2) for _ in range(m)] for _ in range(n)]
    expected = []
    for size in range(1, n + 1):
        for support in combinations(range(n), size):
            kernel = sympy.Matrix([W[i] for i in support]).T.nullspace()
            if len(kernel) == 1 and all(cell != 0 for cell in kernel[0]):
                expected.append(tuple(i + 1 for i in support))
    found = recovery(W)
    assert [circuit.features for circuit in found.circuits] == expected
    for circuit in found.circuits:
        assert embedded(found.model, circuit.entries) == [0] * m
        assert sympy.gcd(list(circuit.entries)) == 1
        assert next(cell for cell in circuit.entries if cell != 0) > 0


def test_circuits_of_surds_are_written_with_whole_numbers() -> None:
    (circuit,) = recovery("1; sqrt(2)/3").circuits
    assert circuit.entries == (2, -3 * sympy.sqrt(2))
    assert circuit.text == "2 -3*sqrt(2)"


def test_independent_rows_have_no_circuit() -> None:
    found = recovery("1 0; 1 1")
    assert (found.spark, found.circuits, answers(found)[1:]) == (None, (), (2, 2, 2, 2))
    assert set(found.counterexamples.values()) == {None}


def test_every_independent_set_is_listed_once() -> None:
    rows = ToyModel("1 0; 0 1; 1 1; 2 2; 0 0").elements()[0].W
    found = [held.members for held in independent_sets(rows)]
    assert len(found) == len(set(found)) == 1 + 4 + 5  # all pairs but the parallel one
    assert len(dependences(rows)) == 4  # the zero row, the parallel pair, and two of three


# -- what cannot change ----------------------------------------------------------------------------

ROWS = st.integers(1, 3).flatmap(
    lambda m: st.lists(st.lists(st.integers(-3, 3), min_size=m, max_size=m), min_size=2, max_size=5)
)


@given(ROWS, st.data())
def test_order_and_signed_permutations_of_the_dimensions_do_not_matter(
    W: list[list[int]], data: st.DataObject
) -> None:
    expected = answers(recovery(W))
    rows = data.draw(st.permutations(W))
    places = data.draw(st.permutations(range(len(W[0]))))
    signs = [data.draw(st.sampled_from((1, -1))) for _ in places]
    turned = [[s * row[k] for s, k in zip(signs, places, strict=True)] for row in rows]
    assert answers(recovery(turned)) == expected


@given(ROWS, st.fractions("1/9", 9))
def test_a_scale_of_all_does_not_matter(W: list[list[int]], scale: Fraction) -> None:
    assert answers(recovery([[scale * cell for cell in row] for row in W])) == answers(recovery(W))


@given(ROWS, st.data())
def test_uniqueness_does_not_see_the_lengths_of_rows(
    W: list[list[int]], data: st.DataObject
) -> None:
    lengths = [data.draw(st.fractions("1/5", 5)) for _ in W]
    scaled = [[s * cell for cell in row] for s, row in zip(lengths, W, strict=True)]
    assert answers(recovery(scaled))[:3] == answers(recovery(W))[:3]


@given(ROWS)
def test_each_promise_holds(W: list[list[int]]) -> None:
    """ℓ₁ recovers only what is unique; x ≥ 0 can only help; coherence promises no more than is."""
    found = recovery(W)
    assert found.l1 <= found.unique <= found.unique_nonnegative
    assert found.l1 <= found.l1_nonnegative <= found.unique_nonnegative
    if found.enough is not None:
        assert found.enough <= found.unique


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_unit_rows_no_two_parallel_recover_one_active_feature(order: tuple[int, ...]) -> None:
    """Section 12: k = 1 never fails with unit rows."""
    rows = [("3/5", "4/5"), ("1", "0"), ("5/13", "-12/13")]
    assert recovery([rows[i] for i in order]).l1 == 1


# -- what is refused -------------------------------------------------------------------------------


def test_too_many_features_are_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="leave features out") as refused:
        recovery([[i**k for k in range(1, 12)] for i in range(1, 31)])
    assert refused.value.code == "too_large"


def test_eight_features_of_fractions_are_always_few_enough() -> None:
    W = [[Fraction(i**k, i + k) for k in range(1, 9)] for i in range(1, 9)]
    assert answers(recovery(W)) == (None, 8, 8, 8, 8)
    assert recovery([row[:4] for row in W]).spark == 5


def test_too_many_square_roots_are_refused() -> None:
    roots = "; ".join(" ".join(f"{i}+sqrt({p})" for p in (2, 3, 5, 7, 11, 13)) for i in range(1, 9))
    with pytest.raises(InputError, match="leave features out, or square roots"):
        recovery(roots)


@pytest.mark.parametrize(
    ("h", "nonnegative", "message"),
    [
        ("1 2 3", True, "one number per dimension, 2 as W has columns, not 3"),
        ("-1 -1", True, "No x ≥ 0 has this h.*nonnegative=False"),
        ([0.5, 1], True, "only near a number"),
    ],
)
def test_an_h_that_cannot_be_is_refused(h: object, nonnegative: bool, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sparsest("1 0; 0 1; 1 1", h, nonnegative)


def test_an_h_outside_of_the_span_is_refused() -> None:
    with pytest.raises(InputError, match="outside of what the rows of W span"):
        basis_pursuit("1 0; 2 0", "0 1")
    assert sparsest("1 0; 2 0", "0 0").inputs == ((0, 0),)
