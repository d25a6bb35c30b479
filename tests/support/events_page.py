"""docs/events.md: the AsyncAPI document of the events as a page for people.

`python -m tests.support.events_page` writes it; tests/contract/test_events_page.py holds it to the
document.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from stack.programs import ROOT

DOCUMENT = ROOT / "contracts/events.asyncapi.yaml"
PAGE = ROOT / "docs/events.md"
Part = Mapping[str, Any]


def page(document: Part, folder: Path) -> str:
    """Return the page.

    Args:
        document: the AsyncAPI document.
        folder: where the files are that it refers to.
    """
    payloads = {
        name: json.loads((folder / message["payload"]["$ref"]).read_text())
        for name, message in document["components"]["messages"].items()
    }
    envelopes = dict.fromkeys(payload["$ref"] for payload in payloads.values())
    whole = f"[{DOCUMENT.name}](../contracts/{DOCUMENT.name})"
    lines = [
        "# Events",
        "",
        "<!-- Made from contracts/events.asyncapi.yaml: python -m tests.support.events_page -->",
        "",
        document["info"]["description"],
        "",
        f"The whole of it is in {whole}, an AsyncAPI {document['asyncapi']} document.",
        *_channels(document["channels"]),
        *_operations(document["operations"]),
        *_messages(document["components"]["messages"]),
    ]
    for envelope in envelopes:
        lines += _envelope(json.loads((folder / "events" / envelope).read_text()), envelope)
    created = next(iter(payloads.values()))
    example = json.dumps(created["examples"][0], indent=2)
    lines += ["", "## An example", "", "```json", example, "```", ""]
    return "\n".join(lines)


def _channels(channels: Part) -> Iterator[str]:
    yield from ("", "## Exchanges and queues", "", "| name | what it is | arguments |")
    yield "|---|---|---|"
    for channel in channels.values():
        binding = channel["bindings"]["amqp"]
        name = binding.get("queue", binding.get("exchange"))["name"]
        arguments = {**channel.get("x-arguments", {})}
        if bound := channel.get("x-bound-to"):
            arguments["bound to"] = f"{bound['exchange']} with {bound['routingKey']}"
        said = "<br>".join(f"{key}: {value}" for key, value in arguments.items())
        yield f"| `{name}` | {channel['description']} | {said} |"


def _operations(operations: Part) -> Iterator[str]:
    yield from ("", "## Who sends and receives")
    for operation in operations.values():
        yield from ("", f"**{operation['action'].capitalize()}.** {operation['summary']}")


def _messages(messages: Part) -> Iterator[str]:
    yield from ("", "## Messages", "", "| type | what happened | schema |", "|---|---|---|")
    for message in messages.values():
        file = message["payload"]["$ref"]
        schema = f"[{file.rpartition('/')[2]}](../contracts/{file})"
        yield f"| `{message['name']}` | {message['title']} | {schema} |"


def _envelope(schema: Part, file: str) -> Iterator[str]:
    yield from ("", f"## What is in {file.removesuffix('.schema.json')}", "", f"{schema['title']}.")
    yield from ("", "| attribute | what it is |", "|---|---|")
    needed = set(schema["required"])
    for name, attribute in schema["properties"].items():
        yield f"| `{name}`{'' if name in needed else ' (may be absent)'} | {_said(attribute)} |"
        for inner, part in attribute.get("properties", {}).items():
            yield f"| `{name}.{inner}` | {_said(part)} |"


def _said(attribute: Part) -> str:
    if "const" in attribute:
        return f"always `{json.dumps(attribute['const'])}`"
    limits = [
        f"{name} {attribute[name]}"
        for name in ("format", "minimum", "minLength", "maxLength")
        if name in attribute
    ]
    kind = ", ".join([attribute["type"], *limits])
    return f"{kind}. {attribute.get('description', '')}".strip()


def written() -> str:
    """Return the page as it should be."""
    return page(yaml.safe_load(DOCUMENT.read_text()), DOCUMENT.parent)


if __name__ == "__main__":
    PAGE.write_text(written())
