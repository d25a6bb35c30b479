"""What the services' server does before their apps see a request, and web's leaves to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.problems import MAX_HEADER_BYTES, headers_too_large

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def bodies_end(app: WSGIApplication) -> WSGIApplication:
    """Let chunked bodies be read: without a Content-Length they would count as empty.

    The server ends `wsgi.input` itself; this lets werkzeug know.
    Source: https://werkzeug.palletsprojects.com/en/stable/wsgi/#werkzeug.wsgi.get_input_stream
    """

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return serve_one


def bounded(app: WSGIApplication) -> WSGIApplication:
    """Refuse headers that no client of ours needs, before the app looks at them."""

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        sizes = [len(value) for name, value in environ.items() if name.startswith("HTTP_")]
        if sum(sizes) > MAX_HEADER_BYTES:
            return headers_too_large().response()(environ, start_response)
        return app(environ, start_response)

    return serve_one
