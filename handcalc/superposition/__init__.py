"""Toy models of superposition, worked exactly: one file an idea, in the order of the theory."""
