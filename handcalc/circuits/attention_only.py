"""The attention-only transformer: tokens in, heads on one residual stream, logits out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from string import ascii_lowercase
from typing import Any, Literal, TypeAlias

import sympy

from handcalc.circuits.head import Head
from handcalc.circuits.softmax import Softmax, Sparse, sparse
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Exported, Plotted
from handcalc.inputs.arguments import Matrix
from handcalc.inputs.containers import as_int
from handcalc.inputs.named_matrices import check_shape, matrix_text, read_named
from handcalc.inputs.nearest import nearest_matrix, read_bound
from handcalc.numbers.exact import elements, equal, to_float
from handcalc.numbers.field import Element, Field
from handcalc.wording import brief, counted, joined

Scale: TypeAlias = Literal["sqrt"] | None

FROM_FLOATS = "For trained weights there is AttentionOnly.from_floats(W_E, W_U, layers)."
_MOST_CELLS = 100  # of all matrices in a repr
_MOST_LISTED = 12  # words of a vocabulary in an error
_MOST_LETTERS = 60  # of the name of a token, which stands in rows and columns


@dataclass(frozen=True, slots=True)
class HeadElements:
    """A head's matrices as elements of the model's field; ``scale`` is 1 or 1/√d_head."""

    W_Q: Sparse
    W_K: Sparse
    W_V: Sparse
    W_O: Sparse
    widths: tuple[int, int]  # d_head and the width of a value
    scale: Element


@dataclass(frozen=True, slots=True)
class ModelElements:
    """A model's numbers in one field, zeros left out."""

    field: Field
    W_E: Sparse
    W_U: Sparse
    W_pos: Sparse | None
    layers: tuple[tuple[HeadElements, ...], ...]


class _WithModelElements:
    """A slot beside the fields of a model for its elements, which are worked out once."""

    __slots__ = ("_elements",)


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class AttentionOnly(_WithModelElements, Displayed, Exported, Plotted):
    """X₀ = W_E[t] + W_pos, Xₗ = Xₗ₋₁ + Σ_h A^h Xₗ₋₁ W_OV^h, logits X_L W_U; attention is causal.

    ``W_E`` has shape (d_vocab, d_model), ``W_U`` (d_model, d_vocab), ``W_pos`` (n_ctx, d_model) or
    None for no positions; ``layers`` is a list of lists of heads, empty for zero layers.
    ``vocabulary`` names the tokens, "a b c" or a list, by default a, b, c, …; ``softmax`` is
    "hard", "exp" or "base b", for attention and for the probabilities of the next token alike.
    ``scale="sqrt"`` divides scores by √d_head. Two models are equal if their numbers are, and can
    serve as keys. Errors: ``InputError`` with code ``wrong_shape``, ``transposed``, ``layers``,
    ``vocabulary``, ``softmax``, ``scale``, or that of a number or text that could not be taken.

    Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"; the paper
    writes vectors as columns, so that its matrices are these transposed.

    >>> model = AttentionOnly("1 0; 0 1", "1 0; 0 1", layers=[], vocabulary="yes no")
    >>> model.vocabulary, model.d_model, model.read_tokens("no yes no")
    (('yes', 'no'), 2, (1, 0, 1))
    """

    W_E: Matrix
    W_U: Matrix
    layers: tuple[tuple[Head, ...], ...]
    W_pos: Matrix | None
    vocabulary: tuple[str, ...]
    softmax: Softmax
    scale: Scale

    def __init__(  # noqa: PLR0913 - the parts of a model
        self,
        W_E: object,
        W_U: object,
        layers: Iterable[object] = (),
        *,
        W_pos: object = None,
        vocabulary: object = None,
        softmax: object = "base 2",
        scale: Scale = None,
    ) -> None:
        embedding = read_named(W_E, "W_E", FROM_FLOATS)
        unembedding = read_named(W_U, "W_U", FROM_FLOATS)
        d_vocab, d_model = len(embedding), len(embedding[0])
        why = f"W_E has {counted(d_vocab, 'token')} of {counted(d_model, 'number')}"
        check_shape("W_U", unembedding, (d_model, d_vocab), why)
        positions = None if W_pos is None else read_named(W_pos, "W_pos", FROM_FLOATS)
        if positions is not None:
            check_shape("W_pos", positions, (_context(positions, d_model), d_model), why)
        if scale not in (None, "sqrt"):
            raise InputError("scale", f'The scale is "sqrt" or None, not {brief(scale)}.')
        parts: dict[str, object] = {
            "W_E": embedding,
            "W_U": unembedding,
            "layers": _read_layers(layers, d_model),
            "W_pos": positions,
            "vocabulary": _read_vocabulary(vocabulary, d_vocab),
            "softmax": Softmax.of(softmax),
            "scale": scale,
        }
        for name, value in parts.items():
            object.__setattr__(self, name, value)
        self.elements()  # one field must hold the whole model

    @classmethod
    def from_floats(
        cls,
        W_E: object,
        W_U: object,
        layers: Iterable[object] = (),
        *,
        W_pos: object = None,
        max_denominator: int = 1000,
        **options: Any,
    ) -> AttentionOnly:
        """The model whose numbers are the fractions nearest to floats, as from training.

        ``layers`` has heads, as ``Head.from_floats`` makes them; ``options`` are vocabulary,
        softmax (for a trained model "exp") and scale. Errors: ``not_finite``, those of the model.

        >>> AttentionOnly.from_floats([[0.3333]], [[2.0]], softmax="exp", max_denominator=9).W_E
        ((1/3,),)
        """
        bound = read_bound(max_denominator)
        embedding, unembedding, positions = (
            None if value is None else nearest_matrix(value, bound, name)
            for name, value in (("W_E", W_E), ("W_U", W_U), ("W_pos", W_pos))
        )
        return cls(embedding, unembedding, layers, W_pos=positions, **options)

    @property
    def d_model(self) -> int:
        """The width of the residual stream."""
        return len(self.W_E[0])

    @property
    def d_vocab(self) -> int:
        """The number of tokens."""
        return len(self.W_E)

    def arrays(self) -> dict[str, Matrix]:
        """W_E, W_U, W_pos where there is one, and W_Q_1_1 … of each head by layer and place."""
        found = {"W_E": self.W_E, "W_U": self.W_U}
        if self.W_pos is not None:
            found["W_pos"] = self.W_pos
        for number, layer in enumerate(self.layers, 1):
            for place, head in enumerate(layer, 1):
                found |= {f"{k}_{number}_{place}": rows for k, rows in head.matrices.items()}
        return found

    def head(self, layer: int, head: int) -> Head:
        """A head by its layer and its number in it, both counted from 1. Errors: ``head``."""
        row, column = as_int(layer), as_int(head)
        heads = self.layers[row - 1] if row and 1 <= row <= len(self.layers) else ()
        if not column or not 1 <= column <= len(heads):
            raise _no_head(self, layer, head)
        return heads[column - 1]

    def read_tokens(self, tokens: object) -> tuple[int, ...]:
        """The places of tokens in the vocabulary, counted from 0.

        ``tokens`` is a text with blanks between names, one without them where each name is a
        character, or a list of names or places. Errors: ``token``, ``empty``, ``too_long``.
        """
        found = tuple(self._place(each) for each in _split(tokens, self.vocabulary))
        if not found:
            raise InputError("empty", f"At least one token is needed, of {self._listed()}.")
        if self.W_pos is not None and len(found) > len(self.W_pos):
            raise InputError(
                "too_long",
                f"W_pos has a row for each of {counted(len(self.W_pos), 'position')}, "
                f"so there is no place for {counted(len(found), 'token')}.",
            )
        return found

    def _place(self, token: object) -> int:
        place = as_int(token)
        if place is not None and 0 <= place < self.d_vocab:
            return place
        if isinstance(token, str) and token in self.vocabulary:
            return self.vocabulary.index(token)
        near = get_close_matches(str(token), self.vocabulary, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(
            "token",
            f"{brief(token)} is not in the vocabulary: {self._listed()}.{hint}",
            suggestion=near[0] if near else None,
        )

    def _listed(self) -> str:
        words = self.vocabulary
        more = f" and {len(words) - _MOST_LISTED} more" if len(words) > _MOST_LISTED else ""
        return " ".join(words[:_MOST_LISTED]) + more

    def elements(self) -> ModelElements:
        """All numbers as elements of one field, worked out once: where calculations start."""
        kept: ModelElements | None = getattr(self, "_elements", None)
        if kept is None:
            kept = _elements(self)
            object.__setattr__(self, "_elements", kept)  # the data class is frozen
        return kept

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AttentionOnly):
            return NotImplemented
        if self._shape() != other._shape():
            return False
        return self.layers == other.layers and all(
            equal(a, b) for a, b in zip(self._own_numbers(), other._own_numbers(), strict=True)
        )

    def __hash__(self) -> int:
        return hash((self._shape(), self.layers, *map(to_float, self._own_numbers())))

    def __repr__(self) -> str:
        heads = [len(layer) for layer in self.layers]
        cells = sum(map(len, self._matrices())) * self.d_model
        if cells > _MOST_CELLS or heads:
            size = f"{self.d_vocab} tokens, d_model {self.d_model}"
            return f"<AttentionOnly: {size}, heads {heads}, softmax {self.softmax.name}>"
        positions = f', W_pos="{matrix_text(self.W_pos)}"' if self.W_pos else ""
        return (
            f'AttentionOnly("{matrix_text(self.W_E)}", "{matrix_text(self.W_U)}"{positions}, '
            f'vocabulary="{" ".join(self.vocabulary)}", softmax="{self.softmax.name}")'
        )

    def _matrices(self) -> list[Matrix]:
        return [self.W_E, self.W_U, *([self.W_pos] if self.W_pos else [])]

    def _own_numbers(self) -> tuple[sympy.Expr, ...]:
        return tuple(cell for rows in self._matrices() for row in rows for cell in row)

    def _shape(self) -> tuple[object, ...]:
        n_ctx = len(self.W_pos) if self.W_pos else None
        return self.vocabulary, self.d_model, n_ctx, self.softmax, self.scale


def check_model(model: object) -> None:
    """Refuse what is no model of this kind. Errors: ``model``."""
    if not isinstance(model, AttentionOnly):
        raise InputError(
            "model",
            f"An AttentionOnly model is asked for, not a {type(model).__name__}: make one with "
            "AttentionOnly(W_E, W_U, layers).",
        )


# -- reading ---------------------------------------------------------------------------------------


def _context(positions: Matrix, d_model: int) -> int:
    """How many positions there are, of a W_pos that may be turned."""
    turned = len(positions[0]) != d_model and len(positions) == d_model
    return len(positions[0]) if turned else len(positions)


def _read_layers(layers: Iterable[object], d_model: int) -> tuple[tuple[Head, ...], ...]:
    read = []
    wanted = "layers is a list with a list of heads for each layer, such as [[Head(…)], [Head(…)]]"
    if isinstance(layers, str) or not isinstance(layers, Iterable):
        raise InputError("layers", f"{wanted}, not {brief(layers)}.")
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, Sequence) or not all(isinstance(each, Head) for each in layer):
            raise InputError("layers", f"{wanted}; layer {number} is {brief(layer)}.")
        for place, head in enumerate(layer, 1):
            if head.d_model != d_model:
                raise _wrong_width(head, (number, place), d_model)
        read.append(tuple(layer))
    return tuple(read)


def _wrong_width(head: Head, number: tuple[int, int], d_model: int) -> InputError:
    """The error for a head of another width than W_E, or for the four matrices of the paper."""
    said = (
        f"Head {number[0]}.{number[1]} reads {counted(head.d_model, 'dimension')}, and W_E writes "
        f"{d_model}: W_Q, W_K and W_V have a row for each of them, and W_O has a column."
    )
    if head.factored and head.d_head == len(head.W_O) == d_model:
        said += " This looks like the paper's head, whose matrices are the transposes of these."
        return InputError("transposed", said)
    return InputError("wrong_shape", said)


def letters(count: int) -> tuple[str, ...]:
    """The names of so many tokens: a, b, c …, and from 27 on t1, t2 ….

    >>> letters(3), letters(27)[-1]
    (('a', 'b', 'c'), 't27')
    """
    if count <= len(ascii_lowercase):
        return tuple(ascii_lowercase[:count])
    return tuple(f"t{k}" for k in range(1, count + 1))


def _read_vocabulary(given: object, d_vocab: int) -> tuple[str, ...]:
    """The names of the tokens: as many as W_E has rows, all different, without blanks."""
    if given is None:
        return letters(d_vocab)
    wanted = f"The vocabulary has a name for each row of W_E, {d_vocab}"
    if isinstance(given, str):
        words = given.split()
        words = list(given) if len(words) == 1 and len(given) == d_vocab else words
    elif isinstance(given, Sequence) and all(isinstance(each, str) for each in given):
        words = list(given)
    else:
        raise InputError("vocabulary", f"{wanted}, as a text or a list, not {brief(given)}.")
    if len(words) != d_vocab:
        raise InputError("vocabulary", f"{wanted}, not {len(words)}.")
    twice = next((word for k, word in enumerate(words) if word in words[:k]), None)
    if twice is not None:
        raise InputError("vocabulary", f"Every token has a name of its own; {brief(twice)} is two.")
    if not all(word.split() == [word] and word.isprintable() for word in words):
        raise InputError(
            "vocabulary",
            "The name of a token is not empty, and has no blank in it and nothing that does not "
            "show.",
        )
    long = next((word for word in words if len(word) > _MOST_LETTERS), None)
    if long is not None:
        raise InputError(
            "vocabulary",
            f"The name of a token has at most {_MOST_LETTERS} characters, not {len(long):,}.",
        )
    return tuple(words)


def _split(tokens: object, vocabulary: Sequence[str]) -> list[object]:
    """Tokens one by one."""
    if isinstance(tokens, str):
        words = tokens.split()
        alone = len(words) == 1 and words[0] not in vocabulary
        return list(words[0]) if alone and max(map(len, vocabulary)) == 1 else list(words)
    if isinstance(tokens, Iterable):
        return list(tokens)
    raise InputError(
        "token", f'Tokens are a text such as "a b c a" or a list, not {brief(tokens)}.'
    )


def _no_head(model: AttentionOnly, layer: object, head: object) -> InputError:
    if not model.layers:
        return InputError("head", "The model has no layers, and so no heads.")
    each = joined([f"{k}.{len(heads)}" for k, heads in enumerate(model.layers, 1)])
    return InputError(
        "head",
        f"There is no head {brief(head)} of layer {brief(layer)}: layers and heads count from 1, "
        f"and the last heads of the layers are {each}.",
    )


# -- one field -------------------------------------------------------------------------------------


def _elements(model: AttentionOnly) -> ModelElements:
    """Every matrix cut into rows of what is not zero."""
    heads = [head for layer in model.layers for head in layer]
    scales = [1 / sympy.sqrt(head.d_head) if model.scale else sympy.Integer(1) for head in heads]
    matrices = [*model._matrices(), *(rows for head in heads for rows in head.matrices.values())]
    field, found = elements(*scales, *(cell for rows in matrices for row in rows for cell in row))
    numbers = iter(found)
    factors = [next(numbers) for _ in heads]

    def taken(rows: Matrix) -> Sparse:
        return sparse([next(numbers) for _ in row] for row in rows)

    W_E, W_U, *rest = [taken(rows) for rows in model._matrices()]
    scaled = iter(factors)
    layers = tuple(
        tuple(
            HeadElements(
                **{name: taken(rows) for name, rows in head.matrices.items()},
                widths=(head.d_head, len(head.W_O)),
                scale=next(scaled),
            )
            for head in layer
        )
        for layer in model.layers
    )
    return ModelElements(field, W_E, W_U, rest[0] if rest else None, layers)
