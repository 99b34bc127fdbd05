"""Directions for features: how close they stand, and which sparse inputs can be read off them.

Row i of W is the direction of feature i, and h = Wᵀx is what is read.
"""
