"""Circuits as they are shown: pages of blocks, which the terminal and a notebook render each."""
