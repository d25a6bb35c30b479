"""News: whoever asks the pipeline how it is learns that something has happened there."""

from collections.abc import Callable

Hear = Callable[[int], None]


class News:
    """Tells all who want to hear."""

    def __init__(self) -> None:
        self._all: list[Hear] = []

    def to(self, hear: Hear) -> None:
        """Tell this one, too, from now on.

        Args:
            hear: gets the time of what happened, by web's own time. It has to return at once.
        """
        self._all.append(hear)

    def tell(self, at_ns: int) -> None:
        """Tell that something happened, or that somebody came who wants to know.

        Args:
            at_ns: when, by web's own time; of several things, the first.
        """
        for hear in self._all:
            hear(at_ns)
