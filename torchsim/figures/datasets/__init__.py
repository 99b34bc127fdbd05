"""Figures of toy models on data sets."""
