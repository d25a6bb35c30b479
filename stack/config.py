"""The supervisor's configuration, written from the list of programs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from stack.errors import StackError
from stack.machine import LEAST_OPEN_FILES
from stack.ports import LOOPBACK
from stack.programs import Program

# supervisord waits a second longer before each new try, so in practice this is for ever.
FOR_EVER = 1_000_000


def render(programs: Iterable[Program], *, folder: Path, control_port: int, password: str) -> str:
    """The text of supervisord.conf.

    Args:
        programs: in the order of start; stopping goes the other way.
        folder: where the logs and the pid file go.
        control_port: the loopback port of the control interface (XML-RPC).
        password: what that interface asks for.

    Raises:
        StackError: the file format cannot express a path or value.

    Source: https://supervisord.org/configuration.html
    """
    head = f"""\
[supervisord]
minfds = {LEAST_OPEN_FILES}
nodaemon = true
silent = true
pidfile = {_text(folder / "supervisord.pid")}
logfile = {_text(folder / "log" / "supervisord.log")}
logfile_maxbytes = 1MB
logfile_backups = 1
childlogdir = {_text(folder / "log")}

[inet_http_server]
port = {LOOPBACK}:{control_port}
username = stack
password = {_text(password)}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    sections = [_section(program, folder, n) for n, program in enumerate(programs, start=1)]
    return "\n".join([head, *sections])


def _section(program: Program, folder: Path, priority: int) -> str:
    user = f"user = {program.user}\n" if program.user else ""
    # The supervisor expands this value twice, and all others once.
    log = _text(_text(folder / "log" / f"{program.name}.log"))
    return f"""\
[program:{program.name}]
command = {_text(shlex.join(program.command))}
directory = {_text(program.directory)}
environment = {_environment(program.environment)}
priority = {priority}
autostart = {str(program.at_once).lower()}
autorestart = true
startsecs = 1
startretries = {FOR_EVER}
stopsignal = {program.stop_signal}
stopwaitsecs = {program.stop_wait_s}
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
{user}"""


def _environment(variables: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quoted(value)}" for name, value in variables.items())


def _quoted(value: str) -> str:
    quote = "'" if '"' in value else '"'
    if quote in value:
        raise StackError(
            f"The supervisor cannot be given a value with both kinds of quotes: {value}"
        )
    return f"{quote}{_text(value)}{quote}"


def _text(value: str | Path) -> str:
    text = str(value)
    if "\n" in text or " ;" in text or " #" in text:
        raise StackError(
            f"The supervisor's configuration cannot hold {text!r}. "
            "Move the folder to a path without line breaks, ' ;' and ' #'."
        )
    return text.replace("%", "%%")
