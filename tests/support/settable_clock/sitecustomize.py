"""Lets a test set the clock of a process, which imports this first if PYTHONPATH leads here."""

import mmap
import os
import struct
import time
from pathlib import Path

with Path(os.environ["CLOCK_SET_BY"]).open("rb") as _file:
    _set_by = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)
_real_ns = time.time_ns


def _time_ns() -> int:
    set_by_ns: int = struct.unpack("q", _set_by)[0]
    return _real_ns() + set_by_ns


def _time() -> float:
    return _time_ns() / 1e9


time.time_ns, time.time = _time_ns, _time
