"""The settings of the links: where each one listens, and where its server is."""

import re
from dataclasses import dataclass

from chassis.numbers import whole_number
from chassis.settings import Environment, ProcessSettings
from links.link import Address

_POSTGRESQL = ("DATABASE_URL", "postgresql://127.0.0.1:5432", 5432)
_RABBITMQ = ("RABBITMQ_URL", "amqp://127.0.0.1:5672", 5672)
_MONGODB = ("MONGODB_URL", "mongodb://127.0.0.1:27017", 27017)
_COMMANDS = ("COMMAND_SERVICE_URL", "http://127.0.0.1:5001", 80)
# Each link, the process at its client's end, and its server: the variable that names it.
LINKS = (
    ("command-service-postgresql", "command-service", _POSTGRESQL),
    ("relay-postgresql", "relay", _POSTGRESQL),
    ("relay-rabbitmq", "relay", _RABBITMQ),
    ("projector-rabbitmq", "projector", _RABBITMQ),
    ("projector-mongodb", "projector", _MONGODB),
    ("query-service-mongodb", "query-service", _MONGODB),
    ("client-command-service", "web", _COMMANDS),
)
_FIRST_PORT = 5021
# After the scheme and the user: the first host, and its port.
_HOST = re.compile(r"\w+(?:\+\w+)?://(?:[^/?@]*@)?(\[[^\]]+\]|[^/?,:]+)(?::(\d+))?")


@dataclass(frozen=True)
class LinkSettings:
    """One link.

    Args:
        name: its two ends.
        process: the process at its client's end.
        listens_on: where its clients come in.
        upstream: where its server is.
    """

    name: str
    process: str
    listens_on: Address
    upstream: Address


@dataclass(frozen=True)
class Settings:
    """Settings of the process."""

    process: ProcessSettings
    links: tuple[LinkSettings, ...]

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read them from the environment. Raises SystemExit if one cannot be used."""
        process = ProcessSettings.read(environment, "links", "PORT", 5008)
        ports = _ports(environment)
        links = (
            LinkSettings(
                name,
                of,
                Address(process.host, port),
                _address(variable, environment.text(variable, default), its_port),
            )
            for (name, of, (variable, default, its_port)), port in zip(LINKS, ports, strict=True)
        )
        return cls(process, tuple(links))


def _ports(environment: Environment) -> list[int]:
    default = ",".join(str(_FIRST_PORT + number) for number in range(len(LINKS)))
    given = environment.text("LINK_PORTS", default)
    ports = [whole_number(each.strip()) for each in given.split(",")]
    found = [port for port in ports if port is not None]
    if len(found) != len(ports) or len(found) != len(LINKS):
        raise SystemExit(
            f"LINK_PORTS has to be {len(LINKS)} ports with commas between, and is {given!r}"
        )
    return found


def _address(variable: str, url: str, port: int) -> Address:
    found = _HOST.match(url)
    if found is None:
        raise SystemExit(f"{variable} has to be a URL with a host, and is {url!r}")
    return Address(found[1].strip("[]"), int(found[2] or port))
