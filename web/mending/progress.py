"""What is being put right, step by step, as the room is told."""

from typing import Any

from web.own_time import OwnTime
from web.room.messages import Message
from web.room.room import Room


class Progress:
    """Tells the room each step of some work.

    Args:
        room: is told.
        own_time: the time of that.
        what: the work: `all-clear`, `take`, `restore` or `reset`.
    """

    def __init__(self, room: Room, own_time: OwnTime, what: str) -> None:
        self._room = room
        self._own_time = own_time
        self._what = what
        self._began_ms = own_time.now_ms()
        self._steps: list[Message] = []

    def step(self, says: str) -> None:
        """Tell that a step begins."""
        self._steps.append({"at_ms": self._own_time.now_ms(), "says": says})
        self._tell(running=True, says=says)

    def end(self, says: str, *, is_curable: bool = False, **told: Any) -> Message:
        """Tell that the work is over, and how it ended; return all that is to be said of it.

        Args:
            says: how it ended, in a sentence.
            is_curable: whether something still differs that doing it with cures would put right.
            told: what it came to.
        """
        took_ms = round(self._own_time.now_ms() - self._began_ms)
        self._tell(running=False, says=says, curable=is_curable)
        return {"says": says, **told, "steps": self._steps, "took_ms": took_ms}

    def _tell(self, *, running: bool, says: str, curable: bool = False) -> None:
        message = {"what": self._what, "running": running, "says": says, "curable": curable}
        steps = {"steps": self._steps, "began_ms": self._began_ms}
        self._room.tell("mending", {**message, **steps})


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: `1 todo`, `2 todos`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
