"""Grids of toy models, the shards they are trained in, and what comes of them."""
