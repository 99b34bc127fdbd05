"""Sparse autoencoders with exact weights: a dictionary, and the encoder that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.directions.dictionaries import check_unit_rows, unit_row
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import AsArrays
from handcalc.inputs.arguments import Matrix, Vector, read_number, read_vector, spread
from handcalc.inputs.named_matrices import check_shape, read_named
from handcalc.inputs.nearest import nearest_matrix, nearest_vector, read_bound
from handcalc.numbers.exact import elements, join_text, sign
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

_ZERO = sympy.Integer(0)
_MOST_CELLS = 60  # of the matrices in a repr
_FROM_FLOATS = "For trained weights there is SparseAutoencoder.from_floats(…)."


@dataclass(frozen=True, slots=True, init=False, repr=False)
class SparseAutoencoder(Displayed, AsArrays):
    """f = ReLU(W_enc(h − b_dec) + b_enc), ĥ = W_decᵀf + b_dec, with exact weights.

    ``W_enc`` and ``W_dec`` have shape (latents, m): row j of W_dec is the direction that latent j
    writes, and all of them are the dictionary; row j of W_enc is what it reads. ``b_enc`` has
    length latents, or is one number for all; ``b_dec`` has length m; zeros unless given. Frozen,
    hashable. Errors: ``InputError`` with code ``wrong_shape``, ``transposed``, or that of a number
    or text that could not be taken.

    Source: Bricken et al. 2023, "Towards Monosemanticity"; W_enc here is the paper's.

    >>> sae = SparseAutoencoder("1 0; 0 1", "1 0; 0 1", b_enc="-1/10")
    >>> sae.encode("1/2 0"), sae.decode("2/5 0")
    ((2/5, 0), (2/5, 0))
    """

    W_enc: Matrix
    W_dec: Matrix
    b_enc: Vector
    b_dec: Vector

    def __init__(
        self, W_enc: object, W_dec: object, b_enc: object = None, b_dec: object = None
    ) -> None:
        decoder = read_named(W_dec, "W_dec", _FROM_FLOATS)
        encoder = read_named(W_enc, "W_enc", _FROM_FLOATS)
        latents, m = len(decoder), len(decoder[0])
        why = "it has a row for each latent, as W_dec, and a column for each dimension"
        check_shape("W_enc", encoder, (latents, m), why)
        wanted = f"b_enc has one number for each latent, {latents} as W_dec has rows"
        encoder_bias = (_ZERO,) if b_enc is None else read_vector(b_enc, "b_enc", _FROM_FLOATS)
        decoder_bias = (_ZERO,) * m if b_dec is None else read_vector(b_dec, "b_dec", _FROM_FLOATS)
        if len(decoder_bias) != m:
            raise InputError(
                "wrong_shape",
                f"b_dec has one number for each dimension, {m} as W_dec has columns, not "
                f"{len(decoder_bias)}.",
            )
        object.__setattr__(self, "W_enc", encoder)
        object.__setattr__(self, "W_dec", decoder)
        object.__setattr__(self, "b_enc", spread(encoder_bias, latents, wanted))
        object.__setattr__(self, "b_dec", decoder_bias)
        elements(*self.numbers())  # one field must hold all of it

    @classmethod
    def of_dictionary(cls, W_dec: object, l1: object, b_dec: object = None) -> SparseAutoencoder:
        """The dictionary as its own encoder, with the bias −λ/2: exact for features far apart.

        The rows of W_dec have length 1. For latents that stand at right angles, or opposite each
        other, it is the best encoder. Errors: ``norms``, ``l1``.

        >>> SparseAutoencoder.of_dictionary("1; -1", l1="1/5").b_enc
        (-1/10, -1/10)
        """
        price = read_l1(l1)
        rows = read_named(W_dec, "W_dec", _FROM_FLOATS)
        check_unit_rows(rows, "Here they are the encoder, too: give them at length 1.")
        return cls(rows, rows, (-price / 2,), b_dec)

    @classmethod
    def of_features(cls, model: object, l1: object) -> SparseAutoencoder:
        """``of_dictionary`` of a toy model's own features, each at length 1.

        Features of length 0 are left out. Errors: ``norms`` where all are 0.

        >>> SparseAutoencoder.of_features("3 4; 0 2; 0 0", l1="1/5").W_dec
        ((3/5, 4/5), (0, 1))
        """
        entries, _ = ToyModel.of(model).elements()
        rows = [
            tuple((cell / length).to_sympy() for cell in row)
            for row in entries.W
            if (length := entries.field.sqrt(dot(row, row)))
        ]
        if not rows:
            raise InputError("norms", "W is 0 all over: there is no direction for a dictionary.")
        return cls.of_dictionary(rows, l1)

    @classmethod
    def from_floats(
        cls,
        W_enc: object,
        W_dec: object,
        b_enc: object = None,
        b_dec: object = None,
        max_denominator: int = 1000,
    ) -> SparseAutoencoder:
        """The SAE nearest to trained weights, in fractions, with rows of W_dec of length 1 exactly.

        A row of W_dec becomes the point of the unit sphere whose stereographic coordinates are the
        nearest fractions with denominators up to ``max_denominator``; a row of zeros stays one.

        >>> SparseAutoencoder.from_floats([[1.0, 0.0]], [[0.6001, 0.8]], max_denominator=50).W_dec
        ((3/5, 4/5),)
        """
        bound = read_bound(max_denominator)
        fine = max(bound, 10**6)  # directions are rounded below, once
        rows = [unit_row(row, bound) for row in nearest_matrix(W_dec, fine, "W_dec")]
        return cls(
            nearest_matrix(W_enc, bound, "W_enc"),
            rows,
            None if b_enc is None else nearest_vector(b_enc, bound, "b_enc"),
            None if b_dec is None else nearest_vector(b_dec, bound, "b_dec"),
        )

    @property
    def latents(self) -> int:
        """The number of latents."""
        return len(self.W_dec)

    @property
    def m(self) -> int:
        """The number of dimensions of h."""
        return len(self.b_dec)

    def arrays(self) -> dict[str, Matrix | Vector]:
        """The weights, exact."""
        return {
            "W_enc": self.W_enc, "W_dec": self.W_dec, "b_enc": self.b_enc, "b_dec": self.b_dec,
        }  # fmt: skip

    def numbers(self) -> Vector:
        """All its numbers: W_enc and W_dec row by row, b_enc, b_dec."""
        matrices = (cell for rows in (self.W_enc, self.W_dec) for row in rows for cell in row)
        return (*matrices, *self.b_enc, *self.b_dec)

    def encode(self, h: object) -> Vector:
        """The activations f of one h, of length m. Errors: ``wrong_shape``."""
        values = self.read_h(h)
        _, numbers = elements(*self.numbers(), *values)
        W_enc, _, b_enc, b_dec = self.unpacked(numbers)
        centred = [a - b for a, b in zip(numbers[-self.m :], b_dec, strict=True)]
        found = (dot(row, centred) + b for row, b in zip(W_enc, b_enc, strict=True))
        return tuple(u.to_sympy() if u.sign() > 0 else _ZERO for u in found)

    def decode(self, f: object) -> Vector:
        """ĥ of activations, of length latents. Errors: ``wrong_shape``."""
        wanted = f"f has one number for each latent, {self.latents}"
        values = spread(read_vector(f, "f"), self.latents, wanted)
        _, numbers = elements(*self.numbers(), *values)
        _, W_dec, _, b_dec = self.unpacked(numbers)
        active = numbers[-self.latents :]
        columns = zip(*W_dec, strict=True)
        found = (b + dot(active, column) for b, column in zip(b_dec, columns, strict=True))
        return tuple(value.to_sympy() for value in found)

    def read_h(self, h: object) -> Vector:
        """An h that was given, of length m. Errors: ``wrong_shape``."""
        values = read_vector(h, "h")
        if len(values) != self.m:
            raise InputError(
                "wrong_shape", f"h has one number for each dimension, {self.m}, not {len(values)}."
            )
        return values

    def unpacked(
        self, numbers: Sequence[Element]
    ) -> tuple[list[tuple[Element, ...]], list[tuple[Element, ...]], list[Element], list[Element]]:
        """W_enc, W_dec, b_enc and b_dec out of ``numbers()`` in a field, and others behind them."""
        size, m, left = self.latents, self.m, list(numbers)
        rows = [tuple(left[k * m : (k + 1) * m]) for k in range(2 * size)]
        biases = left[2 * size * m :]
        return rows[:size], rows[size:], biases[:size], biases[size : size + m]

    def __repr__(self) -> str:
        if 2 * self.latents * self.m > _MOST_CELLS:
            return f"<SparseAutoencoder: {self.latents} latents, {self.m} dimensions>"
        W_enc, W_dec = ("; ".join(map(join_text, rows)) for rows in (self.W_enc, self.W_dec))
        biases = f'b_enc="{join_text(self.b_enc)}", b_dec="{join_text(self.b_dec)}"'
        return f'SparseAutoencoder("{W_enc}", "{W_dec}", {biases})'


def read_l1(l1: object) -> sympy.Expr:
    """λ ≥ 0, the price of an activation. Errors: ``l1``, and those of a number.

    >>> read_l1("1/5")
    1/5
    """
    found = read_number(l1, "l1")
    if sign(found) < 0:
        raise InputError(
            "l1", f"l1, the price of an activation, is at least 0, not {brief(found)}."
        )
    return found
