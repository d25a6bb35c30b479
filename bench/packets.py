"""How often our processes wake a server: the packets with data that they send to it.

The kernel counts them for each connection, so nothing is asked of the servers, and it is the same
measure for all three. Whatever a process wants of a server (a statement, a command, an ack, a
heartbeat) is at least one packet; several that are sent at once may share one.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping

# Server, process, packets.
Sent = dict[str, dict[str, int]]

_CONNECTION = re.compile(r"^\S+\s+\d+\s+\d+\s+\S+\s+\S+:(\d+)\s.*?pid=(\d+)", re.MULTILINE)
_DATA = re.compile(r"\bdata_segs_out:(\d+)")


def can_be_counted() -> bool:
    """Return whether `ss` is here, of Linux's iproute2."""
    return shutil.which("ss") is not None


def sent(servers: Mapping[str, int], processes: Mapping[str, int]) -> Sent:
    """Return the packets that open connections have sent until now.

    Args:
        servers: the port of each server.
        processes: the pid of each process of ours.
    """
    told = subprocess.run(
        [
            "/usr/bin/env",
            "ss",
            "--tcp",
            "--info",
            "--processes",
            "--numeric",
            "--no-header",
            "--oneline",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return counted(told.stdout, servers, processes)


def counted(told: str, servers: Mapping[str, int], processes: Mapping[str, int]) -> Sent:
    """Add up what `ss` tells, one connection to a line. Source: ss(8), tcp(7) (TCP_INFO)."""
    server_at = {port: name for name, port in servers.items()}
    process_of = {pid: name for name, pid in processes.items()}
    found: Sent = {name: defaultdict(int) for name in servers}
    for line in told.splitlines():
        connection, data = _CONNECTION.search(line), _DATA.search(line)
        if connection is None or data is None:
            continue
        server = server_at.get(int(connection[1]))
        process = process_of.get(int(connection[2]))
        if server and process:
            found[server][process] += int(data[1])
    return {server: dict(by_process) for server, by_process in found.items()}


def between(before: Sent, after: Sent) -> Sent:
    """Return what was sent in between, as far as connections that are still open tell."""
    return {
        server: {
            process: max(count - before[server].get(process, 0), 0)
            for process, count in by_process.items()
        }
        for server, by_process in after.items()
    }
