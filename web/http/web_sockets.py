"""The pages' WebSockets: what all are sent is framed once, and is in memory once.

Eventlet zips and frames each message for each browser, and keeps the frame for as long as the
browser takes, and 300 KB besides to zip what comes next.
"""

from collections.abc import Callable, Iterable
from typing import Any

from engineio.async_drivers.eventlet import WebSocketWSGI

from web.http.frames import Frames

# RFC 7692, 7.1.1: a server may ask for both, whatever it was offered.
_ONE_BY_ONE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def share_frames(engine: Any) -> None:
    """Have an Engine.IO server send frames that its WebSockets share."""
    frames = Frames()

    def web_socket(handler: Callable[[Any], Any], server: Any) -> WebSocketWSGI:
        return _WebSockets(lambda socket: handler(_Sharing(socket, frames)), server)

    engine._async = {**engine._async, "websocket": web_socket}  # noqa: SLF001, it has no other way


class _WebSockets(WebSocketWSGI):  # type: ignore[misc]  # python-engineio has no types for it
    """Accepts WebSockets, on which each message is zipped by itself."""

    def __init__(self, handler: Callable[[Any], Any], server: Any) -> None:
        super().__init__(handler, server)
        # Drafts from before RFC 6455 have other frames, and no browser speaks them any more.
        self.support_legacy_versions = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        offered = environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")
        # No browser asks for a smaller window than the one that all share.
        if "permessage-deflate" in offered and "server_max_window_bits" not in offered:
            environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"] = _ONE_BY_ONE
        answer: Iterable[bytes] = super().__call__(environ, start_response)
        return answer


class _Sharing:
    """A WebSocket of eventlet's, with frames that others are sent as well."""

    def __init__(self, socket: Any, frames: Frames) -> None:
        self._socket = socket
        self._frames = frames

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def send(self, text: str) -> None:
        """Send a text; what eventlet itself sends, such as a pong, goes its own way."""
        zipped = "permessage-deflate" in self._socket.extensions
        self._socket._send(self._frames.of(text, zipped=zipped))  # noqa: SLF001, its frames are ours
