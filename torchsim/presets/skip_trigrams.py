"""One head and two skip-trigrams with one source: what the bug costs, and what lifts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.circuits.skip_trigram_bug import bug_price
from torchsim.attention.data import Contexts
from torchsim.attention.specification import AttentionSpec
from torchsim.presets.attention import AttentionExtent, AttentionPreset
from torchsim.presets.experiment import PresetClaim

if TYPE_CHECKING:
    from torchsim.attention.run import AttentionRun

_BUG = bug_price()
_PRICE = _BUG.price.to_float()
_NEAR = 1e-4
_COIN = {"mind": 1, "bay": 1}
_CROSSED = Contexts.of(
    "<s> keep in at mind bay",
    {
        "<s> keep in": {"mind": 2},
        "<s> keep at": {"bay": 2},
        "<s> <s> in": _COIN,
        "<s> <s> at": _COIN,
    },
)
_PLAIN = Contexts.of(
    "<s> keep leave in mind bay",
    {"<s> keep in": {"mind": 2}, "<s> leave in": {"bay": 2}, "<s> <s> in": _COIN},
)


def _model(data: Contexts, heads: int, self_attention: bool, seed: int) -> AttentionSpec:
    return AttentionSpec(
        data,
        layers=1,
        heads=heads,
        d_model=16,
        d_head=4,
        positions=False,
        self_attention=self_attention,
        steps=1500,
        rate=1e-2,
        decay=0.0,
        warm_up=0,
        clip=None,
        seed=seed,
    )


def _few(seed: int) -> tuple[AttentionSpec, ...]:
    return _model(_CROSSED, 1, False, seed), _model(_CROSSED, 1, True, seed)


def _all(seed: int) -> tuple[AttentionSpec, ...]:
    bug, escape = _few(seed)
    return _model(_PLAIN, 1, True, seed), bug, _model(_CROSSED, 2, False, seed), escape


def _holds(run: AttentionRun) -> bool:
    from torchsim.comparison.attention import pays_for_bug

    for each in run.trained:
        pays = pays_for_bug(each.model)
        if pays and not all(abs(loss - _PRICE) < _NEAR for loss in each.loss.tolist()):
            return False
        if not pays and float(each.loss.min()) > float(each.entropy or 0) + 10 * _NEAR:
            return False
    return True


SKIP_TRIGRAMS = AttentionPreset(
    name="skip-trigrams",
    title="What one head pays for two skip-trigrams with one source",
    story=(
        "After keep … in comes mind, after keep … at comes bay, and without keep it is a coin. A "
        "head that looks at keep shifts the preference between mind and bay the same way from in "
        "and from at, only more or less: that is the skip-trigram bug. So one of the two is right "
        "and the other pays. A head that may also look at its own place escapes, as attention to "
        "keep is then taken from in or at, whose own rows differ; and so do two heads. With a "
        "source for each, keep and leave, as in the full size's three contexts, one head pays "
        "nothing."
    ),
    source=(
        "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; Shlegeris 2023, "
        "One-layer transformers aren't equivalent to a set of skip-trigrams; the price is derived "
        "here"
    ),
    claim=PresetClaim(
        "From every start, one head without self-attention comes to "
        f"{_BUG.price.to_text()} = {_PRICE:.5f}, the price that is proved; with self-attention, or "
        f"with two heads, the best start comes to the entropy, {_BUG.allowed.to_text()} = "
        f"{_BUG.allowed.to_float():.5f}.",
        _holds,
    ),
    full=AttentionExtent(_all, restarts=4),
    small=AttentionExtent(_few, restarts=4),
)
