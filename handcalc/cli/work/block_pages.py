"""Reports on pages of blocks, in parts, and the picture of a result beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Report
from handcalc.errors import InputError, require
from handcalc.views.circuits.blocks import Page
from handcalc.views.circuits.markdown import rendered as in_markdown
from handcalc.views.circuits.text import rendered
from handcalc.views.plots import style

from .outputs import Output, with_drawing


@dataclass(frozen=True, slots=True)
class PagePart:
    """One part of a page, and its data, worked out when they are asked for."""

    page: Page
    data: Callable[[], Mapping[str, object]]


def page_report(parts: Sequence[PagePart]) -> Report:
    """The parts below one another, their data together."""
    page = [block for part in parts for block in part.page]
    return Report(
        lambda: {key: value for part in parts for key, value in part.data().items()},
        lambda terminal: rendered(page, terminal.notation),
        markdown=lambda: in_markdown(page),
    )


def require_plot(output: Output | None) -> None:
    """Refuse early what no picture can be written to, or drawn with."""
    if output is not None:
        output.refuse_early()
        require("plot", "matplotlib")


def with_plot(output: Output | None, shown: Any, report: Report) -> Report:
    """A report with the picture that a result draws of itself, where one was asked for."""
    if output is None:
        return report
    require_plot(output)
    try:
        panel = shown.plot()
    except InputError as error:
        raise CommandError(of_input(error)) from error
    picture = style.rendered(panel.get_figure(), "png", panel.get_label())
    return with_drawing(output, lambda: picture, report)
