"""How long to wait before the next try."""

import random


class Backoff:
    """Exponential backoff with full jitter, so that many clients do not come back at once.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    Args:
        first_s: the upper bound of the first delay.
        most_s: the upper bound of any delay.
    """

    def __init__(self, first_s: float = 0.1, most_s: float = 2.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._bound_s = first_s

    @property
    def begins(self) -> bool:
        """Return whether no delay was asked for yet: the time to say once what is waited for."""
        return self._bound_s == self._first_s

    def next_s(self) -> float:
        """Return the next delay in seconds, and double the bound of the one after it."""
        delay_s = random.uniform(self._bound_s / 2, self._bound_s)  # noqa: S311, no secret
        self._bound_s = min(self._bound_s * 2, self._most_s)
        return delay_s

    def reset(self) -> None:
        """Begin again with the first delay: what failed has worked."""
        self._bound_s = self._first_s
