"""Laws of the forward pass, on models and inputs drawn by handcalc.strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import sympy
from hypothesis import given
from hypothesis import strategies as st

from handcalc import ToyModel, equal, exact, forward, geometry, same_model, sign, strategies
from handcalc.derivation import Expression, Number, Product, Sum
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.strategies import permuted, rotated
from tests.expression_values import at, holds
from tests.sampling import FEWER


def same(a: Sequence[sympy.Expr], b: Sequence[sympy.Expr]) -> bool:
    return all(equal(p, q) for p, q in zip(a, b, strict=True))


@st.composite
def worked(draw: st.DrawFn, symbols: bool = False) -> tuple[ToyModel, Vector]:
    """A model and an input of its length."""
    model = draw(strategies.toy_models())
    return model, draw(strategies.inputs(model.n, symbols=symbols))


@st.composite
def turned(draw: st.DrawFn) -> tuple[ToyModel, Vector, Matrix]:
    model, x = draw(worked())
    return model, x, draw(strategies.orthogonal_matrices(model.m))


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[ToyModel, Vector, tuple[int, ...]]:
    model, x = draw(worked())
    return model, x, draw(strategies.permutations(model.n))


# -- symmetries -----------------------------------------------------------------------------------


@FEWER
@given(turned())
def test_turning_w_turns_h_and_leaves_the_output(drawn: tuple[ToyModel, Vector, Matrix]) -> None:
    """h' = Qᵀh."""
    model, x, Q = drawn
    before, after = forward(model, x), forward(rotated(model, Q), x)
    columns = zip(*Q, strict=True)
    turned_h = [sum(q * h for q, h in zip(column, before.h, strict=True)) for column in columns]
    assert same(after.h, turned_h)
    assert same(after.z, before.z)
    assert same(after.output, before.output)
    assert same(after.difference, before.difference)


@FEWER
@given(shuffled())
def test_permuting_features_permutes_the_output(
    drawn: tuple[ToyModel, Vector, tuple[int, ...]],
) -> None:
    model, x, order = drawn
    before = forward(model, x)
    after = forward(permuted(model, order), [x[i] for i in order])
    assert same(after.h, before.h)
    for name in ("z", "output", "difference"):
        values = getattr(before, name)
        assert same(getattr(after, name), [values[i] for i in order])


@FEWER
@given(shuffled())
def test_permuting_features_permutes_the_gram_matrix(
    drawn: tuple[ToyModel, Vector, tuple[int, ...]],
) -> None:
    model, _, order = drawn
    before, after = geometry(model).gram, geometry(permuted(model, order)).gram
    for i, row in zip(order, after, strict=True):
        assert same(row, [before[i][j] for j in order])


@FEWER
@given(strategies.same_models(), st.data())
def test_the_same_model_gives_the_same_outputs(
    pair: tuple[ToyModel, ToyModel], data: st.DataObject
) -> None:
    """With each feature told by the permutation that same_model found."""
    A, B = pair
    order = [i - 1 for i in same_model(A, B).permutation]
    x = data.draw(strategies.inputs(A.n))
    before = forward(A, x).output
    after = forward(B, [x[i] for i in order]).output
    assert same(after, [before[i] for i in order])


# -- the formula ----------------------------------------------------------------------------------


@FEWER
@given(worked())
def test_z_is_the_gram_matrix_times_x_plus_b(drawn: tuple[ToyModel, Vector]) -> None:
    model, x = drawn
    gram = geometry(model).gram
    z = [
        sum(g * v for g, v in zip(row, x, strict=True)) + b
        for row, b in zip(gram, model.b, strict=True)
    ]
    assert same(forward(model, x).z, z)


@FEWER
@given(worked())
def test_relu_keeps_what_is_positive(drawn: tuple[ToyModel, Vector]) -> None:
    model, x = drawn
    result = forward(ToyModel(model.W, model.b, "relu"), x)
    for z, output in zip(result.z, result.output, strict=True):
        assert sign(output) == max(sign(z), 0)
        assert output in (z, 0)


@FEWER
@given(worked())
def test_the_linear_model_passes_everything(drawn: tuple[ToyModel, Vector]) -> None:
    model, x = drawn
    result = forward(ToyModel(model.W, model.b, "linear"), x)
    assert result.output == result.z


@FEWER
@given(worked(symbols=True))
def test_the_parts_add_up_to_z(drawn: tuple[ToyModel, Vector]) -> None:
    result = forward(*drawn)
    for part, z in zip(result.parts, result.z, strict=True):
        total = part.kept + sum(amount for _, amount in part.interference) + part.bias
        assert is_zero(total - z, result.x)
        assert all(amount != 0 for _, amount in part.interference)


@FEWER
@given(worked(symbols=True))
def test_the_difference_is_what_came_out_minus_what_went_in(
    drawn: tuple[ToyModel, Vector],
) -> None:
    result = forward(*drawn)
    for output, x, difference in zip(result.output, result.x, result.difference, strict=True):
        assert is_zero(output - x - difference, result.x)


def is_zero(value: sympy.Expr, x: Vector) -> bool:
    """Whether an affine form is 0: at the origin, and one step along every axis."""
    symbols = [symbol for symbol in x if isinstance(symbol, sympy.Symbol)]
    value = sympy.expand(value)
    points = [dict.fromkeys(symbols, sympy.Integer(0))]
    points += [{**points[0], symbol: sympy.Integer(1)} for symbol in symbols]
    return all(sign(value.xreplace(point)) == 0 for point in points)


# -- symbols, and numbers put in ------------------------------------------------------------------


@st.composite
def instances(draw: st.DrawFn) -> tuple[ToyModel, Vector, Vector]:
    """A model, an input with symbols in it, and the same input with numbers put in for them."""
    model = draw(strategies.toy_models())
    numbers = draw(strategies.inputs(model.n))
    named = draw(strategies.inputs(model.n, symbols=True))
    mixed = tuple(
        a if isinstance(a, sympy.Symbol) else b for a, b in zip(named, numbers, strict=True)
    )
    return model, mixed, numbers


def values_of(x: Vector, numbers: Vector) -> dict[sympy.Symbol, sympy.Expr]:
    return {
        symbol: number
        for symbol, number in zip(x, numbers, strict=True)
        if isinstance(symbol, sympy.Symbol)
    }


@FEWER
@given(instances())
def test_numbers_put_in_give_the_numeric_result(drawn: tuple[ToyModel, Vector, Vector]) -> None:
    """By output_at, by sympy's own substitution, and by choosing cases by their conditions."""
    model, x, numbers = drawn
    symbolic, numeric = forward(model, x), forward(model, numbers)
    values = values_of(x, numbers)
    by_name = {symbol.name: number for symbol, number in values.items()}
    assert same(symbolic.output_at(by_name), numeric.output)
    for output, cases, expected in zip(
        symbolic.output, symbolic.cases, numeric.output, strict=True
    ):
        assert equal(substituted(output, values), expected)
        chosen = substituted(output, values) if cases is None else at(cases, values)
        assert equal(chosen, expected)


@FEWER
@given(instances())
def test_the_other_quantities_follow_too(drawn: tuple[ToyModel, Vector, Vector]) -> None:
    model, x, numbers = drawn
    symbolic, numeric = forward(model, x), forward(model, numbers)
    values = values_of(x, numbers)
    for name in ("h", "z", "difference"):
        put_in = [substituted(value, values) for value in getattr(symbolic, name)]
        assert same(put_in, getattr(numeric, name))


@FEWER
@given(instances())
def test_every_line_of_the_derivation_holds_for_numbers(
    drawn: tuple[ToyModel, Vector, Vector],
) -> None:
    """The value of a line, and the form with numbers put in, are one number for every input."""
    model, x, numbers = drawn
    values = values_of(x, numbers)
    steps, plain = forward(model, x).derivation.steps, forward(model, numbers).derivation.steps
    for step, other in zip(steps[:3], plain[:3], strict=True):
        for line, expected in zip(step.lines, other.lines, strict=True):
            assert equal(at(line.value, values), at(expected.value, {}))
            assert equal(at(line.substituted, values), at(expected.value, {}))


def substituted(value: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """By sympy: ``subs``, with Max left to an exact sign."""
    put_in = value.subs(values)
    for part in put_in.atoms(sympy.Max):
        inside = next((arg for arg in part.args if arg != 0), sympy.Integer(0))
        put_in = put_in.xreplace({part: inside if sign(inside) > 0 else sympy.Integer(0)})
    return exact(put_in)


# -- conditions -----------------------------------------------------------------------------------


@FEWER
@given(strategies.toy_models(activation="relu"))
def test_cases_split_the_box_where_z_changes_its_sign(model: ToyModel) -> None:
    """At every vertex the condition says whether z ≥ 0; cases are given only where both happen."""
    result = forward(model)
    vertices = [dict(zip(result.x, v, strict=True)) for v in product([0, 1], repeat=model.n)]
    for z, cases, output in zip(result.z, result.cases, result.output, strict=True):
        signs = [sign(z.subs(vertex)) for vertex in vertices]
        decided = min(signs) >= 0 or max(signs) <= 0
        assert decided == (cases is None)
        if cases is None:
            assert is_zero(output - (z if min(signs) >= 0 else 0), result.x)
            continue
        condition = cases.branches[0].condition
        assert condition is not None
        numbers = [{s: sympy.Integer(value) for s, value in v.items()} for v in vertices]
        assert [holds(condition, v) for v in numbers] == [sign_ >= 0 for sign_ in signs]


@FEWER
@given(strategies.toy_models(activation="relu"))
def test_a_condition_has_no_minus_sign_in_it(model: ToyModel) -> None:
    for cases in forward(model).cases:
        if cases is None:
            continue
        condition = cases.branches[0].condition
        assert condition is not None
        for side in (condition.left, condition.right):
            assert all(sign(number) >= 0 for number in numbers_in(side))


def numbers_in(expression: Expression) -> list[sympy.Expr]:
    match expression:
        case Number(value):
            return [value]
        case Sum(parts) | Product(parts):
            return [number for part in parts for number in numbers_in(part)]
    return []
