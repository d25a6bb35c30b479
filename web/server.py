"""The server of the page: eventlet, and what runs beside it until SIGTERM."""

import gc
import logging
import os
import signal
from threading import Event

import eventlet
import eventlet.wsgi

from chassis.log import set_up_logging
from chassis.settings import Environment
from web.app import Web, create_app
from web.settings import Settings

LONGEST_STOP_S = 5.0

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.read(Environment.of_process())
    process = settings.process
    set_up_logging(process.name, process.log_format)
    web = create_app(settings)
    # A full collection is a pause: it need not go through what is there for good.
    gc.freeze()
    stop = Event()
    # Flask-SocketIO's own run() listens with SO_REUSEPORT, so that a second web on the same port
    # would take half of the browsers instead of saying that the port is taken.
    try:
        listener = eventlet.listen((process.host, process.port), backlog=512, reuse_port=False)
    except OSError as error:
        raise SystemExit(f"cannot listen on {process.host}:{process.port}: {error}") from None
    _stop_on_signals(web, stop)
    for work in web.background:
        eventlet.spawn(work, stop)
    log.info("the page is at http://%s:%d", process.host, process.port)
    if process.lab and not settings.host_key_given:
        log.info("the host key is %s", settings.host_key)
    # Its own answer to a long header is no problem document; the app's limit is lower (431).
    eventlet.wsgi.MAX_HEADER_LINE = eventlet.wsgi.MAX_TOTAL_HEADER_SIZE
    server_log = logging.getLogger("web.wsgi")
    server_log.setLevel(logging.WARNING)
    eventlet.wsgi.server(
        listener,
        web.app,
        log=server_log,
        log_output=False,
        debug=False,
        # Headers passed on from a service keep their spelling, as in `ETag`.
        capitalize_response_headers=False,
    )
    log.info("stopped")


def _stop_on_signals(web: Web, stop: Event) -> None:
    server = eventlet.getcurrent()

    def end() -> None:
        stop.set()
        for browser in list(web.socketio.server.eio.sockets.values()):
            browser.close(wait=False)
        # Only a browser that does not read is still connected then.
        eventlet.spawn_after(LONGEST_STOP_S, os._exit, 0)
        eventlet.kill(server, SystemExit)

    def ask(_signal: int, _frame: object) -> None:
        if not stop.is_set():
            eventlet.spawn(end)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
