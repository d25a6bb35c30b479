"""The page itself, and how it connects."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO
from jinja2 import ChoiceLoader, FileSystemLoader

from web.room.room import Room
from web.routes.panels import PANELS, modules, parts, styles

# In the page itself, so that it is there whatever does not arrive.
_WHOLE = Path(__file__).parent.parent / "templates" / "whole.js"


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
    whole = _WHOLE.read_text(encoding="utf-8")
    listed = {"parts": parts, "styles": styles(), "modules": modules(), "whole": whole}
    # The page needs nothing but itself, even when it shows what a stranger has typed.
    policy = f"default-src 'self'; script-src 'self' '{_named(whole)}'; frame-ancestors 'none'"

    @app.get("/")
    def page() -> Response:
        text = render_template("index.html", **listed)
        return Response(text, headers={"Content-Security-Policy": policy}, mimetype="text/html")

    def join(_auth: Any = None) -> None:
        room.join(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it

    socketio.on_event("connect", join)


def _named(script: str) -> str:
    """Return what names a script that stands in the page (Content Security Policy 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
