"""Figures of runs: what is drawn is what was trained, and everybody can read it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from math import hypot
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver
from PIL import Image

from handcalc.errors import InputError
from handcalc.superposition.phases.regimes import shared
from handcalc.views.plots.arrow_labels import arrow_labels
from handcalc.views.plots.regimes import regime_colour
from handcalc.views.plots.style import DARK, LIGHT
from handcalc.views.plots.ticks import ticks
from tests.sim_figure_cases import MODELS, RESTARTS, case, drawn, overlapping, run_of, texts
from torchsim.comparison.aligned import aligned, alike, turned_round
from torchsim.comparison.grids import grids
from torchsim.figures import KINDS, describe, draw, kinds, write
from torchsim.run import TrainingRun
from torchsim.specification import ModelSpec
from torchsim.views.shown import spread


def collections(figure: Figure, kind: type, gid: str | None = None) -> list[Any]:
    return [
        one
        for axes in figure.axes
        for one in axes.collections
        if isinstance(one, kind) and (gid is None or one.get_gid() == gid)
    ]


def interference(W: Any, i: int) -> float:
    """Σ_{j≠i} (Ŵᵢ·Wⱼ)², by numpy."""
    others = np.delete(W, i, axis=0)
    return float(((others @ W[i] / np.linalg.norm(W[i])) ** 2).sum())


def scaled(run: TrainingRun, i: int, factors: torch.Tensor) -> TrainingRun:
    """The run with the weights of model i (from 0) multiplied."""
    each = list(run.trained)
    each[i] = replace(each[i], W=each[i].W * factors)
    return replace(run, trained=tuple(each))


# -- what is drawn --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plane", "by-hand"])
def test_arrows_are_the_weights_and_rings_the_exact_model(
    name: str,
) -> None:
    run, best = case(name)
    figure = drawn(name, "embeddings")
    arrows = collections(figure, Quiver, "arrows")
    rings = collections(figure, PathCollection, "exact")
    assert len(arrows) == len(rings) == len(run.trained)
    for arrow, ring, each, exact in zip(arrows, rings, run.trained, best, strict=True):
        assert exact is not None
        W = each.W[1].numpy()
        assert np.abs(np.stack([arrow.U, arrow.V], axis=1) - W).max() < 1e-12
        tips = np.asarray(ring.get_offsets())
        G = np.abs(np.asarray(exact.W) @ np.asarray(exact.W).T)  # signs: arrows turned at S = 0
        assert np.sort(np.abs(tips @ tips.T).ravel()) == pytest.approx(np.sort(G.ravel()), abs=1e-9)
        assert np.hypot.reduce(tips - W, axis=1).max() < 0.05


def test_an_exact_feature_that_is_elsewhere_has_a_number_of_its_own() -> None:
    """Features of different importance that changed places are not exchanged back."""
    run, best = case("plane")
    last = run.trained[-1]  # a pentagon
    swapped = replace(last, W=last.W[:, [1, 0, 2, 3, 4]])
    changed = draw("embeddings", replace(run, trained=(*run.trained[:-1], swapped)), best=best)
    before, after = (
        sorted(text.get_text() for text in figure.axes[2].texts if text.get_text().isdigit())
        for figure in (drawn("plane", "embeddings"), changed)
    )
    assert before == ["1", "2", "3", "4", "5"]
    assert set(after) == set(before)
    assert len(after) >= 7
    assert overlapping(list(texts(changed))) == []


def test_arrows_in_one_dimension_have_lines_of_their_own() -> None:
    run, _ = case("line")
    arrows = collections(drawn("line", "embeddings"), Quiver, "arrows")
    for arrow, each in zip(arrows, run.trained, strict=True):
        assert np.abs(arrow.U - each.W[1, :, 0].numpy()).max() < 1e-12
        assert np.abs(arrow.V).max() < 1e-12
        assert arrow.Y[0] > arrow.Y[1] + 0.5


def test_heatmaps_and_bars_are_the_gram_matrix_and_its_lengths() -> None:
    run, _ = case("heatmaps")
    figure = drawn("heatmaps", "gram")
    linear_first = [0, 2, 4, 1, 3, 5]  # as many linear as ReLU models: in two rows
    heats = [axes.images[0] for axes in figure.axes if axes.images]
    bars = [axes.patches for axes in figure.axes if len(axes.patches) == 16]
    assert len(heats) == len(bars) == 6
    for heat, bar, i in zip(heats, bars, linear_first, strict=True):
        each = run.trained[i]
        W = each.W[each.best].numpy()
        assert np.abs(np.asarray(heat.get_array()) - W @ W.T).max() < 1e-12
        low, high = heat.get_clim()
        assert low == -high  # 0 is in the middle
        assert high >= np.abs(W @ W.T).max() - 1e-12
        heights = [one.get_height() for one in bar]  # type: ignore[attr-defined]  # rectangles
        assert heights == pytest.approx([hypot(*row) for row in W.tolist()], abs=1e-12)
        amounts = [interference(W, i) for i in range(len(W))]
        colours = LIGHT.amount(np.minimum(amounts, 1))
        for k, colour in enumerate(colours):
            assert amounts[k] == pytest.approx(shared(W.tolist(), k), abs=1e-12)
            assert np.abs(np.subtract(bar[k].get_facecolor(), colour)).max() < 1 / 255


def test_the_phase_diagram_marks_what_training_missed() -> None:
    run, best = case("grid")
    found = grids(run.spec.models)
    assert [(grid.features, grid.hidden) for grid in found] == [(2, 1), (3, 2)]
    assert found[1].densities == pytest.approx((0.01, 0.3, 1))
    i = found[1].places[0][2]  # sparse and important: a dimension of its own
    shorter = torch.ones(RESTARTS, 3, 1)
    shorter[1, -1] = 0.1
    figure = draw("phases", scaled(run, i, shorter), best=best)
    missed = collections(figure, PathCollection, "differing")
    places = [tuple(place) for each in missed for place in np.asarray(each.get_offsets())]
    assert places == [pytest.approx((0.01, 10))]
    assert "17 of 18 points" in figure.get_suptitle()
    panels = [
        one for one in collections(figure, QuadMesh) if np.shape(one.get_array())[:2] == (3, 3)
    ]
    assert len(panels) == 4
    exact = np.asarray(best[i].W)  # type: ignore[union-attr]  # ReLU of 3 features has a best
    last = regime_colour(hypot(*exact[-1]), shared(exact.tolist(), 2), LIGHT)
    assert np.asarray(panels[3].get_array())[2, 0] == pytest.approx(last, abs=1e-9)


def test_without_misses_there_is_no_cross() -> None:
    figure = drawn("grid", "phases")
    assert collections(figure, PathCollection, "differing") == []
    assert "all 18 points" in figure.get_suptitle()
    assert collections(figure, LineCollection)  # edges between the fates


@pytest.mark.parametrize("name", ["plane", "heatmaps"])
def test_losses_are_the_history_and_the_line_the_optimum(
    name: str,
) -> None:
    run, best = case(name)
    order = [0, 2, 4, 1, 3, 5] if name == "heatmaps" else range(len(best))
    axes = drawn(name, "losses").axes
    assert len(axes) == len(best)
    for panel, i in zip(axes, order, strict=True):
        lines = {line.get_gid(): line for line in panel.lines}
        history = run.trained[i].history.losses.numpy()
        assert np.asarray(lines["best"].get_ydata()) == pytest.approx(history[:, 1])
        assert len(panel.lines) == RESTARTS + 1
        exact = best[i]
        height = np.asarray(lines["optimum"].get_ydata())[0]
        assert lines["optimum"].get_linestyle() == (":" if exact is None else "--")
        assert exact is None or height == pytest.approx(exact.loss)
        assert panel.get_xscale() == ("linear" if name == "heatmaps" else "log")


# -- the exact embedding on the trained one -------------------------------------------------------


def test_no_rotation_and_no_order_fits_better() -> None:
    rng = np.random.default_rng(3)
    kinds_of = (0, 0, 1, 0)
    for _ in range(5):
        W, target = rng.normal(size=(2, 4, 2))
        reached = ((aligned([W], target, kinds_of) - target) ** 2).sum()
        for order in permutations(range(4)):
            if order[2] != 2:
                continue
            for angle in np.linspace(0, 2 * np.pi, 73):
                c, s = np.cos(angle), np.sin(angle)
                for Q in ([[c, s], [-s, c]], [[c, s], [s, -c]]):
                    other = ((W[list(order)] @ np.asarray(Q) - target) ** 2).sum()
                    assert reached <= other + 1e-12


def test_features_that_differ_keep_their_places() -> None:
    model = ModelSpec.of(3, 1, "1/2", importance="1 1/2 1")
    assert len(set(alike(model))) == 2
    W, target = np.asarray([[1.0], [0.0], [0.0]]), np.asarray([[0.0], [1.0], [0.0]])
    assert aligned([W], target, alike(model))[1, 0] == 0


def test_at_no_sparsity_arrows_may_be_turned_round() -> None:
    """The regular triangle and those with one arrow turned have one loss at S = 0."""
    run, best = case("by-hand")
    assert best[0] is not None
    assert len(turned_round(np.asarray(best[0].W), run.trained[0].model)) == 4
    assert len(turned_round(np.asarray(best[0].W), run.trained[1].model)) == 1
    for rows in ([], [0], [1, 2]):
        signs = torch.ones(RESTARTS, 3, 1)
        signs[:, rows] = -1
        figure = draw("embeddings", scaled(run, 0, signs), best=best)
        title = figure.get_suptitle().replace("\xa0", " ").replace("\n", " ")
        assert "triangle (S = 0 to 0.3), then antipodal (S = 0.7 to 0.95)" in title


# -- files and words ------------------------------------------------------------------------------


def test_an_svg_is_well_formed_says_what_it_shows_and_is_the_same_again(tmp_path: Path) -> None:
    run, best = case("plane")
    files = [tmp_path / "first.svg", tmp_path / "second.SVG"]
    for file in files:
        write(draw("embeddings", run, best=best), file)
    assert files[0].read_bytes() == files[1].read_bytes()
    root = ElementTree.fromstring(files[0].read_text(encoding="utf-8"))  # noqa: S314 - our own file
    inside = [(node.tag.rpartition("}")[2], node.text) for node in root.iter()]
    said = describe("embeddings", run, best=best)
    assert ("description", said) in inside
    assert said.startswith("5 features in 2 dimensions: ")
    assert dict(inside)["title"].startswith("5 features in 2 dimensions: ")  # type: ignore[union-attr]  # a text
    assert "date" not in {tag for tag, _ in inside}
    assert "text" not in {tag for tag, _ in inside}  # outlines look the same without the font


def test_a_png_has_its_description_and_no_date(tmp_path: Path) -> None:
    figure, file = drawn("grid", "phases", True), tmp_path / "phases.png"
    write(figure, file)
    first = file.read_bytes()
    write(figure, file)
    assert file.read_bytes() == first
    with Image.open(file) as image:
        assert image.size == (1600, 900)
        assert image.info["Description"] == figure.get_label()
        assert set(image.info) == {"Title", "Description", "dpi"}
        corner = image.convert("RGB").getpixel((2, 2))
    assert corner == tuple(round(255 * part) for part in to_rgb(DARK.paper))


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in .png or .svg, not 'a.pdf'") as caught:
        write(Figure(), tmp_path / "a.pdf")
    assert caught.value.suggestion == str(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"ends in .png or .svg, not ''") as caught:
        write(Figure(), "")
    assert caught.value.suggestion == "figure.png"
    assert list(tmp_path.iterdir()) == []


def test_kinds_suit_the_run() -> None:
    found = {name: case(name) for name in MODELS}
    assert {name: kinds(run) for name, (run, _) in found.items()} == {
        "plane": ("embeddings", "gram", "dimensionality", "losses", "vulnerability"),
        "by-hand": ("embeddings", "gram", "dimensionality", "losses", "vulnerability"),
        "line": ("embeddings", "gram", "dimensionality", "losses", "vulnerability"),
        "heatmaps": ("gram", "dimensionality", "losses"),
        "grid": ("phases", "losses"),
    }
    for name, (run, best) in found.items():
        for kind in KINDS:
            if kind in kinds(run):
                assert describe(kind, run, best=best).endswith("."), (name, kind)
                continue
            with pytest.raises(InputError, match=f'not "{kind}"') as caught:
                draw(kind, run, best=best)
            assert caught.value.suggestion == f"--kind {kinds(run)[0]}"


def test_the_best_known_is_found_where_none_is_given() -> None:
    """Two features in one dimension at S = 1/2: REFERENCE's pair has the loss 0.0762824470."""
    run, _ = run_of([ModelSpec.of(2, 1, "1/2")])
    panel = draw("losses", run).axes[0]
    line = next(line for line in panel.lines if line.get_gid() == "optimum")
    assert np.asarray(line.get_ydata())[0] == pytest.approx(0.0762824470, abs=5e-11)


def test_a_best_for_every_model_is_asked_for() -> None:
    run, best = case("plane")
    with pytest.raises(InputError, match="each of the 3 models, not 2"):
        draw("losses", run, best=best[:2])


def test_the_users_own_settings_neither_count_nor_change(tmp_path: Path) -> None:
    run, best = case("line")
    write(draw("gram", run, best=best), tmp_path / "plain.svg")
    with mpl.rc_context({"font.size": 40, "axes.facecolor": "red", "svg.hashsalt": "x"}):
        before = dict(mpl.rcParams)
        write(draw("gram", run, best=best), tmp_path / "other.svg")
        assert dict(mpl.rcParams) == before
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_more_models_than_panels_are_told_of() -> None:
    run, best = run_of([ModelSpec.of(2, 1, f"{k}/20") for k in range(20)])
    figure = draw("embeddings", run, best=best)
    assert len(collections(figure, Quiver, "arrows")) == 12
    assert any("12 of 20 models are shown." in text.get_text() for text in figure.texts)
    assert spread(20, 12)[::11] == (0, 19)


# -- labels and marks -----------------------------------------------------------------------------


def test_a_label_is_beyond_its_arrow_and_short_arrows_share_one() -> None:
    tips = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.01, 0.0], [0.0, -0.02]])
    labels = {
        label.text: label for label in arrow_labels(tips.tolist(), [(0.0, 0.0)] * 4, 0.1, "1234")
    }
    assert set(labels) == {"1", "2", "3, 4"}
    assert labels["1"].x > 1
    assert labels["2"].y > 1
    assert labels["3, 4"].x < 0  # the widest angle between the two long arrows
    assert labels["3, 4"].y < 0


@pytest.mark.parametrize("low", [3e-7, 0.0123, 4.0])
@pytest.mark.parametrize("ratio", [1.0001, 1.3, 3.9, 8.0, 400.0, 3e9])
def test_ticks_are_few_round_and_inside(low: float, ratio: float) -> None:
    found = ticks(low, low * ratio)
    assert 1 <= len(found) <= 4
    assert found == sorted(set(found))
    assert all(low <= tick * (1 + 1e-6) and tick <= low * ratio * (1 + 1e-6) for tick in found)
