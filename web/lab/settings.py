"""A setting of a switch from the words of a command line. Pure."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any


class BadWords(Exception):
    """What cannot be understood, and what could."""


def setting_of(description: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Return the setting that switches it on with these parameters, such as `delay_ms=500`.

    What the process itself checks, such as bounds, is left to it. Raises BadWords.
    """
    parameters = {it["name"]: it for it in description.get("parameters", [])}
    setting: dict[str, Any] = {"on": True}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise BadWords(f"{word!r} is no name=value.")
        if name not in parameters:
            raise BadWords(f"It has no parameter {name!r}.{_known(name, parameters)}")
        setting[name] = _value(parameters[name], value)
    return setting


def the_one(what: str, name: str, names: Collection[str]) -> str:
    """Return a name if it is among those that there are. Raises BadWords."""
    if name not in names:
        raise BadWords(f"There is no {what} {name!r}.{_known(name, names)}")
    return name


def _value(parameter: Mapping[str, Any], value: str) -> int | str:
    is_number = parameter.get("kind", "number") == "number" and not parameter.get("choices")
    if not is_number:
        return value
    try:
        return int(value)
    except ValueError:
        raise BadWords(f"{parameter['name']} is a whole number, and not {value!r}.") from None


def _known(name: str, names: Collection[str]) -> str:
    if close := difflib.get_close_matches(name, names, n=1):
        return f" Perhaps {close[0]}?"
    return f" There is: {', '.join(names)}." if names else " There is none."
