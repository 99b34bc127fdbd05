"""The features themselves as a dictionary, with its best encoder; and the best code of any.

The best code of an h is the f ≥ 0 of least cost. Some of it may be 0, and where it is not the rows
of the dictionary are independent: so each set of at most m rows is tried, with the f at which the
slope is 0, and of those that are nowhere negative the cheapest is taken. This is done on samples;
``SaeLoss.bound`` is its expectation exactly, or between two numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb
from typing import Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from handcalc.bfgs import minimise
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.sae_loss import SaeLoss, sae_loss
from handcalc.errors import InputError
from handcalc.inputs.nearest import nearest_matrix, nearest_vector
from handcalc.numbers.exact import to_float
from torchsim.autoencoders.codes import features, loss_and_slopes
from torchsim.autoencoders.judging import judge, unseen
from torchsim.autoencoders.specification import SaeSpec

Encoder: TypeAlias = Literal[
    "tied, the best there is", "the best found", "the best found, with b_dec", "tied"
]
Floats: TypeAlias = NDArray[np.float64]

_MOST_SETS = 4000  # of rows that may be on together
_INPUTS = 1 << 12  # on which an encoder is sought
_BOUND = 1000  # denominators of an encoder that was found
_PARALLEL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class TrueDictionary:
    """What the features as the dictionary lose, with which ``encoder``.

    Where rows stand at right angles or opposite each other and b_dec is 0, the dictionary as its
    own encoder, with the bias −λ/2 (of "jumprelu" the threshold √λ), gives the best code of every
    h. Elsewhere the best encoder of the kind "l1" is found by descent, and with it b_dec where the
    trained one has it; of other kinds it is the same as it stands.
    ``exact`` is the exact loss, None where it is not known; ``loss`` is that, or the mean on unseen
    inputs.
    """

    encoder: Encoder
    loss: float
    exact: SaeLoss | None


@cache
def true_dictionary(model: SaeSpec, *, is_exact: bool) -> TrueDictionary | None:
    """The loss of the true dictionary, exact if asked for; None where a feature has no direction.

    >>> found = true_dictionary(SaeSpec.of("1 0; 0 1; 0 -1", 3, "1/10", "1/2"), is_exact=True)
    >>> found.exact.value, found.encoder
    (212239/3840000, 'tied, the best there is')
    >>> shifted = SaeSpec.of("1", 1, "1/5", "1/2", decoder_bias=True)  # c = 0.083216, 0.0411659
    >>> round(true_dictionary(shifted, is_exact=True).loss, 4)
    0.0412
    """
    W = features(model, torch.device("cpu"))
    lengths = W.norm(dim=1, keepdim=True)
    if not bool((lengths > 0).all()):
        return None
    D = W / lengths
    cosines = (D @ D.T).fill_diagonal_(0)
    apart = bool(((cosines.abs() < _PARALLEL) | (cosines < _PARALLEL - 1)).all())
    is_best = apart and not model.decoder_bias
    encoder: Encoder = "tied, the best there is" if is_best else "tied"
    weights = _tied(model, D)
    if not is_best and model.kind == "l1":
        encoder = "the best found, with b_dec" if model.decoder_bias else "the best found"
        weights = _descended(model, weights)
    exact = _exact(model, weights, encoder) if is_exact else None
    if exact is not None:
        return TrueDictionary(encoder, to_float(exact.value), exact)
    return TrueDictionary(encoder, float(judge(model, weights).loss), None)


def _tied(model: SaeSpec, D: Tensor) -> dict[str, Tensor]:
    """The dictionary as its own encoder, shapes as of one restart."""
    price, flat = to_float(model.l1), torch.zeros(1, len(D), dtype=torch.float64)
    return {
        "W_enc": D[None].clone(),
        "W_dec": D[None],
        "b_enc": flat - price / 2 if model.kind == "l1" else flat,
        "b_dec": torch.zeros(1, D.shape[1], dtype=torch.float64),
        "threshold": flat + price**0.5 if model.kind == "jumprelu" else flat,
    }


def _descended(model: SaeSpec, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder of least mean loss on some inputs, and b_dec if it is trained, from the tied one.

    All but W_dec, that is.
    """
    h = unseen(model, _INPUTS)
    free = ("W_enc", "b_enc", "b_dec") if model.decoder_bias else ("W_enc", "b_enc")
    sizes = [weights[name].numel() for name in free]

    def unpacked(point: Floats) -> dict[str, Tensor]:
        parts = torch.split(torch.from_numpy(point.copy()), sizes)
        named = zip(free, parts, strict=True)
        return {**weights, **{name: part.reshape(weights[name].shape) for name, part in named}}

    def packed(parts: Mapping[str, Tensor]) -> Floats:
        return torch.cat([parts[name].flatten() for name in free]).numpy()

    def value(X: Floats, _: NDArray[np.int64]) -> tuple[Floats, Floats]:
        found, slopes = [], []
        for point in X:
            loss, each = loss_and_slopes(model, unpacked(point), h)
            found.append(float(loss.mean()))
            slopes.append(packed(each))
        return np.asarray(found), np.asarray(slopes)

    return unpacked(minimise(value, packed(weights)[None], lambda _: None).X[0])


def _exact(model: SaeSpec, weights: dict[str, Tensor], encoder: Encoder) -> SaeLoss | None:
    """The exact loss; None where it is too much work."""
    try:
        sae = SparseAutoencoder.of_features(model.model, model.l1)
        if encoder != "tied, the best there is":
            W_enc = nearest_matrix(weights["W_enc"][0].tolist(), _BOUND, "W_enc")
            b_enc = nearest_vector(weights["b_enc"][0].tolist(), _BOUND, "b_enc")
            b_dec = nearest_vector(weights["b_dec"][0].tolist(), _BOUND, "b_dec")
            sae = SparseAutoencoder(W_enc, sae.W_dec, b_enc, b_dec)
        return sae_loss(sae, model.model, model.distribution, model.l1)
    except InputError:  # too_complicated
        return None


# --------------------------------------------------------------------------------------------------
# The best code of a dictionary.


def best_code_cost(model: SaeSpec, D: Tensor, b_dec: Tensor) -> float | None:
    """The mean cost of the best code with the rows of D, on unseen inputs; None of too many rows.

    Of the kind "topk" codes of at most k latents, of "jumprelu" at the price λ for each.

    >>> model = SaeSpec.of("1; -1", 2, "1/5", "1/2")
    >>> D = features(model, torch.device("cpu"))
    >>> round(best_code_cost(model, D, torch.zeros(1, dtype=torch.float64)), 2)  # 14279/240000
    0.06
    """
    latents, m = D.shape
    most = min(latents, m if model.kind != "topk" else min(m, model.k))
    if sum(comb(latents, size) for size in range(most + 1)) > _MOST_SETS:
        return None
    h = unseen(model)[0] - b_dec
    least = (h**2).sum(1)
    for some in _sets(latents, most):
        rows = D[list(some)]
        gram = rows @ rows.T
        if float(torch.linalg.det(gram)) > _PARALLEL:
            least = torch.minimum(least, _costs(model, rows, gram, h))
    return float(least.mean())


def _sets(latents: int, most: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, most + 1):
        yield from combinations(range(latents), size)


def _costs(model: SaeSpec, rows: Tensor, gram: Tensor, h: Tensor) -> Tensor:
    """What each h costs with these rows alone; infinite where one of them would be negative."""
    price = to_float(model.l1)
    each = price / 2 if model.kind == "l1" else 0.0
    f = torch.linalg.solve(gram, (h @ rows.T - each).T).T
    cost = ((h - f @ rows) ** 2).sum(1)
    if model.kind == "l1":
        cost = cost + price * f.sum(1)
    elif model.kind == "jumprelu":
        cost = cost + price * len(rows)
    return torch.where((f >= 0).all(1), cost, torch.inf)
