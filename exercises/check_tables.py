"""Checks from TOML: which keys each kind has, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Literal

import sympy

from exercises.check_kinds import (
    Brackets,
    Check,
    Chosen,
    Equals,
    Feature,
    HasGeometry,
    Hull,
    LossAtMost,
    PerFeature,
    ReconstructsInput,
    ReconstructsSet,
    SameModel,
    TaggedCheck,
    positive,
)
from exercises.exercise import (
    AnswerKind,
    ChoiceAnswer,
    IntervalAnswer,
    ModelAnswer,
    NumberAnswer,
    VectorAnswer,
)
from exercises.tables import Count, FileTable, Reader, Table, TableError, Text, Texts
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
    from handcalc.inputs.arguments import Vector


_ROUNDED = re.compile(r"[-−]?\d*\.(\d{15,})")
"""A decimal that counts as rounded, with its places."""


# --------------------------------------------------------------------------------------------------
# Numbers, typed as texts: how many there must be follows from the answer.


class OneOrPerFeature(PerFeature):
    """One exact number a feature; where one stands alone, it is that of each."""


class PerDimension(tuple[sympy.Expr, ...]):
    """A row of W."""


class Matrix(tuple["Vector", ...]):
    """W, one row a feature."""


class Values(tuple[sympy.Expr, ...]):
    """As many numbers as are asked for."""


def _reader(answer: AnswerKind) -> Reader:
    """What makes numbers of texts, and features of numbers, in a check for this answer."""
    n, m = (answer.features, answer.dimensions) if isinstance(answer, ModelAnswer) else (0, 0)
    length = answer.length if isinstance(answer, VectorAnswer) else 1
    size = 2 if isinstance(answer, IntervalAnswer) else length

    def read(kind: Any, given: Any) -> object:
        if kind is Feature:
            return _feature(given, n)
        if not isinstance(given, str):
            raise TypeError(given)  # msgspec then says where, and ``tables`` what it must be
        if kind is sympy.Expr:
            return parse_scalar(given)
        if kind is Matrix:
            return Matrix(parse_matrix(given, n, m))
        if kind is OneOrPerFeature and len(each := parse_vector(given)) == 1:
            return OneOrPerFeature(each * n)
        return kind(parse_vector(given, {PerDimension: m, Values: size}.get(kind, n)))

    return read


def _feature(given: Any, n: int) -> Feature:
    if type(given) is not int:
        raise TypeError(given)
    if not 1 <= given <= n:
        raise TableError("wrong_value", "", f"a feature is a number from 1 to {n}, not {given}.")
    return Feature(given)


# --------------------------------------------------------------------------------------------------
# Tables whose check is another record than they are.


class _SetTable(TaggedCheck, tag="reconstructs-set"):
    """Pieces as they are written, or all inputs with at most ``sparse`` features on."""

    pieces: Texts = ()
    sparse: Count | None = None
    features: tuple[Feature, ...] | None = None

    def check(self, answer: ModelAnswer) -> ReconstructsSet:
        n, k = answer.features, self.sparse
        if bool(self.pieces) == (k is not None):
            said = 'either "pieces" or "sparse" must be given.'
            raise TableError("missing_key", "pieces", said)
        if k is not None and k > n:
            raise TableError("wrong_value", "sparse", f"there are {n} features in all.")
        features = tuple(range(1, n + 1)) if self.features is None else self.features
        if not features or len(set(features)) < len(features):
            raise TableError("wrong_value", "features", '"features" must name some, each once.')
        pieces = []
        for i, text in enumerate(self.pieces if k is None else _sparse(n, k), 1):
            try:
                pieces.append(_piece(text, n))
            except InputError as error:
                raise TableError("unreadable", f"pieces[{i}]", error.message) from error
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


class _LossTable(TaggedCheck, tag="loss-at-most"):
    """The highest loss that passes, outright or as a factor of the best there is."""

    bound: sympy.Expr | None = None
    factor: sympy.Expr | None = None
    best: sympy.Expr | None = None
    sparsity: Text | None = None
    distribution: Literal["independent", "one-active", "correlated", "anticorrelated"] = (
        "independent"
    )
    sets: Texts = ()
    importance: OneOrPerFeature | None = None

    def check(self, answer: ModelAnswer) -> LossAtMost:
        importance = self.importance or (sympy.Integer(1),) * answer.features
        distribution = self._distribution(answer.features)
        if self.bound is not None:
            self._without('"bound" stands without', "factor", "best")
            if sign(self.bound) < 0:
                said = f"no model loses less than 0, so not {self.bound}."
                raise TableError("wrong_value", "bound", said)
            return LossAtMost(distribution, importance, self.bound)
        if self.factor is None or self.best is None:
            raise TableError("missing_key", "bound", 'give "bound", or "factor" and "best".')
        positive("best", self.best)
        if sign(self.factor - 1) < 0:
            said = f"no model loses {self.factor} times the best."
            raise TableError("wrong_value", "factor", said)
        return LossAtMost(distribution, importance, self.factor * self.best, self.best)

    def _distribution(self, n: int) -> Distribution:
        if self.distribution == "one-active":
            self._without("one-active inputs have no", "sparsity", "sets")
            return OneActive(n)
        if self.sparsity is None:
            raise TableError("missing_key", "sparsity", 'the key "sparsity" is missing.')
        if self.distribution == "independent":
            self._without("independent features have no", "sets")
        elif not self.sets:
            raise TableError("missing_key", "sets", 'the key "sets" is missing.')
        made: Distribution
        try:
            sets = [tuple(map(int, part.split())) for part in self.sets]
            match self.distribution:
                case "independent":
                    made = SparseUniform(self.sparsity)
                case "correlated":
                    made = Correlated(sets, self.sparsity)
                case _:
                    made = Anticorrelated(sets, self.sparsity)
            made.blocks(n)
        except ValueError as error:  # an InputError, or what int says
            raise TableError("unreadable", "sparsity", str(error)) from error
        return made

    def _without(self, what: str, *keys: str) -> None:
        for key in keys:
            if getattr(self, key) not in (None, ()):
                raise TableError("unknown_key", key, f'{what} "{key}".')


class _FixedRow(Table):
    feature: Feature
    row: PerDimension


class _ModelTable(TaggedCheck, tag="same-model"):
    W: Matrix
    b: OneOrPerFeature
    rows: tuple[_FixedRow, ...] = ()

    def check(self, answer: ModelAnswer) -> SameModel:
        rows = tuple((each.feature, each.row) for each in self.rows)
        return SameModel(ToyModel(self.W, self.b, answer.activation), rows)


class _EqualsTable(TaggedCheck, tag="equals"):
    value: Values

    def check(self, answer: AnswerKind) -> Equals:
        return Equals(self.value, isinstance(answer, IntervalAnswer))


class _BracketsTable(TaggedCheck, tag="brackets"):
    value: Text  # how it is written says to how many places it is known
    width: sympy.Expr

    def check(self, _: AnswerKind) -> Brackets:
        try:
            value = parse_scalar(self.value)
        except InputError as error:
            raise TableError("unreadable", "value", error.message) from error
        decimal = _ROUNDED.fullmatch(self.value.strip())
        return Brackets(value, positive("width", self.width), len(decimal[1]) if decimal else None)


class _ChosenTable(TaggedCheck, tag="chosen"):
    claim: Text
    reason: Text = ""

    def check(self, answer: ChoiceAnswer) -> Chosen:
        if answer.reasons and not self.reason:
            raise TableError("missing_key", "reason", 'the key "reason" is missing.')
        given = (("claim", self.claim, answer.letters), ("reason", self.reason, answer.numbers))
        for key, chosen, options in given:
            if chosen and chosen not in options:
                listed = " or ".join(f'"{option}"' for option in options) or "left out"
                raise TableError("wrong_value", key, f'"{key}" must be {listed}, not "{chosen}".')
        return Chosen(self.claim, self.reason)


TABLES: Mapping[type, Any] = {
    ModelAnswer: ReconstructsInput | _SetTable | _LossTable | HasGeometry | _ModelTable,
    NumberAnswer: _EqualsTable,
    VectorAnswer: _EqualsTable,
    IntervalAnswer: _EqualsTable | _BracketsTable,
    ChoiceAnswer: _ChosenTable,
}
"""The tables that ``[check]`` can be, by the kind of answer."""


def check_of(table: FileTable, answer: AnswerKind) -> Check:
    """The check that a table describes, for an answer of this kind.

    Errors: ``AuthorError`` with the file and the key at fault.
    """
    found = table.convert(TABLES[type(answer)], _reader(answer))
    if isinstance(found, ReconstructsInput | HasGeometry):
        return found
    with table.naming():
        check: Check = found.check(answer)
    return check
