"""A request of ASGI as the environ of WSGI (PEP 3333)."""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from uvicorn._types import HTTPScope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# WSGI has these without the prefix. The body is whole when the app sees it, so it has a length.
_OWN = {b"content-type": "CONTENT_TYPE", b"content-length": "", b"transfer-encoding": ""}


def environ_of(scope: HTTPScope, body: bytes) -> "WSGIEnvironment":
    """Return the environ of a request whose body has arrived."""
    server, client = scope["server"] or ("localhost", 0), scope["client"] or ("", 0)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _unquoted(scope["raw_path"]),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    _add_headers(environ, scope["headers"])
    return environ


def _add_headers(environ: "WSGIEnvironment", headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        variable = _OWN.get(name) if name in _OWN else _variable(name)
        if not variable:
            continue
        text = value.decode("latin-1")
        if variable in environ:
            # RFC 9110, 5.3; cookies are joined by a semicolon (RFC 9113, 8.2.3).
            text = f"{environ[variable]}{'; ' if name == b'cookie' else ','}{text}"
        environ[variable] = text


def _variable(name: bytes) -> str:
    # With an underscore, one header could pass for another.
    return "" if b"_" in name else "HTTP_" + name.decode("latin-1").upper().replace("-", "_")


def _unquoted(path: bytes) -> str:
    return (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")
