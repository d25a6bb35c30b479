"""All clear, the known start and Reset: the host puts the stack right."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response

from chassis.problems import Problem, json_response
from web.mending.all_clear import AllClear
from web.routes.host_key import HostKey, only_with


def add_mending(app: Flask, host_key: HostKey, all_clear: AllClear) -> None:
    """Give the app the routes that put right what the lab has broken.

    Args:
        app: web.
        host_key: what they need.
        all_clear: lifts everything.
    """
    one = threading.Lock()

    @app.post("/lab/all-clear")
    @only_with(host_key)
    def clear() -> Response:
        with _only_one(one):
            return json_response(all_clear.run())


@contextmanager
def _only_one(lock: threading.Lock) -> Iterator[None]:
    """Let one at a time. Raises Problem."""
    if not lock.acquire(blocking=False):
        title = "The stack is being put right already."
        raise Problem(409, "being-mended", title, "Wait until that is over.")
    try:
        yield
    finally:
        lock.release()
