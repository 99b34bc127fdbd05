"""Where a run began, in its folder, if its weights were not drawn: ``start.safetensors``.

``spec.json`` has the digest of these weights, so that a run from others is another run.
"""

from __future__ import annotations

from pathlib import Path

from torchsim.storage.documents import write
from torchsim.storage.folders import START
from torchsim.storage.sealed import Header, refuse_damaged, seal, unseal
from torchsim.training.starts import StartWeights


class StartHeader(Header, frozen=True, kw_only=True):
    """The digest of the weights, as the specification has it."""

    start: str


def keep_start(folder: Path, weights: StartWeights) -> None:
    """Write the weights that a run begins at into its folder, if they are not there.

    Errors: ``unwritable``.
    """
    if not (folder / START).exists():
        write(folder / START, seal(weights.tensors, {"start": weights.digest}))


def load_start(folder: Path, digest: str) -> StartWeights:
    """The weights that a folder's run began at. Errors: ``damaged``, ``no_file``, ``schema``."""
    file = folder / START
    found = StartWeights.of_tensors(unseal(file, StartHeader).tensors)
    if found.digest != digest:
        refuse_damaged(file, "it holds other weights than its spec.json says")
    return found
