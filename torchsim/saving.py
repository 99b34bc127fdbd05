"""Runs that a person writes into a folder and reads from there, and weights for other programs."""

from __future__ import annotations

from os import PathLike
from typing import TypeAlias

from handcalc.storage.files import at_home
from torchsim import storage
from torchsim.attention.run import TrainedAttention
from torchsim.kinds import AnyRun, KeptRun

_Folder: TypeAlias = "str | PathLike[str]"


def load(folder: _Folder, *, partial: bool = False) -> KeptRun:
    """The finished run, or sweep, in a folder, bit for bit as it was trained.

    Args:
        folder: The run's folder, as ``save``, ``keep`` or the command line made it.
        partial: Take a sweep that is not finished, too, with the cells that are there; the others
            are in its ``failed``, with "not trained yet". Another process may be at work on it.

    Returns:
        The run.

    Raises:
        InputError: ``no_run``, ``unfinished``, ``damaged``, ``schema``, ``run_file``.

    Examples:
        >>> from handcalc import InputError
        >>> try:
        ...     load("no such folder")
        ... except InputError as error:
        ...     error.code
        'no_run'
    """
    return storage.load(at_home(folder), partial=partial)


def save(run: AnyRun, folder: _Folder) -> None:
    """Write a run into a new or empty folder, for ``load`` and for ``handcalc compare``.

    Args:
        run: The run.
        folder: Where; it is made if it is not there.

    Raises:
        InputError: ``unfinished`` for a run that a probe stopped; ``other_run``, ``finished``,
            ``not_empty``, ``busy``, ``unwritable``.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> from torchsim import ModelSpec, train
        >>> with TemporaryDirectory() as folder:
        ...     save(train(ModelSpec.of(2, 1, "1/2"), restarts=2), folder)
        ...     load(folder).spec.restarts
        2
    """
    storage.save(run, at_home(folder))


def save_weights(trained: TrainedAttention, file: _Folder, restart: int | None = None) -> None:
    """Write an attention-only model's matrices under TransformerLens's names, as safetensors.

    ``handcalc circuit --file`` reads such a file, and so does TransformerLens.

    Args:
        trained: A model of a run.
        file: Where; what is there is overwritten.
        restart: Which restart, from 0; the best if left out.

    Raises:
        InputError: ``restart``; ``self_attention`` and ``scale`` for a model that such a file would
            make another model of: one whose places do not see themselves, or with scores that are
            not divided by √d_head; ``unwritable``.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from torchsim import AttentionSpec, Contexts, train
        >>> model = AttentionSpec(Contexts.bigrams([[2, 1], [1, 2]]), layers=0, d_model=1, steps=9)
        >>> with TemporaryDirectory() as folder:
        ...     save_weights(train(model, restarts=1).trained[0], f"{folder}/model.safetensors")
        ...     [each.name for each in Path(folder).iterdir()]
        ['model.safetensors']
    """
    raw = storage.weights_bytes(trained, restart)  # what is refused leaves the old file
    storage.write(at_home(file), raw)
