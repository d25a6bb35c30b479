"""The stores let in whoever has their password, which no other stack has."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pika
import psycopg2
import pymongo
import pytest
from pika.exceptions import AMQPError
from pymongo.errors import OperationFailure

from stack import passwords
from stack.local import LocalStack
from stack.passwords import Passwords
from stack.ports import Ports
from stack.programs import SERVERS, Urls

Way = Callable[[Urls], None]


def to_postgresql(urls: Urls) -> None:
    psycopg2.connect(urls.database_url).close()


def to_rabbitmq(urls: Urls) -> None:
    pika.BlockingConnection(pika.URLParameters(urls.rabbitmq_url)).close()


def to_mongodb(urls: Urls) -> None:
    with pymongo.MongoClient[dict[str, object]](urls.mongodb_url) as client:
        client.get_database().todos.find_one()


WAYS: dict[Way, type[Exception]] = {
    to_postgresql: psycopg2.OperationalError,
    to_rabbitmq: AMQPError,
    to_mongodb: OperationFailure,
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> LocalStack:
    """The three servers; data that they keep had other passwords before."""
    folder = tmp_path_factory.mktemp("stack")
    with LocalStack(folder, Ports.free(), only=SERVERS) as before:
        first = before.urls
    (folder / passwords.KEPT).unlink()
    stack = LocalStack(folder, Ports.free(), only=SERVERS)
    assert first.mongodb_url.partition("@")[0] != stack.urls.mongodb_url.partition("@")[0]
    return stack


def test_each_store_lets_in_who_has_its_password_and_nobody_else(servers: LocalStack) -> None:
    known = Passwords("eventually", "eventually", "eventually")
    other = Passwords()
    with servers:
        for way, refused in WAYS.items():
            way(servers.urls)
            for wrong in (known, other):
                with pytest.raises(refused):
                    way(Urls.of(servers.ports, wrong))
        guest = servers.urls.rabbitmq_url.partition("@")[2]
        with pytest.raises(AMQPError):
            pika.BlockingConnection(pika.URLParameters(f"amqp://guest:guest@{guest}"))
        nobody = servers.urls.mongodb_url.partition("@")[2].partition("?")[0]
        with (
            contextlib.closing(pymongo.MongoClient[dict[str, object]](f"mongodb://{nobody}")) as to,
            pytest.raises(OperationFailure),
        ):
            to.get_database().todos.find_one()


def test_they_are_for_the_eyes_of_the_stacks_user(servers: LocalStack) -> None:
    secret = [servers.folder / passwords.KEPT, servers.folder / "supervisord.conf"]
    secret += servers.folder.rglob("definitions.json")
    assert len(secret) == 3
    for path in secret:
        assert path.stat().st_mode & 0o077 == 0, path
    said = set(vars(passwords.of(servers.folder)).values())
    for log in servers.log_folder.iterdir():
        assert not any(password in log.read_text(errors="replace") for password in said), log


def test_a_folder_keeps_its_passwords(tmp_path: Path) -> None:
    made = passwords.of(tmp_path)
    assert passwords.of(tmp_path) != made
    passwords.keep(tmp_path, made)
    assert passwords.of(tmp_path) == made
    # As a full disk leaves a file.
    kept = tmp_path / passwords.KEPT
    kept.write_text(kept.read_text()[:20])
    assert passwords.of(tmp_path) != made
    passwords.keep(tmp_path, made)
    assert passwords.of(tmp_path) == made
