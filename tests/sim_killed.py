"""A run that gets killed: trains in a folder, tells each thing that it keeps, may strike itself.

``python -m tests.sim_killed FOLDER TRAINER INTERVAL STRIKE`` goes on with the run in the folder.
INTERVAL is in boundaries of training instead of seconds, so that nothing depends on the speed of
the machine. STRIKE k sends SIGKILL to the process at its k-th step of writing a file (half written,
before it takes its name, before the folder is settled); with 0 it waits
for its end by another's hand, at the latest when it has trained.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchsim import storage
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training import train
from torchsim.training.checkpoint import State

_MODELS = (
    ModelSpec.of(3, 2, "1/2", seed=1),
    ModelSpec.of(2, 1, "1/4", seed=2),
    ModelSpec.of(3, 2, "9/10", "1 1/2 1/4", seed=3),
    ModelSpec.of(3, 2, "3/4", activation="linear", seed=4),
    ModelSpec.of(4, 2, "3/4", seed=5),
)

SPECS = {
    "sampled": TrainingSpec(_MODELS[:3], trainer="sampled", restarts=2, steps=150, batch=16),
    "exact": TrainingSpec(_MODELS, trainer="exact", restarts=4),
}


class Told(storage.FolderCheckpointer):
    """Keeps a state at every so many boundaries, and tells of both on standard output."""

    asked = 0

    def due(self) -> bool:
        self.asked += 1
        print("asked", flush=True)
        return self.asked % int(self.every) == 0

    def save(self, state: State) -> None:
        super().save(state)
        print("kept", state.group, state.step, flush=True)


class Strikes:
    """Kills this process before its k-th step of writing a file."""

    def __init__(self, k: int) -> None:
        self.left = k

    def before(self, call: Callable[..., Any], is_sync: bool) -> Callable[..., Any]:
        def struck(*args: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                if is_sync and stat.S_ISREG(os.fstat(args[0]).st_mode):
                    os.ftruncate(args[0], os.fstat(args[0]).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args)

        return struck


def go_on(folder: Path, trainer: str, every: int, waits: bool) -> None:
    """Train to the end and write the run down; ``waits`` is whether to be killed before that."""
    spec = SPECS[trainer]
    with Told(folder, spec, every) as keeping:
        run = train(spec, keeping=keeping)
        print("trained", flush=True)
        if waits:
            sys.stdin.read()
        storage.save(run, folder)


def main() -> None:
    folder, trainer, every, strike = sys.argv[1:]
    strikes = Strikes(int(strike))
    os.fsync = strikes.before(os.fsync, True)
    Path.replace = strikes.before(Path.replace, False)  # type: ignore[method-assign] # struck
    go_on(Path(folder), trainer, int(every), waits=strike == "0")


if __name__ == "__main__":
    main()
