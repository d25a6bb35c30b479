"""A request of HTTP, while it arrives, and as the environ of WSGI (PEP 3333)."""

import io
import sys
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import httptools

from chassis.telemetry.arrival import ARRIVED_NS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# WSGI has these without the prefix. The body is whole when the app sees it, so it has a length.
_OWN = {b"content-type": "CONTENT_TYPE", b"content-length": "", b"transfer-encoding": ""}
_ANNOUNCES_A_BODY = frozenset({b"content-length", b"transfer-encoding"})


@dataclass(slots=True, eq=False)
class Request:
    """What has arrived of a request.

    Args:
        url: what stands between the method and the version.
        headers: names in lower case, and values.
        header_bytes: of all values together.
        stays: whether its connection may have another request after it.
        has_body: whether a body follows the head.
        waits_to_send: whether the client sends the body only when it is told to go on.
        is_given: whether it has been passed on to be answered.
        is_whole: whether all of it has arrived; what is too large is answered before.
        arrived_ns: when its head was here, by `time.monotonic_ns`.
    """

    url: bytes = b""
    method: str = ""
    version: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    header_bytes: int = 0
    body: bytes = b""
    stays: bool = True
    has_body: bool = False
    waits_to_send: bool = False
    is_given: bool = False
    is_whole: bool = False
    arrived_ns: int = 0
    path: bytes = b""
    query: bytes = b""

    def add_header(self, name: bytes, value: bytes) -> None:
        """Take a header of it."""
        name = name.lower()
        self.headers.append((name, value))
        self.header_bytes += len(value)
        if name in _ANNOUNCES_A_BODY:
            self.has_body = True
        elif name == b"expect" and value.lower() == b"100-continue":
            # RFC 9110, 10.1.1.
            self.waits_to_send = True

    def end_head(self, method: bytes, version: str, *, stays: bool) -> None:
        """Note that its head is here. Raises httptools.HttpParserInvalidURLError."""
        url = httptools.parse_url(self.url)
        self.path, self.query = url.path or b"", url.query or b""
        self.method, self.version = method.decode("ascii"), version
        self.stays = stays and version != "1.0"
        self.arrived_ns = time.monotonic_ns()


def environ_of(
    request: Request, server: tuple[str, int], client: tuple[str, int]
) -> "WSGIEnvironment":
    """Return the environ of a request whose body has arrived.

    Args:
        request: the request.
        server: the address that it came to.
        client: the address that it came from.
    """
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _unquoted(request.path),
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ARRIVED_NS: request.arrived_ns,
    }
    if request.body:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    for name, value in request.headers:
        variable = _variable(name)
        if not variable:
            continue
        text = value.decode("latin-1")
        if variable in environ:
            # RFC 9110, 5.3; cookies are joined by a semicolon (RFC 9113, 8.2.3).
            text = f"{environ[variable]}{'; ' if name == b'cookie' else ','}{text}"
        environ[variable] = text
    return environ


@lru_cache(maxsize=256)
def _variable(name: bytes) -> str:
    if name in _OWN:
        return _OWN[name]
    # With an underscore, one header could pass for another.
    return "" if b"_" in name else "HTTP_" + name.decode("latin-1").upper().replace("-", "_")


def _unquoted(path: bytes) -> str:
    return (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")
