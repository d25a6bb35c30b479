"""A process of the pipeline: its log, traces, metrics and signals are set up here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from flask import Flask
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry

from chassis.clock import Clock
from chassis.http import MAX_BODY_BYTES, Checks, new_app, one_at_a_time
from chassis.lab.firings import Firings
from chassis.lab.key import only_with_key
from chassis.lab.lab import Lab
from chassis.lab.routes import Holds, add_lab
from chassis.lab.servers import Versions, add_servers
from chassis.lab.switches import Switch
from chassis.lifecycle import allow_files, give_up_after, stop_on_signals
from chassis.listening import listen
from chassis.log import set_up_logging
from chassis.routes import Routes
from chassis.serving import Hold, HttpServer
from chassis.settings import ProcessSettings
from chassis.sites import only_for_us
from chassis.telemetry.provider import new_tracer_provider

# Enough for as many clients as one process can serve.
MOST_FILES = 10_000
# For the few requests to a process whose work is not HTTP.
OPS_THREADS = 2


@dataclass(frozen=True)
class Process:
    """What every process has while it runs. `stop` is set when it has to end."""

    settings: ProcessSettings
    provider: TracerProvider
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Clock = field(default_factory=Clock)
    routes: Routes = field(default_factory=lambda: Routes("", ""))

    def tracer(self, module: str) -> Tracer:
        """Return the tracer of one of its modules."""
        return self.provider.get_tracer(module)

    def on_stop(self, wake: Callable[[], None]) -> None:
        """Have something called once the process has to end.

        By a thread of its own: a signal's handler interrupts other code, which may hold a lock
        that is needed.
        """

        def wait() -> None:
            self.stop.wait()
            wake()

        threading.Thread(target=wait, name="stop", daemon=True).start()

    def firings(self, place: str = "") -> Firings:
        """Return what records the firings of the switches of a place, or of this process itself."""
        tracer, flush = self.tracer("chassis.lab"), self.provider.force_flush
        return Firings(tracer, self.clock, flush, place or self.settings.name)

    def new_lab(self, *switches: Switch) -> Lab:
        """Return the lab of this process. Without LAB, nothing ever sets its switches."""
        lab = Lab(*switches, firings=self.firings())
        if self.settings.lab:
            self.on_stop(lab.let_go)
        return lab

    def new_app(
        self,
        import_name: str,
        checks: Checks,
        lab: Lab,
        holds: Holds,
        versions: Versions = MappingProxyType({}),
    ) -> Flask:
        """Return an app with health, readiness and metrics, and with the lab if that is on.

        Args:
            import_name: the module that it is made for.
            checks: what readiness asks.
            lab: its switches.
            holds: what its store or queue holds.
            versions: of the servers that it talks to.
        """
        app = new_app(import_name, checks, self.registry)
        if self.settings.lab:
            add_lab(app, lab, one_at_a_time("the store", holds))
            told = {name: one_at_a_time(name, version) for name, version in versions.items()}
            add_servers(app, told)
        return app

    def serving(
        self,
        app: Flask,
        threads: int = OPS_THREADS,
        hold: Hold | None = None,
        key_below: str = "/lab",
    ) -> HttpServer:
        """Return the server of the app, as a block. Raises SystemExit if it cannot listen.

        Args:
            app: what answers.
            threads: how many requests are worked on at a time.
            hold: makes a request wait before it gets a thread.
            key_below: where whatever changes something needs the lab's key.
        """
        settings = self.settings
        listeners = listen(settings.host, settings.port)
        # Without the lab there is nothing of it, not even a key to ask for.
        guarded = only_with_key(app, settings.lab_key, key_below) if settings.lab else app
        ours = only_for_us(guarded, settings.names)
        return HttpServer(ours, listeners, threads, MAX_BODY_BYTES, settings.timeouts, hold)


@contextmanager
def running(settings: ProcessSettings) -> Iterator[Process]:
    """Run a process: signals set its `stop`, and at the end its last traces are sent."""
    process = _start(settings)
    stop_on_signals(process.stop)
    process.on_stop(partial(give_up_after, settings.timeouts.shutdown_s))
    allow_files(MOST_FILES)
    yield process
    process.provider.shutdown()


def _start(settings: ProcessSettings) -> Process:
    set_up_logging(settings.name, settings.log_format)
    routes = Routes(settings.name, settings.links_url)
    process = Process(settings, _provider(settings), routes=routes)
    watch = threading.Thread(
        target=process.clock.watch, args=(process.stop,), name="clock", daemon=True
    )
    watch.start()
    return process


def _provider(settings: ProcessSettings) -> TracerProvider:
    return new_tracer_provider(settings.name, settings.traces_url, settings.traces_every_ms)
