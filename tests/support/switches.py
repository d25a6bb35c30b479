"""The lab's switches, set at a process itself or as the host does, through the page's server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from stack.local import LocalStack
from tests.support.waiting import until

NO_HEADERS: Mapping[str, str] = {}


def set_switch(
    stack: LocalStack, process: str, name: str, *, on: bool, **parameters: object
) -> Any:
    """Set a switch at the process itself, and return what it answers.

    Args:
        stack: the stack that runs.
        process: whose switch it is.
        name: the switch's name.
        on: whether to switch it on.
        parameters: the switch's own, such as `delay_ms`.
    """
    url = f"{stack.urls.base(process)}/lab/switches/{name}"
    return _put(url, {"on": on, **parameters}, stack.lab_headers)


def state_of(stack: LocalStack, process: str, name: str) -> dict[str, Any]:
    """Return how a switch is set, as its process says."""
    lab = requests.get(f"{stack.urls.base(process)}/lab", timeout=60).json()
    state: dict[str, Any] = lab["switches"][name]
    return state


def holding(stack: LocalStack, process: str) -> list[dict[str, Any]]:
    """Return what waits at a point of a process."""
    held: list[dict[str, Any]] = state_of(stack, process, "hold")["holding"]
    return held


def let_go(stack: LocalStack, process: str, how: str) -> None:
    """Release or kill what a hold has stopped."""
    url = f"{stack.urls.base(process)}/lab/switches/hold/{how}"
    requests.post(url, headers=stack.lab_headers, timeout=60).raise_for_status()


def all_clear(stack: LocalStack, *processes: str) -> None:
    """End all that is on at these processes, once they are up."""
    for process in processes:
        url = f"{stack.urls.base(process)}/lab/clear"
        until(lambda: requests.post(url, headers=stack.lab_headers, timeout=60).ok)  # noqa: B023


def firings(stack: LocalStack, fault: str, todo_id: int) -> list[dict[str, Any]]:
    """Return what a switch did to a todo, as web has heard of it."""
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    return [it for it in told if (it["fault"], it.get("todo_id")) == (fault, todo_id)]


@contextmanager
def paused(stack: LocalStack, process: str) -> Iterator[None]:
    """Pause a process at its own address, and let it go on whatever happens."""
    set_switch(stack, process, "pause", on=True)
    try:
        yield
    finally:
        set_switch(stack, process, "pause", on=False)


@contextmanager
def paused_by_the_host(stack: LocalStack, process: str) -> Iterator[None]:
    """Pause a process with the host key, and let it go on whatever happens."""
    url = f"{stack.urls.web}/lab/{process}/switches/pause"
    authorised = {"Authorization": f"Bearer {stack.host_key}"}
    answer = _put(url, {"on": True}, authorised)
    try:
        assert answer["on"] is True
        yield
    finally:
        _put(url, {"on": False}, authorised)


def _put(url: str, body: Mapping[str, object], headers: Mapping[str, str] = NO_HEADERS) -> Any:
    answer = requests.put(url, json=body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()
