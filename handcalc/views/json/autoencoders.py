"""Sparse autoencoders as plain data for JSON."""

from __future__ import annotations

import sympy

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.best_code import BestCode
from handcalc.directions.code_bound import CodeBound
from handcalc.directions.sae_gradient import SaeGradient
from handcalc.directions.sae_loss import SaeLoss
from handcalc.directions.ways_out import WaysOut
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import to_text
from handcalc.superposition.loss.polynomial import polynomial_text
from handcalc.views.json import Data, nearest


def _value(value: sympy.Expr | None) -> float | None:
    return None if value is None or value.free_symbols else nearest(value)


def _text(value: sympy.Expr | None) -> str | None:
    return None if value is None or value is sympy.nan else polynomial_text(value)


def _vector(values: Vector) -> list[str | None]:
    return [_text(value) for value in values]


def _matrix(rows: Matrix) -> list[list[str | None]]:
    return [_vector(row) for row in rows]


def autoencoder(shown: SparseAutoencoder) -> Data:
    """The weights."""
    return {
        "W_enc": _matrix(shown.W_enc),
        "W_dec": _matrix(shown.W_dec),
        "b_enc": _vector(shown.b_enc),
        "b_dec": _vector(shown.b_dec),
    }


def loss(shown: SaeLoss) -> Data:
    """The loss, its parts, each latent, the dictionary, and the bound.

    >>> from handcalc.directions.sae_loss import sae_loss
    >>> found = loss(sae_loss(SparseAutoencoder.of_dictionary("1", "1/5"), "1", "1/2"))
    >>> found["loss"], found["dead"], found["mmcs"], found["bound"]["is_exact"]
    ('271/6000', [], '1', True)
    """
    return {
        **autoencoder(shown.sae),
        "W": _matrix(shown.model.W),
        "distribution": shown.distribution.sentence(),
        "l1": to_text(shown.l1),
        "weighted": shown.weighted,
        "loss": _text(shown.value),
        "value": _value(shown.value),
        "reconstruction": _text(shown.reconstruction),
        "sparsity": _text(shown.sparsity),
        "activity": _vector(shown.activity),
        "on": _vector(shown.on),
        "dead": list(shown.dead),
        "mmcs": _text(shown.mmcs),
        "shrinkage": _vector(shown.shrinkage),
        "bound": bound(shown.bound),
    }


def bound(shown: CodeBound) -> Data:
    """What no encoder can beat."""
    return {
        "loss": _text(shown.value),
        "value": _value(shown.value),
        "upper": _text(shown.upper),
        "is_exact": shown.is_exact,
        "says": shown.sentence,
    }


def gradient(shown: SaeGradient) -> Data:
    """The slopes; null where there is none."""
    return {
        "W_enc": _matrix(shown.W_enc),
        "W_dec": _matrix(shown.W_dec),
        "b_enc": _vector(shown.b_enc),
        "b_dec": _vector(shown.b_dec),
        "kinks": [kink.sentence for kink in shown.kinks],
    }


def code(shown: BestCode) -> Data:
    """One h, its best code, and the encoder's."""
    return {
        "h": _vector(shown.h),
        "code": _vector(shown.code),
        "cost": _text(shown.value),
        "encoded": _vector(shown.encoded),
        "encoded_cost": _text(shown.encoded_value),
    }


def ways(shown: WaysOut) -> list[Data]:
    """What each way out loses; null where that is not known.

    ``own_loss`` is what an SAE loses itself, of h with the price; null of ways without one.
    """
    own = {"dictionary": shown.sae, "given": shown.given}
    return [
        {
            "name": way.name,
            "title": way.title,
            "loss": _text(way.loss),
            "value": _value(way.loss),
            "own_loss": None if (sae := own.get(way.name)) is None else _text(sae.value),
            "says": way.sentence,
        }
        for way in shown.ways
    ]
