"""A new exercise in a course: its file, and its place at the end of the manifest.

The file is sound in its mathematics, with every text to be written. What stands as "…" is found by
``dev check``, so that a starter is refused until it is an exercise.
"""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group

from exercises.manifest import SLUG
from handcalc.cli.report import CommandError, Report, ReportedError, refuse
from handcalc.storage.files import at_home, reason
from handcalc.views.layout import to_type
from handcalc.wording import word

_LIST = re.compile(r"^exercises\s*=\s*\[", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<comma>,)|(?P<end>\])|\#[^\n]*|\s+"""
)


def new(slug: str, course: str, kind: str) -> Report:
    """The file of a new exercise, written and listed."""
    folder = at_home(course)
    file, begun = create(slug, folder, kind)
    said = f"Wrote {file}, and put it at the end of {folder / 'manifest.toml'}."
    if begun:
        said = f"Began a course in {folder}: manifest.toml and {file.name}."
    following = to_type(f"handcalc dev check {word(course)}", "What to write next: ")
    return Report(
        data=lambda: {"file": str(file), "manifest": str(folder / "manifest.toml"), "new": begun},
        text=lambda terminal: Group(terminal.plain(said), following),
    )


def create(slug: str, folder: Path, kind: str) -> tuple[Path, bool]:
    """Write the file of a new exercise and list it; its path, and whether the course is new.

    Nothing is ever written over: a file or a slug that is there already is refused.
    """
    if not SLUG.fullmatch(slug):
        message = "SLUG is lower-case letters and digits with single hyphens between."
        refuse(message, "handcalc dev new two-arrows")
    file, manifest = folder / f"{slug}.toml", folder / "manifest.toml"
    if file.exists():
        raise CommandError(
            ReportedError("file_exists", f"There is a file {file} already, and it stays as it is.")
        )
    new = not manifest.exists()
    try:
        before = _begin_manifest(folder) if new else manifest.read_text(encoding="utf-8")
        after = with_slug(before, slug)
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(starter(kind, slug))
        if after != before or new:
            draft = manifest.with_suffix(".toml.new")  # a course never has half a manifest
            draft.write_text(after, encoding="utf-8", newline="\n")
            draft.replace(manifest)
    except (OSError, UnicodeDecodeError) as error:
        message = f"The exercise cannot be written in {folder}: {reason(error)}."
        raise CommandError(ReportedError("unwritable_file", message)) from None
    return file, new


def with_slug(manifest: str, slug: str) -> str:
    r"""The text of a manifest with one more exercise at the end; comments stay where they are.

    Of parts, it is the last that gets it.

    >>> with_slug('exercises = ["one"]  # the course', "two")
    'exercises = ["one",\n    "two",\n]  # the course'
    """
    before = _parsed(manifest)
    if slug in _listed(before):
        return manifest
    # Edited as text, so that comments and line breaks stay; reading both shows that nothing but the
    # last list has changed.
    after = _append(manifest, slug)
    if after is None or _parsed(after) != _with_slug(before, slug):
        message = f'manifest.toml has no list to which "{slug}" could be added: add it by hand.'
        raise CommandError(ReportedError("manifest", message, suggestion=f'exercises = ["{slug}"]'))
    return after


def _parsed(manifest: str) -> dict[str, Any]:
    try:
        return tomllib.loads(manifest)
    except tomllib.TOMLDecodeError as error:
        raise CommandError(ReportedError("toml", f"manifest.toml: not TOML: {error}.")) from None


def _listed(manifest: Mapping[str, Any]) -> list[object]:
    """The slugs of a manifest, of all parts; nothing for what is no list."""
    lists = [each.get("exercises") for each in (manifest, *_parts(manifest))]
    return [slug for found in lists if isinstance(found, list) for slug in found]


def _parts(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = manifest.get("parts")
    return [each for each in parts if isinstance(each, dict)] if isinstance(parts, list) else []


def _with_slug(manifest: dict[str, Any], slug: str) -> dict[str, Any]:
    """The manifest with a slug at the end of its list, or of that of its last part."""
    *others, last = [*_parts(manifest)] or [manifest]
    longer = {**last, "exercises": [*last.get("exercises", ()), slug]}
    return {**manifest, "parts": [*others, longer]} if _parts(manifest) else longer


def _append(manifest: str, slug: str) -> str | None:
    """Put the slug behind the last entry of the last list, and a comma before it where needed."""
    starts = [*_LIST.finditer(manifest)]
    if not starts:
        return None
    at = last = starts[-1].end()
    comma = ""
    while token := _TOKEN.match(manifest, at):
        if token["end"]:
            rest = manifest[last:at].rstrip()
            return f'{manifest[:last]}{comma}{rest}\n    "{slug}",\n{manifest[at:]}'
        at = token.end()
        if token["text"] or token["comma"]:
            last, comma = at, "," if token["text"] else ""
    return None


def _begin_manifest(folder: Path) -> str:
    """The manifest of a new course; refused where the folder holds TOML of another kind."""
    others = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if others:
        message = (
            f"{folder} has no manifest.toml and is no empty folder: {others[0].name} is in it. "
            "A course has a folder of its own."
        )
        suggestion = "handcalc dev new SLUG --dir my-course"
        raise CommandError(ReportedError("not_a_course", message, suggestion=suggestion))
    return MANIFEST.format(salt=secrets.token_hex(8))


# --------------------------------------------------------------------------------------------------
# What a new course, and a new exercise of each kind, begin as.

MANIFEST = """\
# The course, in its order. Positions never change: a new exercise goes to the end.
# The salt decides which variant each student gets; a course that is under way keeps it.
salt = "{salt}"
exercises = [
]
"""

_TEXTS = '''\
# {slug}: write every "…", and change the rest; "handcalc dev check" says what is missing.
title = "…"           # short: what the learner is to do
statement = """…"""   # an empty line between paragraphs; four spaces before a formula
typing = """…"""      # what to type, and how
hints = ["…", "…"]    # from a question to nearly everything; each asks before it tells
why = """…"""         # shown after a pass: why it works
# For numbers of each student's own, write {{half}} in any text, and two or more tables such as:
# [[variants]]
# half = "1/2"

'''

_MODEL = '''\
[answer]              # what is asked for
kind = "model"        # or number, interval, vector, choice, matrices
features = 2
dimensions = 1
activation = "relu"   # or "linear"
[check]               # what a right answer has: any answer that has it passes
kind = "reconstructs-input"  # or reconstructs-set, loss-at-most, geometry, same-model
x = "1 1/2"
[example]             # shows how to type, and is not right
W = "1; 1"
b = "0 0"
[[solutions]]         # worked out by hand
title = "…"
W = "1; 0"
b = "0 1/2"
reasoning = """…"""
[[wrong]]             # at least two that people give; this mistake has a name already
W = "1; 0"
b = "0 0"
diagnosis = "lost"
[[wrong]]             # and this one has words of its own
W = "1; -1"
b = "0 0"
diagnosis = "pair-without-bias"
happened = "…"
try = "…"
'''

_OTHER = '''\
[answer]              # what is asked for
{answer}
[check]               # what is right
{check}
[example]             # shows how to type, and is not right
answer = "{example}"
[[solutions]]         # worked out by hand
title = "…"
answer = "{right}"
reasoning = """…"""
[[wrong]]             # at least two that people give, each with a name and words of its own
answer = "{first}"
diagnosis = "a-first-mistake"
happened = "…"
try = "…"
[[wrong]]
answer = "{second}"
diagnosis = "a-second-mistake"
happened = "…"
try = "…"
'''

_MATRICES = '''\
[answer]              # what is asked for: one matrix or several, by name
kind = "matrices"
matrices = [{ name = "W_OV", rows = 2, columns = 2 }]
[circuit]             # the model they are put into, as for "handcalc circuit --file"
vocabulary = "a b"
W_E = "1 0; 0 1"
W_U = "1 0; 0 1"
[[circuit.heads]]
layer = 1
W_QK = "0 0; 0 0"
W_OV = "answer W_OV"  # here
[check]               # what a right answer has: any answer that has it passes
kind = "copies"
[example]             # shows how to type, and is not right
W_OV = "1 2; 3 4"
[[solutions]]         # worked out by hand
title = "…"
W_OV = "1 0; 0 1"
reasoning = """…"""
[[wrong]]             # at least two that people give, each with a name and words of its own
W_OV = "0 1; 1 0"
diagnosis = "a-first-mistake"
happened = "…"
try = "…"
[[wrong]]
W_OV = "1 1; 1 1"
diagnosis = "a-second-mistake"
happened = "…"
try = "…"
'''

_PARTS: Mapping[str, Mapping[str, str]] = {
    "number": {
        "answer": 'kind = "number"\nname = "L"',
        "check": 'kind = "equals"\nvalue = "1/12"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "loss"\nW = "1; -1"\nsparsity = "1/2"',
        "example": "0.3",
        "right": "1/12",
        "first": "1/6",
        "second": "1/3",
    },
    "interval": {
        "answer": 'kind = "interval"\nname = "S"',
        "check": 'kind = "brackets"       # or equals, with both ends\n'
        'value = "sqrt(2)/2"   # must lie inside\nwidth = "1/20"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "geometry"\nW = "1/2 1/2"\nwhat = "norms"',
        "example": "0 1",
        "right": "0.7 0.72",
        "first": "0.5 0.55",
        "second": "0.6 0.8",
    },
    "vector": {
        "answer": 'kind = "vector"\nname = "x̂"\nlength = 2',
        "check": 'kind = "equals"\nvalue = "1/2 0"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "output"\nW = "1; -1"\nx = "3/4 1/4"',
        "example": "1 1",
        "right": "1/2 0",
        "first": "1/2 -1/2",
        "second": "3/4 1/4",
    },
    "choice": {
        "answer": 'kind = "choice"\nclaims = ["…", "…", "…"]\nreasons = ["…", "…"]',
        "check": 'kind = "chosen"\nclaim = "b"\nreason = "1"',
        "example": "a 1",
        "right": "b 1",
        "first": "b 2",
        "second": "c 1",
    },
}

KINDS = ("model", *_PARTS, "matrices")


def starter(kind: str, slug: str) -> str:
    """The text of a new exercise's file.

    >>> starter("number", "two-arrows").splitlines()[0].startswith("# two-arrows: ")
    True
    """
    whole = {"model": _MODEL, "matrices": _MATRICES}
    rest = whole.get(kind) or _OTHER.format(**_PARTS[kind])
    return _TEXTS.format(slug=slug) + rest
