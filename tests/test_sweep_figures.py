"""Heat maps of sweeps: what stands where, against the sweep's own table; words and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import matplotlib as mpl
import pytest
import sympy
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from handcalc import plot
from handcalc.errors import InputError
from tests.sim_figure_cases import overlapping, texts
from tests.sweep_figure_cases import RATES, drawn, rows, said, squares, swept, ticks
from torchsim import ModelSpec, SweepGrid, SweepRun, TrainingSpec, compare, sweep, train
from torchsim.figures import check, describe, draw, kinds, picked
from torchsim.storage.sweeps import ShardStore, shard_bytes
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.sweep_axes import number_labels
from torchsim.views.sweep_maps import VALUES, SweepMaps

# -- what stands where ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["loss", "held", "dimensionality"])
def test_every_square_has_the_number_of_the_table(value: str) -> None:
    axes = drawn("map", value).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("sparsity S", "importance of feature 3")
    assert ticks(axes.xaxis) == ["0", "0.5", "0.9"]
    assert ticks(axes.yaxis) == ["0.1", "1", "10"]
    expected = [row[value] for row in rows("map")]
    places = list(product(range(3), range(3)))  # importance changes fastest
    assert squares(axes) == pytest.approx(dict(zip(places, expected, strict=True)))
    shown = [float(t.get_text()) for t in axes.texts if t.get_gid() == "number"]
    assert shown == pytest.approx(expected, rel=6e-3)


def test_the_gap_is_that_of_the_comparison() -> None:
    compared = [each.gap_percent for each in compare(swept("map")).models]
    assert list(squares(drawn("map", "gap").axes[0]).values()) == pytest.approx(compared)


def test_small_multiples_for_what_is_along_no_axis() -> None:
    figure = drawn("sizes")
    panels = figure.axes[:-1]  # and the scale
    assert [said(axes) for axes in panels] == ["S = 0", "S = 0.9"]
    assert [axes.get_xlabel() for axes in panels] == ["features n"] * 2
    assert [axes.get_ylabel() for axes in panels] == ["dimensions m", ""]
    table = {(r["sparsity"], r["features"], r["hidden"]): r["loss"] for r in rows("sizes")}
    for s, axes in zip(sorted({s for s, _, _ in table}), panels, strict=True):
        assert squares(axes) == {(n - 3, m - 1): table[s, n, m] for n in (3, 4, 5) for m in (1, 2)}
    chosen = draw("heatmap", swept("sizes"), x="hidden", y="sparsity").axes
    assert [said(axes) for axes in chosen[:-1]] == ["n = 3", "n = 4", "n = 5"]
    assert ticks(chosen[0].xaxis) == ["1", "2"]
    assert len({c.norm.vmax for axes in chosen[:-1] for c in axes.collections}) == 1


def test_where_n_varies_what_is_held_is_a_part() -> None:
    figure = draw("heatmap", swept("sizes"), x="hidden", y="features", value="held")
    table = {(r["sparsity"], r["hidden"], r["features"]): r["held"] for r in rows("sizes")}
    first = squares(figure.axes[0])
    assert first == {(m - 1, n - 3): table[0, m, n] / n for m in (1, 2) for n in (3, 4, 5)}


def test_seeds_are_reduced_and_failed_cells_crossed_out() -> None:
    figure = drawn("rates")
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "batch (inputs a step)")
    table = rows("rates")
    lowest = {
        (i, j): min(r["loss"] for r in table if (r["rate"], r["batch"]) == (rate, batch))
        for i, rate in enumerate(RATES[:2])
        for j, batch in enumerate((16, 64))
    }
    assert squares(axes) == pytest.approx(lowest)
    crosses = [line for line in axes.lines if line.get_gid() == "failed"]
    middles = [tuple(float(end[0]) for end in line.get_data()) for line in crosses]
    assert middles == [(2.5, 0.5), (2.5, 1.5)]  # one in the middle of each square
    rows_ = axes.get_window_extent().height / 2 * 72 / figure.dpi
    assert all(0 < line.get_markersize() < rows_ / 2 for line in crosses)
    words = figure.get_label()
    assert "Each square is the cell with the lowest loss of 2 seeds." in words
    assert "Crossed out: 4 cells failed, at 2 places all." in words
    by_seed = draw("heatmap", swept("rates"), x="seed", y="rate", models=[1, 2, 5, 6])
    assert len(squares(by_seed.axes[0])) == 4
    assert "lowest loss" not in by_seed.get_label()


def test_of_cells_at_one_place_the_best_is_shown() -> None:
    figure = drawn("merged")
    table: dict[Any, float] = {}
    for row in rows("merged"):
        key = (row["sparsity"], str(row["importance"]))
        table[key] = min(row["loss"], table.get(key, 1.0))
    assert sorted(squares(figure.axes[0]).values()) == pytest.approx(sorted(table.values()))
    assert "lowest loss of up to 2 cells at its place" in figure.get_label()


def test_one_setting_is_a_line() -> None:
    figure = drawn("line")
    (axes,) = figure.axes
    (line,) = [each for each in axes.lines if each.get_gid() == "values"]
    table = rows("line")
    expected = {
        float(s): min(r["loss"] for r in table if r["sparsity"] == s)
        for s in {r["sparsity"] for r in table}
    }
    assert dict(zip(*line.get_data(), strict=True)) == pytest.approx(expected)
    assert list(line.get_xdata()) == [0, 0.5, 0.9]
    assert axes.get_yscale() == "log"
    assert "Each dot is the cell with the lowest loss of 3 seeds." in figure.get_label()


def test_names_have_dots_alone_and_seeds_an_axis_where_nothing_else_varies() -> None:
    (axes,) = drawn("names").axes
    assert ticks(axes.xaxis) == ["adam", "adamw"]
    (line,) = [each for each in axes.lines if each.get_gid() == "values"]
    assert line.get_linestyle() == "None"
    assert drawn("seeds").axes[0].get_xlabel() == "seed"


def test_cells_that_draw_no_samples_have_no_rate() -> None:
    (axes,) = draw("heatmap", swept("both"), x="rate").axes
    assert ticks(axes.xaxis) == ["0.001", "0.01", "exact"]


def test_where_no_best_is_known_a_square_is_hatched() -> None:
    best = [None, None, *(each.best for each in compare(swept("large"), models=[3, 4]).models)]
    figure = draw("heatmap", swept("large"), value="gap", best=best)
    axes = figure.axes[0]
    assert ticks(axes.yaxis) == ["3", "9"]
    hatched = {patch.get_xy() for patch in axes.patches if patch.get_gid() == "unknown"}
    assert hatched == {(0, 1), (1, 1)}
    assert set(squares(axes)) == {(0, 0), (1, 0)}
    assert "Hatched: no best above 0 is known of 2 squares." in figure.get_label()


def test_what_is_not_trained_yet_is_empty() -> None:
    spec = SweepSpec((SweepGrid.of([2, 3], [1, 2], "1/2", restarts=1),))
    whole = sweep(spec)
    store = ShardStore(spec)
    for place in spec.shards():
        if spec.first_cell(place) < 3:
            shard = whole.shards.get(place)
            store.put(place, shard_bytes(shard.spec, shard.run, {}, 0.1))
        else:
            store.lose(place, "not trained yet")
    figure = draw("heatmap", store.run())
    assert len(squares(figure.axes[0])) == 2
    assert not [line for line in figure.axes[0].lines if line.get_gid() == "failed"]
    assert "Empty: 2 cells are not trained yet." in figure.get_label()


def test_the_panels_of_losses_are_on_one_scale() -> None:
    panels = draw("losses", swept("map"), models=[1, 5, 9]).axes
    assert len({axes.get_ylim() for axes in panels}) == 1
    assert len({axes.get_xlim() for axes in panels}) == 1
    low, high = panels[0].get_ylim()
    for axes in panels:
        for line in axes.lines:
            assert low < min(line.get_ydata()) <= max(line.get_ydata()) < high
    shown = [[t.label1.get_visible() for t in axes.yaxis.get_major_ticks()] for axes in panels]
    assert [any(each) for each in shown] == [True, False, False]


def test_a_best_of_nothing_is_no_line_on_a_logarithm_and_is_said() -> None:
    figure = draw("losses", swept("nothing"), models=[1, 2])
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["best restart", "other restarts"]
    assert "Without a line: the best known is 0." in " ".join(t.get_text() for t in figure.texts)


def test_one_value_everywhere_has_one_colour_and_no_scale_of_others() -> None:
    figure = drawn("nothing", "gap")
    axes, bar = figure.axes
    assert set(squares(axes).values()) == {0.0}
    assert figure.get_label().startswith("The gap to the best known is 0 % everywhere. ")
    assert ticks(bar.yaxis) == ["0"]
    assert bar.get_ylabel() == "% above the best known, everywhere"
    assert not bar.collections
    (cells,) = axes.collections
    assert bar.get_facecolor() == pytest.approx(cells.cmap(cells.norm(0.0)))


# -- how it looks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["map", "sizes", "rates", "merged", "line", "names", "many"])
def test_texts_are_on_the_page_and_not_on_each_other(name: str, dark: bool) -> None:
    figure = drawn(name, dark=dark)
    seen = list(texts(figure))
    assert overlapping(seen) == []
    for text, box in seen:
        assert box.x0 >= 0 <= box.y0, text.get_text()
        assert box.x1 <= 1600, text.get_text()
        assert box.y1 <= 900, text.get_text()


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_stand_out_and_colours_do_not_drown(dark: bool) -> None:
    figure = drawn("map", dark=dark)
    axes = figure.axes[0]
    (cells,) = axes.collections
    paper = luminance(figure.get_facecolor())
    order = sorted(squares(axes).values())
    shades = [luminance(cells.cmap(cells.norm(value))) for value in order]
    assert shades == sorted(shades)  # lighter means more, without colour, too
    for text, value in zip(axes.texts, squares(axes).values(), strict=True):
        ground = luminance(cells.cmap(cells.norm(value)))
        assert contrast(luminance(to_rgb(text.get_color())), ground) > 4
    assert all(contrast(shade, paper) > 1.3 for shade in shades)


def luminance(colour: Any) -> float:
    """Relative luminance, as WCAG has it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_two_hundred_cells_have_few_ticks_and_all_their_squares() -> None:
    axes = drawn("many").axes[0]
    assert len(squares(axes)) == 200
    assert 8 <= len(ticks(axes.xaxis)) < 40
    assert ticks(axes.yaxis) == ["0.125", "0.25", "0.5", "1", "2"]


def test_labels_tell_values_apart() -> None:
    assert number_labels([0.99999, 0.999999]) == ("0.99999", "0.999999")
    assert number_labels([1e-5, 1e-3]) == ("10⁻⁵", "0.001")
    assert number_labels([10_000.0, 4294967295.0]) == ("10,000", "4,294,967,295")


def test_an_importance_alone_has_the_number_of_its_feature() -> None:
    figure = draw("losses", swept("map"), models=[1, 5])
    assert [said(axes).replace("\n", " ") for axes in figure.axes] == [
        "cell 1: S = 0, I₃ = 0.1",
        "cell 5: S = 0.5, I₃ = 1",
    ]
    by_hand = sweep(SweepGrid.of(2, 1, "1/2", ["1", "1/2"], restarts=1))
    assert "cell 1: I = 1: " in describe("losses", by_hand)


# -- in words, and what is refused ----------------------------------------------------------------


def test_the_sentence_says_where_the_lowest_and_the_highest_are() -> None:
    table = rows("map")
    low, high = (choose(table, key=lambda row: row["loss"]) for choose in (min, max))
    told = describe("heatmap", swept("map"))
    assert told == drawn("map").get_label()
    ends = [
        f"{row['loss']:.3g} (S = {float(row['sparsity']):g}, I₃ = "
        f"{float(sympy.Rational(str(row['importance']).split()[-1])):g})"
        for row in (low, high)
    ]
    assert told.startswith(f"The loss goes from {ends[0]} to {ends[1]}. ")
    assert "3 features in 2 dimensions" in told
    held = [row["held"] for row in table]
    assert set(held) == {2, 3}
    counts = f"2 of 3 features at {held.count(2)} places and 3 at {held.count(3)}"
    told = describe("heatmap", swept("map"), value="held")
    assert told.startswith(f"The best models hold {counts}. ")


def test_the_table_of_a_map_has_its_values_or_the_ends_of_each_panel() -> None:
    maps = SweepMaps.of(swept("map"))
    at = {(float(r["sparsity"]), str(r["importance"])): f"{r['loss']:.3g}" for r in rows("map")}
    assert maps.rows == (
        ("", "S = 0", "S = 0.5", "S = 0.9"),
        *(
            (f"I₃ = {said_}", *(at[s, importance] for s in (0.0, 0.5, 0.9)))
            for said_, importance in (("10", "1 1 10"), ("1", "1"), ("0.1", "1 1 1/10"))
        ),
    )
    heads, *panels = SweepMaps.of(swept("sizes")).rows
    assert heads == ("panel", "lowest", "at", "highest", "at")
    for s, (name, low, where, high, _) in zip((0, 0.9), panels, strict=True):
        losses = {
            (r["features"], r["hidden"]): r["loss"]
            for r in rows("sizes")
            if float(r["sparsity"]) == s
        }
        n, m = min(losses, key=lambda size: losses[size])
        assert (name, where) == (f"S = {s}", f"n = {n}, m = {m}")
        ends = tuple(f"{end:.3g}" for end in (min(losses.values()), max(losses.values())))
        assert (low, high) == ends
    assert SweepMaps.of(swept("many")).rows == ()
    some = SweepMaps.of(swept("many"), models=range(1, 36)).rows  # 7 values of S, 5 of I₂
    assert some == ()
    some = SweepMaps.of(swept("many"), models=[n for n in range(1, 36) if n % 5 in (1, 2)]).rows
    assert (len(some), len(some[0]), some[1][0]) == (8, 3, "S = 0")
    assert SweepMaps.of(swept("line")).rows[0] == ("sparsity S", "loss L")


def test_the_kinds_of_a_sweep() -> None:
    assert kinds(swept("map")) == ("heatmap", "phases", "losses")
    assert kinds(swept("line")) == ("heatmap", "embeddings", "gram", "dimensionality", "losses")
    assert kinds(swept("line"), [2]) == ("embeddings", "gram", "dimensionality", "losses")
    one = sweep(SweepGrid.of(2, 1, "1/2", restarts=1))
    assert kinds(one) == ("embeddings", "gram", "dimensionality", "losses")
    assert picked("gram", swept("many")) == [1 + round(k * 199 / 13) for k in range(14)]
    with pytest.raises(InputError, match='not "heatmap"'):
        check("heatmap", train(TrainingSpec((ModelSpec.of(2, 1, 0),), restarts=1)))


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"x": "rate"}, "axis", "sparsity or importance; rate is the same in all cells"),
        ({"y": "sparse"}, "axis", "y is a setting in which the cells differ, sparsity or import"),
        ({"x": "sparsity", "y": "sparsity"}, "axis", "x and y are two settings, not both sparsity"),
        ({"value": "losses"}, "value", '"loss", "gap", "held" or "dimensionality", not \'losses\''),
        ({"models": [10]}, "models", "Cells are numbered from 1 to 9; there is no 10"),
        ({"models": [1, 2], "y": "importance"}, "axis", "The cells differ in importance alone"),
        ({"tokens": "a"}, "ignored", 'tokens= is for "attention" alone'),
    ],
)  # fmt: skip
def test_what_a_heat_map_refuses(asked: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        draw("heatmap", swept("map"), **asked)
    assert caught.value.code == code


def test_more_panels_than_a_slide_holds() -> None:
    grid = SweepGrid.of(
        2, 1, ["0", "1/2"], ["1", "1 1/2"], activation=["relu", "linear"], restarts=1
    )
    several = [f"{k}/16" for k in range(13)]
    grid = SweepGrid.of([2, 3], 1, several, ["1", "1/2"], restarts=1)
    found = sweep(grid)
    with pytest.raises(InputError, match="13 panels, one for each sparsity") as caught:
        draw("heatmap", found, x="features", y="importance")
    assert "choose x and y among features, sparsity and importance" in caught.value.message
    assert str(caught.value.suggestion).startswith("--x ")
    assert len(draw("heatmap", found).axes) == 3


def test_what_belongs_to_another_kind_is_refused() -> None:
    for name in ("x", "y", "value"):
        with pytest.raises(InputError, match=f'{name}= is for "heatmap" alone'):
            draw("gram", swept("line"), **{name: "loss"})


# -- handcalc.plot --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", VALUES)
def test_into_axes_of_ones_own(value: str) -> None:
    figure = Figure(figsize=(6, 4))
    ax = figure.subplots()
    assert plot.heatmap(swept("map"), value=value, ax=ax) is ax
    assert squares(ax) == squares(drawn("map", value).axes[0])
    assert len(ax.get_label()) > 60


def test_names_colours_and_panels_of_ones_own() -> None:
    axes = plot.heatmap(
        swept("sizes"), x="hidden", y="features", labels=["a", "b", "c"], title=["one", "two"],
        colours=["white", "#ff0000"],
    )  # fmt: skip
    assert [(ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) for ax in axes] == [
        ("a", "b", "one"),
        ("a", "b", "two"),
    ]
    (cells,) = axes[0].collections
    assert cells.cmap(0.0)[:3] == (1, 1, 1)
    assert mpl.colors.to_hex(cells.cmap(1.0)) == "#ff0000"


@pytest.mark.parametrize(
    ("function", "shown", "said"),
    [
        ("arrows", "line", "A SweepRun has no arrows to draw: choose some of its cells."),
        ("heatmap", None, "A ToyModel has no heat map to draw."),
    ],
)
def test_what_has_no_such_picture(function: str, shown: str | None, said: str) -> None:
    value: Sequence[Any] | SweepRun | str = "1; -1" if shown is None else swept(shown)
    with pytest.raises(InputError, match=said):
        getattr(plot, function)(value)
