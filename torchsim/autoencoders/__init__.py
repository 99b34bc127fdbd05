"""Sparse autoencoders trained on the h of a toy model."""
