"""What is kept on a disk, and by one process at a time."""

from __future__ import annotations

from handcalc.storage.files import BusyError as BusyError
from handcalc.storage.files import Lock as Lock
from handcalc.storage.files import locked as locked
from handcalc.storage.files import take_lock as take_lock
