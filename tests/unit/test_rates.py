"""How often one client may do something."""

from web.routes.rates import MOST_CLIENTS, SAVED_S, Rate

PER_S = 50


def test_a_room_behind_one_address_may_come_all_at_once_and_go_on_at_the_rate() -> None:
    rate = Rate(PER_S)
    at_once = PER_S * SAVED_S
    assert all(rate.wait_s("room", 0.0) == 0 for _ in range(at_once))
    assert rate.wait_s("room", 0.0) == 1 / PER_S
    assert all(rate.wait_s("room", second + 1) == 0 for second in range(5) for _ in range(PER_S))
    assert rate.wait_s("room", 5.0) > 0


def test_one_who_sends_too_much_does_not_hold_up_another() -> None:
    rate = Rate(1)
    while not rate.wait_s("loud", 0.0):
        pass
    assert rate.wait_s("quiet", 0.0) == 0


def test_a_refusal_is_not_counted_and_so_waiting_as_long_as_it_says_is_enough() -> None:
    rate = Rate(2)
    while not (wait_s := rate.wait_s("client", 0.0)):
        pass
    for _ in range(100):
        rate.wait_s("client", 0.0)
    assert rate.wait_s("client", wait_s) == 0


def test_only_so_many_clients_are_remembered() -> None:
    rate = Rate(1)
    for number in range(3 * MOST_CLIENTS):
        assert rate.wait_s(str(number), 0.0) == 0
    assert len(rate._saved) == MOST_CLIENTS


def test_any_number_may_come_if_that_is_what_is_set() -> None:
    rate = Rate(0)
    assert not any(rate.wait_s("client", 0.0) for _ in range(10_000))
