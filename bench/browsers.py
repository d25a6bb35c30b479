"""How soon hops reach a room of browsers, and what web needs for it.

`python -m bench.browsers` starts a stack of its own, lets 100 browsers join by WebSocket, sends
200 commands a second, and prints the times from a hop to its arrival, and web's memory. The
clients run on the same cores as the stack, so what it prints is the worse for it.
"""

import argparse
import base64
import json
import multiprocessing
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psutil

from bench import load
from stack.local import LocalStack
from stack.ports import LOOPBACK, Ports

WITHIN_MS = 150
SHARE = 0.95
MOST_MEMORY_MB = 150
CLIENT_PROCESSES = 2
# Connections are opened and caches filled before it.
WARM_UP_S = 3
DRAIN_S = 2


class Browser:
    """One Socket.IO client over WebSocket, as small as it can be.

    Sources: RFC 6455, 5.2 (frames) and the Engine.IO protocol, revision 4.
    """

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((LOOPBACK, port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._buffer = bytearray()
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self.socket.recv(4096)
        del self._buffer[: self._buffer.index(b"\r\n\r\n") + 4]
        self.send(b"40")

    def send(self, text: bytes) -> None:
        """Send one short text frame, masked with zeros, as a client has to mask."""
        self.socket.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

    def received(self) -> list[bytes]:
        """Return the messages that have arrived in full. Raises ConnectionError at the end."""
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise ConnectionError("web has closed the connection")
        self._buffer += chunk
        messages = []
        while len(self._buffer) >= 2:
            size, start = self._buffer[1] & 0x7F, 2
            if size > 125:
                start = 4 if size == 126 else 10
                size = int.from_bytes(self._buffer[2:start])
            if len(self._buffer) < max(start + size, start):
                break
            messages.append(bytes(self._buffer[start : start + size]))
            del self._buffer[: start + size]
        return messages


@dataclass
class Heard:
    """What one process's browsers were sent.

    Args:
        arrivals_ms: when each batch of hops arrived at each browser, by the batch's bytes.
        bytes_of: bytes received by the kind of message.
        lost: browsers whose connection broke.
    """

    arrivals_ms: dict[bytes, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes_of: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lost: int = 0


def listen(port: int, count: int, stop: Event, ready: Event, results: Any) -> None:
    """Act as this many browsers until asked to stop, and add what they received to the results."""
    selector, heard = selectors.DefaultSelector(), Heard()
    for _ in range(count):
        browser = Browser(port)
        selector.register(browser.socket, selectors.EVENT_READ, browser)
    ready.set()
    while not stop.is_set():
        for key, _ in selector.select(0.1):
            try:
                messages = key.data.received()
            except OSError:
                selector.unregister(key.fileobj)
                heard.lost += 1
                continue
            for message in messages:
                _take(message, key.data, heard)
    arrivals = dict(heard.arrivals_ms)
    results.put(Heard(arrivals, dict(heard.bytes_of), heard.lost))


def _take(message: bytes, browser: Browser, heard: Heard) -> None:
    if message == b"2":
        browser.send(b"3")
    elif message.startswith(b'42["'):
        name = message[4 : message.index(b'"', 4)].decode()
        heard.bytes_of[name] += len(message)
        if name == "hops":
            heard.arrivals_ms[message].append(time.time() * 1000)


def send(url: str, per_s: int, seconds: float) -> None:
    """Send commands at an even pace. Raises RuntimeError if some fail."""
    result = load.run(url, _command, seconds=seconds, per_s=per_s)
    told = f"{result.per_s:.0f} commands a second for {result.seconds:.1f} s"
    print(told, file=sys.stderr)
    if result.failed:
        raise RuntimeError(f"{result.failed} commands failed")


def _command(number: int) -> bytes:
    return load.post("/todos", json.dumps({"title": f"Todo {number}"}).encode())


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Args:
        delays_ms: from each hop until 95 of 100 browsers had it.
        by_hop_ms: the same, by the name of the hop.
        memory_mb: the most that web had in memory.
        cpu: the share of one core that web took.
        kb_per_s: what one browser received, by the kind of message.
    """

    delays_ms: list[float]
    by_hop_ms: dict[str, list[float]]
    memory_mb: float
    cpu: float
    kb_per_s: dict[str, float]
    lost: int

    @property
    def in_time(self) -> float:
        """The share of hops that enough browsers had in time."""
        count = sum(delay_ms <= WITHIN_MS for delay_ms in self.delays_ms)
        return count / max(1, len(self.delays_ms))

    @property
    def met(self) -> bool:
        """Whether the hops came in time, and web stayed small."""
        return self.in_time >= SHARE and self.memory_mb < MOST_MEMORY_MB and not self.lost


def measure(stack: LocalStack, browsers: int, per_s: int, seconds: float) -> Figures:
    """Let browsers join, send commands, and return what was measured.

    Args:
        stack: a running stack.
        browsers: how many.
        per_s: commands a second, each of which causes one event.
        seconds: for how long, after the warm-up.
    """
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    readies = [context.Event() for _ in range(CLIENT_PROCESSES)]
    rooms = [
        context.Process(
            target=listen,
            args=(stack.ports.web, browsers // CLIENT_PROCESSES, stop, ready, results),
        )
        for ready in readies
    ]
    # A browser that joins gets the last 500 journeys.
    send(stack.urls.command_service, per_s, 500 / per_s)
    web = psutil.Process(stack.pid("web"))
    for room in rooms:
        room.start()
    for ready in readies:
        ready.wait(60)
    sender = context.Process(
        target=send, args=(stack.urls.command_service, per_s, WARM_UP_S + seconds)
    )
    sender.start()
    time.sleep(WARM_UP_S)
    began_ms, began_cpu_s = time.time() * 1000, sum(web.cpu_times()[:2])
    most = web.memory_info().rss
    while sender.is_alive():
        most = max(most, web.memory_info().rss)
        time.sleep(0.1)
    ended_ms, ended_cpu_s = time.time() * 1000, sum(web.cpu_times()[:2])
    time.sleep(DRAIN_S)
    stop.set()
    heard = [results.get(timeout=30) for _ in rooms]
    for process in (*rooms, sender):
        process.join()
    return _figures(heard, browsers, began_ms, ended_ms, ended_cpu_s - began_cpu_s, most)


def _figures(
    heard: list[Heard], browsers: int, began_ms: float, ended_ms: float, cpu_s: float, rss: int
) -> Figures:
    arrivals_ms: dict[bytes, list[float]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for each in heard:
        for message, times_ms in each.arrivals_ms.items():
            arrivals_ms[message] += times_ms
        for name, size in each.bytes_of.items():
            sizes[name] += size
    by_hop_ms: dict[str, list[float]] = defaultdict(list)
    needed = round(SHARE * browsers)
    for message, times_ms in arrivals_ms.items():
        times_ms.sort()
        # If fewer than that ever had it, it never arrived in time.
        reached_ms = times_ms[needed - 1] if len(times_ms) >= needed else float("inf")
        batch = json.loads(message[2:])[1]
        by_hop_ms["(a batch alone)"].append(reached_ms - batch["now_ms"])
        for hop in batch["hops"]:
            if began_ms <= hop["at_ms"] <= ended_ms:
                by_hop_ms[hop["hop"]].append(reached_ms - hop["at_ms"])
    took_s = (ended_ms - began_ms) / 1000
    return Figures(
        sorted(delay_ms for delays_ms in by_hop_ms.values() for delay_ms in delays_ms),
        by_hop_ms,
        rss / 1e6,
        cpu_s / took_s,
        {name: size / browsers / (took_s + WARM_UP_S) / 1e3 for name, size in sizes.items()},
        sum(each.lost for each in heard),
    )


def report(figures: Figures) -> None:
    """Print what was measured."""
    print(f"{'hop':16}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for name, delays_ms in [*sorted(figures.by_hop_ms.items()), ("all hops", figures.delays_ms)]:
        if len(delays_ms) > 1:
            cuts = statistics.quantiles(delays_ms, n=100)
            print(f"{name:16}{len(delays_ms):8}{cuts[49]:9.1f}{cuts[94]:9.1f}{cuts[98]:9.1f}")
    print(f"hops that 95 of 100 browsers had within {WITHIN_MS} ms: {figures.in_time:.1%}")
    print(f"web: {figures.memory_mb:.0f} MB at the most, {figures.cpu:.0%} of one core")
    sent = ", ".join(f"{name} {kb:.1f}" for name, kb in sorted(figures.kb_per_s.items()))
    print(f"to each browser, kB a second: {sent}; connections lost: {figures.lost}")


def main() -> None:
    """Measure, print, and exit with 1 if it was too slow or too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, default=100)
    parser.add_argument("--per-second", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eventually-bench-") as folder:
        stack = LocalStack(Path(folder) / "stack", Ports.free())
        with stack:
            figures = measure(stack, options.browsers, options.per_second, options.seconds)
        stack.remove()
    report(figures)
    raise SystemExit(0 if figures.met else 1)


if __name__ == "__main__":
    main()
