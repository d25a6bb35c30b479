"""What facts, comparisons and actions may say: the tables behind the reader. Pure.

A new kind of fact is a row in FACTS, and a measure in web/lessons/facts/.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from web.lessons.fields import Value

LONGEST_TITLE = 200
MOST_POINTS_OF_CURVE = 20
MOST_READS = 500
LONGEST_WAIT_S = 120

HOWS = ("is", "is-not", "at-least", "at-most", "more-than", "less-than", "same-as")
PROTECTIONS = ("idempotency-key", "if-match", "token")
MODELS = ("todos", "replica")
# The names of contracts/hops.yaml.
_CONSUMED = ("delivered", "retried", "projected", "already-applied", "dead-lettered")
HOPS = (
    *("received", "committed", "acknowledged", "picked-up", "sent-failed", "confirmed"),
    *(*_CONSUMED, "sent-again", "acked", "seen"),
    *(f"{place}-{hop}" for place in ("counter", "replica") for hop in (*_CONSUMED, "acked")),
)
FAULT = re.compile(r"[a-z0-9_-]+")
# What the stage can point at: the names in web/static/js/stage/table.js.
NODES = (
    *("browser", "command-service", "postgresql", "outbox", "relay", "rabbitmq", "dead-letters"),
    *("projector", "mongodb", "query-service"),
    *("counter-queue", "counter", "counts", "replica-queue", "replica", "replica-todos"),
)
LINKS = (
    *("client-command-service", "command-service-postgresql", "relay-postgresql"),
    *("relay-rabbitmq", "projector-rabbitmq", "projector-mongodb", "query-service-mongodb"),
    *("browser command-service", "command-service outbox", "outbox relay", "relay queue"),
    *("queue projector", "projector mongodb", "mongodb browser"),
    *("counter-queue counter", "counter counts"),
    *("replica-queue replica", "replica replica-todos"),
)

How = Callable[[Value], Any]


@dataclass(frozen=True)
class Form:
    """What a fact or an action of one kind says.

    Args:
        value: reads the value of its first key.
        must: the other keys that have to be there.
        may: those that may be there.
    """

    value: How
    must: Mapping[str, How] = field(default_factory=dict)
    may: Mapping[str, How] = field(default_factory=dict)


def one_of(*names: str) -> How:
    """Return how to read one of some words."""
    return lambda value: value.one_of(names)


def whole(least: int, most: int) -> How:
    """Return how to read a whole number."""
    return lambda value: value.whole(least, most)


def number(least: float, most: float) -> How:
    """Return how to read a number."""
    return lambda value: value.number(least, most)


def text(most: int) -> How:
    """Return how to read a line of text."""
    return lambda value: value.text(most)


def word(value: Value) -> str:
    """Read a name."""
    return value.word()


def times_ms(value: Value) -> list[float]:
    """Read the times of a curve, which go up."""
    times = [it.number(0, 600_000) for it in value.items(2, MOST_POINTS_OF_CURVE)]
    if sorted(set(times)) != times:
        raise value.error(f"{value.name}: the times have to go up.")
    return times


def _two_hops(value: Value) -> list[str]:
    return [it.one_of(HOPS) for it in value.items(2, 2)]


def _fault(value: Value) -> str:
    """Read the name of a switch; those of Toxiproxy have underscores."""
    name = value.text(60)
    if not FAULT.fullmatch(name):
        raise value.error(f"{value.name} {name!r} has to be the name of a switch: crash.")
    return name


OF: Mapping[str, How] = {"of": word}
MS = number(0, 600_000)

FACTS: Mapping[str, Form] = {
    "count": Form(one_of("created", "completed", "deleted", "events")),
    "model": Form(one_of(*MODELS), {"what": one_of("present", "title", "completed", "count")}, OF),
    "postgresql": Form(one_of("present", "title", "completed", "version", "count"), may=OF),
    "todos": Form(one_of("missing", "extra", "differing"), may=OF),
    "titled": Form(text(LONGEST_TITLE), {"in": one_of("postgresql", "todos", "log")}),
    "holds": Form(
        one_of("outbox", "queue", "unacked", "dead_letters", "waiting"),
        may={"when": one_of("now", "most")},
    ),
    "commands": Form(
        one_of("sent", "answered", "refused", "unanswered", "share-answered", "status"), may=OF
    ),
    "hop": Form(
        one_of(*HOPS),
        {"what": one_of("count", "events", "redelivered", "attempts")},
        {"at": word, **OF},
    ),
    "between": Form(
        _two_hops,
        {"what": one_of("median", "p95", "most", "count-over")},
        {"over_ms": MS, "injected": one_of("with", "without"), **OF},
    ),
    "order": Form(one_of("projected"), OF, {"at": word}),
    "firings": Form(_fault, may={"at": word}),
    "probes": Form(one_of("stale", "curve"), may={"after_ms": MS, "at_ms": times_ms}),
    "reads": Form(
        one_of(
            *("count", "stale", "went-back", "read-your-writes", "monotonic-reads"),
            *("monotonic-writes", "writes-follow-reads", "median-ms", "most-ms"),
        ),
        may=OF,
    ),
    "letters": Form(one_of("count"), may={"reason": text(LONGEST_TITLE)}),
    "caught-up": Form(one_of("seconds")),
    "rate": Form(one_of("sent", "projected")),
}


def _parameters(value: Value) -> dict[str, Any]:
    """Read the parameters of a switch; it checks them itself when it is set."""
    return {name: it.single() for name, it in value.fields().all().items()}


def _todo(value: Value) -> str | int:
    """Read which todo a switch acts on: `$alias`, or an id."""
    given = value.marked.value
    if isinstance(given, int) and not isinstance(given, bool):
        return value.whole(1, 2**53)
    name = value.text(60)
    if not name.startswith("$"):
        raise value.error("todo has to be $ and the name of a todo of this lesson: $milk.")
    return name


def _burst(value: Value) -> dict[str, int]:
    fields = value.fields()
    if "count" in fields:
        load = {"count": fields.must("count").whole(1, 1000)}
    else:
        load = {
            "per_second": fields.must("per_second").whole(1, 200),
            "seconds": fields.must("seconds").whole(1, 60),
        }
    fields.only_these()
    return load


def _read(value: Value) -> dict[str, Any]:
    fields = value.fields()
    read = {
        "model": fields.get("model", one_of(*MODELS, "by-turns"), "todos"),
        "times": fields.get("times", whole(1, MOST_READS), 1),
        "every_ms": fields.get("every_ms", whole(0, 5000), 0),
        "of": fields.get("of", word, ""),
        "as": fields.get("as", word, "reader"),
    }
    fields.only_these()
    return read


def _switch(value: Value) -> str:
    return value.switch()


def _truth(value: Value) -> bool:
    return value.truth()


TITLE = text(LONGEST_TITLE)
BACKGROUND: Mapping[str, How] = {"background": _truth}
PATIENCE: Mapping[str, How] = {"tries": whole(1, 10), "wait_s": number(0.1, 35)}

# `wait` has comparisons besides: see reading.py.
ACTIONS: Mapping[str, Form] = {
    "set": Form(_switch, may={"with": _parameters, "todo": _todo}),
    "clear": Form(_switch),
    "release": Form(word),
    "kill": Form(word),
    "create": Form(TITLE, may={"as": word, "key": word, **PATIENCE, **BACKGROUND}),
    "change": Form(
        word,
        may={
            "title": TITLE,
            "completed": _truth,
            "as-read": word,
            "key": word,
            **PATIENCE,
            **BACKGROUND,
        },
    ),
    "delete": Form(word, may={"as-read": word, **PATIENCE, **BACKGROUND}),
    "burst": Form(_burst, may=BACKGROUND),
    "read": Form(_read, may=BACKGROUND),
    "rebuild": Form(one_of("todos", "counts", "replica"), may=BACKGROUND),
    "retry": Form(one_of("dead-letters")),
    "wait": Form(lambda value: value),
}
