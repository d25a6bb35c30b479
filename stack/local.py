"""The whole stack, or a part of it, as local processes under one supervisor."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import IO, Self

from chassis.programs import parse_programs
from chassis.settings import new_key
from stack import (
    config,
    contents,
    foreign,
    leftovers,
    machine,
    passwords,
    ports,
    private,
    programs,
    readiness,
    running,
)
from stack.control import Control
from stack.errors import StackError
from stack.ports import Ports
from stack.programs import (
    BESIDE,
    ON_DEMAND,
    PROCESSES,
    ROOT,
    SERVERS,
    Program,
    Urls,
)
from stack.running import RunningStack, last_words
from stack.servers import mongodb, postgresql, rabbitmq
from stack.supervisor_client import UNREACHABLE, Status, SupervisorClient

READY_WITHIN_S = 90
STOP_WITHIN_S = 120
POLL_S = 0.05

# A process of ours that has ended this many times during the start will not come up.
TRIES = 3


class LocalStack:
    """Starts, watches and stops the stack in one folder. Also a context manager."""

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        *,
        lab: bool = True,
        host_key: str | None = None,
        only: Collection[str] = programs.ALL,
        environment: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Set up a stack, without starting or writing anything yet.

        Args:
            folder: for data, logs and configuration; created if missing, kept at the end.
            ports: the loopback ports to use.
            lab: whether the lab's switches exist.
            host_key: opens the lab in the page; made up if none is given.
            only: the programs to run, of `programs.ALL`; `programs.SERVERS` for the three servers.
            environment: further settings of single processes, by the process's name.
        """
        self.folder = folder.resolve()
        self.ports = ports
        self._passwords = passwords.of(self.folder)
        self.urls = Urls.of(ports, self._passwords)
        self.lab = lab
        self.host_key = host_key or new_key()
        self.log_folder = self.folder / "log"
        self._names = tuple(
            name for name in programs.ALL if name in only and (lab or name not in ON_DEMAND)
        )
        self._more = tuple(
            name for first, more in BESIDE.items() if lab and first in self._names for name in more
        )
        self._further = environment or {}
        self._lock: IO[str] | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._migrations: subprocess.Popen[bytes] | None = None
        self._control: SupervisorClient | None = None
        self._lab_password = secrets.token_hex(16)
        self._lab_key = os.environ.get("LAB_KEY") or secrets.token_hex(16)
        self._lab_control: Control | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start everything, and return when it is all ready, but for what is on demand.

        Args:
            tell: called with a line about each long step.

        Raises:
            StackError: what is in the way, and what to do about it.
        """
        self._lock = leftovers.lock(self.folder)
        try:
            contents.check_owner(self.folder)
            self._cure(tell)
            machine.check_room(self.folder, machine.LEAST_FREE_MB)
            ports.check_free(self._wanted_ports())
            self._launch(tell)
            self._migrate()
            if self.lab:
                self._lab_control = self._serve_control().__enter__()
            self._wait_until_ready()
            # Only now, so that nothing else has to share the machine with them.
            for name in ON_DEMAND:
                if name in self._names:
                    self._client().start(name)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, in order, and return when nothing is left."""
        # First, so that nothing is started again.
        self._end_control()
        if self._migrations:
            self._migrations.terminate()
            self._migrations.wait()
            self._migrations = None
        if self._supervisor:
            self._stop_in_order()
            self._supervisor.send_signal(signal.SIGTERM)
            try:
                self._supervisor.wait(timeout=STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                self._supervisor.wait()
            leftovers.end(leftovers.find(self.folder))
            running.forget(self.folder)
        self.release()

    def release(self) -> None:
        """Let go of the folder without stopping anything."""
        self._end_control()
        self._supervisor = self._control = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def wait(self) -> None:
        """Wait until the supervisor ends by itself, which a healthy one never does."""
        if self._supervisor:
            self._supervisor.wait()

    def remove(self) -> None:
        """Remove the folder and all data, which may be in two places. Only for a stopped stack."""
        if self.folder.exists():
            contents.remove(self.folder)

    def stop_program(self, name: str) -> None:
        """Stop one program, and return when it is gone. It is not restarted."""
        self._running().stop(name)

    def start_program(self, name: str) -> None:
        """Start one program again, and return when it takes requests.

        Raises:
            StackError: it did not in time.
        """
        self._running().start(name)

    def kill_program(self, name: str) -> int:
        """Kill one program, its children too, with SIGKILL; it is restarted. Returns the dead pid.

        Raises:
            StackError: it does not run.
        """
        return self._running().kill(name)

    def freeze_program(self, name: str) -> int:
        """Stop one program in its tracks with SIGSTOP, until it is started. Returns its pid.

        Raises:
            StackError: it does not run.
        """
        return self._running().freeze(name)

    def accepts(self, name: str) -> bool:
        """Whether a server accepts clients, or a process of ours is alive (`/healthz`)."""
        return readiness.accepts(name, self.ports, self.urls)

    def unready(self) -> Mapping[str, str]:
        """The programs that are not ready, each with its reason."""
        return readiness.unready(self._names, self.ports, self.urls)

    def pid(self, name: str) -> int | None:
        """The pid of a running program."""
        return self._running().pid(name)

    @property
    def lab_headers(self) -> dict[str, str]:
        """What a request needs that sets a switch at a process itself."""
        return {"Authorization": f"Bearer {self._lab_key}"}

    def environment(self, name: str) -> dict[str, str]:
        """The settings that one of our processes gets, to start another like it."""
        own = programs.settings(
            name,
            self.ports,
            self.urls,
            lab=self.lab,
            host_key=self.host_key,
            lab_key=self._lab_key,
            control_password=self._lab_password,
        )
        return {**own, **self._further.get(name, {})}

    def _stop_in_order(self) -> None:
        # A supervisor that does not answer gets SIGTERM, and stops programs in its own order.
        here = {*self._names, *self._more}
        with contextlib.suppress(*UNREACHABLE):
            # Our processes finish the work in hand, so a frozen server has to answer again.
            self._client().thaw_all()
            for names in programs.STOP_ORDER:
                self._client().stop_together([name for name in names if name in here])

    def _cure(self, tell: Callable[[str], None]) -> None:
        left = leftovers.find(self.folder)
        if left:
            tell("The stack was not shut down cleanly; ending what it left behind.")
            leftovers.end(left)

    def _wanted_ports(self) -> Mapping[str, int]:
        of_stack = self.ports.by_name()
        names = [*self._names, *self._more, "control", *(["lab-control"] if self.lab else [])]
        if "rabbitmq" in self._names:
            names.append("rabbitmq-distribution")
        if "links" in self._names:
            names += ports.LINKS
        return {name: of_stack[name] for name in names}

    def _launch(self, tell: Callable[[str], None]) -> None:
        self.log_folder.mkdir(exist_ok=True)
        password = secrets.token_hex(16)
        text = config.render(
            self._programs(tell),
            folder=self.folder,
            control_port=self.ports.control,
            password=password,
        )
        path = self.folder / "supervisord.conf"
        # Paths as the disk has them, whatever the locale says that their bytes mean.
        private.write(path, os.fsencode(text))
        self._control = SupervisorClient(self.ports.control, password)
        running.note(self.folder, self.ports, password)
        if self.lab:
            running.note_lab_key(self.folder, self._lab_key)
        # In a session of its own, so that Ctrl-C reaches only us, and the stop is in order.
        with (self.log_folder / "supervisord.err").open("wb") as words:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "stack.supervised", str(os.getpid()), "-c", str(path)],
                cwd=ROOT,
                # A receiver of traces may need a proxy.
                env=self._variables(proxies=False),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                start_new_session=True,
            )

    def _migrate(self) -> None:
        """Begin to bring PostgreSQL's schema up to date, which waits for the server."""
        if "postgresql" not in self._names:
            return
        with self._migrations_log.open("wb") as words:
            self._migrations = subprocess.Popen(
                [sys.executable, "-m", "command_service.migrate"],
                cwd=ROOT,
                env=self._variables(proxies=True) | programs.migration_settings(self.urls),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
            )

    def _variables(self, *, proxies: bool) -> dict[str, str]:
        """The environment of what is started here, without what is other programs' own."""
        variables = {**os.environ}
        foreign.leave_out(variables, proxies=proxies)
        # The supervisor reads its configuration, and our processes write their logs, as UTF-8.
        return variables | {"PYTHONUTF8": "1", programs.MARK: str(self.folder)}

    def _migrating(self) -> Mapping[str, str]:
        """The migrations, if they have not ended. Raises StackError if they have failed."""
        if self._migrations is None:
            return {}
        status = self._migrations.poll()
        if status:
            words = last_words(self._migrations_log)
            raise StackError(f"PostgreSQL's schema cannot be brought up to date.{words}")
        return {"migrations": "under way"} if status is None else {}

    @property
    def _migrations_log(self) -> Path:
        return self.log_folder / "migrations.log"

    def _end_control(self) -> None:
        control, self._lab_control = self._lab_control, None
        if control:
            control.__exit__(None, None, None)

    def _serve_control(self) -> Control:
        contract = parse_programs((ROOT / "contracts" / "programs.yaml").read_bytes())
        names = [name for name in self._names if name not in programs.NO_PLACES]
        return Control(
            self._running(),
            contract,
            names,
            self.ports.lab_control,
            self._lab_password,
            self.urls.web,
        )

    def _programs(self, tell: Callable[[str], None]) -> list[Program]:
        made: list[Program] = []
        passwords.keep(self.folder, self._passwords)
        secret = self._passwords
        if "postgresql" in self._names:
            if not postgresql.has_data(self.folder):
                tell("Making PostgreSQL's data folder.")
            made.append(
                postgresql.prepare(self.folder, self.ports.postgresql, secret.postgresql, tell)
            )
        if "rabbitmq" in self._names:
            made.append(
                rabbitmq.prepare(
                    self.folder,
                    self.ports.rabbitmq,
                    self.ports.rabbitmq_distribution,
                    secret.rabbitmq,
                )
            )
        if "mongodb" in self._names:
            made.append(mongodb.prepare(self.folder, self.ports.mongodb, secret.mongodb))
        ours = [name for name in self._names if name in PROCESSES + ON_DEMAND] + [*self._more]
        return made + [programs.process(name, self.environment(name)) for name in ours]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        pids: dict[str, set[int]] = {name: set() for name in self._names}
        waiting: Mapping[str, str] = dict.fromkeys(self._names, "not asked yet")
        # What was ready is asked again once, at the end: each question costs a start its time.
        while waiting := (
            readiness.unready(waiting, self.ports, self.urls) or self._migrating() or self.unready()
        ):
            for name, status in self._statuses().items():
                if name in self._more:
                    continue
                pids[name] |= {status.pid} - {0}
                self._check_alive(name, status, len(pids[name]))
            if time.monotonic() > deadline:
                reasons = "; ".join(f"{name}: {reason}" for name, reason in waiting.items())
                raise StackError(f"The stack is not ready after {READY_WITHIN_S} s. {reasons}.")
            time.sleep(POLL_S)

    def _statuses(self) -> Mapping[str, Status]:
        """What the supervisor reports; nothing while it is starting."""
        try:
            return self._client().statuses()
        except UNREACHABLE:
            if self._supervisor and self._supervisor.poll() is not None:
                words = last_words(self.log_folder / "supervisord.err")
                raise StackError(f"The supervisor did not start.{words}") from None
            return {}

    def _check_alive(self, name: str, status: Status, pids_seen: int) -> None:
        """Raise if a program keeps ending: servers get one try, our processes a few."""
        tries = 1 if name in SERVERS else TRIES
        if pids_seen > tries or (status.state == "BACKOFF" and pids_seen >= tries):
            raise StackError(f"{name} does not start.{last_words(self.log_folder / f'{name}.log')}")

    def _client(self) -> SupervisorClient:
        if self._control is None:
            raise StackError("The stack does not run.")
        return self._control

    def _running(self) -> RunningStack:
        return RunningStack(self.folder, self.ports, self._client())
