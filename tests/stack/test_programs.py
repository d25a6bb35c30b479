"""What each process is told, and not told."""

from stack.ports import Ports
from stack.programs import ALL, PROCESSES, STOP_ORDER, settings

PORTS = Ports.default()


def told(name: str, *, lab: bool = False) -> dict[str, str]:
    return settings(name, PORTS, lab=lab, host_key="secret")


def test_each_process_is_told_only_of_what_it_talks_to() -> None:
    stores = {"DATABASE_URL", "RABBITMQ_URL", "MONGODB_URL"}
    assert {name: stores & told(name).keys() for name in PROCESSES} == {
        "command-service": {"DATABASE_URL"},
        "relay": {"DATABASE_URL", "RABBITMQ_URL"},
        "projector": {"RABBITMQ_URL", "MONGODB_URL"},
        "query-service": {"MONGODB_URL"},
        "web": set(),
    }


def test_only_web_is_told_the_host_key() -> None:
    assert [name for name in PROCESSES if "HOST_KEY" in told(name)] == ["web"]


def test_the_lab_is_absent_where_it_is_not_wanted() -> None:
    assert not any("LAB" in told(name) for name in PROCESSES)
    assert all(told(name, lab=True)["LAB"] == "1" for name in PROCESSES)


def test_everything_that_is_started_is_stopped() -> None:
    assert sorted(name for names in STOP_ORDER for name in names) == sorted(ALL)
