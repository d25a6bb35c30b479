"""The gateway: the one place that talks HTTP to the pipeline's processes."""

import errno
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from chassis.errors import OutcomeUnknown, ServerUnavailable
from chassis.sessions import direct_session
from web.own_time import OwnTime

CONNECT_TIMEOUT_S = 2.0
# A read may be asked to wait for the read model, and a command waits for the row's lock.
ANSWER_TIMEOUT_S = 35.0
# Longer than the checks behind /readyz take when their servers do not answer.
PROBE_TIMEOUT_S = 6.0


@dataclass(frozen=True)
class Answer:
    """What a process answered.

    Args:
        status: the HTTP status code.
        body: the bytes.
        headers: the header fields; names in any case.
        asked_ns: when the request was sent, in ns since the epoch, by web's own time.
        ended_ns: when the whole answer was there.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    asked_ns: int
    ended_ns: int


class Gateway:
    """Asks the pipeline's processes.

    Args:
        urls: where each process answers, by its name.
        own_time: what is asked and answered is stamped with it.
    """

    def __init__(self, urls: Mapping[str, str], own_time: OwnTime) -> None:
        self._own_time = own_time
        self._urls = {name: url.rstrip("/") for name, url in urls.items()}
        self._session = direct_session()
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.mount("http://", HTTPAdapter(pool_connections=8, pool_maxsize=64))

    def command(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send a command that is always traced.

        Raises ServerUnavailable if it was not sent, OutcomeUnknown if it may have been.
        """
        # W3C Trace Context, 3.2: version, trace id, parent id, sampled.
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        traced = {**headers, "traceparent": traceparent}
        return self.ask("command-service", method, path, body, traced)

    def query(self, path: str, headers: Mapping[str, str], timeout_s: float) -> Answer:
        """Send a query. Raises ServerUnavailable."""
        return self.ask("query-service", "GET", path, None, headers, timeout_s)

    def probe(self, process: str, path: str) -> Answer:
        """Ask a process about itself. Raises ServerUnavailable."""
        return self.ask(process, "GET", path, timeout_s=PROBE_TIMEOUT_S)

    def value(self, process: str, path: str) -> Any:
        """Ask a process for a JSON value; None if it gives none."""
        try:
            answer = self.probe(process, path)
            return json.loads(answer.body) if answer.status == 200 else None
        except (ServerUnavailable, ValueError):
            return None

    def ask(
        self,
        process: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Answer:
        """Send one request to one process.

        Args:
            process: its name.
            method: the HTTP method.
            path: path and query, quoted.
            body: the bytes to send, if any.
            headers: the header fields to send.
            timeout_s: how long to wait for each part of the answer.
        """
        asked_ns = self._own_time.now_ns()
        try:
            answer = self._session.request(
                method,
                self._urls[process] + path,
                data=body,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, timeout_s),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            reason = _reason(error)
            if method == "GET" or _never_sent(error):
                raise ServerUnavailable(process, reason) from error
            raise OutcomeUnknown(process, reason) from error
        ended_ns = self._own_time.now_ns()
        return Answer(answer.status_code, answer.content, answer.headers, asked_ns, ended_ns)


def ask_all(*asks: Callable[[], Any]) -> list[Any]:
    """Ask several things at the same time, and return the answers."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(lambda ask: ask(), asks))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # urllib3 wraps the cause as an attribute, and requests wraps urllib3 as an argument.
        inner = getattr(error, "reason", None) or next(iter(error.args), None)
        error = error.__cause__ or (inner if isinstance(inner, BaseException) else None)


def _never_sent(error: requests.RequestException) -> bool:
    connecting = (NewConnectionError, requests.ConnectTimeout)
    return any(isinstance(cause, connecting) for cause in _causes(error))


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in errno.errorcode:
            return os.strerror(cause.errno or 0).lower()
    return "the connection broke"
