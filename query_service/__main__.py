"""Starts the query service: `python -m query_service`."""

from chassis import mongo
from chassis.process import running
from chassis.settings import Environment
from query_service.http.app import create_app
from query_service.http.read_your_writes import ReadYourWrites
from query_service.read_model import ReadModel
from query_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    with running(settings.process) as process:
        database = mongo.database(settings.mongodb_url, timeout_ms=2000)
        most = settings.max_waiting_reads
        read_your_writes = ReadYourWrites(ReadModel(database).versions, most, process.registry)
        app = create_app(process, database, read_your_writes)
        with process.serving(app, settings.threads, read_your_writes.hold):
            process.stop.wait()
            read_your_writes.end()


if __name__ == "__main__":
    main()
