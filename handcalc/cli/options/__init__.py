"""Options that commands share: what is typed, and what it means."""
