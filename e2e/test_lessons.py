"""Lessons on the page: played by a host and followed by a guest, and at every size looked at."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e import legible
from e2e.conftest import HOST_KEY
from e2e.recorded_lesson import CURE, CURVE_MS, DO, LESSON, WATCH, Room, message
from e2e.support import WITHIN_MS, assert_accessible, drawn, has_seen_the_tour
from e2e.test_legible import left
from stack.local import LocalStack
from tests.support import agree, until

THEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
LESSON_TEXTS = "[data-view=lessons]"
SAYS = "[data-lesson-says]"


@pytest.fixture
def room(page: Page, web_with_lab: str) -> Room:
    """A host's page without a stack, which is told how far a lesson is as a test says."""
    told = Room(page)
    page.add_init_script(f"sessionStorage.setItem('host-key', '{HOST_KEY}')")
    page.goto(web_with_lab)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    # It comes once web has said that there is a lab.
    expect(page.get_by_role("button", name="Lessons", exact=True)).to_be_visible()
    return told


@pytest.fixture
def guest(browser: Browser, stack: LocalStack) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    has_seen_the_tour(context)
    page = context.new_page()
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    yield page
    context.close()


def lesson(page: Page) -> Locator:
    return page.locator(LESSON_TEXTS)


def button(page: Page, name: str) -> Locator:
    return lesson(page).get_by_role("button", name=name, exact=True)


def at_step(page: Page, number: int) -> None:
    expect(page.locator(SAYS)).to_contain_text(f"Step {number} of", timeout=WITHIN_MS)


def go_on(page: Page, number: int) -> None:
    """Take the room to a step, counted from 1."""
    expect(page.locator("[data-lesson-next].main-button")).to_be_enabled(timeout=WITHIN_MS)
    button(page, "Next").click()
    at_step(page, number)


def test_a_host_plays_a_lesson_and_a_guest_follows_answers_and_goes_back(
    looking: Page, guest: Page, stack: LocalStack, tmp_path: Path
) -> None:
    host = looking
    host.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    host.get_by_role("button", name="Lessons", exact=True).click()
    lesson(host).get_by_role("button", name=re.compile("Twice")).click()
    button(host, "Start").click()
    sure = host.get_by_role("button", name="Remove it and start")
    expect(sure.or_(lesson(host).locator(".lesson-step")).first).to_be_visible()
    if sure.is_visible():
        sure.click()
    for page in (host, guest):
        at_step(page, 1)
        expect(page.locator("[data-pointed][data-node=rabbitmq]")).to_have_count(1)
    expect(button(guest, "Next")).to_be_hidden()
    go_on(host, 2)

    # Each answers on a device of their own; the others' answers are told once they are locked.
    at_step(guest, 2)
    guest.get_by_role("radio", name="1", exact=True).check()
    expect(lesson(host)).to_contain_text("1 answer so far.")
    host.get_by_text("Hands in the room").click()
    lesson(host).get_by_role("spinbutton", name="2", exact=True).fill("4")
    button(host, "Count them in").click()
    expect(lesson(guest)).to_contain_text("1 answer, 4 hands so far.")
    expect(lesson(guest).get_by_role("list", name="What the room said")).to_be_hidden()
    button(host, "Lock the answers").click()
    bars = lesson(guest).get_by_role("list", name="What the room said")
    expect(bars.locator("[data-mine]")).to_have_text(re.compile("^1"))
    expect(bars.locator("li").last).to_contain_text("4")

    go_on(host, 3)
    at_step(guest, 3)
    expect(lesson(guest)).to_contain_text("The host does this.")
    # A guest goes back alone, is not called away, and returns with one click.
    button(guest, "Back").click()
    at_step(guest, 2)
    button(host, "Crash it there").click()
    expect(lesson(host).locator(".actions [data-state=done]")).to_have_count(3, timeout=WITHIN_MS)
    expect(lesson(host).get_by_label("The same with curl").last).to_contain_text("curl -X POST")
    # A control of a step opens its switch, and no more of the lab than that.
    lesson(host).locator("[data-control]").first.click()
    expect(host.locator("[data-lab-switch]")).to_be_visible()
    expect(host.locator("[data-lab-map]")).to_be_hidden()
    host.get_by_role("button", name="Show the whole lab").click()
    expect(host.locator("[data-lab-map]")).to_be_visible()
    host.get_by_role("button", name="Close the lab").click()
    go_on(host, 4)
    expect(lesson(guest)).to_contain_text("The room is at step 4.")
    at_step(guest, 2)
    lesson(guest).get_by_role("button", name="Step 4, Watch, where the room is").click()
    for page in (host, guest):
        at_step(page, 4)
        expect(lesson(page).locator(".claims [data-state=held]")).to_have_count(
            3, timeout=WITHIN_MS
        )

    # A reload comes back to where it was, and follows on.
    assert "lesson=twice&step=4" in guest.url
    guest.reload()
    at_step(guest, 4)
    go_on(host, 5)
    at_step(guest, 5)
    lesson(host).get_by_role("radio", name="Milk is there once").check()
    button(host, "Lock the answers").click()
    expect(lesson(host)).to_contain_text("What happened: Milk is there once.")
    go_on(host, 6)
    expect(host.get_by_role("region", name="The source that runs")).to_contain_text("def counting")
    go_on(host, 7)
    button(host, "Lock the answers").click()
    go_on(host, 8)
    button(host, "Again, with the inbox").click()
    for page in (host, guest):
        counted = lesson(page).get_by_role("row", name=re.compile("^created, as the counter"))
        expect(counted).to_contain_text("\u22121better", timeout=WITHIN_MS)
    for number in (9, 10):
        go_on(host, number)
    button(host, "Lock the answers").click()
    expect(lesson(host)).to_contain_text(", locked.")
    lesson(host).locator("footer").get_by_role("button", name="End the lesson").click()

    # Its sheet is on each page, is saved, and is opened again.
    for page in (host, guest):
        expect(lesson(page).locator(".sheet")).to_contain_text("Was / Now / Δ", timeout=WITHIN_MS)
    button(guest, "All lessons").click()
    expect(lesson(guest).get_by_role("button", name=re.compile("Twice"))).to_contain_text(
        "Done here"
    )
    with host.expect_download() as saving:
        button(host, "Save").click()
    saved = tmp_path / "sheet.json"
    saving.value.save_as(saved)
    assert json.loads(saved.read_text())["lesson"]["lesson"] == "twice"
    guest.locator("[data-run-file]").set_input_files(saved)
    expect(guest.locator("[data-run-banner]")).to_be_visible()
    expect(lesson(guest).locator(".sheet")).to_contain_text("One todo was counted twice")
    until(lambda: agree(stack))


def test_a_lesson_is_played_with_the_keyboard_alone(room: Room) -> None:
    page = room.page
    page.locator("[data-loop]").focus()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Lessons")).to_be_focused()

    def press(name: str) -> None:
        for _ in range(30):
            focused = page.evaluate(
                "() => document.activeElement.ariaLabel ?? document.activeElement.textContent"
            )
            if focused.strip().startswith(name):
                page.keyboard.press("Enter")
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {name}")

    press("4Twice")
    expect(page.get_by_role("heading", name="4 · Twice ★")).to_be_focused()
    press("Start")
    room.until(lambda: ("lesson", {"lesson": "twice", "sure": True}) in room.asked)
    room.show(0)
    at_step(page, 1)
    press("Next")
    room.until(lambda: ("step", {"step": 1}) in room.asked)
    room.show(1)
    at_step(page, 2)
    page.keyboard.press("Shift+Tab")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    room.until(lambda: [it["answer"] for it in room.answers][-1:] == ["two"])
    press("Lock the answers")
    room.until(lambda: ("lock", {"step": 1}) in room.asked)
    room.show(2)
    # A curve: the arrows go from point to point, and move one.
    first = page.get_by_role("slider").first
    first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    expect(page.get_by_role("slider").nth(1)).to_have_attribute("aria-valuenow", "75")
    room.until(lambda: room.answers[-1]["answer"] == [1, 0.75, 0.75, 0.75, 0.75])
    room.show(DO)
    page.locator(".lesson-step h3").focus()
    press("Crash it now")
    room.until(lambda: ("act", {"step": DO}) in room.asked)
    page.keyboard.press("Escape")
    expect(lesson(page)).to_be_hidden()
    expect(page.locator("[data-loop]")).to_be_focused()
    page.keyboard.press("e")
    at_step(page, DO + 1)


def test_a_curve_is_drawn_with_the_mouse_and_with_a_finger(room: Room) -> None:
    page = room.page
    room.show(2)
    svg = page.locator(".curve svg")
    expect(svg).to_be_visible()
    box = svg.bounding_box()
    assert box is not None
    left_x, right_x = box["x"] + box["width"] * 0.16, box["x"] + box["width"] * 0.95
    top, low = box["y"] + box["height"] * 0.06, box["y"] + box["height"] * 0.78
    page.mouse.move(left_x, top)
    page.mouse.down()
    page.mouse.move(right_x, low)
    page.mouse.up()
    room.until(lambda: bool(room.answers))
    drawn_by_mouse = room.answers[-1]["answer"]
    assert len(drawn_by_mouse) == len(CURVE_MS)
    # What the mouse passed over at once is filled in.
    assert drawn_by_mouse == sorted(drawn_by_mouse, reverse=True)
    assert drawn_by_mouse[0] > 0.9
    assert drawn_by_mouse[-1] < 0.1
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    finger("touchStart", (left_x, low))
    finger("touchMove", (right_x, top))
    finger("touchEnd")
    room.until(lambda: room.answers[-1]["answer"] != drawn_by_mouse)
    drawn_by_finger = room.answers[-1]["answer"]
    assert drawn_by_finger == sorted(drawn_by_finger)
    assert drawn_by_finger[0] < 0.1
    assert drawn_by_finger[-1] > 0.9
    room.show(CURE)
    page.get_by_role("button", name=re.compile("^Step 3, Predict")).click()
    expect(page.locator(".curve .measured")).to_have_attribute("d", re.compile("^M"))
    # Once it is locked, nothing more is drawn.
    count = len(room.answers)
    svg.click()
    assert len(room.answers) == count


def test_a_link_leads_to_a_step_and_the_room_is_one_click_away(
    room: Room, web_with_lab: str
) -> None:
    page = room.page
    page.goto(f"{web_with_lab}/#lesson=twice&step=2")
    page.reload()
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(page.get_by_role("heading", name="4 · Twice ★")).to_be_visible()
    expect(button(page, "Start")).to_be_visible()
    room.show(WATCH)
    at_step(page, 2)
    expect(lesson(page)).to_contain_text("The room is at step 5.")
    assert page.url.endswith("#lesson=twice&step=2")
    # What did not come true is said, and can be run again.
    page.get_by_role("button", name="Step 5, Watch, where the room is").click()
    at_step(page, 5)
    expect(lesson(page).locator("[data-state=not-held]")).to_have_text(
        re.compile("Not so.*Seen: 0 todos")
    )
    button(page, "Run it again").click()
    room.until(lambda: ("again", None) in room.asked)
    # It shows where to look only while it is open.
    room.show(0)
    expect(page.locator("[data-node=rabbitmq][data-pointed]")).to_have_count(1)
    button(page, "Close the lessons").click()
    expect(page.locator("[data-pointed]")).to_have_count(0)
    assert "#" not in page.url
    page.get_by_role("button", name="Lab", exact=True).click()
    room.show(1)
    expect(lesson(page)).to_be_hidden()


def smallest_in_lesson(page: Page) -> float:
    """Return the smallest size of type in the panel, in CSS pixels."""
    size: float = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("[data-view=lessons] *")]
          .filter((each) => !(each instanceof SVGElement) && each.checkVisibility()
            && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
          .map((each) => parseFloat(getComputedStyle(each).fontSize)))"""
    )
    return round(size, 1)


@pytest.mark.parametrize(
    ("size", "presents"),
    [
        ((1280, 720), False),
        ((1920, 1080), False),
        ((820, 1180), False),
        ((390, 844), False),
        ((1280, 720), True),
        ((1920, 1080), True),
    ],
)
def test_it_never_covers_the_loop_can_be_read_and_axe_finds_nothing(
    room: Room, size: tuple[int, int], presents: bool
) -> None:
    page = room.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    if presents:
        page.locator("[data-present-toggle]").click()
    # On a screen of 1280 pixels, the words of the lesson are for the room, and those of the loop as
    # large as beside the lab.
    least, least_of_lesson = (14 if size[0] < 1920 else 20, 20) if presents else (12, 12)
    for step in range(len(LESSON["steps"])):
        room.show(step)
        at_step(page, step + 1)
        drawn(page)
        panel, loop = lesson(page).bounding_box(), page.locator("[data-loop]").bounding_box()
        assert panel is not None
        assert loop is not None
        is_beside = panel["x"] + panel["width"] <= loop["x"] + 1
        assert is_beside or loop["y"] + loop["height"] <= panel["y"] + 1
        if size[0] >= 1080:
            assert loop["width"] >= 0.65 * size[0]
        assert not left(lambda: legible.look(page).faults), step
        small = [it for it in legible.look(page).texts if it["size"] < least]
        assert not small, step
        assert smallest_in_lesson(page) >= least_of_lesson, step
        page.emulate_media(color_scheme=THEMES[step % 2])
        assert_accessible(page)
    room.tell(None)
    expect(lesson(page).get_by_role("list", name="All lessons")).to_contain_text("99-mine.yaml:12")
    assert_accessible(page)


def test_nothing_of_it_can_be_sent_while_a_run_from_a_file_is_shown(room: Room) -> None:
    room.show(1)
    page = room.page
    at_step(page, 2)
    told = message(1, 0)
    assert told["steps"][1]["answers"] == 0
    page.locator("[data-run-file]").set_input_files(
        {"name": "run.json", "mimeType": "application/json", "buffer": legible.busy_run().encode()}
    )
    expect(page.locator("[data-run-banner]")).to_be_visible()
    expect(lesson(page)).to_be_hidden()
