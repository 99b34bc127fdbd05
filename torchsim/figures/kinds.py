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
    "vulnerability",
    "heatmap",
    "attention",
    "tables",
    "dictionary",
    "neurons",
    "decoders",
    "points",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
