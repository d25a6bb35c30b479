"""Connections that a server closes, and what it does when it is short of memory or disk."""

import os
import subprocess
from typing import Any

import psycopg2
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from faults.nemesis.site import CannotDo, Site
from stack.servers import rabbitmq

LOCK_HOLDERS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def terminate_backends(site: Site) -> None:
    """Have PostgreSQL close all its connections, several times."""
    for _ in range(site.chance.randint(1, 4)):
        _ask_postgresql(site, ALL_OTHERS)
        site.last(0.1, 0.8)


def racing_relays(site: Site) -> None:
    """Run a second relay, and take the lead from whichever has it, again and again."""
    site.stack.start_program("relay-2")
    try:
        for _ in range(site.chance.randint(3, 8)):
            _ask_postgresql(site, LOCK_HOLDERS)
            site.last(0.1, 0.8)
    finally:
        site.stack.stop_program("relay-2")


def open_transaction(least_s: float, most_s: float) -> Any:
    """Return what leaves a transaction open, which has a number and the lock of a todo."""

    def fault(site: Site) -> None:
        try:
            connection = psycopg2.connect(site.stack.urls.database_url)
        except psycopg2.Error as error:
            raise CannotDo(str(error)) from error
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
                cursor.execute("SELECT id FROM todos ORDER BY id DESC LIMIT 1 FOR UPDATE")
                site.last(least_s, most_s)
            connection.rollback()
        except psycopg2.Error:
            # The other fault of a pair has ended it, which is no less than was wanted.
            pass
        finally:
            connection.close()

    return fault


def close_broker_connections(site: Site) -> None:
    """Have RabbitMQ close all its connections, several times."""
    for _ in range(site.chance.randint(1, 3)):
        rabbitmqctl(site, "close_all_connections", "faults")
        site.last(0.1, 0.8)


def memory_alarm(site: Site) -> None:
    """Have RabbitMQ believe that it is short of memory: it takes nothing from publishers."""
    rabbitmqctl(site, "set_vm_memory_high_watermark", "absolute", "1")
    try:
        site.last(1.0, 5.0)
    finally:
        rabbitmqctl(site, "set_vm_memory_high_watermark", "0.4")


def disk_alarm(site: Site) -> None:
    """Have RabbitMQ believe that its disk is full: it takes nothing from publishers."""
    rabbitmqctl(site, "set_disk_free_limit", str(10**15))
    try:
        site.last(1.0, 5.0)
    finally:
        rabbitmqctl(site, "set_disk_free_limit", "50MB")


def kill_sessions(site: Site) -> None:
    """Have MongoDB end all sessions with what they are doing, several times.

    A server that runs alone closes no connection of its clients by command; the links do that.
    """
    for _ in range(site.chance.randint(2, 10)):
        try:
            with MongoClient[dict[str, Any]](site.stack.urls.mongodb_url) as client:
                client.admin.command("killAllSessions", [])
        except PyMongoError as error:
            raise CannotDo(str(error)) from error
        site.last(0.05, 0.5)


def rabbitmqctl(site: Site, *arguments: str) -> None:
    """Run rabbitmqctl on the stack's broker. Raises CannotDo."""
    script = rabbitmq.found()
    if script is None:
        raise CannotDo("there is no rabbitmqctl")
    home = site.stack.folder / "rabbitmq"
    # The node is found by its port, as no port mapper runs; we ourselves do not listen.
    node = f"-start_epmd false -erl_epmd_port {site.stack.ports.rabbitmq_distribution}"
    environment = {
        **os.environ,
        "HOME": str(home),
        "ERL_INETRC": str(home / "inetrc"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CTL_ERL_ARGS": f"{node} -dist_listen false",
    }
    command = [str(script.with_name("rabbitmqctl")), "--node", rabbitmq.NODE, *arguments]

    def done() -> bool:
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return ended.returncode == 0

    site.until(done, " ".join(command[1:]))


def _ask_postgresql(site: Site, statement: str) -> None:
    def done() -> bool:
        try:
            connection = psycopg2.connect(site.stack.urls.database_url)
        except psycopg2.Error:
            return False
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except psycopg2.Error:
            return False
        finally:
            connection.close()
        return True

    site.until(done, "PostgreSQL answers")
