"""A request as one line for a POSIX shell, as the README writes them. Pure."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from web.lessons.requests import Request

_PLAIN = re.compile(r"[\w./:%@,+=-]+")
# What stands for a todo's id before there is one.
_NAMED = re.compile(r"\$[a-z0-9-]+")


def curl(request: Request, ports: Mapping[str, int]) -> str:
    """Return a request as a command that works on the machine of the stack.

    Args:
        request: the request.
        ports: where each process answers there.
    """
    parts = ["curl"]
    if request.tries > 1:
        parts += ["--retry", str(request.tries - 1), "--retry-all-errors"]
    if request.wait_s is not None:
        parts += ["-m", f"{request.wait_s:g}"]
    if request.method != "GET":
        parts += ["-X", request.method]
    parts.append(_quoted(f"http://localhost:{ports[request.process]}{request.path}"))
    headers = dict(request.headers)
    if request.needs_key:
        # The shell puts it in: nobody is shown the key.
        headers["Authorization"] = "Bearer $HOST_KEY"
    for name, value in headers.items():
        given = f"{name}: {value}"
        parts += ["-H", f'"{given}"' if _is_safe_in_doubles(given, value) else shlex.quote(given)]
    if request.body is not None:
        parts += ["-d", shlex.quote(json.dumps(request.body, ensure_ascii=False))]
    return " ".join(parts)


def _is_safe_in_doubles(given: str, value: str) -> bool:
    return value == "Bearer $HOST_KEY" or not re.search(r'[$`"\\!]', given)


def _quoted(url: str) -> str:
    return url if _PLAIN.fullmatch(_NAMED.sub("", url)) else shlex.quote(url)


def body_of(value: Mapping[str, Any] | None) -> bytes | None:
    """Return a body as it is sent."""
    return None if value is None else json.dumps(value, ensure_ascii=False).encode()
