"""Starts the command service: `python -m command_service`."""

from chassis.http import serve
from chassis.settings import Environment
from command_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    process = settings.process
    serve("command_service.app:app_of_process", process.host, process.port, settings.threads)


if __name__ == "__main__":
    main()
