"""Each lesson is played on the page from its first to its last step, and what it claims is so.

What a lesson has to leave in stores, queues and traces is in `checks_*.py`: CHECKS has a function
for a lesson's step, which is called once that step is over.
"""

import importlib
import io
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from e2e.conftest import HOST_KEY
from e2e.lessons.answers import answer_to, right_answer
from e2e.lessons.hands import Keys, Mouse
from e2e.lessons.teacher import Message, Reader, Teacher
from e2e.support import assert_accessible, has_seen_the_tour, stretched_by
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import until
from tests.support.terminal import run_to_end

Check = Callable[[LocalStack, dict[str, Any]], None]
HERE = Path(__file__).parent
LESSONS = [it.stem.partition("-")[2] for it in sorted((ROOT / "lessons").glob("*.yaml"))]
CHECKS: dict[tuple[str, int], Check] = {
    key: check
    for file in sorted(HERE.glob("checks_*.py"))
    for key, check in importlib.import_module(f"{__package__}.{file.stem}").CHECKS.items()
}
# Played with the keys alone; it has a curve to draw, choices, a cure and a table.
BY_KEYS = "the-window"
# A guest answers on a device of their own, and hands are counted.
WITH_A_GUEST = "dual-write"
# Looked at by axe at each step in both themes; the others in one.
IN_BOTH_THEMES = "pressure"
# Its sheet is saved, and run again from a terminal.
RUN_AGAIN = "twice"
# The room is shown it slowly, as by default, and told what held once it has seen it.
SLOWLY = "twice"
HANDS = 4
RIGHT_IS = re.compile("^(What happened|The answer): .")
pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def at_page(browser: Browser, stack: LocalStack) -> Iterator[Page]:
    """The host's page, on which one lesson follows the other."""
    for place in ("counter", "replica", "coordinator", "links"):
        until(lambda: stack.accepts(place))  # noqa: B023
    with browser.new_context(viewport={"width": 1280, "height": 720}) as context:
        has_seen_the_tour(context)
        page = context.new_page()
        page.add_init_script(f"sessionStorage.setItem('host-key', '{HOST_KEY}')")
        page.goto(stack.urls.web)
        expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live"))
        yield page


@pytest.fixture
def at_sound_page(at_page: Page, stack: LocalStack) -> Iterator[Page]:
    """The same page; errors in it fail the test, and a lesson that was broken off is ended."""
    problems: list[str] = []
    note = lambda error: problems.append(str(error))  # noqa: E731
    at_page.on("pageerror", note)
    yield at_page
    at_page.remove_listener("pageerror", note)
    host = Teacher(at_page, Mouse(at_page), stack)
    if host.told("/lesson"):
        host.button("End the lesson").last.click()
        expect(host.panel.locator(".sheet")).to_be_visible()
    assert not problems


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_comes_true_on_the_page_from_its_first_step_to_its_last(
    at_sound_page: Page, browser: Browser, stack: LocalStack, tmp_path: Path, lesson: str
) -> None:
    page = at_sound_page
    stretched_by(page, 300 if lesson == SLOWLY else 1)
    host = Teacher(page, Keys(page) if lesson == BY_KEYS else Mouse(page), stack)
    document = host.told(f"/lessons/{lesson}")
    knows = document["number"] % 2 == 0
    if lesson == BY_KEYS:
        page.reload()
        page.keyboard.press("Tab")
    host.starts(document)
    with ExitStack() as open_pages:
        guest = open_pages.enter_context(Guest(browser, stack)) if lesson == WITH_A_GUEST else None
        for number, step in enumerate(document["steps"]):
            if number:
                host.goes_on(number)
            if "ask" in step:
                answered(host, guest, lesson, number, step, knows=knows)
            if step["kind"] in {"do", "cure"}:
                host.hands.press(host.button(step["button"]))
            state = host.settled(number)
            played = state["steps"][number]
            assert not failed(played), step["title"]
            assert not unheld(played), step["title"]
            if check := CHECKS.get((lesson, number)):
                check(stack, state)
            host.sees_what_came_of(step)
            if step.get("table"):
                host.compares_both_runs(state)
            looked_at(page, lesson)
    judged = host.told("/lesson")["steps"]
    sees_who_was_right(host, lesson, document, judged, knows=knows)
    told = host.ends()
    assert told["agree"], told
    for text in (host.panel.locator(".sheet").inner_text(), printed(page)):
        assert_evidence(text, document, judged)
    if lesson == RUN_AGAIN:
        assert_runs_again(host, tmp_path / "sheet.json")


def test_each_check_is_of_a_step_that_there_is(stack: LocalStack, at_page: Page) -> None:
    host = Teacher(at_page, Mouse(at_page), stack)
    for lesson, number in CHECKS:
        assert number < len(host.told(f"/lessons/{lesson}")["steps"])


class Guest:
    """A reader with a phone and without the key; a context, which closes the phone's page."""

    def __init__(self, browser: Browser, stack: LocalStack) -> None:
        self._context = browser.new_context(viewport={"width": 390, "height": 844})
        has_seen_the_tour(self._context)
        self._address = stack.urls.web

    def __enter__(self) -> Reader:
        page = self._context.new_page()
        page.goto(self._address)
        return Reader(page, Mouse(page))

    def __exit__(self, *_: object) -> None:
        self._context.close()


def answered(
    host: Teacher,
    guest: Reader | None,
    lesson: str,
    number: int,
    step: Mapping[str, Any],
    *,
    knows: bool,
) -> None:
    """Answer a step's question as host and guest, one right and one wrong, and lock it."""
    asked = step["ask"]
    host.answer(asked, answer_to(lesson, number, asked, knows=knows))
    if guest:
        guest.is_at(number)
        guest.answer(asked, answer_to(lesson, number, asked, knows=not knows))
        expect(guest.button("Lock the answers")).to_have_count(0)
        expect(host.panel).to_contain_text("2 answers so far.")
        host.counts_hands({asked["choices"][0]["says"]: HANDS})
    host.locks()
    if guest:
        bars = guest.panel.get_by_role("list", name="What the room said")
        expect(bars.locator("li").first.locator("b")).to_have_text(re.compile(f"[{HANDS}-6]"))
        expect(bars.locator("[data-mine]")).to_have_count(1)


def sees_who_was_right(
    host: Teacher,
    lesson: str,
    document: Message,
    judged: list[Message],
    *,
    knows: bool,
) -> None:
    """Look back at each question, and check that the page says whether the answer was right."""
    for number, step in enumerate(document["steps"]):
        if "ask" not in step:
            continue
        asked, played = step["ask"], judged[number]
        assert played["judged"], step["title"]
        assert played["right"] is not None, step["title"]
        right = right_answer(lesson, number, asked)
        if right is not None:
            assert played["right"] == right, step["title"]
        host.looks_back(number)
        if "curve" in asked:
            expect(host.panel.locator(".curve .measured")).to_have_attribute(
                "d", re.compile("^M|^$")
            )
            expect(host.panel.locator(".curve .mine")).to_have_attribute("d", re.compile("^M"))
        elif "choices" in asked:
            mine = host.panel.locator(".bars [data-mine]")
            expect(mine).to_contain_text("yours")
            if right is not None:
                both = host.panel.locator(".bars [data-mine][data-right]")
                expect(both).to_have_count(1 if knows else 0)
            expect(host.panel.locator(".bars [data-right]")).to_have_count(1)
            expect(host.panel.locator(".right")).to_have_text(RIGHT_IS)
        else:
            expect(host.panel.locator(".right")).to_have_text(RIGHT_IS)
    last = len(document["steps"]) - 1
    if not host.page.locator(f'button[data-step="{last}"][aria-current]').count():
        host.looks_back(last)


# What has been looked at: a lesson, the kind of a step, and what it asks.
SEEN: set[tuple[str, str]] = set()


def looked_at(page: Page, lesson: str) -> None:
    """Have axe look at the lesson's panel, once for each kind of step of each lesson."""
    shown = page.locator(".lesson-step")
    kind = shown.get_attribute("data-kind")
    assert kind is not None
    if (lesson, kind) in SEEN:
        return
    SEEN.add((lesson, kind))
    assert_accessible(page, "[data-view=lessons]")
    if lesson == IN_BOTH_THEMES:
        page.emulate_media(color_scheme="light")
        assert_accessible(page, "[data-view=lessons]")
        page.emulate_media(color_scheme=None)


def printed(page: Page) -> str:
    """Print the page, and return the words on the paper."""
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    return "\n".join(it.extract_text() for it in paper.pages)


def assert_evidence(text: str, document: Message, judged: list[Message]) -> None:
    """Check that a sheet has what was asked and answered, what was claimed, and the table."""

    def bare(words: str) -> str:
        # On paper, lines break elsewhere, and some letters are one sign.
        return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words))

    def has(says: str) -> None:
        assert bare(says) in bare(text), says

    for step, played in zip(document["steps"], judged, strict=True):
        if asked := step.get("ask"):
            has(asked["question"])
            for choice in asked.get("choices", []):
                if count := played["of"].get(choice["value"], 0):
                    more = played["hands"].get(choice["value"], 0)
                    has(f"{choice['says']}: {count + more}")
        for claim in step.get("claims", []):
            has(f"So it was: {claim['says']}")
        for name in step.get("table", []):
            has("Was / Now / Δ")
            has(document["facts"][name]["says"])


def assert_runs_again(host: Teacher, file: Path) -> None:
    """Save the sheet, and play its run again from a terminal."""
    with host.page.expect_download() as saving:
        host.hands.press(host.button("Save"))
    saving.value.save_as(file)
    program = [sys.executable, "-m", "web.rerun", str(file), "--url", host.stack.urls.web]
    status, text = run_to_end(program, {"HOST_KEY": host.stack.host_key})
    assert status == 0, text
    assert re.search(r"It is over: [1-9][0-9]* commands? sent\.", text), text


def unheld(step: Message) -> list[str]:
    """Return the claims of a step that did not come true, with what was seen."""
    return [
        f"{it['says']} {it['state']}: {it['seen']}"
        for it in step["claims"]
        if it["state"] != "held"
    ]


def failed(step: Message) -> list[str]:
    """Return the actions of a step that were not carried out, with what was answered."""
    return [f"{it['says']}: {it['answer']}" for it in step["actions"] if it["state"] != "done"]
