"""The arrows of a plane embedding as SVG, with the drawing in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, hypot, radians, sin
from xml.sax.saxutils import escape

from handcalc.errors import InputError
from handcalc.superposition.model.geometry import Arrow, described
from handcalc.superposition.model.geometry import arrows as plane_arrows
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import ASCII, PlainNotation
from handcalc.views.palette import svg_colour

_SIZE, _RADIUS, _HEAD = 360, 130.0, 12.0


def arrows(model: ToyModel, notation: PlainNotation = ASCII) -> str:
    """A square SVG of the arrows, numbered and in their colours; the longest fits the square.

    ``notation`` writes the lengths in its title. Errors: ``InputError`` with code ``not_drawn`` for
    more than two dimensions.

    >>> arrows(ToyModel("1 0; 0 1; 0 -1")).count('class="arrow"')
    3
    """
    if model.m > 2:
        raise InputError(
            "not_drawn", f"Arrows are drawn in one or two dimensions, not in {model.m}."
        )
    found = plane_arrows(model)
    reach = max(hypot(arrow.x, arrow.y) for arrow in found) or 1.0
    body = "\n".join(part for arrow in found for part in _draw(arrow, _RADIUS / reach))
    middle = _SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        'font-family="sans-serif" font-size="18">\n'
        f"<title>{escape(notation.claim(described(model)))}</title>\n"
        f'<path d="M0 {middle}H{_SIZE}M{middle} 0V{_SIZE}" stroke="#808080" '
        'stroke-width="1" stroke-dasharray="2 6" fill="none"/>\n'
        f"{body}\n</svg>\n"
    )


def _draw(arrow: Arrow, scale: float) -> Iterator[str]:
    colour, middle = svg_colour(arrow.feature), _SIZE / 2
    x, y = middle + arrow.x * scale, middle - arrow.y * scale
    angle = radians(arrow.direction or 0.0)
    if arrow.direction is None:
        yield f'<circle class="arrow" cx="{middle}" cy="{middle}" r="4" fill="{colour}"/>'
    else:
        heads = (_offset(x, y, angle + turn, _HEAD) for turn in (radians(155), radians(-155)))
        (left, up), (right, down) = heads
        yield (
            f'<path class="arrow" d="M{middle} {middle}L{x:.2f} {y:.2f}'
            f'M{left:.2f} {up:.2f}L{x:.2f} {y:.2f}L{right:.2f} {down:.2f}" '
            f'stroke="{colour}" stroke-width="3" fill="none" stroke-linecap="round"/>'
        )
    label_x, label_y = _offset(x, y, angle, 18.0)
    yield (
        f'<text x="{label_x:.2f}" y="{label_y:.2f}" fill="{colour}" text-anchor="middle" '
        f'dominant-baseline="central">{arrow.feature}</text>'
    )


def _offset(x: float, y: float, angle: float, distance: float) -> tuple[float, float]:
    return x + distance * cos(angle), y - distance * sin(angle)
