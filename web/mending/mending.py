"""All that puts the stack right, for whoever may have to."""

from dataclasses import dataclass

from web.mending.all_clear import AllClear
from web.mending.known_start import KnownStarts
from web.mending.one_at_a_time import OneAtATime


@dataclass(frozen=True)
class Mending:
    """What puts the stack right.

    Args:
        all_clear: lifts everything.
        known_starts: keep the stack as it is, and go back there.
        one: lets one at a time.
    """

    all_clear: AllClear
    known_starts: KnownStarts
    one: OneAtATime
