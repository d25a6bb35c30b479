"""How web's process starts: green, and without what would serve nobody."""

import subprocess
import sys

from tests.support.terminal import ROOT

NAMES = """
import _thread, socket
waits = _thread.allocate_lock()
waits.acquire()

def look_up(host, port, family, type, proto, flags):
    if flags & socket.AI_NUMERICHOST:
        raise socket.gaierror(socket.EAI_NONAME, "it is a name")
    if host == "nowhere":
        raise socket.gaierror(socket.EAI_NONAME, "nobody knows it")
    assert waits.acquire(timeout=30), "the others did not go on"
    return [(host, port)]

socket.getaddrinfo = look_up
import web.__main__, eventlet
eventlet.spawn(waits.release)
print(socket.getaddrinfo("a-name", 80, type=socket.SOCK_STREAM))
try:
    socket.create_connection(("nowhere", 80))
except socket.gaierror as error:
    print(error.strerror)
"""


def printed_by(program: str) -> list[str]:
    """The lines that a program prints."""
    printed = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, timeout=60)
    return printed.decode().splitlines()


def test_what_serves_nobody_is_not_imported() -> None:
    modules = printed_by("import web.__main__, sys; print(*filter(sys.modules.get, sys.modules))")

    assert "web.app" in modules[0].split()
    assert not {"dns", "psycopg2", "requests"}.intersection(modules[0].split())


def test_a_name_that_is_looked_up_lets_the_others_go_on() -> None:
    assert printed_by(NAMES) == ["[('a-name', 80)]", "nobody knows it"]
