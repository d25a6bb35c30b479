"""Starts the command service: `python -m command_service`."""

from chassis.process import running
from chassis.settings import Environment
from command_service.app import create_app
from command_service.database import write_database
from command_service.old_keys import OldKeys
from command_service.settings import Settings
from command_service.store import PREPARED


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    with running(settings.process) as process:
        route = process.routes.route("command-service-postgresql")
        database = write_database(settings.database_url, PREPARED, route)
        process.routes.start(process.stop)
        app = create_app(process, database, settings.rabbitmq_url)
        OldKeys(database, settings.keys_kept_s).start(process.stop)
        with process.serving(app, settings.threads):
            process.stop.wait()


if __name__ == "__main__":
    main()
