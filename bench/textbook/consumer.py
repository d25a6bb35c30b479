"""One message, one write, one ack at a time."""

import json
import os
from typing import Any

import pika
from pymongo import MongoClient

todos = MongoClient[dict[str, Any]](os.environ["MONGODB_URL"]).get_default_database()["textbook"]


def project(channel: Any, method: Any, _properties: Any, body: bytes) -> None:
    """Write one todo."""
    todo = json.loads(body)
    todos.replace_one({"_id": todo["id"]}, todo, upsert=True)
    channel.basic_ack(method.delivery_tag)


if __name__ == "__main__":
    broker = pika.BlockingConnection(pika.URLParameters(os.environ["RABBITMQ_URL"]))
    consuming = broker.channel()
    consuming.queue_declare("textbook", durable=True)
    consuming.basic_consume("textbook", project)
    consuming.start_consuming()
