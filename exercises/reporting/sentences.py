"""What a grade says, as one line of text: the one place where feedback writes its numbers.

A fraction of more than a few digits says little by itself, and a decimal alone is not the number:
both stand there.
"""

from __future__ import annotations

from string import Formatter

import sympy

from handcalc.derivation import Claim, Number
from handcalc.numbers.decimals import is_exact, rounded, trimmed
from handcalc.numbers.exact import to_text
from handcalc.views.notation import Notation
from handcalc.views.rounding import DIGITS

_FEW, _FEW_AT_ROOT = 8, 4
"""So many digits, above and below its line together, make a fraction long, alone or at a root."""
_LONGEST = 32  # characters of a number that is still written out
_TELLING, _MOST = 4, 30  # significant digits


def told(claim: Claim, notation: Notation) -> str:
    """A claim in a notation, with a decimal beside each long fraction.

    Numbers that stand in a list in brackets are written as the notation has them.

    >>> from handcalc.views.notation import ASCII
    >>> told(Claim("{} times as large.", (Number(sympy.Rational(1999, 2000)),)), ASCII)
    '1999/2000 (0.9995) times as large.'
    >>> told(Claim("{} long.", (Number(1 - sympy.Rational(1, 3 * 10**7)),)), ASCII)
    '29999999/30000000 (about 0.99999997) long.'
    """
    sentence, kept, values = "", [], iter(claim.values)
    for literal, field, _, _ in Formatter().parse(claim.sentence):
        sentence += _escaped(literal)
        if field is None:
            continue
        value, is_listed = next(values), sentence.count("(") > sentence.count(")")
        if is_listed or not isinstance(value, Number) or not _is_long(value.value):
            kept.append(value)
            sentence += "{}"
        else:
            sentence += _escaped(_both(value.value, notation))
    return notation.claim(Claim(sentence, tuple(kept)))


def _is_long(value: sympy.Expr) -> bool:
    if isinstance(value, sympy.Integer):
        return False
    few = _FEW if isinstance(value, sympy.Rational) else _FEW_AT_ROOT
    parts = value.atoms(sympy.Rational)
    return any(len(to_text(part).lstrip("-").replace("/", "")) >= few for part in parts)


def _both(value: sympy.Expr, notation: Notation) -> str:
    """The number as it is and its decimal, or that alone where the number is too long."""
    digits = DIGITS
    nearest = rounded(value, digits)
    # what is no 1 must not be called "about 1.00000"
    while (
        digits < _MOST
        and len(trimmed(nearest).as_tuple().digits) < _TELLING
        and not is_exact(nearest, value)
    ):
        digits += 1
        nearest = rounded(value, digits)
    decimal = notation.inline(notation.decimal(nearest, value))
    about = decimal if is_exact(nearest, value) else f"about {decimal}"
    exactly = notation.exactly(value)
    return f"{notation.inline(exactly)} ({about})" if len(exactly) <= _LONGEST else about


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
