"""The kinds of figures, and which of them suit a run."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.wording import joined
from torchsim.figures.grids import grids
from torchsim.run import TrainingRun

__all__ = ["KINDS", "Kind", "check", "kinds", "shows_best"]

Kind: TypeAlias = Literal["embeddings", "gram", "phases", "losses"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def kinds(run: TrainingRun) -> tuple[Kind, ...]:
    """The kinds that suit a run, the one that shows most first.

    A grid of importances and densities has phases; another run has its Gram matrices, and before
    them the embeddings where these are in one or two dimensions. Every run has losses.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> kinds(train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=1)))
    ('embeddings', 'gram', 'losses')
    """
    if grids(run):
        return "phases", "losses"
    if all(trained.model.hidden <= 2 for trained in run.trained):
        return "embeddings", "gram", "losses"
    return "gram", "losses"


def check(kind: str, run: TrainingRun) -> None:
    """Refuse a kind that does not suit a run. Errors: ``kind``."""
    suited = kinds(run)
    if kind not in suited:
        listed = joined([f'"{each}"' for each in suited], "or")
        raise InputError(
            "kind",
            f'A figure of this run is {listed}, not "{kind}".',
            suggestion=f"--kind {suited[0]}",
        )


def shows_best(kind: Kind) -> bool:
    """Whether a figure shows the best known beside what was trained; heatmaps do not.

    >>> [kind for kind in KINDS if not shows_best(kind)]
    ['gram']
    """
    return kind != "gram"
