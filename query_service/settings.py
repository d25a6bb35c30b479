"""The settings of the query service, the projector and the rebuild."""

from dataclasses import dataclass

from chassis.settings import Environment, ProcessSettings


@dataclass(frozen=True)
class Settings:
    """Settings of the query service.

    Args:
        threads: how many queries are worked on at a time.
        max_waiting_reads: how many may wait for the read model besides.
    """

    process: ProcessSettings
    mongodb_url: str
    threads: int
    max_waiting_reads: int

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, "query-service", "PORT", 5002),
            mongodb_url=_mongodb_url(environment),
            threads=environment.number("THREADS", 32),
            max_waiting_reads=environment.number("MAX_WAITING_READS", 1000),
        )


@dataclass(frozen=True)
class ProjectorSettings:
    """Settings of the projector."""

    process: ProcessSettings
    mongodb_url: str
    rabbitmq_url: str
    letters: "LetterSettings"

    @classmethod
    def read(cls, environment: Environment) -> "ProjectorSettings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, "projector", "OPS_PORT", 5005),
            mongodb_url=_mongodb_url(environment),
            rabbitmq_url=_rabbitmq_url(environment),
            letters=LetterSettings.read(environment),
        )


@dataclass(frozen=True)
class OnDemandSettings:
    """Settings of a process that keeps a read model on demand, which it fills from the feed."""

    process: ProcessSettings
    mongodb_url: str
    rabbitmq_url: str
    command_service_url: str

    @classmethod
    def read(cls, environment: Environment, name: str, port: int) -> "OnDemandSettings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, name, "OPS_PORT", port),
            mongodb_url=_mongodb_url(environment),
            rabbitmq_url=_rabbitmq_url(environment),
            command_service_url=_command_service_url(environment),
        )


@dataclass(frozen=True)
class RebuildSettings:
    """Settings of the rebuild, which reads the command service's event feed."""

    mongodb_url: str
    command_service_url: str

    @classmethod
    def read(cls, environment: Environment) -> "RebuildSettings":
        """Read them from the environment."""
        return cls(_mongodb_url(environment), _command_service_url(environment))


@dataclass(frozen=True)
class LetterSettings:
    """Settings of the tool for dead letters, on the command line and in the projector.

    Args:
        command_service_url: shows which version of a todo PostgreSQL has, if its lab is on.
        page_url: where the page shows journeys.
        traces_url: where it is told that a letter is sent again; by default the page.
        most: how many letters one look shows at most.
    """

    mongodb_url: str
    rabbitmq_url: str
    command_service_url: str
    page_url: str
    traces_url: str
    most: int

    @classmethod
    def read(cls, environment: Environment) -> "LetterSettings":
        """Read them from the environment."""
        page_url = environment.text("PAGE_URL", "http://localhost:5003").rstrip("/")
        return cls(
            mongodb_url=_mongodb_url(environment),
            rabbitmq_url=_rabbitmq_url(environment),
            command_service_url=_command_service_url(environment),
            page_url=page_url,
            traces_url=environment.text("TRACES_URL", page_url),
            most=environment.number("MOST_LETTERS", 2_000),
        )


def _mongodb_url(environment: Environment) -> str:
    return environment.text("MONGODB_URL", "mongodb://127.0.0.1:27017/eventually")


def _rabbitmq_url(environment: Environment) -> str:
    return environment.text("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")


def _command_service_url(environment: Environment) -> str:
    return environment.text("COMMAND_SERVICE_URL", "http://127.0.0.1:5001")
