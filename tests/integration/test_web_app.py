"""Web by itself: what it accepts, what it refuses, and what is missing without the lab."""

import gzip
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanPb
from werkzeug.exceptions import NotFound

from chassis.settings import Environment
from tests.support import until
from tests.support.clocks import Machine, S
from web.app import create_app
from web.room.messages import Message
from web.routes.files import Files
from web.routes.panels import PANELS, STATIC, parts, styles, vendored
from web.routes.traces import MAX_BODY_BYTES
from web.settings import Settings

PROTOBUF = {"Content-Type": "application/x-protobuf"}
# Nothing listens there: the lowest port needs a privilege.
NOWHERE = "http://127.0.0.1:1"


def settings(**variables: str) -> Settings:
    urls = ("COMMAND_SERVICE_URL", "QUERY_SERVICE_URL", "RELAY_URL", "PROJECTOR_URL")
    environment = {**dict.fromkeys(urls, NOWHERE), "HOST_KEY": "key", **variables}
    return Settings.read(Environment(environment))


def a_client(**variables: str) -> FlaskClient:
    return create_app(settings(**variables), async_mode="threading").app.test_client()


def problem(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["type"]


def test_web_is_ready_while_the_services_are_down() -> None:
    assert a_client().get("/readyz").status_code == 200


def test_an_unreachable_service_is_a_problem_and_the_command_was_not_sent() -> None:
    answer = a_client().post("/commands/todos", json={"title": "Learn CQRS"})
    assert problem(answer) == (503, "urn:eventually:problem:command-service-unavailable")
    answer = a_client().get("/queries/todos?limit=5")
    assert problem(answer) == (503, "urn:eventually:problem:query-service-unavailable")


def test_one_address_is_told_to_wait_and_the_page_and_other_addresses_are_not() -> None:
    client = a_client(CHANGES_PER_SECOND="1")
    while (answer := client.delete("/commands/todos/1")).status_code == 503:
        pass
    assert problem(answer) == (429, "urn:eventually:problem:too-many-requests")
    assert answer.headers["Retry-After"] == "1"
    assert client.get("/").status_code == 200
    elsewhere = client.delete("/commands/todos/1", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 503


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_requests_that_come_from_another_site_are_refused(headers: dict[str, str]) -> None:
    answer = a_client().delete("/commands/todos/1", headers=headers)
    assert problem(answer) == (403, "urn:eventually:problem:other-site")


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {}]
)
def test_requests_from_the_page_itself_are_passed_on(headers: dict[str, str]) -> None:
    assert a_client().delete("/commands/todos/1", headers=headers).status_code == 503


# As Caddy and ngrok pass on what a page at https://room.example asks for. None of them is asked for
# Sec-Fetch-Site: no WebSocket of Chromium has it.
FORWARDED = {"X-Forwarded-Host": "room.example", "X-Forwarded-Proto": "https"}
FROM_AFAR = {"Host": "room.example", "Origin": "https://room.example", **FORWARDED}
# As GitHub Codespaces do.
VIA_LOCALHOST = {**FROM_AFAR, "Host": "localhost:5003"}
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.mark.parametrize("headers", [FROM_AFAR, VIA_LOCALHOST])
@pytest.mark.parametrize(
    "setting", [{"TRUSTED_PROXIES": "1"}, {"PUBLIC_URL": "https://room.example/"}]
)
def test_a_page_behind_a_proxy_is_our_own_if_a_setting_says_so(
    headers: dict[str, str], setting: dict[str, str]
) -> None:
    client = a_client(**setting)
    assert client.get("/", headers=headers).status_code == 200
    assert client.get(HANDSHAKE, headers=headers).status_code == 200
    assert client.delete("/commands/todos/1", headers=headers).status_code == 503
    other = {**headers, "Origin": "https://elsewhere.example"}
    for answer in (client.get(HANDSHAKE, headers=other), client.delete("/", headers=other)):
        assert problem(answer) == (403, "urn:eventually:problem:other-site")


def test_forwarded_headers_count_for_nothing_without_the_setting() -> None:
    client = a_client()
    for answer in (
        client.delete("/commands/todos/1", headers=VIA_LOCALHOST),
        client.get(HANDSHAKE, headers=VIA_LOCALHOST),
    ):
        assert problem(answer) == (403, "urn:eventually:problem:other-site")
        assert "PUBLIC_URL" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", HANDSHAKE), ("DELETE", "/commands/todos/1")]
)
def test_a_name_that_may_be_anybodys_is_refused_and_told_the_settings(
    method: str, path: str
) -> None:
    answer = a_client().open(path, method=method, headers=FROM_AFAR)
    assert problem(answer) == (421, "urn:eventually:problem:unknown-host")
    assert "PUBLIC_URL=https://room.example" in answer.get_json()["detail"]
    assert "TRUSTED_PROXIES=1" in answer.get_json()["detail"]


def test_a_page_whose_name_was_made_to_lead_here_cannot_pretend_to_be_behind_the_proxy() -> None:
    rebound = {"Host": "rebound.example:5003", "Origin": "http://rebound.example:5003"}
    client = a_client(TRUSTED_PROXIES="1")
    for pretended in (
        {},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "localhost:5003"},
        {"X-Forwarded-Host": "rebound.example:5003", "X-Forwarded-Proto": "https"},
    ):
        answer = client.delete("/commands/todos/1", headers={**rebound, **pretended})
        assert answer.status_code in {403, 421}, pretended


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_programs_may_ask_under_any_name(path: str) -> None:
    assert a_client().get(path, headers={"Host": "web.school.example"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "room.example"),
        ("PUBLIC_URL", "https://x.example/a"),
        ("TRUSTED_PROXIES", "yes"),
    ],
)
def test_settings_that_cannot_be_used_stop_web_with_the_reason(name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"{name} has to be .* and is '{value}'"):
        settings(**{name: value})


def test_an_empty_export_is_accepted_plain_and_zipped() -> None:
    client = a_client()
    plain = client.post("/v1/traces", data=b"", headers=PROTOBUF)
    zipped = client.post(
        "/v1/traces", data=gzip.compress(b""), headers={**PROTOBUF, "Content-Encoding": "gzip"}
    )
    for answer in (plain, zipped):
        assert (answer.status_code, answer.content_type) == (200, PROTOBUF["Content-Type"])


def test_only_an_unusual_export_goes_through_flask() -> None:
    app = create_app(settings(), async_mode="threading").app
    through_flask: list[str] = []
    app.before_request(lambda: through_flask.append(request.headers.get("Content-Encoding", "")))
    client = app.test_client()
    export = ExportTraceServiceRequest(resource_spans=[ResourceSpans()]).SerializeToString()
    for body, headers in (
        (export, PROTOBUF),
        (gzip.compress(export), {**PROTOBUF, "Content-Encoding": "gzip"}),
        (b"no protobuf", PROTOBUF),
    ):
        client.post("/v1/traces", data=body, headers=headers)
    assert through_flask == ["gzip", ""]


def test_another_site_sends_no_usual_export() -> None:
    headers = {**PROTOBUF, "Origin": "https://elsewhere.example"}
    export = ExportTraceServiceRequest(resource_spans=[ResourceSpans()]).SerializeToString()
    answer = a_client().post("/v1/traces", data=export, headers=headers)
    assert problem(answer) == (403, "urn:eventually:problem:other-site")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"no protobuf", PROTOBUF, 400),
        (b"no gzip", {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"\0" * (MAX_BODY_BYTES + 1), PROTOBUF, 413),
    ],
)
def test_other_bodies_are_refused(body: bytes, headers: dict[str, str], status: int) -> None:
    assert problem(a_client().post("/v1/traces", data=body, headers=headers))[0] == status


def test_without_the_lab_its_routes_do_not_exist() -> None:
    client = a_client(LAB="")
    authorised = {"Authorization": "Bearer key"}
    assert client.get("/lab").status_code == 404
    answer = client.put("/lab/relay/switches/pause", json={"on": True}, headers=authorised)
    assert answer.status_code == 404


@pytest.mark.parametrize(("variable", "lab"), [("", False), ("1", True)])
def test_a_page_that_joins_learns_whether_there_is_a_lab(variable: str, lab: bool) -> None:
    web = create_app(settings(LAB=variable), async_mode="threading")
    page, stop = web.socketio.test_client(web.app), threading.Event()
    sends = threading.Thread(target=web.background[0], args=(stop,))
    sends.start()
    try:
        [welcome] = until(lambda: [it for it in page.get_received() if it["name"] == "welcome"])
    finally:
        stop.set()
        sends.join()
    [message] = welcome["args"]
    assert message["lab"] is lab
    assert message["past"] == {"holds": [], "health": [], "switches": []}


def test_with_docker_the_lab_shows_the_commands_that_only_people_can_type() -> None:
    client, authorised = a_client(LAB="1"), {"Authorization": "Bearer key"}
    lab = client.get("/lab").get_json()
    stop = lab["mongodb"]["descriptions"]["stop"]
    assert (stop["by_hand"], stop["by_hand_off"]) == (
        "docker-compose stop mongo",
        "docker-compose start mongo",
    )
    assert stop["only_by_hand"] is True
    assert "--scale" in lab["projector"]["descriptions"]["projectors"]["by_hand"]
    path = "/lab/mongodb/switches/stop"
    refused = client.put(path, json={"on": True}, headers=authorised)
    assert problem(refused) == (409, "urn:eventually:problem:only-by-hand")
    assert "docker-compose stop mongo" in refused.get_json()["detail"]
    refused = client.put(path, json={"on": False}, headers=authorised)
    assert "docker-compose start mongo" in refused.get_json()["detail"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer other", "key", "Bearer \u00fc"])
def test_a_switch_needs_the_host_key(authorization: str) -> None:
    answer = a_client(LAB="1").put(
        "/lab/relay/switches/pause", json={"on": True}, headers={"Authorization": authorization}
    )
    assert problem(answer) == (401, "urn:eventually:problem:host-key-needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/poll", {"interval_ms": 49}),
        ("PUT", "/poll", {"interval_ms": "100"}),
        ("PUT", "/poll", {}),
        ("POST", "/burst", {"count": 0}),
        ("POST", "/burst", {"count": 1001}),
        ("POST", "/burst", {"count": True}),
        ("POST", "/burst", {"per_second": 10}),
        ("POST", "/burst", {"per_second": 10, "seconds": 61}),
        ("POST", "/burst", {"count": 1, "seconds": 1}),
        ("POST", "/burst", [1]),
    ],
)
def test_malformed_requests_from_the_host_are_refused(method: str, path: str, body: object) -> None:
    authorised = {"Authorization": "Bearer key"}
    answer = a_client(LAB="1").open(path, method=method, json=body, headers=authorised)
    assert problem(answer) == (400, "urn:eventually:problem:wrong-shape")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/poll"), ("POST", "/burst"), ("DELETE", "/burst")]
)
def test_load_and_poll_need_the_lab_and_the_host_key(method: str, path: str) -> None:
    assert a_client(LAB="1").open(path, method=method, json={"count": 1}).status_code == 401
    authorised = {"Authorization": "Bearer key"}
    assert a_client(LAB="").open(path, method=method, headers=authorised).status_code == 404


def test_both_truths_are_unknown_while_nobody_answers() -> None:
    truths = a_client(LAB="1").get("/truths").get_json()
    for side in ("postgresql", "mongodb"):
        assert (truths[side]["todos"], truths[side]["error"]) == ([], "connection refused")


def test_a_switch_of_an_unknown_process_is_not_found() -> None:
    authorised = {"Authorization": "Bearer key"}
    answer = a_client(LAB="1").put("/lab/nobody/switches/pause", json={}, headers=authorised)
    assert problem(answer) == (404, "urn:eventually:problem:no-such-process")


def test_without_a_host_key_web_makes_one() -> None:
    made = [Settings.read(Environment({})) for _ in range(2)]
    assert not made[0].host_key_given
    assert made[0].host_key != made[1].host_key
    # 16 letters of 32: 80 bits, in groups that can be typed.
    assert re.fullmatch(r"[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}", made[0].host_key)


def test_a_host_key_that_not_every_client_can_send_is_refused() -> None:
    with pytest.raises(SystemExit, match="HOST_KEY may have"):
        Settings.read(Environment({"HOST_KEY": "schlüssel"}))


def test_the_ports_are_those_of_the_urls_whatever_their_hosts() -> None:
    urls = {"COMMAND_SERVICE_URL": "http://command-service:5001", "RELAY_URL": "https://relay"}
    ports = Settings.read(Environment(urls)).ports()
    assert ports == {
        "command-service": 5001,
        "relay": 443,
        "projector": 5005,
        "query-service": 5002,
    }


def test_the_page_contains_the_parts_of_its_panels() -> None:
    client = a_client()
    page = client.get("/").text
    for part in PANELS.glob("*/*.html"):
        hook = re.search(r"""(data-[\w-]+|id|class)(="[\w -]+")?""", part.read_text())
        assert hook, f"{part} has no hook"
        assert hook.group() in page, f"{part} is not on the page"
    linked = re.findall(r'(?:href|src)="/static/(v-[0-9a-f]{16})/([^"]+)"', page)
    assert {"styles.css", "page.js", *vendored()} <= {name for _, name in linked}
    for version, name in linked:
        answer = client.get(f"/static/{version}/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    sheet = client.get(f"/static/{linked[0][0]}/styles.css").text
    assert all((STATIC / name).read_text() in sheet for name in styles())


def test_a_file_is_compressed_for_those_who_take_it_so() -> None:
    client = a_client()
    for path in ("/", "/static/js/main.js"):
        plain = client.get(path)
        zipped = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert zipped.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(zipped.data) == plain.data
        assert "Content-Encoding" not in plain.headers


def test_whoever_asks_for_the_page_again_is_told_that_it_is_the_same() -> None:
    client = a_client()
    for path in ("/", "/static/js/main.js"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "Content-Security-Policy" in again.headers or path != "/"


def test_a_page_never_gets_modules_of_two_versions(tmp_path: Path) -> None:
    for name, text in {
        "main.js": "import './a.js'",
        "a.js": "1",
        "a.css": "",
        "a.html": "",
    }.items():
        (tmp_path / name).write_text(text)
    before = Files(tmp_path, ["a.css"])
    (tmp_path / "a.js").write_text("2")
    after = Files(tmp_path, ["a.css"])
    assert before.version != after.version
    app = Flask("test")
    with app.test_request_context():
        assert before.answer(request, "a.js", before.version).data == b"1"
        assert after.answer(request, "a.js", after.version).data == b"2"
        for name, version in (("a.js", before.version), ("a.html", after.version)):
            with pytest.raises(NotFound):
                after.answer(request, name, version)


def test_a_panels_markup_goes_where_its_file_name_says(tmp_path: Path) -> None:
    for part in ("second/person.html", "first/person.html", "first/time.html", "third/third.css"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / part).touch()
    assert parts("person", tmp_path) == ["first/person.html", "second/person.html"]
    assert parts("time", tmp_path) == ["first/time.html"]
    assert parts("beside", tmp_path) == []


def received(page: SocketIOTestClient, what: str) -> Message:
    """Wait for the next messages, and return the one of that name among them."""
    told: dict[str, Message] = {}

    def has_come() -> bool:
        told.update({each["name"]: each["args"][0] for each in page.get_received()})
        return what in told

    until(has_come)
    return told[what]


def fault_spans(machine: Machine, *, is_over: bool) -> bytes:
    """The spans of a firing that began now by the clock of the machine, and took half a second."""
    said: dict[str, str] = {
        "eventually.firing": "f1",
        "eventually.fault": "slow",
        "eventually.fault.place": "projector",
        "eventually.fault.phase": "over" if is_over else "begins",
        "code.file.path": "query_service/projector.py",
        "cloudevents.event_id": "e1",
    }
    began_ns = machine.wall()
    span = SpanPb(
        trace_id=b"t" * 16,
        span_id=b"o" * 8 if is_over else b"b" * 8,
        name="fault",
        start_time_unix_nano=began_ns,
        end_time_unix_nano=began_ns + (S // 2 if is_over else 0),
        attributes=[text(*each) for each in said.items()],
    )
    resource = Resource(attributes=[text("service.name", "projector")])
    of_resource = ResourceSpans(resource=resource, scope_spans=[ScopeSpans(spans=[span])])
    return ExportTraceServiceRequest(resource_spans=[of_resource]).SerializeToString()


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def test_a_firing_is_told_to_all_kept_and_exported_in_webs_own_time() -> None:
    machine = Machine()
    web = create_app(settings(), async_mode="threading", clock=machine.clock())
    stop, client = threading.Event(), web.app.test_client()
    sending = threading.Thread(target=web.background[0], args=(stop,))
    sending.start()
    try:
        page = web.socketio.test_client(web.app)
        began_ms = received(page, "welcome")["now_ms"]
        machine.set_by(3600 * S)
        told = []
        for is_over in (False, True):
            body = fault_spans(machine, is_over=is_over)
            client.post("/v1/traces", data=body, headers=PROTOBUF)
            told += received(page, "firings")["firings"]
        welcome = received(web.socketio.test_client(web.app), "welcome")
    finally:
        stop.set()
        sending.join()
    begun, over = told
    assert (begun["id"], begun["began_ms"], "over_ms" in begun) == ("f1", began_ms, False)
    assert over == {**begun, "over_ms": began_ms + 500, "ended": "told"}
    assert welcome["firings"] == client.get("/export").get_json()["firings"] == [over]


def test_a_page_is_told_when_the_clock_is_set_and_later_ones_by_how_much_it_was() -> None:
    machine = Machine()
    web = create_app(settings(), async_mode="threading", clock=machine.clock())
    stop = threading.Event()
    sending = threading.Thread(target=web.background[0], args=(stop,))
    sending.start()
    try:
        page = web.socketio.test_client(web.app)
        began_ms = received(page, "welcome")["now_ms"]
        machine.set_by(-3600 * S)
        told = received(page, "clock")
        welcome = received(web.socketio.test_client(web.app), "welcome")
    finally:
        stop.set()
        sending.join()
    assert told == {"now_ms": began_ms, "changed_by_ms": -3.6e6, "day_ahead_ms": -3.6e6}
    assert (welcome["now_ms"], welcome["day_ahead_ms"]) == (began_ms, -3.6e6)
