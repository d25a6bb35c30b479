"""A GET that reads everything."""

import os
from typing import Any

from flask import Flask, Response, jsonify
from pymongo import MongoClient

app = Flask(__name__)
todos = MongoClient[dict[str, Any]](os.environ["MONGODB_URL"]).get_default_database()["textbook"]


@app.get("/todos")
def read() -> Response:
    """Read all todos."""
    return jsonify([{"id": todo["id"], "title": todo["title"]} for todo in todos.find()])


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]), threaded=True)
