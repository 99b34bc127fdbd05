"""Results as plain data: every exact number a text that the reader reads back."""
