"""The toxics: what can be done to a link, with Toxiproxy's names, attributes and units.

Source: https://github.com/Shopify/toxiproxy#toxics
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from chassis.lab.match import MATCH
from chassis.lab.parameters import Choice, Number, Parameter, Setting
from chassis.lab.switches import Switch
from links.connection import DOWNSTREAM, UPSTREAM
from links.flow import Shape

BOTH = "both"
STREAMS = {
    UPSTREAM: "From the client to the server.",
    DOWNSTREAM: "From the server to the client.",
    BOTH: "Both ways.",
}
LONGEST_MS = 60_000
MOST_BYTES = 1_000_000_000
# Of bytes, nobody knows which todo they are about.
_MATCH = tuple(it for it in MATCH if it.name not in {"todo", "word"})


class Toxic(Switch):
    """Something that is done to the connections of one link, both new and open ones.

    It fires for each connection that it takes hold of, and that firing is over when the connection
    is, or the toxic. It holds on to as many as it may, of those that fit.
    """

    standing = False
    attributes: ClassVar[tuple[Number, ...]] = ()
    default_stream: ClassVar[str] = DOWNSTREAM
    has_stream: ClassVar[bool] = True

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        # Grows each time that it is set, so that a connection knows whether it was looked at.
        self.arming = 0
        # Of the connections that were open when it was set.
        self.touched = 0
        # What Toxiproxy's clients call it; they may choose.
        self.alias = ""
        self._changed = changed
        stream = Choice("stream", STREAMS, self.default_stream, "Which way.")
        self.parameters: tuple[Parameter, ...] = (
            *self.attributes,
            *((stream,) if self.has_stream else ()),
            *(() if self.standing else _MATCH),
        )

    @property
    def stream(self) -> str:
        """Return which way it acts."""
        return str(self.value("stream") or BOTH)

    def acts_on(self, stream: str) -> bool:
        """Return whether it acts on what goes this way."""
        return self.stream in {stream, BOTH}

    def arm(self, setting: Setting, until_ms: int | None) -> None:
        """Switch it on."""
        super().arm(setting, until_ms)
        self.arming += 1
        self.touched = 0
        self.alias = ""

    def ends(self) -> None:
        """Let go of the connections."""
        self._changed()

    def state(self) -> dict[str, Any]:
        """Return how it is set, and how many of the open connections it took hold of."""
        return {**super().state(), "touched": self.touched}

    def shaped(self, shape: Shape) -> Shape:
        """Return what it makes of the bytes of a way that it acts on."""
        return shape


class Latency(Toxic):
    """Bytes that come later."""

    name = "latency"
    does = "Passes everything on later, by a time and more or less than that, in order."
    teaches = "What is far away is late: each round trip pays it, and one that waits pays it twice."
    attributes = (
        Number("latency", "ms", 0, LONGEST_MS, 1000, "How much later."),
        Number("jitter", "ms", 0, LONGEST_MS, 0, "By how much more or less, at random."),
    )

    def shaped(self, shape: Shape) -> Shape:
        """Delay what comes."""
        return replace(shape, latency_ms=self.number("latency"), jitter_ms=self.number("jitter"))


class Bandwidth(Toxic):
    """Fewer bytes in a second."""

    name = "bandwidth"
    does = "Passes at most so many bytes on in a second."
    teaches = "On a thin line small messages still pass, and large ones hold up all behind them."
    attributes = (Number("rate", "KB/s", 1, 1_000_000, 10, "In 1,000 bytes a second."),)

    def shaped(self, shape: Shape) -> Shape:
        """Limit the rate."""
        return replace(shape, rate_kb_s=self.number("rate"))


class Timeout(Toxic):
    """A black hole."""

    name = "timeout"
    does = "A black hole: nothing comes through, and nothing is refused. It comes once this is off."
    teaches = "Nobody says that the other side is gone: whoever sets no time limit waits for ever."
    default_stream = BOTH
    attributes = (
        Number("timeout", "ms", 0, 600_000, 0, "Then the connection is closed; 0 for never."),
    )

    def shaped(self, shape: Shape) -> Shape:
        """Let nothing through."""
        return replace(shape, is_held=True)


class ResetPeer(Toxic):
    """A reset."""

    name = "reset_peer"
    does = "Resets the connection (TCP RST), at once or after a time; the other end is closed."
    teaches = "A command whose connection breaks may have happened or not; its sender cannot know."
    default_stream = BOTH
    attributes = (Number("timeout", "ms", 0, 600_000, 0, "After so long."),)


class SlowClose(Toxic):
    """An end that comes later."""

    name = "slow_close"
    does = "Passes the end of the connection on later."
    teaches = (
        "A server keeps what belongs to a client that has gone for as long as it knows of none."
    )
    attributes = (Number("delay", "ms", 0, LONGEST_MS, 5000, "How much later."),)

    def shaped(self, shape: Shape) -> Shape:
        """Delay the end."""
        return replace(shape, close_delay_ms=self.number("delay"))


class LimitData(Toxic):
    """An end after so many bytes."""

    name = "limit_data"
    does = "Closes the connection after so many bytes, in the middle of a message if need be."
    teaches = "A stream has no messages: half of one has to count as none."
    attributes = (Number("bytes", "bytes", 0, MOST_BYTES, 100, "Counted from now."),)

    def shaped(self, shape: Shape) -> Shape:
        """Limit the bytes."""
        return replace(shape, limit_bytes=self.number("bytes"))


class Down(Toxic):
    """Nobody there."""

    name = "down"
    does = "Cuts the open connections, and refuses new ones."
    teaches = (
        "A refusal comes at once: it is the kindest failure, and the only one that is certain."
    )
    standing = True
    has_stream = False


# In the order of a panel.
TOXICS: tuple[type[Toxic], ...] = (
    Latency,
    Bandwidth,
    Timeout,
    ResetPeer,
    SlowClose,
    LimitData,
    Down,
)
