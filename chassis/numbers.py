"""Whole numbers, as contracts write them."""

# As many as a 64-bit integer has; Python's own int() would read any number of them.
_MOST_DIGITS = 19


def whole_number(text: str) -> int | None:
    """Return the number that ASCII digits write, or None.

    Python's int() also reads `1_0`, `+1`, ` 1 ` and the digits of every script.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
