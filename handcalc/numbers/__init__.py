"""Exact real numbers: fields of cosines and square roots, decisions, and decimals."""
