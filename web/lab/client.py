"""Asks a running web for its lab, and says in words what goes wrong."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3 import exceptions

TIMEOUT_S = 90.0
Lab = Mapping[str, Any]


class LabError(Exception):
    """What went wrong, in a sentence or two."""


class LabClient:
    """The lab of one web.

    Args:
        url: the page's address.
        host_key: what setting a switch needs; "" if it is not known.
    """

    def __init__(self, url: str, host_key: str) -> None:
        self._url = url.rstrip("/")
        self._host_key = host_key
        # Whatever proxies the environment names: it is asked directly.
        self._pool = urllib3.PoolManager(timeout=TIMEOUT_S, retries=False)

    def lab(self) -> Lab:
        """Return all places with their switches, as web shows them. Raises LabError."""
        lab = self.ask("GET", "/lab")
        if not isinstance(lab, dict):
            raise LabError("What answers there is no lab.")
        return lab

    def set(self, place: str, name: str, setting: Mapping[str, Any]) -> Any:
        """Set a switch, and return its state. Raises LabError."""
        return self.ask("PUT", _path(place, name), setting)

    def let_go(self, place: str, name: str, how: str) -> Any:
        """Release or kill what a switch holds. Raises LabError."""
        return self.ask("POST", f"{_path(place, name)}/{how}")

    def all_clear(self, *, cure: bool = False) -> Any:
        """Put everything right, and return what was done. Raises LabError."""
        return self.ask("POST", "/lab/all-clear", {"cure": cure})

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask web for something, and return the JSON of its answer. Raises LabError."""
        headers = {"Authorization": f"Bearer {self._host_key}"} if self._host_key else {}
        sent = None if body is None else json.dumps(body)
        if sent:
            headers["Content-Type"] = "application/json"
        try:
            answer = self._pool.request(method, self._url + path, body=sent, headers=headers)
        except (exceptions.HTTPError, ValueError) as error:
            raise LabError(
                f"Nothing answers at {self._url}. Is the stack up? --url says where the page is."
            ) from error
        return _value(answer.status, answer.data, path)


def _path(place: str, name: str) -> str:
    return f"/lab/{quote(place, safe='')}/switches/{quote(name, safe='')}"


def _value(status: int, data: bytes, path: str) -> Any:
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if status < 400 and value is not None:
        return value
    if status == 401:
        raise LabError(
            "That needs the host key: set HOST_KEY, or give --key. "
            "It was printed when the stack started."
        )
    said = value if isinstance(value, dict) else {}
    if status == 404 and path == "/lab":
        raise LabError("There is no lab: the stack runs with LAB=0, or this is another server.")
    words = " ".join(str(said[it]) for it in ("title", "detail") if said.get(it))
    raise LabError(words or f"It was refused with {status}.")
