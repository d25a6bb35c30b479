"""The host of a room, at the page: starts a lesson, leads through each step, and ends it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from playwright.sync_api import Locator, Page, expect

from e2e.lessons.hands import Hands
from e2e.support import WITHIN_MS
from stack.local import LocalStack
from tests.support.waiting import until

# Longer than any step waits for its claims.
STEP_WITHIN_S = 180.0
Message = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """Somebody before a page with the lessons.

    Args:
        page: the page, on which the lessons are open or come by themselves.
        hands: how they work it.
    """

    page: Page
    hands: Hands

    @property
    def panel(self) -> Locator:
        return self.page.locator("[data-view=lessons]")

    def button(self, name: str) -> Locator:
        """Return a button of the panel."""
        return self.panel.get_by_role("button", name=name, exact=True).and_(
            self.panel.locator(":visible")
        )

    def is_at(self, number: int) -> None:
        """Wait until a step is shown, counted from 0."""
        says = self.page.locator("[data-lesson-says]")
        expect(says).to_contain_text(f"Step {number + 1} of", timeout=WITHIN_MS)

    def answer(self, asked: Mapping[str, Any], answer: Any) -> None:
        """Answer what the step asks, and wait until it counts."""
        if "curve" in asked:
            self.hands.draw(self.panel.locator(".curve"), answer)
        elif "number" in asked:
            self.hands.fill(self.panel.get_by_role("spinbutton").first, str(answer))
            self.hands.press(self.button("Answer"))
        else:
            self.hands.choose(self.panel.locator(f'input[type=radio][value="{answer}"]'))
        expect(self.panel).to_contain_text("Answered; it can be changed until it is locked.")

    def looks_back(self, number: int) -> None:
        """Look at a step that is over."""
        self.hands.press(self.panel.locator(f'button[data-step="{number}"]'))
        self.is_at(number)


@dataclass(frozen=True)
class Teacher(Reader):
    """The host of a room, who has the key.

    Args:
        stack: the stack on which the lessons are played.
    """

    stack: LocalStack

    def told(self, path: str) -> Any:
        """Return what web tells anybody."""
        answer = requests.get(f"{self.stack.urls.web}{path}", timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def starts(self, lesson: Mapping[str, Any]) -> None:
        """Start a lesson from the list of them all."""
        if not self.panel.is_visible():
            self.hands.press(self.page.get_by_role("button", name="Lessons", exact=True))
        if self.button("All lessons").is_visible():
            self.hands.press(self.button("All lessons"))
        self.hands.press(self.panel.locator(f'[data-lesson="{lesson["lesson"]}"]'))
        heading = self.page.locator("[data-lesson-heading]")
        expect(heading).to_contain_text(f"{lesson['number']} · {lesson['title']}")
        self.hands.press(self.button("Start"))
        sure = self.panel.get_by_role("button", name="Remove it and start")
        expect(sure.or_(self.panel.locator(".lesson-step")).first).to_be_visible()
        if sure.is_visible():
            self.hands.press(sure)
        self.is_at(0)

    def counts_hands(self, counts: Mapping[str, int]) -> None:
        """Count in the hands of those who have no device, by the words of the choice."""
        self.hands.press(self.panel.get_by_text("Hands in the room"))
        for says, count in counts.items():
            field = self.panel.get_by_role("spinbutton", name=says, exact=True)
            self.hands.fill(field, str(count))
        self.hands.press(self.button("Count them in"))
        expect(self.panel).to_contain_text(f"{sum(counts.values())} hands so far.")

    def locks(self) -> None:
        """Lock the answers."""
        self.hands.press(self.button("Lock the answers"))
        expect(self.panel.locator(".question")).to_contain_text(", locked.")

    def settled(self, number: int) -> Message:
        """Return how far the lesson is, once a step has gone as far as it goes."""
        return until(lambda: self._settled(number), STEP_WITHIN_S)[0]

    def sees_what_came_of(self, step: Mapping[str, Any]) -> None:
        """Check that the page says all that came of a step."""
        if claims := step.get("claims"):
            held = self.panel.locator(".claims [data-state=held]")
            expect(held).to_have_count(len(claims))
            for row, claim in zip(held.all(), claims, strict=True):
                expect(row).to_contain_text("So it was")
                expect(row).to_contain_text(claim["says"])
        if step.get("source"):
            source = self.page.get_by_role("region", name="The source that runs")
            expect(source).to_contain_text(re.compile(r"def |class |= "))
        if table := step.get("table"):
            rows = self.panel.locator(".was-now tbody tr")
            expect(rows).to_have_count(len(table))
            for row in rows.all():
                # Was and Now; only figures have a difference.
                for at in range(2):
                    expect(row.get_by_role("cell").nth(at)).to_have_text(re.compile(r"\S"))

    def compares_both_runs(self, state: Message) -> None:
        """Look at both runs, one above the other, with the commands that the lesson has sent."""
        button = self.button("Both runs, one above the other")
        if not state["runs"]["now"]["commands"]:
            expect(button).to_be_hidden()
            return
        self.hands.press(button)
        both = self.page.get_by_role("tabpanel", name="Both runs")
        expect(both).to_be_visible()
        expect(both.locator("[data-both-lanes] > li").first).to_be_visible()

    def goes_on(self, number: int) -> None:
        """Take the room to the next step, counted from 0, once this one is done."""
        onward = self.panel.locator("[data-lesson-next].main-button:not([aria-disabled])")
        expect(onward).to_have_text("Next", timeout=WITHIN_MS)
        self.hands.press(onward)
        self.is_at(number)

    def ends(self) -> Message:
        """End the lesson with All clear, and return what that says once its sheet is shown."""
        end = self.panel.locator("footer").get_by_role("button", name="End the lesson")
        with self.page.expect_response(
            lambda it: it.request.method == "DELETE" and it.url.endswith("/lesson"),
            timeout=WITHIN_MS,
        ) as ending:
            self.hands.press(end)
        told: Message = ending.value.json()
        expect(self.panel.locator(".sheet")).to_be_visible()
        return told

    def _settled(self, number: int) -> list[Message]:
        state = self.told("/lesson")
        step = state["steps"][number]
        states = {it["state"] for it in step["actions"]}
        if state["busy"] or "doing" in states:
            return []
        # What was refused does not go on: the caller sees it.
        return [state] if step["complete"] or "failed" in states else []
