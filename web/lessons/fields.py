"""Takes a mapping of a lesson's file apart, and says by its line what does not fit. Pure."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from web.lessons.errors import LessonError
from web.lessons.marked import Marked

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SWITCH = re.compile(r"[a-z0-9-]+/[a-z0-9_-]+")
LONGEST_NAME = 40
# Control characters would break the page, the terminal and a curl command.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Value:
    """A value of the file that knows what it is called, for errors.

    Args:
        file: the file's name.
        name: what it is called.
        marked: the value and its line.
    """

    def __init__(self, file: str, name: str, marked: Marked) -> None:
        self.file, self.name, self.marked = file, name, marked

    @property
    def line(self) -> int:
        """Return where it stands."""
        return self.marked.line

    @property
    def plain(self) -> Any:
        """Return it as it is, without lines."""
        return self.marked.plain()

    def error(self, what: str) -> LessonError:
        """Return an error about it."""
        return LessonError(self.file, self.line, what)

    def text(self, most: int, *, one_line: bool = True) -> str:
        """Return it as a text that is not empty. Raises LessonError."""
        value = self.marked.value
        if not isinstance(value, str):
            hint = '; put it into "quotes"' if isinstance(value, bool | int | float) else ""
            raise self.error(f"{self.name} has to be a text{hint}.")
        text = value.strip()
        if not text:
            raise self.error(f"{self.name} is empty.")
        if len(text) > most:
            raise self.error(f"{self.name} has {len(text)} characters; at most {most}.")
        if _CONTROL.search(text) or (one_line and "\n" in text):
            raise self.error(f"{self.name} has to be one line without control characters.")
        return text

    def word(self) -> str:
        """Return it as a name: small letters, digits and hyphens. Raises LessonError."""
        text = self.text(LONGEST_NAME)
        if not NAME.fullmatch(text):
            raise self.error(f"{self.name} {text!r} has to be small letters, digits and hyphens.")
        return text

    def switch(self) -> str:
        """Return it as `place/switch`. Raises LessonError."""
        text = self.text(2 * LONGEST_NAME)
        if not SWITCH.fullmatch(text):
            raise self.error(f"{self.name} {text!r} has to be a place and a switch: relay/pause.")
        return text

    def one_of(self, names: Collection[str]) -> str:
        """Return it if it is one of some words. Raises LessonError."""
        text = self.marked.value
        if not isinstance(text, str) or text not in names:
            raise self.error(f"{self.name} {text!r} is not known.{known(text, names)}")
        return text

    def whole(self, least: int, most: int) -> int:
        """Return it as a whole number within its bounds. Raises LessonError."""
        value = self.marked.value
        if type(value) is not int or not least <= value <= most:
            raise self.error(f"{self.name} has to be a whole number from {least} to {most}.")
        return value

    def number(self, least: float, most: float) -> float:
        """Return it as a number within its bounds. Raises LessonError."""
        value = self.marked.value
        if type(value) not in {int, float} or not least <= value <= most:
            raise self.error(f"{self.name} has to be a number from {least:g} to {most:g}.")
        return float(value) if isinstance(value, float) else int(value)

    def truth(self) -> bool:
        """Return it as true or false. Raises LessonError."""
        if not isinstance(self.marked.value, bool):
            raise self.error(f"{self.name} has to be true or false.")
        return self.marked.value

    def single(self) -> str | int | float | bool:
        """Return it as a text, a number or a truth value. Raises LessonError."""
        value = self.marked.value
        if not isinstance(value, str | int | float | bool):
            raise self.error(f"{self.name} has to be a single value.")
        return value

    def items(self, least: int, most: int) -> list["Value"]:
        """Return what is in it, as a list. Raises LessonError."""
        value = self.marked.value
        if not isinstance(value, list):
            raise self.error(f"{self.name} has to be a list.")
        if not least <= len(value) <= most:
            bounds = f"{least} to {most}" if least != most else str(least)
            raise self.error(f"{self.name} has {len(value)} entries, and may have {bounds}.")
        one = self.name.removesuffix("s")
        return [Value(self.file, f"{one} {at}", it) for at, it in enumerate(value, 1)]

    def fields(self) -> "Fields":
        """Return it as a mapping. Raises LessonError."""
        if not isinstance(self.marked.value, dict):
            raise self.error(f"{self.name} has to be a mapping of names to values.")
        return Fields(self)


class Fields:
    """A mapping of which each key is taken once; what is left in the end is not known.

    Args:
        value: the mapping.
    """

    def __init__(self, value: Value) -> None:
        self._value = value
        self._left: dict[str, Marked] = dict(value.marked.value)
        self._taken: list[str] = []

    @property
    def line(self) -> int:
        """Return where it begins."""
        return self._value.line

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def first(self) -> str:
        """Return the first key. Raises LessonError."""
        if not self._left:
            raise self.error("It is empty.")
        return next(iter(self._left))

    def names(self) -> Iterator[str]:
        """Yield the keys that were not taken yet."""
        yield from list(self._left)

    def all(self) -> dict[str, Value]:
        """Take all keys that are left."""
        return {name: self.must(name) for name in self.names()}

    def must(self, name: str) -> Value:
        """Take a key that has to be there. Raises LessonError."""
        value = self.maybe(name)
        if value is None:
            raise self.error(f"{name} is missing.")
        return value

    def maybe(self, name: str) -> Value | None:
        """Take a key if it is there."""
        self._taken.append(name)
        marked = self._left.pop(name, None)
        if marked is None:
            return None
        # The key's line: an empty value begins where the next thing does.
        line = self._value.marked.keys.get(name, marked.line)
        return Value(self._value.file, name, Marked(marked.value, line, marked.keys))

    def get(self, name: str, how: Callable[[Value], T], default: T) -> T:
        """Take a key, if it is there, in some way."""
        value = self.maybe(name)
        return default if value is None else how(value)

    def only_these(self) -> None:
        """Refuse the keys that nobody took. Raises LessonError."""
        for name in self._left:
            line = self._value.marked.keys.get(name, self.line)
            what = f"{self._value.name} has no {name!r}.{known(name, self._taken)}"
            if self._left[name].value is None:
                what += ' A text with a comma needs "quotes" between { and }.'
            raise LessonError(self._value.file, line, what)

    def error(self, what: str) -> LessonError:
        """Return an error about the mapping."""
        return self._value.error(f"{self._value.name}: {what}")


def known(name: object, names: Collection[str]) -> str:
    """Return what there is instead of an unknown name."""
    if close := difflib.get_close_matches(str(name), list(names), n=1):
        return f" Perhaps {close[0]}?"
    return f" There is: {', '.join(names)}." if names else ""
