"""Switches: what they accept, how they show themselves, and when a process heeds them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import chassis.lab.lab
import chassis.problems
from chassis.errors import ServerUnavailable
from chassis.lab.lab import Lab
from chassis.lab.match import MATCH, Subject
from chassis.lab.parameters import BadSetting, Choice, Number
from chassis.lab.points import Crash, Hold, Point
from chassis.lab.routes import add_lab, add_places
from chassis.lab.switches import Pause, Slow, Switch
from tests.support import until


class Lose(Switch):
    """A switch that no process has: this class must be all that the lab needs."""

    name = "lose"
    does = "Loses every n-th event, for some time."
    teaches = "Nothing."
    standing = False
    parameters = (
        Number("n", "events", least=2, most=10, default=3),
        Choice("which", {"old": "The older ones", "new": "The newer ones"}, "old"),
        *MATCH,
    )


HERE, THERE = Point("here", "here"), Point("there", "there")


@pytest.fixture
def nobody_heeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chassis.lab.lab, "HEEDED_WITHIN_S", 0.0)


def client_of(lab: Lab, held: ServerUnavailable | None = None) -> FlaskClient:
    def holds() -> dict[str, Any]:
        if held:
            raise held
        return {"queue": 3}

    app = Flask("app")
    chassis.problems.answer_with_problems(app)
    add_lab(app, lab, holds)
    return app.test_client()


def shown(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "until_ms"}


def test_a_switch_is_off_at_first_and_keeps_what_it_was_set_to_when_it_is_cleared() -> None:
    lab = Lab(Slow())
    slow, off = lab[Slow], {"on": False, "fired": 0}
    assert shown(slow.state()) == {**off, "state": "off", "cleared": None}
    armed = lab.set("slow", {"on": True, "delay_ms": 300})
    setting = {"delay_ms": 300, "for_s": 600}
    assert shown(armed) == {"on": True, "state": "armed", "fired": 0, "cleared": None, **setting}
    assert (slow.on, slow.delay_s, lab.armed) == (True, 0.3, True)
    cleared = lab.set("slow", {"on": False})
    assert shown(cleared) == {**off, "state": "cleared", "cleared": "by-hand", **setting}
    assert (slow.on, slow.delay_s, lab.armed) == (False, 0, False)


def test_a_parameter_that_is_left_out_has_its_default() -> None:
    state = Lab(Lose()).set("lose", {"on": True, "n": 2, "todo": None})
    assert {"n": 2, "which": "old", "for_s": 600}.items() <= state.items()
    assert "todo" not in state


def test_a_switch_that_draws_by_chance_shows_its_seed() -> None:
    lab = Lab(Lose())
    assert "seed" in lab.set("lose", {"on": True, "percent": 50})
    assert lab.set("lose", {"on": True, "percent": 50, "seed": 7})["seed"] == 7
    assert "seed" not in lab.set("lose", {"on": True})


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
        (Lose(), {"on": True, "which": "all"}),
        (Lose(), {"on": True, "which": ["old"]}),
        (Lose(), {"on": True, "word": ""}),
        (Lose(), {"on": True, "word": 3}),
        (Lose(), {"on": True, "percent": 101}),
        (Lose(), {"on": True, "sender": "Ada"}),
        (Lose(), {"on": True, "for_s": 601}),
        (Crash(HERE), {"on": True, "at": "there"}),
    ],
)
def test_a_bad_setting_is_refused_and_changes_nothing(switch: Switch, setting: object) -> None:
    lab = Lab(switch)
    before = switch.state()
    with pytest.raises(BadSetting):
        lab.set(switch.name, setting)
    assert switch.state() == before


def test_a_process_has_only_the_switches_that_it_declares() -> None:
    pause = Pause()
    lab = Lab(pause)
    assert lab[Pause] is pause
    with pytest.raises(KeyError):
        lab[Slow]


KINDS = {"fault", "variant", "cure", "action"}


def test_the_lab_describes_each_switch_so_that_a_panel_can_set_it() -> None:
    client = client_of(Lab(Pause(), Slow(), Lose(), Crash(HERE, THERE), Hold(HERE)))
    shown = client.get("/lab").get_json()
    assert shown["holds"] == {"queue": 3}
    assert [*shown["switches"]] == [*shown["descriptions"]]
    for name, description in shown["descriptions"].items():
        assert description["does"].endswith(".")
        assert description["teaches"].endswith(".")
        assert description["kind"] in KINDS
        for parameter in description["parameters"]:
            assert parameter["group"] in {"setting", "match", "time"}
            for value in allowed(parameter):
                body = {"on": True, parameter["name"]: value}
                answer = client.put(f"/lab/switches/{name}", json=body)
                assert answer.status_code == 200
                assert answer.get_json()[parameter["name"]] == value
                assert client.get("/lab").get_json()["switches"][name] == answer.get_json()
            for value in refused(parameter):
                body = {"on": True, parameter["name"]: value}
                answer = client.put(f"/lab/switches/{name}", json=body)
                assert answer.status_code == 400
                assert parameter["name"] in answer.get_json()["detail"]


def allowed(parameter: dict[str, Any]) -> list[Any]:
    match parameter["kind"]:
        case "number":
            assert "unit" in parameter
            return [parameter["least"], parameter["most"]]
        case "choice":
            assert all(choice["says"] for choice in parameter["choices"])
            return [choice["value"] for choice in parameter["choices"]]
        case _:
            return ["x" * parameter["least"], "x" * parameter["most"]]


def refused(parameter: dict[str, Any]) -> list[Any]:
    if parameter["kind"] == "number":
        return [parameter["least"] - 1, parameter["most"] + 1, "1", True, 1.5]
    return ["", 1, ["here"]]


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
    monkeypatch.setattr(chassis.lab.lab, "HEEDED_WITHIN_S", 60.0)
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


def test_places_are_set_one_by_one_and_cleared_together() -> None:
    app = Flask("app")
    chassis.problems.answer_with_problems(app)
    add_places(app, {"relay-rabbitmq": Lab(Slow()), "relay-postgresql": Lab(Slow())})
    client = app.test_client()
    answer = client.put("/lab/places/relay-rabbitmq/switches/slow", json={"on": True})
    assert answer.get_json()["on"]
    places = client.get("/lab").get_json()["places"]
    assert [it["switches"]["slow"]["on"] for it in places.values()] == [True, False]
    lifted = client.post("/lab/clear").get_json()["cleared"]
    assert lifted == {"relay-rabbitmq": ["slow"], "relay-postgresql": []}
    places = client.get("/lab").get_json()["places"]
    assert places["relay-rabbitmq"]["switches"]["slow"]["cleared"] == "all-clear"
    answer = client.put("/lab/places/nowhere/switches/slow", json={"on": True})
    assert (answer.status_code, answer.get_json()["title"]) == (404, "There is no such place.")


def test_a_switch_ends_by_itself_and_wakes_what_waits() -> None:
    lab, woken = Lab(Pause(), Lose()), threading.Event()
    lab.on_change(woken.set)
    lab.set("pause", {"on": True, "for_s": 1})
    lab.set("lose", {"on": True})
    woken.clear()
    assert woken.wait(60)
    assert lab[Pause].state()["cleared"] == "time"
    assert (lab[Lose].on, lab.armed) == (True, True)


def test_a_switch_that_is_set_again_lasts_as_long_as_it_was_set_to_last() -> None:
    lab, woken = Lab(Pause(), Slow()), threading.Event()
    lab.set("pause", {"on": True, "for_s": 1})
    lab.set("pause", {"on": True, "for_s": 600})
    lab.set("slow", {"on": True, "for_s": 1})
    lab.on_change(woken.set)
    assert woken.wait(60)
    assert lab[Pause].on


def test_a_switch_fires_as_often_as_it_may_and_is_then_cleared() -> None:
    lab = Lab(Lose())
    lab.set("lose", {"on": True, "times": 2, "todo": 7})
    assert lab.fires(Lose, Subject(8)) is None
    first = lab.fires(Lose, Subject(7))
    assert first is not None
    assert shown(lab[Lose].state()).items() >= {"state": "fired", "fired": 1}.items()
    second = lab.fires(Lose, Subject(7))
    assert second is not None
    assert lab.fires(Lose, Subject(7)) is None
    first.over()
    assert lab[Lose].on, "the second firing is not over"
    second.over()
    state = lab[Lose].state()
    assert (state["state"], state["cleared"], state["fired"]) == ("cleared", "count", 2)


@contextmanager
def working(lab: Lab) -> Iterator[threading.Thread]:
    """Have a thread come to the point HERE with todo 7 in hand."""
    thread = threading.Thread(target=lambda: lab.at(HERE, [Subject(6), Subject(7, "Milk")]))
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()


def test_a_hold_keeps_the_work_at_its_point_until_it_is_released() -> None:
    client = client_of(lab := Lab(Hold(HERE, THERE)))
    client.put("/lab/switches/hold", json={"on": True, "at": "here", "todo": 7})
    lab.at(THERE, [Subject(7)])
    with working(lab):
        held = until(lambda: lab[Hold].state()["holding"])
        assert [(it["todo"], it["title"], it["at"]) for it in held] == [(7, "Milk", "here")]
        state = client.post("/lab/switches/hold/release").get_json()
    assert state["fired"] == 1
    state = lab[Hold].state()
    assert (state["holding"], state["cleared"]) == ([], "count")


def test_of_several_that_are_held_one_is_released_or_killed() -> None:
    died: list[float] = []
    client = client_of(lab := Lab(Hold(HERE, die_for=died.append)))
    client.put("/lab/switches/hold", json={"on": True, "times": 5})
    with working(lab), working(lab):
        until(lambda: len(lab[Hold].state()["holding"]) == 2)
        first, second = lab[Hold].state()["holding"]
        body = {"firing": second["firing"]}
        told = client.post("/lab/switches/hold/release", json=body).get_json()
        assert told["holding"] == [first]
        # It has gone on, so that nothing is killed there any more.
        lab.kill("hold", second["firing"])
        assert not died
        assert client.post("/lab/switches/hold/release", json={"firing": 1}).status_code == 400
        lab.kill("hold", first["firing"])
        assert died
        lab.release("hold")


@pytest.mark.parametrize("how", ["by-hand", "time", "all-clear", "again", "end"])
def test_whatever_ends_a_hold_lets_go_what_it_keeps(how: str) -> None:
    lab = Lab(Hold(HERE))
    lab.set("hold", {"on": True, "times": 5, "for_s": 1 if how == "time" else 600})
    with working(lab):
        if how != "time":
            until(lab[Hold].is_holding)
        if how == "by-hand":
            lab.set("hold", {"on": False})
        elif how == "all-clear":
            assert lab.clear() == ["hold"]
        elif how == "again":
            lab.set("hold", {"on": True, "todo": 8})
        elif how == "end":
            lab.let_go()
    assert not lab[Hold].is_holding()
    if how in {"by-hand", "time", "all-clear"}:
        assert lab[Hold].state()["cleared"] == how


def test_what_was_let_go_is_neither_shown_nor_killed_though_it_has_not_woken_yet() -> None:
    died: list[float] = []
    wakes = threading.Event()
    lab = Lab(Hold(HERE, die_for=died.append))
    lab.set("hold", {"on": True, "times": 5})

    def wait(_ended: object) -> None:
        wakes.wait(60)

    asleep = threading.Thread(target=lab.at, args=(HERE, [Subject(7)], wait))
    asleep.start()
    until(lab[Hold].is_holding)
    assert lab.release("hold")["holding"] == []
    lab.kill("hold")
    wakes.set()
    asleep.join(60)
    assert not died


def test_a_hold_that_ends_while_it_begins_to_hold_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = Lab(Hold(HERE))
    fires = lab._firing_of
    # Its time may be up in this moment.
    monkeypatch.setattr(lab, "_firing_of", lambda *asked: (fires(*asked), lab.clear())[0])
    lab.set("hold", {"on": True})
    with working(lab):
        pass


def test_a_crash_dies_at_its_point_once_what_it_looks_for_is_there() -> None:
    died: list[float] = []
    lab = Lab(Crash(HERE, THERE, die_for=died.append))
    lab.set("crash", {"on": True, "at": "here", "word": "MILK", "delay_ms": 1500})
    lab.at(THERE, [Subject(1, "Buy milk")])
    lab.at(HERE, [Subject(1, "Buy bread")])
    assert not died
    lab.at(HERE, [Subject(1, "Buy bread"), Subject(2, "Buy milk")])
    assert died == [1.5]


def test_a_hold_and_a_crash_at_the_same_point_see_the_same() -> None:
    died: list[float] = []
    lab = Lab(Hold(HERE), Crash(HERE, die_for=died.append))
    lab.set("hold", {"on": True, "todo": 8})
    lab.set("crash", {"on": True, "todo": 7})
    lab.at(HERE, (Subject(todo_id) for todo_id in (6, 7)))
    assert died == [0]


def test_a_switch_that_cannot_begin_stays_off() -> None:
    class Broken(Pause):
        def begins(self) -> None:
            raise ServerUnavailable("rabbitmq", "is away")

    lab = Lab(Broken())
    with pytest.raises(ServerUnavailable):
        lab.set("pause", {"on": True})
    assert lab[Broken].state()["state"] == "off"
    assert not lab.armed


def test_an_action_happens_once_and_is_over() -> None:
    class Kill(Switch):
        name, does, teaches, kind = "kill", "Kills it.", "It comes back.", "action"
        done = 0

        def begins(self) -> None:
            self.done += 1

    lab = Lab(kill := Kill())
    state = lab.set("kill", {"on": True})
    assert (kill.done, state["state"], state["fired"], lab.armed) == (1, "cleared", 1, False)
    assert not kill.description()["parameters"]
