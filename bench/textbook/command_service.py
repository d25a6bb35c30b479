"""Insert, then publish: a connection to each server for each request, on Flask's own server."""

import json
import os

import pika
import psycopg2
from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/todos")
def create() -> tuple[Response, int]:
    """Create a todo."""
    title = request.get_json()["title"]
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    cursor.execute("INSERT INTO textbook_todos (title) VALUES (%s) RETURNING id", (title,))
    row = cursor.fetchone()
    todo_id = row[0] if row else None
    connection.commit()
    connection.close()

    broker = pika.BlockingConnection(pika.URLParameters(os.environ["RABBITMQ_URL"]))
    channel = broker.channel()
    channel.queue_declare("textbook", durable=True)
    channel.basic_publish(
        "",
        "textbook",
        json.dumps({"id": todo_id, "title": title, "completed": False}).encode(),
        pika.BasicProperties(delivery_mode=2),
    )
    broker.close()
    return jsonify({"message": "Todo created successfully.", "id": todo_id}), 201


if __name__ == "__main__":
    with psycopg2.connect(os.environ["DATABASE_URL"]) as setting_up:
        setting_up.cursor().execute(
            "CREATE TABLE IF NOT EXISTS textbook_todos"
            " (id serial PRIMARY KEY, title text NOT NULL, completed boolean DEFAULT false)"
        )
    app.run(port=int(os.environ["PORT"]), threaded=True)
