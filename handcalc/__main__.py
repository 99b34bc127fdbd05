"""``python -m handcalc`` does what the command ``handcalc`` does."""

from __future__ import annotations

from handcalc.cli import main

if __name__ == "__main__":
    main()
