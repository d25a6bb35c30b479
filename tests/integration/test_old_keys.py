"""Idempotency keys last as long as is promised, and no longer."""

from uuid import uuid4

from command_service.database import write_database
from command_service.old_keys import OldKeys
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, another, rows, until

DAY_S = 24 * 60 * 60


def age(stack: LocalStack, key: str, by_s: int) -> None:
    """Have a key written so much earlier."""
    earlier = "UPDATE idempotency_keys SET written_at = written_at - make_interval(secs => %s)"
    rows(stack, f"{earlier} WHERE key = %s", by_s, key)


def kept(stack: LocalStack, keys: list[str]) -> list[str]:
    found = {key for (key,) in rows(stack, "SELECT key FROM idempotency_keys")}
    return [key for key in keys if key in found]


def test_a_key_lasts_a_day_and_then_stands_for_a_new_command(
    stack: LocalStack, client: Client
) -> None:
    old, new = (f"{name}-{uuid4()}" for name in ("old", "new"))
    first = client.post("Asked with a key", Idempotency_Key=old).json()["id"]
    client.post("Asked with another", Idempotency_Key=new)
    keys = OldKeys(write_database(stack.urls.database_url, ""), DAY_S)
    age(stack, new, DAY_S - 60)
    while keys.forget():
        pass
    assert client.post("Asked with a key", Idempotency_Key=old).json()["id"] == first
    age(stack, old, DAY_S + 60)
    while keys.forget():
        pass
    assert kept(stack, [old, new]) == [new]
    assert client.post("Asked with a key", Idempotency_Key=old).json()["id"] > first


def test_the_command_service_forgets_them_by_itself(stack: LocalStack, client: Client) -> None:
    key = f"soon-{uuid4()}"
    client.post("Asked with a key", Idempotency_Key=key)
    age(stack, key, DAY_S)
    # Of such keys it looks after every second; keys that other tests ask with again are younger.
    short = {"IDEMPOTENCY_KEYS_KEPT_S": "100"}
    with another(stack, "command_service", "command-service", Ports.free().command_service, short):
        until(lambda: not kept(stack, [key]))


def test_old_keys_are_found_without_reading_all(stack: LocalStack) -> None:
    look = "SELECT key FROM idempotency_keys WHERE written_at < now() - make_interval(secs => 1)"
    database = write_database(stack.urls.database_url, "")
    with database.cursor() as cursor:
        cursor.execute(f"EXPLAIN {look} LIMIT 1000")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "idempotency_keys_by_age" in plan
