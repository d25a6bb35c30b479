"""Start the whole stack, or stop, start, kill and freeze single programs of one that runs."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from stack import foreign, running, single, whole, workshop
from stack.errors import StackError
from stack.programs import ALL, OTHER_NAMES, ROOT, named
from stack.words import in_words, say

# Where a stack keeps its data, its logs and its keys.
FOLDER = Path(os.environ.get("STACK_FOLDER") or ROOT / ".stack").expanduser()

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run one command. Errors are reported in words, without a traceback."""
    arguments = _parser().parse_args()
    foreign.leave_out(os.environ, proxies=False)
    try:
        with _ended_by_signals():
            return _run(arguments)
    except KeyboardInterrupt:
        return 0
    except StackError as error:
        say(f"\n{error}")
    except OSError as error:
        say(f"\n{in_words(error)}")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="Start the whole stack and stay until Ctrl-C.")
    commands.add_parser("clean", help="Remove the stack's data and logs.")
    check = commands.add_parser("check", help="Get the servers that are missing.")
    check.add_argument("--browser", action="store_true", help="and a browser for the tests")
    check.add_argument(
        "--workshop",
        action="store_true",
        help="instead, only say whether this machine can hold a workshop",
    )
    status = commands.add_parser("status", help="Say what each program does (docker-compose ps).")
    _add_folder(status)
    words = 'Print where the stores are, for tools of your own: eval "$(python -m stack settings)"'
    _add_folder(commands.add_parser("settings", help=words))
    for command, act in single.ACTIONS.items():
        words = " ".join((act.__doc__ or "").split())
        action = commands.add_parser(command, help=words, description=words)
        also = ", ".join(f"{other} for {name}" for other, name in OTHER_NAMES.items())
        action.add_argument("program", nargs="+", help=f"one or more of {', '.join(ALL)} ({also})")
        _add_folder(action)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="the folder of the running stack (.stack)"
    )


def _run(arguments: argparse.Namespace) -> int:
    """Run a command, and return the exit status."""
    if arguments.command == "up":
        whole.up(FOLDER)
    elif arguments.command == "clean":
        whole.clean(FOLDER)
    elif arguments.command == "check" and arguments.workshop:
        return 0 if workshop.check(FOLDER, os.environ) else 1
    elif arguments.command == "check":
        whole.get_what_is_missing(with_browser=arguments.browser)
    elif arguments.command == "status":
        single.status(running.find(arguments.folder))
    elif arguments.command == "settings":
        single.settings(running.find(arguments.folder))
    else:
        # Check every name before acting on the first.
        names = [named(word) for word in arguments.program]
        stack = running.find(arguments.folder)
        for name in names:
            single.ACTIONS[arguments.command](stack, name)
    return 0


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the first Ctrl-C, SIGTERM or closed terminal end us in order; ignore any further ones.

    Under nohup, SIGHUP stays ignored.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ENDING_SIGNALS:
        if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN):
            signal.signal(number, end)
    yield


if __name__ == "__main__":
    sys.exit(main())
