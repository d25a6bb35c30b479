"""Asks a process on this machine whether it is alive: `python -m chassis.alive 5001`.

The health check of a container. It asks directly, whatever proxies the environment names. Of its
CPU time, `http.client` would take more than the rest together, and it is started again and again.
"""

import socket
import sys

TIMEOUT_S = 2.5
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def trouble(port: int) -> str | None:
    """Return why the process on a port is not alive, None if it is."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
            connection.sendall(QUESTION)
            answer = connection.makefile("rb").readline(100)
    except OSError as error:
        return str(error) or type(error).__name__
    # RFC 9112, 4: HTTP-version SP status-code SP [ reason-phrase ]
    version, _, rest = answer.partition(b" ")
    if not version.startswith(b"HTTP/1."):
        return "no answer in HTTP"
    return None if rest[:3] == b"200" else f"/healthz answers {rest[:3].decode(errors='replace')}"


if __name__ == "__main__":
    sys.exit(trouble(int(sys.argv[1])))
