"""A sparse autoencoder that somebody types, on the h of a W, worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sympy

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, Report
from handcalc.cli.typed_text import Given, reading
from handcalc.directions.autoencoder import read_l1
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.distribution import without_symbol
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.circuits.blocks import Said
from handcalc.views.directions import autoencoders as pages
from handcalc.views.json import autoencoders as data

from .block_pages import PagePart, page_report, with_plot
from .giving_away import ask_before_showing
from .model import distribution_of, model_of
from .outputs import Output

PRICE = "1/5"
_OF_ROWS = ("norms", "wrong_shape")
_WEIGHTS = ("dictionary", "encoder", "b_enc", "b_dec")


def sae(W: Given, l1: Given | None, weighted: bool, **asked: Any) -> Report:
    """The loss, and behind it a code, slopes and ways out where they are asked for."""
    output = Output.of("--png", asked["png"])
    model = model_of(W, rows=asked["rows"])
    price = price_of(l1)
    made = _autoencoder(model, price, asked)
    kinds = {name: asked[name] for name in ("distribution", "sparsity", "sets")}
    given: dict[str, Any] = {
        "distribution": distribution_of(model.n, **kinds), "l1": price, "weighted": weighted,
    }  # fmt: skip
    try:
        shown = handcalc.sae_loss(made, model, **given)
    except InputError as error:
        raise _of_a_loss(error, asked["dictionary"]) from error
    parts = [PagePart(pages.loss(shown), lambda: data.loss(shown))]
    codes: tuple[handcalc.BestCode, ...] = ()
    if asked["x"] is not None:
        code = code_of(made, embedded(model, asked["x"]), price, weighted)
        codes = (code,)
        parts.insert(0, code_part(model, code, asked["x"]))
    if asked["gradient"]:
        parts.append(slopes_part(made, model, given))
    if asked["ways"]:
        typed = any(asked[name] is not None for name in _WEIGHTS)
        parts.append(ways_part(model, given, made if typed else None))
    ask_before_showing(sae_losses=(shown,), codes=codes)
    return with_plot(output, shown, page_report(parts))


def price_of(l1: Given | None) -> sympy.Expr:
    """λ, as it is typed, or 1/5."""
    with reading(l1):
        return read_l1(handcalc.exact(l1.text if l1 else PRICE))


def slopes_part(
    made: handcalc.SparseAutoencoder, model: ToyModel, given: Mapping[str, Any]
) -> PagePart:
    """The slopes."""
    slopes = handcalc.sae_gradient(made, model, **given)
    return PagePart(pages.slopes(slopes), lambda: {"gradient": data.gradient(slopes)})


def _autoencoder(
    model: ToyModel, price: Any, asked: Mapping[str, Any]
) -> handcalc.SparseAutoencoder:
    """The SAE that the options name; a refusal names the one at fault."""
    rows = asked["dictionary"]
    if rows is None:
        decoder: Any = handcalc.SparseAutoencoder.of_features(model, price).W_dec
    else:
        with reading(rows):
            decoder = handcalc.parse_matrix(rows.text)
    encoder, b_enc = asked["encoder"], asked["b_enc"]
    own_bias = None if encoder else [-price / 2]
    with reading(encoder):
        read: Any = handcalc.parse_matrix(encoder.text) if encoder else decoder
        handcalc.SparseAutoencoder(read, decoder)
    with reading(b_enc):
        bias = handcalc.parse_vector(b_enc.text) if b_enc else own_bias
        handcalc.SparseAutoencoder(read, decoder, bias)
    with reading(asked["b_dec"]):
        shift = handcalc.parse_vector(asked["b_dec"].text) if asked["b_dec"] else None
        return handcalc.SparseAutoencoder(read, decoder, bias, shift)


def embedded(model: ToyModel, x: Given) -> Vector:
    """The h of one input."""
    with reading(x):
        values = handcalc.parse_input(x.text, model.n)
        if any(value.free_symbols for value in values):
            raise InputError("symbolic", "A code is that of one input: give x in numbers.")
        passed = handcalc.forward(model, values)
    ask_before_showing(passes=(passed,))
    return passed.h


def code_of(
    made: handcalc.SparseAutoencoder, h: Vector, price: Any, weighted: bool
) -> handcalc.BestCode:
    """The code of one h."""
    try:
        return handcalc.best_code(made, h, price, weighted=weighted)
    except InputError as error:
        raise CommandError(of_input(error)) from error


def code_part(model: ToyModel, code: handcalc.BestCode, x: Given) -> PagePart:
    """The code of one input, with what is unusual about the input."""
    notes = handcalc.forward(model, handcalc.parse_input(x.text, model.n)).notes
    page = [*pages.code(code), *(Said.plainly(f"Note: {note}") for note in notes)]
    return PagePart(page, lambda: {"code": {**data.code(code), "notes": list(notes)}})


def _of_a_loss(error: InputError, dictionary: Given | None) -> CommandError:
    """Rows of another length or shape are the dictionary's fault; whatever else is one of size."""
    message = error.message.replace("weighted=True", "--weighted")
    where = dictionary.where if dictionary is not None and error.code in _OF_ROWS else None
    problem = replace(of_input(error, where), message=message)
    return CommandError(problem, Exit.USAGE if where is None else Exit.UNREADABLE)


def ways_part(
    model: ToyModel, given: Mapping[str, Any], made: handcalc.SparseAutoencoder | None
) -> PagePart:
    """The ways out, and beside them an SAE that is given."""
    with refusing_ways():
        without_symbol(given["distribution"], model.n, "--ways compares at one sparsity")
        shown = handcalc.ways_out(model, **given, sae=made)
    ask_before_showing(losses=(handcalc.expected_loss(model, given["distribution"]),))
    return PagePart(pages.ways(shown), lambda: {"ways": data.ways(shown)})


@contextmanager
def refusing_ways() -> Iterator[None]:
    """What cannot be compared is said, and how it can."""
    try:
        yield
    except InputError as error:
        problem = of_input(error)
        again = "--sparsity=1/2" if error.code == "sparsity" else problem.suggestion
        raise CommandError(replace(problem, suggestion=again)) from error
