"""What a learner typed, or has in a file, and what it means: reading only, no judgement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from exercises.exercise import (
    AnswerKind,
    ChoiceAnswer,
    IntervalAnswer,
    MatricesAnswer,
    ModelAnswer,
    NumberAnswer,
    Solution,
    VectorAnswer,
    WrongAnswer,
)
from exercises.matrices import (
    NamedMatrices,
    parts_of_mapping,
    parts_of_text,
    read_part,
    without_names,
)
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector, read_vector
from handcalc.numbers.exact import join_text
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.parsing.named_texts import NamedText, named_texts
from handcalc.parsing.parse import typed_decimals as parsed_decimals
from handcalc.superposition.model.toy_model import FROM_FLOATS, ToyModel

Typed: TypeAlias = "str | object"
"""A text as one types it, or whatever else ``ToyModel`` and ``handcalc.exact`` take."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A claim by its letter, and a reason by its number, "" where none is asked for."""

    claim: str
    reason: str = ""


Value: TypeAlias = ToyModel | Vector | Choice | NamedMatrices

Decimals: TypeAlias = "tuple[Decimal | None, ...]"
"""For each number of an answer, the decimal that it was written as, if it was."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed, part by part, and either what it means or why it could not be read.

    Where it can be read and not be decided, it has both a ``value`` and an ``error``.

    A model is typed in the parts "W" and "b", matrices by their names, anything else in the part
    "answer"; None stands for a b that was left out or left blank, so that zeros were taken.
    ``value`` is a model, the numbers (one for a number, two for an interval), a choice, or
    matrices. ``where`` is the part that ``error`` is about.
    """

    typed: Mapping[str, str | None]
    value: Value | None = None
    error: InputError | None = None
    where: str | None = None

    @property
    def model(self) -> ToyModel | None:
        """The model that was typed, if a model was asked for and could be read."""
        return self.value if isinstance(self.value, ToyModel) else None


def read(asked: AnswerKind, typed: Mapping[str, Typed | None]) -> Answer:
    """Read an answer of the kind that is asked for; nothing is raised for one that is no answer.

    >>> asked = ModelAnswer(3, 2, "relu")
    >>> read(asked, {"W": "1 0; 0 1; 0 0", "b": "1/4"}).model.b
    (1/4, 1/4, 1/4)
    >>> answer = read(asked, {"W": "1 0 0; 0 1 0"})
    >>> answer.where, answer.error.code
    ('W', 'transposed')
    >>> read(IntervalAnswer("S"), {"answer": "0 1/2"}).value
    (0, 1/2)
    >>> read(ChoiceAnswer(("Yes.", "No."), ("It is.", "It is not.")), {"answer": "b 2"}).value
    Choice(claim='b', reason='2')
    """
    if isinstance(asked, ModelAnswer):
        W, b = typed.get("W"), typed.get("b")
        if W is None and typed.get("answer") is not None:
            error = InputError("empty", "This exercise asks for W and b, and not for answer=….")
            return Answer({"W": "", "b": None}, error=error, where="W")
        return _read_model(asked, "" if W is None else W, b)
    if isinstance(asked, MatricesAnswer):
        return _read_matrices(asked, typed)
    given = typed.get("answer")
    raw = {"answer": "" if given is None else _show(given)}
    try:
        return Answer(raw, _value(asked, given))
    except InputError as error:
        return Answer(raw, error=error, where="answer")


@lru_cache(maxsize=256)  # those of a few exercises: one grading asks for the same ones again
def read_listed(asked: AnswerKind, listed: Solution | WrongAnswer) -> Value | None:
    """The value of an answer that an exercise lists, right or wrong; None if it cannot be read.

    >>> from exercises.course import load
    >>> exercise = load("best-bias-dense")
    >>> read_listed(exercise.answer, exercise.key().solutions[0])
    (1/2,)
    """
    return read(asked, listed.typed).value


def typed_decimals(asked: AnswerKind, typed: Mapping[str, Typed | None]) -> Decimals:
    """How the numbers of an answer were written, in the order of W's rows and then of b.

    None stands for what is no decimal: only decimals may have been rounded. For answers that could
    be read; numbers that come from arrays and models count as exact.

    >>> asked = ModelAnswer(2, 1, "relu")
    >>> typed_decimals(asked, {"W": "0.71; 1", "b": ".5"})
    (Decimal('0.71'), None, Decimal('0.5'), Decimal('0.5'))
    """
    if isinstance(asked, MatricesAnswer):
        return _decimals_of_matrices(asked, typed)
    if not isinstance(asked, ModelAnswer):
        return _decimals(typed.get("answer"), None)
    n, m = asked.features, asked.dimensions
    W, b = _decimals(typed.get("W"), (n, m)), _decimals(typed.get("b"), n)
    return (W or (None,) * (n * m)) + (b * n if len(b) == 1 else b or (None,) * n)


def _decimals_of_matrices(asked: MatricesAnswer, typed: Mapping[str, object]) -> Decimals:
    try:
        parts = _by_name(asked, typed)
    except InputError:
        return ()
    found: Decimals = ()
    for matrix in asked.matrices:
        size = matrix.rows * matrix.columns
        own = _decimals(parts.get(matrix.name), (matrix.rows, matrix.columns))
        found += own if len(own) == size else (None,) * size
    return found


def _decimals(given: object, shape: tuple[int, int] | int | None) -> Decimals:
    """Those of a text, of a Decimal, or of a list of them; () where it is nothing like these."""
    if isinstance(given, str):
        return parsed_decimals(given, shape) if given.strip() else ()
    if isinstance(given, Decimal):
        return (given if int(given.as_tuple().exponent) < 0 else None,)
    if isinstance(given, list | tuple):
        return tuple(each for cell in given for each in _decimals(cell, None) or (None,))
    return ()


def _value(
    asked: NumberAnswer | IntervalAnswer | VectorAnswer | ChoiceAnswer, given: object
) -> Value:
    if given is None:
        raise InputError("empty", "This exercise asks for answer=…, and not for W and b.")
    if isinstance(asked, ChoiceAnswer):
        return _choice(asked, given)
    if isinstance(asked, NumberAnswer):
        return _numbers(given, 1)
    if isinstance(asked, VectorAnswer):
        return _numbers(given, asked.length)
    lower, upper = _numbers(given, 2)
    return lower, upper


def _numbers(given: object, length: int) -> Vector:
    """So many numbers; unlike in b, one number never stands for all."""
    if isinstance(given, str):
        try:
            values: Vector = parse_vector(given, length)
        except InputError as error:
            if error.code != "wrong_shape":
                raise
            values = parse_vector(given)  # then how many there are is said below
    else:
        values = read_vector(given, "the answer")
    if len(values) != length:
        numbers = "One number is" if length == 1 else f"{length} numbers are"
        raise InputError("wrong_shape", f"{numbers} asked for, not {len(values)}.")
    return values


def _choice(asked: ChoiceAnswer, given: object) -> Choice:
    """A letter and a number, however they are set apart, and whichever comes first."""
    text = given if isinstance(given, str) else str(given)
    parts = re.findall(r"[a-z]+|[0-9]+", text.lower())
    claims = [part for part in parts if part in asked.letters]
    reasons = [part for part in parts if part in asked.numbers]
    if len(parts) == 1 + bool(asked.reasons) and len(claims) == 1:
        if not asked.reasons:
            return Choice(claims[0])
        if len(reasons) == 1:
            return Choice(claims[0], reasons[0])
    letters = f"a letter from {asked.letters[0]} to {asked.letters[-1]}"
    example = asked.letters[0]
    if asked.reasons:
        letters += f" and the number of a reason, from 1 to {asked.numbers[-1]}"
        example += " 1"
    raise InputError(
        "no_choice", f'The answer is {letters}, as in "{example}", not {_show(given)!r:.40}.'
    )


def _read_matrices(asked: MatricesAnswer, typed: Mapping[str, Typed | None]) -> Answer:
    """Matrices by their names; all of them in one text or mapping where that is in "answer"."""
    raw = {name: _show(given) for name, given in typed.items() if given is not None}
    try:
        parts = _by_name(asked, typed)
    except InputError as error:
        return Answer(raw, error=error, where="answer")
    raw = {name: _show(parts.get(name) or "") for name in asked.names}
    found = []
    for matrix in asked.matrices:
        try:
            found.append((matrix.name, read_part(matrix, parts.get(matrix.name))))
        except InputError as error:
            return Answer(raw, error=error, where=matrix.name)
    return Answer(raw, NamedMatrices(tuple(found)))


def _by_name(asked: MatricesAnswer, typed: Mapping[str, object]) -> Mapping[str, object]:
    given = typed.get("answer")
    if given is None:
        return typed
    if isinstance(given, str) and given.strip():
        return parts_of_text(given, asked)
    if isinstance(given, Mapping):
        return parts_of_mapping(given, asked)
    if isinstance(given, NamedMatrices):
        return dict(given.parts)
    if len(asked.names) == 1:
        return {asked.names[0]: given}
    if not isinstance(given, str):
        raise without_names(asked)
    return {}


def _read_model(asked: ModelAnswer, W: Typed, b: Typed | None) -> Answer:
    bias = None if isinstance(b, str) and not b.strip() else b
    raw = {"W": _show(W), "b": None if bias is None else _show(bias)}
    try:
        rows = _weights(asked, W, bias)
    except InputError as error:
        return Answer(raw, error=error, where="W")
    if isinstance(W, ToyModel):
        return Answer(raw, W)
    try:
        numbers: Vector | None = None
        if isinstance(bias, str):
            numbers = parse_vector(bias, asked.features)
        elif bias is not None:
            numbers = read_vector(bias, "b", FROM_FLOATS)
        return Answer(raw, ToyModel.exactly(rows, numbers, asked.activation))
    except InputError as error:
        return Answer(raw, error=error, where="W" if bias is None else "b")


def _weights(asked: ModelAnswer, W: Typed, b: Typed | None) -> Matrix:
    """The rows of W, which may be a whole model with a b of its own."""
    rows, columns = asked.features, asked.dimensions
    if isinstance(W, str):
        return parse_matrix(W, rows, columns)
    model = W if isinstance(W, ToyModel) else ToyModel(W)
    if model is W:
        if b is not None:
            raise InputError(
                "unused_argument", "A whole model has a b of its own; give one of them."
            )
        if model.activation != asked.activation:
            raise InputError(
                "activation",
                f"This exercise asks for a model that is {asked.activation}, not "
                f"{model.activation}; "
                f'type ToyModel(W, b, activation="{asked.activation}").',
            )
    if (model.n, model.m) == (columns, rows) and rows != columns:
        turned = "; ".join(join_text(column) for column in zip(*model.W, strict=True))
        raise InputError(
            "transposed",
            f"W must have one row per feature ({rows} × {columns}), not {columns} × {rows}; "
            f'this looks transposed: type "{turned}".',
            suggestion=turned,
        )
    if (model.n, model.m) != (rows, columns):
        raise InputError(
            "wrong_shape",
            f"W must be {rows} × {columns}, a row for each feature and a column for each hidden "
            f"dimension, not {model.n} × {model.m}.",
        )
    return model.W


def _show(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


# --------------------------------------------------------------------------------------------------
# An answer in a file: which of the texts with names in it are the parts that are asked for.


_ABOUT_LINES = "Leave out what is no part of the answer, or put # before its line."


def answer_parts(text: str, asked: AnswerKind, example: str = "1 1; 0 2; 0 0") -> dict[str, str]:
    r"""The parts of an answer as they stand in a file: "W" and "b", matrices by name, or "answer".

    A model is ``W = …`` and ``b = …``, and matrices stand behind their names; anything else is a
    text, ``answer =`` before it or not.
    Comments, code fences, JSON, YAML, and assignments of Python, MATLAB and LaTeX are known.
    ``example`` is a W to show where there is none. Errors: ``InputError`` with code
    ``not_an_answer`` where something else stands in it, or the same twice: nothing is guessed.

    >>> answer_parts("# Ada\nW = [1 0; 0 1];\nb: 0 0", ModelAnswer(2, 2, "relu")).keys()
    dict_keys(['W', 'b'])
    """
    try:
        if isinstance(asked, ModelAnswer):
            return _model_parts(named_texts(text), example)
        if isinstance(asked, MatricesAnswer):
            return parts_of_text(text, asked, example)
        if isinstance(asked, ChoiceAnswer):  # b: 1 is a claim and a reason
            parts = named_texts(text, only=["answer"])
        else:
            parts = named_texts(text)
    except InputError as error:
        if error.suggestion is None and isinstance(asked, ModelAnswer):
            error.suggestion = _suggest(example)
        raise
    return {"answer": _only(parts, getattr(asked, "name", "answer"))}


def _model_parts(parts: tuple[NamedText, ...], example: str) -> dict[str, str]:
    for part in parts:
        if not part.name:
            reason = f"it must begin with W = … or b = …. {_ABOUT_LINES}"
            raise _no_model(reason, part.row, example)
        if part.key not in ("W", "b"):
            what = f"is neither. {_ABOUT_LINES}"
            if part.key[:1] == "W" and part.key[1:].strip("^_{}\\. ") in _TRANSPOSED:
                what = "is W transposed: its rows must be the features."
            raise _no_model(f"{part.name} = … in line {part.row} {what}", part.row, example)
    names = Counter(part.key for part in parts)
    if "W" not in names:
        raise _no_model("there is no W = … in it.", None, example)
    for name, count in names.items():
        if count > 1:
            last = [part for part in parts if part.key == name][1]
            reason = f"{name} = … stands {'twice' if count == 2 else f'{count} times'} in it."
            raise _no_model(reason, last.row, example)
    return {part.key: part.alone(parts) for part in parts}


_TRANSPOSED = frozenset({"T", "ᵀ", "⊤", "'", "′", "’", "top", "intercal", "t"})


def _no_model(reason: str, row: int | None, example: str) -> InputError:
    message = f"The file holds W = … and b = …, each from a new line; {reason}"
    return InputError("not_an_answer", message, row=row, suggestion=_suggest(example))


def _suggest(example: str) -> str:
    zeros = " ".join("0" for _ in example.split(";"))
    return f"W = {example}\nb = {zeros}"


def _only(parts: tuple[NamedText, ...], name: str) -> str:
    """The one text that is an answer; W or b only where they are what is asked for."""
    if not parts:
        return ""
    named = [part for part in parts if part.key in ("answer", name)]
    first = (named or list(parts))[0]
    others = [part for part in parts if part is not first]
    for part in [*others, *([first] if first.key in {"W", "b"} - {name} else [])]:
        what = f"{part.name} = … in line {part.row}" if part.name else f"line {part.row}"
        message = f"The file holds one answer, and {what} is no part of it. {_ABOUT_LINES}"
        raise InputError("not_an_answer", message, row=part.row)
    return first.text
