"""The variables of a user's other programs that must not reach ours."""

from __future__ import annotations

from collections.abc import MutableMapping

# For clients of these servers, and for Python.
PREFIXES = ("RABBITMQ_", "ERL_", "PG", "PYTHON", "NOTIFY_SOCKET")

# They lead to the outside world. https://curl.se/docs/manpage.html#ENVIRONMENT
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def leave_out(variables: MutableMapping[str, str], *, proxies: bool) -> None:
    """Drop them.

    Args:
        variables: of this process, or for another one.
        proxies: also those; only for a program that talks to nothing but this machine.
    """
    for name in list(variables):
        if name.startswith(PREFIXES) or (proxies and name.lower() in PROXIES):
            del variables[name]
