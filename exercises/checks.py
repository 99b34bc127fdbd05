"""What an answer must have: a record a kind of check, and how a table ``[check]`` says it.

All of them are properties: any answer that has the property passes, whatever the way to it. A
check is read from its table as it stands or, where it is another record than that, made by the
``check`` of a ``_…Table``. ``checking`` decides them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from exercises.circuit_checks import CircuitCheck
from exercises.circuit_tables import circuit_check_of
from exercises.exercise import (
    AnswerKind,
    AsManyAsAsked,
    ChoiceAnswer,
    Feature,
    IntervalAnswer,
    MatricesAnswer,
    ModelAnswer,
    NumberAnswer,
    OneOrPerFeature,
    PerDimension,
    PerFeature,
    RowPerFeature,
    VectorAnswer,
    reader,
)
from exercises.input_pieces import Hull, read_piece
from exercises.tables import (
    Count,
    FileTable,
    TableError,
    TableRecord,
    TaggedCheck,
    Text,
    Texts,
)
from handcalc.errors import InputError
from handcalc.numbers.exact import sign
from handcalc.parsing import parse_scalar
from handcalc.superposition.loss.distribution import (
    KINDS,
    Distribution,
    DistributionName,
    SparseUniform,
)
from handcalc.superposition.model.toy_model import ToyModel

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector


_ROUNDED = re.compile(r"[-−]?\d*\.(\d{15,})")
"""A decimal that counts as rounded, with its places."""


# --------------------------------------------------------------------------------------------------
# Checks of a model.


class ReconstructsInput(TaggedCheck, tag="reconstructs-input"):
    """x̂ᵢ = xᵢ for each feature i of this one input x, of length n."""

    x: PerFeature


@dataclass(frozen=True, slots=True)
class ReconstructsSet:
    """x̂ᵢ = xᵢ for every input of each piece, and each i of the piece's ``features``."""

    pieces: tuple[Hull, ...]

    @property
    def features(self) -> tuple[int, ...]:
        """The outputs that are asked of any piece."""
        return tuple(sorted({i for piece in self.pieces for i in piece.features}))

    def only(self, feature: int) -> ReconstructsSet:
        """The check of one output (from 1), wherever it is asked."""
        asked = (piece for piece in self.pieces if feature in piece.features)
        return ReconstructsSet(tuple(replace(piece, features=(feature,)) for piece in asked))


class _SetTable(TaggedCheck, tag="reconstructs-set"):
    """Pieces as they are written, or all inputs with at most ``sparse`` features on.

    Behind a colon stand the outputs that are asked of one piece; else all of ``features`` are.
    """

    pieces: Texts = ()
    sparse: Count | None = None
    features: tuple[Feature, ...] | None = None

    def check(self, answer: ModelAnswer) -> ReconstructsSet:
        n, k = answer.features, self.sparse
        if bool(self.pieces) == (k is not None):
            raise TableError("missing_key", "pieces", 'give either "pieces" or "sparse".')
        if k is not None and k > n:
            raise TableError("wrong_value", "sparse", f"there are {n} features in all.")
        features = tuple(range(1, n + 1)) if self.features is None else self.features
        if not features or len(set(features)) < len(features):
            raise TableError("wrong_value", "features", '"features" must name some, each once.')
        texts: Sequence[str] = self.pieces
        if k is not None:  # a face of the box for each choice of k features
            numbers = range(1, n + 1)
            texts = [
                " ".join(f"x{i}" if i in active else "0" for i in numbers)
                for active in combinations(numbers, k)
            ]
        pieces = []
        for i, text in enumerate(texts, 1):
            try:
                pieces.append(read_piece(text, n, features))
            except InputError as error:
                raise TableError("unreadable", f"pieces[{i}]", error.message) from error
        return ReconstructsSet(tuple(pieces))


@dataclass(frozen=True, slots=True)
class LossAtMost:
    """The expected loss is at most ``bound``, or what ``each`` feature loses is.

    ``best``, where given, is the best loss there is, as a decimal that is not above it by more than
    its last digit; ``bound`` is then a factor times it.
    """

    distribution: Distribution
    importance: Vector
    bound: sympy.Expr
    best: sympy.Expr | None = None
    each: bool = False


class _LossTable(TaggedCheck, tag="loss-at-most"):
    """The highest loss that passes, outright or as a factor of the best there is.

    With ``each``, an outright bound is one for every feature by itself.
    """

    bound: sympy.Expr | None = None
    factor: sympy.Expr | None = None
    best: sympy.Expr | None = None
    sparsity: Text | None = None
    distribution: DistributionName = "independent"
    sets: Texts = ()
    importance: OneOrPerFeature | None = None
    each: bool = False

    def check(self, answer: ModelAnswer) -> LossAtMost:
        importance = self.importance or (sympy.Integer(1),) * answer.features
        distribution = self._distribution(answer.features)
        if self.bound is not None:
            self._without('"bound" stands without', "factor", "best")
            if sign(self.bound) < 0:
                said = f"no model loses less than 0, so not {self.bound}."
                raise TableError("wrong_value", "bound", said)
            return LossAtMost(distribution, importance, self.bound, each=self.each)
        if self.each:
            raise TableError("missing_key", "bound", '"each" goes with a "bound".')
        if self.factor is None or self.best is None:
            raise TableError("missing_key", "bound", 'give "bound", or "factor" and "best".')
        _positive("best", self.best)
        if sign(self.factor - 1) < 0:
            said = f"no model loses {self.factor} times the best."
            raise TableError("wrong_value", "factor", said)
        return LossAtMost(distribution, importance, self.factor * self.best, self.best)

    def _distribution(self, n: int) -> Distribution:
        kind: Any = KINDS[self.distribution]
        takes = {field.name for field in fields(kind)}
        self._without(
            f"{self.distribution} features have no",
            *(key for key in ("sparsity", "sets") if key not in takes),
        )
        for key in ("sparsity", "sets"):
            if key in takes and not getattr(self, key):
                raise TableError("missing_key", key, f'the key "{key}" is missing.')
        if "n" in takes:
            made: Distribution = kind(n)
            return made
        key = "sparsity"
        try:
            SparseUniform(self.sparsity)
            key = "sets"
            sets = [tuple(map(int, part.split())) for part in self.sets]
            made = kind(*([sets] if "sets" in takes else []), self.sparsity)
            made.blocks(n)
        except ValueError as error:  # an InputError, or what int says
            raise TableError("unreadable", key, str(error)) from error
        return made

    def _without(self, what: str, *keys: str) -> None:
        for key in keys:
            if getattr(self, key) not in (None, ()):
                raise TableError("unknown_key", key, f'{what} "{key}".')


class Angle(TableRecord):
    """cos of the angle between two embeddings (features from 1, both not zero)."""

    features: tuple[Feature, Feature]
    cosine: sympy.Expr

    def __post_init__(self) -> None:
        if self.features[0] == self.features[1]:
            raise TableError("wrong_value", "features", "an angle is between two features.")
        if sign(1 - self.cosine**2) < 0:
            said = f"a cosine is from -1 to 1, not {self.cosine}."
            raise TableError("wrong_value", "cosine", said)


class Length(TableRecord):
    """‖Wᵢ‖ of a feature (from 1)."""

    feature: Feature
    length: sympy.Expr

    def __post_init__(self) -> None:
        _positive("length", self.length)


class HasGeometry(TaggedCheck, tag="geometry"):
    """Angles between rows of W, and lengths of rows."""

    angles: tuple[Angle, ...] = ()
    lengths: tuple[Length, ...] = ()

    def __post_init__(self) -> None:
        if not self.angles and not self.lengths:
            raise TableError("missing_key", "angles", 'give "angles", "lengths", or both.')


@dataclass(frozen=True, slots=True)
class SameModel:
    """The same model as a given one, up to rotation and reflection, with some rows of W fixed.

    ``rows`` holds features (from 1) with the row that each must have.
    """

    model: ToyModel
    rows: tuple[tuple[int, Vector], ...] = ()


class _FixedRow(TableRecord):
    feature: Feature
    row: PerDimension


class _ModelTable(TaggedCheck, tag="same-model"):
    W: RowPerFeature
    b: OneOrPerFeature
    rows: tuple[_FixedRow, ...] = ()

    def check(self, answer: ModelAnswer) -> SameModel:
        rows = tuple((each.feature, each.row) for each in self.rows)
        return SameModel(ToyModel(self.W, self.b, answer.activation), rows)


# --------------------------------------------------------------------------------------------------
# Checks of anything else.


@dataclass(frozen=True, slots=True)
class Equals:
    """The number (length 1), the vector, or the two ends of the interval are these."""

    value: Vector
    is_interval: bool = False


class _EqualsTable(TaggedCheck, tag="equals"):
    value: AsManyAsAsked

    def check(self, answer: AnswerKind) -> Equals:
        return Equals(self.value, isinstance(answer, IntervalAnswer))


@dataclass(frozen=True, slots=True)
class Brackets:
    """The interval holds ``value`` strictly between its ends, which are at most ``width`` apart.

    ``places`` says to how many decimal places a rounded value is known; None where it is exact.
    """

    value: sympy.Expr
    width: sympy.Expr
    places: int | None = None


class _BracketsTable(TaggedCheck, tag="brackets"):
    value: Text  # how it is written says to how many places it is known
    width: sympy.Expr

    def check(self, _: AnswerKind) -> Brackets:
        try:
            value = parse_scalar(self.value)
        except InputError as error:
            raise TableError("unreadable", "value", error.message) from error
        decimal = _ROUNDED.fullmatch(self.value.strip())
        return Brackets(value, _positive("width", self.width), len(decimal[1]) if decimal else None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The right claim, by letter, and the right reason, by number; "" where none is asked for."""

    claim: str
    reason: str = ""


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


# --------------------------------------------------------------------------------------------------
# From a table to a check.


Check: TypeAlias = (
    ReconstructsInput
    | ReconstructsSet
    | LossAtMost
    | HasGeometry
    | SameModel
    | Equals
    | Brackets
    | Chosen
    | CircuitCheck
)


TABLES: Mapping[type, Any] = {
    ModelAnswer: ReconstructsInput | _SetTable | _LossTable | HasGeometry | _ModelTable,
    NumberAnswer: _EqualsTable,
    VectorAnswer: _EqualsTable,
    IntervalAnswer: _EqualsTable | _BracketsTable,
    ChoiceAnswer: _ChosenTable,
}
"""The tables that ``[check]`` can be, by the kind of answer."""


def check_of(table: FileTable, answer: AnswerKind, circuit: FileTable | None = None) -> Check:
    """The check that a table describes, for an answer of this kind; matrices go into a circuit.

    Errors: ``AuthorError`` with the file and the key at fault.
    """
    if isinstance(answer, MatricesAnswer):
        return circuit_check_of(table, answer, circuit)
    if circuit is not None:
        raise circuit.fault("unknown_key", "", "a circuit belongs to an answer of matrices.")
    found = table.convert(TABLES[type(answer)], reader(answer))
    if isinstance(found, ReconstructsInput | HasGeometry):
        return found
    with table.naming():
        check: Check = found.check(answer)
    return check


def _positive(key: str, number: sympy.Expr) -> sympy.Expr:
    """The number that is under a key, refused unless it is above 0. Errors: ``TableError``."""
    if sign(number) <= 0:
        raise TableError("wrong_value", key, f'"{key}" must be above 0, not {number}.')
    return number
