"""Whose requests are taken: those of this page, under its own addresses, and of other programs.

This is around everything that web serves, Socket.IO too, so that all agree on the page's address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import get_host

from chassis.problems import Problem
from web.addresses import Addresses, name_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Programs ask for these, under any name that leads here.
_FOR_PROGRAMS = {"/healthz", "/readyz", "/metrics", "/v1/traces"}
_SAFE = {"GET", "HEAD", "OPTIONS"}


def only_for_us(app: WSGIApplication, addresses: Addresses) -> WSGIApplication:
    """Refuse what another site's page makes a browser send, and names that are not the page's.

    Args:
        app: all that web serves.
        addresses: where the page is.

    Source: OWASP, Cross-Site Request Forgery Prevention, Fetch Metadata headers.
    """

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        problem = _problem_with(environ, addresses)
        if problem:
            return problem.response()(environ, start_response)
        return app(environ, start_response)

    proxies = addresses.trusted_proxies
    if not proxies:
        return serve_one
    return ProxyFix(serve_one, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=proxies)


def _problem_with(environ: WSGIEnvironment, addresses: Addresses) -> Problem | None:
    scheme, host, path = environ["wsgi.url_scheme"], get_host(environ), environ["PATH_INFO"]
    if path not in _FOR_PROGRAMS and not addresses.serves(scheme, host):
        return _unknown_host(host)
    # A WebSocket is opened by a GET, and no browser hides its answers from another site.
    is_socket = path.startswith("/socket.io")
    if environ["REQUEST_METHOD"] in _SAFE and not is_socket:
        return None
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    # Browsers give the first only where an address is https or localhost, and no page can set it.
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or origin in addresses.own(scheme, host)
    return None if ours else _other_site()


def _unknown_host(host: str) -> Problem:
    name = name_of(host) or "that name"
    detail = (
        "It is served under addresses, localhost and names of the local network. To serve it as "
        f"{name}, start web with PUBLIC_URL=https://{name_of(host) or 'name'}, or with "
        "TRUSTED_PROXIES=1 behind a proxy that says so in X-Forwarded-Proto and X-Forwarded-Host."
    )
    return Problem(421, "unknown-host", "The page is not served under this name.", detail)


def _other_site() -> Problem:
    detail = (
        "Only this page, or a client that is no browser, may change anything here. If this is the "
        "page, behind a proxy or a tunnel, start web with PUBLIC_URL=<its address in the browser>."
    )
    return Problem(403, "other-site", "The request comes from another site.", detail)
