"""Header fields that are lists, each read once from left to right.

So reading takes time in proportion to the length, whatever a client sends. An empty member of a
list counts for nothing (RFC 9110, 5.6.1).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import unquote

# RFC 9110, 5.6: a word, a quoted string, or what stands between them. The quantifiers with a plus
# never give back what they took, so no value makes the expression try twice.
_LEXEME = re.compile(
    r"[ \t]*+(?:(?P<word>[!#$%&'*+.^_`|~0-9A-Za-z-]++)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<mark>[,;=]))[ \t]*+'
)
_ENTITY_TAG = re.compile(
    r'[ \t,]*+(?P<weak>W/)?"(?P<tag>[\x21\x23-\x7e\x80-\xff]*+)"[ \t]*+(?:,|$)'
)
_REST = re.compile(r"[ \t,]*+")

Lexeme = tuple[str, str]


class MalformedHeader(ValueError):
    """A header that is not what its specification says."""


def members(value: str) -> list[str]:
    """Return the members of a list whose members have no commas in them."""
    return [member for member in map(str.strip, value.split(",")) if member]


def baggage(value: str) -> dict[str, str]:
    """Return the members of a baggage header by their names; what is malformed is left out.

    Source: https://www.w3.org/TR/baggage/
    """
    pairs = (member.partition(";")[0].partition("=") for member in members(value))
    return {name.strip(): unquote(text.strip()) for name, is_pair, text in pairs if is_pair}


def preferences(value: str) -> dict[str, str]:
    """Return the preferences of a Prefer header by their names in lower case; "" if without value.

    The first of a name counts, and parameters are read and left out (RFC 7240, 2). Raises
    MalformedHeader.
    """
    found: dict[str, str] = {}
    for member in _split(_lexemes(value), ","):
        if member[0] == ("mark", ";"):
            raise MalformedHeader("A parameter stands before its preference.")
        first, *parameters = _split(member, ";")
        name, wanted = _pair(first)
        for parameter in parameters:
            _pair(parameter)
        found.setdefault(name.lower(), wanted)
    if not found:
        raise MalformedHeader("There is no preference.")
    return found


def entity_tags(value: str) -> list[tuple[bool, str]]:
    """Return whether each entity tag of a list is weak, and what it is. Raises MalformedHeader.

    Source: RFC 9110, 8.8.3 and 13.1.1.
    """
    found: list[tuple[bool, str]] = []
    at = 0
    while match := _ENTITY_TAG.match(value, at):
        found.append((match["weak"] is not None, match["tag"]))
        at = match.end()
    if not found or not _REST.fullmatch(value, at):
        raise MalformedHeader(value)
    return found


def _lexemes(value: str) -> Iterator[Lexeme]:
    at = 0
    while at < len(value):
        match = _LEXEME.match(value, at)
        if match is None or match.lastgroup is None:
            raise MalformedHeader(value)
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _split(lexemes: Iterable[Lexeme], mark: str) -> list[list[Lexeme]]:
    """Return the parts between the marks, without the empty ones."""
    parts = groupby(lexemes, lambda lexeme: lexeme == ("mark", mark))
    return [list(part) for is_mark, part in parts if not is_mark]


def _pair(lexemes: list[Lexeme]) -> tuple[str, str]:
    match lexemes:
        case [("word", name)]:
            return name, ""
        case [("word", name), ("mark", "="), ("word", wanted)]:
            return name, wanted
        case [("word", name), ("mark", "="), ("quoted", wanted)]:
            return name, re.sub(r"\\(.)", r"\1", wanted)
    raise MalformedHeader(lexemes)
