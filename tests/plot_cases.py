"""The pictures of ``handcalc.plot``: what is typed for each, and those that were looked at.

``python -m tests.plot_cases`` draws them anew, as PNG files of few bytes in ``docs/figures`` and on
the page ``docs/plots.md``, to be looked at and kept. The tests draw them again, in this process and
in a notebook's kernel, and compare.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.guarded import ROOT

__all__ = ["CASES", "PAGE", "SETUP", "difference", "drawn", "page", "reference"]

SETUP = """\
import handcalc
import torchsim
from handcalc import plot

model = handcalc.ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
walk = {name: handcalc.embedding(name) for name in ("orthogonal", "relu", "triangle")}
dense, sparse = handcalc.optimum(3, 2, "3/10"), handcalc.optimum(3, 2, "9/10")
along = handcalc.phase_map(3, 2, points=11, restarts=16)
diagram = handcalc.phase_diagram(2, 1, size=8, restarts=8)
spec = torchsim.ModelSpec.of
run = torchsim.train(torchsim.TrainingSpec((spec(3, 2, "1/5"), spec(3, 2, "9/10")), restarts=1))
pairs = [spec(2, 1, S, [1, r]) for S in ("0", "7/10", "99/100") for r in ("1/10", 1, 10)]
grid = torchsim.train(torchsim.TrainingSpec(tuple(pairs), restarts=8))
weights = ["1 1 1/10", "1 1 1/3", "1", "1 1 3", "1 1 10"]
steps = torchsim.SweepGrid.of(3, 2, ["0", "1/5", "2/5", "3/5", "4/5"], weights, restarts=8)
swept = torchsim.sweep(steps)
"""

CASES: dict[str, tuple[str, str]] = {
    "arrows": ("Arrows in the unit circle.", 'plot.arrows(handcalc.embedding("triangle"))'),
    "arrows-best": (
        "Several models beside each other, all on one scale.",
        "plot.arrows([dense, sparse])",
    ),
    "arrows-line": (
        "One dimension is a line for each feature; features have names.",
        'plot.arrows("1; -1; 1/2", labels=["cat", "dog", "fish"], theme="dark")',
    ),
    "arrows-space": (
        "Three dimensions are two views. A cross points away from you, a dot at you.",
        'plot.arrows("1 0 0; 0 1 0; 0 0 1; 1/2 1/2 1/2")',
    ),
    "arrows-trained": (
        "What was trained, with the exact best known as rings.",
        "plot.arrows(run)",
    ),
    "gram": (
        "W Wᵀ with its exact numbers, and the lengths, the brighter the more a feature shares.",
        "plot.gram(model)",
    ),
    "gram-walk": ("The same of several models, in the dark.", 'plot.gram(walk, theme="dark")'),
    "losses": ("The expected loss along S, a line for each model.", "plot.losses(walk)"),
    "losses-best": ("Of an optimum its own S is marked.", "plot.losses([dense, sparse])"),
    "losses-minima": (
        "The minima of a phase map, thick where they are best.",
        "plot.losses(along)",
    ),
    "losses-steps": ("The loss on the way of training.", "plot.losses(run)"),
    "phases": ("The lengths of the best embedding along S.", "plot.phases(along)"),
    "phases-biases": (
        "And its biases, in colours of your own.",
        'plot.phases(along, of="biases", theme="dark", colours=["#56B4E9", "#F0E442", "#FFFFFF"])',
    ),
    "diagram": (
        "What becomes of the last feature, by its importance and by the density of all.",
        "plot.diagram(diagram)",
    ),
    "diagram-saving": (
        "What the true minima save, beside the textbook's candidates.",
        'plot.diagram(diagram, show="saving")',
    ),
    "diagram-trained": ("What training made of such a grid.", "plot.diagram(grid)"),
    "heatmap": (
        "The losses of a sweep over two of its settings.",
        "plot.heatmap(swept)",
    ),
    "heatmap-dimensionality": (
        "How much of a dimension the features held have, in the dark.",
        'plot.heatmap(swept, value="dimensionality", theme="dark")',
    ),
    "forward": (
        "How x goes down into h, and up to z and x̂.",
        'plot.forward(model, "1 1/2 1/4")',
    ),
    "forward-symbols": (
        "The same for any x, in the dark.",
        'plot.forward(handcalc.embedding("relu").model, theme="dark")',
    ),
}
"""A sentence and a source for each picture, by its name."""

PAGE = ROOT / "docs" / "plots.md"
_FIGURES = ROOT / "docs" / "figures"
_COLOURS = 160  # of a file
_HEADINGS = {
    "arrows": "Arrows",
    "gram": "What features keep and share",
    "losses": "Losses",
    "phases": "Phases along S",
    "diagram": "Phase diagrams",
    "heatmap": "Sweeps",
    "forward": "A forward pass",
}


def drawn(source: str, names: dict[str, Any]) -> tuple[bytes, str]:
    """The PNG that a notebook shows of a source, and its text."""
    picture, told = eval(source, names)._repr_png_()  # noqa: S307 - our own table
    return picture, told["alt"]


def reference(name: str) -> bytes:
    """The picture as it was looked at."""
    return (_FIGURES / f"plot-{name}.png").read_bytes()


def difference(one: bytes, other: bytes) -> float:
    """The part of a picture that is another: pixels that differ by a tenth and more, in per cent.

    Both are blurred a little first, so that an edge which moves by a part of a pixel is no
    difference. Pictures of different sizes are different all over.
    """
    images = [Image.open(io.BytesIO(each)).convert("RGB") for each in (one, other)]
    if images[0].size != images[1].size:
        return 100.0
    small = [image.resize((image.width // 2, image.height // 2)) for image in images]
    first, second = (np.asarray(image, dtype=np.float64) for image in small)
    return 100 * float((np.abs(first - second).max(axis=2) > 25.5).mean())


def page(told: dict[str, str]) -> str:
    """The page of all pictures; ``told`` has what each shows in words."""
    parts = [_OPENING]
    for name, (sentence, source) in CASES.items():
        if name in _HEADINGS:
            parts.append(f"## {_HEADINGS[name]}")
        parts.append(f"{sentence}\n\n```python\n{source}\n```")
        parts.append(f"![{told[name]}](figures/plot-{name}.png)")
    return "\n\n".join([*parts, _CLOSING]) + "\n"


_OPENING = f"""\
# Pictures of models and results

`handcalc.plot` draws with matplotlib (`pip install "handcalc[plot]"`), in the look of `handcalc
figure`: into the axes that you give as `ax=`, or into a figure of its own, which a notebook shows
by itself. Each function takes a model, W alone, an embedding, a result, a list of them or a table
of them by name, and returns the axes. `title=`, `labels=`, `colours=`, `theme=` ("light", "dark" or
a `plot.Theme`) and `size=` are there for every one of them. The label of the axes says in words
what is to be seen: a notebook has it for those who cannot see the picture, and so have the files
that `savefig` writes.

All pictures below are of these:

```python
{SETUP}```"""

_CLOSING = """\
## Into axes of yours

Small axes get small letters, and in a dark figure pictures are dark:

```python
import matplotlib.pyplot as plt

figure, axes = plt.subplots(2, 3, figsize=(16, 9), layout="constrained")
plot.arrows(model, ax=axes[0, 0])
plot.gram(model, ax=axes[0, 1])
plot.losses(walk, ax=axes[0, 2])
plot.phases(along, ax=axes[1, 0])
plot.diagram(diagram, ax=axes[1, 1])
plot.forward(model, "1 1/2 1/4", ax=axes[1, 2])
```

Without matplotlib a notebook shows the arrows of a model or an embedding beside its formulas all
the same."""


def _write() -> None:
    names: dict[str, Any] = {}
    exec(SETUP, names)  # noqa: S102 - our own table
    told = {}
    for name, (_, source) in CASES.items():
        picture, told[name] = drawn(source, names)
        image = Image.open(io.BytesIO(picture)).convert("RGB")
        few = image.quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(_FIGURES / f"plot-{name}.png", optimize=True)
    Path(PAGE).write_text(page(told), encoding="utf-8")


if __name__ == "__main__":
    _write()
