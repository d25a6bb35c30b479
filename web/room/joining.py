"""What a page may say over its socket: that it joins the room, and that it leaves.

A page sends no events, so all else is a stranger's. python-socketio would keep attachments that are
announced for as long as more of them come, answer each packet for a namespace that there is not,
welcome a page each time that it joins again, and write a traceback for each packet that it cannot
read. Source: https://socket.io/docs/v4/socket-io-protocol/#packet-encoding
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

JOINS = frozenset({"0", "0{}"})
LEAVES = "1"

log = logging.getLogger(__name__)


def let_pages_join(app: Flask, socketio: SocketIO, most: int) -> None:
    """Let pages connect, so many at most, and let go of whoever says more than that he joins.

    Args:
        app: web.
        socketio: where pages connect.
        most: how many; a page that asks from time to time (polling) has no connection.
    """
    socketio.init_app(app)
    server = socketio.server
    handlers: dict[str, Callable[..., Any]] = server.eio.handlers
    connect, message = handlers["connect"], handlers["message"]

    def let_in(eio_sid: str, environ: dict[str, Any]) -> Any:
        if len(server.eio.sockets) > most:
            return "There are too many pages."
        return connect(eio_sid, environ)

    def take(eio_sid: str, said: Any) -> None:
        # What it still says is on its way here, and counts for nothing.
        if (browser := server.eio.sockets.get(eio_sid)) is None or browser.closed:
            return
        is_here = server.manager.sid_from_eio_sid(eio_sid, "/") is not None
        if said == LEAVES or (said in JOINS and not is_here):
            message(eio_sid, said)
            return
        log.info("a browser says what no page does, and is let go of")
        browser.close(wait=False)

    handlers.update(connect=let_in, message=take)
