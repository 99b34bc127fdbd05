"""Figures of trained autoencoders: dictionaries on a line, in a plane and beyond; losses."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.text import Text

import handcalc
import torchsim
from torchsim import SaeRun, SaeSpec
from torchsim.figures import describe, draw, kinds, rendered

W = {
    "line": [[1], [-1], ["1/2"]],
    "plane": [[1, 0], [0, 1], [0, -1]],
    "space": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
}


@pytest.fixture(scope="module", params=W)
def run(request: Any) -> SaeRun:
    rows = W[request.param]
    models = [SaeSpec.of(rows, count, "1/10", "1/2", steps=20, batch=32) for count in (2, 5)]
    return torchsim.train(models, restarts=2)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["dictionary", "losses"])
def test_each_kind_is_drawn_and_says_what_it_shows(run: SaeRun, kind: Any, dark: bool) -> None:
    figure = draw(kind, run, dark)
    assert figure.get_label() == describe(kind, run)
    assert figure.get_suptitle()
    assert len(figure.axes) >= 2
    assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_every_feature_and_latent_is_named(run: SaeRun) -> None:
    figure = draw("dictionary", run)
    found = [text.get_text() for text in figure.findobj(Text)]
    for name in ("W1", "W2", "W3", "d1", "d2"):
        assert any(text.startswith(name) for text in found), name
    assert "latents 5" in found


def test_one_model_is_drawn_into_axes_of_ones_own(run: SaeRun) -> None:
    axes = run.trained[1].plot()
    assert axes.get_label().startswith("The dictionary of restart")
    assert axes.get_title(loc="left")


def test_which_kinds_suit_a_run(run: SaeRun) -> None:
    assert kinds(run) == ("dictionary", "losses")
    with pytest.raises(handcalc.InputError, match='is "dictionary" or "losses", not "gram"'):
        draw("gram", run)
    with pytest.raises(handcalc.InputError, match="not for sparse autoencoders") as caught:
        draw("dictionary", run, models=[1])
    assert caught.value.code == "ignored"
    with pytest.raises(handcalc.InputError, match='not for "dictionary"'):
        draw("dictionary", run, tokens="a b")
