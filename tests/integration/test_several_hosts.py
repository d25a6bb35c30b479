"""URLs with several hosts: the first host that answers is used, and a missing one is skipped."""

import requests

from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, agree, another, until


def with_a_host_that_is_away(stack: LocalStack) -> dict[str, str]:
    """The servers' URLs, each with an extra first host on which nothing listens."""
    away, there = Ports.free(), stack.urls
    here = f"127.0.0.1:{stack.ports.postgresql}"
    broker = there.rabbitmq_url.replace(f":{stack.ports.rabbitmq}/", f":{away.rabbitmq}/")
    return {
        "DATABASE_URL": there.database_url.replace(here, f"127.0.0.1:{away.postgresql},{here}"),
        "RABBITMQ_URL": f"{broker},{there.rabbitmq_url}",
    }


def test_commands_and_events_go_on_if_the_first_host_is_down(
    stack: LocalStack, client: Client
) -> None:
    hosts = with_a_host_that_is_away(stack)
    ports = Ports.free()
    until(lambda: agree(stack))
    for name in ("relay", "projector"):
        stack.stop_program(name)
    try:
        with (
            another(stack, "command_service", "command-service", ports.command_service, hosts),
            another(stack, "command_service.relay", "relay", ports.relay, hosts),
            another(stack, "query_service.projector", "projector", ports.projector, hosts),
        ):
            url = f"http://127.0.0.1:{ports.command_service}/todos"
            created = until(lambda: requests.post(url, json={"title": "By the second host"}).json())
            until(lambda: client.get(f"/todos/{created['id']}").status_code == 200)
            until(lambda: agree(stack))
    finally:
        for name in ("relay", "projector"):
            stack.start_program(name)
