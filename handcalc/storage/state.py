"""Where handcalc keeps what it was told and what it worked out."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """The folder HANDCALC_STATE_DIR, else the user's state folder; it need not be there yet."""
    chosen = os.environ.get("HANDCALC_STATE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("handcalc", appauthor=False)
