"""The pages on how many directions fit into how many dimensions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import sympy

from handcalc.derivation import Number as Shown
from handcalc.directions.fitting import (
    MOST_CORNERS,
    DimensionsNeeded,
    Fitting,
    LeastCoherence,
)
from handcalc.numbers.exact import integer_text
from handcalc.views.circuits.blocks import Cell, Page, Said, Tabulated, Title
from handcalc.wording import counted

_LONG = 15  # digits of a number that is written out


def fitting(shown: Fitting) -> Page:
    """How many directions fit."""
    d = counted(shown.dimensions, "dimension")
    page: Page = [Title(f"How many directions fit into {d}"), _angle(shown)]
    if shown.lines is not None and shown.vectors is not None:
        return [
            *page,
            Said.plainly(f"In the plane this is exact: {count_text(shown.lines)} lines fit."),
            Said.plainly(
                "Where only cos counts, as with a ReLU, and not |cos|: "
                f"{count_text(shown.vectors)} vectors."
            ),
        ]
    upper = (
        ("Welch", shown.welch),
        ("orthoplex", shown.orthoplex),
        ("Levenshtein", shown.levenshtein),
    )
    rows: list[tuple[Cell, ...]] = [
        (f"at most, by {name}", "says nothing" if bound is None else count_text(bound))
        for name, bound in upper
    ]
    simplex = "right angles" if shown.simplex == shown.dimensions else "a simplex"
    rows.append((f"exist for certain: {simplex}", count_text(shown.simplex)))
    rows.append(("exist for certain: random signs", count_text(shown.random_signs)))
    if shown.by_tail is not None and shown.tail:
        rows.append(("the same, by the exact tail", count_text(shown.by_tail)))
    page.append(Tabulated(("directions", "how many"), tuple(rows)))
    if shown.tail:
        page.append(
            Said.plainly(
                f"Two random rows of signs are nearer with probability {_about(shown.tail)}."
            )
        )
    page.append(
        Said.plainly(
            f"Points whose squared distances {d} keep within a factor 1 ± ε, for certain: "
            f"{count_text(shown.distances)} (Johnson and Lindenstrauss)."
        )
    )
    return page


def least_coherence(shown: LeastCoherence) -> Page:
    """What n directions in d dimensions cannot avoid."""
    n, d = f"{shown.directions:,}", counted(shown.dimensions, "dimension")
    bounds = (("Welch", "welch"), ("orthoplex", "orthoplex"), ("Levenshtein", "levenshtein"))
    rows: list[tuple[Cell, ...]] = []
    for title, name in bounds:
        bound = getattr(shown, name)
        if bound is None:
            rows.append((title, "says nothing", ""))
        else:
            rows.append((title, bound, angle_text(shown.degrees[name])))
    reached = " This is reached." if shown.reached else ""
    return [
        Title(f"{n} directions in {d}"),
        Tabulated(("bound", "μ is at least", "so some pair is within"), tuple(rows)),
        _coherence_of(shown, f"{angle_text(shown.degrees['value'])}.{reached}"),
    ]


def _coherence_of(shown: LeastCoherence, more: str) -> Said:
    """The least coherence; a cosine that no field holds as text."""
    if shown.value.has(sympy.cos) and shown.directions > MOST_CORNERS:
        return Said.plainly(f"Coherence is at least cos(π/{shown.directions:,}), {more}")
    return Said.plainly(f"Coherence is at least {{}}, {more}", Shown(shown.value))


def dimensions_needed(shown: DimensionsNeeded) -> Page:
    """How many dimensions so many directions need."""
    simplex = "right angles" if shown.simplex == shown.directions else "a simplex"
    simplex = "lines in the plane" if shown.fits_plane else simplex
    return [
        Title(f"How many dimensions {shown.directions:,} directions need"),
        _angle(shown),
        Tabulated(
            ("dimensions", "how many"),
            (
                ("needed, by Welch", count_text(shown.welch)),
                ("needed, by orthoplex", count_text(shown.orthoplex)),
                ("needed, by Levenshtein", count_text(shown.levenshtein)),
                (f"enough: {simplex}", count_text(shown.simplex)),
                ("enough: random signs", count_text(shown.random_signs)),
                ("enough for distances within 1 ± ε", count_text(shown.distances)),
            ),
        ),
        Said.plainly(_between(shown)),
    ]


def _between(shown: DimensionsNeeded) -> str:
    """What all of it comes to."""
    needed, enough = count_text(shown.at_least), count_text(shown.enough)
    if shown.at_least == shown.enough:
        return f"So {needed} are needed, and enough."
    return f"So at least {needed} are needed, and {enough} are enough."


def _angle(shown: Fitting | DimensionsNeeded) -> Said:
    angle = float(shown.degrees)
    if shown.coherence is None:
        return Said.plainly(f"Any two at least {angle:g}° apart, as lines.")
    return Said.plainly(
        f"Any two with |cos| at most ε = {{}}, at least {angle:.6g}° apart.", Shown(shown.coherence)
    )


def count_text(value: int) -> str:
    """A whole number with commas, of many digits by its first.

    >>> count_text(191270), count_text(10**20 + 1)
    ('191,270', 'about 1.0·10^20')
    """
    digits = integer_text(value)
    if len(digits) <= _LONG:
        return f"{value:,}"
    return f"about {digits[0]}.{digits[1]}·10^{len(digits) - 1}"


def angle_text(degrees: float) -> str:
    """An angle to four digits, and one below a degree to two.

    >>> angle_text(84.2894), angle_text(1.8e-13)
    ('84.29°', '1.8e-13°')
    """
    return f"{degrees:.4g}°" if degrees >= 1 or degrees == 0 else f"{degrees:.2g}°"


def _about(value: Fraction) -> str:
    """A probability, however small: its first digits."""
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{decimal:.5g}"
