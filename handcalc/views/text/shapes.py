"""The shape of an embedding: what its features keep and share, the named ones."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.embeddings import Embedding, which_model
from handcalc.superposition.model.forward_pass import forward as worked
from handcalc.superposition.model.geometry import Geometry
from handcalc.superposition.model.same_model import Sameness
from handcalc.views.layout import INDENT, Paragraph, spaced
from handcalc.views.notation import PlainNotation
from handcalc.views.text.blocks import BOLD, ROUNDED, heading, inside, matrix, table
from handcalc.views.text.drawing import drawing
from handcalc.views.text.steps import claims, derivation, forward


def geometry(result: Geometry, notation: PlainNotation) -> RenderableType:
    """The Gram matrix, and for each feature its length, interference and dimensionality."""
    measures = [
        ("length", notation.cells(result.norms)),
        ("interference", notation.cells(result.interference)),
        ("dimensionality", notation.cells(result.dimensionality)),
    ]
    columns = [("feature", tuple(str(i) for i in range(1, result.model.n + 1)))]
    columns += [(name, cells.texts) for name, cells in measures]
    exactly = notation.equals(*result.gram[0], result.capacity) == "=" and all(
        cells.equals == "=" for _, cells in measures
    )
    gram = "G = W Wᵀ" if notation.unicode else "G = W W^T"
    return Group(
        matrix(result.model.W, notation, "W"),
        Text(),
        heading(f"Gram matrix {gram}: what features keep (diagonal) and share", notation),
        matrix(result.gram, notation, "G"),
        Text(),
        heading("Each feature", notation),
        table(columns),
        Text(),
        Paragraph(
            f"Capacity, the sum of the dimensionalities: {notation.told(result.capacity)} "
            f"of at most {min(result.model.n, result.model.m)}."
        ),
        *([] if exactly else [Paragraph(ROUNDED)]),
    )


def embedding(shown: Embedding, notation: PlainNotation, x: Vector | None = None) -> RenderableType:
    """A page on a named embedding: story, arrows, steps for symbols and for an example, balance."""
    return spaced(embedding_opening(shown, notation), embedding_worked(shown, notation, x))


def embedding_opening(shown: Embedding, notation: PlainNotation) -> RenderableType:
    """How the page begins: which model it works, the story, and the arrows."""
    return spaced(
        heading(f"{shown.name}: {shown.title}", notation),
        Paragraph(notation.words(which_model(shown))),
        Paragraph(notation.words(shown.story)),
        drawing(shown.model, notation),
    )


def embedding_worked(
    shown: Embedding, notation: PlainNotation, x: Vector | None = None
) -> RenderableType:
    """How it goes on: the steps for symbols and for an example, what is gained and what is lost."""
    example = shown.example if x is None else x
    found = shown.findings
    return Group(
        heading("For any input", notation),
        Text(),
        forward(worked(shown.model), notation),
        Text(),
        heading("For an example", notation),
        Text(),
        Text(f"x {inside(example, notation)}"),
        Text(),
        derivation(worked(shown.model, example).derivation, notation),
        heading("What is gained", notation),
        claims(found.gained, notation),
        Text(),
        heading("What is lost", notation),
        claims(found.lost, notation),
        Text(),
        Paragraph(f"Source: {shown.source}."),
    )


def embeddings(shown: Sequence[Embedding], notation: PlainNotation) -> RenderableType:
    """The named embeddings, a line each."""
    width = max(len(one.name) for one in shown)
    lines = [
        Text.assemble(" " * INDENT, (one.name.ljust(width + 2), BOLD), one.title) for one in shown
    ]
    return Group(heading("The named embeddings", notation), *lines)


def sameness(shown: Sameness, notation: PlainNotation) -> RenderableType:
    """Whether two models are the same, and how one comes from the other."""
    return Paragraph(notation.words(shown.sentence))
