"""YAML whose every value knows its line. Pure.

A lesson needs mappings, lists and single values. Of the rest, what surprises those who write one is
left out: a word such as `no` or `on` is a text (YAML 1.2, 10.3), and so is a date; there are no
anchors, tags and keys that come twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from web.lessons.errors import LessonError

MOST_BYTES = 64 * 1024
DEEPEST = 12
# Longer ones are text: no lesson needs them, and Python refuses the longest.
_INT = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_SINGLE = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Marked:
    """A value and where it stands.

    Args:
        value: a single value, a list of marked ones, or a mapping from names to marked ones.
        line: its first line, from 1.
        keys: of a mapping, the line of each key.
    """

    value: Any
    line: int
    keys: dict[str, int] = field(default_factory=dict)

    def plain(self) -> Any:
        """Return it without the lines."""
        if isinstance(self.value, dict):
            return {name: it.plain() for name, it in self.value.items()}
        if isinstance(self.value, list):
            return [it.plain() for it in self.value]
        return self.value


def read(file: str, data: bytes) -> Marked:
    """Return what a file says. Raises LessonError.

    Args:
        file: its name, for errors.
        data: its bytes.
    """
    if len(data) > MOST_BYTES:
        raise LessonError(file, 1, f"The file is larger than {MOST_BYTES // 1024} KiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LessonError(file, line, "This is not UTF-8.") from error
    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        return _Reader(file, events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"This is not YAML: {error.problem or error.context}."
        raise LessonError(file, mark.line + 1 if mark else 1, what) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        raise LessonError(file, line, "This is not YAML: a character is not allowed.") from error


class _Reader:
    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self._file = file
        self._events = events

    def document(self) -> Marked:
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise LessonError(self._file, 1, "The file is empty.")
        value = self._value(event, 0)
        self._next()
        more = self._next()
        if not isinstance(more, yaml.StreamEndEvent):
            raise self._error(more, "A second document begins: one file has one lesson.")
        return value

    def _next(self) -> Any:
        return next(self._events)

    def _value(self, event: Any, depth: int) -> Marked:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._error(event, "A lesson has no anchors and aliases (& and *).")
        if event.tag is not None:
            raise self._error(event, "A lesson has no tags (!).")
        if depth > DEEPEST:
            raise self._error(event, "This is nested too deeply.")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None
            return Marked(_single(event.value) if plain else event.value, _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Marked(self._list(depth), _line(event))
        return self._mapping(event, depth)

    def _list(self, depth: int) -> list[Marked]:
        values = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, depth + 1))
        return values

    def _mapping(self, start: Any, depth: int) -> Marked:
        values: dict[str, Marked] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "A key is a word.")
            if event.value in values:
                raise self._error(event, f"{event.value!r} is there twice.")
            lines[event.value] = _line(event)
            values[event.value] = self._value(self._next(), depth + 1)
        return Marked(values, _line(start), lines)

    def _error(self, event: Any, what: str) -> LessonError:
        return LessonError(self._file, _line(event), what)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _single(text: str) -> Any:
    if text in _SINGLE:
        return _SINGLE[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
