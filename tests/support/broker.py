"""RabbitMQ's own account of its queues, exchanges and bindings."""

import json
import os
import subprocess
from typing import Any

from stack.local import LocalStack
from stack.servers import rabbitmq


def listed(stack: LocalStack, what: str, *columns: str) -> list[dict[str, Any]]:
    """Return what `rabbitmqctl list_...` says, with each table of arguments as a dictionary.

    Args:
        stack: the stack that runs.
        what: `queues`, `exchanges` or `bindings`.
        columns: what to list about each; by default everything.
    """
    script = rabbitmq.found()
    assert script is not None
    home = stack.folder / "rabbitmq"
    # The node is found by its port, as no port mapper runs; we ourselves do not listen.
    node = f"-start_epmd false -erl_epmd_port {stack.ports.rabbitmq_distribution}"
    command = ["--node", rabbitmq.NODE, "--silent", "--formatter", "json", f"list_{what}"]
    done = subprocess.run(
        [str(script.with_name("rabbitmqctl")), *command, *columns],
        env={
            **os.environ,
            "HOME": str(home),
            "ERL_INETRC": str(home / "inetrc"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_CTL_ERL_ARGS": f"{node} -dist_listen false",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    for each in found:
        each["arguments"] = {name: value for name, _type, value in each["arguments"]}
    return found
