r"""What programs and documents wrap around numbers: fences, prompts, comments, LaTeX's extras.

Everything here replaces a piece of the text by one as long, so that every place stays the same
place in what was typed. ``FILLER`` stands where nothing is left, and is no gap between cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from handcalc.parsing.characters import FILLER
from handcalc.parsing.refusal import UnreadableError

_Match: TypeAlias = re.Match[str]

_COMMANDS: Final = r"(?:begin|end|left|right|[dtc]?frac|lbrack|rbrack|mathbf|mathrm|hline|cdot)"
_ESCAPED: Final = re.compile(rf"\\\\{_COMMANDS}(?![A-Za-z])")
_PLAIN_OR_ESCAPED: Final = re.compile(r"\\\\(?:sqrt|cos|sin)\{")
_STRING: Final = re.compile(
    r"\s*(?P<raw>[rR]?)(?P<quote>[\"'])(?P<body>.*)(?P=quote)\s*", re.DOTALL
)
_ESCAPES: Final = {r"\n": "\n", r"\t": " ", r"\"": '"', r"\'": "'"}

_FENCE: Final = re.compile(r"(?m)^[ \t]*(?:'''|\"\"\")[A-Za-z0-9_+.{} -]*$")
_NUMBERED: Final = r"Out ?\[[0-9]+\](?: ?//[A-Za-z]+)?[ \t]*[:=]|\(%o[0-9]+\)|\[[0-9]+\]:"
_PROMPT: Final = r">>>|>>|>|In ?\[[0-9]+\]:=?|julia>|octave:[0-9]+>|sage:"
_ECHO: Final = r"(?:print|show|display|disp)?\(?[A-Za-z][A-Za-z0-9_]*\)?;?"
_PROMPTS: Final = re.compile(
    rf"\A\s*(?:(?:{_PROMPT})[ \t]*{_ECHO}[ \t]*\n\s*)?(?:{_NUMBERED})?[ \t]*(?:>>>(?=[ \t]))?"
)
_COMMENT: Final = re.compile(
    r"(?m)(?P<before>^[ \t]*|[ \t])#(?!let\b|set\b|show\b|math\b|none\b|\()[^\n]*"
)
_PERCENT: Final = re.compile(r"%[^\n]*")

_STYLES: Final = r"math(?:rm|bf|it|sf|tt|normal)|text(?:rm|bf|it)?|mbox|boldsymbol|bm|num"
_GROUPS: Final = (
    r"equation|displaymath|math|align(?:ed|at)?|flalign|gather(?:ed)?|multline|split|eqnarray"
    r"|center"
)


def _filled(text: str, replacement: str = "") -> str:
    """The replacement, as long as the text."""
    return replacement.rjust(len(text), FILLER)


def blanked(text: str) -> str:
    r"""Blanks in place of a text; line ends stay.

    >>> blanked("W:\n1")
    '  \n '
    """
    return re.sub(r"[^\n]+", lambda it: " " * len(it[0]), text)


_Change: TypeAlias = "tuple[re.Pattern[str], Callable[[_Match], str]]"


def _to(pattern: str, replacement: str = "") -> _Change:
    return re.compile(pattern), lambda it: _filled(it[0], replacement)


# LaTeX that says how a matrix looks, and other ways to write what is read anyway.
_CHANGES: Final[tuple[_Change, ...]] = (
    _to(rf"\\(?:begin|end)\s*\{{(?:{_GROUPS})\*?\}}"),
    _to(r"\\(?:label|tag)\*?\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"),
    _to(r"\\[hv]?phantom\s*\{[^{}]*\}|\\(?:strut|mathstrut)(?![A-Za-z])"),
    (re.compile(r"\\[hv]space\*?\s*\{[^{}]*\}|\\hfill(?![A-Za-z])"), lambda it: blanked(it[0])),
    _to(r"\\(?:text|script|scriptscript)style(?![A-Za-z])"),
    _to(r"\\lbrack(?![A-Za-z])", "["),
    _to(r"\\rbrack(?![A-Za-z])", "]"),
    _to(r"\\lparen(?![A-Za-z])", "("),
    _to(r"\\rparen(?![A-Za-z])", ")"),
    _to(r"\\lbrace(?![A-Za-z])", r"\{"),
    _to(r"\\rbrace(?![A-Za-z])", r"\}"),
    _to(r"\\cr(?![A-Za-z])|\\\\\*|\\tabularnewline(?![A-Za-z])", r"\\"),
    _to(rf"\\(?:{_STYLES})(?=\s*\{{\s*[-+]?[0-9.])"),
    _to(r"\\[pbB]?matrix(?=\s*\{)"),
    (re.compile(r"\{(?:\\text)?([-+])\}"), lambda it: it[1].center(len(it[0]), FILLER)),
    (
        re.compile(r"(?<![0-9])([0-9]++)\{,\}(?![0-9]{3}(?![0-9]))([0-9]+)"),
        lambda it: _filled(it[0], f"{it[1]}.{it[2]}"),
    ),
    (re.compile("~"), lambda _: " "),
    (
        re.compile(
            r"(\\begin\s*\{(?:array|tabular)\})(\s*+(?:\[[tbc]\]\s*+)?"
            r"\{(?=[^\n]*?[lcr])(?:[^{}]|\{[^{}]*\})*\})"
        ),
        lambda it: it[1] + FILLER * len(it[2]),
    ),
    (
        re.compile(r"(\\begin\s*\{[A-Za-z]*matrix\*?\})(\s*\[[lcr]+\])"),
        lambda it: it[1] + FILLER * len(it[2]),
    ),
    (
        re.compile(r"(\\end\s*\{[A-Za-z]+\*?\}[\s\0$]*)([.,;])(?=[\s\0$]*\Z)"),
        lambda it: it[1] + FILLER,
    ),
)

_ARGUMENT: Final = (
    r"(?:delim|gap|row-gap|column-gap|align|augment)\s*:\s*"
    r"(?:#?\([^()]*\)|#?\"[^\"]*\"|[^,;()\"]+)\s*,?"
)


def _typst(it: _Match) -> str:
    """Typst's mat(delim: "[", 1, 0; 0, -1) as (1, 0; 0, -1), and its vec, which is a column."""
    body = re.sub(_ARGUMENT, lambda argument: blanked(argument[0]), it["body"])
    body = body.replace(",", ";") if it["name"] == "vec" else body
    return f"{_filled(it['name'])}({body}"


# What single programs put around an array.
_PROGRAMS: Final[tuple[_Change, ...]] = (
    (
        re.compile(
            r"\A(?P<head>\s*<tf\.\w+(?:[ \t]+'[^'\n]*')?:?[ \t]+shape=\([0-9, ]*\),?[ \t]+"
            r"dtype=\w+,[ \t]+numpy=)(?P<body>.*)>(?P<end>\s*)\Z",
            re.DOTALL,
        ),
        lambda it: f"{blanked(it['head'])}{it['body']} {it['end']}",
    ),
    (
        re.compile(
            r"(?<![\w.\\])(?P<name>mat|vec)\((?!\s*[\[(])(?P<body>(?:\"[^\"\n]*\"|[^()\"]|\([^()]*\))*(?=\)))"
        ),
        _typst,
    ),
    (re.compile(r"(?m)^[ \t]*#(?:let\b)(?=[ \t]*[A-Za-z$])"), lambda it: blanked(it[0])),
    (
        re.compile(r"(?:■|\\matrix)(?=\()(?P<body>\((?:[^()]|\([^()]*\))*\))"),  # Word's own
        lambda it: _filled(it[0], it["body"].replace("@", ";")),
    ),
    _to(r"(?<![\w.])(?:Float(?:16|32|64)|Int(?:32|64)?|Any)(?=\[)"),
)


_CODE: Final = re.compile(r"(?m)^[ \t]*(?:```|~~~)[A-Za-z0-9_+.{} -]*\r?$")
_QUOTED_LINE: Final = re.compile(r"[ \t]*>(?![>=])[ \t]?")


def unquoted(text: str) -> str:
    r"""Blanks for what Markdown and mail put around a text: > before every line, and fences.

    >>> unquoted("> 1 0\n> 0 1")
    '  1 0\n  0 1'
    """
    lines = text.split("\n")
    if all(_QUOTED_LINE.match(line) or not line.strip() for line in lines):
        text = "\n".join(
            _QUOTED_LINE.sub(lambda it: blanked(it[0]), line, count=1) for line in lines
        )
    return _CODE.sub(lambda it: blanked(it[0]), text)


def unwrapped(text: str) -> str:
    r"""The plain text without what stands around its numbers, as long as before.

    Errors: ``UnreadableError`` with code ``unexpected`` for a comment that holds numbers alone, and
    ``ambiguous`` for a doubled backslash that may end a row or begin a command.

    >>> unwrapped("Out[5]: 1 0 # up").split()
    ['1', '0']
    >>> unwrapped(r"\\frac{1}{2}").strip(FILLER)
    '\\frac{1}{2}'
    """
    text = _FENCE.sub(lambda it: blanked(it[0]), text)
    text = _unescaped(text)
    text = _PROMPTS.sub(lambda it: blanked(it[0]) if it[0].strip() else it[0], text, count=1)
    text = _COMMENT.sub(_without_comment, text)
    for pattern, change in _PROGRAMS:
        text = pattern.sub(change, text)
    latex = re.search(r"[&\\]", text)
    first = latex.start() if latex else len(text)
    text = _PERCENT.sub(lambda it: _without_percent(it, first), text)
    if "\\" not in text:
        return text
    if re.search(rf"\\begin\s*\{{(?:{_GROUPS})\*?\}}", text):
        text = re.sub(r"&(?=\s*:?=)|(?<==)(\s*)&", lambda it: blanked(it[0]), text)
    for pattern, change in _CHANGES:
        text = pattern.sub(change, text)
    return text


def _without_comment(it: _Match) -> str:
    before, comment = it["before"], it[0][len(it["before"]) :]
    on_own_line = it.start() == 0 or it.string[it.start() - 1] == "\n" or "\n" in before
    if (
        not on_own_line
        and re.fullmatch(r"#[-+0-9.,;\s/]+", comment)
        and re.search("[0-9]", comment)
    ):
        raise UnreadableError(
            "unexpected",
            "A # begins a comment, and this one holds numbers alone; leave it out, or type a "
            "semicolon where a row ends.",
            it.start() + len(before),
        )
    return before + blanked(comment)


def _without_percent(it: _Match, latex: int) -> str:
    r"""A comment of LaTeX or MATLAB; "50 %" is a percentage, and so is "50\\%".

    ``latex`` is the place of the first & or backslash in the text, or its end.
    """
    line = it.string[it.string.rfind("\n", 0, it.start()) + 1 : it.start()]
    before = line.rstrip()
    if (len(before) - len(before.rstrip("\\"))) % 2:
        return it[0]
    if before[-1:].isdigit():
        is_latex = line != before and latex < it.start()
        return blanked(it[0]) if is_latex and re.search("[A-Za-z]{2}", it[0]) else it[0]
    return blanked(it[0])


def _unescaped(text: str) -> str:
    r"""LaTeX as it was before a program wrote it as a string, ``\\begin`` for ``\begin``."""
    string = _STRING.fullmatch(text)
    if string is not None and "\\" in string["body"] and re.search(_COMMANDS, string["body"]):
        start, end = string.span("body")
        body = string["body"]
        if _ESCAPED.search(body) and not string["raw"]:
            body = re.sub(
                r"(?:\\\\)+|\\[nt\"']",
                lambda it: _filled(it[0], _ESCAPES.get(it[0], it[0][: len(it[0]) // 2])),
                body,
            )
        text = blanked(text[:start]) + body + blanked(text[end:])
    while _is_doubled(text):
        text = re.sub(r"\\+", lambda it: _filled(it[0], it[0][: len(it[0]) // 2]), text)
    return text


def _is_doubled(text: str) -> bool:
    runs = re.findall(r"\\+", text)
    if any(len(run) % 2 for run in runs):
        return False
    if _ESCAPED.search(text):
        return True
    unclear = _PLAIN_OR_ESCAPED.search(text)
    if unclear is not None and text[: unclear.start()].strip():
        raise UnreadableError(
            "ambiguous",
            "Two backslashes may end a row here or begin a command; type one before sqrt, or a "
            "blank behind the two.",
            unclear.start(),
        )
    return unclear is not None
