"""Figures as PNG and SVG files: how they look, and how files are made of them (extra ``plot``).

The same figure gives the same file: no date, no random names. matplotlib is imported when a figure
is drawn, without pyplot, so no window and no global state is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from handcalc.errors import InputError, require

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Kind = Literal["png", "svg"]

_BACKEND = "MPLBACKEND"
_LOOK: Any = {
    "axes.edgecolor": "#444444",
    "axes.labelcolor": "#222222",
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "handcalc",
    "text.color": "#222222",
    "xtick.color": "#444444",
    "xtick.labelsize": 8,
    "ytick.color": "#444444",
    "ytick.labelsize": 8,
}


@contextmanager
def styled(look: Mapping[str, object] = _LOOK) -> Iterator[None]:
    """A look for figures, whatever the user's own settings; to draw and to render in.

    Errors: ``missing_extra``, ``matplotlib`` where that does not start.

    >>> with styled():
    ...     import matplotlib
    ...     matplotlib.rcParams["svg.hashsalt"]
    'handcalc'
    """
    require("plot", "matplotlib")
    mpl = _matplotlib()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(look)
        yield


def _matplotlib() -> ModuleType:
    """Import matplotlib, whatever backend the environment asks for: files need none.

    A notebook hands MPLBACKEND on to what is started from it, and where the module that it names is
    not installed, ``import matplotlib`` fails. The backend is set afterwards instead, if it can be,
    for the pyplot of the same process. Errors: ``matplotlib``.
    """
    backend = os.environ.pop(_BACKEND, None)
    try:
        import matplotlib as mpl

        if backend:
            with suppress(ValueError):
                mpl.rcParams["backend"] = backend
    except Exception as error:  # such as a matplotlibrc that is no text
        message = (
            f"matplotlib does not start here: {type(error).__name__}: {error}. Is there a "
            "matplotlibrc to be mended, in this folder or in your own settings?"
        )
        raise InputError("matplotlib", message) from error
    finally:
        if backend is not None:
            os.environ[_BACKEND] = backend
    return mpl


def rendered(figure: Figure, kind: Kind, sentence: str) -> bytes:
    r"""The file of a figure, with what it shows in words inside.

    >>> with styled():
    ...     from matplotlib.figure import Figure
    ...     empty = Figure(figsize=(1, 1))
    >>> rendered(empty, "png", "Nothing.")[:4], rendered(empty, "svg", "Nothing.")[:5]
    (b'\x89PNG', b'<?xml')
    """
    nameless = {"Date": None} if kind == "svg" else {"Software": None}
    file = BytesIO()
    with styled():
        figure.savefig(file, format=kind, metadata={"Description": sentence, **nameless})
    return file.getvalue()
