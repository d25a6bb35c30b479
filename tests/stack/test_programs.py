"""The programs: the settings each one gets, and what people call them."""

from pathlib import Path

import pytest
import yaml

from stack.errors import StackError
from stack.local import LocalStack
from stack.passwords import Passwords
from stack.ports import Ports
from stack.programs import (
    ALL,
    MORE,
    ON_DEMAND,
    PROCESSES,
    ROOT,
    STOP_ORDER,
    Urls,
    named,
    settings,
)
from stack.whole import page_host

PORTS = Ports.default()
PASSWORDS = Passwords("of-postgresql", "of-rabbitmq", "of-mongodb")
URLS = Urls.of(PORTS, PASSWORDS)

# What runs once in a container, before the others.
ONCE = {"keys", "migrations"}


def settings_of(name: str, *, lab: bool) -> dict[str, str]:
    return settings(name, PORTS, URLS, lab=lab, host_key="secret")


@pytest.mark.parametrize("lab", [False, True])
def test_each_process_gets_only_the_addresses_that_it_uses(lab: bool) -> None:
    stores = {"DATABASE_URL", "RABBITMQ_URL", "MONGODB_URL"}
    ours = PROCESSES + ON_DEMAND
    assert {name: stores & settings_of(name, lab=lab).keys() for name in ours} == {
        # Only a switch of the lab has it talk to the broker.
        "command-service": {"DATABASE_URL", "RABBITMQ_URL"} if lab else {"DATABASE_URL"},
        "relay": {"DATABASE_URL", "RABBITMQ_URL"},
        "projector": {"RABBITMQ_URL", "MONGODB_URL"},
        "query-service": {"MONGODB_URL"},
        "counter": {"RABBITMQ_URL", "MONGODB_URL"},
        "replica": {"RABBITMQ_URL", "MONGODB_URL"},
        "coordinator": {"DATABASE_URL"},
        "links": {"DATABASE_URL", "RABBITMQ_URL", "MONGODB_URL"},
        "web": set(),
    }


@pytest.mark.parametrize("lab", [False, True])
def test_only_web_gets_the_host_key(lab: bool) -> None:
    assert [name for name in PROCESSES if "HOST_KEY" in settings_of(name, lab=lab)] == ["web"]


def test_there_is_no_lab_unless_it_is_wanted() -> None:
    assert not any({"LAB", "LINKS_URL"} & settings_of(name, lab=False).keys() for name in PROCESSES)
    assert all(settings_of(name, lab=True)["LAB"] == "1" for name in PROCESSES)


def test_what_is_on_demand_exists_only_with_the_lab(tmp_path: Path) -> None:
    for lab in (False, True):
        stack = LocalStack(tmp_path, PORTS, lab=lab)
        assert {*ON_DEMAND} & {*stack._names} == ({*ON_DEMAND} if lab else set())
        assert ("COUNTER_URL" in settings_of("web", lab=lab)) is lab


def test_the_password_of_the_control_is_for_web_alone_and_only_with_the_lab() -> None:
    every = (*PROCESSES, *ON_DEMAND, *MORE)
    told = {
        (name, lab): settings(name, PORTS, URLS, lab=lab, host_key="key", control_password="secret")
        for name in every
        for lab in (False, True)
    }
    assert [key for key, own in told.items() if "secret" in str(own)] == [("web", True)]


def test_each_process_gets_the_passwords_of_the_stores_that_it_uses() -> None:
    told = {name: settings_of(name, lab=True) for name in (*PROCESSES, *ON_DEMAND, *MORE)}
    for name, own in told.items():
        uses = {"DATABASE_URL": "of-postgresql", "RABBITMQ_URL": "of-rabbitmq"}
        uses |= {"MONGODB_URL": "of-mongodb"}
        for setting, password in uses.items():
            # The links pass on what others say to the stores, and say nothing themselves.
            wanted = name != "links" and setting in own
            assert (password in str(own)) is wanted, (name, setting)


def test_everything_that_is_started_is_stopped() -> None:
    assert sorted(name for names in STOP_ORDER for name in names) == sorted(ALL + MORE)


def test_a_program_also_has_its_docker_compose_name() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = [named(service) for service in compose["services"] if service not in ONCE]
    assert sorted(services) == sorted(ALL)
    assert named("Command_Service") == "command-service"


@pytest.mark.parametrize(
    ("word", "hint"), [("rabitmq", "Did you mean rabbitmq?"), ("redis", "Its programs are postg")]
)
def test_an_unknown_program_is_refused_with_a_hint(word: str, hint: str) -> None:
    with pytest.raises(StackError) as refused:
        named(word)
    assert f"no program called {word}. {hint}" in str(refused.value)


def test_the_page_may_be_for_the_room_and_then_listens_on_every_address() -> None:
    wanted = {"": None, "127.0.0.1": None, "0.0.0.0": "0.0.0.0", "::": "::"}  # noqa: S104, what people set
    assert {given: page_host(given) for given in wanted} == wanted
    with pytest.raises(StackError, match=r"PAGE_HOST has to be .* and is '192.168.1.5'"):
        page_host("192.168.1.5")


def published(name: str) -> dict[str, list[str]]:
    services = yaml.safe_load((ROOT / name).read_text())["services"]
    return {service: it["ports"] for service, it in services.items() if "ports" in it}


def test_docker_publishes_the_same_ports_on_both_loopback_addresses() -> None:
    v4, v6 = published("docker-compose.yml"), published("docker-compose.ipv6.yml")
    assert v6 == {
        "command-service": ["[::1]:5001:5001"],
        "query-service": ["[::1]:5002:5002"],
        "web": ["[::1]:5003:5003"],
        "links": ["[::1]:5027:5027"],
    }
    here = {name: [it.replace("[::1]", "127.0.0.1") for it in ports] for name, ports in v6.items()}
    assert v4 == {**here, "web": ["${PAGE_HOST:-127.0.0.1}:5003:5003"]}


def test_docker_is_given_each_package_that_an_image_is_built_of() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    packages = {it["build"]["args"]["SERVICE"] for it in services.values() if "build" in it}
    given = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{package}/" for package in packages} <= set(given)
