"""The experiments of the literature, ready to train: one file each, and the list of them all.

Each has a story, a specification in full size and a smaller one, and one claim that a run bears out
or does not. A new one is a file of its own and a line in ``presets``.

>>> preset("by-hand").spec().restarts
32
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeAlias

from handcalc.errors import InputError
from handcalc.wording import brief, joined
from torchsim.presets import (
    adversarial,
    bigrams,
    by_hand,
    correlated,
    demonstrating,
    dictionaries,
    double_descent,
    dynamics,
    geometry,
    hidden_layers,
    induction,
    introduction,
    non_uniform,
    one_active,
    phase_change,
    skip_trigrams,
)
from torchsim.presets.attention import AttentionPreset as AttentionPreset
from torchsim.presets.autoencoders import SaePreset as SaePreset
from torchsim.presets.datasets import DatasetPreset as DatasetPreset
from torchsim.presets.experiment import Extent as Extent
from torchsim.presets.experiment import Preset as Preset
from torchsim.presets.experiment import PresetClaim as PresetClaim
from torchsim.presets.networks import NetworkPreset as NetworkPreset

AnyOneTrainer: TypeAlias = AttentionPreset | SaePreset | NetworkPreset | DatasetPreset
AnyPreset: TypeAlias = Preset | AnyOneTrainer


def presets() -> tuple[AnyPreset, ...]:
    """All experiments: with toy models, attention, autoencoders, neurons and data sets.

    >>> [known.name for known in presets()][:2]
    ['by-hand', 'introduction']
    """
    return (
        by_hand.PRESET,
        introduction.PRESET,
        demonstrating.PRESET,
        demonstrating.LARGE,
        phase_change.PRESET,
        geometry.PRESET,
        non_uniform.PRESET,
        correlated.CORRELATED,
        correlated.ANTICORRELATED,
        correlated.CORRELATED_LARGE,
        one_active.PRESET,
        dynamics.PRESET,
        adversarial.PRESET,
        bigrams.BIGRAMS,
        skip_trigrams.SKIP_TRIGRAMS,
        induction.INDUCTION,
        induction.FIXED_PERIOD,
        dictionaries.ANTIPODAL,
        dictionaries.PENTAGON,
        dictionaries.LATENTS,
        dictionaries.TOPK,
        dictionaries.JUMPRELU,
        hidden_layers.PRIVILEGED,
        hidden_layers.COMPUTATION,
        hidden_layers.COMPUTATION_LARGE,
        hidden_layers.UNTIED,
        double_descent.PRESET,
    )


def preset(name: str) -> AnyPreset:
    """The experiment of that name.

    Args:
        name: "by-hand", "introduction" …, as ``handcalc train`` lists them.

    Returns:
        Its story, its models in two sizes, how they are trained, and what is to be seen.

    Raises:
        InputError: ``unknown_preset``, with the nearest name.

    Examples:
        >>> preset("introduction").title
        'Five features in two dimensions'
    """
    known = {each.name: each for each in presets()}
    if name in known:
        return known[name]
    near = get_close_matches(brief(name).strip("'").lower(), known, n=1, cutoff=0.6)
    raise InputError(
        "unknown_preset",
        f"There is no preset {brief(name)}; there are {joined(list(known))}.",
        suggestion=next(iter(near), None),
    )
