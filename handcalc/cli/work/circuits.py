"""Circuits worked through: the named ones, one's own, and the bigrams of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import handcalc
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.gallery.listing import with_room
from handcalc.circuits.proving import Enumeration, SequenceClaim
from handcalc.circuits.reading import layered
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.sequence_claims import OneFollower
from handcalc.circuits.softmax import Softmax
from handcalc.circuits.tables import TokenTable
from handcalc.cli.failures import of_input
from handcalc.cli.names import CIRCUITS
from handcalc.cli.report import CommandError, Report, Session, refuse
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given, command_again, read_arrays_or_text, reading
from handcalc.errors import InputError, require
from handcalc.inputs.arguments import Matrix
from handcalc.views.circuits import corpora, models, named, results, runs, svg
from handcalc.views.circuits.blocks import Page, Said, Title
from handcalc.views.circuits.markdown import rendered as in_markdown
from handcalc.views.circuits.text import rendered
from handcalc.views.json import circuits as data
from handcalc.views.plots import style
from handcalc.views.plots.circuit_pages import run_page, tables_page
from handcalc.views.text.questions import about_circuit

from .circuit_models import HEAD, model_of_arrays, read_model, typed_head
from .giving_away import ask_before_showing
from .lesson import ask_first
from .outputs import Output, with_drawing

_OWN = ("W_E", "W_U", "W_pos", "heads", "vocabulary", "softmax", "scale", "file")
_SIZES = ("V", "n", "strength", "sharpness", "softmax")
_MOST_TOKENS = 200  # of a sentence, whose page grows with the square of it
_MOST_CELLS = 50_000  # of all tables of a model


def circuit(session: Session, /, name: str | None, **asked: Any) -> Report:
    """The list, a named circuit, or a model of one's own."""
    sizes = {size: asked[size] for size in _SIZES if asked.get(size) is not None}
    if name is None and [*sizes] not in ([], ["softmax"]):
        refuse(f"--{next(iter(sizes))} is a size of a named circuit: give its name.")
    given = [option for option in _OWN if asked[option] not in (None, ())]
    if name is None and not given:
        wanting = [option for option in ("tokens", "terms", "prove", "svg", "png") if asked[option]]
        if wanting:
            message = f"--{wanting[0]} needs the name of a circuit, or a model of your own."
            refuse(message, f"handcalc circuit induction --{wanting[0]} …".removesuffix(" …"))
        return _listing()
    given = [option for option in given if name is None or option != "softmax"]
    if name is not None and given:
        option = "head" if given[0] == "heads" else given[0]
        refuse(f"--{option} makes a model of your own, and {name} names one: give one of them.")
    if name is None:
        model = own_model(asked)
        run = _run(None, model, asked["tokens"])
        listed = (model,) if asked["terms"] else ()
        ask_before_showing(runs=() if run is None else (run,), listed=listed)
        return _answered(session, None, model, run, asked)
    found = _built(name, sizes, asked)
    run = _run(found, found.model, asked["tokens"]) or found.run()
    listed = (found.model,) if asked["terms"] else ()
    ask_before_showing(circuits=(found.model,), runs=(run,), listed=listed)
    at_once = asked["everything"] or asked["terms"] or asked["prove"]
    if at_once or not session.may_ask:
        return _answered(session, found, found.model, run, asked)
    return _asked_first(session, found, run, asked)


def _asked_first(
    session: Session, found: Circuit, run: CircuitRun, asked: Mapping[str, Any]
) -> Report:
    """The beginning of a page and a question; then the rest of it."""
    _files(asked["svg"], asked["png"])  # what would fail in the end fails before a question
    notation = session.terminal.notation
    opening = named.opening(found, run, columns=asked["columns"])
    rest = named.worked(found, run, every=asked["steps"])
    options = {name: asked[name] for name in (*_SIZES, "tokens", "columns", "steps", "svg", "png")}
    return ask_first(
        session,
        rendered(opening, notation),
        about_circuit(found.question(run), notation),
        lambda: _answered(session, found, found.model, run, asked, rest),
        f"{command_again(f'handcalc circuit {found.name}', options)} --all",
    )


def _built(name: str, sizes: Mapping[str, Any], asked: Mapping[str, Any]) -> Circuit:
    """The named circuit in its sizes, with room for the sentence and for what is proved."""
    try:
        found = handcalc.circuit(name, **sizes)
    except InputError as error:
        if error.code != "unknown_circuit":
            raise CommandError(of_input(error)) from error
        near = get_close_matches(name.lower(), CIRCUITS, n=1)
        again = f"handcalc circuit {near[0]}" if near else "handcalc circuit"
        raise CommandError(replace(of_input(error), suggestion=again)) from error
    if asked["n"] is None:
        words = asked["tokens"].text.split() if asked["tokens"] else []
        count = len(words[0] if len(words) == 1 else words) - len(found.claim.before)
        found = with_room(found, max(count, asked["prove"] or 0), **sizes)
    return found


def watched(session: Session, file: str, asked: Mapping[str, Any]) -> Report:
    """The model in a file, worked again whenever it is saved; Ctrl-C ends it."""
    from .practice import watch_file  # with the exercises, which no other answer here needs

    given = [option for option in ("name", *_SIZES, *_OWN) if asked[option]]
    if given:
        refuse("With --watch, the model comes from its FILE alone.")

    def verdict(text: str) -> Report:
        with reading(Given(text, f"--watch={file}")):
            model = read_model(text)
        return _answered(session, None, model, _run(None, model, asked["tokens"]), asked)

    introduction = "A model in TOML or JSON, worked again whenever it is saved."
    return watch_file(session, file, introduction, verdict, "model")


def _listing() -> Report:
    known = handcalc.circuits()
    return Report(
        data=lambda: {"circuits": [{"name": c.name, "title": c.title} for c in known]},
        text=lambda terminal: rendered(named.listing(known), terminal.notation),
    )


def _answered(
    session: Session,
    found: Circuit | None,
    model: AttentionOnly,
    run: CircuitRun | None,
    asked: Mapping[str, Any],
    page: Page | None = None,
) -> Report:
    """One model: a page that is given or worked through, its paths, or proofs of its claims."""
    drawing, picture = _files(asked["svg"], asked["png"])
    proofs = () if asked["prove"] is None else _proofs(session, found, model, asked["prove"])
    pages = page or _pages(found, model, run, proofs, asked)

    def content() -> dict[str, object]:
        return {
            **({} if found is None else data.circuit(found)),
            **({"vocabulary": list(model.vocabulary)} if run is None else data.run(run)),
            **({"tables": list(map(data.table, _tables(model)))} if found is None else {}),
            **({"terms": data.expansion(_expansion(run))} if run and asked["terms"] else {}),
            **({"proved": data.proof(proofs[0])} if proofs else {}),
            **({"also_proved": list(map(data.proof, proofs[1:]))} if proofs[1:] else {}),
        }

    report = Report(
        content,
        lambda terminal: rendered(pages, terminal.notation),
        markdown=lambda: in_markdown(pages),
    )
    drawn = with_drawing(drawing, lambda: _drawn(model, run), report)
    return with_drawing(picture, lambda: _picture(model, run), drawn)


def _pages(
    found: Circuit | None,
    model: AttentionOnly,
    run: CircuitRun | None,
    proofs: tuple[Enumeration, ...],
    asked: Mapping[str, Any],
) -> Page:
    """What was asked for: the proofs, the paths, or the whole page."""
    columns, every = asked["columns"], asked["steps"]
    page: Page = []
    if proofs or asked["terms"]:
        title = f"{found.name}: {found.title}" if found else "Your model"
        page.append(Title(title, is_page=True))
        if asked["terms"]:
            page += results.expansion(_expansion(run))
        return page + [block for proof in proofs for block in named.proof(proof)]
    if found is not None:
        return named.circuit(found, run, columns=columns, every=every)
    page += [Title("Your model", is_page=True), *models.model(model, columns=columns)]
    if run is not None:
        again = [runs.ROWS_AGAIN] if columns else []
        return [*page, Title("A sentence"), *again, *runs.run(run, every=every)]
    tables = _tables(model)
    page += [block for each in tables for block in results.table(each, columns=columns)]
    if not tables:
        page.append(Said.plainly(_too_large(model)))
    page.append(Said.plainly("With --tokens a sentence is worked through."))
    return page


def _drawn(model: AttentionOnly, run: CircuitRun | None) -> str:
    """How a sentence is read or, without one, the tables."""
    return svg.heat_map(*_tables_to_draw(model)) if run is None else svg.run(run)


def _picture(model: AttentionOnly, run: CircuitRun | None) -> bytes:
    """The same as a PNG file."""
    page = tables_page(*_tables_to_draw(model)) if run is None else run_page(run)
    return style.rendered(page, "png", str(page.get_label()))


def _files(svg_file: Path | None, png_file: Path | None) -> tuple[Output | None, Output | None]:
    """A drawing and a picture that were asked for; what would fail in the end fails early."""
    files = Output.of("--svg", svg_file), Output.of("--png", png_file)
    for output in files:
        if output is not None:
            output.refuse_early()
    if png_file is not None:
        require("plot", "matplotlib")
    return files


def _tables(model: AttentionOnly) -> list[TokenTable]:
    """The bigram table, and the two circuits of each head; none where they would be too large."""
    if _count_cells(model) > _MOST_CELLS:
        return []
    places = [(a, b) for a, layer in enumerate(model.layers, 1) for b in range(1, len(layer) + 1)]
    tables = [handcalc.bigram_table(model)]
    for place in places:
        tables += [handcalc.qk_circuit(model, *place), handcalc.ov_circuit(model, *place)]
    return tables


def _tables_to_draw(model: AttentionOnly) -> list[TokenTable]:
    return _tables(model) or refuse(_too_large(model))


def _count_cells(model: AttentionOnly) -> int:
    return int(model.d_vocab**2 * (1 + 2 * sum(map(len, model.layers))))


def _too_large(model: AttentionOnly) -> str:
    return (
        f"The tables of this model would have {_count_cells(model):,} numbers, and at most "
        f"{_MOST_CELLS:,} are worked out here."
    )


def _run(found: Circuit | None, model: AttentionOnly, tokens: Given | None) -> CircuitRun | None:
    if tokens is None:
        return None if found is None else found.run()
    with reading(tokens):
        places = model.read_tokens(tokens.text)
        if len(places) > _MOST_TOKENS:
            raise InputError(
                "too_long",
                f"A sentence has at most {_MOST_TOKENS} tokens here, not {len(places):,}; in "
                "Python run_circuit takes longer ones.",
            )
        run = handcalc.run_circuit(model, places)
        run.predictions  # noqa: B018  # whether a tie can be told is known here
    return run


def _expansion(run: CircuitRun | None) -> handcalc.PathExpansion:
    if run is None:
        refuse("--terms needs a sentence: give it with --tokens.")
    with reading(None):
        return handcalc.path_expansion(run.model, run.tokens)


def _proofs(
    session: Session, found: Circuit | None, model: AttentionOnly, up_to: int
) -> tuple[Enumeration, ...]:
    """Each claim, or for a model of one's own that it does induction."""
    claims = (_induction(model),) if found is None else found.claims
    try:
        with ProgressBar(session, "Checking sequences") as bar:
            return tuple(claim.prove(up_to, on_progress=bar) for claim in claims)
    except InputError as error:
        problem = of_input(error, "--prove")
        message = problem.message.partition(", or pass most=")[0].rstrip(".") + "."
        if problem.suggestion is not None:
            problem = replace(problem, suggestion=f"--prove={problem.suggestion}")
        raise CommandError(replace(problem, message=message)) from error


def _induction(model: AttentionOnly) -> SequenceClaim:
    """One follower, predicted, on all tokens; a token of beginning stands in front."""
    begin = tuple(name for name in model.vocabulary if name == "<s>")
    return OneFollower(model, before=begin)


# -- a model of one's own --------------------------------------------------------------------------


def own_model(asked: Mapping[str, Any]) -> AttentionOnly:
    """The model that was typed or that is in a file; a refusal names the option at fault."""
    if asked["softmax"] is not None:
        with reading(Given(asked["softmax"], "--softmax")):
            Softmax.of(asked["softmax"])
    if asked["file"] is not None:
        others = [name for name in ("W_E", "W_U", "W_pos", "heads", "scale") if asked[name]]
        if others:
            option = "head" if others[0] == "heads" else others[0]
            refuse(f"--{option} does not go with --file, which holds the whole model.")
        return _of_file(asked)
    for option in ("W_E", "W_U"):
        if asked[option] is None:
            message = f"A model of your own has a W_E and a W_U; --{option} is missing."
            example = f'handcalc circuit --W_E="1 0; 0 1" --W_U="1 0; 0 1" --head="{HEAD}"'
            refuse(message, example)
    heads = []
    for text in asked["heads"]:
        with reading(Given(text, "--head")):
            heads.append(typed_head(text))
    vocabulary = asked["vocabulary"]
    with reading(None):
        return AttentionOnly(
            _matrix(asked["W_E"]),
            _matrix(asked["W_U"]),
            layered(heads),
            W_pos=_matrix(asked["W_pos"]),
            vocabulary=vocabulary.text if vocabulary else None,
            softmax=asked["softmax"] or "base 2",
            scale=asked["scale"],
        )


def _matrix(given: Given | None) -> Matrix | None:
    """What an option holds; a refusal names the option."""
    if given is None:
        return None
    with reading(given):
        return handcalc.parse_matrix(given.text)


def _of_file(asked: Mapping[str, Any]) -> AttentionOnly:
    path, vocabulary = asked["file"], asked["vocabulary"]
    names = vocabulary.text if vocabulary else None
    found = read_arrays_or_text(path, "--file")
    with reading(Given("", f"--file={path}")):
        if not isinstance(found, str):
            return model_of_arrays(found, asked["softmax"], names)
        model = read_model(found)
        if names is None and asked["softmax"] is None:
            return model
        return AttentionOnly(
            model.W_E,
            model.W_U,
            model.layers,
            W_pos=model.W_pos,
            vocabulary=names or model.vocabulary,
            softmax=asked["softmax"] or model.softmax,
            scale=model.scale,
        )


# -- bigrams ---------------------------------------------------------------------------------------


def bigrams(
    session: Session,
    corpus: Given,
    add: Given | None,
    dimensions: int | None,
    files: tuple[Path | None, Path | None],
) -> Report:
    """Counts, the best table, what it costs, and what so many dimensions can do.

    ``files`` are a drawing and a picture.
    """
    drawing, picture = _files(*files)
    with reading(add):
        if add is not None:  # so that what is at fault is named
            handcalc.best_bigrams([[1]], add.text)
    more = add.text if add else 0
    try:
        with ProgressBar(session, "Descending") as bar:
            found = handcalc.best_bigrams(corpus.text, more, dimensions, on_progress=bar)
    except InputError as error:
        if error.code == "missing_extra":
            raise
        wide = error.code == "dimensions"
        with reading(Given("", f"--dimensions={dimensions}") if wide else corpus):
            raise
    ask_before_showing(bigrams=(found,))
    report = Report(
        lambda: data.bigrams(found),
        lambda terminal: rendered(corpora.bigrams(found), terminal.notation),
    )
    drawn = with_drawing(drawing, lambda: svg.counts(found), report)
    return with_drawing(picture, lambda: _counts(found), drawn)


def _counts(found: handcalc.Bigrams) -> bytes:
    panel = found.plot()
    return style.rendered(panel.get_figure(), "png", panel.get_label())
