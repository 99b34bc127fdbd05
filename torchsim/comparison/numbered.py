"""The numbers of models in a comparison, some of which came to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Numbered:
    """A comparison of the ``models`` of a run but those that ``failed``, by number, with why."""

    __slots__ = ()
    models: tuple[Any, ...]
    failed: Mapping[int, str]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers in the run, from 1, of all ``models``."""
        whole = range(1, len(self.models) + len(self.failed) + 1)
        return tuple(number for number in whole if number not in self.failed)
