"""A class is graded: from what was handed in to a row for every answer, and files of them."""
