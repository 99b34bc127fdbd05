"""Figures as PNG and SVG files (extra plot): how they look, and the phase map and diagram."""
