"""A service's contract, as it serves it: `/openapi.json`, and `/docs` to read it and try it out."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response, send_from_directory

CONTRACTS = Path(__file__).parents[1] / "contracts"
VENDOR = Path(__file__).parent / "vendor"
SCRIPT, STYLE = "swagger-ui-5.35.0.bundle.js", "swagger-ui-5.35.0.css"

# No validator on the web: no request leaves this machine.
_START = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#contract", deepLinking: true, validatorUrl: null,
  tryItOutEnabled: true, defaultModelsExpandDepth: 0,
});
"""
# The page loads what is served here. Its pictures are in its style sheet, as data.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}


def add_api_docs(app: Flask, contract: str) -> None:
    """Serve a contract as JSON, and as a page to read and to try it out, without the network.

    Args:
        app: the service.
        contract: the file in contracts/.
    """

    # Read when somebody asks: most never do.
    @functools.cache
    def document() -> dict[str, Any]:
        return served_here(CONTRACTS / contract)

    @app.get("/openapi.json")
    def openapi() -> Response:
        return Response(json.dumps(document(), ensure_ascii=False), mimetype="application/json")

    @app.get("/docs")
    def docs() -> Response:
        page = _page(document()["info"]["title"])
        return Response(page, mimetype="text/html", headers=_HEADERS)

    @app.get("/docs/start.js")
    def start() -> Response:
        return Response(_START, mimetype="text/javascript")

    @app.get(f"/docs/<any('{SCRIPT}', '{STYLE}'):file>")
    def vendored(file: str) -> Response:
        return send_from_directory(VENDOR, file, max_age=365 * 24 * 3600)


def served_here(contract: Path) -> dict[str, Any]:
    """Return a contract as one document about the service that serves it.

    A reference to another file of contracts/ is replaced by what is there (JSON Reference).
    """
    document: dict[str, Any] = msgspec.yaml.decode(contract.read_bytes())
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if set(schema) == {"$ref"} and not schema["$ref"].startswith("#"):
            schemas[name] = json.loads((contract.parent / schema["$ref"]).read_text("utf-8"))
            # It is a part of this document now, in the dialect that OpenAPI names.
            schemas[name].pop("$schema", None)
    for parameter in parameters_in(document):
        # The page would put it into its field, and so ask for what may not be there.
        if not parameter.get("required"):
            parameter.pop("example", None)
    # Whatever port it is on (OpenAPI 3.1, Server Object: a relative URL).
    document["servers"] = [{"url": "/"}]
    return document


def parameters_in(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the parameters of a contract, wherever they stand."""
    yield from document["components"].get("parameters", {}).values()
    for path in document["paths"].values():
        for holder in (path, *(it for it in path.values() if isinstance(it, dict))):
            yield from holder.get("parameters", ())


def _page(title: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/{STYLE}">
</head>
<body>
<main id="contract"></main>
<script src="docs/{SCRIPT}"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
