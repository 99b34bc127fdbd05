"""Attention-only transformers trained in torch, beside the toy models."""
