"""Content codings: a body as it was before it was compressed, and never more than a limit."""

import zlib
from collections.abc import Callable
from types import MappingProxyType

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from chassis.headers import members
from chassis.problems import Problem

# Each is taken off at the cost of the largest body; a header has room for thousands.
MOST_CODINGS = 4

_GZIP = zlib.MAX_WBITS | 16


def decoded(request: Request, most_bytes: int) -> bytes:
    """Return a request's body without its content codings, whose names know no case.

    Raises RequestEntityTooLarge if it has more bytes than that before or after, and Problem if a
    coding is not known, or is not what it says. Source: RFC 9110, 8.4.1 and 15.5.16.
    """
    body = request.get_data(cache=False)
    codings = members(request.headers.get("Content-Encoding", "").lower())
    if len(codings) > MOST_CODINGS:
        raise _refusal("The body has too many codings.")
    # The coding that was applied last is taken off first.
    for coding in reversed(codings):
        body = _without(coding, body, most_bytes)
    if len(body) > most_bytes:
        raise RequestEntityTooLarge
    return body


def _without(coding: str, body: bytes, most_bytes: int) -> bytes:
    decode = _CODINGS.get(coding)
    if decode is None:
        raise _refusal("The body has an unknown coding.")
    try:
        return decode(body, most_bytes)
    except (zlib.error, EOFError) as error:
        title = "The body is not what its Content-Encoding says."
        raise Problem(400, "bad-coding", title, f"It cannot be read as {coding}.") from error


def _refusal(title: str) -> Problem:
    accepted = {"Accept-Encoding": "gzip, deflate"}
    return Problem(415, "unknown-coding", title, "Send it as it is, or with gzip.", accepted)


def _unzipped(body: bytes, most_bytes: int, window_bits: int = _GZIP) -> bytes:
    stream = zlib.decompressobj(wbits=window_bits)
    plain = stream.decompress(body, most_bytes + 1)
    if len(plain) > most_bytes:
        raise RequestEntityTooLarge
    if not stream.eof:
        raise EOFError
    return plain


def _inflated(body: bytes, most_bytes: int) -> bytes:
    # "Some non-conformant implementations send the deflate data without the zlib wrapper."
    try:
        return _unzipped(body, most_bytes, zlib.MAX_WBITS)
    except zlib.error:
        return _unzipped(body, most_bytes, -zlib.MAX_WBITS)


def _as_it_is(body: bytes, _most_bytes: int) -> bytes:
    return body


_CODINGS: MappingProxyType[str, Callable[[bytes, int], bytes]] = MappingProxyType(
    {"identity": _as_it_is, "gzip": _unzipped, "x-gzip": _unzipped, "deflate": _inflated}
)
