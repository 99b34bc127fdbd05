"""Arrows beside formulas: what a notebook shows of a model or an embedding, without matplotlib.

A notebook shows one kind of what a value offers: so arrows and formulas are one piece of HTML. The
formulas are MathML, which browsers draw.
"""

from __future__ import annotations

from handcalc.superposition.model.embeddings import Embedding
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import markdown, picture, svg
from handcalc.views.html.page import notebook

# brackets of matrices as lines of the cell, as few fonts have them of every height
_PAGE = """\
<div class="handcalc-beside">
<style>
.handcalc-beside {{ display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start }}
.handcalc-beside > .arrows {{ flex: 0 1 {wide}px; min-width: 12em }}
.handcalc-beside > .words {{ flex: 1 1 20em; min-width: 0; overflow-x: auto }}
.handcalc-beside svg {{ display: block; width: 100%; height: auto }}
.handcalc-beside .bracket {{ display: none }}
.handcalc-beside .matrix {{ border-left: 1px solid; border-right: 1px solid; border-radius: 4px }}
</style>
<div class="arrows">{arrows}</div>
<div class="words">{words}</div>
</div>"""
_SCALE = 0.8  # of the drawing


def model(shown: ToyModel) -> str | None:
    """The figure with arrows to drag, or the arrows beside the formulas; None where there are none.

    >>> model(ToyModel("1; -1")).count('class="arrow"'), model(ToyModel("1 0 0 0"))
    (2, None)
    """
    figure = notebook(shown)
    if figure is not None or not picture.is_drawn(shown):
        return figure
    return _beside(shown, markdown.model(shown))


def embedding(shown: Embedding) -> str:
    """The arrows beside the story, the steps, and what is gained and lost.

    >>> from handcalc.superposition.model.embeddings import embedding as named
    >>> embedding(named("relu")).count("<math") > 10
    True
    """
    return _beside(shown.model, markdown.embedding(shown))


def _beside(shown: ToyModel, words: str) -> str:
    from handcalc.views.html.document import typeset  # what it stands on is for pages alone

    arrows = svg.arrows(shown)
    wide = _SCALE * float(arrows.partition('viewBox="0 0 ')[2].partition(" ")[0])
    return _PAGE.format(wide=round(wide), arrows=arrows, words=typeset(words))
