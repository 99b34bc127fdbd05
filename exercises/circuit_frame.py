"""The model into which an answer is put: a table ``[circuit]`` with places for its matrices.

A place is written "answer W_OV", where any matrix of a model may stand, or rows or a part of a row
of it. The model is written out as for ``handcalc circuit --file``, or it is that of a named circuit
with matrices replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy

from exercises.exercise import MatricesAnswer
from exercises.matrices import NamedMatrices
from exercises.tables import Count, FileTable, TableError, TableRecord, Text
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.listing import circuit
from handcalc.circuits.reading import FOUR, KEYS, TWO, model_of, outer_matrices
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.inputs.named_matrices import read_named
from handcalc.numbers.exact import sign
from handcalc.parsing import parse_vector
from handcalc.wording import joined

_PLACE = re.compile(r"\banswer\s+([A-Za-z]\w*)")
_OUTER = ("W_E", "W_U", "W_pos")


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """Where a matrix of the answer is put in, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in bands below each other, each of numbers and places beside each other.

    >>> blocks = Blocks((((sympy.Integer(0),), AnswerPlace("W_O")),))
    >>> blocks.filled(NamedMatrices((("W_O", ((1, 2),)),)))
    ((0, 1, 2),)
    """

    bands: tuple[tuple[Vector | AnswerPlace, ...], ...]

    @property
    def pieces(self) -> tuple[Vector | AnswerPlace, ...]:
        """All of its numbers and places."""
        return tuple(piece for band in self.bands for piece in band)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the answer's matrices in it."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, AnswerPlace))

    @property
    def is_one_alone(self) -> bool:
        """Whether one matrix of the answer stands in it and zeros, so that they grow together."""
        numbers = (piece for piece in self.pieces if not isinstance(piece, AnswerPlace))
        return len(set(self.names)) == 1 and not any(map(sign, sum(numbers, ())))

    def filled(self, answer: NamedMatrices) -> Matrix:
        """The matrix with an answer in it. Errors: ``InputError`` where pieces are not as high."""
        rows: list[Vector] = []
        for band in self.bands:
            pieces = [
                answer[piece.name] if isinstance(piece, AnswerPlace) else (piece,) for piece in band
            ]
            if len({len(piece) for piece in pieces}) > 1:
                heights = joined([len(piece) for piece in pieces])
                said = f"what stands beside each other has {heights} rows, and must be as high."
                raise InputError("wrong_shape", said)
            rows += [sum(parts, ()) for parts in zip(*pieces, strict=True)]
        return tuple(rows)


Part: TypeAlias = "Matrix | Blocks"


@dataclass(frozen=True, slots=True)
class FrameHead:
    """A head of the model: its layer, counted from 1, and its matrices by their names."""

    layer: int
    parts: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class CircuitFrame:
    """A model with places for the matrices of an answer: ``outer`` are W_E, W_U and W_pos.

    >>> table = {"W_E": "1 0; 0 1", "W_U": "1 0; 0 1", "heads": []}
    >>> head = {"layer": 1, "W_QK": "0 0; 0 0", "W_OV": "answer W_OV"}
    >>> from exercises.exercise import NamedMatrix
    >>> asked = MatricesAnswer((NamedMatrix("W_OV", 2, 2),))
    >>> frame = frame_of(FileTable("", {**table, "heads": [head]}), asked)
    >>> answer = NamedMatrices((("W_OV", ((2, 0), (0, 2))),))
    >>> frame.model(answer).layers[0][0].W_OV, frame.places["W_OV"]
    (((2, 0), (0, 2)), ('W_OV',))
    """

    outer: tuple[tuple[str, Part], ...]
    heads: tuple[FrameHead, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def model(self, answer: NamedMatrices) -> AttentionOnly:
        """The model with an answer in it. Errors: ``InputError`` for one that cannot be built."""

        def filled(parts: Sequence[tuple[str, Part]]) -> dict[str, Any]:
            return {
                name: part.filled(answer) if isinstance(part, Blocks) else part
                for name, part in parts
            }

        heads = [{"layer": head.layer, **filled(head.parts)} for head in self.heads]
        return model_of({**filled(self.outer), **dict(self.options), "heads": heads})

    @property
    def is_multiplied_by_answer(self) -> bool:
        """Whether every matrix with one of the answer's in it is as many times as large as that."""
        parts = (part for _, part in self._all_parts() if isinstance(part, Blocks))
        return all(part.is_one_alone for part in parts)

    @property
    def first_layer(self) -> int | None:
        """The lowest layer with a matrix of the answer in one of its heads; None without one."""
        return min(
            (
                head.layer
                for head in self.heads
                if any(isinstance(part, Blocks) for _, part in head.parts)
            ),
            default=None,
        )

    @property
    def places(self) -> Mapping[str, tuple[str, ...]]:
        """For each name of the answer, as which matrices of the model it stands."""
        found: dict[str, tuple[str, ...]] = {}
        for key, part in self._all_parts():
            for name in part.names if isinstance(part, Blocks) else ():
                found[name] = (*found.get(name, ()), key)
        return found

    def _all_parts(self) -> Iterator[tuple[str, Part]]:
        yield from self.outer
        for head in self.heads:
            yield from head.parts


def frame_of(table: FileTable, asked: MatricesAnswer) -> CircuitFrame:
    """The frame that a table ``[circuit]`` describes. Errors: ``AuthorError`` with file and key."""
    with table.naming():
        content = table.values if isinstance(table.values, Mapping) else {}
        found = _named_frame(table) if "name" in content else _written_frame(content)
        _check_places(found, asked)
        try:
            found.model(zeros(asked))
        except InputError as error:
            raise TableError("unreadable", "", error.message) from error
    return found


def zeros(asked: MatricesAnswer) -> NamedMatrices:
    """The answer with nothing in it."""
    zero = sympy.Integer(0)
    return NamedMatrices(
        tuple((each.name, ((zero,) * each.columns,) * each.rows) for each in asked.matrices)
    )


def _check_places(frame: CircuitFrame, asked: MatricesAnswer) -> None:
    for name in frame.places:
        if name not in asked.names:
            said = f'"answer {name}" stands in it, and no matrix of that name is asked for.'
            raise TableError("unknown_name", "", said)
    for name in asked.names:
        if name not in frame.places:
            said = f'{name} is asked for; write "answer {name}" where it is to be put in.'
            raise TableError("missing_key", "", said)


# --------------------------------------------------------------------------------------------------
# A model that is written out.


def _written_frame(content: Mapping[str, Any]) -> CircuitFrame:
    for key in content:
        if key not in KEYS or key == "layers":
            said = f'there is no key "{key}" here; the keys are name, {", ".join(_keys())}.'
            raise TableError("unknown_key", key, said)
    for key in ("W_E", "W_U"):
        if key not in content:
            raise TableError("missing_key", key, f'the key "{key}" is missing.')
    outer = tuple((key, _part(content[key], key)) for key in _OUTER if key in content)
    heads = content.get("heads", [])
    if not isinstance(heads, list) or not all(isinstance(head, dict) for head in heads):
        raise TableError("wrong_type", "heads", '"heads" must be tables [[circuit.heads]].')
    made = tuple(_written_head(head, f"heads[{i}]") for i, head in enumerate(heads, 1))
    options = tuple(
        (key, content[key]) for key in ("vocabulary", "softmax", "scale") if key in content
    )
    return CircuitFrame(outer, made, options)


def _keys() -> list[str]:
    return [key for key in KEYS if key != "layers"]


def _written_head(head: Mapping[str, Any], where: str) -> FrameHead:
    layer, parts = head.get("layer"), {key: head[key] for key in head if key != "layer"}
    if type(layer) is not int:
        raise TableError("wrong_type", f"{where}.layer", '"layer" must be a whole number.')
    if set(parts) not in (set(FOUR), set(TWO)):
        said = "a head has W_Q, W_K, W_V and W_O, or W_QK and W_OV."
        raise TableError("wrong_value", where, said)
    return FrameHead(
        layer, tuple((key, _part(each, f"{where}.{key}")) for key, each in parts.items())
    )


def _part(given: object, key: str) -> Part:
    """A matrix, or the place of one."""
    try:
        if isinstance(given, str) and _PLACE.search(given):
            return Blocks(tuple(map(_band, given.split(";"))))
        return read_named(given, key.rpartition(".")[2])
    except InputError as error:
        raise TableError("unreadable", key, error.message) from error


def _band(text: str) -> tuple[Vector | AnswerPlace, ...]:
    """Numbers, and places between them. Errors: ``InputError``."""
    pieces: list[Vector | AnswerPlace] = []
    end = 0
    for found in [*_PLACE.finditer(text), None]:
        numbers = text[end : found.start() if found else len(text)]
        if numbers.strip():
            pieces.append(parse_vector(numbers))
        if found:
            pieces.append(AnswerPlace(found[1]))
            end = found.end()
    if not pieces:
        said = "A band between two semicolons is empty: give it numbers or a place, or leave it out"
        raise InputError("empty", f"{said}.")
    return tuple(pieces)


# --------------------------------------------------------------------------------------------------
# A named circuit with matrices replaced.


class _Replacement(TableRecord, rename={"given": "with"}):
    """A matrix of a named circuit, and what stands in its place; W_E, W_U, W_pos have no layer."""

    matrix: Text
    given: Text
    layer: Count | None = None
    head: Count | None = None


class _NamedTable(TableRecord):
    name: Text
    replace: tuple[_Replacement, ...]
    sizes: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if "name" in (self.sizes or {}):  # which ``circuit`` takes, and is no size
            raise TableError(
                "unknown_key", "sizes.name", "the name of a circuit is none of its sizes."
            )


def _named_frame(table: FileTable) -> CircuitFrame:
    record: _NamedTable = table.convert(_NamedTable)
    try:
        model = circuit(record.name, **(record.sizes or {})).model
    except InputError as error:
        raise TableError("unknown_name", "name", error.message) from error
    outer: dict[str, Part] = {**outer_matrices(model)}
    heads: dict[tuple[int, int], dict[str, Part]] = {}
    for i, layer in enumerate(model.layers, 1):
        for k, head in enumerate(layer, 1):
            own = head.matrices if head.factored else {"W_QK": head.W_QK, "W_OV": head.W_OV}
            heads[i, k] = {**own}
    for number, each in enumerate(record.replace, 1):
        _replace(outer, heads, each, f"replace[{number}]")
    options = (
        ("vocabulary", model.vocabulary),
        ("softmax", model.softmax.name),
        *((("scale", model.scale),) if model.scale else ()),
    )
    made = tuple(FrameHead(layer, tuple(parts.items())) for (layer, _), parts in heads.items())
    return CircuitFrame(tuple(outer.items()), made, options)


def _replace(
    outer: dict[str, Part],
    heads: Mapping[tuple[int, int], dict[str, Part]],
    each: _Replacement,
    where: str,
) -> None:
    target = outer
    if each.matrix not in _OUTER:
        at = (each.layer or 1, each.head or 1)
        if at not in heads:
            listed = ", ".join(f"{layer}.{head}" for layer, head in heads) or "none"
            said = f"there is no head {at[0]}.{at[1]}; the heads are {listed}."
            raise TableError("wrong_value", f"{where}.layer", said)
        target = heads[at]
    if each.matrix not in target:
        said = f'there is no "{each.matrix}" there; the matrices are {", ".join(target)}.'
        raise TableError("wrong_value", f"{where}.matrix", said)
    target[each.matrix] = _part(each.given, f"{where}.with")
