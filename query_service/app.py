"""6. The query service: reads only, from MongoDB, stale or not."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, Counter, Histogram
from pymongo.database import Database

from chassis import mongo
from chassis.http import new_app
from chassis.lab import Lab, add_lab
from chassis.lifecycle import before_exit, end_with_parent
from chassis.log import set_up_logging
from chassis.problems import Problem, json_body
from chassis.settings import Environment
from chassis.telemetry import TracesPerSecond, new_tracer_provider, trace_requests
from query_service.consistency import (
    BadConsistencyToken,
    BadPreference,
    parse_tokens,
    parse_wait_s,
    wait_for_versions,
)
from query_service.lab_routes import add_lab_routes
from query_service.read_model import ReadModel
from query_service.settings import Settings
from query_service.sharing import SharedReads

MOST_TODOS = 1000
_MAX_ID = 2**63 - 1


def create_app(
    settings: Settings, database: Database[dict[str, Any]], provider: TracerProvider
) -> Flask:
    """Return the query service. Nothing connects before the first request.

    Args:
        settings: what the service is told.
        database: where the read model is.
        provider: where spans go.
    """
    registry = CollectorRegistry()
    app = new_app(__name__, {"mongodb": lambda: mongo.check(database)}, registry)
    limit = TracesPerSecond(settings.service.traces_per_s)
    trace_requests(app, provider.get_tracer("query_service"), limit)
    read_model = ReadModel(database)
    shared_reads = SharedReads[_Page]()
    wait_as_asked = Waiting(read_model, registry)

    @app.get("/todos")
    def get_todos() -> Response:
        wanted = _page_asked_for(request.query_string)
        headers = wait_as_asked()
        page = shared_reads(wanted, lambda: _rendered(read_model, wanted))
        if page.link:
            headers["Link"] = page.link
        return _unless_known(page.body, page.tag, headers)

    @app.get("/todos/<todo_id>")
    def get_todo(todo_id: str) -> Response:
        _parameters(request.query_string, ())
        applied = wait_as_asked()
        found = read_model.one(int(todo_id)) if _is_id(todo_id) else None
        if found is None:
            detail = f"The read model holds no todo with the id {todo_id[:40]}."
            raise Problem(404, "no-such-todo", "There is no such todo.", detail)
        todo, version = found
        return _unless_known(json_body(todo), str(version), applied)

    if settings.service.lab:
        add_lab(app, Lab(), read_model.holds, switchable=False)
        add_lab_routes(app, read_model)
    return app


class Waiting:
    """Gives a read the guarantee that its headers ask for."""

    def __init__(self, read_model: ReadModel, registry: CollectorRegistry) -> None:
        self._read_model = read_model
        self._seconds = Histogram(
            "read_wait_seconds", "How long reads with a token waited.", registry=registry
        )
        self._behind = Counter(
            "reads_behind", "Reads that the read model was too far behind for.", registry=registry
        )

    def __call__(self) -> dict[str, str]:
        """Wait as the request asks for, and return the headers that say so. Raises Problem."""
        try:
            wanted = parse_tokens(request.headers.get("Consistency-Token"))
        except BadConsistencyToken as error:
            title = "The Consistency-Token cannot be read."
            raise Problem(400, "bad-consistency-token", title, str(error)) from error
        try:
            wait_s = parse_wait_s(request.headers.get("Prefer"))
        except BadPreference as error:
            title = "The Prefer header cannot be read."
            raise Problem(400, "bad-preference", title, str(error)) from error
        if not wanted:
            return {}
        with self._seconds.time():
            missing = wait_for_versions(wanted, self._read_model.versions, wait_s or 0)
        if missing:
            self._behind.inc()
            lacking = ", ".join(f"{todo_id}.{version}" for todo_id, version in missing.items())
            raise Problem(
                503,
                "read-model-behind",
                "The read model is behind.",
                f"After {wait_s or 0} s it still lacks {lacking[:200]}.",
                {"Retry-After": "1"},
            )
        return {} if wait_s is None else {"Preference-Applied": f"wait={wait_s}"}


def _unless_known(body: bytes, tag: str, headers: dict[str, str]) -> Response:
    """Return the body as JSON, or 304 where the client has it already (RFC 9110, 13.1.2)."""
    tagged = {**headers, "ETag": f'"{tag}"'}
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=tagged)
    return Response(body, headers=tagged, content_type="application/json")


@dataclass(frozen=True)
class _Wanted:
    """The page that a query asks for."""

    completed: bool | None
    limit: int
    after: int


@dataclass(frozen=True)
class _Page:
    """A page as it is sent."""

    body: bytes
    tag: str
    link: str | None


def _rendered(read_model: ReadModel, wanted: _Wanted) -> _Page:
    # One more than asked for tells whether there is a next page.
    todos = read_model.page(wanted.completed, wanted.after, wanted.limit + 1)
    link = None
    if len(todos) > wanted.limit:
        todos = todos[: wanted.limit]
        link = f'<{_next_page(wanted, todos[-1]["id"])}>; rel="next"'
    body = json_body(todos)
    return _Page(body, blake2b(body, digest_size=12).hexdigest(), link)


# A room asks for few pages again and again.
@lru_cache(maxsize=256)
def _page_asked_for(query: bytes) -> _Wanted:
    given = _parameters(query, {"completed", "limit", "after"})
    completed = given.get("completed")
    if completed not in {None, "true", "false"}:
        raise _bad_parameter("completed has to be true or false.")
    return _Wanted(
        None if completed is None else completed == "true",
        _number(given, "limit", least=1, most=MOST_TODOS, default=MOST_TODOS),
        _number(given, "after", least=0, most=_MAX_ID, default=0),
    )


def _parameters(query: bytes, known: Collection[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            raise _bad_parameter(f"There is no parameter {name[:40]!r} here.")
        if name in given:
            raise _bad_parameter(f"The parameter {name} is there twice.")
        given[name] = value
    return given


def _number(given: Mapping[str, str], name: str, *, least: int, most: int, default: int) -> int:
    value = given.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", value) or not least <= int(value) <= most:
        raise _bad_parameter(f"{name} has to be a whole number from {least} to {most}.")
    return int(value)


def _bad_parameter(detail: str) -> Problem:
    return Problem(400, "bad-parameter", "A parameter cannot be used.", detail)


def _is_id(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{0,18}", text)) and int(text) <= _MAX_ID


def _next_page(wanted: _Wanted, after: int) -> str:
    query: dict[str, Any] = {"limit": wanted.limit, "after": after}
    if wanted.completed is not None:
        query = {"completed": json.dumps(wanted.completed)} | query
    return f"/todos?{urlencode(query)}"


def app_of_process() -> Flask:
    """Return the app as its own process serves it."""
    settings = Settings.of_query_service(Environment.of_process())
    set_up_logging(settings.service.service, settings.service.log_format)
    provider = new_tracer_provider(settings.service.service)
    before_exit(provider.shutdown)
    end_with_parent()
    return create_app(settings, mongo.database(settings.mongodb_url, timeout_ms=2000), provider)
