"""Idempotency keys end: whoever asks again does so soon, and the table must not grow for ever."""

import logging
import threading

from chassis.errors import OutcomeUnknown, ServerUnavailable
from chassis.postgres import Postgres

# So few at a time that no command waits for it.
AT_A_TIME = 1000
# Of the time that a key is kept, so that none is kept much longer.
LOOKS = 144

_FORGET = """
DELETE FROM idempotency_keys WHERE key = ANY (ARRAY(
    SELECT key FROM idempotency_keys WHERE written_at < now() - make_interval(secs => %s) LIMIT %s
))
"""

log = logging.getLogger(__name__)


class OldKeys:
    """Forgets idempotency keys that are older than they are promised to last.

    Args:
        postgres: the connections to the write store.
        kept_s: how long a key lasts, in seconds.
    """

    def __init__(self, postgres: Postgres, kept_s: int) -> None:
        self._postgres = postgres
        self._kept_s = kept_s

    def start(self, stop: threading.Event) -> None:
        """Forget old keys from time to time, in a thread of its own, until stopped."""
        threading.Thread(target=self._run, args=(stop,), name="old-keys", daemon=True).start()

    def forget(self) -> int:
        """Forget some keys that are old, if there are any; return how many.

        Raises ServerUnavailable and OutcomeUnknown.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute(_FORGET, (self._kept_s, AT_A_TIME))
            return int(cursor.rowcount)

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(max(1.0, self._kept_s / LOOKS)):
            try:
                while self.forget() == AT_A_TIME and not stop.is_set():
                    pass
            except (ServerUnavailable, OutcomeUnknown) as error:
                log.warning("old idempotency keys stay for now: %s", error)
            # It is needed again only in minutes.
            self._postgres.close()
