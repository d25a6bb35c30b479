"""Bodies: one that does not arrive in time is answered with 408 (RFC 9110, 15.5.9)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from chassis.problems import request_too_slow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Read before the app is asked; also more than Socket.IO reads, which knows nothing of 408.
SMALL_BYTES = 16 * 1024


def in_time(app: WSGIApplication) -> WSGIApplication:
    """Answer with 408 where the body's bytes do not come, and the server gives up reading them."""

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stream = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH", "")
        if not length or int(length) > SMALL_BYTES:
            environ["wsgi.input"] = _Body(stream)
            return app(environ, start_response)
        try:
            environ["wsgi.input"] = io.BytesIO(stream.read())
        except TimeoutError:
            return request_too_slow().response()(environ, start_response)
        return app(environ, start_response)

    return serve_one


class _Body:
    """A body that raises Problem, where werkzeug would think that the client has gone."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except TimeoutError:
            raise request_too_slow() from None
        return data
