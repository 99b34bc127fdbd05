"""The experiments of the literature, ready to train: one file each, and a list of them all.

Each has a story, a specification in full size and a smaller one, and one claim that a run bears out
or does not.

>>> preset("by-hand").spec().restarts
32
"""

from __future__ import annotations

from torchsim.presets.experiment import Extent as Extent
from torchsim.presets.experiment import Preset as Preset
from torchsim.presets.experiment import PresetClaim as PresetClaim
from torchsim.presets.registry import preset as preset
from torchsim.presets.registry import presets as presets

__all__ = ["Extent", "Preset", "PresetClaim", "preset", "presets"]
