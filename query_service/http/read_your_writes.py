"""Read your own writes: a request with a Consistency-Token waits for what the token names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import request
from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.errors import ServerUnavailable
from chassis.problems import Problem, too_many_waiting
from query_service.http.consistency import BadHeader, parse_tokens, parse_wait_s
from query_service.http.waiting import Held, TooManyWaiting, WaitingReads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DEMANDS = ("HTTP_CONSISTENCY_TOKEN", "HTTP_PREFER")
_OUTCOME = "query_service.read_your_writes"


@dataclass(frozen=True)
class _Outcome:
    """How the wait of a request ended."""

    wait_s: int | None
    lacks: Mapping[int, int]
    error: Exception | None = None


class ReadYourWrites:
    """Gives a read the guarantee that its headers ask for.

    The wait comes before the app sees the request, so that it takes up no thread.

    Args:
        held: looks at the read model that answers unless another one is chosen.
        most: how many reads may wait for a read model at a time.
        registry: where the metrics go.
        others: looks at the other read models, by their names.
        chosen: returns the name of the one that answers a request.
    """

    def __init__(
        self,
        held: Held,
        most: int,
        registry: CollectorRegistry,
        others: Mapping[str, Held] = MappingProxyType({}),
        chosen: Callable[["WSGIEnvironment"], str] = lambda _environ: "",
    ) -> None:
        self._waiting = WaitingReads(held, most)
        self._others = {name: WaitingReads(each, most) for name, each in others.items()}
        self._chosen = chosen
        self._seconds = Histogram(
            "read_wait_seconds", "How long reads with a token waited.", registry=registry
        )
        self._behind = Counter(
            "reads_behind", "Reads that the read model was too far behind for.", registry=registry
        )

    def hold(self, environ: "WSGIEnvironment") -> Awaitable[None] | None:
        """Return the wait that a request asks for, or None if it asks for none."""
        is_asked_for = any(name in environ for name in _DEMANDS)
        return self._wait(environ) if is_asked_for and _is_read(environ) else None

    def end(self) -> None:
        """Let no read wait any longer: the process has to end."""
        for waiting in (self._waiting, *self._others.values()):
            waiting.end()

    def headers(self, further: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """Return the headers that say how the wait ended. Raises Problem if it was in vain.

        Args:
            further: what the answer has besides, however the wait ended.
        """
        if not any(name in request.environ for name in _DEMANDS):
            return {**further}
        outcome: _Outcome = request.environ[_OUTCOME]
        if outcome.error is not None:
            raise outcome.error
        if outcome.lacks:
            self._behind.inc()
            raise _is_behind(outcome.lacks, outcome.wait_s or 0, further)
        if outcome.wait_s is None:
            return {**further}
        return {**further, "Preference-Applied": f"wait={outcome.wait_s}"}

    async def _wait(self, environ: "WSGIEnvironment") -> None:
        waiting = self._others.get(self._chosen(environ), self._waiting)
        environ[_OUTCOME] = await self._outcome(waiting, *(environ.get(it) for it in _DEMANDS))

    async def _outcome(
        self, waiting: WaitingReads, tokens: str | None, preferences: str | None
    ) -> _Outcome:
        try:
            wanted, wait_s = parse_tokens(tokens), parse_wait_s(preferences)
        except BadHeader as error:
            return _Outcome(None, {}, Problem(400, error.problem, error.title, str(error)))
        if not wanted:
            return _Outcome(None, {})
        try:
            with self._seconds.time():
                lacks = await waiting.until(wanted, wait_s or 0)
        except TooManyWaiting as error:
            return _Outcome(wait_s, {}, too_many_waiting(f"{error} Try again later."))
        except (ServerUnavailable, Problem) as error:
            return _Outcome(wait_s, {}, error)
        return _Outcome(wait_s, lacks)


def _is_read(environ: "WSGIEnvironment") -> bool:
    path: str = environ["PATH_INFO"]
    return path == "/todos" or path.startswith("/todos/")


def _is_behind(missing: Mapping[int, int], waited_s: int, further: Mapping[str, str]) -> Problem:
    lacking = ", ".join(f"{todo_id}.{version}" for todo_id, version in missing.items())
    detail = f"After {waited_s} s it still lacks {lacking[:200]}."
    title, headers = "The read model is behind.", {**further, "Retry-After": "1"}
    return Problem(503, "read-model-behind", title, detail, headers)
