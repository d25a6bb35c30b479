"""Firings: each time that a switch acts, as two spans that a receiver of the traces sees.

One is sent when it begins, before it acts, and one when it is over, both with the same id. If the
second never comes, the process died in between. contracts/hops.yaml defines them.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self
from uuid import uuid4

from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from chassis.clock import Clock
from chassis.lab.match import Subject
from chassis.telemetry.finished import FinishedSpans
from chassis.telemetry.traceparents import sampled, span_named_by

SPAN = "fault"
# A process that is about to die waits no longer for its last traces to be taken.
LONGEST_FLUSH_S = 1.0
_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]


@dataclass
class Firing:
    """One time that a switch acts: from its making to the end of its block, or to `over`.

    Args:
        switch: the switch's name.
        subject: what it acts on.
        at: the name of the point where it acts, if that has one.
        tell: records it, once with each phase.
        then: called once it is over.
        id: what its two records have in common.
        began_ns: when it began, in steady ns.
        line: the line of code where it acts, as attributes.
    """

    switch: str
    subject: Subject
    at: str
    tell: Callable[["Firing", str], None]
    then: Callable[[], None]
    line: dict[str, AttributeValue]
    id: str = field(default_factory=lambda: uuid4().hex)
    began_ns: int = field(default_factory=time.monotonic_ns)
    _is_over: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.over()

    def over(self) -> None:
        """Record that it is over; only the first call does."""
        if not self._is_over:
            self._is_over = True
            self.tell(self, "over")
            self.then()


class Firings:
    """Records the firings of one place.

    Args:
        tracer: whose spans they are; None records nothing.
        clock: turns steady times into times of day.
        flush: sends all spans now, and waits for that for some ms.
        place: where the switches are: a process, a server or a link.
    """

    def __init__(
        self, tracer: Tracer | None, clock: Clock, flush: Callable[[int], object], place: str
    ) -> None:
        self._spans = FinishedSpans(tracer) if tracer else None
        self._clock = clock
        self._flush = flush
        self.place = place

    @classmethod
    def unrecorded(cls) -> "Firings":
        """Return some that nobody hears of."""
        return cls(None, Clock(), lambda _ms: None, "")

    def in_ms(self, seconds: int) -> int:
        """Return the time of day in so many seconds, in ms since the epoch."""
        return round(self.told_ms(time.monotonic_ns())) + seconds * 1000

    def told_ms(self, steady_ns: int) -> float:
        """Return a steady time as ms since the epoch."""
        return (steady_ns + self._clock.offset_ns()) / 1e6

    def flush(self) -> None:
        """Send what is recorded now; wait at most LONGEST_FLUSH_S for it to be taken."""
        self._flush(round(LONGEST_FLUSH_S * 1000))

    def begin(
        self,
        switch: str,
        subject: Subject,
        at: str,
        then: Callable[[], None],
        *,
        at_line: bool = True,
    ) -> Firing:
        """Record that a switch acts now, and return the firing.

        Args:
            switch: its name.
            subject: what it acts on.
            at: the name of the point where it acts, if that has one.
            then: called once it is over.
            at_line: whether it acts at the line that asks for this.
        """
        line = _line_outside(_HERE) if at_line else {}
        firing = Firing(switch, subject, at, self._tell, then, line)
        self._tell(firing, "begins")
        return firing

    def _tell(self, firing: Firing, phase: str) -> None:
        if self._spans is None:
            return
        subject = firing.subject
        parent = span_named_by(subject.traceparent) if sampled(subject.traceparent) else None
        said: dict[str, AttributeValue] = {
            **subject.named,
            "eventually.firing": firing.id,
            "eventually.fault": firing.switch,
            "eventually.fault.place": self.place,
            "eventually.fault.phase": phase,
            **firing.line,
        }
        if firing.at:
            said["eventually.fault.at"] = firing.at
        offset_ns = self._clock.offset_ns()
        end_ns = firing.began_ns if phase == "begins" else time.monotonic_ns()
        self._spans.add(
            SPAN, SpanKind.INTERNAL, parent, firing.began_ns + offset_ns, end_ns + offset_ns, said
        )


def _line_outside(folder: Path) -> dict[str, AttributeValue]:
    """Return the line that called into a folder's code, as OpenTelemetry names it."""
    frame: FrameType | None = inspect.currentframe()
    while frame is not None and _is_plumbing(Path(frame.f_code.co_filename), folder):
        frame = frame.f_back
    if frame is None:
        return {}
    path = Path(frame.f_code.co_filename)
    return {
        "code.file.path": str(path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path),
        "code.function.name": frame.f_code.co_qualname
        if hasattr(frame.f_code, "co_qualname")
        else frame.f_code.co_name,
        "code.line.number": frame.f_lineno,
    }


def _is_plumbing(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or path.name == "contextlib.py"
