"""Whose requests are taken: not those that another site's page makes a browser send.

Two ways lead from a page of somebody else's to a port on this machine: it sends a request that a
browser lets it send without asking, such as a form; or its own name leads to this machine all at
once (DNS rebinding), so that the browser takes it for the same site.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from werkzeug.wsgi import get_host

from chassis.hosts import name_of
from chassis.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Programs ask for these, under any name that leads here.
FOR_PROGRAMS = frozenset({"/healthz", "/readyz", "/metrics"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NAMELESS = "that name"


class Names(Protocol):
    """The names under which a port is served."""

    def serves(self, scheme: str, host: str) -> bool:
        """Return whether a request with this scheme and `Host` is answered."""

    def own(self, scheme: str, host: str) -> set[str]:
        """Return the origins whose requests are our own."""

    def advice(self, name: str) -> str:
        """Return how to have it served under another name."""


def only_for_us(
    app: WSGIApplication, names: Names, for_programs: Collection[str] = FOR_PROGRAMS
) -> WSGIApplication:
    """Refuse names that are not the port's (421), and what another site's page sends (403).

    Args:
        app: what answers the others.
        names: where the port is.
        for_programs: the paths that answer under any name.

    Source: OWASP, Cross-Site Request Forgery Prevention, Fetch Metadata headers.
    """

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        problem = _problem_with(environ, names, for_programs)
        if problem:
            return problem.response()(environ, start_response)
        return app(environ, start_response)

    return serve_one


def _problem_with(
    environ: WSGIEnvironment, names: Names, for_programs: Collection[str]
) -> Problem | None:
    scheme, path = environ["wsgi.url_scheme"], environ["PATH_INFO"]
    # HTTP/1.0 may leave it out; the address that the client came to is no name then.
    host = get_host(environ) if "HTTP_HOST" in environ else _address(environ)
    if path not in for_programs and not names.serves(scheme, host):
        return _unknown_host(host, names)
    # A WebSocket is opened by a GET, and no browser hides its answers from another site.
    is_socket = path.startswith("/socket.io")
    if environ["REQUEST_METHOD"] in SAFE and not is_socket:
        return None
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    # Browsers give the first only where an address is https or localhost, and no page can set it.
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or origin in names.own(scheme, host)
    return None if ours else _other_site()


def _address(environ: WSGIEnvironment) -> str:
    name = environ["SERVER_NAME"]
    return f"[{name}]" if ":" in name else name


def _unknown_host(host: str, names: Names) -> Problem:
    name = name_of(host)
    detail = (
        "It is served under addresses, localhost and names of the local network. "
        f"{names.advice(name or _NAMELESS)}"
    )
    return Problem(421, "unknown-host", "Nothing is served under this name.", detail)


def _other_site() -> Problem:
    detail = (
        "Only this page, or a client that is no browser, may change anything here. If this is the "
        "page, behind a proxy or a tunnel, start web with PUBLIC_URL=<its address in the browser>."
    )
    return Problem(403, "other-site", "The request comes from another site.", detail)
