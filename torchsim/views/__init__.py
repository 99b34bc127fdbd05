"""Views of what was trained: text for people, plain data for JSON; none of them trains."""
