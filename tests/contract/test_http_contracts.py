"""The services answer as contracts/ says, and exactly as the README shows."""

import re
from pathlib import Path

import pytest
import requests
import yaml
from openapi_spec_validator import validate

from stack.local import LocalStack
from stack.programs import PROCESSES
from tests.support import Client
from tests.support.contracts import CONTRACTS, HttpContract

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def commands(stack: LocalStack) -> HttpContract:
    return HttpContract("commands", stack.urls.command_service)


@pytest.fixture(scope="module")
def queries(stack: LocalStack) -> HttpContract:
    return HttpContract("queries", stack.urls.query_service)


@pytest.mark.parametrize("name", ["commands", "queries"])
def test_the_descriptions_are_valid_openapi(name: str) -> None:
    path = CONTRACTS / f"{name}.openapi.yaml"
    validate(yaml.safe_load(path.read_text()), base_uri=path.as_uri())


def test_the_answers_to_commands_are_exactly_those_of_the_contract(
    client: Client, commands: HttpContract
) -> None:
    created = client.post("Learn CQRS")
    todo_id = created.json()["id"]
    changed = client.patch(todo_id, title="Learn CQRS well", completed=True)
    deleted = client.delete(todo_id)

    assert created.status_code == 201
    assert created.text == f'{{"message": "Todo created successfully.", "id": {todo_id}}}\n'
    assert changed.status_code == 200
    assert changed.text == f'{{"message": "Todo updated successfully.", "id": {todo_id}}}\n'
    assert deleted.status_code == 200
    assert deleted.text == f'{{"message": "Todo deleted successfully.", "id": {todo_id}}}\n'
    commands.check(requests.get(f"{client.stack.urls.command_service}/events/summary"))
    for answer, version in ((created, 1), (changed, 3), (deleted, 4)):
        commands.check(answer)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Consistency-Token"] == f"{todo_id}.{version}"
        assert answer.headers["ETag"] == f'"{version}"'


def test_the_answers_to_queries_are_exactly_those_of_the_contract(
    client: Client, queries: HttpContract
) -> None:
    created = client.post("Read me")
    todo_id = created.json()["id"]
    token = created.headers["Consistency-Token"]
    one = client.get(f"/todos/{todo_id}", Consistency_Token=token, Prefer="wait=10")
    page = client.get(f"/todos?after={todo_id - 1}&limit=1&completed=false")

    shown = f'{{"id": {todo_id}, "title": "Read me", "completed": false}}'
    assert (one.status_code, one.text) == (200, f"{shown}\n")
    assert (page.status_code, page.text) == (200, f"[{shown}]\n")
    for answer in (one, page):
        queries.check(answer)
    assert one.headers["ETag"] == '"1"'
    assert one.headers["Preference-Applied"] == "wait=10"


def test_problems_are_those_of_the_contract(
    client: Client, commands: HttpContract, queries: HttpContract
) -> None:
    url = client.stack.urls.command_service
    for answer in (
        requests.post(f"{url}/todos", data="{", headers={"Content-Type": "application/json"}),
        requests.post(f"{url}/todos", data="{}", headers={"Content-Type": "text/plain"}),
        client.post(""),
        client.patch(2**62, completed=True),
        requests.delete(f"{url}/todos/1", headers={"Cookie": "c" * 20_000}),
    ):
        commands.check(answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    for answer in (
        client.get("/todos?color=red"),
        client.get(f"/todos/{2**62}"),
        client.get("/todos", Consistency_Token=f"{2**59}.1"),
    ):
        queries.check(answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def test_docs_explain_every_type_of_problem() -> None:
    explained = (ROOT / "docs/problems.md").read_text()
    named: set[str] = set()
    for package in ("chassis", "command_service", "links", "query_service", "web"):
        for path in (ROOT / package).rglob("*.py"):
            named |= set(re.findall(r'Problem\(\s*\d{3},\s*"([a-z-]+)"', path.read_text()))
    named |= {"postgresql-unavailable", "mongodb-unavailable"}
    assert len(named) > 10
    missing = {name for name in named if f"## {name}\n" not in explained}
    assert not missing


# The servers that have to answer before a process is ready.
NEEDS = {
    "command-service": {"postgresql"},
    "relay": {"postgresql", "rabbitmq"},
    "projector": {"rabbitmq", "mongodb"},
    "query-service": {"mongodb"},
    # Web has to show the page when the services are down, and then says what is missing.
    "web": set[str](),
}


def test_every_process_reports_its_health_and_metrics(stack: LocalStack) -> None:
    assert NEEDS.keys() == set(PROCESSES)
    for process, needs in NEEDS.items():
        base = stack.urls.base(process)
        assert requests.get(f"{base}/healthz").json() == {"alive": True}
        ready = requests.get(f"{base}/readyz")
        assert ready.json() == {"ready": True, "checks": dict.fromkeys(needs, "ok")}
        metrics = requests.get(f"{base}/metrics")
        assert metrics.headers["Content-Type"].startswith("text/plain")
        assert "# TYPE" in metrics.text
