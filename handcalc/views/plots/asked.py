"""What is asked of a picture: which values, and their titles, labels and colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from handcalc.errors import InputError, require
from handcalc.views.plots.panels import MOST, Look, Panel
from handcalc.views.plots.pictured import DrawnModel, Pictured, pictured, several
from handcalc.views.plots.style import Theme
from handcalc.wording import brief


def parts_of(shown: object) -> tuple[list[tuple[str, Pictured]], bool]:
    """What is to be drawn, each with its name, and whether it is one value.

    Errors: ``missing_extra`` without matplotlib, before anything is worked out.
    """
    require("plot", "matplotlib")
    listed = several(shown)
    if listed is None:
        return [("", pictured(shown))], True
    return [(name, pictured(each)) for name, each in listed], False


def all_of(shown: object, part: Callable[[Pictured], Sequence[Any]]) -> tuple[list[Any], bool]:
    """The parts of every value, named by those that have names. Errors: ``too_many``."""
    parts, single = parts_of(shown)
    found = [one for name, each in parts for one in named(name, part(each))]
    if len(found) > MOST:
        raise InputError(
            "too_many",
            f"{MOST} pictures are drawn at most, not {len(found)}: choose some of them.",
            suggestion=f"run.trained[:{MOST}]",
        )
    return found, single and len(found) == 1


def named(name: str, parts: Sequence[Any]) -> list[Any]:
    """The parts of a value that has a name; where there are several, each keeps its own after it.

    >>> from handcalc.views.plots.pictured import DrawnModel
    >>> [one] = named("mine", [DrawnModel([[1.0]], [0.0], "S = 0", "")])
    >>> one.name, [each.name for each in named("mine", [one, one])]
    ('mine', ['mine: mine', 'mine: mine'])
    """
    if not name:
        return list(parts)
    if len(parts) == 1:
        return [replace(parts[0], name=name)]
    return [replace(one, name=f"{name}: {one.name}") for one in parts]


def put_titles(
    drawn: list[Panel], look: Look, models: Sequence[DrawnModel], above: int = 0
) -> list[Panel]:
    """The panels with a title each, those of the models where none are given."""
    titles = titles_of(look.title, [model.name for model in models])
    for panel, title in zip(drawn, titles, strict=True):
        put_title(panel, title, "center", above)
    return drawn


def titles_of(given: object, own: Sequence[str]) -> Sequence[str]:
    """The titles that are given, or those of the models. Errors: ``title``."""
    if given is None:
        return own
    if isinstance(given, str) and len(own) == 1:
        return [given]
    return _texts("title", given, len(own), "pictures")


def put_title(panel: Panel, title: object, where: Any, above: int = 0) -> None:
    """A title; ``above`` lines of letters stand between it and the panel."""
    pad = (0.4 + above) * panel.theme.points("font.size") + 2
    if title:
        panel.axes.set_title(
            str(title), loc=where, parse_math=False, pad=pad, **panel.theme.letters("title")
        )


def name_upright(panel: Panel, look: Look) -> None:
    """In axes with others beside them, what goes up stands above, where there is room for it."""
    axes = panel.axes
    if panel.is_small and look.title is None and not axes.get_title(loc="left"):
        size = panel.theme.points("axes.labelsize")
        axes.set_title(
            axes.get_ylabel(),
            loc="left",
            fontsize=size,
            fontweight="normal",
            color=panel.theme.ink,
            pad=4,
        )
        axes.set_ylabel("")


def names_of(given: object, count: int, what: str = "features") -> Sequence[str]:
    """What features or others are called, their numbers where nothing is given."""
    if given is None:
        return [str(k) for k in range(1, count + 1)]
    return _texts("labels", given, count, what)


def _texts(option: str, given: object, count: int, what: str) -> Sequence[str]:
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != count:
        example = ", ".join(f'"{letter}"' for letter in "abcdefg"[: min(count, 7)])
        raise InputError(
            option,
            f"{option}= is a list of texts, one for each of the {count} {what}, not "
            f"{brief(given)}.",
            suggestion=f"{option}=[{example}]",
        )
    return [str(text) for text in given]


def coloured(theme: Theme, colours: object, field: str = "features", count: int = 0) -> Theme:
    """The theme with colours that were given. Errors: ``colours``."""
    if colours is None:
        return theme
    from matplotlib.colors import is_color_like, to_hex

    listed: Sequence[object] = (
        colours if isinstance(colours, Sequence) and not isinstance(colours, str) else ()
    )
    if not listed or not all(map(is_color_like, listed)) or count not in (0, len(listed)):
        what = f"{count} colours" if count else "colours"
        raise InputError(
            "colours", f"colours= is a list of {what}, not {brief(colours)}.",
            suggestion='colours=["#0072B2", "#D55E00"]',
        )  # fmt: skip
    found = tuple(to_hex(colour) for colour in listed)  # type: ignore[arg-type]  # each is one
    if field == "signs":
        return replace(theme, signs=found)
    return replace(theme, fates=found) if field == "fates" else replace(theme, features=found)


def said_of(name: str, words: str) -> str:
    """What a picture shows, after the name of what it is of, if that has one."""
    return f"{name}: {words}" if name else words
