"""What web is told."""

import secrets
from dataclasses import dataclass

from chassis.settings import Environment, ServiceSettings


@dataclass(frozen=True)
class Settings:
    """Settings of web.

    Args:
        service: what every process is told.
        urls: where each process of the pipeline answers HTTP, by its name, in the flow's order.
        host_key: what changing the lab needs.
        host_key_given: whether it came from the environment, and need not be told.
        poll_interval_ms: how long the poller waits between two reads.
    """

    service: ServiceSettings
    urls: dict[str, str]
    host_key: str
    host_key_given: bool
    poll_interval_ms: int

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read the settings of web."""
        given = environment.text("HOST_KEY", "")
        return cls(
            service=ServiceSettings.read(environment, "web", "PORT", 5003),
            urls={
                "command-service": environment.text("COMMAND_SERVICE_URL", "http://127.0.0.1:5001"),
                "relay": environment.text("RELAY_URL", "http://127.0.0.1:5004"),
                "projector": environment.text("PROJECTOR_URL", "http://127.0.0.1:5005"),
                "query-service": environment.text("QUERY_SERVICE_URL", "http://127.0.0.1:5002"),
            },
            host_key=given or secrets.token_urlsafe(9),
            host_key_given=bool(given),
            poll_interval_ms=environment.number("POLL_INTERVAL_MS", 250),
        )
