"""Without LAB, no process has a route of the lab, at whichever place of the lab it would be."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from stack.passwords import Passwords
from stack.ports import Ports
from stack.programs import MODULES, ON_DEMAND, PROCESSES, ROOT, Urls, settings
from tests.support import until

PACKAGES = ("chassis", "command_service", "links", "query_service", "web")
# Links does nothing else, and does not start.
NAMES = tuple(name for name in PROCESSES + ON_DEMAND if name != "links")
ROUTE = re.compile(r"""\.(?:get|put|post|patch|delete)\(\s*"(/(?:lab|counts)[^"]*)""")
# Of those the names are put together, or do not begin like that.
FURTHER = ("/lab/switches/pause", "/lab/switches/hold/release", "/rebuild", "/lesson", "/rerun")


def routes() -> set[str]:
    """Return every route of the lab that there is in the source, with something in each gap."""
    sources = [path.read_text() for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    found = {route for text in sources for route in ROUTE.findall(text)}
    return {re.sub(r"<[^>]*>", "1", route) for route in found} | {*FURTHER}


def knows(url: str, route: str) -> bool:
    """Return whether a process has a route: it then refuses the method, and not the path."""
    host = {"Authorization": "Bearer key"}
    return requests.patch(f"{url}{route}", headers=host, timeout=60).status_code != 404


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """The processes without the lab, and without anything that they need."""
    ports = Ports.free()
    with ExitStack() as running:
        for name in NAMES:
            own = settings(name, ports, Urls.of(ports, Passwords()), lab=False, host_key="key")
            process = subprocess.Popen(
                [sys.executable, "-m", MODULES[name]],
                cwd=ROOT,
                env={**os.environ, **own},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.callback(process.wait, timeout=60)
            running.callback(process.terminate)
        found = {name: f"http://127.0.0.1:{ports.by_name()[name]}" for name in NAMES}
        until(lambda: all(map(answers, found.values())))
        yield found


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=60).ok
    except requests.ConnectionError:
        return False


def test_without_the_lab_no_process_has_any_route_of_it(urls: dict[str, str]) -> None:
    found = routes()
    assert {"/lab", "/lab/source", "/lab/idle", "/lab/known-start", "/counts"} <= found
    there = [(name, route) for name, url in urls.items() for route in found if knows(url, route)]
    assert not there
    assert all(knows(url, "/healthz") for url in urls.values())
