"""The settings of the command service, the relay, the coordinator and the migrations."""

from dataclasses import dataclass

from chassis.settings import Environment, ProcessSettings


@dataclass(frozen=True)
class Settings:
    """Settings of the command service.

    Only a switch of the lab has it talk to RabbitMQ.

    Args:
        threads: how many commands are worked on at a time.
        keys_kept_s: how long an idempotency key lasts, in seconds.
    """

    process: ProcessSettings
    database_url: str
    rabbitmq_url: str
    threads: int
    keys_kept_s: int

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, "command-service", "PORT", 5001),
            database_url=_database_url(environment),
            rabbitmq_url=_rabbitmq_url(environment),
            threads=environment.number("THREADS", 8),
            keys_kept_s=environment.number("IDEMPOTENCY_KEYS_KEPT_S", 24 * 60 * 60),
        )


@dataclass(frozen=True)
class RelaySettings:
    """Settings of the relay."""

    process: ProcessSettings
    database_url: str
    rabbitmq_url: str

    @classmethod
    def read(cls, environment: Environment) -> "RelaySettings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, "relay", "OPS_PORT", 5004),
            database_url=_database_url(environment),
            rabbitmq_url=_rabbitmq_url(environment),
        )


@dataclass(frozen=True)
class CoordinatorSettings:
    """Settings of the coordinator, which undoes a saga that has not ended after `timeout_s`."""

    process: ProcessSettings
    database_url: str
    command_service_url: str
    timeout_s: int

    @classmethod
    def read(cls, environment: Environment) -> "CoordinatorSettings":
        """Read them from the environment."""
        return cls(
            process=ProcessSettings.read(environment, "coordinator", "OPS_PORT", 5010),
            database_url=_database_url(environment),
            command_service_url=environment.text("COMMAND_SERVICE_URL", "http://127.0.0.1:5001"),
            timeout_s=environment.number("SAGA_TIMEOUT_S", 5),
        )


@dataclass(frozen=True)
class MigrationSettings:
    """Settings of the migrations, which are the only program that changes the schema.

    Args:
        database_url: where they connect, as the owner of the tables (`MIGRATIONS_URL`); by default
            as the other programs do.
        log_format: `text` or `json`.
    """

    database_url: str
    log_format: str

    @classmethod
    def read(cls, environment: Environment) -> "MigrationSettings":
        """Read them from the environment."""
        return cls(
            database_url=environment.text("MIGRATIONS_URL", _database_url(environment)),
            log_format=environment.text("LOG_FORMAT", "text"),
        )


def _database_url(environment: Environment) -> str:
    return environment.text(
        "DATABASE_URL", "postgresql://eventually:eventually@127.0.0.1:5432/eventually"
    )


def _rabbitmq_url(environment: Environment) -> str:
    return environment.text("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
