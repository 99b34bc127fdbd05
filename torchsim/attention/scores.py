"""Where heads look, as numbers: at what followed the same token, and at the token before.

Each score is an average over places of the attention to some other places; its chance is the same
average for attention that is uniform over what the mask allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of all heads, (restarts, layers, heads) each, and what chance would give.

    ``induction`` is the attention to all places that follow an earlier copy of the current token,
    averaged over the places where there is one; ``previous`` the attention to the place before,
    averaged over all places but the first.
    """

    induction: Tensor
    previous: Tensor
    induction_chance: float
    previous_chance: float


def induction_places(tokens: Tensor) -> Tensor:
    """Whether j follows an earlier copy of the token at i, (…, places i, places j), j ≤ i.

    >>> induction_places(torch.tensor([0, 1, 0]))[2].tolist()
    [False, True, False]
    """
    before = torch.cat((torch.full_like(tokens[..., :1], -1), tokens[..., :-1]), -1)
    follows = tokens.unsqueeze(-1) == before.unsqueeze(-2)
    return follows & torch.ones_like(follows).tril()


def previous_places(length: int, device: torch.device | None = None) -> Tensor:
    """Whether j = i − 1, (places i, places j).

    >>> previous_places(2).tolist()
    [[False, False], [True, False]]
    """
    places = torch.arange(length, device=device)
    return places == places.unsqueeze(-1) - 1


def attention_to(patterns: Tensor, places: Tensor) -> Tensor:
    """The attention to ``places``, averaged over rows that have any (else 0): (restarts, heads).

    ``patterns`` (restarts, sequences, heads, places, places); ``places`` (…, places, places) has
    the sequences before, or not.
    """
    each = places.expand(patterns.shape[1], -1, -1)
    count = each.any(-1).sum()
    found = (patterns * each.unsqueeze(1)).sum((1, 3, 4), dtype=torch.float64)
    return found / count.clamp(min=1)


def scores(patterns: list[Tensor], tokens: Tensor, *, self_attention: bool = True) -> Scores:
    """The scores of the patterns of each layer on ``tokens`` (sequences, places).

    >>> uniform = torch.ones(3, 3).tril() / torch.tensor([[1.0], [2.0], [3.0]])
    >>> found = scores([uniform.expand(1, 1, 1, 3, 3)], torch.tensor([[0, 1, 0]]))
    >>> round(found.induction.item(), 3), round(found.induction_chance, 3)
    (0.333, 0.333)
    """
    follows = induction_places(tokens)
    before = previous_places(tokens.shape[-1], tokens.device)
    seen = torch.ones_like(before).tril(0 if self_attention else -1)
    uniform = (seen / seen.sum(-1, keepdim=True).clamp(min=1)).expand(1, len(tokens), 1, -1, -1)
    return Scores(
        torch.stack([attention_to(each, follows) for each in patterns], 1),
        torch.stack([attention_to(each, before) for each in patterns], 1),
        float(attention_to(uniform, follows)),
        float(attention_to(uniform, before)),
    )
