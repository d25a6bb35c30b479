"""Pages of a large read model, and 304s, against the same server answering with a constant."""

import random
from collections.abc import Callable

import requests

from bench import load
from bench.report import Row, at_least, compare
from bench.rig import Rig, answers, process, until
from bench.turns import Tell, in_turn
from stack.ports import Ports

PAGE = 50
# Other pages are up to this much shorter or longer. With few todos there would be few other pages,
# and any cache of pages would soon have all of them.
VARIED = 10
SECONDS = 2


def measure(rig: Rig, tell: Tell) -> list[Row]:
    """Read the same page again and again, then a different one each time, then a known one."""
    base = rig.stack.urls.query_service
    first = requests.get(base + page(0), timeout=10)
    newest = rig.stores.newest_id()
    known = f"If-None-Match: {first.headers['ETag']}\r\n"
    port = Ports.free().query_service
    constant = f"http://127.0.0.1:{port}"
    # Web's polling, and its walk after a rebuild, must not be measured here.
    with (
        rig.without("web"),
        process("bench.constant", PORT=str(port), SIZE_BYTES=str(len(first.content))),
    ):
        until(lambda: answers(constant), 20)
        limit, *ours = in_turn(
            tell,
            "a constant, and pages",
            lambda: gets(constant, "/constant", SECONDS),
            lambda: gets(base, page(0), SECONDS),
            lambda: gets(base, page(newest // 2), SECONDS),
            lambda: gets(base, page(newest - PAGE - 10), SECONDS),
            lambda: gets_of_any(base, newest, SECONDS),
            lambda: gets(base, page(0), SECONDS, known),
        )
    names = (
        (f"GET /todos?limit={PAGE}, the same page each time: the first", 0.5),
        ("the same page each time: one in the middle", 0.5),
        ("the same page each time: the last", 0.5),
        ("another page each time", 0.5),
        ("the same page each time, answered 304", 0.8),
    )
    return [
        compare(what, figures, "a second", "a constant", limit, at_least(wanted))
        for (what, wanted), figures in zip(names, ours, strict=True)
    ]


def page(after: int, limit: int = PAGE) -> str:
    """Return the path of the page after an id."""
    return f"/todos?limit={limit}&after={after}" if after else f"/todos?limit={limit}"


def gets(base: str, path: str, seconds: float, headers: str = "") -> float:
    """Return the answers a second to the same GET; 304s, if headers ask for them."""
    request = load.get(path, headers)
    return _gets(base, lambda _: request, seconds, b"304" if headers else b"200")


def gets_of_any(base: str, newest: int, seconds: float) -> float:
    """Return the answers a second to GETs of different pages, in no particular order."""

    def any_page(_number: int) -> bytes:
        limit = random.randint(PAGE - VARIED, PAGE + VARIED)
        return load.get(page(random.randrange(newest - limit), limit))

    return _gets(base, any_page, seconds, b"200")


def _gets(base: str, request: Callable[[int], bytes], seconds: float, expected: bytes) -> float:
    return load.run(base, request, seconds=seconds, expected=expected).per_s
