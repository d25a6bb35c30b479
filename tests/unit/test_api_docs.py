"""The contracts as the services serve them."""

import pytest
from flask import Flask
from openapi_spec_validator import validate

from chassis.api_docs import SCRIPT, STYLE, add_api_docs, parameters_in

DOCUMENTS = ["commands.openapi.yaml", "queries.openapi.yaml"]


@pytest.fixture(params=DOCUMENTS)
def app(request: pytest.FixtureRequest) -> Flask:
    app = Flask(__name__, static_folder=None)
    add_api_docs(app, request.param)
    return app


def test_a_contract_is_served_whole_and_of_whatever_port_it_is_on(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").json
    assert document is not None
    # Without another file: a reference into one would not resolve.
    validate(document)
    assert document["servers"] == [{"url": "/"}]
    assert "/todos" in document["paths"]
    optional = [it for it in parameters_in(document) if not it.get("required")]
    assert optional
    assert not any("example" in it for it in optional)
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status"]


def test_the_page_of_a_contract_loads_what_is_served_beside_it_alone(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/docs")
    assert page.content_type.startswith("text/html")
    assert "http" not in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for name in (SCRIPT, STYLE, "start.js"):
        assert f"docs/{name}" in page.text
        with client.get(f"/docs/{name}") as loaded:
            assert loaded.status_code == 200
    assert client.get("/docs/README.md").status_code == 404
