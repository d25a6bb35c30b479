"""Open files: each connection is one, and what a process may open has a limit of its own."""

import logging
import resource

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
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + own
    if _is_less(soft, needed):
        target = hard if _is_less(hard, needed) else needed
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
            soft = target
        except (OSError, ValueError) as error:
            # macOS has a further limit (kern.maxfilesperproc) that it does not name here.
            log.debug("the limit of open files stays %d: %s", soft, error)
    if not _is_less(soft, needed):
        return wanted
    possible = max(soft - own, soft // 2)
    log.warning(
        "at most %d connections instead of %d: this process may open only %d files (ulimit -n)",
        possible, wanted, soft,
    )  # fmt: skip
    return possible


def _is_less(limit: int, needed: int) -> bool:
    return limit != resource.RLIM_INFINITY and limit < needed
