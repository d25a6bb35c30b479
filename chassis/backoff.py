"""How long to wait before the next try."""

import random


class Backoff:
    """Exponential backoff with jitter, so that many clients do not come back at once.

    The first delay is at most `first_s`, and no delay is longer than `most_s`.
    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    def __init__(self, first_s: float = 0.1, most_s: float = 2.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._bound_s = first_s

    @property
    def begins(self) -> bool:
        """Return whether no delay was asked for yet: the time to log, once, what we wait for."""
        return self._bound_s == self._first_s

    def next_s(self) -> float:
        """Return the next delay in seconds, and double the bound of the one after it."""
        delay_s = random.uniform(self._bound_s / 2, self._bound_s)  # noqa: S311, no secret
        self._bound_s = min(self._bound_s * 2, self._most_s)
        return delay_s

    def reset(self) -> None:
        """Begin again with the first delay: what failed has worked."""
        self._bound_s = self._first_s
