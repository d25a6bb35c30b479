"""What is shown of all programs together is asked of the supervisor once."""

from collections.abc import Mapping

from stack.outside import Recent
from stack.supervisor_client import Status


class Supervisor:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.state = "RUNNING"

    def statuses(self) -> Mapping[str, Status]:
        self.asked += 1
        return {"relay": Status(self.state, 7)}

    def stop(self, name: str) -> None:
        self.state = "STOPPED"

    def begin_start(self, name: str) -> None:
        self.state = "STARTING"

    def kill(self, name: str) -> int:
        raise KeyError(name)

    def freeze(self, name: str) -> int:
        return 7


def test_the_supervisor_is_asked_again_only_after_something_was_done() -> None:
    supervisor = Supervisor()
    recent = Recent(supervisor, fresh_s=3600)
    assert [recent.statuses()["relay"].state for _ in range(3)] == ["RUNNING"] * 3
    assert supervisor.asked == 1
    recent.stop("relay")
    assert recent.statuses()["relay"].state == "STOPPED"
    recent.begin_start("relay")
    assert recent.statuses()["relay"].state == "STARTING"
    assert supervisor.asked == 3
