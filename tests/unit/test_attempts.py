"""Wrong host keys: who has to wait, how long, and who never has to."""

import pytest
from flask import Flask, Response

from chassis.problems import answer_with_problems, json_response
from web.routes import attempts
from web.routes.attempts import FORGOTTEN_AFTER_S, LONGEST_PAUSE_S, WINDOW_S, Attempts, client_of
from web.routes.host_key import HostKey, only_with

GUEST, HOST = "192.0.2.7", "192.0.2.1"


def test_a_client_waits_twice_as_long_each_time_up_to_a_minute() -> None:
    tried, now_s, waits = Attempts(3, 1_000), 100.0, []
    for _ in range(12):
        tried.was_wrong(GUEST, now_s)
        waits.append(tried.wait_s(GUEST, now_s))
        now_s += waits[-1]
        assert tried.wait_s(GUEST, now_s) == 0
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert tried.wait_s(HOST, now_s) == 0


def test_the_right_key_or_a_long_rest_ends_the_count() -> None:
    tried = Attempts(1, 1_000)
    tried.was_wrong(GUEST, 0.0)
    tried.was_right(GUEST)
    assert tried.wait_s(GUEST, 0.0) == 0
    for now_s in (10.0, 20.0 + LONGEST_PAUSE_S + FORGOTTEN_AFTER_S):
        tried.was_wrong(GUEST, now_s)
        assert tried.wait_s(GUEST, now_s) == 1


def test_when_all_are_wrong_too_often_only_who_had_the_key_goes_on() -> None:
    tried = Attempts(100, 20)
    tried.was_right(HOST)
    for number in range(20):
        assert tried.wait_s(GUEST, float(number)) == 0
        tried.was_wrong(f"guest {number}", float(number))
    assert tried.wait_s(GUEST, 20.0) == WINDOW_S - 20
    assert tried.wait_s(HOST, 20.0) == 0
    assert tried.wait_s(GUEST, WINDOW_S) == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_CLIENTS", 10)
    monkeypatch.setattr(attempts, "MOST_HOSTS", 10)
    tried = Attempts(5, 20)
    for number in range(100):
        tried.was_wrong(f"guest {number}", 0.0)
        tried.was_right(f"host {number}")
    assert (len(tried._tries), len(tried._hosts), len(tried._wrong_s)) == (10, 10, 20)


def test_one_network_is_one_client_and_a_tunnel_is_not_the_machine_itself() -> None:
    assert client_of("2001:db8::1", "") == client_of("2001:db8::ffff:2", "")
    assert client_of("2001:db8::1", "") != client_of("2001:db8:0:1::1", "")
    assert client_of("::ffff:192.0.2.7", "") == client_of("192.0.2.7", "")
    assert client_of("127.0.0.1", "203.0.113.9") != client_of("127.0.0.1", "")
    # What a proxy is told by its client changes nothing.
    assert client_of("127.0.0.1", "203.0.113.9") == client_of("127.0.0.1", "made up")
    assert client_of("", "") == ""


def test_a_route_says_how_long_to_wait_and_looks_at_no_key_meanwhile() -> None:
    now_s = [0.0]
    app = Flask("app")
    answer_with_problems(app)
    key = HostKey("right", Attempts(2, 100), lambda: now_s[0])

    @app.put("/it")
    @only_with(key)
    def it() -> Response:
        return json_response({})

    client = app.test_client()

    def tried(key: str | None, **more: str) -> tuple[int, str | None]:
        headers = more if key is None else {"Authorization": f"Bearer {key}", **more}
        answer = client.put("/it", headers=headers)
        return answer.status_code, answer.headers.get("Retry-After")

    # Without a key nothing is tried.
    assert [tried(None) for _ in range(5)] == [(401, None)] * 5
    assert [tried("wrong"), tried("wrong")] == [(401, None)] * 2
    assert tried("right") == (429, "1")
    answer = client.put("/it", headers={"Authorization": "Bearer right"})
    assert answer.get_json()["type"] == "urn:eventually:problem:too-many-attempts"
    assert "Try again in 1 s." in answer.get_json()["detail"]
    # Guests behind the same tunnel are others.
    assert tried("right", **{"X-Forwarded-For": "203.0.113.9"}) == (200, None)
    now_s[0] = 1.0
    assert tried("right") == (200, None)
    assert tried("wrong") == (401, None)
    assert tried("right") == (200, None)
