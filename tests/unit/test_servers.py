"""The versions of the servers, as each process tells them and as a sheet has them."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask

from chassis.errors import ServerUnavailable
from chassis.lab.servers import add_servers
from web.gateway import Gateway
from web.routes.sheet import ServerVersions


def gone() -> str:
    raise ServerUnavailable("rabbitmq", "does not answer")


def test_a_server_that_cannot_be_reached_has_no_version_now() -> None:
    app = Flask(__name__)
    add_servers(app, {"postgresql": lambda: "15.8", "rabbitmq": gone})
    told = app.test_client().get("/lab/servers").get_json()
    assert told == {"postgresql": "15.8", "rabbitmq": None}


class Processes:
    """What each process tells; None for one that does not answer."""

    def __init__(self, **told: Mapping[str, str | None] | None) -> None:
        self.told = told

    def value(self, process: str, _path: str) -> Any:
        return self.told.get(process)


def test_what_was_told_once_is_remembered() -> None:
    processes = Processes(relay={"postgresql": "15.8", "rabbitmq": "4.0"}, projector=None)
    versions = ServerVersions(cast("Gateway", processes), ("relay", "projector"))
    assert versions.told() == {"postgresql": "15.8", "rabbitmq": "4.0"}
    processes.told = {"relay": {"postgresql": "15.8", "rabbitmq": None}, "projector": None}
    assert versions.told() == {"postgresql": "15.8", "rabbitmq": "4.0"}
    processes.told = {"relay": {"rabbitmq": "4.1"}, "projector": {"mongodb": None}}
    assert versions.told() == {"postgresql": "15.8", "rabbitmq": "4.1", "mongodb": None}
