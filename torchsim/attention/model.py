"""The attention-only transformer in torch, for all restarts of a model at once.

Vectors are rows, and the matrices have TransformerLens's shapes behind an axis for the restarts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import prod, sqrt

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from torchsim.attention.batches import Batch, keys_of
from torchsim.attention.specification import AttentionSpec
from torchsim.sampling import INITIAL
from torchsim.sampling.philox import WORDS, numbers


@dataclass(frozen=True, slots=True, eq=False)
class AttentionWeights:
    """The matrices, each with a first axis for the restarts.

    ``W_E`` (restarts, d_vocab, d_model), ``W_pos`` (restarts, n_ctx, d_model) or None, ``W_U``
    (restarts, d_model, d_vocab); ``W_Q``, ``W_K`` and ``W_V`` (restarts, layers, heads, d_model,
    d_head), ``W_O`` (restarts, layers, heads, d_head, d_model).
    """

    W_E: Tensor
    W_pos: Tensor | None
    W_U: Tensor
    W_Q: Tensor
    W_K: Tensor
    W_V: Tensor
    W_O: Tensor

    def named(self) -> dict[str, Tensor]:
        """The matrices that there are, by name."""
        each = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: tensor for name, tensor in each if tensor is not None}

    def moved(self, layer: int, head: int) -> Tensor:
        """W_E W_OV of a head, counted from 1: what it writes of each token (restarts, V, D)."""
        at = (slice(None), layer - 1, head - 1)
        return self.W_E @ self.W_V[at] @ self.W_O[at]

    def matched(self, earlier: tuple[int, int], later: tuple[int, int]) -> Tensor:
        """W_E W_QK (W_E W_OV)ᵀ: scores of K-composition, not scaled (restarts, V, V)."""
        at = (slice(None), later[0] - 1, later[1] - 1)
        keys = self.moved(*earlier) @ self.W_K[at]
        return self.W_E @ self.W_Q[at] @ keys.mT


def shapes(spec: AttentionSpec) -> dict[str, tuple[int, ...]]:
    """The shape of each matrix, without the axis of the restarts.

    >>> from torchsim.attention.data import TokenChain
    >>> shapes(AttentionSpec(TokenChain(), layers=1, heads=2))["W_O"]
    (1, 2, 16, 32)
    """
    V, T, D, K = spec.data.d_vocab, spec.data.n_ctx, spec.d_model, spec.d_head
    own = {"W_E": (V, D), "W_pos": (T, D), "W_U": (D, V)}
    if not spec.positions:
        del own["W_pos"]
    grid = (spec.layers, spec.heads)
    return {**own, **dict.fromkeys(("W_Q", "W_K", "W_V"), (*grid, D, K)), "W_O": (*grid, K, D)}


def unpacked(spec: AttentionSpec, numbers: Tensor) -> AttentionWeights:
    """The matrices that lie one after the other in rows of numbers (restarts, all numbers)."""
    cuts = shapes(spec)
    ends = accumulate(map(prod, cuts.values()))
    parts: dict[str, Tensor | None] = {"W_pos": None}
    for (name, shape), end in zip(cuts.items(), ends, strict=True):
        parts[name] = numbers[:, end - prod(shape) : end].view(len(numbers), *shape)
    return AttentionWeights(**parts)  # type: ignore[arg-type]  # only W_pos may be None


def initial(spec: AttentionSpec, restarts: range) -> Tensor:
    """Normal numbers for all matrices, in one row a restart, in float64 on the CPU.

    The variance is 1/d_model, and that of W_O 1/(heads·d_head). Number k of matrix i is Φ⁻¹ of the
    Philox number (i, k) of step 0, so that every device starts from the same weights.

    >>> from torchsim.attention.data import TokenChain
    >>> initial(AttentionSpec(TokenChain(), layers=0), range(3)).shape
    torch.Size([3, 1792])
    """
    keys = keys_of(spec.seed, restarts, torch.device("cpu"))
    parts = []
    for i, (name, shape) in enumerate(shapes(spec).items()):
        spread = 1 / sqrt(spec.heads * spec.d_head if name == "W_O" else spec.d_model)
        r = numbers(keys, torch.tensor([i]), 0, prod(shape), step=0, purpose=INITIAL)
        parts.append(spread * torch.special.ndtri((r.flatten(1) + 0.5) / WORDS))
    return torch.cat(parts, 1)


def run_model(
    spec: AttentionSpec, weights: AttentionWeights, tokens: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """Logits (restarts, sequences, places, d_vocab), and the patterns of each layer.

    A pattern is (restarts, sequences, heads, places, places), [destination, source]. ``tokens``
    (restarts or 1, sequences, places) are places in the vocabulary.
    """
    table = weights.W_E
    R, B, T = len(table), *tokens.shape[1:]
    # a product, not a look-up: its gradient adds up in one order, on every device
    chosen = one_hot(tokens, spec.data.d_vocab).to(table.dtype).flatten(1, 2).expand(R, -1, -1)
    stream = chosen @ table
    if weights.W_pos is not None:
        stream = (stream.view(R, B, T, -1) + weights.W_pos[:, None, :T]).flatten(1, 2)
    patterns = []
    for layer in range(spec.layers):
        written, pattern = _attend(spec, weights, layer, stream.view(R, B, T, -1))
        stream = stream + written
        patterns.append(pattern)
    return (stream @ weights.W_U).view(R, B, T, -1), patterns


def _attend(
    spec: AttentionSpec, weights: AttentionWeights, layer: int, stream: Tensor
) -> tuple[Tensor, Tensor]:
    """What a layer writes, (restarts, sequences·places, d_model), and where its heads look."""
    R, B, T, D = stream.shape
    reading = torch.stack([w[:, layer] for w in (weights.W_Q, weights.W_K, weights.W_V)], 1)
    flat = reading.permute(0, 3, 1, 2, 4).flatten(2)  # (R, D, 3·heads·d_head)
    read = stream.reshape(R, B * T, D) @ flat
    queries, keys, values = read.view(R, B, T, 3, spec.heads, spec.d_head).permute(3, 0, 1, 4, 2, 5)
    scale = 1 / sqrt(spec.d_head) if spec.scale else 1.0
    pattern = _softmax(spec, queries @ keys.mT * scale)
    results = (pattern @ values).transpose(2, 3).reshape(R, B * T, -1)
    return results @ weights.W_O[:, layer].flatten(1, 2), pattern


def _softmax(spec: AttentionSpec, scores: Tensor) -> Tensor:
    """The pattern of some scores (…, places, places): what is later is masked, and so may be self.

    Where nothing is left to look at, the pattern is 0.
    """
    T = scores.shape[-1]
    seen = torch.ones(T, T, dtype=torch.bool, device=scores.device).tril(
        0 if spec.self_attention else -1
    )
    # a number and not −∞, so that the first place, which may see nothing, is no NaN
    pattern = scores.masked_fill(~seen, torch.finfo(scores.dtype).min / 2).softmax(-1)
    return pattern if spec.self_attention else pattern * seen


def losses(logits: Tensor, batch: Batch) -> Tensor:
    """Σ targets·(−log p) of each restart."""
    return -(batch.targets * logits.log_softmax(-1)).sum((1, 2, 3))


def heads_of(spec: AttentionSpec) -> Iterator[tuple[int, int]]:
    """The layer and the number of each head, counted from 1."""
    return (
        (layer, head) for layer in range(1, spec.layers + 1) for head in range(1, spec.heads + 1)
    )
