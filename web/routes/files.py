"""The page's files, kept in memory, under addresses that change when any of them does."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Request, Response
from werkzeug.exceptions import NotFound

from web.routes.joined import joined

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# All style sheets in one, and all modules: a browser asks for six files at a time, and a phone may
# wait 150 ms for each answer.
STYLES, MODULES, ENTRY = "styles.css", "page.js", "js/main.js"
# RFC 8246: not even a reload asks again.
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Files:
    """The files as they were when web started.

    A page gets all its modules from the one version that it was made for, or none: an older one
    has another address, where nothing is any more.

    Args:
        folder: where they are.
        styles: the style sheets, in their order, by their paths in it.

    Attributes:
        version: stands for all of them; a part of their addresses.
    """

    def __init__(self, folder: Path, styles: Sequence[str]) -> None:
        files = [path for path in sorted(folder.rglob("*")) if path.suffix in TYPES]
        self._contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        modules = {name: data.decode() for name, data in self._contents.items() if _is_module(name)}
        self._contents[STYLES] = b"\n".join(self._contents[name] for name in styles)
        self._contents[MODULES] = joined(modules, ENTRY, MODULES).encode()
        self._zipped: dict[str, bytes] = {}
        self.version = _digest(self._contents)

    def answer(self, request: Request, name: str, version: str | None) -> Response:
        """Answer with a file; for good, if it was asked for by its version. Raises NotFound."""
        if name not in self._contents or version not in {None, self.version}:
            raise NotFound
        answer = compressed(request, self._contents[name], self._zipped, name)
        answer.mimetype = TYPES[Path(name).suffix]
        answer.headers["Cache-Control"] = FOR_GOOD if version else ASK_AGAIN
        answer.set_etag(self.version)
        answer.make_conditional(request)
        return answer


def compressed(request: Request, data: bytes, kept: dict[str, bytes], name: str) -> Response:
    """Return an answer with this data, compressed for a client that takes it so.

    Args:
        request: what is answered.
        data: what has not been compressed yet.
        kept: what has been, by name; this is added.
        name: what it is kept as.
    """
    answer = Response(headers={"Vary": "Accept-Encoding"})
    if request.accept_encodings["gzip"]:
        if name not in kept:
            kept[name] = gzip.compress(data, mtime=0)
        data = kept[name]
        answer.headers["Content-Encoding"] = "gzip"
    answer.set_data(data)
    return answer


def _is_module(name: str) -> bool:
    return name.startswith("js/") and name.endswith(".js")


def _digest(contents: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, data in contents.items():
        whole.update(f"{name} {len(data)}\n".encode() + data)
    return whole.hexdigest()[:16]
