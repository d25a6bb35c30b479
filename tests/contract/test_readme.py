"""The README quotes real commands and real output."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from stack.local import LocalStack
from stack.programs import ALL, named
from tests.support import Client, agree, until
from tests.support.commands import stack_command

README = Path(__file__).parents[2] / "README.md"


def tour() -> list[tuple[str, str]]:
    """Return each curl command in the README with the answer printed below it."""
    blocks = re.findall(r"```console\n(.*?)```", README.read_text(), flags=re.DOTALL)
    pairs = re.findall(r"^\$ (curl .*)\n(.+)$", "".join(blocks), flags=re.MULTILINE)
    assert len(pairs) >= 10
    return pairs


def moved(text: str, base: int, key: str) -> str:
    """Return README text for a store in which other todos came first."""
    text = re.sub(r"/todos/(\d+)", lambda found: f"/todos/{base + int(found[1])}", text)
    text = re.sub(r'"id": (\d+)', lambda found: f'"id": {base + int(found[1])}', text)
    text = re.sub(r"Token: (\d+)\.", lambda found: f"Token: {base + int(found[1])}.", text)
    return text.replace(":5002/todos ", f":5002/todos?after={base} ").replace("Key: milk", key)


def without_moments(text: str) -> str:
    """Return an answer of the lab without when a switch ends."""
    return re.sub(r'"until_ms": \d+', '"until_ms": 0', text)


def test_the_tour_answers_exactly_as_the_readme_shows(stack: LocalStack) -> None:
    until(lambda: agree(stack))
    last = Client(stack).post("Before the tour").json()["id"]
    ports = {"5001": stack.ports.command_service, "5002": stack.ports.query_service}
    ports["5003"] = stack.ports.web
    for command, answer in tour():
        here = moved(f"{command} ", last, f"Key: readme-{last}")
        here = here.replace("$HOST_KEY", stack.host_key)
        here = re.sub(r"localhost:(\d+)", lambda found: f"127.0.0.1:{ports[found[1]]}", here)
        wanted = moved(answer, last, "")

        def answered(here: str = here, wanted: str = wanted) -> bool:
            got = subprocess.run(
                ["/usr/bin/env", "curl", "-s", *shlex.split(here)[1:]],
                capture_output=True,
                text=True,
                check=True,
            )
            assert without_moments(got.stdout.strip()) == without_moments(wanted)
            return True

        # A query without a token may be too early, as the README says; a command is sent once.
        if "5002" in command:
            until(answered)
        else:
            answered()


DOCUMENTS = [README, README.parent / "CONTRIBUTING.md", *(README.parent / "docs").rglob("*.md")]


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as hosting sites derive them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_the_commands_that_break_the_stack_work_in_the_order_of_the_readme(
    stack: LocalStack,
) -> None:
    commands = re.findall(r"`\.venv/bin/python -m stack ([^`]+)`", README.read_text())
    assert {command.split()[0] for command in commands} >= {"stop", "start", "kill", "freeze"}
    for command in commands:
        code, said = stack_command(stack.folder, *command.split())
        assert code == 0, (command, said)
    until(lambda: not stack.unready(), within_s=60)


def test_both_columns_of_the_readme_name_the_same_programs() -> None:
    text = README.read_text()
    here = re.findall(r"python -m stack (stop|freeze|kill) (\S+)`", text)
    docker = re.findall(r"`docker-compose (stop|pause|kill) (\S+)`", text)
    assert [(verb.replace("pause", "freeze"), name) for verb, name in docker] == here
    assert {named(name) for _verb, name in here} <= set(ALL)
    services = yaml.safe_load((README.parent / "docker-compose.yml").read_text())["services"]
    assert {name for _verb, name in docker} <= services.keys()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda it: str(it.relative_to(README.parent)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", document.read_text()):
        target = document.parent / path if path else document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_the_readme_shows_what_the_contract_shows() -> None:
    todos = [answer for command, answer in tour() if ":5002/todos" in command]
    for answer in todos:
        found = json.loads(answer)
        for todo in found if isinstance(found, list) else [found]:
            assert list(todo) == ["id", "title", "completed"]
