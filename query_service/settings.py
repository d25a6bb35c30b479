"""What the query service and its projector are told."""

from dataclasses import dataclass

from chassis.settings import Environment, ProcessSettings


@dataclass(frozen=True)
class Settings:
    """Settings of both processes of the read side.

    Args:
        process: those that every process has.
        mongodb_url: MongoDB.
        rabbitmq_url: RabbitMQ; used by the projector only.
        threads: how many queries are worked on at a time; a waiting one takes a thread.
    """

    process: ProcessSettings
    mongodb_url: str
    rabbitmq_url: str
    threads: int

    @classmethod
    def of_query_service(cls, environment: Environment) -> "Settings":
        """Read the query service's settings."""
        return cls._read(
            environment, ProcessSettings.read(environment, "query-service", "PORT", 5002)
        )

    @classmethod
    def of_projector(cls, environment: Environment) -> "Settings":
        """Read the projector's settings."""
        return cls._read(
            environment, ProcessSettings.read(environment, "projector", "OPS_PORT", 5005)
        )

    @classmethod
    def _read(cls, environment: Environment, process: ProcessSettings) -> "Settings":
        return cls(
            process=process,
            mongodb_url=environment.text("MONGODB_URL", "mongodb://127.0.0.1:27017/eventually"),
            rabbitmq_url=environment.text("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F"),
            threads=environment.number("THREADS", 32),
        )
