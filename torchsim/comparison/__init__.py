"""Trained models beside what is known: best losses, named embeddings, simple exact weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, overload

import numpy as np

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Tabular
from handcalc.superposition.best.canonical_form import Turned
from handcalc.superposition.best.multistart import highest_outputs
from handcalc.superposition.loss.problem import MAX_FEATURES
from handcalc.superposition.model.families import TOLERANCE, Family
from handcalc.wording import brief, counted, listed
from torchsim.attention.run import AttentionRun
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.attention import AttentionComparison as AttentionComparison
from torchsim.comparison.attention import compare_attention as compare_attention
from torchsim.comparison.autoencoders import SaeComparison as SaeComparison
from torchsim.comparison.autoencoders import compare_autoencoders as compare_autoencoders
from torchsim.comparison.best_known import MOST_SEARCHED, linear_best, one_each
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.by_hand import SAME_PERCENT, WITHIN, ByHand, by_hand, in_digits
from torchsim.comparison.chosen_models import ChosenModels, ToyRun
from torchsim.comparison.datasets import DatasetComparison as DatasetComparison
from torchsim.comparison.datasets import compare_datasets as compare_datasets
from torchsim.comparison.known_bounds import KnownBounds
from torchsim.comparison.named_shapes import (
    MOST_NAMED,
    Floats,
    NamedShape,
    Nearest,
    nearest,
    shapes,
    turned,
)
from torchsim.comparison.networks import NetworkComparison as NetworkComparison
from torchsim.comparison.networks import compare_networks as compare_networks
from torchsim.comparison.one_trainer import OneTrainerComparison as OneTrainerComparison
from torchsim.comparison.one_trainer import compare_one_trainer as compare_one_trainer
from torchsim.datasets.run import DatasetRun
from torchsim.kinds import OneTrainerRun
from torchsim.networks.run import NetworkRun
from torchsim.run import Trained, TrainingRun, model_columns
from torchsim.specification import ModelSpec
from torchsim.sweeps.run import SETTINGS, SweepRun

_NOTHING = 1e-9  # so small a part of the loss of dropping everything counts as no loss
_NEAR = 2  # standard errors: so near to the best a mean over samples may be it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compared(Displayed):
    """The best restart of one configuration, beside what is known of it.

    ``restart`` counts from 0, features from 1. ``loss`` is the exact loss, or where n is too large
    for it, and ``exact_loss`` None, the sampled one, with its ``standard_error``; ``at_least`` and
    ``at_most`` are then what is known of the exact one, None where nothing is.
    ``gap_percent`` is 100·(L − best)/best, 0 where that is no more than rounding, None where no
    best is known, or where the best is 0 and the model loses something.
    ``linear_best`` stands in for a best where none is known: what the best linear model loses, the
    best ReLU loss is at most. ``family`` is that of ``turned``, with the
    arrows of those features turned round, as they may be where a feature is always on.
    ``nearest`` and ``distance``, that of the arrows, are None for more than 8 features, and so is
    ``by_hand``. ``dead`` outputs are 0 for every input; ``dropped`` features have next to no arrow.
    """

    model: ModelSpec
    restart: int
    loss: float
    exact_loss: float | None
    standard_error: float | None
    at_least: float | None
    at_most: float | None
    best: KnownBest | None
    gap_percent: float | None
    linear_best: float | None
    family: Family
    turned: tuple[int, ...]
    nearest: str | None
    distance: float | None
    dead: tuple[int, ...]
    dropped: tuple[int, ...]
    by_hand: ByHand | None
    sentence: str

    def __repr__(self) -> str:
        gap = (
            "" if self.gap_percent is None else f", {self.gap_percent:z.2f} % above the best known"
        )
        return f"<Compared: {self.family.name}, loss {self.loss:.6g}{gap}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Displayed, Tabular):
    """Models of a run or cells of a sweep, as ``what`` says, with their ``numbers`` from 1.

    ``within`` is the part by which a by-hand model may lose more; ``tolerance``, in radians, is for
    the families. Of cells ``settings`` say how each was trained. ``failed`` has the models or cells
    that came to nothing, with the reason.
    """

    models: tuple[Compared, ...]
    numbers: tuple[int, ...]
    within: float
    tolerance: float
    what: Literal["model", "cell"] = "model"
    settings: tuple[Mapping[str, Any], ...] = ()
    failed: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        gaps = [each.gap_percent for each in self.models if each.gap_percent is not None]
        most = f", at most {max(gaps):z.2f} % above the best known" if gaps else ""
        return f"<Comparison: {counted(len(self.models), self.what)}{most}>"

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each model: what it is, its loss beside the best known, and its shape."""
        names = ("loss", "exact_loss", "at_least", "at_most", "gap_percent", "nearest", "distance",
                 "dead", "dropped")  # fmt: skip
        found = {name: [getattr(each, name) for each in self.models] for name in names}
        models = model_columns([each.model for each in self.models]) | {"model": self.numbers}
        settings: dict[str, Sequence[object]] = {}
        if self.what == "cell":
            models = {"cell": models.pop("model"), **models}
            settings = {name: [each[name] for each in self.settings] for name in SETTINGS}
            settings = {"seed": [each.model.seed for each in self.models], **settings}
        return {
            **models,
            **settings,
            **found,
            "best": [None if each.best is None else each.best.loss for each in self.models],
            "family": [each.family.name for each in self.models],
        }


@overload
def compare(
    run: ToyRun,
    within: float = WITHIN,
    *,
    models: Sequence[int] | None = None,
    best: Sequence[KnownBest | None] | None = None,
) -> Comparison: ...
@overload
def compare(run: AttentionRun) -> AttentionComparison: ...
@overload
def compare(run: SaeRun) -> SaeComparison: ...
@overload
def compare(run: NetworkRun) -> NetworkComparison: ...
@overload
def compare(run: DatasetRun) -> DatasetComparison: ...
def compare(
    run: ToyRun | OneTrainerRun,
    within: float = WITHIN,
    *,
    models: Sequence[int] | None = None,
    best: Sequence[KnownBest | None] | None = None,
) -> Comparison | OneTrainerComparison:
    """For each model of a run, of its restarts the best, beside what is known of it.

    Args:
        run: The run, of toy models, attention-only ones or sparse autoencoders; or a sweep. Failed
            cells, and models all restarts of which diverged, are told and left out.
        within: The part, from 0 to 1, by which the by-hand toy model may lose more than the trained
            one.
        models: Which toy models or cells, by their numbers from 1; all if left out.
        best: What is known of each of these, where it is at hand; else it is worked out, once in a
            process.

    Returns:
        Of toy models the losses beside the best known, the nearest named embedding, and the
        simplest exact weights. Of attention-only models the losses beside exact ones, what each
        head does, and the nearest named circuit. Of autoencoders the losses beside that of the
        features as the dictionary, and beside the best code. Of networks with neurons the losses
        beside neurons with one feature each; of toy models on data sets beside those of a constant
        output, and what takes up the dimensions.

    Raises:
        InputError: ``run`` for what is no run; ``models`` for a number that there is not;
            ``failed`` where every cell or model that is asked for did; ``within``, ``wrong_shape``;
            ``ignored`` for what makes a difference to toy models alone.

    Examples:
        >>> from torchsim import ModelSpec, TrainingSpec, train
        >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "9/10"),), restarts=4))
        >>> found = compare(run).models[0]
        >>> found.nearest, found.by_hand.model.W
        ('antipodal', ((1,), (-1,)))
    """
    if isinstance(run, OneTrainerRun):
        if within != WITHIN or best is not None or models is not None:
            raise InputError("ignored", "within=, models= and best= are for runs of toy models.")
        found: OneTrainerComparison = compare_one_trainer(run)
        return found
    given: object = run
    if not isinstance(given, (TrainingRun, SweepRun)):
        raise InputError(
            "run",
            "torchsim.compare takes a TrainingRun or a SweepRun, as torchsim.train, torchsim.sweep "
            f"and torchsim.load give it, not {brief(given)}.",
            suggestion=f"torchsim.compare(torchsim.train({brief(given)}))",
        )
    chosen = ChosenModels.of(run, models)
    return compare_models(chosen, one_each(best, chosen.trained), within)


def compare_models(
    chosen: ChosenModels,
    best: Sequence[KnownBest | None],
    within: float = WITHIN,
    on_progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """The comparison of models that are chosen, with the best known of each.

    ``on_progress`` hears how many of how many are done. Errors: ``within``.
    """
    known: dict[tuple[int, int], tuple[NamedShape, ...]] = {}
    models: list[Compared] = []
    for trained, lowest in zip(chosen.trained, best, strict=True):
        n, m = trained.model.features, trained.model.hidden
        if n <= MOST_NAMED and (n, m) not in known:
            known[n, m] = shapes(n, m)
        models.append(_compared(trained, lowest, known.get((n, m), ()), within))
        if on_progress is not None:
            on_progress(len(models), len(chosen.trained))
    return Comparison(
        tuple(models),
        chosen.numbers,
        within,
        TOLERANCE,
        chosen.what,
        chosen.settings,
        chosen.failed,
    )


def dead_outputs(W: Floats, b: Floats, model: ModelSpec) -> tuple[int, ...]:
    """The features, from 1, whose outputs are 0 for every input that can occur.

    With ReLU those with bᵢ + max over A of Σ_{j∈A} max(Gᵢⱼ, 0) ≤ 0, A the sets of features that can
    be active together; without it, those with bᵢ = 0 and no overlap with what can be active. Of
    other activations none are known.

    >>> W, b = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), np.asarray([0.0, -0.5, -0.5])
    >>> dead_outputs(W, b, ModelSpec.of(3, 2, "1/2"))
    (3,)
    """
    G = W @ W.T
    if not model.has_exact:
        return ()  # whose outputs may be 0 nowhere
    if model.activation == "linear":
        G, b = np.abs(G), np.abs(b)  # z reaches both signs; it is 0 where all of them are
    blocks = [block for block in model.blocks if block.sparsity != 1]
    sets = [[support for support, q in block.supports if q != 0] for block in blocks]
    return tuple(int(i) + 1 for i in np.flatnonzero(highest_outputs(G, b, sets) <= 0))


def _compared(
    trained: Trained, best: KnownBest | None, known: Sequence[NamedShape], within: float
) -> Compared:
    """The best restart of one configuration."""
    model, k = trained.model, trained.best
    W, b = (np.asarray(part[k].numpy(), dtype=np.float64) for part in (trained.W, trained.b))
    arrows = turned(W, b, model)
    loss = float(trained.loss[k])
    near = nearest(np.asarray(arrows.W), np.asarray(arrows.b), known)
    dead = dead_outputs(W, b, model)
    # inputs are at least 0, so a ReLU behind a linear model does no harm; of others none is known
    bound = linear_best(model) if best is None and model.has_exact else None
    error = None if trained.exact_loss is not None else float(trained.standard_error[k])
    between = KnownBounds.of(trained)
    sentence = " ".join(
        [
            _loss_said(loss, error, best, bound, model),
            *between.sentences(),
            *_arrows_said(arrows, near, dead),
        ]
    )
    return Compared(
        model=model,
        restart=k,
        loss=loss,
        exact_loss=None if trained.exact_loss is None else loss,
        standard_error=error,
        at_least=between.at_least,
        at_most=between.at_most,
        best=best,
        gap_percent=gap_percent(loss, best, model),
        linear_best=bound,
        family=arrows.family,
        turned=arrows.turned,
        nearest=None if near is None else near.name,
        distance=None if near is None else near.distance,
        dead=dead,
        dropped=tuple(
            i for part in arrows.family.parts if part.kind == "dropped" for i in part.features
        ),
        by_hand=by_hand(W, b, model, within) if model.has_exact else None,
        sentence=sentence,
    )


def gap_percent(loss: float, best: KnownBest | None, model: ModelSpec) -> float | None:
    """100·(L − best)/best; 0 where neither is anything, None where only the best is nothing."""
    if best is None:
        return None
    nothing = _NOTHING * model.loss_of_dropping
    if best.loss <= nothing:
        return 0.0 if loss <= nothing else None
    gap = float(100 * (loss - best.loss) / best.loss)
    return 0.0 if abs(gap) < SAME_PERCENT else gap


def _loss_said(
    loss: float, error: float | None, best: KnownBest | None, bound: float | None, model: ModelSpec
) -> str:
    """The loss beside the best that is known."""
    what = _lost(f"{loss:.6g}", error)
    if best is None:
        unknown = _unknown(model)
        if bound is None:
            return f"{what}; {unknown}."
        part = (loss - bound) / bound if bound else 0.0
        side = "below" if part < 0 else "above"
        far = f"{abs(100 * part):.2f} % {side} what the best linear model loses"
        return f"{what}, {far}; {unknown}."
    certain = "the best there is" if best.proved else "the best known (found, not proved)"
    gap = gap_percent(loss, best, model)
    if gap is None:
        return f"{what}; {certain} loses nothing."
    if not isfinite(gap):
        return f"{what}; {certain} loses {best.loss:.6g}."
    if error is not None and abs(loss - best.loss) <= _NEAR * error:
        return f"{what}, within {_NEAR} standard errors of {certain}, {best.loss:.6g}."
    if gap == 0:
        return f"{what}, {certain}."
    side = "above" if gap > 0 else "below"
    shown, lowest = _told_apart(loss, best.loss)
    return f"{_lost(shown, error)}, {in_digits(abs(gap))} % {side} {certain}, {lowest}."


def _unknown(model: ModelSpec) -> str:
    """That no best is known; where it could be found, where."""
    if not model.has_exact:
        return f"no best is known, as the loss of {model.activation} models has no exact form here"
    if model.activation == "relu" and MOST_SEARCHED < model.features <= MAX_FEATURES:
        return (
            f"no best is known, as it is not searched for here beyond {MOST_SEARCHED} features "
            f"(optimum searches for it up to {MAX_FEATURES})"
        )
    return "no best is known"


def _lost(loss: str, error: float | None) -> str:
    return f"Exact loss {loss}" if error is None else f"Sampled loss {loss} ± {error:.2g}"


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Two losses in six digits, or in as many as it takes to tell them apart."""
    for digits in range(6, 17):
        shown = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return shown


def _arrows_said(arrows: Turned, near: Nearest | None, dead: Sequence[int]) -> Iterator[str]:
    """The family, the nearest named embedding, and dead outputs."""
    yield f"{arrows.family.name.capitalize()}: {arrows.family.sentence}"
    if arrows.turned:
        those = f"feature{'s' if len(arrows.turned) > 1 else ''} {listed(arrows.turned)}"
        yield f"That is with the arrows of {those} turned round, at the same loss."
    if near is not None:
        yield f"Nearest named embedding: {near.name}, its arrows at distance {near.distance:.2g}."
    if len(arrows.W) > MOST_NAMED:
        yield (
            f"Named embeddings and simple exact weights are sought for up to {MOST_NAMED} features."
        )
    if dead:
        plural = len(dead) > 1
        outputs = f"Output{'s' if plural else ''} {listed(dead)} {'are' if plural else 'is'}"
        yield f"{outputs} 0 for every input."
