"""What is kept on a disk, and by one process at a time."""

from __future__ import annotations

from handcalc.storage.files import BusyError, Lock, locked, take_lock

__all__ = ["BusyError", "Lock", "locked", "take_lock"]
