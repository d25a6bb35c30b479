"""The lab's key: what the processes of a stack share, so that only web sets their switches.

People have the host key, and go through web, which counts wrong ones. This one is made for programs
and is never typed, so nobody can guess it and no attempts are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from chassis.problems import Problem
from chassis.sites import SAFE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def only_with_key(app: WSGIApplication, key: str, below: str) -> WSGIApplication:
    """Refuse what would change the lab (401) unless it has the key.

    Args:
        app: what answers the others.
        key: the key; with "" nobody has it.
        below: the paths that it is for begin like this.
    """
    wanted = _digest_of(f"Bearer {key}")

    def serve_one(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in SAFE and environ["PATH_INFO"].startswith(below):
            # Of digests, neither the length nor the first difference says anything about the key.
            given = _digest_of(environ.get("HTTP_AUTHORIZATION", ""))
            if not (compare_digest(given, wanted) and key):
                return _needed().response()(environ, start_response)
        return app(environ, start_response)

    return serve_one


def _digest_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _needed() -> Problem:
    detail = "Only web has it. Switches are set through the page, with the host key."
    headers = {"WWW-Authenticate": "Bearer"}
    return Problem(401, "lab-key-needed", "This needs the lab's key.", detail, headers)
