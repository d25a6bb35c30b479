"""The counter: keeps the counting read model while it is wanted, `python -m query_service.counter`.

It is a projector like the other one, with a queue of its own, and with an inbox where the other one
has the version guard.
"""

from collections.abc import Sequence
from typing import ClassVar

from chassis import mongo
from chassis.lab.points import Crash, Hold
from chassis.lab.switches import Kind, Pause, Slow, Switch
from chassis.lifecycle import take_short_turns
from chassis.process import running
from chassis.rabbitmq import connection_parameters
from chassis.settings import Environment
from query_service.counts import COLLECTION, Counts
from query_service.events import TimedEvent, TodoEvent, parse_timed_event
from query_service.faults import of_consumer
from query_service.feed import Feed
from query_service.hops import ProjectorHops
from query_service.idempotence import Fate
from query_service.on_demand import OnDemand, serve
from query_service.points import POINTS
from query_service.projector import Projector
from query_service.settings import OnDemandSettings
from query_service.standings import Standings
from query_service.topology import COUNTER
from query_service.versions import knowing


class Count(Switch):
    """Keep the counting read model."""

    name = "count"
    does = "Keeps a second read model of the same events, which counts them."
    teaches = (
        "Whoever has the events can make a read model of their own, from the beginning. And "
        "applying an event twice does harm here: two are not one."
    )
    kind: ClassVar[Kind] = "variant"


class NoInbox(Switch):
    """Count an event whenever it comes."""

    name = "no-inbox"
    does = "Counts an event each time that it comes, without a look at the ids counted before."
    teaches = (
        "A broker delivers at least once. Where applying twice is not the same as applying once, "
        "something has to remember what was applied, in the same write."
    )
    kind: ClassVar[Kind] = "cure"


class CountsByTheLab:
    """The counts as the projector sees them.

    Args:
        counts: the counts.
        no_inbox: whether the inbox is taken away.
    """

    def __init__(self, counts: Counts, no_inbox: NoInbox) -> None:
        self._counts = counts
        self._no_inbox = no_inbox

    def project(self, events: Sequence[TodoEvent]) -> Sequence[Fate]:
        """Count events, and return what became of each. Raises ServerUnavailable."""
        timed = [event for event in events if isinstance(event, TimedEvent)]
        return self._counts.count(timed, inbox=not self._no_inbox.on)


def main() -> None:
    """Count until SIGTERM, whenever that is wanted."""
    settings = OnDemandSettings.read(Environment.of_process(), "counter", 5006)
    take_short_turns()
    with running(settings.process) as process:
        database = mongo.database(settings.mongodb_url, timeout_ms=2000)
        parameters = connection_parameters(settings.rabbitmq_url, settings.process.name)
        counts, wanted, no_inbox = Counts(database), Count(), NoInbox()
        stops = (Crash(*POINTS), Hold(*POINTS))
        lab = process.new_lab(wanted, no_inbox, Pause(), Slow(), *stops, *of_consumer())
        on_demand = OnDemand(
            COLLECTION,
            wanted,
            (no_inbox,),
            lab,
            Standings(database),
            lambda: Feed(settings.command_service_url, knowing(parse_timed_event)),
            counts.fill,
            COUNTER,
            parameters,
            process.stop,
        )
        tracer = process.tracer("query_service.counter")
        hops = ProjectorHops(tracer, process.clock, process.registry, COUNTER.name)
        projector = Projector(
            CountsByTheLab(counts, no_inbox),
            parameters,
            hops,
            lab,
            on_demand.ending,
            COUNTER,
            knowing(parse_timed_event),
        )
        serve(process, on_demand, projector, lab, database, counts.totals)


if __name__ == "__main__":
    main()
