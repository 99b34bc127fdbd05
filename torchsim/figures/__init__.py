"""Figures of a training run beside what is best: readable on a slide, light and dark.

>>> import torchsim.figures as figures
>>> figures.KINDS[:3]
('embeddings', 'gram', 'dimensionality')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from handcalc.errors import InputError
from handcalc.storage.files import write as write_whole
from handcalc.views.plots import style
from handcalc.views.plots.style import DARK, LIGHT, styled
from handcalc.wording import joined
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.chosen_models import all_numbers, checked_numbers, left_numbers
from torchsim.comparison.grids import grids
from torchsim.figures import (
    dimensionality,
    dynamics,
    embeddings,
    gram,
    heatmap,
    losses,
    phases,
    vulnerability,
)
from torchsim.figures.kinds import KINDS as KINDS
from torchsim.figures.kinds import Kind as Kind
from torchsim.figures.one_trainer import ONE_TRAINER
from torchsim.kinds import KeptRun, OneTrainerRun
from torchsim.run import TrainingRun
from torchsim.specification import ModelSpec
from torchsim.sweeps.run import SweepRun
from torchsim.training.divergence import without_lost
from torchsim.views.shown import Shown, spread
from torchsim.views.sweep_maps import SweepMaps

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# --------------------------------------------------------------------------------------------------
# The kinds of figures, and which of them suit a run.


_READABLE = 100  # rows of a Gram matrix
_MOST_IN_A_GRID = 1 << 12  # cells of a sweep, whose phases are looked for


def kinds(run: KeptRun, models: Sequence[int] | None = None) -> tuple[Kind, ...]:
    """The kinds that suit a run, or some of its models, the one that shows most first.

    A grid of importances and densities has phases; another run has its Gram matrices, and before
    them the embeddings where these are in one or two dimensions, and the dimensionalities where a
    Gram matrix is too large to be read. One whose models differ in S alone has their vulnerability.
    Attention-only models have tables, and where they have heads attention; sparse autoencoders
    their dictionary, networks their neurons, models on data sets their points. Every run has
    losses. A sweep has before all others a heat map, if its cells differ in something; a run that
    kept measures its dynamics.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> kinds(train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=1)))
    ('embeddings', 'gram', 'dimensionality', 'losses')
    """
    if isinstance(run, OneTrainerRun):
        return ONE_TRAINER[type(run)].suited(run)
    is_map = isinstance(run, SweepRun) and run.spec.varying and (models is None or len(models) > 1)
    before: tuple[Kind, ...] = ("heatmap",) if is_map else ()
    if isinstance(run, TrainingRun) and run.spec.measures:
        before = ("dynamics",)
    shown = _models(run, models)
    if grids(shown):
        return *before, "phases", "losses"
    after: tuple[Kind, ...] = ("losses",)
    if isinstance(run, TrainingRun) and vulnerability.suits(shown):
        after = ("losses", "vulnerability")
    if all(model.hidden <= 2 for model in shown):
        return *before, "embeddings", "gram", "dimensionality", *after
    if any(model.features > _READABLE for model in shown):
        return *before, "dimensionality", "gram", *after
    return *before, "gram", "dimensionality", *after


def _models(run: TrainingRun | SweepRun, numbers: Sequence[int] | None) -> list[ModelSpec]:
    """What is trained, without reading it."""
    if isinstance(run, TrainingRun):
        chosen = left_numbers(run) if numbers is None else numbers
        return [run.spec.models[number - 1] for number in checked_numbers(run, chosen)]
    numbers = left_numbers(run) if numbers is None else checked_numbers(run, numbers)
    if len(run) <= _MOST_IN_A_GRID:
        models = list(run.spec.models())
        return [models[number - 1] for number in numbers]
    sizes = product(run.spec.values("features"), run.spec.values("hidden"))
    return [ModelSpec.of(n, m, 0) for n, m in sizes]


def check(kind: str, run: KeptRun, models: Sequence[int] | None = None) -> None:
    """Refuse a kind that does not suit a run. Errors: ``kind``."""
    suited = kinds(run, models)
    if kind not in suited:
        listed = joined([f'"{each}"' for each in suited], "or")
        raise InputError(
            "kind",
            f'A figure of this run is {listed}, not "{kind}".',
            suggestion=f"--kind {suited[0]}",
        )


def picked(kind: Kind, run: KeptRun, models: Sequence[int] | None = None) -> Sequence[int] | None:
    """The numbers of the models that a figure shows, None for a run or a sweep as a whole.

    If none are named, those that did not fail, and of many cells some, evenly. Errors: ``models``;
    ``failed`` where all did; ``too_many`` for more than a figure holds.
    """
    if isinstance(run, OneTrainerRun):
        if models is not None:
            raise InputError("ignored", f"models= is for toy models, not for {run.called}.")
        return None
    most = getattr(_MODULES[kind], "MOST", len(all_numbers(run)))
    if models is not None:
        chosen = checked_numbers(run, models)
        if len(chosen) > most:
            raise InputError(
                "too_many",
                f"A figure of {kind} holds up to {most} models, not {len(chosen)}: name fewer.",
            )
        return chosen
    if kind == "heatmap":
        return None
    left = left_numbers(run)
    if isinstance(run, TrainingRun):
        return None if len(left) == len(run.trained) else left
    return [left[k] for k in spread(len(left), most)]


def shows_best(kind: Kind, value: object = None) -> bool:
    """Whether a figure of toy models shows the best known beside what was trained.

    A heat map does if its value is the gap.

    >>> [kind for kind in KINDS if shows_best(kind)]
    ['embeddings', 'phases', 'losses']
    """
    return kind in ("embeddings", "phases", "losses") or value == "gap"


_MODULES: dict[Kind, ModuleType] = {
    "embeddings": embeddings,
    "gram": gram,
    "dimensionality": dimensionality,
    "phases": phases,
    "losses": losses,
    "dynamics": dynamics,
    "vulnerability": vulnerability,
    "heatmap": heatmap,
}


def draw(  # noqa: PLR0913 - each is a part of what is drawn, named when asked for
    kind: Kind,
    run: KeptRun,
    dark: bool = False,
    *,
    models: Sequence[int] | None = None,
    x: object = None,
    y: object = None,
    value: object = None,
    best: Sequence[KnownBest | None] | None = None,
    tokens: object = None,
) -> Figure:
    """The figure, 1600 × 900 pixels, for light paper or a dark slide; its label is ``describe``.

    ``models`` are the toy models, or cells of a sweep, that are drawn, by their numbers from 1 and
    in this order. A heat map has the settings ``x`` and ``y`` of the sweep along its axes, those
    with the most values if left out, and as ``value`` "loss", "gap" (per cent above the best
    known), "held" (how many features) or "dimensionality" (the mean of these features' Dᵢ); of
    several seeds the lowest loss. ``best`` is what is known of each model that is drawn and did not
    fail, where it is at hand; else it is worked out if the figure shows it, once in a process.
    ``tokens`` is the sentence that attention is drawn on, as a text or a list; left out, one of the
    model's data.

    Errors: ``kind`` for one that does not suit the run, ``ignored`` for what would make no
    difference, ``models``, ``too_many``, ``mixed`` for cells of several trainers, ``failed``,
    ``axis``, ``value``, ``panels``, ``token``, ``too_long``, ``missing_extra``, ``wrong_shape``.

    Source: Elhage et al. 2022, the figures of "Demonstrating Superposition" and "Superposition as a
    Phase Change".

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> draw("embeddings", run).get_suptitle().replace(chr(160), " ")
    '2 features in 1 dimension: antipodal (S = 0.5).'
    """
    check(kind, run, models)
    theme = DARK if dark else LIGHT
    module, shown = _shown(kind, run, _Asked(models, x, y, value, best, tokens))
    with styled(theme):
        figure: Figure = module.drawn(*shown, theme)
        figure.set_label(module.described(*shown))
        return figure


def describe(  # noqa: PLR0913 - as draw has it
    kind: Kind,
    run: KeptRun,
    *,
    models: Sequence[int] | None = None,
    x: object = None,
    y: object = None,
    value: object = None,
    best: Sequence[KnownBest | None] | None = None,
    tokens: object = None,
) -> str:
    """What the figure shows, in a sentence or two. Errors: those of ``draw``.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> describe("losses", run)[:65]
    'In every model the best of 4 restarts comes down to the best know'
    """
    check(kind, run, models)
    module, shown = _shown(kind, run, _Asked(models, x, y, value, best, tokens))
    said: str = module.described(*shown)
    return said


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a figure beside its kind and run."""

    models: Sequence[int] | None
    x: object
    y: object
    value: object
    best: Sequence[KnownBest | None] | None
    tokens: object

    def refuse_ignored(self, kind: Kind) -> None:
        """Refuse what belongs to another kind. Errors: ``ignored``."""
        if self.tokens is not None and kind != "attention":
            raise InputError("ignored", f'tokens= is for "attention" alone, not for "{kind}".')
        for name in ("x", "y", "value"):
            if getattr(self, name) is not None and kind != "heatmap":
                raise InputError("ignored", f'{name}= is for "heatmap" alone, not for "{kind}".')


def _shown(kind: Kind, run: KeptRun, asked: _Asked) -> tuple[ModuleType, tuple[object, ...]]:
    """Who draws it, and what: the run with the best known of its models, or with a sentence."""
    asked.refuse_ignored(kind)
    numbers, best = picked(kind, run, asked.models), asked.best
    if isinstance(run, OneTrainerRun):
        if best is not None:
            raise InputError("ignored", "best= is for toy models: no best is known of these.")
        own = ONE_TRAINER[type(run)]
        return own.modules[kind], own.shown(kind, without_lost(run), asked.tokens)
    module = _MODULES[kind]
    if kind == "heatmap" and isinstance(run, SweepRun):
        value = asked.value or "loss"
        return module, (
            SweepMaps.of(run, models=asked.models, x=asked.x, y=asked.y, value=value, best=best),
        )
    if isinstance(run, TrainingRun) and numbers is None:
        shown = Shown.of(run, _found(kind, best, len(run.trained)))
    else:
        numbers = numbers or ()
        shown = Shown.of_numbers(run, numbers, _found(kind, best, len(numbers)))
    # the pushes are searched for once, for the picture and for what is said of it
    return module, (shown, vulnerability.pushed(shown)) if kind == "vulnerability" else (shown,)


def _found(
    kind: Kind, best: Sequence[KnownBest | None] | None, count: int
) -> Sequence[KnownBest | None] | None:
    """Nothing is searched for where no best is shown."""
    return [None] * count if best is None and not shows_best(kind) else best


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
