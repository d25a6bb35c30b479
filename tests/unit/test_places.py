"""Who serves a place of the lab, and what is said while nobody can tell."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from chassis.errors import ServerUnavailable
from chassis.problems import Problem
from web.gateway import Answer, Gateway
from web.places import Places

LINK = "relay-rabbitmq"
SERVES = {"places": {LINK: {"switches": {"latency": {"on": False}}}}}


class Asked:
    """A gateway to controls that say this."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.asked: list[tuple[str, str]] = []

    def value(self, process: str, _path: str) -> Any:
        return self.told[process]

    def ask(self, process: str, _method: str, path: str, *_: Any) -> Answer:
        self.asked.append((process, path))
        return cast("Answer", "answered")


def places(asked: Asked) -> Places:
    return Places(cast("Gateway", asked), ["relay"], list(asked.told), None)


def switched(asked: Asked, place: str) -> Answer:
    headers: Mapping[str, str] = {}
    return places(asked).ask(place, "latency", "PUT", "", b"{}", headers)


def test_a_place_is_served_by_the_control_that_names_it() -> None:
    asked = Asked(links=SERVES, stack=None)
    assert switched(asked, LINK) == cast("Answer", "answered")
    assert asked.asked == [("links", f"/lab/places/{LINK}/switches/latency")]


def test_while_a_control_starts_nobody_knows_that_a_place_is_not_there() -> None:
    asked = Asked(links=None, stack={"places": {}})
    with pytest.raises(ServerUnavailable, match=r"^links: "):
        switched(asked, LINK)
    with pytest.raises(ServerUnavailable, match=r"^links: "):
        places(asked).source(LINK, "links.link:Link")


def test_a_place_that_no_control_names_is_not_there() -> None:
    asked = Asked(links=SERVES, stack={"places": {}})
    with pytest.raises(Problem) as raised:
        switched(asked, "nowhere")
    assert raised.value.status == 404
