"""What training attention-only models came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, columns, spaced
from handcalc.views.markdown import joined as joined_blocks
from handcalc.views.markdown import prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from torchsim.storage.attention_specifications import attention_model_keys
from torchsim.views.attention_specifications import (
    attention_sentence,
    in_common,
    labels,
)
from torchsim.views.run_views import RunView, best_of, numbers_data, restarts_data, run_data
from torchsim.views.runs import ends_text, lost_sentence, number

if TYPE_CHECKING:
    from torch import Tensor

    from torchsim.attention.run import AttentionRun, TrainedAttention


_TITLE = "A trained attention-only model"
_MOST_RECORDS = 10  # of the way of a model


# --------------------------------------------------------------------------------------------------
# For programs.


def attention_run_data(run: AttentionRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return run_data("attention", run, _model)


def _model(trained: TrainedAttention) -> dict[str, object]:
    """Scores are lists by layer and head; ``history`` is that of the best restart."""
    best, found, history = trained.best, trained.scores, trained.history
    each = [] if history.induction is None or history.previous is None else _on_the_way(trained)
    return {
        **attention_model_keys(trained.model),
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "entropy": None if trained.entropy is None else trained.entropy.to_text(),
        "right": finite(float(trained.right[best])),
        "induction": None if found is None else numbers_data(found.induction[best]),
        "previous": None if found is None else numbers_data(found.previous[best]),
        "induction_chance": None if found is None else found.induction_chance,
        "previous_chance": None if found is None else found.previous_chance,
        "induction_of_restarts": [] if found is None else numbers_data(found.induction),
        **restarts_data(trained, **dict(each)),
    }


def _on_the_way(trained: TrainedAttention) -> Iterator[tuple[str, object]]:
    for name in ("induction", "previous"):
        yield name, numbers_data(getattr(trained.history, name)[:, trained.best])


# --------------------------------------------------------------------------------------------------
# A run.


def _results(trained: TrainedAttention) -> Iterator[str]:
    best, found = trained.best, trained.scores
    yield number(float(trained.loss[best]))
    yield (
        "" if trained.entropy is None else _above(float(trained.loss[best]), float(trained.entropy))
    )
    yield f"{float(trained.right[best]):.1%}".replace("%", " %")
    yield "" if found is None else f"{_highest(found.induction[best, -1]):.3f}"
    yield "" if found is None else f"{_highest(found.previous[best, 0]):.3f}"


def _above(loss: float, entropy: float) -> str:
    """How far a loss is above the entropy, in per cent of it.

    >>> _above(1.1, 1.0), _above(1.0, 1.0)
    ('10.000 %', '0.000 %')
    """
    if entropy <= 0:
        return f"{loss:.3g}"
    return f"{max(loss / entropy - 1, 0):.3%}".replace("%", " %")


def _highest(scores: Tensor) -> float:
    return float(scores.max())


def _legend(run: AttentionRun) -> Iterator[str]:
    """What the columns hold, and what chance would give."""
    agreed = "A restart agreed if its loss is at most 1 per cent above the best one."
    if any(trained.entropy is not None for trained in run.trained):
        yield f"No model of any kind has a loss below the entropy of the counts. {agreed}"
        return
    scored = [trained.scores for trained in run.trained if trained.scores is not None]
    told = (
        "Losses are in nats a token, on sequences that training did not see; right is how often "
        f"the likeliest token comes next. {agreed}"
    )
    if not scored:
        yield told
        return
    low, high = (chosen(each.induction_chance for each in scored) for chosen in (min, max))
    chance = f"{low:.3f}" if f"{low:.3f}" == f"{high:.3f}" else f"{low:.3f} to {high:.3f}"
    yield (
        "Induction is the attention of a head of the last layer to all places that follow an "
        f"earlier copy of the current token; by chance {chance}. Previous token is that of a head "
        f"of the first layer to the place before; by chance {scored[0].previous_chance:.3f}. Of "
        "several heads the highest is shown."
    )
    yield told


ATTENTION_RUNS = RunView(
    title="The trained attention-only models, the best of their restarts",
    labels=labels,
    in_common=in_common,
    heads=("loss", "above entropy", "right", "induction", "previous token"),
    cells=_results,
    less=("right", "previous token"),
    explained=_legend,
)


# --------------------------------------------------------------------------------------------------
# One trained model: its best restart, head by head, and its way.


def attention_trained_text(trained: TrainedAttention, notation: PlainNotation) -> RenderableType:
    """The configuration, the loss, the scores of each head, and the way there."""
    tables = [rows for rows in (_heads(trained), _way(trained)) if rows]
    return spaced(
        heading(best_of(_TITLE, trained), notation),
        Paragraph(notation.words(attention_sentence(trained.model))),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
        *(Text(notation.words(columns(rows, 80))) for rows in tables),
    )


def attention_trained_markdown(trained: TrainedAttention) -> str:
    """The configuration, the loss, the scores of each head, and the way there."""
    tables = [rows for rows in (_heads(trained), _way(trained)) if rows]
    return joined_blocks(
        f"**{best_of(_TITLE, trained)}**",
        prose(attention_sentence(trained.model)),
        *map(prose, _said(trained)),
        *(table(rows[0], rows[1:]) for rows in tables),
    )


def _said(trained: TrainedAttention) -> Iterator[str]:
    if trained.is_lost:
        yield lost_sentence(trained)
        return
    best = trained.best
    loss, error = float(trained.loss[best]), float(trained.standard_error[best])
    spread = f" ± {error:.1g}" if error else ""
    above = ""
    if trained.entropy is not None:
        how_far = _above(loss, float(trained.entropy))
        above = f", {how_far} above the entropy {trained.entropy.to_text()}"
    right = f"{float(trained.right[best]):.1%}".replace("%", " %")
    yield f"Loss {number(loss)}{spread}{above}. The likeliest token comes next in {right}."
    if len(trained.loss) > 1:
        yield f"{ends_text(trained)}."


def _heads(trained: TrainedAttention) -> list[list[str]]:
    """The scores of every head, and of chance; nothing where there are none."""
    found = trained.scores
    if found is None or trained.is_lost:
        return []
    induction, previous = found.induction[trained.best], found.previous[trained.best]
    rows = [["head", "induction", "previous token"]]
    for layer in range(trained.model.layers):
        for head in range(trained.model.heads):
            scores = induction[layer, head], previous[layer, head]
            rows.append([f"{layer + 1}.{head + 1}", *(f"{float(each):.3f}" for each in scores)])
    chances = found.induction_chance, found.previous_chance
    return [*rows, ["chance", *(f"{each:.3f}" for each in chances)]]


def _way(trained: TrainedAttention) -> list[list[str]]:
    """Some records on the way of the best restart, heads first."""
    if trained.is_lost:
        return []
    history, best = trained.history, trained.best
    every = -(-len(history.steps) // _MOST_RECORDS)
    rows = [["step", "loss"]]
    if history.induction is not None and history.previous is not None:
        rows[0] += ["induction", "previous token"]
    for k in range(len(history.steps) - 1, -1, -every):
        row = [f"{history.steps[k]:,}", number(float(history.losses[k, best]))]
        if history.induction is not None and history.previous is not None:
            scores = history.induction[k, best, -1], history.previous[k, best, 0]
            row += [f"{_highest(each):.3f}" for each in scores]
        rows.insert(1, row)
    return rows
