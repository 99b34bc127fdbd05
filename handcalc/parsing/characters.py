"""Look-alikes: what phones, word processors and PDFs put in place of plain characters.

The map is explicit. Unicode's own compatibility forms (NFKC) would turn 2² into 22. One character
becomes one character, so that every place in the plain text is the same place in what was typed.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

from handcalc.parsing.limits import MAX_DIGITS, MAX_EXPONENT
from handcalc.parsing.refusal import UnreadableError

FILLER: Final = "\0"  # stands where something was taken away, and is no gap between cells
_DIGITS = "0123456789"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"

FRACTIONS: Final = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅕": (1, 5),
    "⅖": (2, 5),
    "⅗": (3, 5),
    "⅘": (4, 5),
    "⅙": (1, 6),
    "⅚": (5, 6),
    "⅐": (1, 7),
    "⅛": (1, 8),
    "⅜": (3, 8),
    "⅝": (5, 8),
    "⅞": (7, 8),
    "⅑": (1, 9),
    "⅒": (1, 10),
    "↉": (0, 3),
}

_LOOK_ALIKES = {
    # minus: hyphens, dashes, the sign itself, small, fullwidth and heavy forms
    "-": "‐‑‒–—―−˗⁃﹣－➖",
    "+": "＋﹢➕",
    "·": "⋅∙•‧×✕✖⨯",
    "*": "∗＊﹡⁎",
    "/": "⁄∕÷／➗",
    "^": "＾ˆ",
    "=": "＝﹦",
    "<": "＜",
    ">": "＞",
    "%": "％﹪",
    "!": "！﹗",
    "(": "（﹙⟨〈",
    ")": "）﹚⟩〉",
    "[": "［",
    "]": "］",
    "{": "｛﹛",
    "}": "｝﹜",
    ",": "，﹐、",
    ";": "；﹔",
    ":": "：﹕",
    ".": "．﹒",
    "°": "º˚",
    "π": "ϖ𝛑𝜋𝝅𝝿𝞹",
    '"': "“”„‟«»＂″",
    "'": "‘’‚‛‹›＇′`´",
    # spaces, and the pieces of the tall brackets that frame a printed matrix
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠",
}

# digits of other widths and weights: fullwidth, and the mathematical alphabets of PDFs
_DIGIT_ROWS = (0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)

_PLAIN = str.maketrans(
    {look: sign for sign, looks in _LOOK_ALIKES.items() for look in looks}
    | {chr(row + value): digit for row in _DIGIT_ROWS for value, digit in enumerate(_DIGITS)}
)

# What Python counts as printable, and a screen shows as nothing or as a blank.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
THIN_THOUSANDS = re.compile(r"[0-9](?:[\u2009\u202f]|\\,)[0-9]{3}(?![0-9])")
_UNUSUAL = re.compile(r"[^\n\t -~]")


def plain(text: str) -> str:
    """The text with every look-alike replaced, as long as what was typed.

    A byte-order mark at the very start, and carriage returns, become blanks or line ends. Errors:
    ``UnreadableError`` with code ``invisible_character`` for what cannot be seen.

    >>> plain("−½ × ２²")
    '-½ · 2²'
    """
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    text = text.replace("\r\n", " \n").replace("\r", "\n").translate(_PLAIN)
    for found in _UNUSUAL.finditer(text):
        character = found.group()
        if not is_visible(character):
            name = unicodedata.name(character, "").lower()
            raise UnreadableError(
                "invisible_character",
                f"The text holds a character that cannot be seen, U+{ord(character):04X}"
                f"{f' ({name})' if name else ''}; delete it and type what stands around it again.",
                found.start(),
            )
    return text


def check_thousands(text: str) -> None:
    r"""Refuse a thin space, LaTeX's \, too, before three digits: thousands, or two numbers.

    >>> check_thousands("1 234")
    """
    found = THIN_THOUSANDS.search(text)
    if found is not None:
        raise UnreadableError(
            "ambiguous",
            "A thin space may part thousands or two numbers; type 1000 for a thousand, and an "
            "ordinary blank between two numbers.",
            found.start() + 1,
        )


def is_visible(character: str) -> bool:
    """Whether a character leaves a mark, or is one of the blanks that are read."""
    return character in "\n\t" or (character.isprintable() and character not in _BLANK)


# --------------------------------------------------------------------------------------------------
# Numbers as they are written: 0.5, 1e-3, ½, 1½, ¹⁄₂, raised digits, and LaTeX's \frac12.


_RECURRING: Final = re.compile(
    r"([0-9]*)\.([0-9]*)(?:\(([0-9]+)\)|\{([0-9]+)\}|\\(?:overline|bar)\s*\{?([0-9]+)\}?)"
)
_NOT_WHOLE: Final = "".join((*FRACTIONS, SUPERSCRIPTS, "/", SUBSCRIPTS))


def check_literal(text: str, start: int) -> None:
    """Refuse a literal of over 1,000 digits (zeros at the end of a whole number aside), or 1e401.

    >>> check_literal("1e-40", 0)
    """
    if len(text) <= MAX_DIGITS and text.isdigit():
        return
    mantissa, _, exponent = text.lower().replace("*^", "e").rstrip(_NOT_WHOLE).partition("e")
    whole = mantissa if "." in mantissa else mantissa.rstrip("0")
    digits = len(whole) - ("." in whole)
    if digits > MAX_DIGITS:
        raise UnreadableError(
            "too_many_digits",
            f"A number has at most {MAX_DIGITS:,} digits, not {digits:,}; "
            "type fewer, or a fraction.",
            start,
        )
    size = exponent.lstrip("+-").lstrip("0")
    if len(size) > 3 or (size and int(size) > MAX_EXPONENT):
        raise UnreadableError(
            "exponent_too_large",
            f"The exponent after e is at most {MAX_EXPONENT} either way, as in 1e-3.",
            start,
        )


def check_recurring(text: str, start: int) -> None:
    r"""Refuse 0.1(6), which may recur or be a product; 0.(3) and 0.1\overline{6} recur.

    >>> check_recurring("0.(3)", 0)
    """
    found = _RECURRING.fullmatch(text)
    if found is not None and found[2] and not found[5]:
        number, digits = f"{found[1]}.{found[2]}", found[3] or found[4]
        raise UnreadableError(
            "ambiguous",
            "Digits in brackets behind a decimal may recur or be a factor; type a fraction for the "
            rf"first, or {number}*{digits} for the second.",
            start,
        )
    if len(text) > MAX_DIGITS:
        raise UnreadableError(
            "too_many_digits", f"A number has at most {MAX_DIGITS:,} digits; type fewer.", start
        )


def literal(kind: str, text: str) -> Fraction:
    r"""The value of a NUMBER, FRACTION or SHORT_FRAC: 0.5, 1e-3, ½, 1½ (together 3/2), \frac12.

    Errors: ``ZeroDivisionError`` for ``\frac10`` and its like.

    >>> literal("NUMBER", "0.5"), literal("FRACTION", "1½")
    (Fraction(1, 2), Fraction(3, 2))
    """
    if kind == "NUMBER":
        return Fraction(int(text)) if text.isdigit() else Fraction(text.replace("*^", "e"))
    if kind == "SHORT_FRAC":
        top, bottom = (int(digit) for digit in text if digit.isdigit())
        return Fraction(top, bottom)
    found = _RECURRING.fullmatch(text)
    if found is not None:  # 0.1(6) = 1/10 + 6/90
        start, fixed, digits = found[1] or "0", found[2], found[3] or found[4] or found[5]
        recurring = Fraction(int(digits), 10 ** len(digits) - 1)
        return int(start) + (int(fixed or "0") + recurring) / Fraction(10 ** len(fixed))
    whole = text.rstrip(_NOT_WHOLE)
    part = text[len(whole) :]
    if part in FRACTIONS:
        return int(whole or "0") + Fraction(*FRACTIONS[part])
    upper, lower = part.split("/")
    return int(whole or "0") + Fraction(superscript(upper), _digits(lower, SUBSCRIPTS))


def superscript(text: str) -> int:
    """The number that raised digits write: ¹⁰ is 10, ⁻¹ is −1."""
    size = _digits(text.lstrip("⁺⁻"), SUPERSCRIPTS)
    return -size if text.startswith("⁻") else size


def _digits(text: str, alphabet: str) -> int:
    return int("".join(str(alphabet.index(character)) for character in text))
