"""Lectures as marimo notebooks: each asks before it shows, and works its numbers out as it runs."""
