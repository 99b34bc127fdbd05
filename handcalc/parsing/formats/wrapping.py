r"""What programs and documents wrap around numbers: fences, prompts, comments, marks of lists.

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


_CODE: Final = re.compile(r"(?m)^[ \t]*(?:```|~~~)[A-Za-z0-9_+.{} -]*\r?$")
_QUOTED_LINE: Final = re.compile(r"[ \t]*>(?![>=])[ \t]?")


def unquote(text: str) -> str:
    r"""Blanks for what Markdown and mail put around a text: > before every line, and fences.

    >>> unquote("> 1 0\n> 0 1")
    '  1 0\n  0 1'
    """
    lines = text.split("\n")
    if all(_QUOTED_LINE.match(line) or not line.strip() for line in lines):
        text = "\n".join(_QUOTED_LINE.sub(lambda it: blank(it[0]), line, count=1) for line in lines)
    return _CODE.sub(lambda it: blank(it[0]), text)


def unwrap(text: str) -> str:
    r"""The plain text without what stands around its numbers, as long as before.

    Errors: ``UnreadableError`` with code ``unexpected`` for a comment that holds numbers alone, and
    ``ambiguous`` for a doubled backslash that may end a row or begin a command.

    >>> unwrap("Out[5]: 1 0 # up").split()
    ['1', '0']
    >>> unwrap(r"\\frac{1}{2}").strip(FILLER)
    '\\frac{1}{2}'
    """
    text = _FENCE.sub(lambda it: blank(it[0]), text)
    text = _unescape(text)
    text = _PROMPTS.sub(lambda it: blank(it[0]) if it[0].strip() else it[0], text, count=1)
    text = _COMMENT.sub(_without_comment, text)
    for pattern, change in _PROGRAMS:
        text = pattern.sub(change, text)
    latex = re.search(r"[&\\]", text)
    first = latex.start() if latex else len(text)
    text = _PERCENT.sub(lambda it: _without_percent(it, first), text)
    if "\\" not in text:
        return text
    if re.search(rf"\\begin\s*\{{(?:{_GROUPS})\*?\}}", text):
        text = re.sub(r"&(?=\s*:?=)|(?<==)(\s*)&", lambda it: blank(it[0]), text)
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
    return before + blank(comment)


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
        return blank(it[0]) if is_latex and re.search("[A-Za-z]{2}", it[0]) else it[0]
    return blank(it[0])


def _unescape(text: str) -> str:
    r"""LaTeX as it was before a program wrote it as a string, ``\\begin`` for ``\begin``."""
    string = _STRING.fullmatch(text)
    if string is not None and "\\" in string["body"] and re.search(_COMMANDS, string["body"]):
        start, end = string.span("body")
        body = string["body"]
        if _ESCAPED.search(body) and not string["raw"]:
            body = re.sub(
                r"(?:\\\\)+|\\[nt\"']",
                lambda it: _fill(it[0], _ESCAPES.get(it[0], it[0][: len(it[0]) // 2])),
                body,
            )
        text = blank(text[:start]) + body + blank(text[end:])
    while _is_doubled(text):
        text = re.sub(r"\\+", lambda it: _fill(it[0], it[0][: len(it[0]) // 2]), text)
    return text


def _is_doubled(text: str) -> bool:
    r"""Whether every backslash is one of two, as in a string of Python or JSON.

    Both \\begin and \\sqrt are that; but \\ ends a row too, and sqrt may begin the next one.
    """
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


def _fill(text: str, replacement: str = "") -> str:
    """The replacement, as long as the text."""
    return replacement.rjust(len(text), FILLER)


def blank(text: str) -> str:
    r"""Blanks in place of a text; line ends stay.

    >>> blank("W:\n1")
    '  \n '
    """
    return re.sub(r"[^\n]+", lambda it: " " * len(it[0]), text)


# --------------------------------------------------------------------------------------------------
# What becomes of LaTeX, and of what single programs put around an array.

_Change: TypeAlias = "tuple[re.Pattern[str], Callable[[_Match], str]]"


def _to(pattern: str, replacement: str = "") -> _Change:
    return re.compile(pattern), lambda it: _fill(it[0], replacement)


# LaTeX that says how a matrix looks, and other ways to write what is read anyway.
_CHANGES: Final[tuple[_Change, ...]] = (
    _to(rf"\\(?:begin|end)\s*\{{(?:{_GROUPS})\*?\}}"),
    _to(r"\\(?:label|tag)\*?\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"),
    _to(r"\\[hv]?phantom\s*\{[^{}]*\}|\\(?:strut|mathstrut)(?![A-Za-z])"),
    (re.compile(r"\\[hv]space\*?\s*\{[^{}]*\}|\\hfill(?![A-Za-z])"), lambda it: blank(it[0])),
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
        lambda it: _fill(it[0], f"{it[1]}.{it[2]}"),
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
    body = re.sub(_ARGUMENT, lambda argument: blank(argument[0]), it["body"])
    body = body.replace(",", ";") if it["name"] == "vec" else body
    return f"{_fill(it['name'])}({body}"


# What single programs put around an array.
_PROGRAMS: Final[tuple[_Change, ...]] = (
    (
        re.compile(
            r"\A(?P<head>\s*<tf\.\w+(?:[ \t]+'[^'\n]*')?:?[ \t]+shape=\([0-9, ]*\),?[ \t]+"
            r"dtype=\w+,[ \t]+numpy=)(?P<body>.*)>(?P<end>\s*)\Z",
            re.DOTALL,
        ),
        lambda it: f"{blank(it['head'])}{it['body']} {it['end']}",
    ),
    (
        re.compile(
            r"(?<![\w.\\])(?P<name>mat|vec)\((?!\s*[\[(])(?P<body>(?:\"[^\"\n]*\"|[^()\"]|\([^()]*\))*(?=\)))"
        ),
        _typst,
    ),
    (re.compile(r"(?m)^[ \t]*#(?:let\b)(?=[ \t]*[A-Za-z$])"), lambda it: blank(it[0])),
    (
        re.compile(r"(?:■|\\matrix)(?=\()(?P<body>\((?:[^()]|\([^()]*\))*\))"),  # Word's own
        lambda it: _fill(it[0], it["body"].replace("@", ";")),
    ),
    _to(r"(?<![\w.])(?:Float(?:16|32|64)|Int(?:32|64)?|Any)(?=\[)"),
)


# --------------------------------------------------------------------------------------------------
# A dash and a blank at the head of every line is the mark of a list where something shows it: a
# line that goes on with a sign of its own, a list, a negative number written without the blank, or
# YAML's key above. Where nothing shows it, it may be a minus as well, and is refused.

_KEY: Final = re.compile(r"\s*[\"']?[A-Za-z]\w*[\"']?\s*:[ \t]*\n")
_DASH: Final = re.compile(r"[ \t]*-[ \t]+")
_NESTED: Final = re.compile(r"[ \t]*-[ \t]+-[ \t]+")
_SIGNED: Final = re.compile(r"[ \t]*-[ \t]+-[ \t]+-[0-9.]")
_DEEPER: Final = re.compile(r"[ \t]+-[ \t]+")
_TWO_NUMBERS: Final = re.compile(r"[^\[({]*?(?:,|[0-9)][ \t]+[-+]?[0-9.(√])")
_MARK: Final = re.compile(r"[ \t]*[*·•+][ \t]+")
_SIGN_OR_LIST: Final = re.compile(r"\A(?:[-+]\S|[\[({])|(?<=[\s,;|])-[0-9.(√]")
_COUNTED: Final = re.compile(r"[ \t]*(?:\(?([0-9]+)\)|([0-9]+)\.)[ \t]+(?=\S)")


def strip_bullets(text: str) -> str:
    r"""The text with blanks in place of the marks of a list, and line ends where its rows are.

    Errors: ``UnreadableError`` with code ``ambiguous_mark`` for dashes that may be minus signs, and
    for numbers that may count the lines.

    >>> strip_bullets("- 1 0\n- 0 -1")
    '  1 0\n  0 -1'
    """
    key = _KEY.match(text)
    start = key.end() if key else 0
    body = text[start:]
    lines = [line for line in body.split("\n") if line.strip()]
    if not lines or (len(lines) < 2 and key is None):
        return text
    if all(_MARK.match(line) for line in lines):
        return text[:start] + _without(_MARK, body)
    if len(lines) > 1 and _are_counted(lines):
        raise UnreadableError(
            "ambiguous_mark",
            "The number at the head of every line may count the lines or be the first of its row; "
            "leave the counting out, or type a comma behind every number.",
            text.index(lines[0], start),
        )
    if _NESTED.match(lines[0]):
        return text[:start] + _nested(body, lines, start)
    if not all(_DASH.match(line) for line in lines):
        return text
    rests = [_DASH.sub("", line, count=1) for line in lines]
    if key is not None or any(map(_SIGN_OR_LIST.search, rests)):
        return text[:start] + _without(_DASH, body)
    first = lines[0].strip(" \t-")
    raise UnreadableError(
        "ambiguous_mark",
        "The dash at the head of every line may be a minus or the mark of a list; type "
        f'"{first[:20]}" without the dash, or "-{first[:20]}" without the blank.',
        text.index("-", start),
    )


def _without(mark: re.Pattern[str], body: str) -> str:
    lines = body.split("\n")
    return "\n".join(mark.sub(lambda it: blank(it[0]), line, count=1) for line in lines)


def _are_counted(lines: list[str]) -> bool:
    """Whether the lines begin with 1. 2. 3. or (1) (2) (3), and no other number ends in a point."""
    found = [_COUNTED.match(line) for line in lines]
    numbers = [it[1] or it[2] if it else None for it in found]
    if numbers != [str(i + 1) for i in range(len(lines))]:
        return False
    rests = [line[it.end() :] for line, it in zip(lines, found, strict=True) if it]
    return not any(re.search(r"[0-9]\.(?![0-9])", rest) for rest in rests)


def _nested(body: str, lines: list[str], start: int) -> str:
    """YAML's list of lists: ``- -`` begins a row, and a deeper ``-`` goes on with it."""
    if not _is_yaml(lines):
        raise UnreadableError(
            "ambiguous_mark",
            "The dashes at the head of the lines may be minus signs or the marks of a list; "
            "type the numbers without the marks.",
            start + body.index("-"),
        )
    body = re.sub(r"(?m)^[ \t]*-[ \t]+-[ \t]+", lambda it: blank(it[0]), body)
    return re.sub(r"(?<![ \t\n])[ \t\n]*\n[ \t]+-[ \t]+", lambda it: " " * len(it[0]), body)


def _is_yaml(lines: list[str]) -> bool:
    """Whether the marks stand one below the other, one number behind each, and none is a minus."""
    firsts = [it for it in map(_NESTED.match, lines) if it]
    deeper = [line for line in lines if not _NESTED.match(line)]
    rests = [re.sub(r"^[ \t]*-[ \t]+(?:-[ \t]+)?", "", line) for line in lines]
    if not all(map(_DEEPER.match, deeper)) or any(re.match(r"-[ \t]", rest) for rest in rests):
        return False
    if not deeper:
        is_signed = any(map(_SIGNED.match, lines))
        return is_signed and len({_dashes(it[0]) for it in firsts}) == 1
    top, *others = [_dashes(it[0]) for it in firsts]
    inner = {line.index("-") for line in deeper}
    if len(inner) > 1 or len(set(others)) > 1 or any(map(_TWO_NUMBERS.match, rests)):
        return False
    if not others:
        return min(inner) >= top[1]
    outer, second = others[0]
    # the blanks before the very first mark may be lost
    return inner == {second} and top in {(outer, second), (0, second - outer)}


def _dashes(marks: str) -> tuple[int, int]:
    """The columns of the first dash and of the last."""
    return marks.index("-"), marks.rindex("-")
