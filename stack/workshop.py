"""Whether this machine can hold a workshop: looked at in seconds, and nothing is changed."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from stack import machine, passwords, ports, running
from stack.errors import StackError
from stack.ports import EVERYWHERE, Ports
from stack.programs import ALL, ROOT, Urls
from stack.readiness import unready
from stack.servers import mongodb, postgresql, rabbitmq
from stack.words import say

# It will do; somebody has to look at it; not like this.
Verdict = Literal["ok", "look", "no"]

# The stack at rest has some 650 MB; a room full of browsers and a browser here want more.
LEAST_MEMORY_MB, GOOD_MEMORY_MB = 800, 2_000
# The data of a day, and the servers' own files, which are some 300 MB from the start.
GOOD_DISK_MB = 2_000
# On fewer, the servers and our processes wait for one another, which the figures show.
GOOD_CPUS = 2
LEAST_SCREEN = (1280, 720)
# So long may one question to the system take; all of them are over in ten seconds.
QUESTION_S = 2.0

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox"),
    *("microsoft-edge", "brave-browser", "epiphany"),
)
MAC_BROWSERS = ("Safari", "Google Chrome", "Firefox", "Microsoft Edge", "Brave Browser", "Arc")
# What draws a QR code, if it is installed.
QR = "segno"
_SCREENS = {
    "linux": (["xrandr", "--current"], r"connected (?:primary )?(\d+)x(\d+)"),
    "darwin": (["system_profiler", "SPDisplaysDataType"], r"Resolution: (\d+) x (\d+)"),
}


@dataclass(frozen=True)
class Finding:
    """What was found of one thing: a word for it, the verdict, and a sentence."""

    what: str
    verdict: Verdict
    says: str


@dataclass(frozen=True)
class Here:
    """The stack that this folder has, and whether it runs.

    Args:
        folder: where it keeps its data.
        ports: those that it has, or would have.
        runs: whether it does.
    """

    folder: Path
    ports: Ports
    runs: bool

    @classmethod
    def of(cls, folder: Path, environment: Mapping[str, str]) -> Here:
        """Look. Raises StackError if the environment names no ports."""
        try:
            return cls(folder, running.find(folder).ports, True)
        except StackError:
            return cls(folder, Ports.named(environment), False)


def check(folder: Path, environment: Mapping[str, str]) -> bool:
    """Say of each thing whether it will do, and where the room finds the page; return whether all.

    Args:
        folder: the stack's folder.
        environment: the variables that the stack would be started with.
    """
    began_s, here = time.monotonic(), Here.of(folder, environment)
    findings = examine(here, environment)
    for each in findings:
        say(f"{each.verdict:<5} {each.what:<9} {each.says}")
    is_open = any((it.what, it.verdict) == ("room", "ok") for it in findings)
    url = page_url(here.ports.web, environment)
    drawn = qr_code(url) if is_open and url else None
    if drawn and _can_show(drawn):
        say(f"\n{drawn}")
    took_s = time.monotonic() - began_s
    say(f"\n{_verdict(findings)} (Looked at in {took_s:.1f} s; nothing was changed.)")
    return not any(it.verdict == "no" for it in findings)


def examine(here: Here, environment: Mapping[str, str]) -> list[Finding]:
    """Return what was found of everything that a workshop needs."""
    return [
        of_folder(environment),
        of_disk(shutil.disk_usage(ROOT).free // 1_000_000),
        of_memory(psutil.virtual_memory().available // 1_000_000, runs=here.runs),
        of_cpus(_cpus()),
        of_servers(
            {
                "PostgreSQL": bool(postgresql.found()),
                "RabbitMQ": bool(rabbitmq.found()),
                "MongoDB": bool(mongodb.found()),
            }
        ),
        of_stack(here) if here.runs else of_ports(here.ports),
        of_browsers(browsers()),
        of_screens(screens()),
        of_address(here, environment),
    ]


def of_folder(environment: Mapping[str, str]) -> Finding:
    """Say whether the stack could run in this folder, on this CPU and with these limits."""
    try:
        machine.check(ROOT, environment)
    except StackError as error:
        return Finding("machine", "no", str(error))
    return Finding("machine", "ok", f"The stack can run in {ROOT}.")


def of_disk(free_mb: int) -> Finding:
    """Say whether the disk has room for a day."""
    says = f"{free_mb:,} MB are free on the disk."
    if free_mb < machine.LEAST_FREE_MB:
        return Finding("disk", "no", f"{says} {machine.LEAST_FREE_MB:,} MB are needed.")
    if free_mb < GOOD_DISK_MB:
        return Finding("disk", "look", f"{says} A day with many bursts may want {GOOD_DISK_MB:,}.")
    return Finding("disk", "ok", says)


def of_memory(available_mb: int, *, runs: bool) -> Finding:
    """Say whether there is memory for the stack, and for a browser beside it."""
    says = f"{available_mb:,} MB of memory are available."
    if runs:
        return Finding("memory", "ok", f"{says} The stack has its own already.")
    if available_mb < LEAST_MEMORY_MB:
        return Finding(
            "memory", "no", f"{says} {LEAST_MEMORY_MB:,} MB are needed: close something."
        )
    if available_mb < GOOD_MEMORY_MB:
        return Finding("memory", "look", f"{says} Close what you do not need.")
    return Finding("memory", "ok", says)


def of_cpus(count: int) -> Finding:
    """Say whether there are enough CPUs."""
    says = f"{count} CPU{'' if count == 1 else 's'}."
    if count < GOOD_CPUS:
        return Finding("cpu", "look", f"{says} It works, and every figure is slower for it.")
    return Finding("cpu", "ok", says)


def of_servers(found: Mapping[str, bool]) -> Finding:
    """Say which servers are here."""
    missing = [name for name, is_here in found.items() if not is_here]
    if missing:
        says = f"{', '.join(missing)} would be downloaded first: `make up` once, before the day."
        return Finding("servers", "look", says)
    return Finding("servers", "ok", f"{', '.join(found)} are here.")


def of_ports(of_stack: Ports) -> Finding:
    """Say whether the stack could have its ports."""
    wanted = of_stack.by_name()
    try:
        ports.check_free(wanted)
    except StackError as error:
        return Finding("ports", "no", str(error))
    first, last = min(wanted.values()), max(wanted.values())
    return Finding("ports", "ok", f"All {len(wanted)} from {first} to {last} are free.")


def of_stack(here: Here) -> Finding:
    """Say how the stack does that runs here already."""
    if reasons := unready(ALL, here.ports, Urls.of(here.ports, passwords.of(here.folder))):
        says = "; ".join(f"{name}: {why}" for name, why in reasons.items())
        return Finding("stack", "no", f"It runs, and is not ready: {says}.")
    return Finding("stack", "ok", "It runs here already, and everything is ready.")


def of_browsers(found: Sequence[str]) -> Finding:
    """Say which browsers are here."""
    if not found:
        says = "None was found here: show the page from another machine."
        return Finding("browser", "look", says)
    return Finding("browser", "ok", f"{', '.join(found)}.")


def of_screens(found: Sequence[tuple[int, int]]) -> Finding:
    """Say whether the page fits the screens."""
    least = "x".join(map(str, LEAST_SCREEN))
    if not found:
        says = f"Its size is not known from here. The page wants {least} or more."
        return Finding("screen", "look", says)
    says = ", ".join(f"{width}x{height}" for width, height in found) + "."
    small = [it for it in found if it[0] < LEAST_SCREEN[0] or it[1] < LEAST_SCREEN[1]]
    if small:
        return Finding("screen", "look", f"{says} The page wants {least} or more.")
    return Finding("screen", "ok", says)


def of_address(here: Here, environment: Mapping[str, str]) -> Finding:
    """Say where the room finds the page."""
    url, port = page_url(here.ports.web, environment), here.ports.web
    if environment.get("PUBLIC_URL"):
        return Finding("room", "ok", f"The room comes to {url}, if your tunnel is up.")
    if url is None:
        return Finding("room", "look", "This machine has no network, so that only it has the page.")
    is_open = environment.get("PAGE_HOST", "") in EVERYWHERE
    if here.runs:
        is_open = _answers(ports.own_address(), port)
    if is_open:
        others = "".join(f", or {it}" for it in other_addresses())
        says = f"The room comes to {url}{others}, if its network and your firewall let it."
        return Finding("room", "ok", says)
    says = f"Only this machine has the page. For {url}: PAGE_HOST=0.0.0.0 make up"
    return Finding("room", "look", says)


def page_url(port: int, environment: Mapping[str, str]) -> str | None:
    """Return the address of the page for the room; None if this machine has no network."""
    if given := environment.get("PUBLIC_URL"):
        return given.rstrip("/")
    address = ports.own_address()
    return f"http://{address}:{port}" if re.fullmatch(r"[\d.]+", address) else None


def other_addresses() -> list[str]:
    """Return further addresses of this machine: a VPN may have the one that is taken first."""
    up = {name for name, it in psutil.net_if_stats().items() if it.isup}
    found = [
        each.address
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family == socket.AF_INET
    ]
    return [
        it for it in found if not it.startswith(("127.", "169.254.")) and it != ports.own_address()
    ]


def browsers() -> list[str]:
    """Return the browsers that are installed here, as far as they are known."""
    if sys.platform == "darwin":
        return [it for it in MAC_BROWSERS if Path(f"/Applications/{it}.app").exists()]
    return [name for name in BROWSERS if shutil.which(name)]


def screens() -> list[tuple[int, int]]:
    """Return the sizes of the screens in pixels; none if that cannot be known."""
    command, pattern = _SCREENS.get(sys.platform, ([], ""))
    if not command or not shutil.which(command[0]):
        return []
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=QUESTION_S, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return []
    return sizes_in(done.stdout, pattern)


def sizes_in(text: str, pattern: str) -> list[tuple[int, int]]:
    """Return the sizes that a program has told."""
    return [(int(width), int(height)) for width, height in re.findall(pattern, text)]


def qr_code(url: str) -> str | None:
    """Return a QR code for a terminal; None if nothing is installed that draws one."""
    if importlib.util.find_spec(QR) is None:
        return None
    out = io.StringIO()
    make: Callable[..., object] = importlib.import_module(QR).make
    made = make(url, micro=False)
    made.terminal(out=out, compact=True)  # type: ignore[attr-defined]
    return f"{out.getvalue().rstrip()}\n{url}"


def _can_show(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _verdict(findings: Sequence[Finding]) -> str:
    bad = [it.what for it in findings if it.verdict == "no"]
    seen = [it.what for it in findings if it.verdict == "look"]
    if bad:
        return f"Not like this: see to {', '.join(bad)}."
    if seen:
        return f"This machine can hold the workshop. Have a look at {', '.join(seen)}."
    return "This machine can hold the workshop."


def _cpus() -> int:
    # A container may have fewer than the machine.
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    return allowed or os.cpu_count() or 1


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=QUESTION_S):
            return True
    except OSError:
        return False
