"""Whether programs accept clients, and whether they are ready for work."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Mapping

from stack import ports
from stack.ports import LOOPBACK, Ports
from stack.programs import PROCESSES, SERVERS, Urls
from stack.servers import mongodb, postgresql, rabbitmq


def accepts(name: str, of_stack: Ports, urls: Urls) -> bool:
    """Whether a server accepts clients, or a process of ours is alive (`/healthz`)."""
    port = of_stack.by_name()[name]
    if not ports.is_open(port):
        return False
    probes: dict[str, Callable[[], bool]] = {
        "postgresql": lambda: postgresql.accepts(urls.database_url),
        "rabbitmq": lambda: rabbitmq.accepts(urls.rabbitmq_url),
        "mongodb": lambda: mongodb.accepts(urls.mongodb_url),
    }
    probe = probes.get(name)
    return probe() if probe else not _trouble(f"http://{LOOPBACK}:{port}/healthz")


def unready(names: Collection[str], of_stack: Ports, urls: Urls) -> Mapping[str, str]:
    """The programs among these that are not ready, each with its reason."""
    reasons = {
        name: "not accepting connections yet"
        for name in names
        if name in SERVERS and not accepts(name, of_stack, urls)
    }
    for name in names:
        if name in PROCESSES:
            trouble = _trouble(f"{urls.base(name)}/readyz")
            if trouble:
                reasons[name] = trouble
    return reasons


# Not through the environment's proxies, which lead to the outside world.
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _trouble(url: str) -> str | None:
    """Why this probe does not answer 200, or None if it does."""
    try:
        with _DIRECTLY.open(url, timeout=2):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _failed_checks(error.read()) or f"answers {error.code}"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _failed_checks(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(f"{what} {state}" for what, state in checks.items() if state != "ok")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
