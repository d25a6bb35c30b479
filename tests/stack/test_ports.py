"""The ports of a stack, and the message about one that is taken."""

import dataclasses
import os
import socket
from collections.abc import Iterator

import psutil
import pytest

from stack import ports
from stack.errors import StackError
from stack.ports import LOOPBACK, LOOPBACKS, Ports


@pytest.fixture(params=LOOPBACKS)
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    address: str = request.param
    with socket.create_server((address, 0), family=LOOPBACKS[address]) as listener:
        port: int = listener.getsockname()[1]
        yield port


def test_free_ports_differ_and_are_free() -> None:
    values = dataclasses.astuple(Ports.free())
    assert len(set(values)) == len(values)
    assert all(ports.is_free(port) for port in values)


def test_a_free_port_is_outside_the_range_for_outgoing_connections() -> None:
    assert all(port < 32768 for port in dataclasses.astuple(Ports.free()))


def test_the_default_ports_are_not_those_of_default_installations() -> None:
    default = dataclasses.astuple(Ports.default())
    assert len(set(default)) == len(default)
    assert not {5432, 5672, 15672, 25672, 4369, 27017, 9001} & set(default)


def test_one_setting_moves_all_ports_and_keeps_their_order() -> None:
    moved = Ports.named({"FIRST_PORT": "7001"})
    assert (moved.command_service, moved.query_service, moved.web) == (7001, 7002, 7003)
    here = dataclasses.astuple(Ports.named({}))
    assert dataclasses.astuple(moved) == tuple(port + 2000 for port in here)
    assert not {*dataclasses.astuple(moved)} & {*here}


@pytest.mark.parametrize("given", ["1023", "65510", "-5001", "5001.0", "page", "\u0665001"])
def test_what_is_no_port_is_refused(given: str) -> None:
    with pytest.raises(StackError, match=r"^FIRST_PORT has to be a number from 1024 to 65509"):
        Ports.named({"FIRST_PORT": given})


def test_a_taken_port_is_reported_with_program_name_and_pid(taken: int) -> None:
    with pytest.raises(StackError) as refused:
        ports.check_free({"web": taken})
    assert f"Port {taken} (web) is taken" in str(refused.value)
    assert f"{psutil.Process().name()}, pid {os.getpid()}" in str(refused.value)


def test_something_that_listens_on_either_loopback_address_is_found(taken: int) -> None:
    assert ports.is_open(taken)
    assert not ports.is_free(taken)


def test_all_taken_ports_are_reported_at_once(taken: int) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        second = other.getsockname()[1]
        with pytest.raises(StackError, match="are taken") as refused:
            ports.check_free({"web": taken, "relay": second})
    assert str(taken) in str(refused.value)
    assert str(second) in str(refused.value)


def test_a_machine_without_ipv6_has_free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    # An address that this machine has not, as ::1 then is.
    monkeypatch.setattr(ports, "LOOPBACKS", {LOOPBACK: socket.AF_INET, "192.0.2.1": socket.AF_INET})
    port = Ports.free().web
    assert ports.is_free(port)
    assert not ports.is_open(port)


def test_a_port_is_free_again_when_its_holder_is_gone() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)
