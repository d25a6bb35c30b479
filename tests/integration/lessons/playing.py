"""Plays a lesson over HTTP as the host of a room does, step by step, with guests who answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from stack.local import LocalStack
from tests.support.waiting import until

# Longer than any step waits for its claims.
STEP_WITHIN_S = 180.0
Message = dict[str, Any]


@dataclass(frozen=True)
class Host:
    """The host of a room, who has the key.

    Args:
        stack: the stack on which the lesson is played.
    """

    stack: LocalStack

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask web, and return what it says."""
        answer = requests.request(
            method,
            f"{self.stack.urls.web}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.stack.host_key}"},
            timeout=120,
        )
        assert answer.ok, f"{method} {path} {body}: {answer.text}"
        return answer.json()

    def document(self, lesson: str) -> Message:
        """Return a lesson as its file says it."""
        document: Message = self.ask("GET", f"/lessons/{lesson}")
        return document

    def state(self) -> Message:
        """Return how far the lesson is."""
        state: Message = self.ask("GET", "/lesson")
        return state

    def start(self, lesson: str) -> None:
        """Begin a lesson, whatever is lost by that."""
        self.ask("POST", "/lesson", {"lesson": lesson, "sure": True})

    def end(self) -> Message:
        """End the lesson with All clear, and return what that says."""
        told: Message = self.ask("DELETE", "/lesson")
        return told

    def answer(self, number: int, who: str, answer: Any) -> None:
        """Answer a question as a guest does, without the key."""
        body = {"step": number, "who": who, "answer": answer}
        url = f"{self.stack.urls.web}/lesson/answers"
        told = requests.post(url, json=body, timeout=60)
        assert told.ok, told.text

    def play_step(self, number: int, step: Mapping[str, Any]) -> Message:
        """Play a step as far as it goes, and return how far the lesson is then."""
        self.ask("POST", "/lesson/step", {"step": number})
        if "ask" in step:
            for who, answer in guesses(step["ask"]).items():
                self.answer(number, who, answer)
            self.ask("POST", "/lesson/lock", {"step": number})
        if step["kind"] in {"do", "cure"}:
            self.ask("POST", "/lesson/act", {"step": number})
        return until(lambda: self._settled(number), STEP_WITHIN_S)[0]

    def _settled(self, number: int) -> list[Message]:
        state = self.state()
        step = state["steps"][number]
        states = {it["state"] for it in step["actions"]}
        if state["busy"] or "doing" in states:
            return []
        # What was refused does not go on: the caller sees it.
        return [state] if step["complete"] or "failed" in states else []


def guesses(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the guests answer: each possible answer is somebody's."""
    if "choices" in asked:
        return {f"guest {it['value']}": it["value"] for it in asked["choices"]}
    if "number" in asked:
        return {"low": asked["number"]["least"], "high": asked["number"]["most"]}
    times = asked["curve"]["at_ms"]
    return {"never stale": [0.0 for _ in times], "always stale": [1.0 for _ in times]}


def unheld(step: Mapping[str, Any]) -> list[str]:
    """Return the claims of a step that did not come true, with what was seen."""
    return [
        f"{it['says']} {it['state']}: {it['seen']}"
        for it in step["claims"]
        if it["state"] != "held"
    ]


def failed(step: Mapping[str, Any]) -> list[str]:
    """Return the actions of a step that were not carried out, with what was answered."""
    return [f"{it['says']}: {it['answer']}" for it in step["actions"] if it["state"] != "done"]
