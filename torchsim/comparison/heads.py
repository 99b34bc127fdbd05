"""What the heads of a trained model do, in numbers: where they look, what they move, who reads.

Where they look is judged on random sequences, in which each token is as likely as any other at
every place: there only the tokens say what followed which; a head that counts places finds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from torchsim.attention.batches import SequenceSampler
from torchsim.attention.data import TokenChain
from torchsim.attention.model import AttentionWeights, heads_of, run_model
from torchsim.attention.run import TrainedAttention
from torchsim.attention.scores import attention_to, induction_places, previous_places
from torchsim.attention.specification import AttentionSpec

_SEQUENCES = 256


@dataclass(frozen=True, slots=True)
class Measure:
    """A share from 0 to 1, and what it is by chance.

    ``nearness`` (value − chance)/(1 − chance) is 0 at chance, and 1 where a head made by hand is.

    >>> Measure(0.75, 0.5).nearness
    0.5
    """

    value: float
    chance: float

    @property
    def nearness(self) -> float:
        """0 at chance, 1 at the whole; below chance it is negative."""
        return (self.value - self.chance) / (1 - self.chance) if self.chance < 1 else 0.0


@dataclass(frozen=True, slots=True)
class HeadMeasures:
    """What a head does, by its (layer, number), counted from 1.

    On random sequences: its attention to the place before (``previous``), to what followed earlier
    copies of the token (``followers``), to these copies (``same``), each averaged over the places
    that have any and with uniform attention as chance; ``even`` is 1 − ½Σ|A − 1/n|, how much alike
    it looks at all n places, with a head that looks at one as chance. ``copies`` is the part of the
    rows of W_E W_OV W_U whose largest entry is their own, and ``copying_score`` Σλ/Σ|λ| of its
    eigenvalues, None where all are 0.
    """

    head: tuple[int, int]
    previous: Measure
    followers: Measure
    same: Measure
    even: Measure
    copies: Measure
    copying_score: float | None


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """How a head reads what an earlier one wrote, both as (layer, number), counted from 1.

    ``Q``, ``K`` and ``V`` are the composition scores ‖W_OV¹W_QK²‖/(‖W_OV¹‖‖W_QK²‖), with W_QK²ᵀ and
    with W_OV², None where one of both is 0; at random the mean square of each is 1/d_model.
    ``matches`` is the part of the rows of the K-composition table W_E W_QK² (W_E W_OV¹)ᵀ whose
    largest entry is their own; ``points`` the part of the rows of W_pos W_OV¹ W_QK² W_posᵀ, but for
    the last, whose largest entry is one place further on, None without positions.
    """

    earlier: tuple[int, int]
    later: tuple[int, int]
    Q: float | None
    K: float | None
    V: float | None
    matches: Measure
    points: Measure | None


def measure_heads(trained: TrainedAttention) -> tuple[HeadMeasures, ...]:
    """The measures of all heads of the best restart.

    >>> from torchsim.attention.specification import AttentionTraining
    >>> from torchsim.attention.training import train
    >>> spec = AttentionSpec(TokenChain(4, 8), layers=1, d_model=4, steps=1)
    >>> (found,) = measure_heads(train(AttentionTraining((spec,), restarts=1)).trained[0])
    >>> found.head, found.copies.chance
    ((1, 1), 0.25)
    """
    model, weights = trained.model, best_weights(trained)
    tokens = random_tokens(model)
    _, patterns = run_model(model, weights, tokens)
    T = tokens.shape[-1]
    same = tokens[0].unsqueeze(-1) == tokens[0].unsqueeze(-2)
    sought = {
        "previous": previous_places(T),
        "followers": induction_places(tokens[0]),
        "same": same & torch.ones(T, T).bool().tril(-1),
    }
    uniform = _uniform(model, T)
    chances = {name: float(attention_to(uniform, places)) for name, places in sought.items()}
    found = []
    for layer, head in heads_of(model):
        pattern = patterns[layer - 1][:, :, head - 1 : head]
        looks = {
            name: Measure(float(attention_to(pattern, places)), chances[name])
            for name, places in sought.items()
        }
        copies, score = _copying((weights.moved(layer, head) @ weights.W_U)[0])
        found.append(
            HeadMeasures(
                (layer, head),
                **looks,
                even=_even(pattern, uniform),
                copies=copies,
                copying_score=score,
            )
        )
    return tuple(found)


def measure_pairs(trained: TrainedAttention) -> tuple[PairMeasures, ...]:
    """The measures of each pair of heads in different layers, of the best restart."""
    model, weights = trained.model, best_weights(trained)
    heads = list(heads_of(model))
    return tuple(
        _pair(weights, earlier, later)
        for earlier in heads
        for later in heads
        if earlier[0] < later[0]
    )


def best_weights(trained: TrainedAttention) -> AttentionWeights:
    """The matrices of the best restart in float64, with an axis of length 1 for the restarts."""
    k = trained.best
    parts: dict[str, Any] = dict.fromkeys(AttentionWeights.__slots__)
    parts |= {name: rows[k : k + 1].double() for name, rows in trained.weights.named().items()}
    return AttentionWeights(**parts)


def random_tokens(model: AttentionSpec) -> Tensor:
    """The random sequences (1, sequences, n_ctx) that heads are judged on, always the same.

    >>> random_tokens(AttentionSpec(TokenChain(4, 8))).shape
    torch.Size([1, 256, 8])
    """
    data = TokenChain(max(2, model.data.d_vocab), model.data.n_ctx, Fraction(1))
    sampler = SequenceSampler.of(data, 0, (0,), torch.device("cpu"), torch.float64)
    return sampler.batch(0, _SEQUENCES, unseen=True).tokens


# -- where a head looks, and what it moves ---------------------------------------------------------


def _uniform(model: AttentionSpec, T: int) -> Tensor:
    """The pattern (1, sequences, 1, places, places) that is uniform over what may be seen."""
    seen = torch.ones(T, T, dtype=torch.float64).tril(0 if model.self_attention else -1)
    return (seen / seen.sum(-1, keepdim=True).clamp(min=1)).expand(1, _SEQUENCES, 1, -1, -1)


def _even(pattern: Tensor, uniform: Tensor) -> Measure:
    """1 − ½Σ|A − uniform| on average; of the first places, which see one place at most, nothing."""
    open_rows = (uniform[0, 0, 0] > 0).sum(-1) > 1
    apart = (pattern - uniform).abs().sum(-1)[..., open_rows] / 2
    one = uniform[0, 0, 0].amax(-1)[open_rows]
    return Measure(float(1 - apart.mean()), float(one.mean()))


def _copying(table: Tensor) -> tuple[Measure, float | None]:
    """The top-1 test, and the copying score."""
    eigenvalues = torch.linalg.eigvals(table)
    length = float(eigenvalues.abs().sum())
    score = float(eigenvalues.sum().real) / length if length else None
    return own_rows(table), score


def own_rows(table: Tensor) -> Measure:
    """The part of the rows whose only largest entry is their own.

    >>> own_rows(torch.tensor([[2.0, 1.0], [1.0, 1.0]]))
    Measure(value=0.5, chance=0.5)
    """
    return _largest_at(table, torch.arange(len(table)))


def _largest_at(table: Tensor, places: Tensor) -> Measure:
    """The part of the rows whose only largest entry is at a place of each row's own."""
    wanted = table.gather(1, places[:, None])
    others = table.scatter(1, places[:, None], -torch.inf).amax(-1, keepdim=True)
    return Measure(float((wanted > others).double().mean()), 1 / table.shape[1])


# -- who reads what was written --------------------------------------------------------------------


def _pair(
    weights: AttentionWeights, earlier: tuple[int, int], later: tuple[int, int]
) -> PairMeasures:
    """The measures of two heads."""
    (a, b), (c, d) = ((layer - 1, head - 1) for layer, head in (earlier, later))
    W_V1, W_O1 = weights.W_V[0, a, b], weights.W_O[0, a, b]
    W_Q, W_K = weights.W_Q[0, c, d], weights.W_K[0, c, d]
    W_V2, W_O2 = weights.W_V[0, c, d], weights.W_O[0, c, d]
    table = weights.matched(earlier, later)[0]
    return PairMeasures(
        earlier,
        later,
        Q=_composition((W_V1, W_O1), (W_Q, W_K.T)),
        K=_composition((W_V1, W_O1), (W_K, W_Q.T)),
        V=_composition((W_V1, W_O1), (W_V2, W_O2)),
        matches=own_rows(table),
        points=_points(weights, W_V1 @ W_O1 @ W_Q @ W_K.T),
    )


def _composition(writes: tuple[Tensor, Tensor], reads: tuple[Tensor, Tensor]) -> float | None:
    """‖A B‖/(‖A‖‖B‖) of two products of factors."""
    sizes = _norm(*writes) * _norm(*reads)
    if not sizes:
        return None
    return _norm(writes[0] @ (writes[1] @ reads[0]), reads[1]) / sizes


def _norm(left: Tensor, right: Tensor) -> float:
    """‖left·right‖, the root of tr(leftᵀleft · right rightᵀ), for narrow factors."""
    return sqrt(max(0.0, float(((left.T @ left) * (right @ right.T)).sum())))


def _points(weights: AttentionWeights, between: Tensor) -> Measure | None:
    """How many places are pointed at from the place before."""
    if weights.W_pos is None or weights.W_pos.shape[1] < 2:
        return None
    places = weights.W_pos[0]
    table = (places @ between @ places.T)[:-1]
    return _largest_at(table, torch.arange(1, len(places)))
