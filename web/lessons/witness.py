"""The witness: gathers what is known of a run, for the facts to look at."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from weakref import WeakKeyDictionary

from web.background.looks import Looks
from web.background.probe_reads import ProbeReads
from web.brief_cache import BriefCache
from web.gateway import Answer, Gateway
from web.journeys.contract import Contract
from web.journeys.faults import Firings
from web.journeys.injected import Injected
from web.journeys.journey import Journey
from web.journeys.journeys import CAPACITY, Journeys
from web.journeys.path import Paths
from web.lessons.evidence import Evidence, Unknown
from web.lessons.run import Run
from web.lessons.stores import LETTERS_KEPT_FOR_S, LiveStores, Log
from web.news import News
from web.own_time import OwnTime
from web.turns import in_turns


class Witness:
    """Gathers evidence.

    Args:
        gateway: the way to the processes.
        contract: the contract of the hops.
        journeys: what happened to each event.
        firings: what the lab's switches did.
        probe_reads: the probe reads.
        looks: what the processes held, as the watches heard it.
        own_time: the time of all that.
        news: wakes the watches.
    """

    def __init__(
        self,
        gateway: Gateway,
        contract: Contract,
        journeys: Journeys,
        firings: Firings,
        probe_reads: ProbeReads,
        looks: Looks,
        own_time: OwnTime,
        news: News,
    ) -> None:
        self._gateway = gateway
        self._contract = contract
        self._journeys = journeys
        self._firings = firings
        self._probe_reads = probe_reads
        self._looks = looks
        self._own_time = own_time
        self._news = news
        self._letters = BriefCache[Answer](LETTERS_KEPT_FOR_S)
        self._before: WeakKeyDictionary[Run, tuple[Log, int | None]] = WeakKeyDictionary()

    def begin(self, run: Run) -> None:
        """Note what was there before a run, which begins now; watch closely from now on."""
        self._looks.are_wanted = True
        self._news.tell(self._own_time.now_ns())
        log, events = Log(self._gateway), None
        with suppress(Unknown):
            events = len(log.read())
        self._before[run] = log, events

    def rest(self) -> None:
        """Watch no closer than a page needs: no lesson is under way."""
        self._looks.are_wanted = False

    def of(self, run: Run) -> Evidence:
        """Return what is known of a run now; stores are asked when a fact looks at them."""
        if run not in self._before:
            self._before[run] = Log(self._gateway), None
        log, events_before = self._before[run]
        began_ns = round(run.began_ms * 1e6)
        firings = [it for it in self._firings.newest() if it.began_ns >= began_ns]
        newest = in_turns(self._journeys.newest(CAPACITY))
        # The run goes on meanwhile.
        so_far = replace(run, todos=dict(run.todos), sent=list(run.sent), reads=list(run.reads))
        return Evidence(
            run=so_far,
            now_ms=self._own_time.now_ms(),
            stores=LiveStores(self._gateway, log, self._letters),
            hops=self._contract.all_hops,
            events_before=events_before,
            all_journeys=[it for it in newest if it.hops and it.began_ns >= began_ns],
            all_firings=firings,
            probes=[it for it in self._probe_reads.newest if it["asked_ms"] >= run.began_ms],
            looks=self._looks.since(run.began_ms),
            injected_ns=self._injected_ns(),
        )

    def _injected_ns(self) -> Callable[[Journey, int, int], int]:
        """Return the rule of what was injected; it is made once a fact needs it."""

        @cache
        def rule() -> Injected:
            return Injected(Paths(self._contract), self._firings.newest())

        return lambda journey, from_ns, to_ns: rule().between_ns(journey, from_ns, to_ns)
