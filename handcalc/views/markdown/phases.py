"""The phase map and the phase diagram as Markdown: what the text says, with tables."""

from __future__ import annotations

from collections.abc import Iterator

from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.views.markdown.blocks import code, joined, prose, table
from handcalc.views.text import diagram as diagram_text
from handcalc.views.text import phase_map as phase_map_text


def phase_map(shown: PhaseMap) -> str:
    """A table for each stretch, a sentence for each change, and how it was found."""
    return joined(
        f"**{phase_map_text.title(shown)}**",
        prose(phase_map_text.inputs(shown)),
        *_stretches(shown),
        *map(prose, phase_map_text.trust(shown)),
    )


def _stretches(shown: PhaseMap) -> Iterator[str]:
    for number, stretch in enumerate(shown.stretches):
        if number:
            yield prose(phase_map_text.change_sentence(shown, shown.changes[number - 1]))
        yield prose(phase_map_text.stretch_sentence(shown, stretch))
        points = phase_map_text.points_of(shown, stretch)
        if points:
            yield table(phase_map_text.HEADS, map(phase_map_text.cells, points))
        else:
            yield prose(phase_map_text.within(stretch))


def diagram(shown: PhaseDiagram) -> str:
    """The picture in letters, its legend, and sentences on it."""
    return joined(
        f"**{diagram_text.title(shown)}**",
        code("\n".join(diagram_text.pictures(shown))),
        prose(diagram_text.legend(shown)),
        *map(prose, diagram_text.sentences(shown)),
        *map(prose, diagram_text.trust(shown)),
    )
