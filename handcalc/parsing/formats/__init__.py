"""What programs and documents write around numbers, taken away before a text is read."""
