"""Sequences drawn for training and for judging: the same on every device, by their place.

Number k of row i of a step is lane k mod 4 of the Philox block with counter (⌊k/4⌋, step, i,
purpose) and key (seed, restart): sequence k takes the k-th number of each row. The rows of a
``TokenChain`` are those of π, then one for each token's choice between π and chance, then one for
each token of chance; those of ``Repeats`` the order's, then the period's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from torchsim.attention.data import Contexts, Data, Repeats, TokenChain
from torchsim.sampling import TRAINING, UNSEEN
from torchsim.sampling.philox import WORDS, RoundKeys, numbers, round_keys


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Sequences and what each place has to predict.

    ``tokens`` (restarts or 1, sequences, n_ctx); ``targets`` (restarts or 1, sequences, n_ctx,
    d_vocab) are the weights of the loss Σ targets·(−log p), which add up to 1 for each restart.
    """

    tokens: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class SequenceSampler:
    """Draws the batches of some restarts of one seed, on a device."""

    data: Data
    keys: RoundKeys  # (restarts, 1, 1) each
    unseen_keys: RoundKeys  # (1, 1, 1) each
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def of(
        cls,
        data: Data,
        seed: int,
        restarts: Sequence[int],
        device: torch.device,
        dtype: torch.dtype,
    ) -> SequenceSampler:
        """The sampler of these restarts, counted from 0, in any order."""
        return cls(
            data, keys_of(seed, restarts, device), keys_of(seed, (0,), device), device, dtype
        )

    def batch(self, step: int, count: int, *, unseen: bool = False) -> Batch:
        """So many sequences of a step; of ``Contexts`` all of them, whatever the step.

        ``unseen`` sequences are others than those of training, the same for all restarts.

        >>> sampler = SequenceSampler.of(
        ...     TokenChain(4, 6, 0), 0, range(3), torch.device("cpu"), torch.float64
        ... )
        >>> batch = sampler.batch(step=7, count=5)
        >>> batch.tokens.shape, batch.targets.sum((1, 2, 3)).round(decimals=9).tolist()
        (torch.Size([3, 5, 6]), [1.0, 1.0, 1.0])
        """
        data = self.data
        if isinstance(data, Contexts):
            return self._contexts(data)
        keys, purpose = (self.unseen_keys, UNSEEN) if unseen else (self.keys, TRAINING)
        rows = torch.arange(_rows(data), device=self.device)
        drawn = numbers(keys, rows, 0, count, step=step, purpose=purpose).mT
        tokens, counts = (
            _chain(data, drawn) if isinstance(data, TokenChain) else _repeats(data, drawn)
        )
        wanted = one_hot(tokens[..., 1:], data.d_vocab).to(self.dtype)
        shares = counts / counts.sum((1, 2), keepdim=True)
        return Batch(tokens[..., :-1], wanted * shares.to(self.dtype).unsqueeze(-1))

    def _contexts(self, data: Contexts) -> Batch:
        tokens = torch.tensor(data.contexts, device=self.device)
        counts = torch.tensor(data.counts, device=self.device, dtype=torch.float64)
        targets = torch.zeros(*tokens.shape, data.d_vocab, device=self.device, dtype=self.dtype)
        targets[:, -1] = (counts / counts.sum()).to(self.dtype)
        return Batch(tokens[None], targets[None])


def keys_of(seed: int, restarts: Sequence[int], device: torch.device) -> RoundKeys:
    """The round keys of the restarts of a seed, of shape (restarts, 1, 1)."""
    second = torch.tensor(list(restarts), device=device).reshape(-1, 1, 1)
    return round_keys(torch.full_like(second, seed), second)


def _rows(data: TokenChain | Repeats) -> int:
    """How many numbers a sequence takes."""
    return data.d_vocab + (2 * data.n_ctx + 1 if isinstance(data, TokenChain) else 1)


def _chain(data: TokenChain, drawn: Tensor) -> tuple[Tensor, Tensor]:
    """Tokens (…, n_ctx + 1), and that every place counts."""
    V, T = data.d_vocab, data.n_ctx
    after = torch.argsort(drawn[..., :V], dim=-1, stable=True)
    by_chance = drawn[..., V : V + T] < round(data.noise * WORDS)
    chance = (drawn[..., V + T :] * V / WORDS).floor().to(torch.int64)
    token = chance[..., :1]
    tokens = [token]
    for i in range(T):
        follower = after.gather(-1, token)
        token = torch.where(by_chance[..., i : i + 1], chance[..., i + 1 : i + 2], follower)
        tokens.append(token)
    found = torch.cat(tokens, -1)
    return found, torch.ones_like(found[..., 1:], dtype=torch.float64)


def _repeats(data: Repeats, drawn: Tensor) -> tuple[Tensor, Tensor]:
    """Tokens (…, n_ctx + 1), and whether the token at a place has occurred before."""
    order = torch.argsort(drawn[..., :-1], dim=-1, stable=True)
    choices = data.longest - data.shortest + 1
    period = data.shortest + (drawn[..., -1:] * choices / WORDS).floor().to(torch.int64)
    places = torch.arange(data.n_ctx + 1, device=drawn.device)
    tokens = order.gather(-1, places % period)
    return tokens, (places[:-1] >= period).to(torch.float64)
