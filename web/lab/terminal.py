"""What the commands that ask a running page from a terminal have in common."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable

from web.lab.client import LabClient, LabError
from web.lab.settings import BadWords

INTERRUPTED = 130


def add_page(parser: argparse.ArgumentParser) -> None:
    """Let the command line say where the page is, and give the host key."""
    port = os.environ.get("PORT") or "5003"
    url = os.environ.get("LAB_URL") or f"http://127.0.0.1:{port}"
    parser.add_argument("--url", default=url, help=f"where the page is ({url})")
    parser.add_argument("--key", default="", help="the host key (or set HOST_KEY)")


def carry_out(
    run: Callable[[argparse.Namespace, LabClient], None],
    asked: argparse.Namespace,
    *,
    needs_key: bool,
) -> int:
    """Do what was asked, say what is wrong with it, and return the exit status."""
    try:
        run(asked, LabClient(asked.url, _key(asked, needs_key=needs_key)))
    except (LabError, BadWords) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def say(text: str) -> None:
    """Print it at once, if there is any."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _key(asked: argparse.Namespace, *, needs_key: bool) -> str:
    key = str(asked.key or os.environ.get("HOST_KEY") or "")
    if not key and needs_key and sys.stdin.isatty():
        key = getpass.getpass("Host key: ").strip()
    return key
