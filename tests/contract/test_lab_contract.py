"""The lab describes itself so well that a panel, curl and a terminal can be made from it alone."""

from collections.abc import Iterator
from typing import Any

import requests

from stack.local import LocalStack

KINDS = {"fault", "variant", "cure", "action"}
GROUPS = {"setting", "match", "time"}
PARAMETERS = {"number", "choice", "text"}


def sentences(text: Any) -> bool:
    """Whether this is one sentence or more, for people."""
    return isinstance(text, str) and text[:1].isupper() and text.endswith(".")


def wrong_with(parameter: dict[str, Any]) -> Iterator[str]:
    kind, usual = parameter.get("kind"), parameter.get("default")
    if kind not in PARAMETERS:
        yield f"kind {kind}"
    if parameter.get("group") not in GROUPS:
        yield f"group {parameter.get('group')}"
    if not sentences(parameter.get("does")):
        yield "does"
    if "default" not in parameter:
        yield "no default, not even null"
    if kind == "number":
        least, most = parameter["least"], parameter["most"]
        if not least <= (least if usual is None else usual) <= most or "unit" not in parameter:
            yield "bounds"
    if kind == "choice":
        values = [it["value"] for it in parameter["choices"]]
        if len(set(values)) != len(values) or not all(it["says"] for it in parameter["choices"]):
            yield "choices"
        if usual is not None and usual not in values:
            yield "default is no choice"


def test_every_switch_of_every_place_says_what_it_does_teaches_and_takes(
    stack: LocalStack,
) -> None:
    lab = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    faults, count = [], 0
    for place, told in lab.items():
        assert told is not None, place
        described = told["descriptions"]
        by_hand = {name for name, it in described.items() if it.get("only_by_hand")}
        assert described.keys() - by_hand == told["switches"].keys(), place
        for name, it in described.items():
            count += 1
            what = f"{place} {name}"
            if not sentences(it.get("does")) or not sentences(it.get("teaches")):
                faults.append(f"{what}: does or teaches")
            if it.get("kind") not in KINDS:
                faults.append(f"{what}: kind {it.get('kind')}")
            for parameter in it.get("parameters", []):
                faults += [f"{what} {parameter['name']}: {why}" for why in wrong_with(parameter)]
            names = [parameter["name"] for parameter in it.get("parameters", [])]
            if len(set(names)) != len(names) or "on" in names:
                faults.append(f"{what}: names of parameters")
    assert count > 8
    assert not faults
