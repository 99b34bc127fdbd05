"""``handcalc.plot``: every function on every result, in a notebook, as it was looked at."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import handcalc
from handcalc import plot
from tests.guarded import ROOT
from tests.own_kernel import executed
from tests.plot_cases import CASES, PAGE, SETUP, difference, drawn, page, reference

CLOSE = 0.6  # per cent of a picture that may be another, by another matplotlib or processor

RESULTS = {
    "model": "model",
    "text": '"1 0; 0 1; 0 -1"',
    "embedding": 'walk["relu"]',
    "forward": 'handcalc.forward(model, "1 0 1/2")',
    "geometry": "handcalc.geometry(model)",
    "loss": 'handcalc.expected_loss(model, "1/2")',
    "gradient": 'handcalc.loss_gradient(model, "1/2")',
    "optimum": "sparse",
    "optima": "[dense, sparse]",
    "map": "along",
    "map point": "along.points[3]",
    "diagram": "diagram",
    "diagram point": "diagram.points[1][1]",
    "run": "run",
    "trained": "run.trained[0]",
    "some trained": "run.trained",
    "grid": "grid",
    "sweep": "swept",
    "table": "walk",
    "distribution": 'handcalc.SparseUniform("1/2")',
    "circuit": 'handcalc.circuit("copying").model',
}
FUNCTIONS = ("arrows", "gram", "losses", "phases", "diagram", "heatmap", "forward")
_MODELS = [
    "model",
    "text",
    "embedding",
    "forward",
    "geometry",
    "loss",
    "gradient",
    "optimum",
    "optima",
    "table",
]
_POINTS, _TRAINED = ["map point", "diagram point"], ["run", "trained", "some trained", "grid"]
SUITED = {
    "arrows": [*_MODELS, *_POINTS, *_TRAINED, "map"],
    "gram": [*_MODELS, *_POINTS, *_TRAINED, "map"],
    "losses": [*_MODELS, *_POINTS, *_TRAINED, "map"],
    "phases": ["map", "optimum", "optima", *_TRAINED],
    "diagram": ["diagram", "grid"],
    "heatmap": ["sweep"],
    "forward": [*_MODELS, *_POINTS],
}
TRY = f"""
import json
from handcalc.errors import InputError
results = {{name: eval(source) for name, source in {RESULTS!r}.items()}}
found = {{}}
for function in {FUNCTIONS!r}:
    for name, shown in results.items():
        try:
            made = getattr(plot, function)(shown)
            axes = made if isinstance(made, tuple) else (made,)
            found[f"{{function}} {{name}}"] = min(len(ax.get_label()) for ax in axes) > 30
        except InputError as error:
            found[f"{{function}} {{name}}"] = error.code
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a fresh kernel put out, by the cell's source."""
    sources = [source for _, source in CASES.values()]
    pages = executed([SETUP, *sources, TRY], tmp_path_factory.mktemp("plots"))
    return {cell.source: cell.outputs for cell in pages.cells}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_kernel_shows_the_picture_that_was_looked_at(notebook: dict[str, Any], name: str) -> None:
    (shown,) = notebook[CASES[name][1]]
    assert difference(base64.b64decode(shown.data["image/png"]), reference(name)) < CLOSE
    assert len(shown.metadata["image/png"]["alt"]) > 30


def test_the_page_of_pictures_is_made_of_them(notebook: dict[str, Any]) -> None:
    told = {
        name: notebook[source][0].metadata["image/png"]["alt"]
        for name, (_, source) in CASES.items()
    }
    assert PAGE.read_text(encoding="utf-8") == page(told), "python -m tests.plot_cases"


def test_every_function_draws_a_result_or_says_why_not(notebook: dict[str, Any]) -> None:
    (printed,) = notebook[TRY.strip("\n")] if TRY.strip("\n") in notebook else notebook[TRY]
    found = json.loads(printed.text)
    assert len(found) == len(FUNCTIONS) * len(RESULTS)
    drawn_ones = {name for name, how in found.items() if how is True}
    assert drawn_ones == {f"{f} {name}" for f, names in SUITED.items() for name in names}
    assert {how for how in found.values() if how is not True} == {"picture"}


OTHERS = {
    "a shorter arrow": 'plot.arrows("1 0; -1/2 sqrt(3)/2; -1/4 -sqrt(3)/4", title="triangle")',
    "an arrow elsewhere": 'plot.arrows("1 0; -1/2 sqrt(3)/2; -3/5 -4/5", title="triangle")',
    "other colours": 'plot.arrows(triangle, colours=["teal", "gold", "k"])',
    "no title": 'plot.arrows(triangle, title="")',
    "the dark": 'plot.arrows(triangle, theme="dark")',
    "another size": "plot.arrows(triangle, size=(4, 4))",
}


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS.keys())
def test_another_picture_is_told_from_the_one_that_was_looked_at(source: str) -> None:
    """The comparison above can fail."""
    names = {"plot": plot, "triangle": handcalc.embedding("triangle")}
    same, _ = drawn("plot.arrows(triangle)", names)
    assert difference(same, reference("arrows")) < CLOSE / 4
    other, _ = drawn(source, names)
    assert difference(other, reference("arrows")) > CLOSE


def test_the_files_are_small() -> None:
    sizes = {name: len(reference(name)) for name in CASES}
    assert max(sizes.values()) < 40_000
    assert {Image.open(io.BytesIO(reference(name))).mode for name in CASES} == {"P"}


# -- without what is not needed -------------------------------------------------------------------

WITHOUT = """
import sys
sys.modules["torch"] = None
sys.modules["torchsim"] = None
import handcalc
from handcalc import plot
model = handcalc.ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
walk = {name: handcalc.embedding(name) for name in ("orthogonal", "relu", "triangle")}
for made in (plot.arrows(walk), plot.gram(walk), plot.losses(walk), plot.forward(walk),
             plot.phases(handcalc.phase_map(2, 1, points=3, restarts=4)),
             plot.diagram(handcalc.phase_diagram(2, 1, size=3, restarts=4))):
    print(made._repr_png_()[0][:4])
"""
MISSING = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "matplotlib" else found(name, *rest)
sys.modules["matplotlib"] = None
import handcalc
from handcalc import plot
model = handcalc.ToyModel("1; -1")
for draw in (plot.arrows, plot.gram, plot.losses, plot.phases, plot.diagram, plot.forward):
    try:
        draw(model)
    except handcalc.InputError as error:
        print(error.code, error.suggestion)
print("<svg" in model._repr_html_(), "<svg" in handcalc.embedding("relu")._repr_html_())
"""


def ran(code: str, folder: Path) -> list[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HANDCALC_STATE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_without_torch_every_picture_is_there(tmp_path: Path) -> None:
    assert ran(WITHOUT, tmp_path) == [str(b"\x89PNG")] * 6


def test_without_matplotlib_it_is_said_what_to_install(tmp_path: Path) -> None:
    """And a notebook shows the arrows all the same."""
    *said, shown = ran(MISSING, tmp_path)
    assert said == ['missing_extra pip install "handcalc[plot]"'] * 6
    assert shown == "True True"
