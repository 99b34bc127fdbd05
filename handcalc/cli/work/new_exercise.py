"""A new exercise in a course: its file, and its place at the end of the manifest."""

from __future__ import annotations

import re
import secrets
import tomllib
from pathlib import Path

from rich.console import Group

from handcalc.cli.report import CommandError, Report, ReportedError
from handcalc.storage.files import at_home
from handcalc.views.layout import to_type
from handcalc.wording import word

from .starters import MANIFEST, starter

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
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
