"""Switches: what they accept, how they show themselves, and when a process heeds them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import chassis.lab
import chassis.problems
from chassis.errors import ServerUnavailable
from chassis.lab import Lab, add_lab
from chassis.switches import BadSetting, Parameter, Pause, Slow, Switch
from tests.support import until


class Lose(Switch):
    """A switch that no process has: this class must be all that the lab needs."""

    name = "lose"
    does = "Loses every n-th event, for some time."
    parameters = (
        Parameter("n", "events", least=2, most=10, default=3),
        Parameter("for_s", "s", least=1, most=60, default=5),
    )


@pytest.fixture
def nobody_heeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chassis.lab, "HEEDED_WITHIN_S", 0.0)


def client_of(lab: Lab, held: ServerUnavailable | None = None) -> FlaskClient:
    def holds() -> dict[str, Any]:
        if held:
            raise held
        return {"queue": 3}

    app = Flask("app")
    chassis.problems.answer_with_problems(app)
    add_lab(app, lab, holds)
    return app.test_client()


def test_a_switch_is_off_at_first_and_its_parameters_are_zero_while_it_is() -> None:
    slow = Slow()
    assert slow.state() == {"on": False, "delay_ms": 0}
    slow.set({"on": True, "delay_ms": 300})
    assert (slow.on, slow.delay_s, slow.state()) == (True, 0.3, {"on": True, "delay_ms": 300})
    slow.set({"on": False, "delay_ms": 300})
    assert (slow.on, slow.delay_s, slow.state()) == (False, 0, {"on": False, "delay_ms": 0})


def test_a_parameter_that_is_left_out_has_its_default() -> None:
    lose = Lose()
    lose.set({"on": True, "n": 2})
    assert lose.state() == {"on": True, "n": 2, "for_s": 5}


@pytest.mark.parametrize(
    ("switch", "setting"),
    [
        (Pause(), None),
        (Pause(), []),
        (Pause(), {}),
        (Pause(), {"on": 1}),
        (Pause(), {"on": True, "delay_ms": 300}),
        (Slow(), {"on": True, "delay_ms": 60_001}),
        (Slow(), {"on": True, "delay_ms": -1}),
        (Slow(), {"on": True, "delay_ms": True}),
        (Slow(), {"on": True, "delay_ms": "300"}),
        (Lose(), {"on": True, "n": 1}),
    ],
)
def test_a_bad_setting_is_refused_and_changes_nothing(switch: Switch, setting: object) -> None:
    before = switch.state()
    with pytest.raises(BadSetting):
        switch.set(setting)
    assert switch.state() == before


def test_a_process_has_only_the_switches_that_it_declares() -> None:
    pause = Pause()
    lab = Lab(pause)
    assert lab[Pause] is pause
    with pytest.raises(KeyError):
        lab[Slow]


@pytest.mark.usefixtures("nobody_heeds")
def test_the_lab_describes_each_switch_so_that_a_panel_can_set_it() -> None:
    client = client_of(Lab(Pause(), Slow(), Lose()))
    shown = client.get("/lab").get_json()
    assert shown["holds"] == {"queue": 3}
    assert shown["switches"].keys() == shown["descriptions"].keys() == {"pause", "slow", "lose"}
    for name, description in shown["descriptions"].items():
        assert description["does"].endswith(".")
        url = f"/lab/switches/{name}"
        for parameter in description["parameters"]:
            key, least, most = (parameter[what] for what in ("name", "least", "most"))
            assert parameter["unit"]
            for value in (least, parameter["default"], most):
                answer = client.put(url, json={"on": True, key: value})
                assert answer.status_code == 200
                assert answer.get_json()[key] == value
                assert client.get("/lab").get_json()["switches"][name] == answer.get_json()
            for value in (least - 1, most + 1):
                answer = client.put(url, json={"on": True, key: value})
                assert answer.status_code == 400
                assert f"from {least} to {most}" in answer.get_json()["detail"]


def test_a_lab_without_switches_says_so() -> None:
    client = client_of(Lab(), ServerUnavailable("rabbitmq", "is away"))
    assert client.get("/lab").get_json() == {"switches": {}, "descriptions": {}, "holds": None}
    answer = client.put("/lab/switches/pause", json={"on": True})
    assert (answer.status_code, answer.get_json()["title"]) == (404, "There is no such switch.")


@contextmanager
def pausing(lab: Lab) -> Iterator[threading.Event]:
    """Set the pause in another thread, and yield an event that is set once that is answered."""
    answered = threading.Event()

    def pause() -> None:
        lab.set("pause", {"on": True})
        answered.set()

    thread = threading.Thread(target=pause)
    thread.start()
    until(lambda: lab[Pause].on)
    yield answered
    thread.join()


def test_a_switch_is_answered_once_the_process_has_looked_at_it_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chassis.lab, "HEEDED_WITHIN_S", 60.0)
    lab = Lab(Pause())
    began_before = lab.heeding()
    began_before.__enter__()
    with pausing(lab) as answered:
        began_before.__exit__(None, None, None)
        with pytest.raises(ServerUnavailable), lab.heeding():
            raise ServerUnavailable("rabbitmq", "is away")
        assert not answered.wait(0.2)
        with lab.heeding():
            assert lab[Pause].on
        assert until(answered.is_set)


@pytest.mark.usefixtures("nobody_heeds")
def test_setting_a_switch_gives_up_waiting_for_a_process_that_does_not_look() -> None:
    with pausing(Lab(Pause())) as answered:
        assert until(answered.is_set)
