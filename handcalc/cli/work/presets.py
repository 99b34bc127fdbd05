"""The experiments that can be trained: their list, and one by its name. torch is not needed."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Report
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError
from handcalc.views.layout import to_type
from handcalc.views.text import heading
from torchsim.presets import AnyPreset, preset, presets


def listing() -> Report:
    """The experiments, and how to have a quick look at one."""
    known = presets()

    def page(terminal: Terminal) -> RenderableType:
        width = max(len(each.name) for each in known)
        lines = (Text(f"   {each.name:<{width}}  {each.title}") for each in known)
        title = heading("Experiments to train", terminal.notation)
        ending = to_type("handcalc train by-hand --small", "   ", "bold")
        return Group(title, *lines, "", "Have a quick look at one; it takes some seconds:", ending)

    return Report(
        data=lambda: {"presets": [{"name": each.name, "title": each.title} for each in known]},
        text=page,
    )


def find_preset(name: str) -> AnyPreset:
    """The experiment of that name; an unknown one is refused with the nearest."""
    try:
        return preset(name)
    except InputError as error:
        near = error.suggestion
        suggestion = "handcalc train" if near is None else f"handcalc train {near}"
        raise CommandError(replace(of_input(error), suggestion=suggestion)) from error
