"""The settings of web."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chassis.settings import Environment, ProcessSettings, new_key
from web.addresses import Addresses, origin_of

CONTRACTS = Path(__file__).parents[1] / "contracts"
HOPS = CONTRACTS / "hops.yaml"
PROGRAMS = CONTRACTS / "programs.yaml"
LESSONS = Path(__file__).parents[1] / "lessons"


@dataclass(frozen=True)
class Settings:
    """Settings of web.

    Args:
        process: the settings that every process has.
        addresses: where the page is.
        urls: where each process of the pipeline answers HTTP, by its name, in the flow's order.
        on_demand: likewise, the processes that are there only for the lab, and mostly asleep.
        controls: where those answer that serve the switches of several places, by their names.
        host_key: what changing the lab needs.
        host_key_given: whether it came from the environment, and need not be shown.
        host_key_attempts: how many wrong ones a client may send before it has to wait.
        host_key_attempts_of_all: how many may come in a minute from all clients.
        poll_interval_ms: how long the poller waits between two reads.
        connections: how many there may be at once.
        forwarded: how many requests of clients may be under way to each service at once.
        changes_per_s: how many requests of one address may change something, in a second.
        reads_per_s: likewise, all other requests.
        rerun_commands: how many commands of a recorded run are played again.
        rerun_s: how long sending them may take, in seconds.
        rerun_mib: how large a file with a run may be, in MiB.
        hops: the contract by which spans are folded into journeys.
        programs: the contract of what can be done to servers and processes from outside.
        lessons: the folders with lessons: those that come with the stack, and a teacher's own.
        most_answers: how many may answer a question of a lesson.
        lesson_left_after_s: after what time without the host a lesson ends.
    """

    process: ProcessSettings
    addresses: Addresses
    urls: dict[str, str]
    on_demand: dict[str, str]
    controls: dict[str, str]
    host_key: str
    host_key_given: bool
    host_key_attempts: int
    host_key_attempts_of_all: int
    poll_interval_ms: int
    connections: int
    forwarded: int
    changes_per_s: int
    reads_per_s: int
    rerun_commands: int
    rerun_s: int
    rerun_mib: int
    hops: Path
    programs: Path
    lessons: tuple[Path, ...]
    most_answers: int
    lesson_left_after_s: int

    def ports(self) -> dict[str, int]:
        """Return the port of each process.

        The host in a URL is how web reaches it, perhaps by a container's name; the port is also the
        one that is published.
        """
        defaults = {"http": 80, "https": 443}
        parts = {process: urlsplit(url) for process, url in self.urls.items()}
        return {process: it.port or defaults.get(it.scheme, 80) for process, it in parts.items()}

    def ports_here(self) -> dict[str, int]:
        """Return the port of each process, and of web itself, for people on this machine."""
        return {**self.ports(), "web": self.process.port}

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read the settings of web. Raises SystemExit if one cannot be used."""
        given = environment.key("HOST_KEY")
        process = ProcessSettings.read(environment, "web", "PORT", 5003)
        return cls(
            process=process,
            addresses=Addresses(
                process.port, _public_url(environment), environment.number("TRUSTED_PROXIES", 0)
            ),
            urls={
                "command-service": environment.text("COMMAND_SERVICE_URL", "http://127.0.0.1:5001"),
                "relay": environment.text("RELAY_URL", "http://127.0.0.1:5004"),
                "projector": environment.text("PROJECTOR_URL", "http://127.0.0.1:5005"),
                "query-service": environment.text("QUERY_SERVICE_URL", "http://127.0.0.1:5002"),
            },
            on_demand=_named(
                environment,
                {
                    "counter": "COUNTER_URL",
                    "replica": "REPLICA_URL",
                    "coordinator": "COORDINATOR_URL",
                },
            ),
            controls=_named(environment, {"stack": "STACK_CONTROL_URL", "links": "LINKS_URL"})
            if process.lab
            else {},
            host_key=given or new_key(),
            host_key_given=bool(given),
            host_key_attempts=environment.number("HOST_KEY_ATTEMPTS", 5),
            host_key_attempts_of_all=environment.number("HOST_KEY_ATTEMPTS_OF_ALL", 60),
            poll_interval_ms=environment.number("POLL_INTERVAL_MS", 250),
            connections=environment.number("MAX_CONNECTIONS", 4000),
            forwarded=environment.number("MAX_FORWARDED", 600),
            changes_per_s=environment.number("CHANGES_PER_SECOND", 50),
            reads_per_s=environment.number("READS_PER_SECOND", 500),
            rerun_commands=environment.number("RERUN_MOST_COMMANDS", 1000),
            rerun_s=environment.number("RERUN_LONGEST_S", 600),
            rerun_mib=environment.number("RERUN_MOST_MIB", 32),
            hops=HOPS,
            programs=PROGRAMS,
            lessons=(LESSONS, Path(environment.text("LESSONS", str(LESSONS / "own"))).expanduser()),
            most_answers=environment.number("MAX_ANSWERS", 2000),
            lesson_left_after_s=environment.number("LESSON_LEFT_AFTER_S", 3600),
        )


def _named(environment: Environment, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that the environment names; it need not name any."""
    urls = {name: environment.text(variable, "") for name, variable in variables.items()}
    return {name: url for name, url in urls.items() if url}


def _public_url(environment: Environment) -> str:
    given = environment.text("PUBLIC_URL", "")
    origin = origin_of(given) if given else ""
    if origin is None:
        raise SystemExit(
            "PUBLIC_URL has to be http:// or https://, a name and perhaps a port, without a path, "
            f"as in https://room.example, and is {given!r}"
        )
    return origin
