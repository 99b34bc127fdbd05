"""``handcalc.plot``: what is in a picture, in whose axes, how it looks, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import hypot
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver

import handcalc
from handcalc import plot
from handcalc.errors import InputError
from handcalc.superposition.phases.phase_map import PhaseMap
from handcalc.views.plots.regions import label_spots
from handcalc.views.plots.style import rendered
from tests.sim_figure_cases import case, overlapping, texts
from torchsim.comparison import best_known
from torchsim.run import Trained

MODEL = handcalc.ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
WALK = {name: handcalc.embedding(name) for name in ("orthogonal", "relu", "triangle")}


@pytest.fixture(scope="module")
def along() -> PhaseMap:
    return handcalc.phase_map(2, 1, points=5, restarts=8)


@pytest.fixture(scope="module")
def diagram() -> Any:
    return handcalc.phase_diagram(2, 1, size=4, restarts=8)


def written(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


# -- what is in it --------------------------------------------------------------------------------


@pytest.mark.parametrize("W", ["1 0; 0 1; 0 -1", "1/2 1/3; -1 2; 0 0; 3/7 -1/9"])
def test_arrows_are_the_rows_of_W(W: str) -> None:
    (arrows,) = (c for c in plot.arrows(W).collections if isinstance(c, Quiver))
    expected = np.asarray(handcalc.ToyModel(W).to_numpy().W)
    assert np.allclose(np.stack([arrows.U, arrows.V], axis=1), expected, atol=1e-12)


def test_three_dimensions_are_seen_from_the_front_and_from_above() -> None:
    front, above = plot.arrows("1 2 3; 0 0 -1").child_axes
    seen = []
    for view in (front, above):
        (arrows,) = (c for c in view.collections if isinstance(c, Quiver))
        seen.append(np.stack([arrows.U, arrows.V], axis=1).tolist())
    assert seen == [[[1, 3], [0, -1]], [[1, 2], [0, 0]]]


def test_the_gram_matrix_has_its_exact_numbers_and_the_lengths() -> None:
    ax = plot.gram(handcalc.embedding("triangle"))
    assert written(ax) == ["1", "−1/2", "−1/2", "−1/2", "1", "−1/2", "−1/2", "−1/2", "1"]
    heights = [bar.get_height() for bar in ax.child_axes[0].patches]
    assert heights == pytest.approx([1, 1, 1])
    assert ax.get_label().startswith("triangle: W Wᵀ of 3 features in 2 dimensions")


def test_features_that_share_are_named_of_those_that_are_held_alone() -> None:
    said = plot.gram("1 0; 0 1; 0 -1; 1/4 0").get_label()
    assert "lengths of their arrows: 3 held, 2 share a direction: 2 and 3." in said


@pytest.mark.parametrize("S", ["0", "1/4", "1/2", "1"])
def test_a_curve_is_the_expected_loss(S: str) -> None:
    ax = plot.losses({"relu": WALK["relu"], "biased": MODEL})
    for line, model in zip(ax.lines, (WALK["relu"], MODEL), strict=True):
        at = dict(zip(np.round(line.get_xdata(), 9), line.get_ydata(), strict=True))
        exact = handcalc.expected_loss(model, S).value
        assert at[round(float(Fraction(S)), 9)] == pytest.approx(float(exact), abs=1e-12)


def test_the_S_that_was_asked_for_is_marked() -> None:
    shown = handcalc.expected_loss(MODEL, "9/10", importance="1 1/2 1/4")
    (mark,) = (line for line in plot.losses(shown).lines if line.get_gid() == "marked")
    assert list(mark.get_xdata()) == [0.9]
    assert list(mark.get_ydata()) == pytest.approx([float(shown.value)])


def test_phases_are_the_lengths_and_biases_of_the_best(along: PhaseMap) -> None:
    for of in ("lengths", "biases"):
        ax = plot.phases(along, of=of)
        stretch = along.stretches[0]
        first = ax.lines[0]
        number = stretch.spots[0].lengths if of == "lengths" else stretch.spots[0].minimum.b
        assert first.get_ydata()[0] == pytest.approx(number[0])
        changes = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
        assert changes == pytest.approx([float(change.sparsity) for change in along.changes])


def test_a_forward_pass_has_its_exact_numbers_and_what_is_missed() -> None:
    ax = plot.forward(MODEL, "1 1/2 1/4", labels=["a", "b", "c"])
    assert {"1", "1/2", "1/4", "3/4", "a", "b", "c", "off by +1/4", "= x₁"} <= set(written(ax))
    carried = {line.get_linestyle() for line in ax.lines if line.get_gid() == "carried"}
    assert carried == {"-", "--"}  # what is below 0 is dashed, not only blue


@pytest.mark.parametrize("drawing", [plot.gram, plot.phases], ids=["gram", "phases"])
def test_where_no_best_is_shown_none_is_searched_for(
    drawing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = []

    def finds_none(models: Sequence[Trained]) -> tuple[None, ...]:
        searched.append(models)
        return (None,) * len(models)

    monkeypatch.setattr(best_known, "best_of_trained", finds_none)
    run, _ = case("line")
    drawing(run)
    assert searched == []
    plot.arrows(run)  # they have the best as rings
    assert searched == [run.trained]


def test_a_run_and_the_labels_of_regions_are_placed_as_before() -> None:
    """Against a search of all boxes by numpy."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        names = rng.integers(0, 3, size=(7, 9))
        grid = np.repeat(np.repeat(names, 2, axis=0), 2, axis=1).tolist()
        high, wide = 3, 4
        for name, (row, column) in label_spots(grid, (high, wide)).items():
            inside = (np.asarray(grid) == name).astype(int)
            views = np.lib.stride_tricks.sliding_window_view(inside, (high, wide))
            counts = views.sum(axis=(2, 3))
            up, across = round(row - high / 2), round(column - wide / 2)
            assert counts[up, across] == counts.max()


def test_the_names_of_a_table_stand_above_and_in_the_words(
    diagram: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run, _), (grid, best) = case("line"), case("grid")
    monkeypatch.setattr(best_known, "best_of_trained", lambda models: best[: len(models)])
    drawn = {
        "center": plot.arrows({"mine": MODEL, "run": run}),
        "left": plot.diagram({"mine": diagram, "run": grid}),
    }
    for where, each in drawn.items():
        titles = [ax.get_title(loc=where) for ax in each]
        assert titles[0] == "mine"
        assert all(title.startswith("run: ") for title in titles[1:])
        assert len(set(titles)) == len(titles)  # what tells the models of a run apart is kept
        assert [ax.get_label()[: len(title)] for ax, title in zip(each, titles, strict=True)] == (
            titles
        )
    (passed,) = plot.forward({"mine": MODEL}, "1 0 1/2")
    assert passed.get_title(loc="left") == "mine"
    assert passed.get_label().startswith("mine: x = (1, 0, 1/2) goes down")
    names = [line.get_label() for line in plot.losses({"run": run}, along="S").lines]
    assert "run: S = 0" in names


# -- into whose axes ------------------------------------------------------------------------------


def in_a_grid(along: PhaseMap, diagram: Any, **how: Any) -> Figure:
    figure = Figure(**how)
    axes = figure.subplots(2, 3)
    plot.arrows(MODEL, ax=axes[0, 0])
    plot.gram(MODEL, ax=axes[0, 1])
    plot.losses(WALK, ax=axes[0, 2])
    plot.phases(along, ax=axes[1, 0])
    plot.diagram(diagram, ax=axes[1, 1])
    plot.forward(MODEL, "1 1/2 1/4", ax=axes[1, 2])
    return figure


def outside(figure: Figure) -> set[Any]:
    """Labels of ticks that lie outside of their axis, which are never drawn."""
    return {
        tick.label1
        for axes in figure.findobj(Axes)
        for axis in (axes.xaxis, axes.yaxis)  # type: ignore[attr-defined]  # all are axes
        for tick in axis.get_major_ticks()
        if not min(view := axis.get_view_interval()) <= tick.get_loc() <= max(view)
    }


@pytest.mark.parametrize(
    "how",
    [
        {"figsize": (16, 9), "layout": "constrained"},
        {"figsize": (16, 9), "layout": "tight"},
        {"figsize": (9, 6), "layout": "constrained"},
        {"figsize": (16, 9), "layout": "constrained", "facecolor": "#000000"},
    ],
    ids=["constrained", "tight", "small", "black"],
)
def test_six_pictures_stand_in_a_grid(along: PhaseMap, diagram: Any, how: dict[str, Any]) -> None:
    figure = in_a_grid(along, diagram, **how)
    seen = [(text, box) for text, box in texts(figure) if text not in outside(figure)]
    assert len(seen) > 60
    inside = {axes for axes in figure.axes if axes.get_label()}
    assert len(inside) == 6
    wide, high = figure.get_size_inches() * figure.dpi
    assert overlapping(seen) == []
    for text, box in seen:
        assert -1 <= box.x0 < box.x1 <= wide + 1, text
        assert -1 <= box.y0 < box.y1 <= high + 1, text
        assert text.get_fontsize() >= 5.5, text


def test_pictures_of_a_list_go_into_a_list_of_axes() -> None:
    figure = Figure()
    axes = figure.subplots(2, 3)
    made = plot.arrows(list(handcalc.embeddings())[:6], ax=axes)
    assert list(made) == list(axes.flat)
    assert [ax.get_title() for ax in made][:2] == ["orthogonal", "interfering"]


def test_a_dark_figure_makes_dark_pictures_on_its_own_paper() -> None:
    figure = Figure(facecolor="#101010")
    ax = plot.losses(MODEL, ax=figure.subplots())
    assert ax.get_facecolor() == to_rgba("#101010")
    assert ax.xaxis.label.get_color() == plot.DARK.ink
    plain = plot.losses(MODEL, ax=Figure().subplots())
    assert plain.xaxis.label.get_color() == plot.LIGHT.ink


def test_a_theme_that_is_asked_for_paints_the_figure() -> None:
    figure = Figure()
    plot.arrows(MODEL, ax=figure.subplots(), theme="dark")
    assert to_hex(figure.get_facecolor()).upper() == plot.DARK.paper
    own = replace(plot.DARK, paper="#00204D", features=("#FFFFFF",))
    (arrows,) = (c for c in plot.arrows(MODEL, theme=own).collections if isinstance(c, Quiver))
    assert {to_hex(colour) for colour in arrows.get_facecolor()} == {"#ffffff"}


def test_size_labels_and_colours_are_arguments() -> None:
    ax = plot.arrows(MODEL, size=(3, 2), labels=["cat", "dog", "fish"], colours=["r", "g", "b"])
    assert ax.get_figure().get_size_inches().tolist() == [3, 2]
    assert written(ax)[:3] == ["cat", "dog", "fish"]
    (arrows,) = (c for c in ax.collections if isinstance(c, Quiver))
    assert [to_hex(c) for c in arrows.get_facecolor()] == ["#ff0000", "#008000", "#0000ff"]


def test_the_users_settings_neither_count_nor_change() -> None:
    before, _ = plot.gram(MODEL)._repr_png_()
    with mpl.rc_context({"font.size": 40, "axes.facecolor": "red"}):
        settings = dict(mpl.rcParams)
        assert plot.gram(MODEL)._repr_png_()[0] == before
        assert dict(mpl.rcParams) == settings


# -- in words -------------------------------------------------------------------------------------


def test_the_words_of_a_picture_are_on_the_axes_the_figure_and_in_its_files(
    tmp_path: Any,
) -> None:
    ax = plot.arrows(MODEL)
    said = ax.get_label()
    assert said.startswith("Feature 1 points right with length 1; feature 2 points up")
    figure = ax.get_figure()
    assert figure.get_label() == said
    svg = rendered(figure, "svg", said).decode()
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own file
    tags = {node.tag.rpartition("}")[2]: node.text for node in root}
    assert root.get("role") == "img"
    assert tags["desc"] == said
    figure.savefig(tmp_path / "own.svg")
    assert said in (tmp_path / "own.svg").read_text(encoding="utf-8").replace("&gt;", ">")
    several = plot.arrows(WALK)
    assert several._repr_png_()[1]["alt"] == " ".join(ax.get_label() for ax in several)


# -- what is refused ------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Any, str, str]] = {
    "four dimensions": (lambda: plot.arrows("1 0 0 0; 0 1 0 0"), "not_drawn", "4 dimensions"),
    "no floats": (lambda: plot.gram(f"1{'0' * 400}; 1"), "not_drawn", "no floats"),
    "squares that are none": (lambda: plot.arrows(f"1{'0' * 200}; 1"), "not_drawn", "no floats"),
    "one of two axes": (lambda: plot.arrows(["1; 1", "1; 2"], ax=one()), "axes", "need 2 Axes"),
    "six for one": (lambda: plot.gram("1; 1", ax=six()), "axes", "needs 1 Axes, not 6"),
    "a figure": (lambda: plot.gram("1; 1", ax=Figure()), "axes", "takes the Axes to draw into"),
    "no theme": (lambda: plot.gram("1; 1", theme="blue"), "theme", '"light", "dark"'),
    "a size of axes": (lambda: plot.gram("1; 1", ax=one(), size=(1, 1)), "ignored", "size="),
    "half a size": (lambda: plot.gram("1; 1", size=3), "size", "width and height"),
    "a size below 0": (lambda: plot.gram("1; 1", size=(3, -1)), "size", "width and height"),
    "one name of two": (lambda: plot.arrows("1; 1", labels=["a"]), "labels", "each of the 2"),
    "a name": (lambda: plot.arrows("1; 1", labels="ab"), "labels", "a list of texts"),
    "two titles": (lambda: plot.arrows("1; 1", title=["a", "b"]), "title", "list of texts"),
    "no colour": (lambda: plot.arrows("1; 1", colours=["redd"]), "colours", "list of colours"),
    "one end": (lambda: plot.gram("1; 1", colours=["red"]), "colours", "list of 2 colours"),
    "best of a model": (lambda: plot.arrows("1; 1", best=True), "ignored", "was trained"),
    "x of a pass": (
        lambda: plot.forward(handcalc.forward("1; 1"), "1 2"), "ignored", "has its own x"
    ),
    "no way": (lambda: plot.losses("1; 1", along="T"), "along", '"S" or "steps"'),
    "no part": (lambda: plot.phases("1; 1", of="W"), "of", '"lengths" or "biases"'),
    "no loss along S": (
        lambda: plot.losses(handcalc.expected_loss("1; 1", handcalc.OneActive(2))),
        "no_curve",
        "no loss along S",
    ),
    "very many": (lambda: plot.gram(["1; 1"] * 25), "too_many", "24 pictures"),
    "nothing": (lambda: plot.gram({}), "empty", "nothing to draw"),
    "nothing in a list": (lambda: plot.gram([]), "empty", "no numbers"),
    "floats": (lambda: plot.gram([[0.5, 1.0]]), "float", "from_floats"),
    "a circuit": (lambda: plot.gram(handcalc.circuit("copying")), "picture", "no Circuit"),
}  # fmt: skip


def one() -> Axes:
    return Figure().subplots()


def six() -> Any:
    return Figure().subplots(2, 3)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_said(case: str) -> None:
    draw, code, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        draw()
    assert caught.value.code == code


def test_lengths_that_share_a_scale() -> None:
    """A list is drawn on one scale: half an arrow is half as long."""
    short, long = plot.arrows(["1/2 0; 0 1/2", "2 0; 0 2"])
    assert short.get_xlim() == long.get_xlim()
    assert hypot(*short.get_xlim()) > hypot(2, 2)
