"""Two layers find what came after the same token; one layer does not, and a trap that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torchsim.attention.data import Data, Repeats, TokenChain
from torchsim.attention.specification import AttentionSpec
from torchsim.presets.attention import AttentionExtent, AttentionPreset
from torchsim.presets.experiment import PresetClaim

if TYPE_CHECKING:
    from torchsim.attention.run import AttentionRun, TrainedAttention

_HIGH, _LOW = 0.85, 0.3
_ONE_PERIOD, _MANY_PERIODS = Repeats.fixed(16, n_ctx=20, period=8), Repeats(16, n_ctx=20)


def _models(kinds: Sequence[tuple[Data, int]], steps: int, seed: int) -> tuple[AttentionSpec, ...]:
    """A model with so many layers for each kind of data."""
    return tuple(AttentionSpec(data, layers, steps=steps, seed=seed) for data, layers in kinds)


def last_layer(trained: TrainedAttention) -> list[float]:
    """The highest induction score of a head of the last layer, in every restart."""
    if trained.scores is None:
        return []
    found: list[float] = trained.scores.induction[:, -1].amax(1).tolist()
    return found


def _needs_two(run: AttentionRun) -> bool:
    one = [last_layer(each) for each in run.trained if each.model.layers == 1]
    two = [last_layer(each) for each in run.trained if each.model.layers == 2]
    return all(score > _HIGH for scores in two for score in scores) and all(
        score < _LOW for scores in one for score in scores
    )


def _is_trapped(run: AttentionRun) -> bool:
    fixed = [last_layer(each) for each in run.trained if each.model.data == _ONE_PERIOD]
    others = [last_layer(each) for each in run.trained if each.model.data != _ONE_PERIOD]
    return all(score > _HIGH for scores in fixed for score in scores) and all(
        score < _LOW for scores in others for score in scores
    )


_BOTH_DEPTHS = ((TokenChain(), 1), (TokenChain(), 2))
_BOTH_DATA = ((_MANY_PERIODS, 1), (_ONE_PERIOD, 1))

INDUCTION = AttentionPreset(
    name="induction",
    title="Two layers find what came after the same token",
    story=(
        "Every sequence has a permutation of its own, and the next token is the current one "
        "permuted, but for one time in ten. What follows a token can only be read off from an "
        "earlier place of the same token. With two layers a head of the first looks at the token "
        "before, and a head of the second finds the place that holds the current token as its "
        "token before: an induction head. In one layer no place holds the token before it."
    ),
    source=(
        "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; Olsson et al. "
        "2022, In-context Learning and Induction Heads"
    ),
    claim=PresetClaim(
        f"From every start, two layers come to an induction score above {_HIGH}, and one layer on "
        f"the same sequences stays below {_LOW}.",
        _needs_two,
    ),
    full=AttentionExtent(lambda seed: _models(_BOTH_DEPTHS, 1200, seed), restarts=3),
    small=AttentionExtent(lambda seed: _models(_BOTH_DEPTHS, 800, seed), restarts=1),
)

FIXED_PERIOD = AttentionPreset(
    name="fixed-period",
    title="A trap: one layer that scores like an induction head",
    story=(
        "Eight tokens, and then the same eight again and again. One layer with one head gets every "
        "token right, and its induction score is that of an induction head. But it looks for no "
        "token: it counts seven places back, which here is always the place after the same token. "
        "The same model on periods of 6 to 12, where counting does not help, shows it: there its "
        "score is low. A score says where a head looks, and not why."
    ),
    source="derived here; the score is that of Olsson et al. 2022",
    claim=PresetClaim(
        f"From every start, one layer comes to an induction score above {_HIGH} on one period, and "
        f"stays below {_LOW} on periods of 6 to 12.",
        _is_trapped,
    ),
    full=AttentionExtent(lambda seed: _models(_BOTH_DATA, 1500, seed), restarts=3),
    small=AttentionExtent(lambda seed: _models(_BOTH_DATA, 600, seed), restarts=1),
)
