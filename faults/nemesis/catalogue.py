"""All that can be broken, by its name in the table."""

from collections.abc import Mapping

from faults.nemesis import clock, connections, disk, links, points, signals
from faults.nemesis.site import OURS, SERVERS, Fault

CATALOGUE: Mapping[str, Fault] = {
    **{f"kill -9 {name}": signals.kill(name) for name in OURS},
    **{f"SIGTERM {name}": signals.terminate(name) for name in OURS},
    "crash before commit": points.crash("command-service", "before-commit"),
    "crash after commit": points.crash("command-service", "after-commit"),
    "crash before publish": points.crash("relay", "before-publish"),
    "crash after publish, before the row is removed": points.crash("relay", "after-publish"),
    "crash before the write": points.crash("projector", "before-write"),
    "crash in the middle of a batch": points.crash("projector", "mid-batch"),
    "crash after the write, before the ack": points.crash("projector", "after-write"),
    "crash in a rebuild": points.crash_in_rebuild,
    "rebuild under load": points.rebuild,
    **{f"kill -9 {name}": signals.kill_server(name) for name in SERVERS},
    **{f"SIGSTOP {name}": signals.freeze(name) for name in SERVERS},
    **{f"restart {name}": signals.restart(name) for name in SERVERS},
    "SIGSTOP relay": signals.freeze("relay"),
    "SIGSTOP projector": signals.freeze("projector"),
    "slow link": links.toxic("latency", latency=200, jitter=100),
    "reset link": links.toxic("reset_peer"),
    "half-open link": links.toxic("timeout"),
    "postgresql closes its connections": connections.terminate_backends,
    "rabbitmq closes its connections": connections.close_broker_connections,
    "mongodb ends its sessions": connections.kill_sessions,
    "memory alarm": connections.memory_alarm,
    "disk alarm": connections.disk_alarm,
    "full disk under postgresql": disk.full("postgresql"),
    "full disk under mongodb": disk.full("mongodb"),
    "two relays race": connections.racing_relays,
    "transaction open for a minute": connections.open_transaction(60, 61),
    **{f"clock set back under {name}": clock.set_back(name) for name in OURS},
}
