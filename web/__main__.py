"""Web as a process: `python -m web`."""

import os
import sys
import warnings

# We chose eventlet knowing that it is in maintenance only; a notice at every start helps nobody.
warnings.filterwarnings("ignore", r"\nEventlet is deprecated", Warning)
# It would ask name servers by itself, and import dnspython for that (docs/decisions/0062).
os.environ["EVENTLET_NO_GREENDNS"] = "yes"
# Python-socketio has its client with it, which imports this only if it is there.
sys.modules["requests"] = None  # type: ignore[assignment]  # how Python says that it is not

import eventlet  # noqa: E402, the filter has to come first
from eventlet.green import socket  # noqa: E402, likewise

from web.http.names import in_a_thread  # noqa: E402, likewise

socket.getaddrinfo = in_a_thread(socket.getaddrinfo)
# Before any other import: modules imported earlier would keep the blocking sockets and locks.
# Web has no connection to PostgreSQL, whose driver would be imported to be made green.
eventlet.monkey_patch(psycopg=False)

from web.server import main  # noqa: E402, see above

if __name__ == "__main__":
    main()
