"""The way of training: losses of every restart, beside neurons that have one feature each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from handcalc.views.plots.style import Theme
from torchsim.comparison.networks import NetworkCompared, NetworkComparison
from torchsim.figures.histories import WayDown, draw_ways, how_agreed, ways_described
from torchsim.networks.run import NetworkRun
from torchsim.views.network_specifications import network_names
from torchsim.views.runs import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BESIDE = "neurons with one feature each, the others guessed"


def drawn(run: NetworkRun, compared: NetworkComparison, theme: Theme) -> Figure:
    """Up to five models, a column each."""
    return draw_ways(_ways(run, compared), _BESIDE, _said(run, compared), theme)


def described(run: NetworkRun, compared: NetworkComparison) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(run, compared)
    return ways_described(_ways(run, compared), title)


def _ways(run: NetworkRun, compared: NetworkComparison) -> list[WayDown]:
    names = network_names([trained.model for trained in run.trained])
    return [
        WayDown(
            name, trained.history, trained.best, trained.agreed,
            None if each.own is None else to_float(each.own), _ended(each),
        )
        for name, trained, each in zip(names, run.trained, compared.models, strict=True)
    ]  # fmt: skip


def _ended(each: NetworkCompared) -> str:
    """What the best restart loses, and neurons that have one feature each."""
    how = "on unseen inputs" if each.exact is None else "exactly"
    own = (
        "" if each.own is None else f", neurons with one feature each {number(to_float(each.own))}"
    )
    return f"the best restart loses {number(each.loss)} {how}{own}"


def _said(run: NetworkRun, compared: NetworkComparison) -> tuple[str, str]:
    """How many restarts come to the best, and how to read the panels."""
    agreed, how = how_agreed(_ways(run, compared))
    better = sum(1 for each in compared.models if (each.gap_percent or 0.0) < -0.005)
    below = (
        f"; {better} of {len(compared.models)} end below neurons with one feature each"
        if better
        else ""
    )
    return f"{agreed}{below}.", how
