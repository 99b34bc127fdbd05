"""How runs with one trainer are shown: a table of their models, or one model by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rich.console import Group, RenderableType
from rich.text import Text
from torch import Tensor

from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose
from handcalc.views.markdown import table as markdown_table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from torchsim.restarts import diverged_data, divergence
from torchsim.views.one_by_one import Labels, tried
from torchsim.views.runs import divergences, ends_text, lost_sentence, number
from torchsim.views.specifications import MOST_LINES

Rows: TypeAlias = "list[list[str]]"
"""A table, heads first."""


@dataclass(frozen=True, slots=True)
class TrainedView:
    """One trained model: its configuration, the numbers of its best restart, and sentences.

    ``rows`` are a table of these numbers, none where they fill pages.
    """

    title: str
    sentence: Callable[[Any], str]
    rows: Callable[[Any], Rows]
    said: Callable[[Any], Iterable[str]]

    def text(self, trained: Any, notation: PlainNotation) -> RenderableType:
        """For a terminal."""
        rows, said = self._shown(trained)
        return spaced(
            heading(best_of(self.title, trained), notation),
            Paragraph(notation.words(self.sentence(trained.model))),
            *([Text(notation.words(columns(rows, 80)))] if rows else []),
            *(Paragraph(notation.words(text)) for text in said),
        )

    def markdown(self, trained: Any) -> str:
        """The same for a notebook."""
        rows, said = self._shown(trained)
        return joined(
            f"**{best_of(self.title, trained)}**",
            prose(self.sentence(trained.model)),
            markdown_table(rows[0], rows[1:]) if rows else "",
            *map(prose, said),
        )

    def _shown(self, trained: Any) -> tuple[Rows, Iterable[str]]:
        """The numbers of the best restart and what is said of them; of none, that it is none."""
        if trained.is_lost:
            return [], [lost_sentence(trained)]
        return self.rows(trained), self.said(trained)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run: a row for each model, what its columns count, and how the models were trained.

    ``cells`` are those below ``heads``, between what tells a model apart and how many restarts
    agreed; columns of ``less`` go where there is no room. A run of one model is shown by ``alone``,
    if there is one.
    """

    title: str
    labels: Callable[[Sequence[Any]], Labels]
    in_common: Callable[[Sequence[Any]], str]
    heads: tuple[str, ...]
    cells: Callable[[Any], Iterable[str]]
    less: tuple[str, ...]
    explained: Callable[[Any], Iterable[str]]
    alone: TrainedView | None = None

    def page(self, run: Any, notation: PlainNotation) -> RenderableType:
        """For a terminal."""
        how = Paragraph(notation.words(tried(run)))
        if self.alone is not None and len(run.trained) == 1:
            return spaced(self.alone.text(run.trained[0], notation), how)
        return spaced(Group(heading(self.title, notation), self.table(run, notation)), how)

    def table(self, run: Any, notation: PlainNotation) -> RenderableType:
        """The table, and how to read it."""
        return spaced(
            Sized(lambda width: Text(notation.words(self._lines(run, width)))),
            *(Paragraph(notation.words(text)) for text in self._said(run)),
        )

    def markdown(self, run: Any) -> str:
        """For a notebook, with every column."""
        if self.alone is not None and len(run.trained) == 1:
            return joined(self.alone.markdown(run.trained[0]), prose(tried(run)))
        heads, *rows = fitting(self._rows(run), 0, ())
        said = map(prose, (*self._said(run), tried(run)))
        return joined(f"**{self.title}**", markdown_table(heads, rows), *said)

    def _said(self, run: Any) -> tuple[str, ...]:
        common = self.in_common([each.model for each in run.trained])
        return common, *self.explained(run), *divergences(run)

    def _lines(self, run: Any, width: int) -> str:
        rows = self._rows(run)
        lines = columns(fitting(rows, width, ("agreed", *self.less)), width)
        rest = len(run.trained) + 1 - len(rows)
        return f"{lines}\n… and {rest:,} more: --json has them all." if rest else lines

    def _rows(self, run: Any) -> Rows:
        """Heads first; a column that no model needs is empty."""
        named = self.labels([trained.model for trained in run.trained])
        rows = [["model", *named, *self.heads, "agreed"]]
        for i, trained in enumerate(run.trained[:MOST_LINES]):
            own = [cells[i] for cells in named.values()]
            agreed = f"{trained.agreed} of {len(trained.loss)}"
            cells = [*self.cells(trained)]
            if trained.is_lost:
                cells = [divergence(trained.diverged), *[""] * (len(cells) - 1)]
            rows.append([str(i + 1), *own, *cells, agreed])
        return rows


def best_of(title: str, trained: Any) -> str:
    """A title, and of how many restarts it is the best."""
    count = len(trained.loss)
    return title if count == 1 else f"{title}, the best of {count} restarts"


def sampled_loss(trained: Any) -> str:
    """The loss of the best restart on unseen inputs, with its standard error."""
    best = trained.best
    error = float(trained.standard_error[best])
    return f"{number(float(trained.loss[best]))} ± {error:.1g}"


def losses_said(trained: Any) -> Iterable[str]:
    """The loss of the best restart, and between which losses the restarts end."""
    yield f"Loss {sampled_loss(trained)}, on inputs that training did not see."
    if len(trained.loss) > 1:
        yield f"{ends_text(trained)}; {trained.agreed} came to the best one."


# --------------------------------------------------------------------------------------------------
# For programs.


def run_data(trainer: str, run: Any, model: Callable[[Any], dict[str, object]]) -> dict[str, Any]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": trainer,
        "models": [model(trained) for trained in run.trained],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def numbers_data(tensor: Tensor) -> object:
    """The numbers of a tensor in nested lists, without those that JSON has not.

    None in the place of an infinity or NaN, and of the whole where no number is finite: those of a
    restart that diverged.

    >>> import torch
    >>> numbers_data(torch.tensor([[0.5, torch.nan]])), numbers_data(torch.tensor([torch.nan]))
    ([[0.5, None]], None)
    """
    lists = tensor.tolist()
    if tensor.isfinite().all():
        return lists
    return _finite_lists(lists) if tensor.isfinite().any() else None


def _finite_lists(found: Any) -> object:
    return [_finite_lists(each) for each in found] if isinstance(found, list) else finite(found)


def restarts_data(trained: Any, **on_the_way: object) -> dict[str, object]:
    """The losses of all restarts, and the way of the best one."""
    best, history = trained.best, trained.history
    return {
        "restarts": len(trained.loss),
        "agreed": trained.agreed,
        "losses": list(map(finite, trained.loss.tolist())),
        "diverged": diverged_data(trained),
        "history": {
            "steps": list(history.steps),
            "losses": list(map(finite, history.losses[:, best].tolist())),
            **on_the_way,
        },
    }
