"""The files that a graded class is written to, refused before the work where they would fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from handcalc.cli.report import ReportedError, refuse
from handcalc.cli.visible import visible
from handcalc.cli.work.outputs import Output, all_written

from . import feedback as feedback_pages
from . import results as results_files
from .gradebook import Gradebook, StudentLine
from .junit import junit
from .plan import GradeOptions
from .student_files import FolderOutput, file_names
from .tables import is_table, long_table, sheet


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The files that were asked for."""

    table: Output | None
    sheet: Output | None
    junit: Output | None
    results: FolderOutput | None
    feedback: FolderOutput | None

    @classmethod
    def of(cls, asked: GradeOptions) -> WrittenFiles:
        """Those of the options; what would fail in the end is refused before the work."""
        found = cls(
            Output.of("--csv", asked.table),
            Output.of("--sheet", asked.sheet),
            Output.of("--junit", asked.junit),
            FolderOutput.of("--results", asked.results, results_files.MARK),
            FolderOutput.of("--feedback", asked.feedback, feedback_pages.MARK),
        )
        found.refuse_clashes()
        for table in filter(None, (found.table, found.sheet)):
            table.refuse_others(is_table, "table of grades")
        if found.junit is not None:
            found.junit.refuse_others(_is_junit, "JUnit XML")
        for folder in filter(None, (found.results, found.feedback)):
            folder.refuse_early()
        return found

    def refuse_early(self) -> None:
        """Refuse files that could not be written."""
        for file in filter(None, (self.table, self.sheet, self.junit)):
            file.refuse_early()

    def refuse_clashes(self) -> None:
        """Refuse one name for two files, of which only the last would be left."""
        named: dict[Path, str] = {}
        files: tuple[Output | FolderOutput | None, ...] = (
            self.table,
            self.sheet,
            self.junit,
            self.results,
            self.feedback,
        )
        for file in files:
            if file is None:
                continue
            shown = visible(str(file.path))
            if file.path.name == "-":
                message = f"{file.option} writes a file, and nothing to standard output."
                refuse(message, "--json")
            first = named.setdefault(file.path.resolve(), file.option)
            are_folders = file is self.feedback and first == "--results"
            if first != file.option and not are_folders:
                message = f"{first} and {file.option} are both {shown}: name a file for each."
                refuse(message)

    def write(
        self, book: Gradebook, result_names: Sequence[str]
    ) -> tuple[tuple[str, ...], ReportedError | None]:
        """Write them all, as far as that can be: what to say of it, and what could not be."""
        writings: list[Callable[[], str]] = []
        if (table := self.table) is not None:
            writings.append(lambda: table.write(long_table(book.rows, book.version)))
        if (students := self.sheet) is not None:
            writings.append(lambda: students.write(sheet(book)))
        if (suites := self.junit) is not None:
            writings.append(lambda: suites.write(junit(book)))
        if (results := self.results) is not None:
            content = results_files.results
            writings.append(lambda: results.write(_of_each(result_names, book, content, ".json")))
        if (pages := self.feedback) is not None:
            page, names = feedback_pages.feedback, file_names(book)
            writings.append(lambda: pages.write(_of_each(names, book, page, ".md")))
        return all_written(writings)


def _of_each(
    names: Sequence[str],
    book: Gradebook,
    content: Callable[[StudentLine, Gradebook], str],
    ending: str,
) -> dict[str, str]:
    lines = zip(names, book.lines, strict=True)
    return {f"{name}{ending}": content(line, book) for name, line in lines}


def _is_junit(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<testsuites" in file.read(200)
