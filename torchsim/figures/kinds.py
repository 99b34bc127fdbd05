"""The kinds of figures by name."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "embeddings",
    "gram",
    "dimensionality",
    "phases",
    "losses",
    "dynamics",
    "heatmap",
    "attention",
    "tables",
    "dictionary",
    "neurons",
    "points",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
