"""A stack to be broken, whose processes' clocks can be set one by one."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.nemesis.site import OURS
from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import ROOT

# What lets a process take the time of day from a file's say.
SETTABLE = ROOT / "tests" / "support" / "settable_clock"


@contextmanager
def rig(folder: Path) -> Iterator[tuple[LocalStack, dict[str, Path]]]:
    """Start a stack in a folder, and stop it at the end. Gives it and its processes' clocks."""
    folder.mkdir(parents=True, exist_ok=True)
    clocks = {name: folder / f"clock-{name}" for name in OURS}
    for file in clocks.values():
        file.write_bytes(struct.pack("q", 0))
    environment = {
        name: {"PYTHONPATH": str(SETTABLE), "CLOCK_SET_BY": str(file)}
        for name, file in clocks.items()
    }
    with LocalStack(folder / "stack", Ports.free(), environment=environment) as stack:
        # A start does not wait for it.
        stack.start_program("links")
        yield stack, clocks
    stack.remove()
