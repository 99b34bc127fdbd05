"""What training sparse autoencoders came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_float
from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.plots.dictionary import DrawnDictionary, plot_floats
from handcalc.views.text import heading
from handcalc.wording import counted, listed
from torchsim.comparison.autoencoders import exact_or_none
from torchsim.storage.sae_specifications import sae_model_keys
from torchsim.views.one_by_one import tried
from torchsim.views.runs import number
from torchsim.views.sae_comparisons import exact_keys
from torchsim.views.sae_specifications import sae_in_common, sae_labels, sae_sentence
from torchsim.views.specifications import MOST_LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from torchsim.autoencoders.run import SaeRun, TrainedSae


TITLE = "The trained sparse autoencoders, the best of their restarts"
_LEGEND = (
    "Losses are means on inputs that training did not see. A latent is never on if it was 0 for "
    "all of these. A restart agreed if its loss is at most 1 per cent above the best one."
)
_MOST_ROWS, _MOST_COLUMNS = 20, 6  # of numbers, for a page 80 columns wide


# --------------------------------------------------------------------------------------------------
# For programs.


def sae_run_data(run: SaeRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": "sae",
        "models": [_model(trained) for trained in run.trained],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def _model(trained: TrainedSae) -> Mapping[str, object]:
    """The weights and ``history`` are those of the best restart, as is ``exact``, in fractions.

    Latents are ``dead`` that were never on, on unseen inputs.
    """
    best, history = trained.best, trained.history
    weights = {name: tensor.tolist() for name, tensor in trained.weights().items()}
    return {
        **sae_model_keys(trained.model),
        **{name: weights[name] for name in ("W_enc", "W_dec", "b_enc", "b_dec")},
        "threshold": weights["threshold"] if trained.model.kind == "jumprelu" else None,
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "on": trained.on[best].tolist(),
        "dead": list(trained.dead),
        "dead_is_proved": False,
        "exact": exact_keys(exact_or_none(trained)),
        "restarts": len(trained.loss),
        "agreed": trained.agreed,
        "losses": list(map(finite, trained.loss.tolist())),
        "history": {
            "steps": list(history.steps),
            "losses": list(map(finite, history.losses[:, best].tolist())),
        },
    }


# --------------------------------------------------------------------------------------------------
# A run.


def sae_run_page(run: SaeRun, notation: PlainNotation, title: str = TITLE) -> RenderableType:
    """The table under a title, what its columns count, and how the models were trained."""
    if len(run.trained) == 1:
        one = sae_trained_text(run.trained[0], notation)
        return spaced(one, Paragraph(notation.words(tried(run))))
    return spaced(
        Group(heading(title, notation), sae_run_table(run, notation)),
        Paragraph(notation.words(tried(run))),
    )


def sae_run_table(run: SaeRun, notation: PlainNotation) -> RenderableType:
    """The table: what tells the models apart, the loss, latents, how many restarts agreed."""
    said = sae_in_common([each.model for each in run.trained]), _LEGEND
    return spaced(
        Sized(lambda width: Text(notation.words(_lines(run, width)))),
        *(Paragraph(notation.words(text)) for text in said),
    )


def sae_run_markdown(run: SaeRun) -> str:
    """The same as Markdown, with every column."""
    if len(run.trained) == 1:
        return joined(sae_trained_markdown(run.trained[0]), prose(tried(run)))
    heads, *rows = fitting(_rows(run), 0, ())
    common = sae_in_common([each.model for each in run.trained])
    said = map(prose, (common, _LEGEND, tried(run)))
    return joined(f"**{TITLE}**", table(heads, rows), *said)


def _lines(run: SaeRun, width: int) -> str:
    rows = _rows(run)
    lines = columns(fitting(rows, width, ("agreed", "never on")), width)
    rest = len(run.trained) + 1 - len(rows)
    return f"{lines}\n… and {rest:,} more: --json has them all." if rest else lines


def _rows(run: SaeRun) -> list[list[str]]:
    """The table's rows, heads first; a column that no model needs is empty."""
    named = sae_labels([trained.model for trained in run.trained])
    cells = zip(*named.values(), strict=True) if named else ([()] * len(run.trained))
    rows = [["model", *named, "loss", "never on", "agreed"]]
    for i, (trained, labelled) in enumerate(zip(run.trained, cells, strict=True)):
        if i < MOST_LINES:
            agreed = f"{trained.agreed} of {len(trained.loss)}"
            never = f"{len(trained.dead)} of {trained.model.latents}"
            rows.append([str(i + 1), *labelled, _loss(trained), never, agreed])
    return rows


def _loss(trained: TrainedSae) -> str:
    best = trained.best
    error = float(trained.standard_error[best])
    return f"{number(float(trained.loss[best]))} ± {error:.1g}"


# --------------------------------------------------------------------------------------------------
# One trained model: its dictionary, and the exact numbers beside it.


def sae_trained_text(trained: TrainedSae, notation: PlainNotation) -> RenderableType:
    """The configuration, the dictionary of the best restart, and what it loses."""
    rows = _dictionary(trained)
    return spaced(
        heading(_title(trained), notation),
        Paragraph(notation.words(sae_sentence(trained.model))),
        *([Text(notation.words(columns(rows, 80)))] if rows else []),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
    )


def sae_trained_markdown(trained: TrainedSae) -> str:
    """The same for a notebook."""
    rows = _dictionary(trained)
    return joined(
        f"**{_title(trained)}**",
        prose(sae_sentence(trained.model)),
        table(rows[0], rows[1:]) if rows else "",
        *map(prose, _said(trained)),
    )


def _title(trained: TrainedSae) -> str:
    count = len(trained.loss)
    title = "A trained sparse autoencoder"
    return title if count == 1 else f"{title}, the best of {count} restarts"


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
    yield f"Loss {_loss(trained)}, on inputs that training did not see."
    if len(trained.loss) > 1:
        low, high = (number(float(each)) for each in (trained.loss.min(), trained.loss.max()))
        yield f"The restarts end between {low} and {high}; {trained.agreed} came to the best one."
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
