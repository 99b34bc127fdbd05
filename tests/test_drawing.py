"""A model drawn, in characters and as SVG: heads, scale, labels in the clear, no two alike."""

from __future__ import annotations

import io
import re
from itertools import combinations
from math import cos, hypot, pi, sin
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from sympy import Rational

from handcalc import ToyModel, embeddings, strategies
from handcalc.errors import InputError
from handcalc.views import picture, svg, text
from handcalc.views.notation import ASCII, UNICODE, PlainNotation
from handcalc.views.palette import terminal_colour
from handcalc.views.text.drawing import Canvas, canvas
from tests.sampling import FEWER
from tests.view_cases import MODELS, NOTATIONS, rendered

NAMED = {found.name: found.model for found in embeddings()}
DRAWN = {
    **{name: model for name, model in MODELS.items() if model.m <= 3},
    "coinciding": ToyModel("1 0; 1 0; 1/2 0; 0 0; 0 -2; -1 1/20; -1 -1/20"),
    "short": ToyModel("22/25 0; 0 1; 0 -1/10"),
    "long": ToyModel("100 0; 0 1; 30 30"),
    "axes and more": ToyModel("1 0 0; 0 1 0; 0 0 1; -1/2 -1/2 -1/2; 0 -1/2 0", "1/4 0 0 0 -3"),
    "a fan": ToyModel(
        [[Rational(round(1000 * f(2 * pi * k / 12)), 1000) for f in (cos, sin)] for k in range(12)]
    ),
}


@pytest.fixture(params=NOTATIONS.values(), ids=NOTATIONS.keys())
def notation(request: pytest.FixtureRequest) -> PlainNotation:
    found: PlainNotation = request.param
    return found


def views(model: ToyModel, notation: PlainNotation = UNICODE) -> list[Canvas]:
    return [canvas(model, number, notation) for number in range(2 if model.m == 3 else 1)]


# -- characters: where everything stands ----------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_labels_lie_on_no_arrow_and_on_no_other_label(name: str, notation: PlainNotation) -> None:
    for view in views(DRAWN[name], notation):
        labels = [set(cells) for cells in view.labels.values()]
        assert not any(cells & view.arrow_cells for cells in labels)
        assert not any(one & other for one, other in combinations(labels, 2))
        inside = {(c, r) for c in range(view.columns) for r in range(view.rows)}
        assert all(cells <= inside for cells in labels)


@pytest.mark.parametrize("name", DRAWN)
def test_every_feature_is_labelled(name: str, notation: PlainNotation) -> None:
    model = DRAWN[name]
    for view in views(model, notation):
        labelled = [feature for features in view.labels for feature in features]
        assert sorted([*labelled, *view.unlabelled]) == list(range(1, model.n + 1))
        if model.n <= 7:
            assert not view.unlabelled


@pytest.mark.parametrize("name", DRAWN)
def test_the_written_labels_are_those(name: str, notation: PlainNotation) -> None:
    for view in views(DRAWN[name], notation):
        lines = [line.plain.ljust(view.columns) for line in view.lines()]
        for features, cells in view.labels.items():
            written = "".join(lines[row][column] for column, row in cells)
            assert written == picture.label(features, unicode=notation.unicode)


def test_one_scale_for_both_axes_which_the_unit_circle_sets() -> None:
    for W in ("22/25 0; 0 22/25", "1/10 0; 0 1/10", "1 0; 0 1"):
        (view,) = views(ToyModel(W))
        (zero, middle), (right, _), (_, top) = view.dot(0, 0), view.dot(1, 0), view.dot(0, 1)
        assert right - zero == middle - top == view.radius
    (view,) = views(ToyModel("22/25 0; 0 1"))
    lengths = [view.dot(22 / 25, 0)[0] - view.dot(0, 0)[0], view.radius]
    assert lengths == [22, 25]


def test_longer_arrows_make_everything_smaller() -> None:
    (view,) = views(ToyModel("2 0; 0 1"))
    (zero, middle) = view.dot(0, 0)
    assert view.dot(2, 0) == (zero + view.radius, middle)
    assert view.dot(0, 1)[1] == middle - round(view.radius / 2)


@pytest.mark.parametrize(
    ("row", "head"), [("1 0", ">"), ("-1 0", "<"), ("0 1", "^"), ("0 -1", "v"), ("3/5 4/5", "^")]
)
def test_heads_point_where_the_arrow_ends(row: str, head: str) -> None:
    (view,) = views(ToyModel(row), ASCII)
    across, down = view.dot(*map(float, map(Rational, row.split())))
    assert view.lines()[down // 4].plain[across // 2] == head


def test_a_head_is_broad_and_ends_in_a_point() -> None:
    (view,) = views(ToyModel("1 0"))
    tip, row = view.dot(1, 0)[0] // 2, view.dot(0, 0)[1] // 4
    assert {(tip - 2, row - 1), (tip - 2, row + 1)} & view.arrow_cells  # off the shaft
    assert (tip, row) in view.arrow_cells
    assert not any(column > tip for column, _ in view.arrow_cells)


def test_arrows_with_one_end_share_a_label_and_zero_arrows_stand_at_the_origin() -> None:
    (view,) = views(DRAWN["coinciding"])
    assert {(1, 2), (3,), (4,), (5,), (6, 7)} >= set(view.labels) >= {(1, 2), (3,), (4,), (5,)}
    zero = view.dot(0, 0)
    assert all(abs(c - zero[0] / 2) + abs(r - zero[1] / 4) < 4 for c, r in view.labels[4,])


def test_numbers_in_a_row_are_one_label() -> None:
    assert list(views(ToyModel("1 0; 1 0; 1 0; 1 0"))[0].labels) == [(1, 2, 3, 4)]
    assert " 1-4" in rendered(text.drawing(ToyModel("1 0; 1 0; 1 0; 1 0"), ASCII))


def test_three_dimensions_are_two_views_with_names() -> None:
    shown = rendered(text.drawing(ToyModel("1 0 0; 0 1 0; 0 0 1"), UNICODE), 80)
    assert "Front view: dimension 1 right, 3 up   Top view: dimension 1 right, 2 up" in shown
    assert "Arrow 2 points away from you" in shown
    assert "Arrow 3 points at you" in shown


def test_one_dimension_is_a_line_with_marks() -> None:
    (view,) = views(ToyModel("1; -1; 1/3; 0"))
    assert {row for _, row in view.arrow_cells} <= {1, 2, 3}
    assert "The marks are at 0, and at 1 to each side." in rendered(
        text.drawing(ToyModel("1; -1"), UNICODE)
    )


def test_of_more_dimensions_the_overlaps_are_shown() -> None:
    shown = rendered(text.drawing(ToyModel("1 0 0 0; 0 1 0 0; 0 0 1 1"), ASCII), 80)
    assert "Arrows in 4 dimensions have no drawing: a page has two dimensions" in shown
    assert "[ 0   0   2 ]   feature 3" in shown


def test_a_number_past_all_floats_is_told() -> None:
    assert "no floats" in rendered(text.drawing(ToyModel([[10**400, 0]]), ASCII), 80)


# -- characters: the page -------------------------------------------------------------------------


def test_no_two_named_embeddings_are_drawn_alike(notation: PlainNotation) -> None:
    drawn = {rendered(text.drawing(model, notation), 80) for model in NAMED.values()}
    pictures = {shown.split("\n\nFeature 1 ")[0] for shown in drawn}
    assert len(pictures) == len(NAMED)
    files = {re.sub("<desc>.*</desc>", "", svg.arrows(model)) for model in NAMED.values()}
    assert len(files) == len(NAMED)


@pytest.mark.parametrize("width", [40, 60, 80, 300])
@pytest.mark.parametrize("name", DRAWN)
def test_it_fits(name: str, width: int, notation: PlainNotation) -> None:
    shown = rendered(text.drawing(DRAWN[name], notation), width)
    assert max(map(cell_len, shown.splitlines())) <= width
    drawn = re.split(r"\n\n(?=Feature 1 |\d+ arrows)", shown)[0]
    assert max(map(cell_len, drawn.splitlines())) <= min(width, 80)
    if notation is ASCII:
        assert shown.isascii()


def test_it_leaves_room_in_24_lines() -> None:
    for name, model in NAMED.items():
        assert len(rendered(text.drawing(model, UNICODE), 80).splitlines()) <= 19, name


def test_a_terminal_may_be_too_narrow() -> None:
    shown = rendered(text.drawing(NAMED["antipodal"], UNICODE), 30)
    words = " ".join(shown.split())
    assert "The drawing needs a wider terminal." in words
    assert "points up" in words


def test_b_and_relu_stand_beside_the_arrows() -> None:
    shown = rendered(text.drawing(ToyModel("1 0; 0 1; 0 -1", "0 1/2 -1"), ASCII), 80)
    assert "xhat = ReLU(Wh + b)" in shown
    assert re.search(r"2 +\|==== 1/2", shown)
    assert re.search(r"3 +========\| -1", shown)
    assert "ReLU" not in rendered(text.drawing(NAMED["relu"], ASCII, outputs=False), 80)


def test_many_biases_are_cut() -> None:
    model = ToyModel([[1, 0]] * 20, [Rational(1, k + 1) for k in range(20)])
    assert "and 12 more" in rendered(text.drawing(model, ASCII), 80)
    assert "and 11 more" in svg.arrows(model)


def test_arrows_have_the_colours_of_their_features() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="truecolor")
    console.print(text.drawing(MODELS["antipodal"], UNICODE))
    for feature in (1, 2, 3):
        sample = io.StringIO()
        Console(file=sample, force_terminal=True, color_system="truecolor").print(
            "x", style=f"bold {terminal_colour(feature)}"
        )
        assert sample.getvalue().split("x")[0] in file.getvalue()


@pytest.mark.parametrize("name", [name for name, model in DRAWN.items() if model.n <= 12])
def test_every_feature_is_told(name: str, notation: PlainNotation) -> None:
    words = " ".join(rendered(text.drawing(DRAWN[name], notation)).split())
    for i in range(1, DRAWN[name].n + 1):
        assert f"eature {i} " in words


# -- SVG ------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def parsed(model: ToyModel) -> ET.Element:
    return ET.fromstring(svg.arrows(model))  # noqa: S314  # our own text


@pytest.mark.parametrize("name", DRAWN)
def test_svg_is_well_formed_and_says_what_it_shows(name: str) -> None:
    model = DRAWN[name]
    root = parsed(model)
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert root.findtext(f"{SVG}title") == picture_title(model)
    assert (root.findtext(f"{SVG}desc") or "").startswith("Feature 1 ")
    arrows = [part for part in root if (part.get("class") or "").split()[:1] == ["arrow"]]
    assert len(arrows) == model.n * (2 if model.m == 3 else 1)


def picture_title(model: ToyModel) -> str:
    features, dimensions = ("" if count == 1 else "s" for count in (model.n, model.m))
    return f"{model.n} feature{features} in {model.m} dimension{dimensions}"


@pytest.mark.parametrize("name", DRAWN)
def test_svg_lies_within_its_view_box(name: str) -> None:
    is_in_its_view_box(parsed(DRAWN[name]))


def is_in_its_view_box(root: ET.Element) -> None:
    left, top, width, height = map(float, (root.get("viewBox") or "").split())
    assert (left, top) == (0, 0)
    for part in root.iter():
        for x, y in corners(part):
            assert -0.01 <= x <= width + 0.01, ET.tostring(part)
            assert -0.01 <= y <= height + 0.01, ET.tostring(part)


def corners(part: ET.Element) -> list[tuple[float, float]]:
    """The outermost points of a text, a rectangle, a circle, or of a path of absolute points."""
    number = {name: float(part.get(name, 0)) for name in ("x", "y", "cx", "cy", "r", "width")}
    if part.tag == f"{SVG}text":
        size = float(part.get("font-size", 18))
        wide = 0.6 * size * len(part.text or "")
        before = wide / 2 if part.get("text-anchor") == "middle" else 0
        x, y = number["x"] - before, number["y"]
        return [(x, y - size / 2), (x + wide, y + size / 2)]
    if part.tag == f"{SVG}rect":
        x, y = number["x"], number["y"]
        return [(x, y), (x + number["width"], y + float(part.get("height", 0)))]
    if part.tag == f"{SVG}circle":
        x, y, r = number["cx"], number["cy"], number["r"]
        return [(x - r, y - r), (x + r, y + r)]
    path = part.get("d", "")
    if part.tag == f"{SVG}path" and (part.get("class") or "").startswith(("arrow", "head")):
        found = list(map(float, _NUMBER.findall(path)))
        return list(zip(found[::2], found[1::2], strict=True))
    return []


@pytest.mark.parametrize("name", DRAWN)
def test_svg_labels_are_clear_of_arrows_and_of_each_other(name: str) -> None:
    is_in_the_clear(parsed(DRAWN[name]))


def is_in_the_clear(root: ET.Element) -> None:
    labels = [part for part in root.iter(f"{SVG}text") if "label" in (part.get("class") or "")]
    boxes = []
    for label in labels:
        x, y, half = float(label.get("x", 0)), float(label.get("y", 0)), len(label.text or "") * 5
        boxes.append((x - half, y - 7, x + half, y + 7))
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    shafts = [part.get("d", "") for part in root if (part.get("class") or "").startswith("arrow")]
    for shaft in filter(None, shafts):
        x, y, to_x, to_y = map(float, _NUMBER.findall(shaft))
        for k in range(101):
            spot = x + (to_x - x) * k / 100, y + (to_y - y) * k / 100
            for left, top, right, bottom in boxes:
                assert not (left < spot[0] < right and top < spot[1] < bottom)


def test_svg_has_heads_at_the_ends_and_one_scale() -> None:
    root = parsed(ToyModel("22/25 0; 0 1"))
    heads = [part.get("d", "") for part in root if part.get("class") == "head"]
    tips = {tuple(map(float, _NUMBER.findall(path)[:2])) for path in heads}
    circle = next(part for part in root if part.get("class") == "faint unit")
    x, y, r = (float(circle.get(name, 0)) for name in ("cx", "cy", "r"))
    assert tips == {(x + 0.88 * r, y), (x, y - r)}
    (shorter,) = [part for part in parsed(ToyModel("1/2 0")) if part.get("class") == "faint unit"]
    assert shorter.get("r") == circle.get("r")
    (longer,) = [part for part in parsed(ToyModel("2 0; 0 1")) if part.get("class") == "faint unit"]
    assert float(longer.get("r", 0)) == r / 2


def test_svg_shows_b_and_relu() -> None:
    drawn = {name: parsed(model) for name, model in NAMED.items()}
    bars = {name: len(root.findall(f"{SVG}rect[@class='bias']")) for name, root in drawn.items()}
    assert {name for name, count in bars.items() if count} == {"one-example", "bias-corrected"}
    shown = {name for name, root in drawn.items() if "line relu" in ET.tostring(root, "unicode")}
    assert shown == {"relu", "triangle"}
    plain = svg.arrows(NAMED["relu"], outputs=False)
    assert "ReLU" not in plain


def test_svg_is_legible_in_light_and_in_dark() -> None:
    drawn = svg.arrows(ToyModel([[1, 0]] * 7))
    assert "prefers-color-scheme: dark" in drawn
    assert 'stroke="#000000"' not in drawn  # which the dark would swallow
    assert drawn.index('class="paper"') < drawn.index('class="arrow')


def test_svg_needs_at_most_three_dimensions() -> None:
    with pytest.raises(InputError, match="Arrows in 4 dimensions have no drawing") as caught:
        svg.arrows(ToyModel("1 0 0 0"))
    assert caught.value.code == "not_drawn"


# -- any model ------------------------------------------------------------------------------------


@FEWER
@given(st.integers(1, 3).flatmap(lambda m: strategies.toy_models(m=m)))
def test_any_model_is_drawn_with_its_labels_in_the_clear(model: ToyModel) -> None:
    for notation in NOTATIONS.values():
        for view in views(model, notation):
            labels = [set(cells) for cells in view.labels.values()]
            assert not any(cells & view.arrow_cells for cells in labels)
            assert not any(one & other for one, other in combinations(labels, 2))
            assert not view.unlabelled
    root = parsed(model)
    is_in_the_clear(root)
    is_in_its_view_box(root)


# -- what the two share ---------------------------------------------------------------------------


def test_the_views_of_three_dimensions_agree_with_each_other() -> None:
    front, top = picture.panes(DRAWN["axes and more"], 0.001)
    for pane, right, up, out in ((front, 0, 2, -1), (top, 0, 1, 2)):
        for shaft in (*pane.shafts, *pane.points):
            row = [float(cell) for cell in DRAWN["axes and more"].W[shaft.features[0] - 1]]
            depth = row[2] if out == 2 else -row[1]
            assert (shaft.x, shaft.y, shaft.depth) == (row[right], row[up], depth)
            assert shaft.length == hypot(row[right], row[up])


def test_a_drawing_stands_unasked_where_it_shows_at_a_glance() -> None:
    assert picture.is_drawn_unasked(ToyModel([[1, 0]] * 6))
    assert not picture.is_drawn_unasked(ToyModel([[1, 0]] * 7))
    assert not picture.is_drawn_unasked(ToyModel("1 0 0; 0 1 0"))
