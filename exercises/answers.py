"""What a learner typed, and what it means: reading only, no judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from exercises.specification import ModelAnswer
from handcalc.errors import InputError
from handcalc.number import join_text
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.superposition.toy_model import ToyModel

__all__ = ["Answer", "Typed", "read"]

Typed: TypeAlias = "str | Sequence[object]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed for W and b, and either the model that it means or why it could not be read.

    ``b`` is ``None`` where it was left out or left blank, so that zeros were taken; ``where`` is
    the one of the two that ``error`` is about.
    """

    W: str
    b: str | None
    model: ToyModel | None = None
    error: InputError | None = None
    where: Literal["W", "b"] | None = None


def read(asked: ModelAnswer, W: Typed, b: Typed | None = None) -> Answer:
    """Read W, of shape (features, dimensions), and b, of length features or one for all.

    >>> asked = ModelAnswer(3, 2, "relu")
    >>> read(asked, "1 0; 0 1; 0 0", "1/4").model.b
    (1/4, 1/4, 1/4)
    >>> answer = read(asked, "1 0 0; 0 1 0")
    >>> answer.where, answer.error.code
    ('W', 'transposed')
    """
    bias = None if isinstance(b, str) and not b.strip() else b
    raw = (_shown(W), None if bias is None else _shown(bias))
    try:
        rows = _weights(asked, W)
    except InputError as error:
        return Answer(*raw, error=error, where="W")
    try:
        return Answer(*raw, model=_with_bias(rows, bias, asked))
    except InputError as error:
        return Answer(*raw, error=error, where=None if bias is None else "b")


def _weights(asked: ModelAnswer, W: Typed) -> ToyModel:
    """A model with the weights alone."""
    rows, columns = asked.features, asked.dimensions
    if isinstance(W, str):
        return ToyModel(parse_matrix(W, rows, columns))
    model = ToyModel(_sequence("W", W))  # type: ignore[arg-type]  # ToyModel refuses what is no row
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
    return model


def _with_bias(weights: ToyModel, b: Typed | None, asked: ModelAnswer) -> ToyModel:
    if b is None:
        return ToyModel(weights.W, None, asked.activation)
    bias = parse_vector(b, asked.features) if isinstance(b, str) else _sequence("b", b)
    if isinstance(b, str) and len(bias) == 1:  # one number stands for all features
        bias = tuple(bias) * asked.features
    return ToyModel(weights.W, bias, asked.activation)


def _sequence(name: str, value: Sequence[object]) -> Sequence[object]:
    if isinstance(value, Sequence):
        return value
    raise InputError(
        "wrong_shape",
        f"{name} is a text as one types it, or a list, not a {type(value).__name__}.",
    )


def _shown(value: Typed) -> str:
    return value if isinstance(value, str) else repr(value)
