"""What a process tells of its switches goes to the room by place, and in web's own time."""

from web.background.switch_states import states_by_place

HELD = {"on": True, "state": "fired", "until_ms": 90_004.2, "delay_ms": 500,
        "holding": [{"todo": 5, "since_ms": 70_000.0}]}  # fmt: skip


def test_times_of_day_become_those_of_web_and_nothing_else_changes() -> None:
    told = {"switches": {"hold": HELD}, "holds": {"queue": 3}}
    assert states_by_place("projector", told, 60_000.0) == {
        "projector": {
            "hold": {**HELD, "until_ms": 30_000, "holding": [{"todo": 5, "since_ms": 10_000}]}
        }
    }


def test_a_state_that_has_not_changed_looks_the_same_each_time() -> None:
    told = {"switches": {"hold": HELD}}
    assert states_by_place("relay", told, 60_000.0) == states_by_place("relay", told, 60_000.4)


def test_a_process_of_several_places_tells_of_each() -> None:
    off = {"on": False, "until_ms": None}
    places = {"relay-rabbitmq": {"switches": {"down": off}}, "projector-mongodb": {"switches": {}}}
    assert states_by_place("links", {"places": places}, 5.0) == {
        "relay-rabbitmq": {"down": off},
        "projector-mongodb": {},
    }


def test_a_process_without_switches_has_none() -> None:
    assert states_by_place("query-service", {"holds": None}, 0.0) == {"query-service": None}
