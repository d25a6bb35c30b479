"""The ports of the stack, and the process on one that should be free."""

from __future__ import annotations

import dataclasses
import random
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import psutil

from chassis import listening
from stack.errors import StackError

LOOPBACK = "127.0.0.1"
# The links of the lab, in the order of links/settings.py.
LINKS = (
    "command-service-postgresql",
    "relay-postgresql",
    "relay-rabbitmq",
    "projector-rabbitmq",
    "projector-mongodb",
    "query-service-mongodb",
    "client-command-service",
)
# Where `localhost` listens, and in which family.
LOOPBACKS = dict(zip(listening.LOOPBACKS, (socket.AF_INET, socket.AF_INET6), strict=True))

# The command service's; the others of `make up` follow it.
FIRST = 5001
# Below it only root may listen.
LEAST_PORT, MOST_PORT = 1024, 65535

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104, it is compared with
# Set aside for documentation (RFC 5737), so nobody is there.
ELSEWHERE = ("192.0.2.1", 9)

# Below the range for outgoing connections (32768 and up on Linux), so that no other program is
# given a server's port while that server is stopped, and a client that keeps trying cannot
# connect to itself.
FREE_RANGE = range(20000, 32000)

# If many are taken, another stack is running, and three names say as much as ten.
MOST_HOLDERS = 3


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one stack; `control` is supervisord's, `lab_control` is the page's."""

    command_service: int
    query_service: int
    web: int
    relay: int
    relay_2: int
    projector: int
    projector_2: int
    projector_3: int
    counter: int
    replica: int
    coordinator: int
    links: int
    postgresql: int
    rabbitmq: int
    rabbitmq_distribution: int
    mongodb: int
    control: int
    lab_control: int
    # Where each link of the lab listens.
    command_service_postgresql: int
    relay_postgresql: int
    relay_rabbitmq: int
    projector_rabbitmq: int
    projector_mongodb: int
    query_service_mongodb: int
    client_command_service: int

    @classmethod
    def default(cls, first: int = FIRST) -> Ports:
        """The ports of `make up`; the servers' ports differ from those of default installations.

        Args:
            first: the smallest, the command service's; the others follow it.
        """
        return cls(
            command_service=first,
            query_service=first + 1,
            web=first + 2,
            relay=first + 3,
            relay_2=first + 17,
            projector=first + 4,
            projector_2=first + 15,
            projector_3=first + 16,
            counter=first + 5,
            replica=first + 6,
            coordinator=first + 9,
            links=first + 7,
            postgresql=first + 10,
            rabbitmq=first + 11,
            mongodb=first + 12,
            rabbitmq_distribution=first + 13,
            control=first + 14,
            lab_control=first + 8,
            command_service_postgresql=first + 20,
            relay_postgresql=first + 21,
            relay_rabbitmq=first + 22,
            projector_rabbitmq=first + 23,
            projector_mongodb=first + 24,
            query_service_mongodb=first + 25,
            client_command_service=first + 26,
        )

    @classmethod
    def named(cls, environment: Mapping[str, str]) -> Ports:
        """The ports that FIRST_PORT asks for, or the default ones.

        Raises:
            StackError: it is no port, or too near the last one.
        """
        given = environment.get("FIRST_PORT") or str(FIRST)
        most = MOST_PORT - (max(dataclasses.astuple(cls.default())) - FIRST)
        if not (given.isascii() and given.isdigit() and LEAST_PORT <= int(given) <= most):
            raise StackError(
                f"FIRST_PORT has to be a number from {LEAST_PORT} to {most}, and is {given!r}."
            )
        return cls.default(int(given))

    @classmethod
    def free(cls) -> Ports:
        """Ports that nothing uses now."""
        names = [field.name for field in dataclasses.fields(cls)]
        with ExitStack() as held:
            return cls(**{name: _free_port(held) for name in names})

    def of_links(self) -> Mapping[str, int]:
        """Where each link listens, by its name, in the order of the flow."""
        return {name: self.by_name()[name] for name in LINKS}

    def by_name(self) -> Mapping[str, int]:
        """Each port under the name of what listens there."""
        return {name.replace("_", "-"): port for name, port in dataclasses.asdict(self).items()}


def check_free(wanted: Mapping[str, int]) -> None:
    """Raise if a port is taken, and say by which process.

    Args:
        wanted: the port of each program, by the program's name.

    Raises:
        StackError: names every port that is taken.
    """
    taken = {name: port for name, port in wanted.items() if not is_free(port)}
    if not taken:
        return
    shown = [f"{port} ({name})" for name, port in taken.items()]
    holders = "; ".join(holder(port) for port in list(taken.values())[:MOST_HOLDERS])
    more = ", and so on" if len(taken) > MOST_HOLDERS else ""
    words = ("Port", "is") if len(taken) == 1 else ("Ports", "are")
    raise StackError(
        f"{words[0]} {', '.join(shown)} {words[1]} taken: {holders}{more}. "
        "Stop what listens there, then try again."
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now, on both loopback addresses."""
    return all(_is_free(address, port) for address in LOOPBACKS)


def is_open(port: int) -> bool:
    """Whether something listens on this port now, on either loopback address."""
    for address in LOOPBACKS:
        with suppress(OSError), socket.create_connection((address, port), timeout=1):
            return True
    return False


def own_address() -> str:
    """The address of this machine for others, or its name if it has no route to them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # This sends nothing; it chooses the address that a packet would be sent from.
            probe.connect(ELSEWHERE)
        except OSError:
            return socket.gethostname()
        address: str = probe.getsockname()[0]
        return address


def holder(port: int) -> str:
    """The process that listens on a port, as far as this user may know."""
    try:
        listening = [
            connection
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and port in connection.laddr
        ]
    except (psutil.AccessDenied, PermissionError):
        listening = []
    pids = sorted({connection.pid for connection in listening if connection.pid})
    if not pids:
        return (
            f"{port} by a process of another user (`sudo ss -ltnp 'sport = :{port}'` tells which)"
        )
    return ", ".join(f"{port} by {_name(pid)}, pid {pid}" for pid in pids)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a process"


def _is_free(address: str, port: int) -> bool:
    try:
        with _bound(address, port, reuse=True) as probe:
            probe.listen(1)
    except OSError as error:
        return error.errno in listening.NO_IPV6
    return True


def _bound(address: str, port: int, *, reuse: bool) -> socket.socket:
    """A socket that is bound to this port.

    Args:
        address: one of LOOPBACKS.
        port: the port.
        reuse: whether a port whose last connections still linger counts as free.
    """
    family = LOOPBACKS[address]
    probe = socket.socket(family, socket.SOCK_STREAM)
    try:
        if reuse:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((address, port))
    except OSError:
        probe.close()
        raise
    return probe


def _free_port(held: ExitStack) -> int:
    for port in random.sample(FREE_RANGE, len(FREE_RANGE)):
        try:
            for address in LOOPBACKS:
                _hold(held, address, port)
        except OSError:
            continue
        return port
    raise StackError("No free port was found on loopback.")


def _hold(held: ExitStack, address: str, port: int) -> None:
    try:
        held.enter_context(_bound(address, port, reuse=False))
    except OSError as error:
        if error.errno not in listening.NO_IPV6:
            raise
