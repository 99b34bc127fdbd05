"""The student edition of a course, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from rich.console import RenderableType

from exercises.authoring.edition_search import EditionSearch
from exercises.authoring.student_edition import StudentEdition, student_edition
from handcalc.cli.report import CommandError, Exit, Report, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.storage.files import at_home, reason
from handcalc.views.layout import Paragraph, spaced, to_type
from handcalc.wording import counted, joined, word

from .course import explained, folder_at


def release(course: str | None, out: str) -> Report:
    """Write the student edition of a course, or of handcalc's own, to a new folder."""
    folder = None if course is None else folder_at(course, "COURSE")
    target, is_begun = at_home(out), False
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            message = f"--dir: {out} is there already, and it stays as it is."
            raise CommandError(ReportedError("file_exists", message))
        with explained(folder):
            edition = student_edition(folder)
            target.mkdir(parents=True, exist_ok=True)
            is_begun = True
            for name, text in edition.files.items():
                (target / name).write_text(text, encoding="utf-8", newline="\n")
            _refuse_leak(target, edition, folder)
    except OSError as error:
        message = f"--dir: {out} cannot be written: {reason(error)}."
        message += " What is there is not whole." if is_begun else ""
        raise CommandError(ReportedError("unwritable_file", message)) from error
    return Report(
        data=lambda: {
            "folder": out,
            "exercises": len(edition.files) - 1,
            "edition_of": edition.version,
            "stating": list(edition.stating),
        },
        text=lambda terminal: _page(out, edition, terminal),
        exit_code=Exit.DONE,
    )


def _refuse_leak(target: Path, edition: StudentEdition, folder: Path | None) -> None:
    """Take an edition back that holds, as whoever reads the folder has it, what it must not."""
    there = (file for file in target.rglob("*") if file.is_file())
    files = {
        file.relative_to(target).as_posix(): file.read_bytes().decode(errors="replace")
        for file in there
    }
    leak = next(EditionSearch(folder).leaks(files), None)
    if leak is None:
        return
    for name in edition.files:
        (target / name).unlink()
    message = (
        f"{leak.file} held “{leak.text}”, which belongs to {leak.exercise}; what was written is "
        "gone again."
    )
    raise CommandError(ReportedError("leak", message))


def _page(out: str, edition: StudentEdition, terminal: Terminal) -> RenderableType:
    number = counted(len(edition.files) - 1, "exercise")
    said = f"Wrote the student edition of {edition.version} to {out}: {number}, and no hint, "
    said += "solution, wrong answer or stored value of any."
    parts: list[RenderableType] = [Paragraph(terminal.plain(said))]
    if edition.stating:
        many = len(edition.stating) > 1
        own, them = (
            ("whose own statements have", "them") if many else ("whose own statement has", "it")
        )
        told = f"{joined(edition.stating)}, {own} numbers of an answer in {them}"
        parts.append(Paragraph(f"See whether this is meant: {told}."))
    shown = f"handcalc exercise 1 --course={word(out)}"
    return spaced(*parts, to_type(shown, "As a student has it: "))
