"""The map of the house in CONTRIBUTING.md names what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.guarded import ROOT

MAP = re.compile(r"## The house\n\n```\n(.*?)```", re.DOTALL)
LINE = re.compile(r"(?P<indent> *)(?P<names>\S+(?: \S+)*)  +(?P<about>.*)")


def named_on(page: str) -> Iterator[Path]:
    """The folders and files that a map names, each below the folder that it is indented under."""
    above: dict[int, Path] = {}
    for line in page.splitlines():
        found = LINE.fullmatch(line)
        assert found, line
        depth = len(found["indent"])
        parent = above[depth - 2] if depth else Path()
        for name in found["names"].split():
            above[depth] = parent / name
            yield above[depth] if name.endswith("/") else parent / f"{name}.py"
        yield from (above[depth] / name for name in re.findall(r"\b(\w+)/(?=\s)", found["about"]))


def missing(page: str) -> list[str]:
    return [str(path) for path in named_on(page) if not (ROOT / path).exists()]


def test_everything_on_the_map_is_there() -> None:
    found = MAP.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert found
    assert missing(found[1]) == []
    assert Path("handcalc/superposition/model") in set(named_on(found[1]))


def test_what_is_not_there_is_found() -> None:
    page = "handcalc/  exact; nothing/ of it\n  views/ none/  pages\n  errors never  told\n"
    assert missing(page) == ["handcalc/nothing", "handcalc/none", "handcalc/never.py"]


def test_every_package_and_folder_is_on_the_map() -> None:
    found = MAP.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert found
    packages = ("handcalc", "exercises", "torchsim")
    folders = {
        folder.relative_to(ROOT)
        for package in packages
        for folder in (ROOT / package).iterdir()
        if any(folder.glob("*.py"))
    }
    assert folders <= set(named_on(found[1]))
