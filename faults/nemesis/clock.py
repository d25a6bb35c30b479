"""A clock that is set back under one process, which takes the time of day from a file's say."""

import struct

from faults.nemesis.site import CannotDo, Fault, Site

S_IN_NS = 1_000_000_000


def set_back(name: str) -> Fault:
    """Return what sets the clock of a process back by up to an hour, and forward again."""

    def fault(site: Site) -> None:
        file = site.clocks.get(name)
        if file is None:
            raise CannotDo(f"the clock of {name} cannot be set")
        by_ns = -site.chance.randint(10, 3600) * S_IN_NS
        file.write_bytes(struct.pack("q", by_ns))
        try:
            site.last(1.0, 4.0)
        finally:
            file.write_bytes(struct.pack("q", 0))

    return fault
