"""The machine that a lesson runs on, as a sheet names it."""

import os
import platform
from contextlib import suppress
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
OS_RELEASE = "PRETTY_NAME"


def machine() -> dict[str, str | int | None]:
    """Return its CPU, its cores, its system, and the Python that web runs on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "os": _system(),
        "python": platform.python_version(),
    }


def _cpu() -> str:
    with suppress(OSError):
        for line in CPUINFO.read_text(errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()}"
    with suppress(OSError):
        return f"{platform.freedesktop_os_release()[OS_RELEASE]}, {kernel}"
    return kernel
