"""Figures of trained sparse autoencoders."""
