"""What training attention-only models came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
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
from torchsim.views.one_by_one import tried
from torchsim.views.runs import number
from torchsim.views.specifications import MOST_LINES

if TYPE_CHECKING:
    from torch import Tensor

    from torchsim.attention.run import AttentionRun, TrainedAttention


TITLE = "The trained attention-only models, the best of their restarts"
_MOST_RECORDS = 10  # of the way of a model


# --------------------------------------------------------------------------------------------------
# For programs.


def attention_run_data(run: AttentionRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": "attention",
        "models": [_model(trained) for trained in run.trained],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def _model(trained: TrainedAttention) -> Mapping[str, object]:
    """Scores are lists by layer and head; ``history`` is that of the best restart."""
    best, found, history = trained.best, trained.scores, trained.history
    each = [] if history.induction is None or history.previous is None else _on_the_way(trained)
    return {
        **attention_model_keys(trained.model),
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "entropy": None if trained.entropy is None else trained.entropy.to_text(),
        "right": finite(float(trained.right[best])),
        "induction": None if found is None else found.induction[best].tolist(),
        "previous": None if found is None else found.previous[best].tolist(),
        "induction_chance": None if found is None else found.induction_chance,
        "previous_chance": None if found is None else found.previous_chance,
        "restarts": len(trained.loss),
        "agreed": trained.agreed,
        "losses": list(map(finite, trained.loss.tolist())),
        "induction_of_restarts": [] if found is None else found.induction.tolist(),
        "history": {
            "steps": list(history.steps),
            "losses": list(map(finite, history.losses[:, best].tolist())),
            **dict(each),
        },
    }


def _on_the_way(trained: TrainedAttention) -> Iterator[tuple[str, object]]:
    for name in ("induction", "previous"):
        yield name, getattr(trained.history, name)[:, trained.best].tolist()


# --------------------------------------------------------------------------------------------------
# A run.


def attention_run_page(
    run: AttentionRun, notation: PlainNotation, title: str = TITLE
) -> RenderableType:
    """The table under a title, what its columns count, and how the models were trained."""
    return spaced(
        Group(heading(title, notation), attention_run_table(run, notation)),
        Paragraph(notation.words(tried(run))),
    )


def attention_run_table(run: AttentionRun, notation: PlainNotation) -> RenderableType:
    """The table: what tells the models apart, losses, scores, how many restarts agreed."""
    less = ("agreed", "right", "previous token")
    said = (in_common([each.model for each in run.trained]), *_legend(run))
    return spaced(
        Sized(lambda width: Text(notation.words(_lines(run, width, less)))),
        *(Paragraph(notation.words(text)) for text in said),
    )


def attention_run_markdown(run: AttentionRun) -> str:
    """The same as Markdown, with every column."""
    heads, *rows = fitting(_rows(run), 0, ())
    return joined_blocks(
        f"**{TITLE}**",
        table(heads, rows),
        prose(in_common([each.model for each in run.trained])),
        *map(prose, _legend(run)),
        prose(tried(run)),
    )


def _lines(run: AttentionRun, width: int, less: Sequence[str]) -> str:
    rows = _rows(run)
    lines = columns(fitting(rows, width, less), width)
    rest = len(run.trained) + 1 - len(rows)
    return f"{lines}\n… and {rest:,} more: --json has them all." if rest else lines


def _rows(run: AttentionRun) -> list[list[str]]:
    """The table's rows, heads first; a column that no model needs is empty."""
    named = labels([trained.model for trained in run.trained])
    heads = ["model", *named, "loss", "above entropy", "right", "induction", "previous token"]
    cells = zip(*named.values(), strict=True) if named else ([()] * len(run.trained))
    rows = [[*heads, "agreed"]]
    for i, (trained, labelled) in enumerate(zip(run.trained, cells, strict=True)):
        if i < MOST_LINES:
            agreed = f"{trained.agreed} of {len(trained.loss)}"
            rows.append([str(i + 1), *labelled, *_results(trained), agreed])
    return rows


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


# --------------------------------------------------------------------------------------------------
# One trained model: its best restart, head by head, and its way.


def attention_trained_text(trained: TrainedAttention, notation: PlainNotation) -> RenderableType:
    """The configuration, the loss, the scores of each head, and the way there."""
    tables = [rows for rows in (_heads(trained), _way(trained)) if rows]
    return spaced(
        heading(_trained_title(trained), notation),
        Paragraph(notation.words(attention_sentence(trained.model))),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
        *(Text(notation.words(columns(rows, 80))) for rows in tables),
    )


def attention_trained_markdown(trained: TrainedAttention) -> str:
    """The configuration, the loss, the scores of each head, and the way there."""
    tables = [rows for rows in (_heads(trained), _way(trained)) if rows]
    return joined_blocks(
        f"**{_trained_title(trained)}**",
        prose(attention_sentence(trained.model)),
        *map(prose, _said(trained)),
        *(table(rows[0], rows[1:]) for rows in tables),
    )


def _trained_title(trained: TrainedAttention) -> str:
    count = len(trained.loss)
    title = "A trained attention-only model"
    return title if count == 1 else f"{title}, the best of {count} restarts"


def _said(trained: TrainedAttention) -> Iterator[str]:
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
        low, high = (number(float(each)) for each in (trained.loss.min(), trained.loss.max()))
        yield f"The restarts end between {low} and {high}."


def _heads(trained: TrainedAttention) -> list[list[str]]:
    """The scores of every head, and of chance; nothing where there are none."""
    found = trained.scores
    if found is None:
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
