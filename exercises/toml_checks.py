"""Checks from TOML: which keys each kind has, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from exercises.check_kinds import (
    Angle,
    Brackets,
    Check,
    Chosen,
    Equals,
    HasGeometry,
    Hull,
    Length,
    LossAtMost,
    ReconstructsInput,
    ReconstructsSet,
    SameModel,
)
from exercises.exercise import (
    AnswerKind,
    ChoiceAnswer,
    IntervalAnswer,
    ModelAnswer,
    NumberAnswer,
    VectorAnswer,
)
from exercises.toml_table import TomlTable
from handcalc.errors import InputError
from handcalc.numbers.exact import in_unit_interval, sign
from handcalc.parsing import parse_input, parse_matrix, parse_scalar, parse_vector
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.model.toy_model import ToyModel

if TYPE_CHECKING:
    import sympy

    from handcalc.inputs.arguments import Vector


_ROUNDED = re.compile(r"[-−]?\d*\.(\d{15,})")
"""A decimal that counts as rounded, with its places."""


def check_of(table: TomlTable, answer: AnswerKind) -> Check:
    """The check that a table describes, for an answer of this kind.

    Errors: ``AuthorError`` with the file and the key at fault.
    """
    if isinstance(answer, ModelAnswer):
        return _MODEL_CHECKS[table.choice("kind", tuple(_MODEL_CHECKS))](table, answer)
    if isinstance(answer, ChoiceAnswer):
        table.choice("kind", ("chosen",))
        return _chosen(table, answer)
    kinds = ("equals", "brackets") if isinstance(answer, IntervalAnswer) else ("equals",)
    if table.choice("kind", kinds) == "brackets":
        return _brackets(table)
    return _equals(table, answer)


def _reconstructs_input(table: TomlTable, answer: ModelAnswer) -> ReconstructsInput:
    table.only("kind", "x")
    return ReconstructsInput(table.read("x", lambda text: parse_vector(text, answer.features)))


def _reconstructs_set(table: TomlTable, answer: ModelAnswer) -> ReconstructsSet:
    """Pieces as they are written, or all inputs with at most ``sparse`` features on."""
    n = answer.features
    table.only("kind", optional=("pieces", "sparse", "features"))
    if ("pieces" in table) == ("sparse" in table):
        raise table.fault("missing_key", "pieces", 'either "pieces" or "sparse" must be given.')
    texts = table.texts("pieces") if "pieces" in table else tuple(_sparse(n, table.whole("sparse")))
    if "sparse" in table and table.whole("sparse") > n:
        raise table.fault("wrong_value", "sparse", f"there are {n} features in all.")
    features = table.wholes("features", n) if "features" in table else tuple(range(1, n + 1))
    pieces = []
    for i, text in enumerate(texts, 1):
        try:
            pieces.append(_piece(text, n))
        except InputError as error:
            raise table.fault("unreadable", f"pieces[{i}]", error.message) from error
    return ReconstructsSet(tuple(pieces), features)


def _sparse(n: int, k: int) -> Iterator[str]:
    for active in combinations(range(1, n + 1), k):
        yield " ".join(f"x{i}" if i in active else "0" for i in range(1, n + 1))


def _piece(text: str, n: int) -> Hull:
    """A face of the box, as in "x1 0 1/2" with letters in [0, 1]; or the hull of rows."""
    if ";" in text:
        return Hull(text, tuple(map(_in_box, parse_matrix(text, None, n))))
    x = parse_input(text, n)
    _in_box([value for value in x if not value.free_symbols])
    letters = sorted({value for value in x if value.free_symbols}, key=str)
    corners = []
    for ends in product((0, 1), repeat=len(letters)):
        at = dict(zip(letters, ends, strict=True))
        corners.append(tuple(value.subs(at) for value in x))
    return Hull(text, tuple(corners))


def _in_box(x: Sequence[sympy.Expr]) -> Vector:
    if not all(map(in_unit_interval, x)):
        raise InputError("wrong_value", "A piece lies in the box: its numbers are from 0 to 1.")
    return tuple(x)


def _loss_at_most(table: TomlTable, answer: ModelAnswer) -> LossAtMost:
    inputs = ("sparsity", "distribution", "sets", "importance")
    table.only("kind", optional=("bound", "factor", "best", *inputs))
    importance = (
        table.read("importance", lambda text: _each(text, answer.features))
        if "importance" in table
        else (parse_scalar("1"),) * answer.features
    )
    distribution = _distribution(table, answer.features)
    if "bound" in table:
        _without(table, '"bound" stands without', "factor", "best")
        return LossAtMost(distribution, importance, _bound(table))
    if "factor" not in table or "best" not in table:
        raise table.fault("missing_key", "bound", 'give "bound", or "factor" and "best".')
    best, factor = _positive(table, "best"), _positive(table, "factor")
    if sign(factor - 1) < 0:
        raise table.fault("wrong_value", "factor", f"no model loses {factor} times the best.")
    return LossAtMost(distribution, importance, factor * best, best)


def _bound(table: TomlTable) -> sympy.Expr:
    bound: sympy.Expr = table.read("bound", parse_scalar)
    if sign(bound) < 0:
        raise table.fault("wrong_value", "bound", f"no model loses less than 0, so not {bound}.")
    return bound


def _without(table: TomlTable, what: str, *keys: str) -> None:
    for key in keys:
        if key in table:
            raise table.fault("unknown_key", key, f'{what} "{key}".')


def _each(text: str, n: int) -> Vector:
    values = parse_vector(text)
    return values * n if len(values) == 1 else parse_vector(text, n)


def _distribution(table: TomlTable, n: int) -> Distribution:
    kinds = ("independent", "one-active", "correlated", "anticorrelated")
    kind = table.choice("distribution", kinds) if "distribution" in table else kinds[0]
    if kind == "one-active":
        _without(table, "one-active inputs have no", "sparsity", "sets")
        return OneActive(n)
    if "sparsity" not in table:
        raise table.fault("missing_key", "sparsity", 'the key "sparsity" is missing.')
    try:
        if kind == "independent":
            _without(table, "independent features have no", "sets")
            made: Distribution = SparseUniform(table.text("sparsity"))
        else:
            sets = [tuple(map(int, part.split())) for part in table.texts("sets")]
            one_of = Correlated if kind == "correlated" else Anticorrelated
            made = one_of(sets, table.text("sparsity"))
        made.blocks(n)
    except (InputError, ValueError) as error:
        raise table.fault("unreadable", "sparsity", str(error)) from error
    return made


def _has_geometry(table: TomlTable, answer: ModelAnswer) -> HasGeometry:
    table.only("kind", optional=("angles", "lengths"))
    angles = [
        _angle(entry, answer.features)
        for entry in (table.tables("angles") if "angles" in table else ())
    ]
    lengths = [
        _length(entry, answer.features)
        for entry in (table.tables("lengths") if "lengths" in table else ())
    ]
    if not angles and not lengths:
        raise table.fault("missing_key", "angles", 'give "angles", "lengths", or both.')
    return HasGeometry(tuple(angles), tuple(lengths))


def _angle(table: TomlTable, n: int) -> Angle:
    table.only("features", "cosine")
    features = table.wholes("features", n)
    if len(features) != 2:
        raise table.fault("wrong_value", "features", '"features" must name two features.')
    cosine = table.read("cosine", parse_scalar)
    if sign(1 - cosine * cosine) < 0:
        raise table.fault("wrong_value", "cosine", f"a cosine is from -1 to 1, not {cosine}.")
    return Angle((features[0], features[1]), cosine)


def _length(table: TomlTable, n: int) -> Length:
    table.only("feature", "length")
    feature = table.whole("feature")
    if feature > n:
        raise table.fault("wrong_value", "feature", f'"feature" must be at most {n}.')
    return Length(feature, _positive(table, "length"))


def _positive(table: TomlTable, key: str) -> sympy.Expr:
    number: sympy.Expr = table.read(key, parse_scalar)
    if sign(number) <= 0:
        raise table.fault("wrong_value", key, f'"{key}" must be above 0, not {number}.')
    return number


def _same_model(table: TomlTable, answer: ModelAnswer) -> SameModel:
    table.only("kind", "W", "b", optional=("rows",))
    n, m = answer.features, answer.dimensions
    W = table.read("W", lambda text: parse_matrix(text, n, m))
    b = table.read("b", lambda text: _each(text, n))
    rows = [_row(entry, n, m) for entry in (table.tables("rows") if "rows" in table else ())]
    return SameModel(ToyModel(W, b, answer.activation), tuple(rows))


def _row(table: TomlTable, n: int, m: int) -> tuple[int, Vector]:
    table.only("feature", "row")
    feature = table.whole("feature")
    if feature > n:
        raise table.fault("wrong_value", "feature", f'"feature" must be at most {n}.')
    return feature, table.read("row", lambda text: parse_vector(text, m))


def _equals(table: TomlTable, answer: NumberAnswer | IntervalAnswer | VectorAnswer) -> Equals:
    table.only("kind", "value")
    lengths = {NumberAnswer: 1, IntervalAnswer: 2}
    size = answer.length if isinstance(answer, VectorAnswer) else lengths[type(answer)]
    value = table.read("value", lambda text: parse_vector(text, size))
    return Equals(value, isinstance(answer, IntervalAnswer))


def _brackets(table: TomlTable) -> Brackets:
    table.only("kind", "value", "width")
    value: sympy.Expr = table.read("value", parse_scalar)
    decimal = _ROUNDED.fullmatch(table.text("value").strip())
    return Brackets(value, _positive(table, "width"), len(decimal[1]) if decimal else None)


def _chosen(table: TomlTable, answer: ChoiceAnswer) -> Chosen:
    table.only("kind", "claim", optional=("reason",))
    claim = table.choice("claim", answer.letters)
    if not answer.reasons:
        return Chosen(claim)
    if "reason" not in table:
        raise table.fault("missing_key", "reason", 'the key "reason" is missing.')
    return Chosen(claim, table.choice("reason", answer.numbers))


_MODEL_CHECKS: Mapping[str, Callable[[TomlTable, ModelAnswer], Check]] = {
    "reconstructs-input": _reconstructs_input,
    "reconstructs-set": _reconstructs_set,
    "loss-at-most": _loss_at_most,
    "geometry": _has_geometry,
    "same-model": _same_model,
}
