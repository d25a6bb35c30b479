"""Text of strangers as a terminal or a log may show it: nothing in it acts."""

import re

# Control characters, which move a cursor, set a title or end a line; line and paragraph separators;
# what turns the direction of all that follows (UAX #9); and lone surrogates, which have no UTF-8.
_ACTS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ACTS_BUT_LINES = re.compile(f"(?!\n){_ACTS.pattern}")


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return the text with what would act written as `\u001b`, which JSON can hold, too.

    Args:
        text: whatever somebody has sent.
        lines: whether ends of lines stay as they are.
    """
    return (_ACTS_BUT_LINES if lines else _ACTS).sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
