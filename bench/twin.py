"""The same services with few todos: on the same servers, in databases of their own.

Each measurement at a million todos has its twin at a thousand, within the same seconds.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from bench.rig import Rig, is_ready, process, until
from bench.stores import Stores
from command_service.migrate import migrate
from stack.ports import Ports
from stack.programs import MODULES

FEW = 1_000
DATABASE = "few"


@dataclass(frozen=True)
class Twin:
    """The services with few todos.

    Args:
        stores: their stores.
        command_service: its address.
        query_service: its address.
        web: its address.
    """

    stores: Stores
    command_service: str
    query_service: str
    web: str

    def start_over(self) -> None:
        """Reset both sides to exactly the few todos."""
        self.stores.sql("TRUNCATE todos, events, outbox RESTART IDENTITY")
        self.stores.write_events(FEW, outbox=False)
        rows = self.stores.sql("SELECT id, title, completed, version FROM todos")
        names = ("_id", "title", "completed", "version")
        with self.stores.mongodb() as database:
            database["todos"].delete_many({})
            database["todos"].insert_many([dict(zip(names, row, strict=True)) for row in rows])


@contextmanager
def running(rig: Rig) -> Iterator[Twin]:
    """Run a command service, a query service and a web with few todos beside the stack."""
    urls, ports = rig.stack.urls, Ports.free().by_name()
    stores = Stores(
        urls.database_url.replace("/eventually", f"/{DATABASE}"),
        urls.mongodb_url.replace("/eventually", f"/{DATABASE}"),
    )
    rig.stores.sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    rig.stores.sql(f"CREATE DATABASE {DATABASE}")
    migrate(stores.database_url)
    names = ("command-service", "query-service", "web")
    bases = {name: f"http://127.0.0.1:{ports[name]}" for name in names}
    theirs = {
        "DATABASE_URL": stores.database_url,
        "MONGODB_URL": stores.mongodb_url,
        "COMMAND_SERVICE_URL": bases["command-service"],
        "QUERY_SERVICE_URL": bases["query-service"],
    }
    with ExitStack() as processes:
        for name in names:
            settings = {**rig.stack.environment(name), **theirs, "PORT": str(ports[name])}
            processes.enter_context(process(MODULES[name], **settings))
            until(partial(is_ready, bases[name]), 30)
        twin = Twin(stores, *(bases[name] for name in names))
        twin.start_over()
        yield twin
