"""Figures of trained networks with neurons."""
