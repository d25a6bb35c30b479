"""The real contents of PostgreSQL and MongoDB, read without the services."""

from typing import Any

import psycopg2
from pymongo import MongoClient

from stack.local import LocalStack


def rows(stack: LocalStack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement in the write store, and return its rows."""
    connection = psycopg2.connect(stack.urls.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def write_side(stack: LocalStack) -> dict[int, tuple[str, bool, int]]:
    """Return the todos in PostgreSQL: title, state and version by id."""
    found = rows(stack, "SELECT id, title, completed, version FROM todos")
    return {todo_id: (title, completed, version) for todo_id, title, completed, version in found}


def read_side(stack: LocalStack) -> dict[int, tuple[str, bool, int]]:
    """Return the todos in MongoDB: title, state and version by id, without tombstones."""
    return todos_in(stack.urls.mongodb_url)


def todos_in(mongodb_url: str) -> dict[int, tuple[str, bool, int]]:
    """Return the todos in a read model: title, state and version by id, without tombstones."""
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        found = client.get_default_database()["todos"].find({"deleted": {"$exists": False}})
        return {
            document["_id"]: (document["title"], document["completed"], document["version"])
            for document in found
        }


def agree(stack: LocalStack) -> bool:
    """Return whether nothing is under way and both sides are equal."""
    backlog = rows(stack, "SELECT count(*) FROM outbox")[0][0]
    return backlog == 0 and write_side(stack) == read_side(stack)
