"""The page itself, and how it connects."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from flask_socketio import SocketIO
from jinja2 import ChoiceLoader, FileSystemLoader

from web.room.room import Room
from web.routes.files import ASK_AGAIN, MODULES, STYLES, Files, compressed
from web.routes.panels import PANELS, STATIC, parts, styles, vendored

# In the page itself, so that it is there whatever does not arrive.
_WHOLE = Path(__file__).parent.parent / "templates" / "whole.js"
# What the page may load, and from where; whatever is not named here it may not.
# Source: https://www.w3.org/TR/CSP3/
_POLICY = (
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


def add_page(app: Flask, socketio: SocketIO, room: Room) -> None:
    """Give the app the page, put together from its frame and its panels, and its files.

    Args:
        app: web.
        socketio: how the page connects.
        room: what it then joins.
    """
    files = Files(STATIC, styles())
    kept: dict[str, bytes] = {}
    frame = app.jinja_loader
    assert frame is not None, "the page's frame is a template of the app"
    app.jinja_loader = ChoiceLoader([frame, FileSystemLoader(PANELS)])
    whole = _WHOLE.read_text(encoding="utf-8")
    linked = {"styles": STYLES, "script": MODULES, "modules": vendored()}
    # The page needs nothing but itself, even when it shows what a stranger has typed.
    policy = "; ".join([*_POLICY, f"script-src 'self' '{_named(whole)}'"])
    own = {"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}

    @app.get("/")
    def page() -> Response:
        # It is the same for everybody until web ends.
        if "text" not in kept:
            kept["text"] = _page(version=files.version, parts=parts, whole=whole, **linked)
        answer = compressed(request, kept["text"], kept, "zipped")
        answer.mimetype = "text/html"
        answer.headers |= {**own, "Cache-Control": ASK_AGAIN}
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    @app.get("/static/<path:name>")
    @app.get("/static/v-<version>/<path:name>")
    def static(name: str, version: str | None = None) -> Response:
        return files.answer(request, name, version)

    def join(_auth: Any = None) -> None:
        room.join(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it

    socketio.on_event("connect", join)


def _page(**parts: Any) -> bytes:
    return render_template("index.html", **parts).encode()


def _named(script: str) -> str:
    """Return what names a script that stands in the page (Content Security Policy 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
