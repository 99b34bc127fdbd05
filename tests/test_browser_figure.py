"""The figure in a browser: dragged, moved by keys and sliders, read aloud, and asked for harm."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import handcalc
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import figure_page
from tests.browsing import Visits

Opened = Callable[..., Page]


@pytest.fixture
def figure(visit: Visits, tmp_path: Path) -> Opened:
    """Opens the page of a model."""

    def opened(model: ToyModel, name: str = "", panels: object = None) -> Page:
        file = tmp_path / "figure.html"
        file.write_text(figure_page(model, name=name, panels=panels), encoding="utf-8")
        return visit(file.as_uri())

    return opened


ANTIPODAL = ToyModel("1 0; 0 1; 0 -1")


def arrow(page: Page, i: int) -> Locator:
    return page.get_by_role("slider", name=f"Arrow of feature {i}")


def cells(page: Page, caption: str) -> list[list[str]]:
    """The cells of a table, without its heads."""
    table = page.locator("table", has=page.locator("caption", has_text=re.compile(f"^{caption}")))
    return [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]


def drag(page: Page, i: int, to: tuple[float, float]) -> None:
    """Take arrow i at its badge, and bring the pointer to a place of the plane."""
    plane = page.get_by_role("group", name="Arrows of the features")
    plane.scroll_into_view_if_needed()
    grip, box = arrow(page, i).bounding_box(), plane.bounding_box()
    assert grip is not None
    assert box is not None
    unit = box["width"] / 3.4
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(
        box["x"] + box["width"] / 2 + unit * to[0],
        box["y"] + box["height"] / 2 - unit * to[1],
        steps=7,
    )
    page.mouse.up()


def assert_as_the_engine(page: Page) -> None:
    """What the page says of its own W and b is what the engine says of them at S = 1/2."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    rows = cells(page, "What you set")
    W = [[cell.replace("−", "-") for cell in row[0].strip("()").split(", ")] for row in rows]
    model = ToyModel(W, " ".join(row[1].strip().replace("−", "-") for row in rows))
    loss = handcalc.expected_loss(model, "1/2").value
    assert page.locator(".exactly").inner_text() == (f"exactly {loss}" if loss else "")
    gram = [[str(g).replace("-", "−") for g in row] for row in handcalc.geometry(model).gram]
    assert cells(page, "G = W W") == gram


def test_an_arrow_is_dragged_on_the_grid(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    assert_as_the_engine(page)
    drag(page, 1, (0.52, 0.71))
    expect(arrow(page, 1)).to_have_attribute("aria-valuetext", "1/2, 7/10")
    assert cells(page, "What you set")[0][0] == "(1/2, 7/10)"
    assert_as_the_engine(page)
    page.mouse.move(10, 10)  # let go is let go
    expect(arrow(page, 1)).to_have_attribute("aria-valuetext", "1/2, 7/10")
    drag(page, 3, (9, -9))
    expect(arrow(page, 3)).to_have_attribute("aria-valuetext", "3/2, minus 3/2")


def test_keys_move_an_arrow_and_are_announced(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    first = arrow(page, 1)
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(first).to_have_attribute("aria-valuetext", "21/20, 1/20")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    expect(first).to_have_attribute("aria-valuetext", "26/25, 1/25")
    expect(first).to_have_attribute("aria-valuenow", "2")
    assert_as_the_engine(page)
    page.keyboard.press("Home")
    expect(first).to_have_attribute("aria-valuetext", "0, 0")
    live = page.locator("[aria-live]")
    expect(live).to_have_text("Loss 1/4.")
    page.keyboard.press("Tab")
    expect(arrow(page, 2)).to_be_focused()


def test_tab_goes_through_all_that_can_be_set(figure: Opened) -> None:
    page = figure(ToyModel("1 0; 0 1"))
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? '' }"
            )
        )
    embedding, *rest = names
    assert embedding.startswith("Embedding")
    assert rest[:5] == [
        "One feature fewer",
        "One feature more",
        "ReLU",
        "Sparsity S, the probability that a feature is off",
        "best known, dashed",
    ]
    assert rest[5:11] == [
        "Arrow of feature 1",
        "Arrow of feature 2",
        *(f"{what} of feature {i}" for i in (1, 2) for what in ("Bias", "Input x")),
    ]


def test_sliders_set_bias_input_and_sparsity(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    page.get_by_role("slider", name="Bias of feature 2").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name="Bias of feature 2")).to_have_attribute(
        "aria-valuetext", "1/20"
    )
    page.get_by_role("slider", name="Input x of feature 3").focus()
    page.keyboard.press("End")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("exactly")).not_to_have_text("exactly 1/12")
    assert_as_the_engine(page)
    passed = handcalc.forward(ToyModel(ANTIPODAL.W, "0 1/20 0"), "0 0 9/10")
    shown = [row[:3] for row in cells(page, "What comes out")]
    columns = zip(passed.z, passed.output, passed.difference, strict=True)
    assert shown == [[str(value).replace("-", "−") for value in row] for row in columns]
    page.get_by_role("slider", name="Sparsity S").focus()
    page.keyboard.press("Home")
    dense = handcalc.expected_loss(ToyModel(ANTIPODAL.W, "0 1/20 0"), "0").value
    expect(page.locator(".exactly")).to_have_text(f"exactly {dense}")


def test_surds_stay_until_an_arrow_is_moved(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    page.get_by_label("Embedding").select_option("triangle")
    expect(page.locator("table").first).to_contain_text("√3/2")
    expect(page.get_by_text("These numbers are surds")).to_be_visible()
    known = handcalc.embedding("triangle").model
    loss = handcalc.expected_loss(known, "1/2").value
    expect(page.locator(".exactly")).to_have_text(f"exactly {loss}")
    arrow(page, 1).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("On the grid of hundredths")).to_be_visible()
    expect(page.locator("table").first).not_to_contain_text("√")
    assert_as_the_engine(page)
    expect(page.get_by_label("Embedding")).to_have_value("")


def test_from_one_feature_to_six(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    for _ in range(3):
        page.get_by_role("button", name="One feature more").click()
    expect(page.get_by_role("button", name="One feature more")).to_be_disabled()
    for i, place in enumerate([(0.5, 0.5), (-0.5, 0.5), (-0.8, -0.3)], 4):
        drag(page, i, place)  # arrows of length 0 lie apart, so that each can be taken
    expect(arrow(page, 6)).to_have_attribute("aria-valuetext", "minus 4/5, minus 3/10")
    assert_as_the_engine(page)
    for _ in range(5):
        page.get_by_role("button", name="One feature fewer").click()
    expect(page.get_by_role("button", name="One feature fewer")).to_be_disabled()
    assert_as_the_engine(page)


def test_the_best_known_is_laid_beneath(figure: Opened) -> None:
    page = figure(ANTIPODAL)
    expect(page.get_by_text("0.076282447 (antipodal); here it is 9.24 % more.")).to_be_visible()
    dashed = page.locator("svg line[stroke-dasharray]")
    expect(dashed).to_have_count(0)
    page.get_by_label("best known, dashed").check()
    expect(dashed).to_have_count(3)


def test_a_name_that_wants_harm_is_a_name(figure: Opened) -> None:
    page = figure(ANTIPODAL, name="</script><img src=x onerror='document.title=0'>")
    expect(page.locator("svg")).to_be_visible()
    expect(page.locator("img")).to_have_count(0)
    assert page.title() != "0"


def test_a_notebook_shows_it_in_a_frame_without_a_kernel(visit: Visits) -> None:
    page = visit()
    shown = handcalc.embedding("relu").model._repr_html_()
    assert shown is not None
    page.set_content(f"<!doctype html><title>{escape('a')}</title>{shown}")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("slider", name="Arrow of feature 1")).to_be_visible()
    frame.get_by_role("slider", name="Arrow of feature 1").focus()
    page.keyboard.press("ArrowUp")
    expect(frame.get_by_role("slider", name="Arrow of feature 1")).to_have_attribute(
        "aria-valuetext", "1, 1/20"
    )


@pytest.mark.parametrize("width", [360, 1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_its_window(figure: Opened, width: int, scheme: str) -> None:
    page = figure(ANTIPODAL)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
    assert paper == ("rgb(21, 24, 29)" if scheme == "dark" else "rgb(255, 255, 255)")


@pytest.mark.parametrize("width", [700, 800, 900])
def test_no_table_of_three_features_is_cut_off(figure: Opened, width: int) -> None:
    """Where there is no room beside the arrows, tables come below them."""
    page = figure(ANTIPODAL)
    page.set_viewport_size({"width": width, "height": 800})
    inside = (
        "[...document.querySelectorAll('.scroll')].map((it) => it.scrollWidth - it.clientWidth)"
    )
    assert set(page.evaluate(inside)) == {0}


def test_a_telephone_has_what_is_set_and_what_is_lost_in_sight(figure: Opened) -> None:
    page = figure(ToyModel("-87/100 -99/100; 87/100 -99/100; -1/100 -99/100", "-19/20 1/20 -9/20"))
    page.set_viewport_size({"width": 360, "height": 800})
    for i in (1, 2, 3):
        page.get_by_role("slider", name=f"Input x of feature {i}").focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("19/20", exact=True)).to_have_count(3)
    for caption, k in (("What you set", 2), ("What a feature loses", 0)):
        table = page.locator("table", has=page.locator("caption", has_text=caption))
        room = page.locator(".scroll", has=table).bounding_box()
        assert room is not None
        for row in table.locator("tbody tr").all():
            place = row.locator("td").nth(k).bounding_box()
            assert place is not None
            assert place["x"] + place["width"] <= room["x"] + room["width"]
    lost = page.locator("table", has=page.locator("caption", has_text="What a feature loses"))
    expect(lost.get_by_role("columnheader").nth(1)).to_have_text("E[(x − x̂)²]")


CAPTIONS = {
    "forward": ["What you set", "What comes out"],
    "gram": ["G = W Wᵀ"],
    "loss": ["What a feature loses: in all, of itself, to each other one, and to several together"],
}


@pytest.mark.parametrize("panels", ["", "forward gram", "loss", "forward gram loss", "loss best"])
def test_only_what_is_asked_for_stands_beside_the_arrows(figure: Opened, panels: str) -> None:
    page = figure(ANTIPODAL, panels=panels)
    arrow(page, 1).focus()
    page.keyboard.press("ArrowUp")
    expect(arrow(page, 1)).to_have_attribute("aria-valuetext", "1, 1/20")
    named = panels.split()
    captions = [caption for panel in named if panel in CAPTIONS for caption in CAPTIONS[panel]]
    assert page.locator("caption").all_inner_texts() == captions
    has_loss, has_best = "loss" in named, "best" in named
    slider = page.get_by_role("slider", name="Sparsity S")
    expect(slider).to_have_count(int(has_loss))
    words = page.locator(".handcalc-figure").inner_text().lower()
    assert ("loss" in words) == has_loss
    assert ("best known" in words) == has_best
    loss = handcalc.expected_loss("1 1/20; 0 1; 0 -1", "1/2").value
    told = f"Loss {loss}." if has_loss else "h is 0, 0."
    expect(page.locator("[aria-live]")).to_have_text(told)


def test_what_grows_too_wide_becomes_a_stop_of_the_tab_key(figure: Opened) -> None:
    page = figure(ToyModel("1 0; 0 1; 0 -1; -1 0"))
    page.set_viewport_size({"width": 360, "height": 800})
    gram = page.locator(".scroll", has=page.locator("caption", has_text="G = W W"))
    expect(gram).not_to_have_attribute("tabindex", "0")
    for i in (1, 2, 3, 4):
        arrow(page, i).press("Shift+ArrowRight")
        arrow(page, i).press("Shift+ArrowUp")
    expect(gram).to_have_attribute("tabindex", "0")
