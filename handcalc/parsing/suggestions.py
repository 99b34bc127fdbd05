"""What to type instead: for refusals that have a mechanical remedy, the whole text mended.

A remedy is only tried; whether the mended text can be read is for the reader to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import factorial
from typing import Final, TypeAlias

from handcalc.parsing.characters import FILLER, THIN_THOUSANDS, is_visible, plain
from handcalc.parsing.limits import MAX_SUGGESTION
from handcalc.parsing.refusal import UnreadableError, decimal_comma

_Remedy: TypeAlias = tuple[str, str | Callable[[re.Match[str]], str]]

_ROOT_OF: Final[_Remedy] = (r"\b(sqrt) ?([0-9]+)", r"\1(\2)")
_COMMA: Final = r"(?<=[0-9]),(?=[0-9])"
_THOUSANDS: Final = r"[1-9][0-9]{0,2},[0-9]{3}(?![0-9])"
_PARTNERS: Final = {"(": ")", "[": "]", "{": "}"}

# For each code its remedies, tried one after the other on the plain text. No pattern can match
# the same run of characters in two ways, so that each takes one pass.
_REMEDIES: Final[dict[str, tuple[_Remedy, ...]]] = {
    "ambiguous_minus": (
        # it subtracts; it begins the next number; it subtracts from the number before its blank
        (r"(?<=\S)[ \t]*-[ \t]+", "-"),
        (r"(?<=\S)[ \t]*-[ \t]+", " -"),
        (r"(?<=[^\s,;])[ \t]+-(?=\S)", "-"),
    ),
    "ambiguous": (
        # + adds or parts; one separator for the other; 1 1/2 adds; 1/2√3 has its quotient first;
        # 2\frac adds; a raised point is a decimal point
        (r"(?<=\S)[ \t]*\+[ \t]+", "+"),
        (r"(?<=\S)[ \t]*\+[ \t]+", " "),
        (",", ";"),
        (";", ","),
        (r",[ \t]*\n", ";\n"),
        (r"^([0-9]+)[ \t]+([0-9]+/[0-9]+)$", r"\1+\2"),
        (r"\b([0-9]+/[0-9]+)(?=√|\\|\(|[a-zπ])", r"(\1)"),
        (r"(?<=[0-9])[ \t]*(?=\\[dt]?frac)", "+"),
        (r"(\\sqrt)[ \t]*([0-9]+)", r"\1{\2}"),
        (r"\b0·(?=[0-9])", "0."),
    ),
    "angle": ((r"\b(cos|sin)\(([0-9.]+)\)", r"\1(\2*pi/180)"),),
    "attribute": ((r"\b[A-Za-z]+\.(?=(?:sqrt|cos|sin|pi)\b)", ""),),
    "boolean": ((r"(?i:\b(?:true|false)\b)", lambda it: str(int(it[0].lower() == "true"))),),
    "comparison": (("==", "="),),
    "decimal_comma": ((_COMMA, "."),),
    "factorial": ((r"\b(1?[0-9])!", lambda it: str(factorial(int(it[1])))),),
    "hexadecimal": ((r"\b0[xX][0-9A-Fa-f]+\b", lambda it: str(int(it[0], 16))),),
    "missing": (
        _ROOT_OF,
        (r"\b((?i:sqrt|cos|sin))\[([^\[\]]*)\]", r"\1(\2)"),
        (r"\b(cos|sin) ([0-9]*(?:π|pi\b)(?:/[0-9]+)?)", r"\1(\2)"),
        (r"\b(cos|sin) ([0-9]+)\b", r"\1(\2*pi/180)"),
    ),
    "row_end": (
        (r"(?<!\\)\\(?=[ \t\n0-9.+-]|\[[0-9]|$)", r"\\\\"),
        (
            r"(?<!matrix\})(?<!array\})(?<![\\&\n\s])[ \t]*\n(?![ \t]*(?:\\end|\n|$))",
            r" \\\\\n",
        ),
    ),
    "underscore": ((r"(?<=[0-9])_(?=[0-9])", ""),),
    "wrong_shape": ((r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", ""),),
    "unexpected": ((r"[.,;]$", ""),),
    "unknown_name": (_ROOT_OF, (r"\b[oO]\b", "0"), (r"(?<=[0-9]) (?=[eE][-+]?[0-9])", "")),
}


def suggest(refusal: UnreadableError, text: str, part: str | None = None) -> Iterator[str]:
    """Texts that may be what was meant, best first; ``part`` is the name of what is asked for.

    >>> list(suggest(UnreadableError("underscore", ""), "1_000 0"))
    ['1000 0']
    """
    if refusal.suggestion is not None:
        yield refusal.suggestion
    if len(text) > MAX_SUGGESTION or _has_no_remedy(refusal.code, text):
        return
    if refusal.code == "invisible_character":
        yield "".join(filter(is_visible, text))
        return
    text = plain(text).strip()
    mends = [re.sub(*remedy, text) for remedy in _REMEDIES.get(refusal.code, ())]
    if refusal.code == "unexpected" and part:
        # the list behind a key of {"W": …, "b": …}, where it stands there once
        found = re.findall(rf"""["']{re.escape(part)}["']\s*:\s*(\[[^:"']*\])""", text)
        mends += found if len(found) == 1 and text.startswith("{") else []
    if refusal.code in _REWRITTEN:
        mends.append(_REWRITTEN[refusal.code](text))
    yield from (mend for mend in mends if mend != text)


def _has_no_remedy(code: str, text: str) -> bool:
    """Whether a text has what makes each of the remedies a guess."""
    if code == "quoted":  # minutes and seconds, or a derivative
        return re.search("[′″]", text) is not None
    if code == "ambiguous_minus":  # a row may have ended there, or a label be taken for a number
        return "&" in text or _has_header(text)
    if code == "ambiguous":  # a thin space among the plain ones would be one of them
        return THIN_THOUSANDS.search(text) is not None
    # 1,000 may be a thousand or one
    return code == "decimal_comma" and re.search(_THOUSANDS, text) is not None


def with_points(text: str) -> str:
    """The text with points in place of commas between digits; "" for a long one.

    >>> with_points("0,5 1")
    '0.5 1'
    """
    return re.sub(_COMMA, ".", text) if len(text) <= MAX_SUGGESTION else ""


def without_european(text: str) -> str:
    r"""Lines such as 0,5;1 with points for commas, and commas for semicolons; others as they are.

    >>> without_european("0,5;1\n0;1")
    '0.5,1\n0,1'
    """
    lines = [line for line in text.splitlines() if line.strip()]
    is_table = len(lines) > 1 and all(re.search(r";[ \t]*[^\s;]", line) for line in lines)
    points = with_points(text)
    return points.replace(";", ",") if is_table and points != text else text


_LEADING_NAME: Final = re.compile(r"\A[^,;:=≈\n]*(?::=|[:=≈])")
# a number with at most one comma in it, or a name; empty in the corner above an index
_EUROPEAN_CELL: Final = re.compile(
    r"(?:[-+]?[0-9]+(?:\.[0-9]{3})*(?:,[0-9]+)?(?:[eE][-+]?[0-9]+)?"
    r"|\"[^\",;]*\"|'[^',;]*'|[^\W\d][\w. ]*|)"
)


def check_european(text: str) -> None:
    """Refuse lines such as 0,5;0,25, where a comma is a decimal point to most of their writers.

    A name before the numbers, and names above and beside them, make no difference.

    >>> check_european("0,5; 0,25")
    """
    if ";" not in text or not re.search(_COMMA, text):
        return
    body = _LEADING_NAME.sub("", text.replace(FILLER, " ").lstrip())
    lines = [line.strip("[](){} \t") for line in body.split("\n")]
    rows = [line.removesuffix(";").split(";") for line in lines if line]
    if len(rows) > 1 and all(
        len(row) > 1 and all(_EUROPEAN_CELL.fullmatch(cell.strip()) for cell in row) for row in rows
    ):
        raise comma_in_number(text)


def comma_in_number(text: str) -> UnreadableError:
    """The refusal of a text that was read with points in place of its commas."""
    found = re.search(_COMMA, text)
    return decimal_comma(found.start() if found else None)


def _balance(text: str) -> str:
    """The text without brackets that close nothing, and with those closed that are left open."""
    kept: list[str] = []
    waiting: list[str] = []
    for character in text:
        if character in _PARTNERS:
            waiting.append(_PARTNERS[character])
        elif character in _PARTNERS.values():
            if character not in waiting[-1:]:
                continue
            waiting.pop()
        kept.append(character)
    return "".join(kept + waiting[::-1])


def _has_header(text: str) -> bool:
    """Whether the first of several lines has fewer numbers than all others, as in a data frame."""
    lines = [line for line in re.sub(r"-[ \t]+", "-", plain(text)).split("\n") if line.strip()]
    first, *rest = [len(re.split(r"[\s,;]+", line.strip())) for line in lines] or [0]
    return bool(rest) and first < min(rest)


def _without_quotes(text: str) -> str:
    """The text without pairs of quotes; an apostrophe behind a name transposes, and stays."""
    bare = re.sub(r"""(?<![\w)\]}])(["'])([^"'\n]*)\1""", r"\2", text)
    return text if re.search("[\"']", bare) else bare


def _with_hundredths(text: str) -> str:
    """50 % as 50/100; not where % may begin a comment, or have no number before it."""
    percent = r"(?<=[0-9])([ \t]*)%(?=[ \t]*(?:[,;\n)\]]|$)|(?<=[0-9]%)[ \t]+[-+0-9.])"
    return text if re.search(r"[&\\]", text) else re.sub(percent, r"\1/100", text)


_REWRITTEN: Final = {
    "unbalanced": _balance,
    "decimal_comma": without_european,
    "quoted": _without_quotes,
    "percent": _with_hundredths,
}
