"""The contracts as tests read them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import requests
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from referencing import Registry, Resource

CONTRACTS = Path(__file__).parents[2] / "contracts"


@cache
def asyncapi() -> dict[str, Any]:
    """Return the description of the events and of what they pass through."""
    document: dict[str, Any] = yaml.safe_load((CONTRACTS / "events.asyncapi.yaml").read_text())
    return document


# In the order in which one todo can go through them all.
EVENT_TYPES: list[str] = asyncapi()["channels"]["todoEvents"]["parameters"]["kind"]["enum"]


def event_schema(kind: str, version: int = 1) -> dict[str, Any]:
    """Return the schema of one type of event."""
    text = (CONTRACTS / f"events/todo.{kind}.v{version}.schema.json").read_text()
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def event_validator(kind: str, version: int = 1) -> Draft202012Validator:
    """Return what checks an event against its schema, formats included."""
    name = f"todo-event.v{version}.schema.json"
    common = json.loads((CONTRACTS / "events" / name).read_text())
    registry: Registry[Any] = Registry().with_resource(name, Resource.from_contents(common))
    return Draft202012Validator(
        event_schema(kind, version), registry=registry, format_checker=FormatChecker()
    )


class HttpContract:
    """One service's OpenAPI description, checked against real answers.

    Args:
        name: the file's first name.
        server: where the service runs in this test.
    """

    def __init__(self, name: str, server: str) -> None:
        path = CONTRACTS / f"{name}.openapi.yaml"
        document = yaml.safe_load(path.read_text())
        document["servers"] = [{"url": server}]
        self._api = OpenAPI.from_dict(
            document,
            base_uri=path.as_uri(),
            config=Config(extra_media_type_deserializers={"application/problem+json": json.loads}),
        )

    def check(self, answer: requests.Response) -> None:
        """Raise if the contract does not allow this answer to its request."""
        request = requests.Request(
            answer.request.method,
            answer.request.url,
            headers=dict(answer.request.headers),
            data=answer.request.body,
        )
        self._api.validate_response(
            RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(answer)
        )
