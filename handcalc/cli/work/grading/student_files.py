"""A file for each student, in a folder: by a name that no system takes for anything else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.visible import visible
from handcalc.storage.files import at_home, reason, write
from handcalc.wording import counted

from .gradebook import Gradebook

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)")  # of Windows, whatever stands behind
_DIGITS = 16


def file_names(book: Gradebook) -> list[str]:
    """A name for the file of each line, without its ending: what is in it is never a path.

    Letters and digits of the student's name stay; unless these are all of it, a digest of the name
    makes two students' files two.
    """
    keys = [line.student or line.hand_in for line in book.lines]
    twice = Counter(keys)
    return [_safe(key, f"{key}\n{i}" if twice[key] > 1 else key) for i, key in enumerate(keys)]


def _safe(name: str, whole: str) -> str:
    """A name for a file.

    >>> _safe("ada", "ada"), _safe("../Ada", "../Ada")
    ('ada', 'ada-4e4af21652b78501')
    """
    if whole == name and _PLAIN.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "student"
    return f"{kept}-{sha256(whole.encode(errors='backslashreplace')).hexdigest()[:_DIGITS]}"


@dataclass(frozen=True, slots=True)
class FolderOutput:
    """A folder that an option names, and the mark by which a file there is known as ours."""

    option: str
    path: Path
    mark: str

    @classmethod
    def of(cls, option: str, folder: str | None, mark: str) -> FolderOutput | None:
        """What was asked for, if it was."""
        return None if folder is None else cls(option, at_home(folder), mark)

    def write(self, contents: Mapping[str, str]) -> str:
        """Write files by their names, and what to say of it; errors: refused, as below.

        A file that is not ours stays as it is, and then nothing at all is written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            others = [name for name in contents if self._is_others(self.path / name)]
            if others:
                message = f"{self.option}: {visible(str(self.path / others[0]))} is another file."
                raise CommandError(ReportedError("file_exists", f"{message} It stays as it is."))
            for name, content in contents.items():
                write(self.path / name, content.encode(), waits=False)
        except OSError as error:
            shown = visible(str(self.path))
            message = f"{self.option}: the folder {shown} cannot be written to: {reason(error)}."
            raise CommandError(ReportedError("unwritable_file", message)) from None
        return f"Wrote {counted(len(contents), 'file')} to {self.path}."

    def refuse_early(self) -> None:
        """What would fail in the end fails before the work."""
        if self.path.exists() and not self.path.is_dir():
            message = f"{self.option}: {visible(str(self.path))} is a file, and no folder."
            raise CommandError(ReportedError("file_exists", message))

    def _is_others(self, path: Path) -> bool:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return True
        try:
            with path.open("rb") as file:
                return self.mark.encode() not in file.read(400)
        except FileNotFoundError:
            return False
