"""The commands on a running stack: `status`, `settings`, `stop`, `start`, `kill`, `freeze`.

They do under `make up` what `docker-compose ps`, `stop`, `start`, `kill` and `pause` do with
Docker, from any other terminal.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from stack.programs import ALL, MORE
from stack.running import RunningStack, state_of
from stack.words import say

COMMAND = ".venv/bin/python -m stack"


def status(stack: RunningStack) -> None:
    """Print each program with its state, pid and port, in the order of the flow."""
    statuses, ports = stack.statuses(), stack.ports.by_name()
    say(f"{'PROGRAM':<16} {'STATE':<11} {'PID':>7}  PORT")
    for name in (*ALL, *MORE):
        # Further relays and projectors are there only while the lab wants them.
        if name in statuses and (name in ALL or statuses[name].pid):
            found = statuses[name]
            say(f"{name:<16} {state_of(found):<11} {found.pid or '-':>7}  {ports[name]}")


def settings(stack: RunningStack) -> None:
    """Print where the stores are, and the passwords that open them, as a shell takes it."""
    urls = stack.urls
    say(f"export DATABASE_URL={shlex.quote(urls.database_url)}")
    say(f"export RABBITMQ_URL={shlex.quote(urls.rabbitmq_url)}")
    say(f"export MONGODB_URL={shlex.quote(urls.mongodb_url)}")


def stop(stack: RunningStack, name: str) -> None:
    """Stop programs in order (docker-compose stop). They stay down until they are started."""
    if stack.pid(name) is None and stack.statuses()[name].state == "STOPPED":
        say(f"{name} was stopped already.")
        return
    stack.stop(name)
    say(f"{name} is stopped. Start it again with `{COMMAND} start {name}`.")


def start(stack: RunningStack, name: str) -> None:
    """Start programs that are stopped, and thaw those that are frozen (docker-compose start and
    unpause). Returns when they take requests.
    """
    stack.start(name)
    say(f"{name} is running (pid {stack.pid(name)}).")


def kill(stack: RunningStack, name: str) -> None:
    """Kill programs with SIGKILL, as in a crash. The supervisor restarts them at once. (A
    container that docker-compose kill has ended stays down until docker-compose start.)
    """
    pid = stack.kill(name)
    say(f"{name} was killed (pid {pid}). The supervisor restarts it.")


def freeze(stack: RunningStack, name: str) -> None:
    """Freeze programs with SIGSTOP (docker-compose pause). They keep their connections, and
    answer nothing until they are started.
    """
    pid = stack.freeze(name)
    say(f"{name} is frozen (pid {pid}). Thaw it with `{COMMAND} start {name}`.")


ACTIONS: dict[str, Callable[[RunningStack, str], None]] = {
    "stop": stop,
    "start": start,
    "kill": kill,
    "freeze": freeze,
}
