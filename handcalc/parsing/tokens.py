"""The plain text as tokens: numbers, names, signs and brackets, each with its place.

White space is no token: each token knows the gap before it, which decides what is one cell and
what is two.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

from handcalc.parsing.characters import (
    FILLER,
    FRACTIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    check_literal,
    check_recurring,
)
from handcalc.parsing.limits import MAX_PIECES
from handcalc.parsing.refusal import UnreadableError

Gap: TypeAlias = Literal["", " ", "\t", "\t\t", "\n", "quad", "\\"]
r"""What stands before a token: ``quad`` for a blank that LaTeX is told to leave, and ``\`` for a
backslash by itself, which may be one of two that ended a row."""


class Token(NamedTuple):
    """A piece of the text: ``kind`` names a row of the table below, ``start`` counts from 0."""

    kind: str
    text: str
    start: int
    gap: Gap

    @property
    def end(self) -> int:
        """The place just behind the token."""
        return self.start + len(self.text)


_FRACTION_SIGNS = "".join(FRACTIONS)
_LETTER: Final = rf"[^\W\d{SUPERSCRIPTS}{SUBSCRIPTS}{_FRACTION_SIGNS}π]"
_NAME: Final = rf"{_LETTER}(?:{_LETTER}|[0-9{SUBSCRIPTS}])*"

# The first pattern that fits wins; none can match in more than one way at a place.
_KINDS: Final = {
    "GAP": rf"(?:[ \t\n{FILLER}]"
    r"|\\(?:left|right|[bB]igg?[lr]?|displaystyle|q?quad|hline|(?:top|mid|bottom)rule)(?![A-Za-z])|\\[,;:!]"
    r"|(?<!\\)\\(?=[ \t\n0-9.+-]|$)|\\\[(?=[0-9.]+(?:pt|em|ex|mm|cm)\])[^\]]*\])+",
    "HEXADECIMAL": r"0[xXbBoO][0-9A-Fa-f_]+",
    "RECURRING": r"[0-9]*\.[0-9]*(?:\([0-9]+\)|\{[0-9]+\}"
    r"|\\(?:overline|bar)\s*(?:\{[0-9]+\}|[0-9]))",
    "FRACTION": rf"[0-9]*[{_FRACTION_SIGNS}]|[0-9]*[{SUPERSCRIPTS}]+/[{SUBSCRIPTS}]+",
    "SHORT_FRAC": r"\\[dtc]?frac\s*[0-9]\s*[0-9](?![0-9.])",
    "NUMBER": r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:(?:[eE]|\*\^)[+-]?[0-9]+)?",
    "NAME": rf"x_\{{[0-9]+\}}|{_NAME}(?:\.{_NAME})*",
    "SUPERSCRIPT": rf"[⁺⁻]?[{SUPERSCRIPTS}]+",
    "DEGREE": r"°|\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})",
    "POWER": r"\*\*|\^",
    "COMPARISON": r"[<>=!]=|[<>≤≥≠≈]",
    "EQUALS": r":?=",
    "BEGIN": r"\\begin\s*\{[A-Za-z]+\*?\}(?:\s*\{[lcr|\s]*\})?",
    "END": r"\\end\s*\{[A-Za-z]+\*?\}",
    "COMMAND": r"\\[A-Za-z]+",
    "BREAK": r"\\\\(?:\[[0-9.]+(?:pt|em|ex|mm|cm)\])?",
    "MATHS": r"\$\$?|\\[()\[\]]",
    "ELLIPSIS": r"\.\.\.|…",
    "OPEN": r"\(|\\?\{",
    "CLOSE": r"\)|\\?\}",
    "BEGIN_LIST": r"\[",
    "END_LIST": r"\]",
    "SIGN": r"[-+*/,;&:!%'\".·π√]",
    "OTHER": r".",
}
_TOKEN: Final = re.compile("|".join(f"(?P<{kind}>{rule})" for kind, rule in _KINDS.items()))

# What single pieces mean; the others are of the kind that their pattern names.
_MEANINGS: Final = {
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "·": "TIMES",
    "/": "OVER",
    ",": "COMMA",
    ";": "BREAK",
    "&": "AND",
    ":": "COLON",
    "!": "FACTORIAL",
    "%": "PERCENT",
    "'": "QUOTE",
    '"': "QUOTE",
    ".": "POINT",
    "π": "PI",
    "√": "ROOT",
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), "FRAC"),
    **dict.fromkeys((r"\cos", r"\sin"), "FUNCTION"),
    **dict.fromkeys((r"\cdot", r"\times", r"\ast"), "TIMES"),
    **dict.fromkeys((r"\dots", r"\ldots", r"\cdots", r"\vdots", r"\ddots"), "ELLIPSIS"),
    **dict.fromkeys((r"\le", r"\leq", r"\ge", r"\geq", r"\ne", r"\neq"), "COMPARISON"),
    r"\sqrt": "ROOT",
    r"\pi": "PI",
    r"\div": "OVER",
    r"\degree": "DEGREE",
}
_WORDS: Final = {"sqrt": "FUNCTION", "cos": "FUNCTION", "sin": "FUNCTION", "pi": "PI"}
_ENDS_VALUE: Final = frozenset(
    {
        *("NUMBER", "FRACTION", "SHORT_FRAC", "NAME", "PI", "SUPERSCRIPT", "DEGREE"),
        *("CLOSE", "END_LIST", "END"),
        *("HEXADECIMAL", "PERCENT", "FACTORIAL", "COMMAND", "ELLIPSIS", "OTHER"),
    }
)
_STARTS_VALUE: Final = frozenset(
    {
        *("NUMBER", "FRACTION", "SHORT_FRAC", "NAME", "PI", "FUNCTION", "ROOT", "FRAC"),
        *("OPEN", "BEGIN_LIST", "BEGIN", "QUOTE"),
        *("HEXADECIMAL", "COMMAND", "ELLIPSIS", "OTHER"),
    }
)


def tokenise(text: str) -> list[Token]:
    """The tokens of a plain text, in one pass.

    Errors: ``UnreadableError`` with code ``too_many_digits``, ``exponent_too_large``
    or ``too_long``.

    >>> [(token.kind, token.text, token.gap) for token in tokenise("√2 -1")]
    [('ROOT', '√', ''), ('NUMBER', '2', ''), ('MINUS', '-', ' '), ('NUMBER', '1', '')]
    """
    tokens: list[Token] = []
    gap: Gap = ""
    for found in _TOKEN.finditer(text):
        kind, piece = found.lastgroup or "OTHER", found.group()
        if kind == "GAP":
            gap = _gap(piece)
            continue
        if kind == "RECURRING":
            check_recurring(piece, found.start())
            kind = "FRACTION"
        elif kind in {"NUMBER", "FRACTION"}:
            check_literal(piece, found.start())
        elif kind == "NAME":
            kind = _WORDS.get(piece.lower(), kind)
        if len(tokens) == MAX_PIECES:
            raise UnreadableError(
                "too_long",
                f"A text has at most {MAX_PIECES:,} numbers, signs and brackets.",
                found.start(),
            )
        tokens.append(Token(_MEANINGS.get(piece, kind), piece, found.start(), gap))
        gap = ""
    return tokens


def _gap(blanks: str) -> Gap:
    if re.search(r"\\(?:[ \t\n]|\[|$)", blanks):
        return "\\"
    if "\n" in blanks:
        return "\n"
    if blanks.count("\t") > 1:
        return "\t\t"
    if "\t" in blanks:
        return "\t"
    if re.search(r"\\(?:q|[,;:!])", blanks):
        return "quad"
    return " " if " " in blanks else ""


def starts_value(token: Token) -> bool:
    """Whether a number can begin with the token (a sign aside)."""
    return token.kind in _STARTS_VALUE


def starts_item(token: Token) -> bool:
    """Whether a number can begin with the token, a sign included."""
    return token.kind in _STARTS_VALUE or token.kind in {"PLUS", "MINUS"}


def ends_value(token: Token) -> bool:
    """Whether a number can end with the token."""
    return token.kind in _ENDS_VALUE
