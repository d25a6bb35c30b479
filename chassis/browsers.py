"""What every answer tells browsers not to do with it: mostly, to show it inside something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Source: OWASP, REST Security Cheat Sheet, Security Headers.
HEADERS = {
    # It is what its Content-Type says (WHATWG Fetch, 3.5).
    "X-Content-Type-Options": "nosniff",
    # Nobody is told where a link was followed.
    "Referrer-Policy": "no-referrer",
    # No other site's page gets it as an image or a script (WHATWG Fetch, 3.6).
    "Cross-Origin-Resource-Policy": "same-origin",
    # It is no page: whatever is in it loads nothing, and nobody frames it.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def told(app: WSGIApplication) -> WSGIApplication:
    """Add them to each answer of an app that does not have its own."""

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            own = {name.lower() for name, _value in headers}
            more = [(name, value) for name, value in HEADERS.items() if name.lower() not in own]
            return start_response(status, headers + more, *error)

        return app(environ, start)

    return serve_one
