"""What a person typed, as their shell would take it again."""

from __future__ import annotations

from handcalc.shell_words import option_words, quoted, word

__all__ = ["option_words", "quoted", "word"]
