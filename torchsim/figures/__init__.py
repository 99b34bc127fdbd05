"""Figures of a training run beside what is best: readable on a slide, light and dark.

>>> import torchsim.figures as figures
>>> figures.KINDS
('embeddings', 'gram', 'phases', 'losses', 'attention', 'tables')
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.storage.files import write as write_whole
from handcalc.views.plots import style
from handcalc.views.plots.style import DARK, LIGHT, styled
from handcalc.wording import joined
from torchsim.attention.run import AttentionRun
from torchsim.comparison.attention import compare_attention
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.grids import grids
from torchsim.figures import embeddings, gram, losses, phases
from torchsim.figures.attention import history, patterns, tables
from torchsim.run import TrainingRun
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# --------------------------------------------------------------------------------------------------
# The kinds of figures, and which of them suit a run.


Kind: TypeAlias = Literal["embeddings", "gram", "phases", "losses", "attention", "tables"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def kinds(run: TrainingRun | AttentionRun) -> tuple[Kind, ...]:
    """The kinds that suit a run, the one that shows most first.

    A grid of importances and densities has phases; another run has its Gram matrices, and before
    them the embeddings where these are in one or two dimensions. Attention-only models have tables,
    and where they have heads attention. Every run has losses.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> kinds(train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=1)))
    ('embeddings', 'gram', 'losses')
    """
    if isinstance(run, AttentionRun):
        has_heads = any(trained.model.layers for trained in run.trained)
        return ("attention", "losses", "tables") if has_heads else ("tables", "losses")
    if grids(run):
        return "phases", "losses"
    if all(trained.model.hidden <= 2 for trained in run.trained):
        return "embeddings", "gram", "losses"
    return "gram", "losses"


def check(kind: str, run: TrainingRun | AttentionRun) -> None:
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
    """Whether a figure of toy models shows the best known beside what was trained.

    >>> [kind for kind in KINDS if not shows_best(kind)]
    ['gram', 'attention', 'tables']
    """
    return kind not in ("gram", "attention", "tables")


_MODULES: dict[Kind, ModuleType] = {
    "embeddings": embeddings,
    "gram": gram,
    "phases": phases,
    "losses": losses,
}
_OF_ATTENTION: dict[Kind, ModuleType] = {
    "attention": patterns,
    "tables": tables,
    "losses": history,
}


def draw(
    kind: Kind,
    run: TrainingRun | AttentionRun,
    dark: bool = False,
    *,
    best: Sequence[KnownBest | None] | None = None,
    tokens: object = None,
) -> Figure:
    """The figure, 1600 × 900 pixels, for light paper or a dark slide; its label is ``describe``.

    ``best`` is what ``best_of_run`` says of a run of toy models, where it is at hand; else it is
    worked out if the figure shows it, once in a process. ``tokens`` is the sentence that attention
    is drawn on, as a text or a list; left out, one of the model's data. Errors: ``kind`` for one
    that does not suit the run, ``ignored`` for what would make no difference, ``token``,
    ``too_long``, ``missing_extra``, ``wrong_shape``.

    Source: Elhage et al. 2022, the figures of "Demonstrating Superposition" and "Superposition as a
    Phase Change".

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> draw("embeddings", run).get_suptitle().replace(chr(160), " ")
    '2 features in 1 dimension: antipodal (S = 0.5).'
    """
    check(kind, run)
    theme = DARK if dark else LIGHT
    module, shown = _shown(kind, run, best, tokens)
    with styled(theme):
        figure: Figure = module.drawn(*shown, theme)
        figure.set_label(module.described(*shown))
        return figure


def describe(
    kind: Kind,
    run: TrainingRun | AttentionRun,
    *,
    best: Sequence[KnownBest | None] | None = None,
    tokens: object = None,
) -> str:
    """What the figure shows, in a sentence or two. Errors: those of ``draw``.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> describe("losses", run)[:65]
    'In every model the best of 4 restarts comes down to the best know'
    """
    check(kind, run)
    module, shown = _shown(kind, run, best, tokens)
    said: str = module.described(*shown)
    return said


def _shown(
    kind: Kind,
    run: TrainingRun | AttentionRun,
    best: Sequence[KnownBest | None] | None,
    tokens: object,
) -> tuple[ModuleType, tuple[object, ...]]:
    """Who draws it, and what: the run with the best known of its models, or with a sentence."""
    if tokens is not None and kind != "attention":
        raise InputError("ignored", f'tokens= is for "attention" alone, not for "{kind}".')
    if isinstance(run, AttentionRun):
        if best is not None:
            raise InputError("ignored", "best= is for toy models: no best is known of these.")
        if kind == "tables":
            return tables, (run,)
        compared = compare_attention(run)  # once, as it takes longer than the drawing
        own = (run, compared, tokens) if kind == "attention" else (run, compared)
        return _OF_ATTENTION[kind], own
    if best is None and not shows_best(kind):
        best = [None] * len(run.trained)
    return _MODULES[kind], (Shown.of(run, best),)


# --------------------------------------------------------------------------------------------------
# Figures as PNG and SVG files, the same file for the same figure.


SUFFIXES = (".png", ".svg")


def write(figure: Figure, path: str | Path) -> None:
    """Write a figure as the suffix says, PNG or SVG: a whole file, or the old one stands.

    Errors: ``suffix``, and OSError where the file cannot be written.

    >>> from matplotlib.figure import Figure
    >>> try:
    ...     write(Figure(), "picture.gif")
    ... except InputError as error:
    ...     print(error.code, error.suggestion)
    suffix picture.png
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        named = path if path.name else path / "figure"
        raise InputError(
            "suffix",
            f"A figure is written to a file that ends in .png or .svg, not {path.name!r}.",
            suggestion=str(named.with_suffix(".png")),
        )
    write_whole(path, rendered(figure, suffix))


def rendered(figure: Figure, suffix: str) -> bytes:
    r"""The file of a figure, with its title and description inside.

    >>> from matplotlib.figure import Figure
    >>> rendered(Figure(figsize=(1, 1)), ".png")[:4]
    b'\x89PNG'
    """
    kind: Any = suffix.lower()[1:]
    return style.rendered(figure, kind, str(figure.get_label()), LIGHT)
