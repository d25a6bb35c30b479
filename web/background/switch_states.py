"""How a process's switches stand, by place and in web's own time. Pure."""

from collections.abc import Mapping
from typing import Any

# What a process tells of a switch, and of what it holds, as a time of day.
_TIMES = frozenset({"until_ms", "since_ms", "at_ms"})
# A process and web do not take the same moment for now to the last microsecond.
_WHOLE_MS = 10

States = Mapping[str, Any] | None


def states_by_place(process: str, told: Mapping[str, Any], ahead_ms: float) -> dict[str, States]:
    """Return the states of the switches at each of a process's places.

    Args:
        process: its name, which is its place unless it serves several.
        told: what its `/lab` answered.
        ahead_ms: by how much the time of day is ahead of web's own.
    """
    places = told.get("places")
    if not isinstance(places, dict):
        return {process: _in_own_time(told.get("switches"), ahead_ms)}
    return {
        place: _in_own_time(its.get("switches") if isinstance(its, dict) else None, ahead_ms)
        for place, its in places.items()
    }


def _in_own_time(told: Any, ahead_ms: float) -> Any:
    if isinstance(told, list):
        return [_in_own_time(each, ahead_ms) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        name: _moved(value, ahead_ms) if name in _TIMES else _in_own_time(value, ahead_ms)
        for name, value in told.items()
    }


def _moved(value: Any, ahead_ms: float) -> Any:
    # A state that has not changed has to look the same each time that it is asked for.
    return round((value - ahead_ms) / _WHOLE_MS) * _WHOLE_MS if _is_time(value) else value


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
