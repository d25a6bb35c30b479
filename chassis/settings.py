"""Settings come from the environment; they are read in one place and passed on."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.headers import members
from chassis.hosts import OwnNames
from chassis.numbers import whole_number

# Of a key that people type: small letters and digits, without those that look alike (0 o, 1 l).
_TYPED = "abcdefghijkmnpqrstuvwxyz23456789"  # pragma: allowlist secret
# Nobody types it, and nobody counts wrong ones.
SHORTEST_LAB_KEY = 20
_KEY = re.compile(r"(?! )(?:(?![\"';#\\])[ -~])+(?<! )")


@dataclass(frozen=True)
class Environment:
    """The environment's variables, read with a default and a clear error."""

    variables: Mapping[str, str]

    @classmethod
    def of_process(cls) -> "Environment":
        """Return what this process was started with, and what the file that it names adds.

        `SETTINGS_FILE` has NAME=value, one to a line: what others are not to see in the
        environment. Raises SystemExit if it cannot be read.
        """
        path = os.environ.get("SETTINGS_FILE")
        return cls({**(_in_file(Path(path)) if path else {}), **os.environ})

    def text(self, name: str, default: str) -> str:
        """Return a variable, or the default if it is unset or empty."""
        return self.variables.get(name) or default

    def number(self, name: str, default: int) -> int:
        """Return a variable as a whole number. Raises SystemExit if it is not one."""
        value = self.text(name, str(default))
        number = whole_number(value)
        if number is None:
            raise SystemExit(f"{name} has to be a whole number, and is {value!r}")
        return number

    def key(self, name: str) -> str:
        """Return a variable that clients send back in a header; "" if there is none.

        Beyond ASCII, each client would encode it in its own way (RFC 9110, 5.5), and the page could
        not send it at all; the rest is what a configuration file or a shell could not hold.
        Raises SystemExit.
        """
        value = self.text(name, "")
        if value and not _KEY.fullmatch(value):
            raise SystemExit(
                f"{name} may have letters, digits and signs of ASCII in it, and spaces between "
                "them, but no quotes, semicolons, number signs and backslashes. Choose another."
            )
        return value

    def flag(self, name: str) -> bool:
        """Return whether a variable is set to 1, true, yes or on."""
        return self.text(name, "").lower() in {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Timeouts:
    """How long a client may take, in seconds, before its connection is given up.

    Args:
        request_s: until a request has arrived whole, from its first byte.
        idle_s: without a request.
        answer_s: without taking any more of an answer.
        shutdown_s: until all that is in hand is finished, once the process has to end.
    """

    request_s: int = 10
    idle_s: int = 60
    answer_s: int = 20
    shutdown_s: int = 5

    @classmethod
    def read(cls, environment: Environment) -> "Timeouts":
        """Read them from the environment."""
        return cls(
            request_s=environment.number("REQUEST_TIMEOUT_S", cls.request_s),
            idle_s=environment.number("IDLE_TIMEOUT_S", cls.idle_s),
            answer_s=environment.number("ANSWER_TIMEOUT_S", cls.answer_s),
            shutdown_s=environment.number("SHUTDOWN_WITHIN_S", cls.shutdown_s),
        )


@dataclass(frozen=True)
class ProcessSettings:
    """The settings that every process has.

    Args:
        name: what the process is called in the log, in the traces and on the stage.
        host, port: where its API listens, or its ops pages if it has no API; `localhost` is both
            loopback addresses.
        log_format: `text` or `json`.
        lab: whether the switches that break things on purpose exist.
        traces_per_s: how many traces may begin here each second.
        traces_url: the OTLP/HTTP endpoint that the spans go to; "" sends none.
        traces_every_ms: the least time from one export to the next.
        timeouts: how long a client may take.
        links_url: where the lab's proxy says which way connections go; "" without the lab.
        lab_key: what setting a switch needs; with "" none can be set from outside.
        names: under which names its port is served.
    """

    name: str
    host: str
    port: int
    log_format: str
    lab: bool
    traces_per_s: int
    traces_url: str = ""
    traces_every_ms: int = 75
    timeouts: Timeouts = Timeouts()
    links_url: str = ""
    lab_key: str = ""
    names: OwnNames = field(default_factory=OwnNames)

    @classmethod
    def read(
        cls, environment: Environment, name: str, port_variable: str, port: int
    ) -> "ProcessSettings":
        """Read the settings of one process."""
        return cls(
            name=name,
            host=environment.text("LISTEN_HOST", "localhost"),
            port=environment.number(port_variable, port),
            log_format=environment.text("LOG_FORMAT", "text"),
            lab=environment.flag("LAB"),
            traces_per_s=environment.number("TRACES_PER_SECOND", 250),
            traces_url=environment.text("TRACES_URL", ""),
            traces_every_ms=environment.number("TRACES_EVERY_MS", cls.traces_every_ms),
            timeouts=Timeouts.read(environment),
            links_url=environment.text("LINKS_URL", "") if environment.flag("LAB") else "",
            lab_key=_lab_key(environment),
            names=OwnNames(frozenset(members(environment.text("ALLOWED_HOSTS", "").lower()))),
        )


def _in_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SystemExit(f"SETTINGS_FILE cannot be read: {error}") from None
    return {name: value for name, is_one, value in (it.partition("=") for it in lines) if is_one}


def _lab_key(environment: Environment) -> str:
    key = environment.key("LAB_KEY")
    if key and len(key) < SHORTEST_LAB_KEY:
        raise SystemExit(f"LAB_KEY has to have at least {SHORTEST_LAB_KEY} characters.")
    return key


def new_key() -> str:
    """Return a key of 80 random bits that can be read aloud and typed: `k7mq-x2vn-93hd-tpwa`."""
    letters = [secrets.choice(_TYPED) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))
