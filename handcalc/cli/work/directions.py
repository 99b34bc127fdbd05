"""Directions worked out: a W of one's own, what has a name, and how many fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.names import DIRECTIONS
from handcalc.cli.report import CommandError, Report, ReportedError, refuse
from handcalc.cli.typed_text import Given, reading
from handcalc.directions.analogy import ANALOGIES
from handcalc.directions.coherence import Coherence
from handcalc.directions.recovery import Recovery
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.circuits.blocks import Page, Said, Title
from handcalc.views.directions import fitting, pages
from handcalc.views.json import circuits as circuit_data
from handcalc.views.json import directions as data
from handcalc.wording import brief

from .block_pages import PagePart, page_report, require_plot, with_plot
from .giving_away import ask_before_showing
from .model import about_wide, model_of
from .outputs import Output

_TOO_LARGE = "too_large"  # what is said of a W, and of no text
_OF_A_MODEL = ("W", "rows", "b", "x", "sparsity", "png")
_OF_A_FIT = ("directions", "dimensions", "coherence", "degrees")
_EXAMPLE = 'handcalc directions --W="1 0; 0 1; 1 1"'
_FIT_EXAMPLE = "handcalc directions --dimensions 100 --degrees 89"


def directions(name: str | None, **asked: Any) -> Report:
    """The list, what has a name, a W of one's own, or how many fit."""
    given = [option for option in asked if asked[option] is not None]
    of_model = [option for option in given if option in _OF_A_MODEL]
    of_fit = [option for option in given if option in _OF_A_FIT]
    if of_model and of_fit:
        refuse(
            f"--{of_fit[0]} is about how many fit, and --{of_model[0]} about a W: leave one out.",
            _FIT_EXAMPLE,
        )
    if name is not None and (of_fit or "W" in given):
        refuse(
            f"{name} has a W of its own: leave --{(of_fit or ['W'])[0]} out.",
            f"handcalc directions {name}",
        )
    if of_fit:
        return _fit(asked)
    if name is None and "W" not in given:
        if of_model:
            refuse(f"--{of_model[0]} needs a W, or the name of a set.", _EXAMPLE)
        return _listing()
    if name is not None and name in ANALOGIES:
        if of_model:
            refuse(f"--{of_model[0]} goes with a set of directions, not with {name}.")
        return _analogy(name)
    return _worked(name, asked)


def _listing() -> Report:
    sets, analogies = handcalc.direction_sets(), tuple(ANALOGIES.items())

    def content() -> Mapping[str, object]:
        return {
            "sets": [{"name": s.name, "title": s.title, "rows": s.model.n} for s in sets],
            "analogies": [{"name": name, "title": shown.title} for name, shown in analogies],
        }

    return page_report([PagePart(pages.listing(sets, analogies), content)])


def _analogy(name: str) -> Report:
    shown = ANALOGIES[name]
    head = {"name": name, "title": shown.title, "story": shown.story}
    page = pages.named_analogy(name, shown)
    return page_report([PagePart(page, lambda: {**head, **data.analogy(shown.worked())})])


# -- a model ---------------------------------------------------------------------------------------


def _worked(name: str | None, asked: Mapping[str, Any]) -> Report:
    """A W: coherence, recovery, and what was asked beside it."""
    if asked["b"] is not None and asked["x"] is None and asked["sparsity"] is None:
        refuse(
            "--b counts where an input is read, with --x or --sparsity: add one, or leave it out.",
            "--sparsity=1/2",
        )
    output = Output.of("--png", asked["png"])
    model, parts = _model(name, asked)
    close, back = _coherence(model), _recovery(model)
    singles = [*_of_input(model, asked["x"]), *_on_average(model, asked["sparsity"])]
    if singles:  # what was asked for comes first, and what holds of all inputs behind it
        parts = [*parts, *singles]
    parts = [*parts, close, back[0]]
    worked = back[1]
    if output is not None and isinstance(worked, InputError):
        require_plot(output)
        raise CommandError(of_input(worked))
    return with_plot(output, worked, page_report(parts))


def _model(name: str | None, asked: Mapping[str, Any]) -> tuple[ToyModel, list[PagePart]]:
    """The model, and the head of its page."""
    if name is None:
        model = model_of(asked["W"], asked["b"], asked["rows"])
        hint = about_wide(model, asked["rows"])
        note = [Said.plainly(f"Note: {hint}")] if hint else []
        title = Title("Your directions", is_page=True)
        return model, [PagePart([title, *note], lambda: {"notes": [hint] if hint else []})]
    if asked["rows"] is not None:
        refuse(f"--rows is about a W of your own, and {name} names one.")
    if name not in DIRECTIONS:
        near = get_close_matches(name.lower(), DIRECTIONS, n=1)
        known = f"{', '.join(DIRECTIONS[:-1])} and {DIRECTIONS[-1]}"
        raise CommandError(
            ReportedError(
                "unknown_set",
                f"No set of directions, and no equation of words, is named {brief(name)}. There "
                f"are {known}.",
                suggestion=f"handcalc directions {near[0]}" if near else "handcalc directions",
            )
        )
    found = handcalc.direction_set(name)
    model = found.model
    if asked["b"] is not None:
        with reading(asked["b"]):
            model = ToyModel.exactly(model.W, handcalc.parse_vector(asked["b"].text, model.n))
    head = {"name": found.name, "title": found.title, "story": found.story}
    W = circuit_data.matrix(model.W)
    return model, [PagePart(pages.set_head(found), lambda: {**head, "W": W})]


def _coherence(model: ToyModel) -> PagePart:
    """How close the rows stand; where one is zero, that it has no angle."""
    try:
        shown: Coherence = handcalc.coherence(model)
    except InputError as error:
        if error.code not in ("zero_row", "one_row"):
            raise CommandError(of_input(error)) from error
        said = Said.plainly(f"Coherence is not defined. {error.message}")
        why = error.message
        return PagePart([said], lambda: data.no_coherence(why))
    return PagePart(pages.coherence(shown), lambda: data.coherence(shown))


def _recovery(model: ToyModel) -> tuple[PagePart, Recovery | InputError]:
    """What comes back; of a W that is too large, that it is."""
    try:
        shown = handcalc.recovery(model)
    except InputError as error:
        said, refused = Said.plainly(f"What comes back is not worked out. {error.message}"), error
        return PagePart([said], lambda: data.no_recovery(refused.message)), error
    ask_before_showing(recoveries=(shown,))
    return PagePart(pages.recovery(shown), lambda: data.recovery(shown)), shown


def _of_input(model: ToyModel, x: Given | None) -> list[PagePart]:
    """What is read off one input."""
    if x is None:
        return []
    with reading(x):
        try:
            shown = handcalc.readouts(model, handcalc.parse_input(x.text, model.n))
        except InputError as error:
            return [_left_out("readouts", "What is read off h is not worked out.", error)]
    ask_before_showing(passes=(handcalc.forward(model, shown.x),))
    return [PagePart(pages.readouts(shown), lambda: {"readouts": data.readouts(shown)})]


def _left_out(key: str, said: str, error: InputError) -> PagePart:
    """That a part is too large; the rest of the page stands. Errors: any other is raised again."""
    if error.code != _TOO_LARGE:
        raise error
    page: Page = [Said.plainly(f"{said} {error.message}")]
    return PagePart(page, lambda: {key: {"not_worked_out": error.message}})


def _on_average(model: ToyModel, sparsity: Given | None) -> list[PagePart]:
    """What is lost on average, by whom."""
    if sparsity is None:
        return []
    with reading(sparsity):
        try:
            shown = handcalc.sparsest_loss(model, sparsity.text)
        except InputError as error:
            return [_left_out("on_average", "What is lost on average is not worked out.", error)]
    ask_before_showing(losses=(handcalc.expected_loss(model, sparsity.text),))
    return [PagePart(pages.sparsest_loss(shown), lambda: {"on_average": data.sparsest_loss(shown)})]


# -- how many fit ----------------------------------------------------------------------------------


def _fit(asked: Mapping[str, Any]) -> Report:
    """The third of directions, dimensions and angle, of which two are given."""
    n, d = asked["directions"], asked["dimensions"]
    angle = {k: asked[k] for k in ("coherence", "degrees") if asked[k] is not None}
    if len(angle) > 1:
        refuse("--coherence and --degrees both say the angle: give one of them.", _FIT_EXAMPLE)
    if [n, d].count(None) + (not angle) != 1:
        refuse(
            "Of --directions, --dimensions and an angle (--coherence or --degrees) give two: the "
            "third is worked out.",
            _FIT_EXAMPLE,
        )
    if not angle:
        return _answered(
            lambda: handcalc.least_coherence(n, d),
            fitting.least_coherence,
            data.least_coherence,
            "bounds",
        )
    ((kind, given),) = angle.items()
    with reading(given):
        number = {kind: read_number(given.text)}
    with reading(given):
        if d is not None:
            handcalc.how_many(1, **number)  # so that what is at fault is named
            return _answered(
                lambda: handcalc.how_many(d, **number), fitting.fitting, data.fitting, "fits"
            )
        return _answered(
            lambda: handcalc.dimensions_needed(n, **number),
            fitting.dimensions_needed,
            data.dimensions_needed,
        )


def _answered(
    worked: Callable[[], Any],
    as_page: Callable[[Any], Page],
    as_data: Callable[[Any], Mapping[str, object]],
    reveals: str | None = None,
) -> Report:
    """What is worked out; ``reveals`` says what exercises may have asked for of it."""
    try:
        shown = worked()
    except InputError as error:
        where = f"--{error.code}" if error.code in _OF_A_FIT else None
        raise CommandError(of_input(error, where)) from error
    if reveals is not None:
        ask_before_showing(**{reveals: (shown,)})
    return page_report([PagePart(as_page(shown), lambda: as_data(shown))])
