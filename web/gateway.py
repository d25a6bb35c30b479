"""The gateway: the one place that talks HTTP to the pipeline's processes."""

import errno
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3 import exceptions
from urllib3.util import Timeout, make_headers, parse_url

from chassis.errors import OutcomeUnknown, ServerUnavailable
from chassis.routes import Route, Way
from web.news import News
from web.own_time import OwnTime

CONNECT_TIMEOUT_S = 2.0
# A read may be asked to wait for the read model, and a command waits for the row's lock.
ANSWER_TIMEOUT_S = 35.0
# Longer than the checks behind /readyz take when their servers do not answer.
PROBE_TIMEOUT_S = 6.0
MOST_KEPT_CONNECTIONS = 64
# W3C Trace Context, 3.2: version, trace id, parent id, not sampled. Nothing is drawn from web's own
# reads, and an export for each would cost both sides more than the read.
UNTRACED = {"traceparent": f"00-{'1' * 32}-{'1' * 16}-00"}


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
    """Asks the pipeline's processes, directly, whatever proxies the environment names.

    It has a pool of connections for each: `requests`, which looks for the right one each time,
    takes more than twice the CPU time for a question.

    Args:
        urls: where each process answers, by its name.
        own_time: what is asked and answered is stamped with it.
        news: is told of each request that may change something.
        route: which way commands go, if not always directly; whatever else is asked does.
        lab_key: what setting a switch of a process needs.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        own_time: OwnTime,
        news: News,
        route: Route | None = None,
        lab_key: str = "",
    ) -> None:
        self._lab = {"Authorization": f"Bearer {lab_key}"} if lab_key else {}
        self._own_time = own_time
        self._news = news
        self._pools = {
            name: urllib3.connection_from_url(url, maxsize=MOST_KEPT_CONNECTIONS)
            for name, url in urls.items()
        }
        parsed = {name: parse_url(url) for name, url in urls.items()}
        self._paths = {name: (url.path or "").rstrip("/") for name, url in parsed.items()}
        # A name and a password in a URL are for every request there (RFC 7617).
        self._given = {
            name: make_headers(basic_auth=url.auth) if url.auth else {}
            for name, url in parsed.items()
        }
        self._route = route or Route("")
        self._through: tuple[Way, urllib3.HTTPConnectionPool] | None = None

    def command(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        trace_id: str = "",
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Answer:
        """Send a command that is always traced.

        Args:
            method: the HTTP method.
            path: the path, quoted.
            body: the bytes to send, if any.
            headers: the header fields to send.
            trace_id: its trace, by which its sender finds it again; a new one if it is left out.
            timeout_s: how long to wait for each part of the answer.

        Raises ServerUnavailable if it was not sent, OutcomeUnknown if it may have been.
        """
        # W3C Trace Context, 3.2: version, trace id, parent id, sampled.
        traceparent = f"00-{trace_id or new_trace_id()}-{secrets.token_hex(8)}-01"
        traced = {**headers, "traceparent": traceparent}
        way = self._way_of_commands()
        return self._ask(way, "command-service", method, path, body, traced, timeout_s)

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
        if path.startswith("/lab") and not self._given[process]:
            headers = {**(headers or {}), **self._lab}
        return self._ask(self._pools[process], process, method, path, body, headers, timeout_s)

    def _way_of_commands(self) -> urllib3.HTTPConnectionPool:
        way = self._route.way
        if way is None:
            return self._pools["command-service"]
        if self._through is None or self._through[0] != way:
            pool = urllib3.HTTPConnectionPool(way.host, way.port, maxsize=MOST_KEPT_CONNECTIONS)
            self._through = way, pool
        return self._through[1]

    def _ask(
        self,
        pool: urllib3.HTTPConnectionPool,
        process: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Answer:
        asked_ns = self._own_time.now_ns()
        try:
            answer = pool.urlopen(
                method,
                self._paths[process] + path,
                body=body,
                headers={**(headers or {}), **self._given[process]},
                timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=timeout_s),
                retries=False,
                redirect=False,
            )
        except (exceptions.HTTPError, OSError) as error:
            reason = _reason(error)
            if method == "GET" or isinstance(error, exceptions.ConnectTimeoutError):
                raise ServerUnavailable(process, reason) from error
            raise OutcomeUnknown(process, reason) from error
        finally:
            if method != "GET":
                self._news.tell(asked_ns)
        ended_ns = self._own_time.now_ns()
        return Answer(answer.status, answer.data, answer.headers, asked_ns, ended_ns)


def new_trace_id() -> str:
    """Return the id of a trace that nobody has begun yet."""
    return secrets.token_hex(16)


def ask_all(*asks: Callable[[], Any]) -> list[Any]:
    """Ask several things at the same time, and return the answers."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(lambda ask: ask(), asks))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # Of a connection that broke, urllib3 gives the cause as an argument.
        inner = next((it for it in error.args if isinstance(it, BaseException)), None)
        error = error.__cause__ or inner


def _reason(error: BaseException) -> str:
    # That there was no connection counts as a timeout to urllib3.
    if isinstance(error, exceptions.TimeoutError) and not isinstance(
        error, exceptions.NewConnectionError
    ):
        return "no answer in time"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in errno.errorcode:
            return os.strerror(cause.errno or 0).lower()
    return "the connection broke"
