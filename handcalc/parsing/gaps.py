"""What a gap between two tokens means: one cell goes on, or the next begins, or it is unclear."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from handcalc.parsing.brackets import Pair
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.tokens import Token, ends_value, starts_item, starts_value

__all__ = ["Style", "begins_cell", "style_of"]

Style: TypeAlias = Literal["blanks", "commas", "ands", "alone"]
_Meaning: TypeAlias = Literal["joined", "apart", "begun by a sign", "sign in blanks"]
_SIGNS: Final = frozenset({"PLUS", "MINUS"})


def style_of(pair: Pair, *, latex: bool, alone: bool) -> Style:
    """How the cells in a bracket are set apart: by commas, by &, or by blanks.

    ``latex`` is true inside an environment, where blanks mean nothing; ``alone`` where one number
    is asked for, so that blanks have nothing to separate.
    """
    if "COMMA" in pair.separators:
        return "commas"
    if "AND" in pair.separators or latex:
        return "ands"
    return "alone" if alone and "BREAK" not in pair.separators else "blanks"


def begins_cell(style: Style, before: Token, token: Token, after: Token | None) -> bool:
    """Whether ``token`` begins a new cell, where ``before`` belongs to one already.

    Errors: ``RefusalError`` with code ``ambiguous_minus``, ``ambiguous``, ``missing``
    or ``row_end``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> one, minus, two = tokenise("1 -2")
    >>> begins_cell("blanks", one, minus, two)
    True
    """
    if token.gap in {"\\", "quad", "\n"} and ends_value(before) and starts_item(token):
        _check_row_end(style, token, after)
    meaning = _meaning(before, token, after)
    if meaning == "joined" or (style == "ands" and meaning != "begun by a sign"):
        return False
    if style == "blanks" and meaning != "sign in blanks":
        if token.gap == " " and _is_thousands(before, token):
            raise RefusalError(
                "ambiguous",
                "A blank may part thousands or two numbers here; type 1000 for a thousand.",
                token.start,
            )
        if token.gap == "\t\t":
            raise RefusalError(
                "missing", "Between two tabs a number is missing; type 0 if it is 0.", token.start
            )
        return True
    if meaning == "apart":
        return style != "alone" and _refuse_blank(token)
    if style == "blanks" or meaning == "begun by a sign":
        raise _unclear_sign(token)
    return False


def _meaning(before: Token, token: Token, after: Token | None) -> _Meaning:
    if not ends_value(before):
        return "joined"
    if token.kind in _SIGNS and after is not None:
        if after.gap:
            return "sign in blanks"
        return "begun by a sign" if token.gap and starts_item(after) else "joined"
    return "apart" if token.gap and starts_value(token) else "joined"


def _check_row_end(style: Style, token: Token, after: Token | None) -> None:
    r"""Refuse a gap at which a row of LaTeX may have ended: its \\ may be lost on the way."""
    between_signs = token.kind in _SIGNS and after is not None and after.gap != ""
    harmless = (
        style == "alone"
        or (token.gap == "quad" and (style == "blanks" or between_signs))
        or (token.gap == "\n" and style != "ands")
    )
    if not harmless:
        raise RefusalError(
            "row_end",
            r"A row may end here, and its \\ may have lost a backslash on the way; type \\ where a "
            "row ends, and & between two numbers of a row.",
            token.start,
        )


def _is_thousands(before: Token, token: Token) -> bool:
    """Whether it is 1 000: as a number by itself, nobody writes 000."""
    is_group = len(token.text) == 3 and token.text.isdigit() and token.text.startswith("0")
    return is_group and before.text.isdigit() and len(before.text) <= 3


def _refuse_blank(token: Token) -> bool:
    raise RefusalError(
        "ambiguous",
        "Commas separate the numbers here, so a blank between two of them is unclear; "
        "type one more comma, a semicolon between rows, or an operator such as *.",
        token.start,
    )


def _unclear_sign(token: Token) -> RefusalError:
    if token.kind == "PLUS":
        return RefusalError(
            "ambiguous",
            "With blanks around it, + may add or begin the next number; "
            'type "1+1" for one number, "1, 1" for two.',
            token.start,
        )
    return RefusalError(
        "ambiguous_minus",
        "With blanks around it, - may subtract or begin the next number; "
        'type "1-1" for one number, "1, -1" for two.',
        token.start,
    )
