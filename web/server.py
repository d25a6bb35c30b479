"""The server of the page: eventlet, and what runs beside it until SIGTERM."""

import gc
import logging
import os
import signal
from threading import Event

import eventlet

from chassis.listening import listen
from chassis.log import set_up_logging
from chassis.settings import Environment
from web.app import Web, create_app
from web.http.open_files import most_connections
from web.http.page_server import PageServer
from web.http.web_sockets import share_frames
from web.settings import Settings

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings.read(Environment.of_process())
    process = settings.process
    set_up_logging(process.name, process.log_format)
    # When many reads have waited at once, it says of each connection that it does not keep it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    web = create_app(settings)
    share_frames(web.socketio.server.eio)
    # A full collection is a pause: it need not go through what is there for good.
    gc.freeze()
    stop = Event()
    # Flask-SocketIO's own run() listens with SO_REUSEPORT, so that a second web on the same port
    # would take half of the browsers instead of saying that the port is taken.
    listeners = listen(process.host, process.port)
    _stop_on_signals(web, stop, process.timeouts.shutdown_s)
    for work in web.background:
        eventlet.spawn(work, stop)
    host = f"[{process.host}]" if ":" in process.host else process.host
    here = f"http://{host}:{process.port}"
    log.info("the page is at %s", settings.addresses.public_url or here)
    if process.lab and not settings.host_key_given:
        log.info("the host key is %s", settings.host_key)
    most = most_connections(settings.connections, settings.forwarded)
    PageServer(web.app, process.timeouts, most).serve(listeners, stop)
    log.info("stopped")


def _stop_on_signals(web: Web, stop: Event, shutdown_s: int) -> None:
    def end() -> None:
        for browser in list(web.socketio.server.eio.sockets.values()):
            browser.close(wait=False)
        # Only a browser that does not read is still connected then.
        eventlet.spawn_after(shutdown_s, os._exit, 0)
        stop.set()

    def ask(_signal: int, _frame: object) -> None:
        if not stop.is_set():
            eventlet.spawn(end)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
