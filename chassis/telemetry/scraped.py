"""Figures that are asked for when somebody scrapes them, and at no other time."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from chassis.errors import ServerUnavailable


class Scraped(Collector):
    """Gauges of what a server holds.

    While the server does not answer they are absent: an old figure would be taken for a new one.

    Args:
        words: what each gauge says, by its name.
        question: returns the figures by the same names; raises ServerUnavailable.
    """

    def __init__(
        self, words: Mapping[str, str], question: Callable[[], Mapping[str, float]]
    ) -> None:
        self._words = words
        self._question = question

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask, and return what there is to say."""
        try:
            figures = self._question()
        except ServerUnavailable:
            return
        for name, says in self._words.items():
            yield GaugeMetricFamily(name, says, value=figures[name])
