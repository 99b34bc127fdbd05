"""The figure of a model as a page of its own: arrows to drag, every number exact, no network."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from html import escape
from typing import TypeAlias

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_float
from handcalc.parsing import parse_input
from handcalc.superposition.model.embeddings import embeddings
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.modules import shipped
from handcalc.wording import brief, counted, joined

MOST_FEATURES = 6
GRID = 100  # a moved arrow stands on hundredths
_HEIGHT, _ROWS = 400, 80  # of the frame in pixels: of what always stands there, and a feature's
_HALF = sympy.Rational(1, 2)
_ROUNDED = (
    "What is more than one square root, or an S with one, stands at the nearest hundredth here."
)

FigureData: TypeAlias = "dict[str, object]"

PANELS = ("forward", "gram", "loss", "best")
"""What stands beside the arrows: b and x with z, x̂ and interference; W Wᵀ; S with the expected loss
and what it is made of; and the best loss known, beside it."""


def figure_page(
    model: ToyModel,
    x: Vector | None = None,
    *,
    sparsity: sympy.Expr = _HALF,
    name: str = "",
    panels: object = None,
) -> str:
    """A page with the figure of a model in the plane, which needs nothing else, offline too.

    ``x`` is where its input begins, zeros if left out, and ``sparsity`` its S; ``name`` is that of
    a named embedding; ``panels`` as in ``panels_of``. Errors: ``not_drawn`` for more than six
    features, or for another number of dimensions than two; ``panels``.

    >>> page = figure_page(ToyModel("1 0; 0 1; 0 -1"))
    >>> page.count("<script"), "http:" in page.replace("http://www.w3.org/2000/svg", "")
    (2, False)
    """
    begins = figure_data(model, x, sparsity=sparsity, name=name, panels=panels)
    script = f"{module()}\n{_BEGIN}"
    title = name or f"{counted(model.n, 'feature')} in two dimensions"
    return _PAGE.format(
        title=escape(title),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {digest(script)}",
        data=json.dumps(begins, ensure_ascii=False).replace(
            "<", r"\u003c"
        ),  # so that no text in it ends the element
        script=script,
    )


def figure_data(
    model: ToyModel,
    x: Vector | None = None,
    *,
    sparsity: sympy.Expr = _HALF,
    name: str = "",
    panels: object = None,
) -> FigureData:
    """What the figure begins with: a state, the named embeddings, the best losses known, a note.

    Numbers are texts, "3/4", or of a + b√d the three texts ["a", "b", "d"]; what is neither stands
    at the nearest hundredth, and the note says so. ``panels`` as in ``panels_of``. Errors:
    ``not_drawn``, ``panels``.

    >>> figure_data(ToyModel("1/2 0; sqrt(3)/2 0", "1/3"))["state"]["W"]
    [['1/2', '0'], [['0', '1/2', '3'], '0']]
    """
    if not _is_drawn(model):
        raise InputError(
            "not_drawn",
            f"Arrows can be dragged for up to {MOST_FEATURES} features in 2 dimensions, not for "
            f"{counted(model.n, 'feature')} in {model.m}.",
            suggestion="--svg",
        )
    state, is_exact = _state(model, x, sparsity, name)
    presets = [
        _state(known.model, known.example, sparsity, known.name)[0] for known in embeddings()
    ]
    asked = panels_of(panels)
    return {
        "state": state,
        "presets": presets,
        "best": best_losses() if "best" in asked else None,
        "note": "" if is_exact else _ROUNDED,
        "panels": asked,
    }


def panels_of(given: object) -> list[str]:
    """The panels beside the arrows that are asked for, as a list or a text; None is all ``PANELS``.

    Errors: ``panels`` for another name, and for "best" without "loss", beside which it stands.

    >>> panels_of(["gram", "forward"]), panels_of("loss best"), panels_of([])
    (['forward', 'gram'], ['loss', 'best'], [])
    """
    if given is None:
        return list(PANELS)
    words = given.split() if isinstance(given, str) else given
    names: list[object] = list(words) if isinstance(words, Iterable) else [words]
    unknown = [name for name in names if name not in PANELS]
    if unknown:
        known = joined([f'"{name}"' for name in PANELS], "or")
        near = [get_close_matches(str(name).lower(), PANELS, n=1) for name in names]
        asked = [name for found in near for name in found] or ["forward", "gram"]
        raise InputError(
            "panels",
            f"Beside the arrows stands {known}, or a list of them, not {brief(unknown[0])}.",
            suggestion=f"panels={asked}".replace("'", '"'),
        )
    if "best" in names and "loss" not in names:
        raise InputError(
            "panels",
            'The best loss known stands beside the loss of the model: "best" goes with "loss".',
            suggestion='panels=["loss", "best"]',
        )
    return [name for name in PANELS if name in names]


def first_data() -> FigureData:
    """What the figure begins with in the classroom: three features, all of them on.

    >>> first_data()["state"]["x"]
    ['1', '1/2', '1/4']
    """
    return figure_data(ToyModel("1 0; 0 1; 0 -1"), parse_input("1 1/2 1/4", 3))


def _is_drawn(model: ToyModel) -> bool:
    return model.m == 2 and model.n <= MOST_FEATURES


def _state(
    model: ToyModel, x: Vector | None, sparsity: sympy.Expr, name: str
) -> tuple[FigureData, bool]:
    """A state as the figure reads it, and whether its numbers are those of the model."""
    numbers = [cell for row in model.W for cell in row] + list(model.b)
    is_exact = _share_one_root(numbers)
    W = [_written(row, is_exact) for row in model.W]
    inputs = [value if value.is_Rational else sympy.Integer(0) for value in x or ()]
    state = {
        "W": W,
        "b": _written(model.b, is_exact),
        "x": _written(inputs or [sympy.Integer(0)] * model.n, is_exact=True),
        "S": _written([sparsity], bool(sparsity.is_Rational))[0],
        "relu": model.activation == "relu",
        "name": name or None,
    }
    return state, is_exact and bool(sparsity.is_Rational)


def _share_one_root(numbers: Iterable[sympy.Expr]) -> bool:
    """Whether all are a + b√d with one whole d: what the figure can count with."""
    surds = {term for number in numbers for term in number.as_coefficients_dict() if term != 1}
    return len(surds) <= 1 and all(
        surd.is_Pow and surd.exp == _HALF and surd.base.is_Integer for surd in surds
    )


def _written(numbers: Sequence[sympy.Expr], is_exact: bool) -> list[object]:
    if not is_exact:
        return [str(sympy.Rational(round(to_float(number) * GRID), GRID)) for number in numbers]
    return [_text(number) for number in numbers]


def _text(number: sympy.Expr) -> object:
    terms = number.as_coefficients_dict()
    surds = [term for term in terms if term != 1]
    if not surds:
        return str(number)
    (surd,) = surds
    return [str(terms.get(sympy.Integer(1), 0)), str(terms[surd]), str(surd.args[0])]


def notebook(model: ToyModel) -> str | None:
    """The page in a frame, as a notebook shows it, without a kernel; None where there is no figure.

    >>> notebook(ToyModel("1 0; 0 1")).split(" srcdoc")[0], notebook(ToyModel("1; 1"))
    ('<iframe sandbox="allow-scripts"', None)
    """
    if not _is_drawn(model):
        return None
    height = _HEIGHT + _ROWS * model.n
    look = f"width: 100%; height: {height}px; border: 0"
    page = escape(figure_page(model))
    return f'<iframe sandbox="allow-scripts" srcdoc="{page}" style="{look}"></iframe>'


@cache
def module() -> str:
    """The figure's ES module, as it is shipped."""
    return shipped("figure.js")


@cache
def best_losses() -> FigureData:
    """The best losses known by n and S, as ``benchmarks/best_losses.py`` found them."""
    found: FigureData = json.loads(shipped("best.json"))
    return found


def digest(script: str) -> str:
    """What a policy calls a script by, so that it runs and no other does.

    >>> digest("1").startswith("'sha256-a4ayc/80")
    True
    """
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


_BEGIN = """\
mount(document.getElementById("figure"), JSON.parse(document.getElementById("data").textContent));
"""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
html {{ color-scheme: light dark }}
body {{ margin: 0 auto; max-width: 1440px }}
@media (prefers-color-scheme: dark) {{ html {{ background: #15181d }} }}
</style>
</head>
<body>
<main id="figure"></main>
<script id="data" type="application/json">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""
