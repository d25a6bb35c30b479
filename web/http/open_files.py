"""Open files: each connection is one, and what a process may open has a limit of its own."""

import logging

from chassis.lifecycle import allow_files

# Beside the connections of clients: those to the services, the page's files, and what runs.
OWN_FILES = 200

log = logging.getLogger(__name__)


def most_connections(wanted: int, forwarded: int) -> int:
    """Raise this process's limit as far as is needed and allowed; return how many may connect.

    Args:
        wanted: how many connections there may be.
        forwarded: how many connections there may be for them to each of both services.
    """
    own = OWN_FILES + 2 * forwarded
    allowed = allow_files(wanted + own)
    if allowed >= wanted + own:
        return wanted
    possible = max(allowed - own, allowed // 2)
    log.warning(
        "at most %d connections instead of %d: this process may open only %d files (ulimit -n)",
        possible, wanted, allowed,
    )  # fmt: skip
    return possible
