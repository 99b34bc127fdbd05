"""The commands for authors: ``dev new`` and ``dev check``."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from handcalc.cli.command import command, common_options
from handcalc.cli.import_guard import require_our_exercises
from handcalc.cli.options.course_context import folder_at
from handcalc.cli.report import CommandError, Exit, Report, ReportedError
from handcalc.shell_words import word
from handcalc.storage.files import at_home

from .starters import KINDS, MANIFEST, starter

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exercises.authoring.checkup import Fault
    from handcalc.cli.terminal.terminal import Terminal


# --------------------------------------------------------------------------------------------------
# A new exercise in a course: its file, and its place at the end of the manifest.


_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LIST = re.compile(r"^exercises\s*=\s*\[", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<comma>,)|(?P<end>\])|\#[^\n]*|\s+"""
)


def create(slug: str, folder: Path, kind: str) -> tuple[Path, bool]:
    """Write the file of a new exercise and list it; its path, and whether the course is new.

    Nothing is ever written over: a file or a slug that is there already is refused.
    """
    if not _SLUG.fullmatch(slug):
        message = "SLUG is lower-case letters and digits with single hyphens between."
        raise CommandError(ReportedError("usage", message, suggestion="two-arrows"))
    file, manifest = folder / f"{slug}.toml", folder / "manifest.toml"
    if file.exists():
        raise CommandError(
            ReportedError("file_exists", f"There is a file {file} already, and it stays as it is.")
        )
    new = not manifest.exists()
    try:
        before = _begun_folder(folder) if new else manifest.read_text(encoding="utf-8")
        after = with_slug(before, slug)
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(starter(kind, slug))
        if after != before or new:
            _replace(manifest, after)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"The exercise cannot be written in {folder}: {reason}."
        raise CommandError(ReportedError("unwritable_file", message)) from None
    return file, new


def with_slug(manifest: str, slug: str) -> str:
    r"""The text of a manifest with one more exercise at the end; comments stay where they are.

    >>> with_slug('exercises = ["one"]  # the course', "two")
    'exercises = ["one",\n    "two",\n]  # the course'
    """
    before = _parsed(manifest)
    listed = before.get("exercises")
    if isinstance(listed, list) and slug in listed:
        return manifest
    after = _appended(manifest, slug)
    if after is None or _parsed(after) != {**before, "exercises": [*before["exercises"], slug]}:
        message = f'manifest.toml has no list to which "{slug}" could be added: add it by hand.'
        raise CommandError(ReportedError("manifest", message, suggestion=f'exercises = ["{slug}"]'))
    return after


def _parsed(manifest: str) -> dict[str, list[object]]:
    try:
        return tomllib.loads(manifest)
    except tomllib.TOMLDecodeError as error:
        raise CommandError(ReportedError("toml", f"manifest.toml: not TOML: {error}.")) from None


def _appended(manifest: str, slug: str) -> str | None:
    """Put the slug behind the last entry of the list, and a comma before it where there is none."""
    start = _LIST.search(manifest)
    if start is None:
        return None
    at = last = start.end()
    comma = ""
    while token := _TOKEN.match(manifest, at):
        if token["end"]:
            rest = manifest[last:at].rstrip()
            return f'{manifest[:last]}{comma}{rest}\n    "{slug}",\n{manifest[at:]}'
        at = token.end()
        if token["text"] or token["comma"]:
            last, comma = at, "," if token["text"] else ""
    return None


def _begun_folder(folder: Path) -> str:
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


def _replace(manifest: Path, text: str) -> None:
    """The new text in one step: a course never has half a manifest."""
    draft = manifest.with_suffix(".toml.new")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(manifest)


_UNWRITTEN = ("…", "...")
_INDEX = re.compile(r"\[[0-9]+\]")
_TO_WRITE = {
    "title": "in a few words, what the learner is to do",
    "statement": "what is given, and what is to be found",
    "typing": "what to type, and in which form",
    "hints": "a question that leads on, with no part of the answer in it",
    "why": "why the answer works, for those who have found it",
    "answer.claims": "a claim to choose from",
    "answer.reasons": "a reason to choose from",
    "solutions.title": "a name for this way to the answer",
    "solutions.reasoning": "how one gets there by hand",
    "wrong.happened": "what somebody who gives this answer has done",
    "wrong.try": "one thing to try next, as a question",
}
_NOT_SEARCHED = (
    "Stored best losses were not compared with a search, which needs the extra optimum: "
    'pip install "handcalc[optimum]"'
)
_FOLDER = click.Path(file_okay=False)


@command("new", example="handcalc dev new two-arrows --dir my-course")
@click.argument("slug", metavar="SLUG")
@click.option(
    "--dir", "course", metavar="DIR", type=_FOLDER, default=".", help="The course; . if left out."
)
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], help="What it asks for.")
def new(slug: str, course: str, kind: str) -> Report:
    """Begin a new exercise: a file with comments, and its place in the manifest.

    In an empty folder, or one that is not there yet, it begins a course. Nothing is written over.
    """
    folder = at_home(course)
    file, begun = create(slug, folder, kind)
    said = f"Wrote {file}, and put it at the end of {folder / 'manifest.toml'}."
    if begun:
        said = f"Began a course in {folder}: manifest.toml and {file.name}."
    return Report(
        data=lambda: {"file": str(file), "manifest": str(folder / "manifest.toml"), "new": begun},
        text=lambda terminal: _begun(said, course, terminal),
    )


@command("check", example="handcalc dev check my-course")
@click.argument("course", metavar="[DIR]", required=False, type=_FOLDER)
def check(course: str | None) -> Report:
    """Try every exercise of a course, or of handcalc's own, in every variant.

    Its solutions must pass, turned ones too; blank, zero and listed wrong answers must fail, each
    with its diagnosis; hints ask and do not tell; stored numbers agree with the engine. The exit
    code is 1 where a fault is found.
    """
    require_our_exercises()
    from exercises.authoring.checkup import checkup, unsearched

    folder = None if course is None else folder_at(course, "DIR")
    unwritten = [] if folder is None else [*_unwritten(folder)]
    told = {(fault.file, fault.key) for fault in unwritten}
    others = (fault for fault in checkup(folder) if (fault.file, fault.key) not in told)
    faults = [*unwritten, *others]
    number = _number(folder)
    return Report(
        data=lambda: _data(course, number, faults),
        text=lambda terminal: _checked(course, number, faults, terminal),
        warnings=(_NOT_SEARCHED,) if unsearched(folder) else (),
        exit_code=Exit.NOT_SOLVED if faults else Exit.DONE,
    )


@click.group("dev", commands=[new, check], invoke_without_command=True, add_help_option=False)
@click.pass_context
def dev(ctx: click.Context) -> None:
    """Write exercises of your own, and check them."""
    if ctx.invoked_subcommand is None:
        message = "Say what to do: dev new SLUG begins an exercise, dev check [DIR] tries a course."
        raise CommandError(ReportedError("usage", message, suggestion="handcalc dev --help"))


dev.params.extend(common_options())


def _unwritten(folder: Path) -> Iterator[Fault]:
    """A fault for every text that still stands as in the starter."""
    import tomllib

    from exercises.authoring.checkup import Fault

    for file in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for key in _still_open(table, ""):
            what = _TO_WRITE.get(_INDEX.sub("", key), "a text")
            message = f"{file.name}, {key}: still to be written: {what}."
            yield Fault(file.name, key, "unwritten", message)


def _still_open(value: object, path: str) -> Iterator[str]:
    """The keys of the texts that are "…", each in full; lists count from 1."""
    if isinstance(value, str) and value.strip() in _UNWRITTEN:
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _still_open(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, inner in enumerate(value, 1):
            yield from _still_open(inner, f"{path}[{i}]")


def _number(folder: Path | None) -> int:
    from exercises.course import manifest_slugs
    from handcalc.errors import AuthorError

    try:
        return len(manifest_slugs(folder))
    except AuthorError:
        return 0


def _data(course: str | None, number: int, faults: Sequence[Fault]) -> Mapping[str, object]:
    found = [asdict(fault) for fault in faults]
    return {"folder": course, "exercises": number, "count": len(found), "faults": found}


def _begun(said: str, course: str, terminal: Terminal) -> RenderableType:
    from rich.console import Group

    from handcalc.views.layout import to_type

    following = to_type(f"handcalc dev check {word(course)}", "What to write next: ")
    return Group(terminal.plain(said), following)


def _checked(
    course: str | None, number: int, faults: Sequence[Fault], terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    from handcalc.views.layout import to_type

    exercises = "1 exercise" if number == 1 else f"{number} exercises"
    if not faults:
        return f"{exercises}, no fault found."
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    messages = (fill(fault.message, terminal.width, subsequent_indent="   ") for fault in faults)
    parts: list[RenderableType] = [terminal.plain(message) for message in messages]
    if course is not None and (faults[0].file, faults[0].code) == ("manifest.toml", "missing_file"):
        begin = f"handcalc dev new SLUG --dir {word(course)}"
        parts += ["", to_type(begin, "To begin a course there: ")]
    return Group(*parts, "", f"{exercises}, {count}.")
