"""CPU time of processes, to the nanosecond: neighbours change it far less than time on the wall."""

import ctypes
import time

import psutil

_LIBC = ctypes.CDLL(None, use_errno=True)


def own_s(pid: int) -> float:
    """Return the CPU time of a process, all its threads included, in s; 0 if it is gone.

    Source: clock_getcpuclockid(3).
    """
    clock = ctypes.c_int()
    if _LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)):
        return 0.0
    try:
        return time.clock_gettime_ns(clock.value) / 1e9
    except OSError:
        return 0.0


def tree_s(pid: int) -> float:
    """Return the CPU time of a process and all that it has started, what has ended included."""
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    return sum(own_s(each.pid) + _ended_s(each) for each in processes)


def _ended_s(process: psutil.Process) -> float:
    """Return the time of the children that have ended, which the kernel tells in parts of 10 ms."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.children_user + times.children_system)
