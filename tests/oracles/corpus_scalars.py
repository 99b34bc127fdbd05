"""Single numbers as people type them: text, value in plain notation, and the value by hand."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

from plain_values import cosine, root, sine

__all__ = ["scalars"]

Row = tuple[str, str, Any]  # the text, its value in plain notation, its value worked out


def whole_numbers() -> list[Row]:
    """Integers with signs, zeros and blanks around them; the largest that is allowed."""
    return [
        ("0", "0", 0),
        ("1", "1", 1),
        ("-3", "-3", -3),
        ("+4", "4", 4),
        ("  7  ", "7", 7),
        ("-0", "0", 0),
        ("\n12\n", "12", 12),
        ("9" * 40, "9" * 40, 10**40 - 1),
    ]


def decimals() -> list[Row]:
    """Decimals mean the exact fraction that is written."""
    return [
        ("0.5", "1/2", F(1, 2)),
        (".5", "1/2", F(1, 2)),
        ("1.", "1", 1),
        ("-0.25", "-1/4", F(-1, 4)),
        ("-.75", "-3/4", F(-3, 4)),
        ("0.1", "1/10", F(1, 10)),
        ("0.3333", "3333/10000", F(3333, 10000)),
        ("2.50", "5/2", F(5, 2)),
        ("0.0", "0", 0),
        ("3.14159", "314159/100000", F(314159, 100000)),
        ("1.0000", "1", 1),
        ("0.1 + 0.2", "3/10", F(3, 10)),
        ("0.5/2", "1/4", F(1, 4)),
        ("0." + "3" * 39, "3" * 39 + "/1" + "0" * 39, F(10**39 - 1, 3 * 10**39)),
    ]


def exponents() -> list[Row]:
    """e-notation up to 40 either way."""
    return [
        ("1e-3", "1/1000", F(1, 1000)),
        ("1E-3", "1/1000", F(1, 1000)),
        ("1e3", "1000", 1000),
        ("1e+3", "1000", 1000),
        ("1.5e2", "150", 150),
        (".5e1", "5", 5),
        ("-2.5e-1", "-1/4", F(-1, 4)),
        ("1.e2", "100", 100),
        ("1e40", "1" + "0" * 40, 10**40),
        ("1e-40", "1/1" + "0" * 40, F(1, 10**40)),
        ("0e0", "0", 0),
        ("9.99e-01", "999/1000", F(999, 1000)),
    ]


def fractions() -> list[Row]:
    """Fractions, products and sums by the usual order of operations."""
    return [
        ("1/2", "1/2", F(1, 2)),
        ("-1/2", "-1/2", F(-1, 2)),
        ("1 / 2", "1/2", F(1, 2)),
        ("6/4", "3/2", F(3, 2)),
        ("1/-2", "-1/2", F(-1, 2)),
        ("(1/2)", "1/2", F(1, 2)),
        ("-(1/2)", "-1/2", F(-1, 2)),
        ("1/2 + 1/3", "5/6", F(5, 6)),
        ("1 - 1", "0", 0),
        ("1-1/2", "1/2", F(1, 2)),
        ("8/4/2", "1", 1),
        ("2*3/4", "3/2", F(3, 2)),
        ("1/2*4", "2", 2),
        ("(1+2)*3", "9", 9),
        ("1+2*3", "7", 7),
        ("10 - 2 - 3", "5", 5),
        ("((3))", "3", 3),
        ("(2 + 1)/(4 - 1/2)", "6/7", F(6, 7)),
        ("+".join("1" * 60), "60", 60),
        ("(" * 32 + "1" + ")" * 32, "1", 1),
    ]


def surds() -> list[Row]:
    """Square roots written sqrt(…)."""
    nested = "sqrt(2 + sqrt(2 + sqrt(2)))"
    six = "sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)+sqrt(13)"
    return [
        ("sqrt(2)", "sqrt(2)", root(2)),
        ("sqrt(2)/2", "sqrt(2)/2", root(F(1, 2))),
        ("1/sqrt(2)", "sqrt(2)/2", root(F(1, 2))),
        ("-sqrt(3)/2", "-sqrt(3)/2", -root(F(3, 4))),
        ("sqrt( 3 ) / 2", "sqrt(3)/2", root(F(3, 4))),
        ("sqrt(4)", "2", 2),
        ("sqrt(12)", "2*sqrt(3)", root(12)),
        ("sqrt(1/2)", "sqrt(2)/2", root(F(1, 2))),
        ("sqrt(0.25)", "1/2", F(1, 2)),
        ("sqrt(0)", "0", 0),
        ("2*sqrt(3)", "2*sqrt(3)", root(12)),
        ("2sqrt(3)", "2*sqrt(3)", root(12)),
        ("sqrt(2)*sqrt(2)", "2", 2),
        ("sqrt(2)*sqrt(3)", "sqrt(6)", root(6)),
        ("sqrt(2)/sqrt(3)", "sqrt(6)/3", root(F(2, 3))),
        ("(sqrt(5) - 1)/4", "-1/4 + sqrt(5)/4", cosine(2, 5)),
        ("(1+sqrt(5))/2", "1/2 + sqrt(5)/2", 2 * cosine(1, 5)),
        ("1/(1+sqrt(2))", "sqrt(2) - 1", root(2) - 1),
        ("sqrt(2)^2", "2", 2),
        ("sqrt(3 + 2*sqrt(2))", "1 + sqrt(2)", 1 + root(2)),
        ("sqrt(1+sqrt(2))", "sqrt(1 + sqrt(2))", (1 + root(2)) ** F(1, 2)),
        ("sqrt(sqrt(16))", "2", 2),
        ("sqrt(2) - sqrt(2)", "0", 0),
        ("sqrt(2+sqrt(2+sqrt(2)))", nested, 2 * cosine(1, 16)),
        ("sqrt(10)/10 + 3*sqrt(10)/10", "2*sqrt(10)/5", 4 / root(10)),
        ("sqrt(sqrt(2)-sqrt(2))", "0", 0),
        ("sqrt(0*sqrt(2))", "0", 0),
        ("1 + sqrt(√3 - √3)/√2", "1", 1),
        (six, six, sum(root(prime) for prime in (2, 3, 5, 7, 11, 13))),
    ]


def root_signs() -> list[Row]:
    """The root sign takes only the number or parenthesis right behind it."""
    return [
        ("√2", "sqrt(2)", root(2)),
        ("√2/2", "sqrt(2)/2", root(F(1, 2))),
        ("-√3/2", "-sqrt(3)/2", -root(F(3, 4))),
        ("2√3", "2*sqrt(3)", root(12)),
        ("3√2/2", "3*sqrt(2)/2", root(F(9, 2))),
        ("√12", "2*sqrt(3)", root(12)),
        ("√(1/2)", "sqrt(2)/2", root(F(1, 2))),
        ("√(3)/2", "sqrt(3)/2", root(F(3, 4))),
        ("1/√2", "sqrt(2)/2", root(F(1, 2))),
        ("(√5-1)/4", "sqrt(5)/4 - 1/4", cosine(2, 5)),
        ("√2·√3", "sqrt(6)", root(6)),
        ("√2 + √3", "sqrt(2) + sqrt(3)", root(2) + root(3)),
        ("√9", "3", 3),
        ("√½", "sqrt(2)/2", root(F(1, 2))),
        ("½√3", "sqrt(3)/2", root(F(3, 4))),
    ]


def angles() -> list[Row]:
    """Cosines and sines of rational multiples of π, which are never rounded."""
    return [
        ("cos(2*pi/3)", "-1/2", F(-1, 2)),
        ("cos(2π/3)", "-1/2", F(-1, 2)),
        ("cos(2pi/3)", "-1/2", F(-1, 2)),
        ("cos(π)", "-1", -1),
        ("cos(0)", "1", 1),
        ("sin(0)", "0", 0),
        ("sin(pi/6)", "1/2", F(1, 2)),
        ("sin(pi/3)", "sqrt(3)/2", root(F(3, 4))),
        ("sin(2π/3)", "sqrt(3)/2", root(F(3, 4))),
        ("cos(pi/2)", "0", 0),
        ("cos(pi/4)", "sqrt(2)/2", root(F(1, 2))),
        ("cos(-pi/3)", "1/2", F(1, 2)),
        ("cos(4*pi/3)", "-1/2", F(-1, 2)),
        ("sin(4*pi/3)", "-sqrt(3)/2", -root(F(3, 4))),
        ("cos(2*pi/5)", "sqrt(5)/4 - 1/4", (root(5) - 1) / 4),
        ("cos(4π/5)", "-1/4 - sqrt(5)/4", -(root(5) + 1) / 4),
        ("sin(2*pi/5)", "sin(2*pi/5)", sine(2, 5)),
        ("cos(2*pi/7)", "cos(2*pi/7)", cosine(2, 7)),
        ("sin(2*pi/7)", "sin(2*pi/7)", sine(2, 7)),
        ("-cos(pi/7)", "cos(6*pi/7)", cosine(6, 7)),
        ("cos(pi/60)", "cos(pi/60)", cosine(1, 60)),
        ("cos(100*pi/3)", "-1/2", F(-1, 2)),
        ("2*cos(2*pi/5)", "sqrt(5)/2 - 1/2", (root(5) - 1) / 2),
        ("cos(pi/5)*cos(2*pi/5)", "1/4", F(1, 4)),
        ("cos(2*pi/7)+cos(4*pi/7)+cos(6*pi/7)", "-1/2", F(-1, 2)),
        ("cos(pi/3)^2 + sin(pi/3)^2", "1", 1),
        ("cos(2*(pi/3))", "-1/2", F(-1, 2)),
        ("cos(pi/3 + pi/3)", "-1/2", F(-1, 2)),
        ("cos(0.5*pi)", "0", 0),
    ]


def powers() -> list[Row]:
    """``^`` and ``**`` are powers, up to 64 either way; a sign in front waits."""
    return [
        ("2^3", "8", 8),
        ("2**3", "8", 8),
        ("2^-1", "1/2", F(1, 2)),
        ("2^(-1)", "1/2", F(1, 2)),
        ("(1/2)^2", "1/4", F(1, 4)),
        ("-2^2", "-4", -4),
        ("(-2)^2", "4", 4),
        ("2^64", "18446744073709551616", 2**64),
        ("2^-64", "1/18446744073709551616", F(1, 2**64)),
        ("10^-3", "1/1000", F(1, 1000)),
        ("3*2^2", "12", 12),
        ("0.9^4", "6561/10000", F(6561, 10000)),
        ("5^0", "1", 1),
        ("(1+sqrt(2))^2", "3 + 2*sqrt(2)", 3 + root(8)),
    ]


def superscripts() -> list[Row]:
    """Raised digits are powers: 2² is 4, not 22."""
    return [
        ("2²", "4", 4),
        ("2³", "8", 8),
        ("(1/2)²", "1/4", F(1, 4)),
        ("10⁻³", "1/1000", F(1, 1000)),
        ("2¹⁰", "1024", 1024),
        ("2⁻¹", "1/2", F(1, 2)),
        ("0.9²", "81/100", F(81, 100)),
    ]


def unicode_fractions() -> list[Row]:
    """Fractions that are one character."""
    return [
        ("½", "1/2", F(1, 2)),
        ("-½", "-1/2", F(-1, 2)),
        ("¼", "1/4", F(1, 4)),
        ("¾", "3/4", F(3, 4)),
        ("⅓", "1/3", F(1, 3)),
        ("⅔", "2/3", F(2, 3)),
        ("⅕", "1/5", F(1, 5)),
        ("⅛", "1/8", F(1, 8)),
        ("⅞", "7/8", F(7, 8)),
        ("½ + ¼", "3/4", F(3, 4)),
        ("½*½", "1/4", F(1, 4)),
    ]


def look_alikes() -> list[Row]:
    """What phones, word processors and PDFs put in place of ASCII."""
    return [
        ("\u22121", "-1", -1),  # minus sign
        ("\u20131", "-1", -1),  # en dash
        ("\u20141", "-1", -1),  # em dash
        ("\u20101", "-1", -1),  # hyphen
        ("\u20111", "-1", -1),  # non-breaking hyphen
        ("\uff0d1", "-1", -1),  # full-width hyphen-minus
        ("\ufe631", "-1", -1),  # small hyphen-minus
        ("2\u22121", "1", 1),
        ("2\u00d73", "6", 6),  # multiplication sign
        ("2\u00b73", "6", 6),  # middle dot
        ("2\u22c53", "6", 6),  # dot operator
        ("2\u22173", "6", 6),  # asterisk operator
        ("1\u00f72", "1/2", F(1, 2)),  # division sign
        ("1\u20442", "1/2", F(1, 2)),  # fraction slash
        ("1\u22152", "1/2", F(1, 2)),  # division slash
        ("\uff11\uff0f\uff12", "1/2", F(1, 2)),  # full-width digits and solidus
        ("\uff081+2\uff09/6", "1/2", F(1, 2)),  # full-width parentheses
        ("1\u00a0/\u00a02", "1/2", F(1, 2)),  # no-break spaces
        ("\u20091\u2009", "1", 1),  # thin spaces
        ("\u202f1/3", "1/3", F(1, 3)),  # narrow no-break space
        ("1e\u22123", "1/1000", F(1, 1000)),
        ("\ufeff1/2", "1/2", F(1, 2)),  # byte-order mark
    ]


def latex() -> list[Row]:
    """LaTeX as it is pasted from a paper or from a computer algebra system."""
    return [
        (r"\frac{1}{2}", "1/2", F(1, 2)),
        (r"\frac12", "1/2", F(1, 2)),
        (r"-\frac12", "-1/2", F(-1, 2)),
        (r"\frac{\sqrt{3}}{2}", "sqrt(3)/2", root(F(3, 4))),
        (r"-\frac{\sqrt{2}}{2}", "-sqrt(2)/2", -root(F(1, 2))),
        (r"\frac{1}{\sqrt{2}}", "sqrt(2)/2", root(F(1, 2))),
        (r"\frac{\sqrt3}2", "sqrt(3)/2", root(F(3, 4))),
        (r"\dfrac{3}{4}", "3/4", F(3, 4)),
        (r"\tfrac{1}{3}", "1/3", F(1, 3)),
        (r"\sqrt{2}", "sqrt(2)", root(2)),
        (r"\sqrt2", "sqrt(2)", root(2)),
        (r"\sqrt{2}/2", "sqrt(2)/2", root(F(1, 2))),
        (r"2\sqrt{3}", "2*sqrt(3)", root(12)),
        (r"\frac{1}{2}\sqrt{3}", "sqrt(3)/2", root(F(3, 4))),
        (r"2\cdot 3", "6", 6),
        (r"2\times 3", "6", 6),
        (r"\cos(2\pi/3)", "-1/2", F(-1, 2)),
        (r"\sin(\pi/3)", "sqrt(3)/2", root(F(3, 4))),
        (r"\cos\left(\frac{2\pi}{5}\right)", "sqrt(5)/4 - 1/4", cosine(2, 5)),
        (r"\frac{-1+\sqrt{5}}{4}", "sqrt(5)/4 - 1/4", cosine(2, 5)),
        (r"$\frac{1}{2}$", "1/2", F(1, 2)),
        (r"2^{3}", "8", 8),
        (r"\frac{1}{4} - \frac{\sqrt{5}}{4}", "1/4 - sqrt(5)/4", (1 - root(5)) / 4),
        (r"\left(\frac{1}{2}\right)^{2}", "1/4", F(1, 4)),
    ]


def scalars() -> list[tuple[str, Row]]:
    """Every single number with the format that it is written in."""
    groups = {
        "integer": whole_numbers(),
        "decimal": decimals(),
        "e-notation": exponents(),
        "fraction": fractions(),
        "surd": surds(),
        "root-sign": root_signs(),
        "angle": angles(),
        "power": powers(),
        "superscript": superscripts(),
        "unicode-fraction": unicode_fractions(),
        "look-alike": look_alikes(),
        "latex-scalar": latex(),
    }
    return [(form, row) for form, rows in groups.items() for row in rows]
