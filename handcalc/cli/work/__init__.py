"""What the commands do: what a command imports at last, when its options have been read."""
