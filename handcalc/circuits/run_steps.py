"""A run told in steps: embed; each head's scores, weights, values, results, outputs; logits.

A row times a matrix is told as by hand, each number of the row times its row of the matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum, Value, shown
from handcalc.circuits.head import Head
from handcalc.circuits.positions import HeadAt, Position
from handcalc.circuits.softmax import Row, Softmax
from handcalc.derivation import (
    About,
    Applied,
    Exponential,
    Expression,
    Line,
    Name,
    Negative,
    Number,
    Product,
    Ratio,
    RowVector,
    Step,
    Sum,
    Transposed,
)
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import to_rational

_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_MOST_WRITTEN = 6  # terms of a sum of exponentials
_FIELDS = {"q": "query", "k": "key", "v": "value", "o": "output"}


def run_steps(
    model: AttentionOnly, positions: Sequence[Position], logits: Sequence[Row]
) -> tuple[Step, ...]:
    """Each step with its rule, and for each position symbols, numbers put in, and value."""
    steps = [_embed(model, positions)]
    for number, layer in enumerate(model.layers, 1):
        for place, head in enumerate(layer, 1):
            at = [position.heads[number - 1][place - 1] for position in positions]
            rows = [position.residual[number - 1] for position in positions]
            steps += _head_steps(model, head, (number, place), rows, at)
        steps.append(_add(number, positions))
    return (*steps, _unembed(model, positions, logits), _predict(model, logits))


def _embed(model: AttentionOnly, positions: Sequence[Position]) -> Step:
    """x = e + p, rows of W_E and W_pos."""
    lines = []
    for i, position in enumerate(positions, 1):
        names: list[Expression] = [Name("e", (position.token + 1,))]
        rows: list[Expression] = [_vector(model.W_E[position.token])]
        if model.W_pos is not None:
            names.append(Name("p", (i,)))
            rows.append(_vector(model.W_pos[i - 1]))
        value = _row(position.residual[0])
        lines.append(Line(Name("x", (i,)), _sum(names), _sum(rows), value))
    words = ", ".join(model.vocabulary[position.token] for position in positions)
    explanation = f"Each token writes its row of W_E: {words}."
    formula: Expression = Name("e")
    if model.W_pos is not None:
        explanation += " Its place in the sentence adds a row of W_pos."
        formula = Sum((formula, Name("p")))
    return Step("Embed", explanation, Name("x"), formula, tuple(lines))


def _head_steps(
    model: AttentionOnly,
    head: Head,
    number: tuple[int, int],
    rows: Sequence[Row],
    at: Sequence[HeadAt],
) -> Iterator[Step]:
    label = f"Head {number[0]}.{number[1]}"
    read, moved = ("W_Q", "W_V") if head.factored else ("W_QK", "W_OV")
    if at[0].scores:
        yield _times_matrix(
            f"{label}: queries", "What each position looks for.", "q", read, rows, head.W_Q, at
        )
        if head.factored:
            told = "What each position can be found by."
            yield _times_matrix(f"{label}: keys", told, "k", "W_K", rows, head.W_K, at)
        yield _scores(model, head, label, at)
        yield _weights(model.softmax, label, at)
    yield _times_matrix(
        f"{label}: values", "What each position has to give.", "v", moved, rows, head.W_V, at
    )
    yield _results(label, at)
    if head.factored:
        told = "What was gathered is written into the residual stream's dimensions."
        results = [each.result for each in at]
        yield _times_matrix(f"{label}: output", told, "o", "W_O", results, head.W_O, at)


def _times_matrix(  # noqa: PLR0913, PLR0917 - the parts of a step
    rule: str,
    explanation: str,
    letter: str,
    matrix: str,
    rows: Sequence[Row],
    numbers: Matrix,
    at: Sequence[HeadAt],
) -> Step:
    """A row times a matrix, at each position."""
    source = "r" if letter == "o" else "x"
    found = [getattr(each, _FIELDS[letter]) for each in at]
    lines = tuple(
        Line(
            Name(letter, (i,)),
            Product((Name(source, (i,)), Name(matrix))),
            _combination(row, numbers),
            _row(value),
        )
        for i, (row, value) in enumerate(zip(rows, found, strict=True), 1)
    )
    return Step(rule, explanation, Name(letter), Product((Name(source), Name(matrix))), lines)


def _scores(model: AttentionOnly, head: Head, label: str, at: Sequence[HeadAt]) -> Step:
    key = "k" if head.factored else "x"
    root = Number(sympy.sqrt(head.d_head)) if model.scale else None

    def scaled(product: Expression) -> Expression:
        return product if root is None else Ratio(product, root)

    lines = [
        Line(
            Name("s", (i, j)),
            scaled(Product((Name("q", (i,)), Transposed(Name(key, (j,)))))),
            scaled(_inner(query.query, at[j - 1].key)),
            _number(query.scores[j - 1]),
        )
        for i, query in enumerate(at, 1)
        for j in range(1, i + 1)
    ]
    told = "How well each key fits a query; a position looks at itself and at what came before."
    formula = scaled(Product((Name("q"), Transposed(Name(key)))))
    return Step(f"{label}: scores", told, Name("s"), formula, tuple(lines))


def _weights(softmax: Softmax, label: str, at: Sequence[HeadAt]) -> Step:
    function = "hard" if softmax.name == "hard" else "softmax"
    lines = tuple(
        Line(
            Name("A", (i,)),
            Applied(function, Name("s", (i,))),
            _softmax(softmax, each.scores),
            _row(each.weights),
        )
        for i, each in enumerate(at, 1)
    )
    told = _told(softmax)
    return Step(f"{label}: weights", told, Name("A"), Applied(function, Name("s")), lines)


def _results(label: str, at: Sequence[HeadAt]) -> Step:
    lines = tuple(
        Line(
            Name("r", (i,)),
            _sum([Product((Name("A", (i, j)), Name("v", (j,)))) for j in range(1, i + 1)]),
            _weighted(each.weights, [_row(other.value) for other in at[:i]], len(each.value)),
            _row(each.result),
        )
        for i, each in enumerate(at, 1)
    )
    told = "Each position gathers the values, by its weights."
    return Step(f"{label}: results", told, Name("r"), Product((Name("A"), Name("v"))), lines)


def _add(number: int, positions: Sequence[Position]) -> Step:
    heads = len(positions[0].heads[number - 1])
    lines = []
    for i, position in enumerate(positions, 1):
        outputs = [Name("o", (i,) if heads == 1 else (k, i)) for k in range(1, heads + 1)]
        each = [position.residual[number - 1]]
        each += [at.output for at in position.heads[number - 1]]
        value = _row(position.residual[number])
        names: list[Expression] = [Name("x", (i,)), *outputs]
        lines.append(Line(Name("x", (i,)), _sum(names), _sum(list(map(_row, each))), value))
    told = "What the heads wrote is added to what was there, and is the x of the next layer."
    formula = _sum(
        [Name("x"), *(Name("o", (k,) if heads > 1 else ()) for k in range(1, heads + 1))]
    )
    return Step(f"Layer {number}: add", told, Name("x"), formula, tuple(lines))


def _unembed(model: AttentionOnly, positions: Sequence[Position], logits: Sequence[Row]) -> Step:
    lines = tuple(
        Line(
            Name("L", (i,)),
            Product((Name("x", (i,)), Name("W_U"))),
            _combination(position.residual[-1], model.W_U),
            _row(row),
        )
        for i, (position, row) in enumerate(zip(positions, logits, strict=True), 1)
    )
    told = f"A logit for each next token: {', '.join(model.vocabulary)}."
    return Step("Unembed", told, Name("L"), Product((Name("x"), Name("W_U"))), lines)


def _predict(model: AttentionOnly, logits: Sequence[Row]) -> Step:
    function = "hard" if model.softmax.name == "hard" else "softmax"
    lines = tuple(
        Line(
            Name("P", (i,)),
            Applied(function, Name("L", (i,))),
            _softmax(model.softmax, row),
            _row(model.softmax.weights(row)),
        )
        for i, row in enumerate(logits, 1)
    )
    told = _told(model.softmax)
    return Step("Predict", told, Name("P"), Applied(function, Name("L")), lines)


# -- expressions -----------------------------------------------------------------------------------


def _told(softmax: Softmax) -> str:
    if softmax.name == "hard":
        return "The largest share the weight equally, and nothing else has any."
    if softmax.base == 1:
        return "All have the same weight."
    base = "e" if softmax.base is None else softmax.base
    return f"Powers of {base}, over their sum."


def _softmax(softmax: Softmax, scores: Row) -> Expression:
    """The weights with the scores put in."""
    if softmax.name == "hard" or softmax.base == 1:
        return Applied("hard" if softmax.name == "hard" else "softmax", _row(scores))
    base: Expression = Name("e")
    if softmax.base is not None:
        base = Number(to_rational(softmax.base))
    powers = tuple(Exponential(base, _number(each)) for each in scores)
    return Ratio(RowVector(powers), _sum(powers))


def _number(value: Value) -> Expression:
    return expression_of(shown(value))


def expression_of(value: sympy.Expr | ExponentialSum) -> Expression:
    """A value that was handed out, as views render it; a long sum by its nearest float."""
    if not isinstance(value, ExponentialSum):
        return Number(value)
    if not _is_short(value):
        return About(value.to_float())
    base: Expression = Name("e")
    if value.base is not None:
        base = Number(to_rational(value.base))

    def term(
        exponent: sympy.Expr | ExponentialSum, coefficient: sympy.Expr | ExponentialSum
    ) -> Expression:
        if exponent == _ZERO:
            return expression_of(coefficient)
        power = base if exponent == _ONE else Exponential(base, expression_of(exponent))
        if coefficient in (_ONE, -_ONE):
            return power if coefficient == _ONE else Negative(power)
        return Product((expression_of(coefficient), power))

    top = _sum([term(*each) for each in value.terms])
    return Ratio(top, _sum([term(*each) for each in value.over])) if value.factors else top


def _is_short(value: ExponentialSum) -> bool:
    """Whether a sum of few terms, with numbers for exponents, is written out."""
    sizes = [len(value.top.items), prod(len(f.items) ** power for f, power in value.factors)]
    if max(sizes) > _MOST_WRITTEN:
        return False
    parts = (part for pair in (*value.terms, *value.over) for part in pair)
    return not any(isinstance(part, ExponentialSum) for part in parts)


def _row(row: Row) -> RowVector:
    return RowVector(tuple(map(_number, row)))


def _vector(numbers: Iterable[sympy.Expr]) -> RowVector:
    return RowVector(tuple(map(Number, numbers)))


def _sum(terms: Sequence[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _inner(a: Row, b: Row) -> Expression:
    return _sum([Product((_number(x), _number(y))) for x, y in zip(a, b, strict=True)])


def _combination(row: Row, matrix: Matrix) -> Expression:
    """Each number of a row times its row of the matrix; zeros are left out."""
    return _weighted(row, list(map(_vector, matrix)), len(matrix[0]))


def _weighted(weights: Row, rows: Sequence[RowVector], width: int) -> Expression:
    terms = [
        Product((number, row))
        for number, row in zip(map(_number, weights), rows, strict=True)
        if number != Number(_ZERO)
    ]
    return _sum(terms) if terms else RowVector((Number(_ZERO),) * width)
