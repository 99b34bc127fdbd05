"""Figures of trained attention-only models: where heads look, their tables, the way of training."""
