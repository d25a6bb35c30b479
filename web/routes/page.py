"""The page itself, and how it connects."""

from typing import Any

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO
from jinja2 import ChoiceLoader, FileSystemLoader

from web.room.room import Room
from web.routes.panels import PANELS, modules, parts, styles


def add_page(app: Flask, socketio: SocketIO, room: Room) -> None:
    """Give the app the page, put together from its frame and its panels, and its files.

    Args:
        app: web.
        socketio: how the page connects.
        room: what it then joins.
    """
    app.static_folder = "static"
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    frame = app.jinja_loader
    assert frame is not None, "the page's frame is a template of the app"
    app.jinja_loader = ChoiceLoader([frame, FileSystemLoader(PANELS)])
    listed = {"parts": parts, "styles": styles(), "modules": modules()}

    @app.get("/")
    def page() -> Response:
        # The page needs nothing but itself, even when it shows what a stranger has typed.
        policy = {"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}
        text = render_template("index.html", **listed)
        return Response(text, headers=policy, mimetype="text/html")

    def join(_auth: Any = None) -> None:
        room.join(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it

    socketio.on_event("connect", join)
