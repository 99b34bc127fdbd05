"""What a sweep costs: a thousand cells measured, a million by a model of them.

Two kinds of cells are trained: three features in two dimensions on the exact loss, from 32 starts,
and five in two on samples, as the paper's recipe has them, of which there are fewer. Each is swept
in this process and by two processes, and kept on the disk. Run ``python benchmarks/sweeps.py``;
README.md in this folder says how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # what is measured is this checkout, installed or not

from handcalc.superposition.numeric import compile_losses  # noqa: E402 - as above
from torchsim import SweepGrid, SweepRun, sweep  # noqa: E402 - as above
from torchsim.storage.sweeps import ShardStore  # noqa: E402 - as above
from torchsim.sweeping import ShardTask, train_shard  # noqa: E402 - as above
from torchsim.sweeps.specification import SweepSpec  # noqa: E402 - as above
from torchsim.training.fused import compile_loop  # noqa: E402 - as above

MILLION = 1_000_000
JOBS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of cell: what was measured, and what a million would be.

    ``wall`` and ``wall_of_jobs`` are seconds, here and by ``JOBS`` processes; ``work`` are those
    that the shards took, here. ``driver`` are seconds a cell of whoever hands shards out and keeps
    them, ``size`` bytes a cell on the disk, ``table`` seconds a cell to read them into a table.
    """

    name: str
    cells: int
    shards: int
    work: float
    wall: float
    wall_of_jobs: float
    driver: float
    size: float
    table: float

    @property
    def core_hours(self) -> float:
        """Of a million cells."""
        return self.work / self.cells * MILLION / 3600

    @property
    def most_workers(self) -> float:
        """So many workers one driver keeps busy: a cell's work in units of its own."""
        return self.work / self.cells / self.driver


def grids(cells: int) -> dict[str, SweepGrid]:
    """The kinds, the first with so many cells, the second with a twentieth of them."""
    few = max(2, cells // 20)
    return {
        "3 -> 2, exact, 32 starts": SweepGrid.of(
            3, 2, [f"{k}/{cells}" for k in range(cells)], "1 1 1/2"
        ),
        "5 -> 2, 10,000 steps, 8 starts": SweepGrid.of(
            5, 2, [f"{k}/{few}" for k in range(few)], trainer="sampled"
        ),
    }


def measured(name: str, grid: SweepGrid) -> Row:
    """One kind of cell, measured."""
    with TemporaryDirectory() as folder:
        began = perf_counter()
        found = sweep(grid, keep=Path(folder) / "here")
        wall = perf_counter() - began
        files = list((Path(folder) / "here" / "shards").iterdir())
        size = sum(each.stat().st_size for each in files)
        began = perf_counter()
        sweep(grid, keep=Path(folder) / "jobs", jobs=JOBS)
        wall_of_jobs = perf_counter() - began
        table, driver = _reading(found), _driving(grid, Path(folder) / "driven")
    cells = len(grid)
    return Row(
        name,
        cells,
        len(files),
        found.wall_seconds,
        wall,
        wall_of_jobs,
        driver / cells,
        size / cells,
        table / cells,
    )


def _reading(found: SweepRun) -> float:
    began = perf_counter()
    found.columns()
    return perf_counter() - began


def _driving(grid: SweepGrid, folder: Path) -> float:
    """Seconds for the way of all shards to the disk, which the driver does by itself."""
    spec = SweepSpec((grid,))
    places = list(spec.shards())
    raw = train_shard(ShardTask(grid, places[0], 1)).raw  # one stands for all: it is as large
    with ShardStore(spec, folder) as store:
        store.start()
        began = perf_counter()
        for place in places:
            store.put(place, raw)
        return perf_counter() - began


def main() -> None:
    """Measure, print a table, and write a record if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, default=1000, help="of the exact kind; 1000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep a record")
    asked = parser.parse_args()
    compile_losses()
    compile_loop("float32")
    rows = [measured(name, grid) for name, grid in grids(asked.cells).items()]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
    for row in rows:
        print(f"{row.name}: {row.cells} cells in {row.shards} shards")
        print(f"  work {row.work:.1f} s, {1000 * row.work / row.cells:.0f} ms a cell")
        print(f"  wall {row.wall:.1f} s here, {row.wall_of_jobs:.1f} s by {JOBS} processes")
        print(f"  kept {row.size:.0f} bytes a cell; read into a table in {1e3 * row.table:.2f} ms")
        print(
            f"  driver {1e6 * row.driver:.0f} us a cell: enough for {row.most_workers:.0f} workers"
        )
        hours, disk = row.core_hours, row.size * MILLION / 1e9
        print(f"  a million: {hours:.1f} core hours, {disk:.1f} GB on the disk, ", end="")
        print(f"{row.driver * MILLION / 60:.0f} min of the driver, ", end="")
        print(f"{row.table * MILLION / 60:.0f} min to read\n")
    if asked.json:
        record = {"machine": platform.platform(), "cores": os.cpu_count()}
        told = [{**asdict(row), "core_hours": row.core_hours} for row in rows]
        asked.json.write_text(json.dumps({**record, "rows": told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
