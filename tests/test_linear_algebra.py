"""Rank, determinant and solutions of matrices over ℚ(√2), against the field's own products."""

from __future__ import annotations

import sympy
from hypothesis import given
from hypothesis import strategies as st

from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import determinant, gram, rank, reduced, solve

_, (_ROOT,) = elements(sympy.sqrt(2))
Rows = list[list[Element]]
small = st.integers(-2, 2)


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int) -> Rows:
    row = st.lists(st.tuples(small, small), min_size=columns, max_size=columns)
    cells = draw(st.lists(row, min_size=rows, max_size=rows))
    return [[a + b * _ROOT for a, b in row] for row in cells]


def product(A: Rows, B: Rows) -> Rows:
    columns = list(zip(*B, strict=True))
    return [
        [sum((p * q for p, q in zip(row, c, strict=True)), 0 * _ROOT) for c in columns] for row in A
    ]


@given(matrices(3, 3), matrices(3, 3))
def test_determinants_multiply(A: Rows, B: Rows) -> None:
    assert determinant(product(A, B)) == determinant(A) * determinant(B)


@given(matrices(3, 3))
def test_a_determinant_is_that_of_leibniz(A: Rows) -> None:
    (a, b, c), (d, e, f), (g, h, i) = A
    assert determinant(A) == a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


@given(matrices(4, 2), matrices(2, 3))
def test_a_product_through_two_dimensions_has_rank_two_at_most(A: Rows, B: Rows) -> None:
    assert rank(product(A, B)) <= min(rank(A), rank(B)) <= 2
    assert rank(gram(A)) == rank(A) == rank(list(zip(*A, strict=True)))


@given(matrices(4, 3), matrices(3, 2))
def test_a_solution_is_found_where_there_is_one_alone(A: Rows, X: Rows) -> None:
    assert solve(A, product(A, X)) == (X if rank(A) == 3 else None)


def test_equations_that_contradict_each_other_have_no_solution() -> None:
    one = 0 * _ROOT + 1
    assert solve([[one], [one]], [[one], [_ROOT]]) is None


@given(matrices(3, 4))
def test_each_pivot_stands_alone_in_its_column(A: Rows) -> None:
    found = reduced(A)
    for k, column in enumerate(found.pivots):
        assert [row[column] for row in found.rows] == [int(k == i) for i in range(3)]
    assert not any(cell for row in found.rows[len(found.pivots) :] for cell in row)
