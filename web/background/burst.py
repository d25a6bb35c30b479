"""The burst: many commands that web itself sends, all at once or at a rate."""

import json
import logging
import threading
import time

from chassis.errors import ServerUnavailable
from web.background.probe_reads import ProbeReads
from web.gateway import Gateway
from web.room.messages import Message
from web.room.room import Room

AT_ONCE = 8
PROGRESS_INTERVAL_S = 0.1

log = logging.getLogger(__name__)


class Burst:
    """Sends real commands, one burst at a time.

    Args:
        gateway: the way to the command service.
        room: gets the progress.
        probe_reads: reads back a sample of what was written.
    """

    def __init__(self, gateway: Gateway, room: Room, probe_reads: ProbeReads) -> None:
        self._gateway = gateway
        self._room = room
        self._probe_reads = probe_reads
        self._stop = threading.Event()
        self._running = False
        self._wanted = self._begun = self._sent = self._failed = 0

    def start(self, count: int, per_second: int | None) -> bool:
        """Start to send commands, and return True; return False if a burst is already running.

        Args:
            count: how many.
            per_second: how many a second; None for as fast as they are answered.
        """
        if self._running:
            return False
        self._running = True
        self._stop.clear()
        self._wanted, self._begun, self._sent, self._failed = count, 0, 0, 0
        threading.Thread(target=self._run, args=(per_second,), daemon=True).start()
        return True

    def stop(self) -> None:
        """Send no more; commands under way are still counted."""
        self._stop.set()

    def progress(self) -> Message:
        """Return the progress of the burst, or of the last one."""
        return {
            "sent": self._sent,
            "wanted": self._wanted,
            "failed": self._failed,
            "running": self._running,
        }

    def _run(self, per_second: int | None) -> None:
        began_s = time.monotonic()
        senders = [
            threading.Thread(target=self._send_in_turn, args=(began_s, per_second), daemon=True)
            for _ in range(min(AT_ONCE, self._wanted))
        ]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            self._room.tell("burst", self.progress())
            time.sleep(PROGRESS_INTERVAL_S)
        self._running = False
        self._room.tell("burst", self.progress())

    def _send_in_turn(self, began_s: float, per_second: int | None) -> None:
        while self._begun < self._wanted and not self._stop.is_set():
            number = self._begun = self._begun + 1
            due_s = began_s + (number - 1) / per_second if per_second else 0.0
            if self._stop.wait(max(0.0, due_s - time.monotonic())):
                return
            self._send(number)

    def _send(self, number: int) -> None:
        body = json.dumps({"title": f"Todo {number:,} of {self._wanted:,}"}).encode()
        try:
            answer = self._gateway.command(
                "POST", "/todos", body, {"Content-Type": "application/json"}
            )
        except ServerUnavailable as error:
            log.debug("a command of the burst failed: %s", error)
            self._failed += 1
            return
        if answer.status == 201:
            self._sent += 1
            self._probe_reads.sample(answer)
        else:
            self._failed += 1
