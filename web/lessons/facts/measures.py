"""Which function measures which kind of fact."""

from collections.abc import Callable, Mapping
from typing import Any

from web.lessons.evidence import Evidence, Value
from web.lessons.facts import held, probed, reads, sent, stored, timed, traced

Measure = Callable[[Mapping[str, Any], Evidence], Value]

# By the first key of a fact in a lesson's file.
MEASURES: Mapping[str, Measure] = {
    "count": stored.count,
    "model": stored.model,
    "postgresql": stored.postgresql,
    "todos": stored.todos,
    "titled": stored.titled,
    "letters": stored.letters,
    "holds": held.holds,
    "commands": sent.commands,
    "hop": traced.hop,
    "order": traced.order,
    "firings": traced.firings,
    "between": timed.between,
    "caught-up": timed.caught_up,
    "rate": timed.rate,
    "probes": probed.probes,
    "reads": reads.reads,
}
