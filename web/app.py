"""The web app: the page, its messages, the routes through to both services, and the traces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from flask import Flask
from flask_socketio import SocketIO
from prometheus_client import CollectorRegistry

from chassis.clock import Clock
from chassis.http import new_app
from chassis.programs import Programs, parse_programs
from chassis.routes import Routes
from web.background.burst import Burst
from web.background.control_watch import ControlWatch
from web.background.looks import Looks
from web.background.probe_reads import ProbeReads
from web.background.process_watch import ProcessWatch
from web.background.todo_poller import TodoPoller
from web.gateway import Gateway
from web.journeys.aside import Aside
from web.journeys.contract import parse_contract
from web.journeys.faults import Firings
from web.journeys.journeys import Journeys
from web.journeys.path import Paths
from web.lessons.actions import Actions
from web.lessons.both_runs import BothRuns
from web.lessons.measuring import Measures
from web.lessons.player import Player
from web.lessons.shelf import Shelf
from web.lessons.witness import Witness
from web.mending.all_clear import AllClear
from web.mending.known_start import KnownStarts, Memory
from web.mending.mending import Mending
from web.mending.one_at_a_time import OneAtATime
from web.news import News
from web.own_time import OwnTime
from web.places import Places
from web.rerun.player import CommandPlayer
from web.rerun.reruns import Limits, Reruns, Seen
from web.room.joining import let_pages_join
from web.room.packets import PacketJson
from web.room.room import Room
from web.routes.attempts import Attempts
from web.routes.host_key import HostKey
from web.routes.journeys import add_export, add_journeys
from web.routes.lab import add_burst, add_poll, add_switches
from web.routes.lesson_runs import add_lesson_runs
from web.routes.lessons import add_lessons
from web.routes.letters import add_letters
from web.routes.limits import bodies_end, bounded
from web.routes.mending import add_mending
from web.routes.page import add_page
from web.routes.rates import at_a_rate
from web.routes.rebuild import add_rebuild
from web.routes.rerun import add_rerun
from web.routes.run_file import RunFile
from web.routes.services import add_services
from web.routes.sheet import ServerVersions, add_sheet
from web.routes.sites import only_for_us
from web.routes.traces import add_traces
from web.routes.truths import add_truths
from web.settings import Settings


@dataclass(frozen=True)
class Web:
    """What the main module serves, and what it runs beside it until it stops."""

    app: Flask
    socketio: SocketIO
    background: Sequence[Callable[[Event], None]]


def create_app(settings: Settings, async_mode: str = "eventlet", clock: Clock | None = None) -> Web:
    """Return the web app. Nothing connects, and nothing runs in the background, yet.

    Args:
        settings: how web was started.
        async_mode: what Socket.IO runs on.
        clock: the clock of the machine.
    """
    registry = CollectorRegistry()
    # Web is ready at once: while the services are down, it serves the page, which says so.
    app = new_app("web", {}, registry)
    socketio = SocketIO(
        async_mode=async_mode,
        always_connect=True,
        max_http_buffer_size=4096,
        json=PacketJson,
        # It does not look at origins itself: only_for_us looks at those of all requests.
        cors_allowed_origins=[],
    )
    lab = settings.process.lab
    host_key = HostKey(
        settings.host_key,
        Attempts(settings.host_key_attempts, settings.host_key_attempts_of_all),
    )
    own_time = OwnTime(clock or Clock())
    news = News()
    on_demand = settings.on_demand if lab else {}
    processes = {**settings.urls, **on_demand}
    routes = Routes(settings.process.name, settings.process.links_url)
    gateway = Gateway(
        {**processes, **settings.controls},
        own_time,
        news,
        routes.route("client-command-service"),
        settings.process.lab_key,
    )
    places = Places(gateway, processes, settings.controls, _by_hand(settings))
    contract = parse_contract(settings.hops.read_bytes())
    journeys, firings = Journeys(contract), Firings(contract)
    room = Room(socketio, journeys, firings, own_time, news, lab=lab, ports=settings.ports())
    poller = TodoPoller(gateway, journeys, room, own_time, news, settings.poll_interval_ms)
    probe_reads = ProbeReads(gateway, journeys, room, own_time)
    looks, aside = Looks(), Aside()
    watches = [
        ProcessWatch(
            *(gateway, room, own_time, news, places, it, looks),
            lab=lab,
            may_sleep=it in on_demand,
        )
        for it in processes
    ]
    controls = [
        ControlWatch(gateway, places, room, own_time, news, it) for it in settings.controls if lab
    ]

    background = [
        room.run,
        routes.run,
        poller.run,
        probe_reads.run,
        *(it.run for it in watches),
        *(it.run for it in controls),
    ]

    # From the inside out: what a request meets first comes last.
    add_traces(app, journeys, firings, room, own_time, registry)
    app.wsgi_app = bounded(bodies_end(app.wsgi_app))  # type: ignore[assignment]
    let_pages_join(app, socketio, settings.connections)
    app.wsgi_app = only_for_us(  # type: ignore[assignment]
        at_a_rate(app.wsgi_app, settings.changes_per_s, settings.reads_per_s), settings.addresses
    )
    add_page(app, socketio, room)
    add_services(app, gateway, probe_reads, settings.forwarded)
    add_journeys(app, journeys, firings, gateway, lab=lab)
    run_file = RunFile(journeys, firings, room, probe_reads, own_time, aside)
    add_export(app, run_file)
    if lab:
        add_truths(app, gateway, journeys, own_time)
        add_switches(app, host_key, places)
        add_poll(app, host_key, poller)
        burst, reruns = (
            Burst(gateway, room, probe_reads),
            Reruns(
                CommandPlayer(gateway, own_time, probe_reads),
                places,
                Seen(journeys, firings, probe_reads),
                room,
                own_time,
                contract,
                Limits(settings.rerun_commands, settings.rerun_s),
            ),
        )
        add_burst(app, host_key, burst)
        add_letters(app, host_key, gateway)
        add_rebuild(app, host_key, gateway)
        all_clear = AllClear(gateway, places, [burst, reruns], room, own_time, processes)
        known_starts = KnownStarts(
            *(gateway, all_clear, Memory(journeys, firings, probe_reads, aside)),
            *(room, own_time, processes),
        )
        mending = Mending(all_clear, known_starts, OneAtATime())
        add_mending(app, host_key, mending)
        shelf = Shelf(settings.lessons)
        player = Player(
            shelf,
            Actions(gateway, places, probe_reads, own_time, settings.ports_here()),
            Measures(
                Witness(gateway, contract, journeys, firings, probe_reads, looks, own_time, news)
            ),
            mending,
            room,
            own_time,
            settings.most_answers,
            settings.lesson_left_after_s,
        )
        add_lessons(app, host_key, shelf, player)
        add_sheet(app, player, run_file, ServerVersions(gateway))
        background += [player.tell, player.watch]
        add_lesson_runs(app, player, BothRuns(known_starts.memory, own_time, Paths(contract)))
        add_rerun(app, host_key, reruns, contract, settings.rerun_mib * 2**20)
    return Web(app, socketio, background)


def _by_hand(settings: Settings) -> Programs | None:
    """Return what can be done to the programs only by typing; None if a control does it."""
    if "stack" in settings.controls:
        return None
    return parse_programs(settings.programs.read_bytes())
