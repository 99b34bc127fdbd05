"""Panels: the axes that a picture is given, or those of a figure of its own, in rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, isfinite
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from handcalc.errors import InputError
from handcalc.views.plots.style import DARK, LIGHT, PAGE, Theme, is_dark, styled
from handcalc.wording import brief, counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SET = re.compile(r"\{[^{}]*\}")
_NAME = 122  # letters in a line, of names of all panels together
_ROOMY = 2.4  # inches both ways: large letters have room in such axes
_PAD = 0.12  # inches around each panel
_LARGEST = 100
MOST = 24  # pictures on one figure


@dataclass(frozen=True, slots=True)
class Rows:
    """So many ``panels`` in ``rows`` of up to ``columns``."""

    panels: int
    rows: int
    columns: int

    @classmethod
    def of(cls, panels: int, longest: int = 7) -> Rows:
        """Rows as even as can be: one up to four panels, then two, then as many as needed.

        >>> Rows.of(3), Rows.of(11).columns, Rows.of(14)
        (Rows(panels=3, rows=1, columns=3), 6, Rows(panels=14, rows=2, columns=7))
        """
        rows = max(1 if panels <= 4 else 2, ceil(panels / longest))
        return cls(panels, rows, ceil(panels / rows))

    def named(self, name: str) -> str:
        """The name of a panel in as many lines as fit above or below it."""
        return "\n".join(wrapped(name, int(_NAME / self.columns)))

    def place(self, k: int) -> tuple[int, int]:
        """Row and column of panel k, from 0."""
        return divmod(k, self.columns)


def wrapped(text: str, letters: int) -> list[str]:
    """Lines of about one length, with no break beside =, before a unit and within a set."""
    text = _SET.sub(lambda found: found[0].replace(" ", "\u00a0"), text)
    for loose, tied in ((" = ", "\u00a0=\u00a0"), (" %", "\u00a0%"), (" × ", "\u00a0×\u00a0")):
        text = text.replace(loose, tied)
    choices = [
        wrap(text, k, break_long_words=False, break_on_hyphens=False)
        for k in range(len(text) // 8 + 1, letters + 1)
    ] or [[text]]
    return next(lines for lines in choices if len(lines) == len(choices[-1]))


def only_lines(axes: Axes, *sides: str) -> None:
    """Leave only some of the lines around a panel."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in sides)


@dataclass(frozen=True, slots=True)
class PartOf:
    """A locator by which axes stand in a part of their own room, whoever lays that out.

    ``boxed`` has for the width and height of the room in inches left, bottom, width and height of
    the part.
    """

    axes: Axes
    boxed: Callable[[float, float], tuple[float, float, float, float]]

    def __call__(self, *_: object) -> Any:
        """Where the axes stand, in parts of the figure."""
        from matplotlib.transforms import Bbox

        room, figure = self.axes.get_position(original=True), _figure(self.axes)
        across, up = (1.0, 1.0) if figure is None else figure.get_size_inches()
        left, bottom, wide, high = self.boxed(room.width * across, room.height * up)
        x, y = room.x0 + left / across, room.y0 + bottom / up
        return Bbox.from_bounds(x, y, wide / across, high / up)

    def get_subplotspec(self) -> Any:
        """Where in a grid the room is; matplotlib's tight layout asks the locator for it."""
        return self.axes.get_subplotspec()


# --------------------------------------------------------------------------------------------------
# Which axes, and how they look.


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is asked to look like, the same for all of them; None is left to it."""

    ax: object = None
    title: object = None
    labels: object = None
    colours: object = None
    theme: object = None
    size: object = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Axes that are ready to be drawn into, and the theme that suits their size.

    ``is_small`` where there is room for little beside what is drawn.
    """

    axes: Axes
    theme: Theme
    is_own: bool = True
    is_small: bool = False

    @property
    def inches(self) -> tuple[float, float]:
        """How wide and high they are, once they are arranged."""
        return inches(self.axes)


def panels(look: Look, count: int, each: tuple[float, float]) -> list[Panel]:
    """So many panels: the axes of ``look``, or a figure's own, each so many inches large.

    Errors: ``missing_extra``, ``axes``, ``theme``, ``size``, ``ignored``.
    """
    theme = _theme(look.theme)
    with styled(theme or PAGE):
        if look.ax is None:
            own = theme or LIGHT
            with styled(own):
                return [Panel(axes, own) for axes in _own_axes(look.size, count, each)]
        if look.size is not None:
            raise InputError(
                "ignored", "size= is for a figure of its own: axes that are given have a size."
            )
        found = []
        for axes in _given_axes(look.ax, count):
            is_small = min(inches(axes)) < _ROOMY
            suited = _suited(look.theme, theme, axes, is_small=is_small)
            _dress(axes, suited, is_asked=look.theme is not None)
            found.append(Panel(axes, suited, is_own=False, is_small=is_small))
        return found


def arrange(shown: Sequence[Panel]) -> None:
    """Where a layout moves axes, it does so before letters are made to fit."""
    for figure in {id(figure): figure for p in shown if (figure := _figure(p.axes))}.values():
        if figure.get_layout_engine() is not None:
            with styled(shown[0].theme):  # ticks are made when they are first drawn
                figure.draw_without_rendering()
    for panel in shown:
        locate: Any = panel.axes.get_axes_locator()
        panel.axes.apply_aspect(locate() if isinstance(locate, PartOf) else None)


def told(shown: Sequence[Panel], words: Sequence[str], *, single: bool) -> Any:
    """The axes, each with what it shows in words; of one value one, of several all in a tuple."""
    from handcalc.views.plots.shown_figure import ShownFigure, ShownPanels

    for panel, said in zip(shown, words, strict=True):
        panel.axes.set_label(said)
        if isinstance(figure := _figure(panel.axes), ShownFigure):
            figure.set_label(" ".join(words))
    return shown[0].axes if single else ShownPanels(panel.axes for panel in shown)


def _theme(asked: object) -> Theme | None:
    """The theme, None where none is asked for. Errors: ``theme``."""
    if asked is None or isinstance(asked, Theme):
        return asked
    if asked in ("light", "dark"):
        return LIGHT if asked == "light" else DARK
    raise InputError(
        "theme",
        f'A theme is "light", "dark", or a Theme such as handcalc.plot.DARK, not {brief(asked)}.',
        suggestion='theme="dark"',
    )


def _suited(asked: object, theme: Theme | None, axes: Axes, *, is_small: bool) -> Theme:
    """The theme for given axes: letters that they have room for, on the paper that is there."""
    if isinstance(asked, Theme):
        return asked
    suited = (DARK if is_dark(axes) else LIGHT) if theme is None else theme
    if is_small:
        suited = replace(suited, sizes=PAGE.sizes)
    figure = _figure(axes)
    if theme is None and figure is not None:
        from matplotlib.colors import to_hex, to_rgba

        if to_rgba(figure.get_facecolor())[3]:
            suited = replace(suited, paper=to_hex(figure.get_facecolor()))
    return suited


def _own_axes(size: object, count: int, each: tuple[float, float]) -> list[Axes]:
    from handcalc.views.plots.shown_figure import ShownAxes, ShownFigure

    rows = Rows.of(count, longest=6)
    wide, high = _size(size) or (each[0] * rows.columns, each[1] * rows.rows)
    figure = ShownFigure(figsize=(wide, high), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=_PAD, h_pad=_PAD, wspace=0.03, hspace=0.05)
    return [
        figure.add_subplot(rows.rows, rows.columns, k + 1, axes_class=ShownAxes)
        for k in range(count)
    ]


def _size(size: object) -> tuple[float, float] | None:
    if size is None:
        return None
    numbers = list(size) if isinstance(size, list | tuple) else []
    is_size = len(numbers) == 2 and all(
        isinstance(side, int | float) and isfinite(side) and 0 < side <= _LARGEST
        for side in numbers
    )
    if not is_size:
        raise InputError(
            "size",
            f"A size is the width and height of the figure in inches, up to {_LARGEST}, not "
            f"{brief(size)}.",
            suggestion="size=(8, 4.5)",
        )
    return float(numbers[0]), float(numbers[1])


def _given_axes(ax: object, count: int) -> list[Axes]:
    """The axes, row by row. Errors: ``axes``."""
    from matplotlib.axes import Axes

    found: list[object] = [ax] if isinstance(ax, Axes) else list(_flat(ax))
    if not all(isinstance(axes, Axes) for axes in found):
        raise InputError(
            "axes",
            f"ax= takes the Axes to draw into, or a list of them, not {brief(ax)}.",
            suggestion="figure, ax = plt.subplots()",
        )
    if len(found) != count:
        raise InputError(
            "axes",
            f"{counted(count, 'picture')} {'needs' if count == 1 else 'need'} "
            f"{counted(count, 'Axes') if count == 1 else f'{count} Axes'}, not {len(found)}.",
            suggestion=f"figure, ax = plt.subplots(1, {count})",
        )
    return [axes for axes in found if isinstance(axes, Axes)]


def _flat(ax: object) -> Iterable[object]:
    """The entries of lists in lists, or of an array of plt.subplots'."""
    if isinstance(ax, Iterable) and not isinstance(ax, str):
        for each in ax:
            yield from _flat(each)
    else:
        yield ax


def _dress(axes: Axes, theme: Theme, *, is_asked: bool) -> None:
    """The look on axes that somebody else has made; the figure's paper where it is asked for."""
    if is_asked and (figure := _figure(axes)) is not None:
        figure.set_facecolor(theme.paper)
    axes.set_facecolor(theme.paper)
    for spine in axes.spines.values():
        spine.set(edgecolor=theme.soft, linewidth=theme.points("axes.linewidth"))
    axes.tick_params(
        color=theme.soft, labelcolor=theme.ink, labelsize=theme.points("xtick.labelsize")
    )
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=theme.ink, fontsize=theme.points("axes.labelsize"))


def _figure(axes: Axes) -> Figure | None:
    return axes.get_figure(root=True)


def inches(axes: Axes) -> tuple[float, float]:
    """How wide and high axes are where they stand now.

    >>> from matplotlib.figure import Figure
    >>> inches(Figure(figsize=(4, 3)).add_axes((0, 0, 0.5, 1)))
    (2.0, 3.0)
    """
    figure = _figure(axes)
    dpi = 72.0 if figure is None else figure.dpi
    box = axes.get_window_extent()
    return float(box.width) / dpi, float(box.height) / dpi
