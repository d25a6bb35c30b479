"""The replica: a second read model of the todos, which lags: `python -m query_service.replica`.

It is the projector's own code on a queue of its own, and runs only while it is wanted.
"""

import time
from typing import ClassVar

from chassis import mongo
from chassis.lab.parameters import Number
from chassis.lab.points import Crash, Hold
from chassis.lab.switches import Kind, Pause, Slow, Switch
from chassis.lifecycle import take_short_turns
from chassis.process import running
from chassis.rabbitmq import connection_parameters
from chassis.settings import Environment
from query_service.events import parse_event
from query_service.faults import of_consumer
from query_service.feed import Feed
from query_service.hops import ProjectorHops
from query_service.on_demand import OnDemand, serve
from query_service.points import POINTS
from query_service.projector import Projector
from query_service.read_model import REPLICA as COLLECTION
from query_service.read_model import ReadModel
from query_service.settings import OnDemandSettings
from query_service.standings import Standings
from query_service.topology import REPLICA
from query_service.versions import knowing

LONGEST_LAG_MS = 60_000


class Replicate(Switch):
    """Keep a second read model of the todos, which lags."""

    name = "replicate"
    does = "Keeps a second read model of the todos, and applies each event late."
    teaches = (
        "Who reads from several replicas by turns may see a todo, and then not: each read model "
        "goes forward, but a reader who changes between them can go back. A token prevents that."
    )
    kind: ClassVar[Kind] = "variant"
    parameters = (
        Number(
            "lag_ms", "ms", 0, LONGEST_LAG_MS, 2000, "How long after its delivery one is applied."
        ),
    )

    @property
    def lag_ns(self) -> int:
        """Return how long an event waits before it is applied, in ns; 0 while it is off."""
        return self.number("lag_ms") * 1_000_000


class LaggingProjector(Projector):
    """A projector that applies what has been there for a while."""

    _replicate: Replicate

    def lag_by(self, replicate: Replicate) -> None:
        """Let it lag by what this switch says."""
        self._replicate = replicate

    def _due_in_s(self) -> float | None:
        if not self._arrived:
            return None
        due_ns = self._arrived[0].delivered_ns + self._replicate.lag_ns
        return max(0, due_ns - time.monotonic_ns()) / 1e9

    def _due(self) -> int:
        by_ns = time.monotonic_ns() - self._replicate.lag_ns
        # They came one after the other, so the first that is too new ends it.
        late = (index for index, it in enumerate(self._arrived) if it.delivered_ns > by_ns)
        return max(1, next(late, len(self._arrived)))


def main() -> None:
    """Replicate until SIGTERM, whenever that is wanted."""
    settings = OnDemandSettings.read(Environment.of_process(), "replica", 5007)
    take_short_turns()
    with running(settings.process) as process:
        database = mongo.database(settings.mongodb_url, timeout_ms=2000)
        parameters = connection_parameters(settings.rabbitmq_url, settings.process.name)
        read_model, wanted = ReadModel(database, COLLECTION), Replicate()

        stops = (Crash(*POINTS), Hold(*POINTS))
        lab = process.new_lab(wanted, Pause(), Slow(), *stops, *of_consumer())
        on_demand = OnDemand(
            COLLECTION,
            wanted,
            (),
            lab,
            Standings(database),
            lambda: Feed(settings.command_service_url, knowing(parse_event)),
            read_model.fill,
            REPLICA,
            parameters,
            process.stop,
        )
        tracer = process.tracer("query_service.replica")
        hops = ProjectorHops(tracer, process.clock, process.registry, REPLICA.name)
        projector = LaggingProjector(
            read_model, parameters, hops, lab, on_demand.ending, REPLICA, knowing(parse_event)
        )
        projector.lag_by(wanted)
        serve(process, on_demand, projector, lab, database, read_model.holds)


if __name__ == "__main__":
    main()
