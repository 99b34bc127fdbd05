"""A figure of a run by its kind, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from torchsim.best_store import Best
from torchsim.figures import embeddings, gram, losses, phases
from torchsim.figures.kinds import Kind, check, shows_best
from torchsim.figures.shown import Shown
from torchsim.figures.themes import DARK, LIGHT, styled
from torchsim.run import TrainingRun

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["describe", "draw"]

_MODULES: dict[Kind, ModuleType] = {
    "embeddings": embeddings,
    "gram": gram,
    "phases": phases,
    "losses": losses,
}


def draw(
    kind: Kind, run: TrainingRun, dark: bool = False, *, best: Sequence[Best | None] | None = None
) -> Figure:
    """The figure, 1600 × 900 pixels, for light paper or a dark slide; its label is ``describe``.

    ``best`` is what ``best_of_run`` says of the run, where it is at hand; else it is worked out if
    the figure shows it, once in a process. Errors: ``kind`` for one that does not suit the run,
    ``missing_extra``, ``wrong_shape``.

    Source: Elhage et al. 2022, the figures of "Demonstrating Superposition" and "Superposition as a
    Phase Change".

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> draw("embeddings", run).get_suptitle().replace(chr(160), " ")
    '2 features in 1 dimension: antipodal (S = 0.5).'
    """
    check(kind, run)
    theme = DARK if dark else LIGHT
    with styled(theme):
        shown = _shown(kind, run, best)
        figure: Figure = _MODULES[kind].drawn(shown, theme)
        figure.set_label(_MODULES[kind].described(shown))
        return figure


def describe(kind: Kind, run: TrainingRun, *, best: Sequence[Best | None] | None = None) -> str:
    """What the figure shows, in a sentence or two. Errors: ``kind``, ``wrong_shape``.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> describe("losses", run)[:65]
    'In every model the best of 4 restarts comes down to the best know'
    """
    check(kind, run)
    said: str = _MODULES[kind].described(_shown(kind, run, best))
    return said


def _shown(kind: Kind, run: TrainingRun, best: Sequence[Best | None] | None) -> Shown:
    """The run, with the best known of its models where the figure has that."""
    if best is None and not shows_best(kind):
        best = [None] * len(run.trained)
    return Shown.of(run, best)
