"""What the command service and its relay are told."""

from dataclasses import dataclass

from chassis.settings import Environment, ServiceSettings


@dataclass(frozen=True)
class Settings:
    """Settings of both processes of the write side.

    Args:
        service: what every process is told.
        database_url: PostgreSQL.
        rabbitmq_url: RabbitMQ; used by the relay only.
        threads: how many commands are worked on at a time.
    """

    service: ServiceSettings
    database_url: str
    rabbitmq_url: str
    threads: int

    @classmethod
    def of_command_service(cls, environment: Environment) -> "Settings":
        """Read the command service's settings."""
        return cls._read(
            environment, ServiceSettings.read(environment, "command-service", "PORT", 5001)
        )

    @classmethod
    def of_relay(cls, environment: Environment) -> "Settings":
        """Read the relay's settings."""
        return cls._read(environment, ServiceSettings.read(environment, "relay", "OPS_PORT", 5004))

    @classmethod
    def _read(cls, environment: Environment, service: ServiceSettings) -> "Settings":
        return cls(
            service=service,
            database_url=environment.text(
                "DATABASE_URL", "postgresql://eventually:eventually@127.0.0.1:5432/eventually"
            ),
            rabbitmq_url=environment.text("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F"),
            threads=environment.number("THREADS", 8),
        )
