"""The sentence for a token that cannot stand where it stands in a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.tokens import Token

# --------------------------------------------------------------------------------------------------
# The sentence for a name, a command or a sign that means nothing here.


SYMBOL: Final = re.compile(r"x_?\{?([0-9]+|[₀-₉]+)\}?")

_WORDS: Final = {
    **dict.fromkeys(("true", "false"), ("boolean", "Type 1 for true and 0 for false.")),
    "nan": ("nan", "nan is not a number; type the number that is meant."),
    **dict.fromkeys(
        ("inf", "infinity", "oo", "infty", "∞"),
        ("infinite", "Every number must be finite; infinity is not read."),
    ),
    **dict.fromkeys(("i", "j"), ("imaginary", "Every number must be real; i and j are not read.")),
    **dict.fromkeys(
        ("∛", "∜"), ("unexpected", "Of roots, only square roots are read: √2 or sqrt(2).")
    ),
    "none": ("unknown_name", "None is not a number; type 0 if it is 0."),
    "null": ("unknown_name", "null is not a number; type 0 if it is 0."),
}


def refused_name(token: Token, before: Token | None, after: Token | None) -> UnreadableError:
    """Why a name, a LaTeX command or an unknown sign is not read.

    >>> refused_name(Token("NAME", "True", 0, ""), None, None).code
    'boolean'
    """
    text = token.text.removeprefix("\\")
    if before is not None and before.kind == "NUMBER" and text.startswith("_") and not token.gap:
        code, message = "underscore", "Digits stand without underscores: 1000, not 1_000."
    elif text.lower() in _WORDS:
        code, message = _WORDS[text.lower()]
    elif token.kind == "POINT" or "." in text:
        code, message = _attribute(token, after)
    elif token.kind == "NAME":
        code, message = _unknown(token, after)
    elif token.kind == "COMMAND":
        code, message = (
            "unknown_name",
            f"The LaTeX command {quoted(token.text)} is not read in a number.",
        )
    else:
        code, message = "unexpected", f"{quoted(token.text)} has no meaning in a number."
    return UnreadableError(code, message, token.start)


def _attribute(token: Token, after: Token | None) -> tuple[str, str]:
    if token.kind == "POINT" and (after is None or after.kind != "NAME"):
        return "unexpected", "A point stands beside digits only, as in 0.5."
    last = token.text.rpartition(".")[2]
    if last in {"sqrt", "cos", "sin", "pi"}:
        return "attribute", f"Type {last} alone, without the module: {last}, not {token.text}."
    if token.kind == "NAME" and after is not None and after.text == "(":
        return (
            "attribute",
            f"The call {quoted(token.text)} is not read; type the numbers in its brackets alone.",
        )
    return "attribute", "Attributes, names with a point in them, are not read; type the numbers."


def _unknown(token: Token, after: Token | None) -> tuple[str, str]:
    if after is not None and after.text == "(":
        return (
            "unknown_call",
            f"The function {quoted(token.text)} is not known; sqrt, cos and sin are.",
        )
    if SYMBOL.fullmatch(token.text):
        return (
            "unknown_name",
            f"{quoted(token.text)} is not a number; symbols stand alone, and in inputs only.",
        )
    known = "numbers are written with digits, sqrt, cos, sin and pi"
    return "unknown_name", f"The name {quoted(token.text)} is not known; {known}."


# What needs no look at its neighbours, by the kind of token: a code and a sentence.
_SENTENCES: Final = {
    "QUOTE": ("quoted", "Numbers stand without quotation marks here."),
    "HEXADECIMAL": ("hexadecimal", "Numbers are written in decimals, not as 0x or 0b."),
    "FACTORIAL": ("factorial", "Factorials are not read; type 6 for 3!."),
    "PERCENT": ("percent", "Percentages are not read; type 1/2 or 0.5 for 50%."),
    "COMPARISON": ("comparison", "A number is asked for, not a comparison; type one side alone."),
    "EQUALS": (
        "comparison",
        "An equals sign stands only behind a leading name, as in W = 1 0; 0 1.",
    ),
    "COMMA": ("unexpected", "A comma cannot stand inside the brackets of a calculation."),
    "BREAK": ("unexpected", "A row cannot end inside the brackets of a calculation."),
    "AND": ("unexpected", "& cannot stand inside the brackets of a calculation."),
    "ELLIPSIS": ("unexpected", "Dots stand for numbers that were left out; type all of them."),
    "DEGREE": ("angle", "Degrees stand inside cos and sin only, behind a number: cos(120°)."),
    "MATHS": ("unexpected", "Dollars and the like stand around the whole text only."),
    "BEGIN_LIST": ("unexpected", "Square brackets hold lists; use round ones in a calculation."),
    "BEGIN": ("unexpected", "A matrix cannot stand inside a calculation."),
    "COLON": ("unexpected", "A colon stands only behind a leading name, as in W: 1 0; 0 1."),
}
_SIGNS_BETWEEN: Final = frozenset(
    {"TIMES", "OVER", "POWER", "SUPERSCRIPT", "PLUS", "MINUS", "CLOSE"}
)
_BEFORE_NO_NUMBER: Final = frozenset({"NUMBER", "FRACTION", "SHORT_FRAC", "SUPERSCRIPT", "DEGREE"})
_NUMBERS: Final = frozenset({"NUMBER", "FRACTION"})
_FRACTIONS_OF_LATEX: Final = frozenset({"SHORT_FRAC", "FRAC"})


def unexpected(tokens: Sequence[Token], index: int) -> UnreadableError:
    """Why the token at ``index`` cannot stand there; ``len(tokens)`` is the end of the cell.

    >>> from handcalc.parsing.tokens import tokenise
    >>> unexpected(tokenise("3!"), 1).code
    'factorial'
    """
    # the function in cos π or sqrt 2, where brackets are waited for
    last, before_last = (tokens[index - back] if index >= back else None for back in (1, 2))
    function = before_last if last is not None and last.kind in _NUMBERS else last
    if function is not None and function.kind == "FUNCTION":
        return UnreadableError(
            "missing",
            f"{quoted(function.text)} takes a number in brackets: {function.text}(…).",
            function.end,
        )
    if index == len(tokens):
        return _missing(f"behind {quoted(tokens[-1].text)}", tokens[-1].end)
    before = tokens[index - 1] if index else None
    return _misplaced(tokens[index], before, tokens[index + 1] if index + 1 < len(tokens) else None)


def _misplaced(token: Token, before: Token | None, after: Token | None) -> UnreadableError:
    if token.kind in {"NAME", "COMMAND", "OTHER", "POINT"}:
        return refused_name(token, before, after)
    if before is not None and before.text == r"\sqrt":
        return UnreadableError("unexpected", "Of roots, only square roots are read.", token.start)
    if token.kind in _SENTENCES:
        code, message = _SENTENCES[token.kind]
        return UnreadableError(code, message, token.start)
    if token.kind in _SIGNS_BETWEEN:
        return _missing(f"before {quoted(token.text)}", token.start)
    if token.kind in _NUMBERS:
        return _two_numbers(token)
    return UnreadableError("unexpected", f"{quoted(token.text)} cannot stand here.", token.start)


def _missing(place: str, start: int) -> UnreadableError:
    return UnreadableError("missing", f"A number is missing {place}.", start)


def check_neighbours(tokens: Sequence[Token]) -> None:
    r"""Refuse what could be read in two ways: 2\frac12, \sqrt12, 0·5, or two numbers in a row.

    >>> from handcalc.parsing.tokens import tokenise
    >>> check_neighbours(tokenise("2√3"))
    """
    _check_braces(tokens)
    if [token.kind for token in tokens[:2]] == ["MINUS", "MINUS"]:
        raise UnreadableError(
            "ambiguous_mark",
            "Two minus signs stand before a number, and one of them may be a mark or a slip; "
            "type one for a negative number, none for a positive one.",
            tokens[0].start,
        )
    for index, (before, token) in enumerate(pairwise(tokens)):
        if token.kind in _NUMBERS and before.kind in _BEFORE_NO_NUMBER:
            raise _two_numbers(token)
        if before.kind == "NUMBER" and token.kind in _FRACTIONS_OF_LATEX:
            raise UnreadableError(
                "ambiguous",
                "A number right before a fraction may be added or multiplied; "
                r"type 2+\frac{1}{2} or 2*\frac{1}{2}.",
                token.start,
            )
        if before.text == r"\sqrt" and token.kind == "NUMBER" and len(token.text) > 1:
            raise UnreadableError(
                "ambiguous",
                r"LaTeX takes only the first digit under \sqrt12; type \sqrt{12}.",
                token.start,
            )
        is_raised = before.text == "·" and token.kind == "NUMBER" and not (token.gap or before.gap)
        if is_raised and tokens[index - 1].text == "0":
            raise UnreadableError(
                "ambiguous",
                "A raised point may multiply or be a decimal point; type 0.5, or 0*5.",
                before.start,
            )


def _check_braces(tokens: Sequence[Token]) -> None:
    r"""Refuse {1}{2}, which multiplies in LaTeX and is a list without its comma elsewhere."""
    arguments: list[bool] = []
    for i, token in enumerate(tokens):
        if token.text == "{":
            arguments.append(i > 0 and tokens[i - 1].kind == "FRAC")
        elif token.text == "}" and arguments:
            is_argument, after = arguments.pop(), tokens[i + 1 : i + 2]
            if after and after[0].text == "{" and not is_argument:
                raise UnreadableError(
                    "ambiguous",
                    "Braces right behind braces may multiply or be the next item of a list; type "
                    "* or a comma between them.",
                    after[0].start,
                )


def _two_numbers(token: Token) -> UnreadableError:
    if token.text.startswith(".") and not token.gap:
        return UnreadableError("unexpected", "A number has one decimal point at most.", token.start)
    return UnreadableError(
        "ambiguous",
        "Two numbers stand side by side where one is asked for; type an operator between them, "
        "as in 1+1/2, or leave one out.",
        token.start,
    )


def pi_outside(tokens: Sequence[Token]) -> UnreadableError:
    """The refusal of a cell that comes to an angle, or to something else with π in it."""
    token = next(token for token in tokens if token.kind in {"PI", "DEGREE"})
    if token.kind == "DEGREE":
        return UnreadableError("angle", _SENTENCES["DEGREE"][1], token.start)
    return UnreadableError(
        "unknown_name",
        "π stands inside cos and sin only, as in cos(2*pi/3); elsewhere it is no exact number "
        "of this kind.",
        token.start,
    )
