"""Starts the query service: `python -m query_service`."""

from chassis import mongo
from chassis.process import running
from chassis.settings import Environment
from query_service.http.app import create_app
from query_service.http.read_models import ReadModels
from query_service.http.read_your_writes import ReadYourWrites
from query_service.read_model import REPLICA
from query_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.read(Environment.of_process())
    with running(settings.process) as process:
        route = process.routes.route("query-service-mongodb")
        database = mongo.database(settings.mongodb_url, timeout_ms=2000, route=route)
        process.routes.start(process.stop)
        most = settings.max_waiting_reads
        read_models = ReadModels(database, lab=settings.process.lab)
        others = {REPLICA: read_models.replica_versions}
        read_your_writes = ReadYourWrites(
            read_models.todos.versions, most, process.registry, others, read_models.chosen
        )
        app = create_app(process, database, read_models, read_your_writes)
        with process.serving(app, settings.threads, read_your_writes.hold):
            process.stop.wait()
            read_your_writes.end()


if __name__ == "__main__":
    main()
