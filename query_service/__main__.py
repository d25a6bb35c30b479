"""Starts the query service: `python -m query_service`."""

from chassis.http import serve
from chassis.settings import Environment
from query_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    process = settings.process
    serve("query_service.http.app:app_of_process", process.host, process.port, settings.threads)


if __name__ == "__main__":
    main()
