"""Starts the command service: `python -m command_service`."""

from chassis.http import serve
from chassis.settings import Environment
from command_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.of_command_service(Environment.of_process())
    service = settings.service
    serve("command_service.app:app_of_process", service.host, service.port, settings.threads)


if __name__ == "__main__":
    main()
