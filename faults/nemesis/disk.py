"""A disk that is full, as one server sees it.

The kernel refuses each write of the server's processes (RLIMIT_FSIZE), as it does when a disk is
full: the error is EFBIG in place of ENOSPC. A server that crashes by it is started again with room,
as after somebody has made some.

Source: getrlimit(2), prlimit(2)
"""

import contextlib
import resource
import sys

import psutil

from faults.nemesis.site import CannotDo, Fault, Site


def full(name: str) -> Fault:
    """Return what lets a server write nothing more, for some seconds."""

    def fault(site: Site) -> None:
        if sys.platform != "linux":
            raise CannotDo("only Linux sets the limits of a running process")
        _limit(site.living(name), 0)
        try:
            site.last(1.0, 4.0)
        finally:
            _limit(site.living(name), resource.RLIM_INFINITY)
        site.accepts(name)

    return fault


def _limit(pid: int, soft_bytes: int) -> None:
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            # Children come and go.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.rlimit(psutil.RLIMIT_FSIZE, (soft_bytes, resource.RLIM_INFINITY))
    except psutil.NoSuchProcess:
        # It has died of it, and its successor has no limit.
        pass
    except (psutil.AccessDenied, OSError) as error:
        raise CannotDo(f"the limit cannot be set: {error}") from error
