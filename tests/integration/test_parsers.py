"""What every port does with a request that is too much, or reads like a number."""

from collections.abc import Callable

import pytest
import requests

from stack.local import LocalStack
from stack.programs import Urls

PORTS: dict[str, Callable[[Urls], str]] = {
    "command service": lambda urls: urls.command_service,
    "query service": lambda urls: urls.query_service,
    "web": lambda urls: urls.web,
}
# One large cookie, and many small fields.
TOO_LARGE = [
    {"Cookie": "a=" + "b" * 20_000},
    {f"X-{at}": "c" * 100 for at in range(90)} | {"Y": "d" * 8000},
]


@pytest.mark.parametrize("headers", TOO_LARGE, ids=["one", "many"])
@pytest.mark.parametrize("port", PORTS)
def test_headers_that_are_too_large_are_refused_with_a_problem(
    stack: LocalStack, port: str, headers: dict[str, str]
) -> None:
    answer = requests.get(f"{PORTS[port](stack.urls)}/healthz", headers=headers)
    assert answer.status_code == 431
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:eventually:problem:headers-too-large"


@pytest.mark.parametrize("value", ["1_0", "+1", "%201", "1.0", "1e1", "%D9%A3", "0x1", "9" * 5000])
@pytest.mark.parametrize(
    "path",
    [
        "{0.query_service}/todos?limit=",
        "{0.web}/truths?limit=",
        "{0.web}/truths?after=",
        "{0.web}/journeys?limit=",
    ],
)
def test_a_number_is_ascii_digits_and_nothing_else(
    stack: LocalStack, path: str, value: str
) -> None:
    answer = requests.get(path.format(stack.urls) + value)
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        "urn:eventually:problem:bad-parameter",
    )
