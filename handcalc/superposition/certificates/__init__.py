"""Proofs that an embedding is the best of all, as certificates that anybody can check."""
