"""A lesson as web sends it at each of its steps, for tests of the page that need no stack."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

WITHIN_S = 60
HALF_STALE = [1.0, 0.9, 0.5, 0.2, 0.0]
CURVE_MS = [0, 10, 50, 250, 1000]
CHOICES = [{"value": "one", "says": "1"}, {"value": "two", "says": "2"}]

LESSON: dict[str, Any] = {
    "lesson": "twice",
    "number": 4,
    "title": "Twice",
    "core": True,
    "minutes": 9,
    "goal": "You can say whom a message harms that comes twice.",
    "facts": {
        "counted": {"says": "created, as the counter says", "unit": "todos", "better": "less"},
        "listed": {"says": "todos in the list", "unit": "todos"},
    },
    "steps": [
        {"kind": "say", "title": "Two readers", "text": "One event.", "point": ["rabbitmq"]},
        {
            "kind": "predict",
            "title": "It dies between the two",
            "text": "The counter adds one for Milk, and dies before the ack.",
            "ask": {"question": "What does it say then?", "choices": CHOICES},
        },
        {
            "kind": "predict",
            "title": "How long is a read stale?",
            "ask": {"question": "Draw it.", "curve": {"at_ms": CURVE_MS, "fact": "stale"}},
        },
        {
            "kind": "do",
            "title": "Crash it there",
            "text": "It dies after the write, and before the ack.",
            "button": "Crash it now",
            "controls": ["counter/crash", "counter/no-inbox"],
        },
        {
            "kind": "watch",
            "title": "Watch the counter",
            "text": "It comes back, and so does the event.",
            "within_s": 30,
            "claims": [{"says": "It was counted twice."}, {"says": "It is listed once."}],
        },
        {
            "kind": "explain",
            "title": "At least once",
            "text": "Nobody told RabbitMQ that the work was done.",
            "source": {"place": "counter", "object": "query_service.counting:counting"},
        },
        {
            "kind": "cure",
            "title": "The same crash, with the inbox",
            "text": "The same commands again.",
            "button": "Again, with the inbox",
            "claims": [{"says": "It is counted once."}],
            "table": ["counted", "listed"],
        },
    ],
    "reading": [
        {"title": "Idempotent Consumer", "url": "https://example.com/", "says": "the name"}
    ],
}
LISTED = [
    {key: LESSON[key] for key in ("lesson", "number", "title", "core", "minutes", "goal")},
    {"lesson": "mine", "error": "lessons/99-mine.yaml:12: step 3: title is missing."},
]
ACTIONS = [
    {
        "says": "Take the counter's inbox away",
        "curl": "curl -X PUT http://localhost:5003/lab/counter/switches/no-inbox -d '{}'",
        "state": "done",
        "answer": "200",
    },
    {
        "says": "Add Milk",
        "curl": 'curl -X POST http://localhost:5001/todos -d \'{"title": "Milk"}\'',
        "state": "done",
        "answer": '201 {"message": "Todo created successfully.", "id": 7}',
    },
]
DO, WATCH, EXPLAIN, CURE = 3, 4, 5, 6


def message(step: int, now_ms: float, **more: Any) -> dict[str, Any]:
    """Return how far the lesson is when the room has come to a step and all before it is done."""
    steps: list[dict[str, Any]] = [{"answers": 0, "hands": {}} for _ in LESSON["steps"]]
    if step > 1:
        steps[1] |= {"locked_ms": 1, "answers": 12, "of": {"one": 8, "two": 4}, "hands": {"one": 5}}
    if step > 2:
        steps[2] |= {"locked_ms": 1, "answers": 1, "curves": [HALF_STALE]}
    steps[DO]["actions"] = [
        it if step > DO else {**it, "state": "waiting", "answer": ""} for it in ACTIONS
    ]
    if step == WATCH:
        steps[WATCH]["claims"] = [
            {"says": "It was counted twice.", "state": "held", "seen": "2 todos"},
            {"says": "It is listed once.", "state": "not-held", "seen": "0 todos"},
        ]
    if step > WATCH:
        steps[1]["right"] = "two"
        steps[2]["right"] = HALF_STALE
    steps[CURE]["claims"] = [{"says": "It is counted once.", "state": "held", "seen": "1 todo"}]
    steps[CURE]["actions"] = ACTIONS
    one, two = {"counted": {"value": 1}}, {"counted": {"value": 2}}
    return {
        "run": "r1",
        "lesson": "twice",
        "began_ms": now_ms - 190_000,
        "step": step,
        "reached": step,
        "attempt": 1,
        "busy": None,
        "steps": steps,
        "facts": {"was": two, "now": one} if step == CURE else {"was": two},
        **more,
    }


class Room:
    """What web would tell a page of a lesson: a page opened after this is told what `show` says.

    Attributes:
        answers: what the page has sent as answers, newest last.
        asked: what it has sent as the host: the path and the body.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[dict[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("socket.io"), self._pass_on)
        page.route("**/lessons", lambda route: route.fulfill(json=LISTED))
        page.route("**/lessons/twice", lambda route: route.fulfill(json=LESSON))
        page.route("**/lab/counter/source?*", lambda route: route.fulfill(json=SOURCE))
        page.route("**/lab/known-start", lambda route: route.fulfill(json={"now": NOTHING}))
        page.route(re.compile("/lesson(/[a-z]+)?$"), self._take)

    def show(self, step: int, **more: Any) -> None:
        """Tell the page that the room is at a step."""
        now_ms: float = self.page.evaluate("Date.now()")
        self.tell(message(step, now_ms, **more))

    def tell(self, told: dict[str, Any] | None) -> None:
        """Tell the page how far the lesson is."""
        self._sockets[-1].send("42" + json.dumps(["lesson", told]))

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the page go on until something holds of what it has sent."""
        deadline = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < deadline, (self.asked, self.answers)
            self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def _pass_on(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self._sockets.append(socket)

    def _take(self, route: Any) -> None:
        request = route.request
        if request.url.endswith("/sheet"):
            route.fulfill(status=404, json={"title": "There is no sheet yet."})
            return
        body = request.post_data_json if request.post_data else None
        if request.url.endswith("/answers"):
            self.answers.append(body or {})
        else:
            self.asked.append((request.url.rpartition("/")[2], body))
        route.fulfill(json={})


SOURCE = {
    "file": "query_service/counting.py",
    "line": 47,
    "text": "def counting(events):\n    return {}\n",
}
NOTHING = {"todos": 0, "events": 0}
