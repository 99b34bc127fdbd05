"""A run of sparse autoencoders in a terminal, in a notebook and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType

from handcalc.numbers.exact import to_float, to_text
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.circuits.blocks import Page, Said, Tabulated, Title
from handcalc.views.circuits.markdown import rendered as in_markdown
from handcalc.views.circuits.text import rendered
from handcalc.views.notation import PlainNotation
from handcalc.views.plots.dictionary import draw_dictionary
from handcalc.wording import counted, listed
from torchsim.autoencoders.run import SaeRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 12  # latents and restarts of a table


def sae_page(shown: SaeRun) -> Page:
    """What was trained, what each restart lost, the dictionary, and the exact numbers beside."""
    spec, best = shown.spec, shown.best
    size = f"{counted(spec.latents, 'latent')} on {counted(spec.model.m, 'dimension')}"
    sentence = spec.distribution.sentence().replace("{", "{{").replace("}", "}}")
    page: Page = [
        Title(f"Trained sparse autoencoders of the kind {spec.kind}: {size}"),
        Said.plainly(sentence),
        Tabulated(
            ("restart", "loss on unseen inputs", "latents never on"),
            tuple(
                (str(r), f"{float(shown.loss[r]):.6f}", str(int((shown.on[r] == 0).sum())))
                for r in range(min(_SHOWN, spec.restarts))
            ),
        ),
        Said.plainly(f"The best is restart {best}. Its dictionary, and how often each is on:"),
        Tabulated(
            ("latent", *(f"d{k}" for k in range(1, spec.model.m + 1)), "on"),
            tuple(
                (str(j + 1), *(f"{cell:.4f}" for cell in row), f"{float(shown.on[best][j]):.4f}")
                for j, row in enumerate(shown.W_dec[best].tolist()[:_SHOWN])
            ),
        ),
        Said.plainly(
            f"Never on: {listed(shown.dead)}." if shown.dead else "Every latent was on sometimes."
        ),
    ]
    if spec.kind == "l1":
        page.append(Said.plainly(_beside_exact(shown)))
    return page


def _beside_exact(shown: SaeRun) -> str:
    """The exact loss of what was trained, and that of the true dictionary."""
    found, true = (to_float(each.value) for each in (shown.exact_loss, shown.true_loss))
    gap = 100 * (found / true - 1) if true else 0.0
    return (
        f"In fractions it loses {found:.6f}, exactly worked; the features themselves as the "
        f"dictionary, with λ = {to_text(shown.spec.l1)}, lose {true:.6f}: {gap:+.2f} %."
    )


def sae_text(shown: SaeRun, notation: PlainNotation) -> RenderableType:
    """The page in a terminal."""
    return rendered(sae_page(shown), notation)


def sae_markdown(shown: SaeRun) -> str:
    """The page in a notebook."""
    return in_markdown(sae_page(shown))


def plot_sae(shown: SaeRun, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The best restart's dictionary beside the features; latents that were never on are dashed."""
    model: ToyModel = shown.spec.model
    W = [[to_float(cell) for cell in row] for row in model.W]
    rows = shown.W_dec[shown.best].tolist()
    dead = [j in shown.dead for j in range(1, len(rows) + 1)]
    words = (
        f"The dictionary of restart {shown.best} beside the features: "
        f"{counted(len(rows), 'latent')} beside {counted(len(W), 'feature')}."
    )
    return draw_dictionary(W, rows, dead, words, ax, dark=dark)
