"""Read your own writes: a request with a Consistency-Token waits for what the token names."""

from collections.abc import Mapping

from flask import request
from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.problems import Problem
from query_service.http.consistency import (
    BadHeader,
    parse_tokens,
    parse_wait_s,
    wait_for_versions,
)
from query_service.read_model import ReadModel


class ReadYourWrites:
    """Gives a read the guarantee that its headers ask for."""

    def __init__(self, read_model: ReadModel, registry: CollectorRegistry) -> None:
        self._read_model = read_model
        self._seconds = Histogram(
            "read_wait_seconds", "How long reads with a token waited.", registry=registry
        )
        self._behind = Counter(
            "reads_behind", "Reads that the read model was too far behind for.", registry=registry
        )

    def wait(self) -> dict[str, str]:
        """Wait as the request asks, and return the headers that say so. Raises Problem."""
        try:
            wanted = parse_tokens(request.headers.get("Consistency-Token"))
            wait_s = parse_wait_s(request.headers.get("Prefer"))
        except BadHeader as error:
            raise Problem(400, error.problem, error.title, str(error)) from error
        if not wanted:
            return {}
        with self._seconds.time():
            missing = wait_for_versions(wanted, self._read_model.versions, wait_s or 0)
        if missing:
            self._behind.inc()
            raise _is_behind(missing, wait_s or 0)
        return {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}


def _is_behind(missing: Mapping[int, int], waited_s: int) -> Problem:
    lacking = ", ".join(f"{todo_id}.{version}" for todo_id, version in missing.items())
    detail = f"After {waited_s} s it still lacks {lacking[:200]}."
    title, retry = "The read model is behind.", {"Retry-After": "1"}
    return Problem(503, "read-model-behind", title, detail, retry)
