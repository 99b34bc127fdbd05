"""From a wrong answer to what happened and what to try; from a right one to what it shows."""
