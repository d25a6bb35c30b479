"""Each port of ours: whose requests it takes, and what only web may do there."""

import socket
from ipaddress import ip_address

import pytest
import requests

from stack.local import LocalStack
from stack.ports import own_address
from tests.support import until

APIS = ("command-service", "query-service")
# Behind web, on ports of their own; the lab is at all of them, the services' too.
PROCESSES = (*APIS, "relay", "projector", "counter", "replica", "coordinator", "links")
REBOUND = {"Host": "rebound.example:5001"}
CLEAR = "/lab/clear"


@pytest.fixture(autouse=True, scope="module")
def all_are_up(stack: LocalStack) -> None:
    """Those on demand are started last, and nobody else waits for them."""
    until(lambda: all(stack.accepts(process) for process in PROCESSES))


def test_nothing_is_reached_from_the_network(stack: LocalStack) -> None:
    address = own_address()
    if ip_address(socket.gethostbyname(address)).is_loopback:
        pytest.skip("this machine has no address but loopback")
    for name, port in stack.ports.by_name().items():
        with pytest.raises(OSError, match="refused"):  # noqa: PT012
            socket.create_connection((address, port), timeout=5)
            pytest.fail(f"{name} listens on {address}")


@pytest.mark.parametrize("process", [*PROCESSES, "web"])
def test_a_public_name_that_was_made_to_lead_here_is_not_served(
    stack: LocalStack, process: str
) -> None:
    base = stack.urls.base(process)
    answer = requests.get(f"{base}/lab", headers=REBOUND, timeout=60)
    assert answer.status_code == 421
    assert answer.json()["type"] == "urn:eventually:problem:unknown-host"
    # A scraper knows the process by whatever name its network gives it.
    assert requests.get(f"{base}/healthz", headers=REBOUND, timeout=60).ok


@pytest.mark.parametrize("process", PROCESSES)
def test_no_switch_is_set_without_the_labs_key(stack: LocalStack, process: str) -> None:
    url = stack.urls.base(process) + CLEAR
    wrong = {"Authorization": f"Bearer {stack.host_key}"}
    for headers in ({}, wrong):
        refused = requests.post(url, headers=headers, timeout=60)
        assert refused.status_code == 401
        assert refused.json()["type"] == "urn:eventually:problem:lab-key-needed"
    assert requests.post(url, headers=stack.lab_headers, timeout=60).ok


def test_nothing_is_emptied_or_reset_without_the_labs_key(stack: LocalStack) -> None:
    for base in (stack.urls.command_service, stack.urls.projector):
        assert requests.post(f"{base}/lab/reset", timeout=60).status_code == 401
    assert requests.post(f"{stack.urls.links}/reset", timeout=60).status_code == 401


@pytest.mark.parametrize(
    "says",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
    ],
)
def test_the_page_of_another_site_creates_no_todo(stack: LocalStack, says: dict[str, str]) -> None:
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        refused = requests.post(
            f"{stack.urls.command_service}/todos",
            data='{"title": "Sent by another site"}',
            headers={"Content-Type": content_type, **says},
            timeout=60,
        )
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:eventually:problem:other-site"
    assert "Access-Control-Allow-Origin" not in refused.headers


@pytest.mark.parametrize("process", [*PROCESSES, "web"])
def test_every_answer_tells_browsers_what_it_is_not_for(stack: LocalStack, process: str) -> None:
    base = stack.urls.base(process)
    for path in ("/healthz", "/nowhere", "/lab"):
        headers = requests.get(base + path, timeout=60).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_control_of_the_stack_has_the_same_check(stack: LocalStack) -> None:
    base = f"http://127.0.0.1:{stack.ports.lab_control}"
    refused = requests.get(f"{base}/lab", headers=REBOUND, timeout=60)
    assert refused.status_code == 421
    sent = requests.post(f"{base}/lab", headers={"Origin": "https://other.example"}, timeout=60)
    assert sent.status_code == 403
    assert requests.get(f"{base}/lab", timeout=60).status_code == 401
