"""The best embeddings known in the plane, for the page that lays them beside a reader's own.

Searches for 2 to 5 features at S = 0, 1/20 … 19/20 and writes ``handcalc/views/html/best.json``;
with ``--check`` it says instead which losses a new search beats or misses.
"""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from pathlib import Path

import handcalc
from handcalc.numbers.exact import to_float

FILE = Path(__file__).parents[1] / "handcalc/views/html/best.json"
FEATURES = range(2, 6)
SPARSITIES = [Fraction(k, 20) for k in range(20)]


def searched(n: int, sparsity: Fraction) -> dict[str, object]:
    """The loss to nine digits, the family, and where its arrows end to four decimals."""
    found = handcalc.optimum(n, 2, sparsity=sparsity)
    ends = [[round(to_float(cell), 4) + 0.0 for cell in row] for row in found.model.W]
    return {"loss": f"{to_float(found.loss):.9g}", "family": found.family.name, "W": ends}


def main() -> None:
    """Search, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is kept")
    asked = parser.parse_args()
    found = {str(n): {str(S): searched(n, S) for S in SPARSITIES} for n in FEATURES}
    if not asked.check:
        FILE.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
        return
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    for n, along in found.items():
        for S, best in along.items():
            if best["loss"] != kept[n][S]["loss"]:
                print(f"n = {n}, S = {S}: {best['loss']}, and kept is {kept[n][S]['loss']}")


if __name__ == "__main__":
    main()
