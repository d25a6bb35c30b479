"""Breaks one thing, or several at once, and records when each cause was gone."""

import subprocess
import threading
from collections.abc import Sequence

import requests

from faults.history import Recorder
from faults.nemesis.catalogue import CATALOGUE
from faults.nemesis.site import CannotDo, Site
from stack.errors import StackError

# So long the faults of a pair may begin one after the other.
APART_S = 2.0


def break_all(names: Sequence[str], sites: Sequence[Site], history: Recorder) -> None:
    """Break things side by side; return when all causes are gone.

    Args:
        names: what to break, of the catalogue.
        sites: where, each with a chance of its own.
        history: keeps when each was broken, and when its cause was gone.
    """
    threads = [
        threading.Thread(target=_break, args=(name, site, history), daemon=True)
        for name, site in zip(names, sites, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _break(name: str, site: Site, history: Recorder) -> None:
    site.last(0.0, APART_S)
    attempt = history.invoke(f"nemesis: {name}", "break", fault=name)
    try:
        CATALOGUE[name](site)
    except (CannotDo, StackError, requests.RequestException, subprocess.SubprocessError) as error:
        history.end(attempt, "info", why=f"could not be done: {error}")
    else:
        history.end(attempt, "ok")
