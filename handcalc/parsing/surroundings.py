"""What people leave around a matrix: dollars and other LaTeX delimiters, a leading ``W =``."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Final

from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.tokens import Token

__all__ = ["without_surroundings"]

_DELIMITERS: Final = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_LABELS: Final = (
    ["NAME"],
    ["COMMAND", "NAME"],
    ["COMMAND", "OPEN", "NAME", "CLOSE"],
    ["QUOTE", "NAME", "QUOTE"],
)
_FEATURE: Final = re.compile(r"x_?\{?[0-9₀-₉]+\}?")


def without_surroundings(tokens: list[Token]) -> list[Token]:
    """The tokens inside LaTeX delimiters and after a leading name, in either order.

    >>> from handcalc.parsing.tokens import tokenise
    >>> [token.text for token in without_surroundings(tokenise("$W = 1$"))]
    ['1']
    """
    return _undelimited(_unnamed(_undelimited(tokens)))


def _undelimited(tokens: list[Token]) -> list[Token]:
    if len(tokens) < 2 or _DELIMITERS.get(tokens[0].text) != tokens[-1].text:
        return tokens
    return tokens[1:-1]


def _unnamed(tokens: list[Token]) -> list[Token]:
    r"""Without ``W =``, ``"b":``, ``\mathbf{W} =`` or torch's ``Parameter containing:``."""
    if _is_of_one_key(tokens):
        return _unnamed(tokens[1:-1])
    if [token.text for token in tokens[:3]] == ["Parameter", "containing", ":"]:
        return tokens[3:]
    kinds = [token.kind for token in tokens[:5]]
    for pattern in _LABELS:
        size = len(pattern)
        if kinds[:size] == pattern and len(tokens) > size:
            name, sign = tokens[pattern.index("NAME")], tokens[size]
            if sign.text in {"=", ":=", ":", "=="} and _is_label(name):
                return _behind(sign, tokens[size + 1 :])
    return tokens


def _is_of_one_key(tokens: list[Token]) -> bool:
    """Whether it is ``{"W": …}`` with no other name."""
    kinds = [token.kind for token in tokens[1:5]]
    if kinds[:2] != ["NAME", "COLON"] and kinds != ["QUOTE", "NAME", "QUOTE", "COLON"]:
        return False
    is_set = (tokens[0].text, tokens[-1].text) == ("{", "}")
    return is_set and sum(token.kind == "COLON" for token in tokens) == 1


def _behind(sign: Token, rest: list[Token]) -> list[Token]:
    if sign.text == "==":
        raise RefusalError(
            "comparison", "One equals sign is enough behind a name: W = 1 0; 0 1.", sign.start
        )
    return rest


def _is_label(name: Token) -> bool:
    if _FEATURE.fullmatch(name.text):
        raise RefusalError(
            "unexpected",
            f"The values stand in order, without names such as {name.text}; "
            'type "1 0 1/2" for x1 = 1, x2 = 0, x3 = 1/2.',
            name.start,
        )
    return name.text.isidentifier() and not iskeyword(name.text)
