"""Zero layers on counts of pairs: how wide W_E W_U must be to be the best bigram table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchsim.attention.data import Contexts
from torchsim.attention.specification import AttentionSpec
from torchsim.presets.attention import AttentionExtent, AttentionPreset
from torchsim.presets.experiment import PresetClaim

if TYPE_CHECKING:
    from torchsim.attention.run import AttentionRun

_ENOUGH = 1e-3


def counts(d_vocab: int) -> Contexts:
    """N(x, y) = 1 + ((x + 2)^(y + 1) mod 101) for x and y from 0: counts without a pattern.

    For 4 and 10 tokens the rank of their row-centred logs is V − 1.

    >>> counts(4).counts
    ((3, 5, 9, 17), (4, 10, 28, 82), (5, 17, 65, 55), (6, 26, 25, 20))
    """
    places = range(d_vocab)
    return Contexts.bigrams([[1 + pow(x + 2, y + 1, 101) for y in places] for x in places])


def _models(d_vocab: int, widths: tuple[int, ...], seed: int) -> tuple[AttentionSpec, ...]:
    data = counts(d_vocab)
    return tuple(
        AttentionSpec(
            data,
            layers=0,
            d_model=width,
            positions=False,
            steps=1500,
            rate=5e-2,
            betas=(0.9, 0.999),
            decay=0.0,
            warm_up=0,
            clip=None,
            seed=seed,
        )
        for width in widths
    )


def _holds(run: AttentionRun) -> bool:
    for each in run.trained:
        V, entropy = each.model.data.d_vocab, float(each.entropy or 0)
        reaches = float(each.loss.min()) < entropy * (1 + _ENOUGH)
        if reaches and 2 * each.model.d_model <= V:
            return False
        if not reaches and each.model.d_model >= V - 1:
            return False
    return True


BIGRAMS = AttentionPreset(
    name="bigrams",
    title="Zero layers are a bigram table, if they are wide enough",
    story=(
        "Without layers the logits are W_E W_U, a table of what comes next. The best one is the "
        "table of log counts, and softmax sees its rows up to a constant. So d_model = V - 1 is "
        "always enough, and for these counts, whose log table has that rank, nothing less is: "
        "then the loss stays above the entropy, the more so the narrower the model is."
    ),
    source=(
        "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; the width is "
        "derived here"
    ),
    claim=PresetClaim(
        "With d_model = V - 1 and more the best start comes within 0.1 % of the entropy; with at "
        "most half as much as V it does not.",
        _holds,
    ),
    full=AttentionExtent(lambda seed: _models(10, (1, 2, 3, 5, 8, 9, 10), seed), restarts=4),
    small=AttentionExtent(lambda seed: _models(4, (1, 2, 3), seed), restarts=2),
)
