"""Asks a process on this machine whether it is alive: `python -m chassis.alive 5001`.

The health check of a container. It asks directly, whatever proxies the environment names.
"""

import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_S = 2.5


def trouble(port: int) -> str | None:
    """Return why the process on a port is not alive, None if it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return None if status == 200 else f"/healthz answers {status}"


if __name__ == "__main__":
    sys.exit(trouble(int(sys.argv[1])))
