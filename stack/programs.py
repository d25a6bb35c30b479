"""The programs of the stack, and the settings that each one gets."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError
from stack.passwords import Passwords
from stack.ports import LOOPBACK, Ports

ROOT = Path(__file__).resolve().parent.parent
# What we are called in each store.
USER = "eventually"

SERVERS = ("postgresql", "rabbitmq", "mongodb")
PROCESSES = ("command-service", "relay", "projector", "query-service", "web")
# They exist only with the lab, and sleep until a switch wants them. So nobody waits for them.
ON_DEMAND = ("counter", "replica", "coordinator", "links")
ALL = SERVERS + PROCESSES + ON_DEMAND
# Further ones, which run beside the first only while the lab wants them.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "relay": ("relay-2",),
    "projector": ("projector-2", "projector-3"),
}
MORE = tuple(name for names in BESIDE.values() for name in names)
# The page is what one looks through, and the links are what breaks links: no places of the lab.
NO_PLACES = ("web", "links")

# First new work stops coming in, then the work in hand is finished, then web gets its last traces.
STOP_ORDER = (
    ("command-service", "query-service"),
    ("relay", "projector", *MORE, "counter", "replica", "coordinator"),
    ("web", "links"),
    SERVERS,
)

# Other names for them, such as those in docker-compose.yml.
OTHER_NAMES = {"postgres": "postgresql", "mongo": "mongodb", "rabbit": "rabbitmq"}

MODULES = {
    "command-service": "command_service",
    **dict.fromkeys(("relay", *BESIDE["relay"]), "command_service.relay"),
    **dict.fromkeys(("projector", *BESIDE["projector"]), "query_service.projector"),
    "query-service": "query_service",
    "counter": "query_service.counter",
    "replica": "query_service.replica",
    "coordinator": "command_service.coordinator",
    "links": "links",
    "web": "web",
}

# Marks every process of a stack with the stack's folder, so that the next start recognises what an
# unclean end has left behind.
MARK = "EVENTUALLY_STACK"


@dataclass(frozen=True)
class Program:
    """One program, as the supervisor should run it.

    Args:
        at_once: whether the supervisor starts it by itself.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_wait_s: int = 15
    user: str | None = None
    at_once: bool = True


@dataclass(frozen=True)
class Urls:
    """Where to find everything in one stack."""

    database_url: str
    rabbitmq_url: str
    mongodb_url: str
    command_service: str
    query_service: str
    relay: str
    projector: str
    counter: str
    replica: str
    coordinator: str
    links: str
    web: str

    @classmethod
    def of(cls, ports: Ports, passwords: Passwords) -> Urls:
        """The addresses that follow from the ports, and from the passwords."""
        postgresql, rabbitmq, mongodb = (
            f"{USER}:{password}@{LOOPBACK}" for password in dataclasses.astuple(passwords)
        )
        return cls(
            database_url=f"postgresql://{postgresql}:{ports.postgresql}/eventually",
            rabbitmq_url=f"amqp://{rabbitmq}:{ports.rabbitmq}/%2F",
            mongodb_url=f"mongodb://{mongodb}:{ports.mongodb}/eventually?authSource=admin",
            command_service=f"http://{LOOPBACK}:{ports.command_service}",
            query_service=f"http://{LOOPBACK}:{ports.query_service}",
            relay=f"http://{LOOPBACK}:{ports.relay}",
            projector=f"http://{LOOPBACK}:{ports.projector}",
            counter=f"http://{LOOPBACK}:{ports.counter}",
            replica=f"http://{LOOPBACK}:{ports.replica}",
            coordinator=f"http://{LOOPBACK}:{ports.coordinator}",
            links=f"http://{LOOPBACK}:{ports.links}",
            web=f"http://{LOOPBACK}:{ports.web}",
        )

    def base(self, name: str) -> str:
        """The HTTP address of one of our processes."""
        address: str = getattr(self, name.replace("-", "_"))
        return address


def named(word: str) -> str:
    """The program that this word stands for.

    Raises:
        StackError: there is no such program.
    """
    plain = word.lower().replace("_", "-")
    name = OTHER_NAMES.get(plain, plain)
    if name in ALL + MORE:
        return name
    near = difflib.get_close_matches(plain, [*ALL, *OTHER_NAMES], n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Its programs are {', '.join(ALL)}."
    raise StackError(f"The stack has no program called {word}. {hint}")


def control_url(ports: Ports, password: str) -> str:
    """The address of the stack's control, for web alone."""
    return f"http://stack:{password}@{LOOPBACK}:{ports.lab_control}"


def settings(
    name: str,
    ports: Ports,
    urls: Urls,
    *,
    lab: bool,
    host_key: str,
    lab_key: str = "",
    control_password: str = "",
) -> dict[str, str]:
    """The settings of one of our processes, and no more than it needs.

    Args:
        name: one of PROCESSES, ON_DEMAND or MORE.
        ports: the ports of the stack.
        urls: its addresses.
        lab: whether the lab's switches exist.
        host_key: opens the switches; only web gets it.
        lab_key: what the processes share, so that only web sets their switches.
        control_password: opens the stack's control; only web gets it.
    """
    common = {"LISTEN_HOST": "localhost"}
    if lab:
        common |= {"LAB": "1", "LAB_KEY": lab_key}
    # What is broken on the way of the first of several leaves the others as they are.
    if lab and name not in MORE:
        common["LINKS_URL"] = urls.links
    traced = {"TRACES_URL": urls.web}
    database = {"DATABASE_URL": urls.database_url}
    broker = {"RABBITMQ_URL": urls.rabbitmq_url}
    store = {"MONGODB_URL": urls.mongodb_url}
    feed = {"COMMAND_SERVICE_URL": urls.command_service}
    on_demand = {
        "COUNTER_URL": urls.counter,
        "REPLICA_URL": urls.replica,
        "COORDINATOR_URL": urls.coordinator,
    }
    own: dict[str, dict[str, str]] = {
        "command-service": {
            "PORT": str(ports.command_service),
            **traced,
            **database,
            # Only a switch of the lab has it talk to the broker.
            **(broker if lab else {}),
        },
        "relay": {"OPS_PORT": str(ports.relay), **traced, **database, **broker},
        "relay-2": {"OPS_PORT": str(ports.relay_2), **traced, **database, **broker},
        "projector": {"OPS_PORT": str(ports.projector), **traced, **broker, **store, **feed},
        "projector-2": {"OPS_PORT": str(ports.projector_2), **traced, **broker, **store, **feed},
        "projector-3": {"OPS_PORT": str(ports.projector_3), **traced, **broker, **store, **feed},
        "counter": {"OPS_PORT": str(ports.counter), **traced, **broker, **store, **feed},
        "replica": {"OPS_PORT": str(ports.replica), **traced, **broker, **store, **feed},
        "coordinator": {"OPS_PORT": str(ports.coordinator), **traced, **database, **feed},
        "links": {
            "PORT": str(ports.links),
            "LINK_PORTS": ",".join(map(str, ports.of_links().values())),
            **traced,
            # They pass on what others say to the stores, and have no password to say.
            **{name: _nobodys(url) for name, url in {**database, **broker, **store}.items()},
            **feed,
        },
        "query-service": {"PORT": str(ports.query_service), **traced, **store, **feed},
        "web": {
            "PORT": str(ports.web),
            "COMMAND_SERVICE_URL": urls.command_service,
            "QUERY_SERVICE_URL": urls.query_service,
            "RELAY_URL": urls.relay,
            "PROJECTOR_URL": urls.projector,
            **(on_demand if lab else {}),
            "HOST_KEY": host_key,
        },
    }
    if lab and control_password:
        own["web"]["STACK_CONTROL_URL"] = control_url(ports, control_password)
    return {**common, **own[name]}


def _nobodys(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def migration_settings(urls: Urls) -> dict[str, str]:
    """The settings of the migrations, which run once at each start."""
    return {"DATABASE_URL": urls.database_url}


def process(name: str, environment: Mapping[str, str]) -> Program:
    """One of our processes as a program."""
    return Program(
        name=name,
        command=(sys.executable, "-m", MODULES[name]),
        directory=ROOT,
        environment={"PYTHONUNBUFFERED": "1", **environment},
        at_once=name not in ON_DEMAND + MORE,
    )
