"""The lab's places and switches in words. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Lab = Mapping[str, Any]

# In the order of the flow; what is not named here comes after, as it was given.
FLOW = (
    *("client-command-service", "command-service", "command-service-postgresql", "postgresql"),
    *("relay-postgresql", "relay", "relay-rabbitmq", "rabbitmq", "projector-rabbitmq"),
    *("projector", "projector-mongodb", "mongodb", "query-service-mongodb", "query-service"),
)
GROUPS = {"setting": "", "match": "Only for:", "time": "For how long:"}
_CLEARED = {
    "by-hand": "cleared by hand",
    "count": "cleared: it was to act no more often",
    "time": "cleared: its time was over",
    "all-clear": "cleared by all-clear",
}


def places_of(lab: Lab) -> list[str]:
    """Return the places that have switches, in the order of the flow."""
    order = {place: number for number, place in enumerate(FLOW)}
    named = [place for place, it in lab.items() if it and it.get("descriptions")]
    return sorted(named, key=lambda place: order.get(place, len(order)))


def listed(lab: Lab, now_ms: float) -> Iterator[str]:
    """Yield a line for each place, and one for each of its switches with its state."""
    for place in places_of(lab):
        yield place
        states = lab[place].get("switches") or {}
        for name, description in lab[place]["descriptions"].items():
            kind = description.get("kind", "fault")
            yield f"  {name:<18} {kind:<8} {state_says(states.get(name), now_ms)}"
            yield from (f"  {'':<27} holds {it}" for it in held_in(states.get(name), now_ms))
    for place, it in lab.items():
        if it is None:
            yield f"{place} does not answer"


def described(place: str, name: str, description: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a switch does, teaches and takes."""
    yield f"{place} {name}: {_one(description.get('kind', 'fault'))}"
    yield description["does"]
    if description.get("teaches"):
        yield description["teaches"]
    if by_hand := description.get("by_hand"):
        yield f"{'Only by' if description.get('only_by_hand') else 'By'} hand: {by_hand}"
    parameters = description.get("parameters", [])
    for group, heading in GROUPS.items():
        of_group = [it for it in parameters if it.get("group", "setting") == group]
        if heading and of_group:
            yield heading
        for parameter in of_group:
            yield from _parameter(parameter)


def state_says(state: Mapping[str, Any] | None, now_ms: float) -> str:
    """Return how a switch stands: "armed, 58 s left", "fired 2 times, then cleared by hand"."""
    if state is None:
        return "by hand"
    count = state.get("fired") or 0
    fired = "" if not count else "fired once" if count == 1 else f"fired {count} times"
    if not state.get("on"):
        cleared = _CLEARED.get(state.get("cleared") or "", "off")
        return f"{fired}, then {cleared}" if fired and cleared != "off" else cleared
    return ", ".join(it for it in (fired or "armed", _left(state.get("until_ms"), now_ms)) if it)


def held_in(state: Mapping[str, Any] | None, now_ms: float) -> list[str]:
    """Return what a switch holds, each in words."""
    holding: Sequence[Mapping[str, Any]] = (state or {}).get("holding") or []
    return [_held(it, now_ms) for it in holding]


def changes(before: Lab, now: Lab, now_ms: float) -> Iterator[str]:
    """Yield a line for each switch that has been armed, has fired or has been cleared since."""
    for place in places_of(now):
        was = (before.get(place) or {}).get("switches") or {}
        for name, state in (now[place].get("switches") or {}).items():
            old = was.get(name)
            told = ("on", "state", "fired", "until_ms")
            if old and any(old.get(it) != state.get(it) for it in told):
                yield f"{place} {name}: {state_says(state, now_ms)}"


def _one(kind: str) -> str:
    return f"an {kind}" if kind == "action" else f"a {kind}"


def _parameter(parameter: Mapping[str, Any]) -> Iterator[str]:
    name, usual = parameter["name"], parameter.get("default")
    choices = parameter.get("choices") or []
    if choices:
        yield f"  {name:<12} {parameter.get('does', '')}"
        for it in choices:
            often = " (if not given)" if it["value"] == usual else ""
            yield f"  {'':<12} {it['value']}: {it['says']}{often}"
        return
    bounds = f"{parameter['least']} to {parameter['most']} " if "most" in parameter else ""
    given = "" if usual is None else f", {usual} if not given"
    range_ = f"{bounds}{parameter.get('unit', '')}".strip()
    yield f"  {name:<12} {range_}{given}. {parameter.get('does', '')}".rstrip()


def _left(until_ms: float | None, now_ms: float) -> str:
    if until_ms is None:
        return ""
    left_s = max(0, math.ceil((until_ms - now_ms) / 1000))
    return f"{left_s} s left" if left_s <= 120 else f"{round(left_s / 60)} min left"


def _held(held: Mapping[str, Any], now_ms: float) -> str:
    todo, title, at = held.get("todo"), held.get("title"), held.get("at")
    what = title or (f"todo {todo}" if todo else "the work")
    number = f" (#{todo})" if title and todo else ""
    since_ms = held.get("since_ms")
    lasting = "" if since_ms is None else f", for {max(0, int((now_ms - since_ms) / 1000))} s"
    return f"{what}{number}{f', {at}' if at else ''}{lasting}"
