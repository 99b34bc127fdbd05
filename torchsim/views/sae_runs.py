"""What training sparse autoencoders came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from handcalc.views.json import finite
from handcalc.views.plots.dictionary import DrawnDictionary, plot_floats
from handcalc.wording import counted, listed
from torchsim.comparison.autoencoders import exact_or_none
from torchsim.storage.sae_specifications import sae_model_keys
from torchsim.views.run_views import (
    RunView,
    TrainedView,
    losses_said,
    numbers_data,
    restarts_data,
    run_data,
    sampled_loss,
)
from torchsim.views.runs import number
from torchsim.views.sae_comparisons import exact_keys
from torchsim.views.sae_specifications import sae_in_common, sae_labels, sae_sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from torchsim.autoencoders.run import SaeRun, TrainedSae


_LEGEND = (
    "Losses are means on inputs that training did not see. A latent is never on if it was 0 for "
    "all of these. A restart agreed if its loss is at most 1 per cent above the best one."
)
_MOST_ROWS, _MOST_COLUMNS = 20, 6  # of numbers, for a page 80 columns wide


# --------------------------------------------------------------------------------------------------
# For programs.


def sae_run_data(run: SaeRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return run_data("sae", run, _model)


def _model(trained: TrainedSae) -> dict[str, object]:
    """The weights and ``history`` are those of the best restart, as is ``exact``, in fractions.

    Latents are ``dead`` that were never on, on unseen inputs.
    """
    best = trained.best
    weights = {name: numbers_data(tensor) for name, tensor in trained.weights().items()}
    return {
        **sae_model_keys(trained.model),
        **{name: weights[name] for name in ("W_enc", "W_dec", "b_enc", "b_dec")},
        "threshold": weights["threshold"] if trained.model.kind == "jumprelu" else None,
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "on": trained.on[best].tolist(),
        "dead": None if trained.is_lost else list(trained.dead),
        "dead_is_proved": False,
        "exact": None if trained.is_lost else exact_keys(exact_or_none(trained)),
        **restarts_data(trained),
    }


# --------------------------------------------------------------------------------------------------
# One trained model: its dictionary, and the exact numbers beside it.


def _dictionary(trained: TrainedSae) -> list[list[str]]:
    """Rows of W_dec and how often each latent is on, heads first; nothing where they fill pages."""
    model, best = trained.model, trained.best
    if model.latents > _MOST_ROWS or model.model.m > _MOST_COLUMNS:
        return []
    heads = ["latent", *(f"d{k}" for k in range(1, model.model.m + 1)), "b_enc", "on"]
    weights = trained.weights()
    numbers = zip(weights["W_dec"].tolist(), weights["b_enc"].tolist(), strict=True)
    rows = [[*row, bias] for row, bias in numbers]
    if model.kind == "jumprelu":
        heads.insert(-1, "threshold")
        rows = [[*r, t] for r, t in zip(rows, weights["threshold"].tolist(), strict=True)]
    shares = trained.on[best].tolist()
    return [
        heads,
        *(
            [str(j), *(f"{cell:z.4f}" for cell in row), f"{share:.1%}".replace("%", " %")]
            for j, (row, share) in enumerate(zip(rows, shares, strict=True), 1)
        ),
    ]


def _said(trained: TrainedSae) -> Iterator[str]:
    yield from losses_said(trained)
    dead = trained.dead
    yield (
        f"Never on: {counted(len(dead), 'latent')}, {listed(dead)}."
        if dead
        else "Every latent was on sometimes."
    )
    exact = exact_or_none(trained)
    if exact is not None:
        yield f"In fractions it loses {number(to_float(exact.value))}, exactly worked."
    if not _dictionary(trained):
        size = f"{trained.model.latents} × {trained.model.model.m}"
        yield f"The dictionary ({size}) is trained.W_dec[trained.best]."


SAE_TRAINED = TrainedView("A trained sparse autoencoder", sae_sentence, _dictionary, _said)


# --------------------------------------------------------------------------------------------------
# A run.


def _cells(trained: TrainedSae) -> tuple[str, ...]:
    return sampled_loss(trained), f"{len(trained.dead)} of {trained.model.latents}"


SAE_RUNS = RunView(
    title="The trained sparse autoencoders, the best of their restarts",
    labels=sae_labels,
    in_common=sae_in_common,
    heads=("loss", "never on"),
    cells=_cells,
    less=("never on",),
    explained=lambda _: (_LEGEND,),
    alone=SAE_TRAINED,
)


# --------------------------------------------------------------------------------------------------
# Its picture.


def plot_sae(trained: TrainedSae, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The best restart's dictionary beside the features; latents that were never on are dashed."""
    return plot_floats(dictionary_of(trained), ax, dark=dark)


def dictionary_of(trained: TrainedSae) -> DrawnDictionary:
    """The dictionary of the best restart, to be drawn."""
    W = [[to_float(cell) for cell in row] for row in trained.model.model.W]
    rows = trained.W_dec[trained.best].tolist()
    dead = [j in trained.dead for j in range(1, len(rows) + 1)]
    words = (
        f"The dictionary of restart {trained.best} beside the features: "
        f"{counted(len(rows), 'latent')} beside {counted(len(W), 'feature')}."
    )
    return DrawnDictionary(W, rows, dead, words)
