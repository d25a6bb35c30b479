"""Reads the page as an eye does; legible.js has the rules."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page

from e2e.crowd import AT_MS, SPAN_MS, crowd

# What the lab can do to both workers at once: the longest words that the stage writes about it.
LAB = {"pause": {"on": True}, "slow": {"on": True, "delay_ms": 2000}}

LOOK = Path(__file__).with_suffix(".js").read_text()


class Seen(NamedTuple):
    """What an eye sees of a page.

    Attributes:
        texts: each visible `text`, `where` it is, and the `size` of its type, in CSS pixels.
        faults: a sentence for whatever lies over something else or is cut off.
    """

    texts: list[dict[str, Any]]
    faults: list[str]


def look(page: Page) -> Seen:
    """Read the page as it is now."""
    return Seen(**page.evaluate(LOOK))


def busy_run() -> str:
    """Return a run with marks at every place, full counts, and both workers paused and slowed."""
    standing = {"received": 2, "committed": 3, "picked-up": 1, "confirmed": 4, "delivered": 1}
    run = json.loads(crowd(standing, {"projected": 1}, first=1188))
    at_ms = AT_MS - SPAN_MS
    up = {"up": True, "checks": {"postgresql": "ok", "rabbitmq": "ok", "mongodb": "ok"}}
    processes = ("command-service", "relay", "projector", "query-service")
    holds = {
        "command-service": {"todos": 1193, "outbox": 994, "events": 2204},
        "relay": {"outbox": 994, "leader": True},
        "projector": {"queue": 443, "unacked": 1, "dead_letters": 12},
        "query-service": {"todos": 1170, "tombstones": 3},
    }
    told = {
        "health": dict.fromkeys(processes, up),
        "holds": holds,
        "switches": {"relay": LAB, "projector": LAB},
    }
    run |= {name: [{"at_ms": at_ms, "told": state}] for name, state in told.items()}
    return json.dumps(run)
