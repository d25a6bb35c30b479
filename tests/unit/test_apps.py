"""An app before anything is connected: what it has, and what it lacks."""

import pytest
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider

import command_service.app
import command_service.settings
import query_service.http.app
import query_service.settings
from chassis import mongo
from chassis.process import Process
from chassis.settings import Environment, ProcessSettings
from command_service.database import write_database
from command_service.store import PREPARED
from query_service.http.read_models import ReadModels
from query_service.http.read_your_writes import ReadYourWrites

NOWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:9/none", "MONGODB_URL": "mongodb://127.0.0.1:9"}


def process(settings: ProcessSettings) -> Process:
    return Process(settings, TracerProvider(shutdown_on_exit=False))


def command_app(**settings: str) -> Flask:
    read = command_service.settings.Settings.read(Environment(NOWHERE | settings))
    postgres = write_database(read.database_url, PREPARED)
    return command_service.app.create_app(process(read.process), postgres, read.rabbitmq_url)


def query_app(**settings: str) -> Flask:
    read = query_service.settings.Settings.read(Environment(NOWHERE | settings))
    database = mongo.database(read.mongodb_url, timeout_ms=100)
    of_process = process(read.process)
    models = ReadModels(database, lab=read.process.lab)
    held = ReadYourWrites(models.todos.versions, read.max_waiting_reads, of_process.registry)
    return query_service.http.app.create_app(of_process, database, models, held)


@pytest.mark.parametrize("app", [command_app(), query_app()], ids=["command", "query"])
def test_without_the_lab_its_routes_do_not_exist(app: Flask) -> None:
    of_the_lab = ("/lab", "/counts")
    assert not [it.rule for it in app.url_map.iter_rules() if it.rule.startswith(of_the_lab)]
    assert app.test_client().get("/lab").status_code == 404


@pytest.mark.parametrize(
    "app", [command_app(LAB="1"), query_app(LAB="1")], ids=["command", "query"]
)
def test_the_lab_shows_null_for_a_store_that_is_down(app: Flask) -> None:
    answer = app.test_client().get("/lab")
    assert (answer.status_code, answer.get_json()["holds"]) == (200, None)


@pytest.mark.parametrize(
    ("app", "server"), [(command_app(), "postgresql"), (query_app(), "mongodb")]
)
def test_a_process_without_its_server_is_alive_but_not_ready(app: Flask, server: str) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"alive": True}
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["checks"][server] != "ok"
    refused = (
        client.get("/todos")
        if server == "mongodb"
        else client.post("/todos", json={"title": "Nowhere to go"})
    )
    assert refused.status_code == 503
    assert refused.get_json()["type"] == f"urn:eventually:problem:{server}-unavailable"


def test_a_setting_that_is_not_a_number_is_named() -> None:
    with pytest.raises(SystemExit, match="PORT has to be a whole number, and is 'http'"):
        command_app(PORT="http")
