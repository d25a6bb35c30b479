"""The page itself, and the requests that its server accepts."""

from typing import Any

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO
from jinja2 import ChoiceLoader, FileSystemLoader

from chassis.problems import Problem
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


def refuse_other_sites() -> None:
    """Refuse what another site's page makes a browser send. Raises Problem.

    Source: OWASP, Cross-Site Request Forgery Prevention, Fetch Metadata headers.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = f"{request.scheme}://{request.host}"
    if site not in {"same-origin", "none"} or (origin is not None and origin != ours):
        detail = "Only this page, or a client that is no browser, may change anything here."
        raise Problem(403, "other-site", "The request comes from another site.", detail)
