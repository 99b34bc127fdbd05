"""The phase map on paper: a terminal's page, JSON, CSV, a figure."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from io import StringIO

import pytest
from rich.console import Console

from handcalc.superposition.best.minima import Minimum
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.phases.phase_map import PhaseMap, phase_map, region_labels
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath
from handcalc.views.json import phases as phase_data
from handcalc.views.notation import ASCII, UNICODE, PlainNotation
from handcalc.views.plots import phase_map as plots_map
from handcalc.views.plots import style
from handcalc.views.text import phase_map as phase_map_text
from tests.known_maps import two_in_one


@pytest.fixture(scope="module")
def shown() -> PhaseMap:
    return two_in_one()


@pytest.fixture(scope="module")
def grown() -> PhaseMap:
    """A change without a jump, and no point of the grid just after it."""
    return phase_map(2, 1, "1 4/5", points=5)


def page(shown: PhaseMap, notation: PlainNotation, width: int = 80) -> str:
    file = StringIO()
    console = Console(file=file, width=width, color_system=None, highlight=False, markup=False)
    console.print(phase_map_text.phase_map(shown, notation))
    return file.getvalue()


def test_the_page_tells_stretches_and_changes(shown: PhaseMap) -> None:
    told = page(shown, UNICODE)
    words = " ".join(told.split())
    assert "From S = 0 to 0.293596307326782: antipodal (two lengths)." in words
    assert "At S = 0.293596307326782 antipodal (equal lengths) overtakes" in words
    assert "the order of the two losses flips within ±1e-16 of this S" in words
    assert re.search(r"^ +0\.5 +0\.076282447 +\d+/\d+  0\.96897 ×2 +0\.097683 ×2$", told, re.M)
    assert "no proof" in words


def test_a_change_without_a_jump_is_told_as_one(grown: PhaseMap) -> None:
    said = phase_map_text.sentences(grown)
    assert said[1].startswith("At S = 0.272350271525944 orthogonal turns into antipodal without a")
    assert "a dropped feature's arrow begins to grow" in said[1]
    assert "importances are 1 and 4/5" in page(grown, UNICODE)


@pytest.mark.parametrize("width", [80, 40])
def test_the_page_fits(shown: PhaseMap, width: int) -> None:
    told = page(shown, ASCII, width)
    assert told.isascii()
    assert max(map(len, told.splitlines())) <= width


def test_json_holds_everything(shown: PhaseMap) -> None:
    data = json.loads(json.dumps(phase_data.phase_map(shown), allow_nan=False))
    assert [stretch["family"] for stretch in data["stretches"]] == ["antipodal"] * 2
    assert data["changes"][0]["loss"] == "0.108248164841314"
    assert len(data["points"]) == 6
    half = data["points"][2]
    assert half["sparsity"] == "1/2"
    assert half["loss"].startswith("0.07628244698956")
    assert len(half["loss"]) > 50
    assert half["slope"] < 1e-50
    assert data["curves"][1]["sparsity"][-1] == 0.999


def test_csv_has_a_row_for_each_point(shown: PhaseMap) -> None:
    head, *rows = phase_data.phase_map_rows(shown)
    assert head[-4:] == ["W11", "W21", "b1", "b2"]
    assert {len(row) for row in rows} == {len(head)}
    assert [row[0] for row in rows] == ["0", "1/4", "1/2", "3/4", "99/100", "999/1000"]
    at_half = dict(zip(head, rows[2], strict=True))
    assert float(at_half["W11"]) == -float(at_half["W21"]) == pytest.approx(0.96897, abs=1e-5)


@pytest.mark.parametrize("name", ["shown", "grown"])
def test_the_figure_draws_all_and_says_it(name: str, request: pytest.FixtureRequest) -> None:
    shown = request.getfixturevalue(name)
    figure = plots_map.figure(shown)
    losses, over, lengths, _ = figure.axes
    numbers = [text.get_text().partition(":")[0] for text in losses.get_legend().get_texts()]
    assert numbers == [str(k + 1) for k in range(len(shown.stretches))]
    assert min(min(line.get_ydata()) for line in over.get_lines()[: len(numbers)]) >= -1e-6
    assert len([line for line in lengths.get_lines() if line.get_linestyle() == "-"]) == 2 * len(
        numbers
    )
    said = " ".join("\n".join(text.get_text() for text in figure.texts).split())
    assert all(sentence in said for sentence in phase_map_text.sentences(shown))
    assert style.rendered(figure, "svg", said).startswith(b"<?xml")


def spot(*lengths: float, features: int = 4) -> MinimumAt:
    """Pairs of two arrows each, at right angles; what is left is dropped."""
    rows = [(length, 0.0) if k < 2 else (0.0, length) for k, length in enumerate(lengths)]
    signed = [(x * (-1) ** k, y * (-1) ** k) for k, (x, y) in enumerate(rows)]
    W = tuple(signed + [(0.0, 0.0)] * (features - len(rows)))
    line = SparsityPath(features, 2, importances(None, features))
    return line.spot(Fraction(1, 2), Minimum(0.1, W, (0.1,) * features, 0.0, 1))


def test_shapes_of_one_family_are_told_apart_by_lengths_or_by_parts() -> None:
    one, two, parted = spot(1, 1), spot(1, 1, 1, 1), spot(1, 1, 0.9, 0.5)
    assert list(region_labels([one.shape, two.shape]).values()) == [
        "antipodal (1 pair, 2 dropped)",
        "antipodal (2 pairs)",
    ]
    assert list(region_labels([two.shape, parted.shape]).values()) == [
        "antipodal (equal lengths)",
        "antipodal (equal lengths, two lengths)",
    ]
