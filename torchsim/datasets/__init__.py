"""Toy models trained on a fixed set of data points: they memorise it, or learn its features."""
