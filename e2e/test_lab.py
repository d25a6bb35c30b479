"""The lab's panel: something is broken from the page, for all to see, and put right again."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e import legible
from e2e.conftest import HOST_KEY
from e2e.support import WITHIN_MS, add, assert_accessible, drawn, has_seen_the_tour, truth
from e2e.test_legible import left
from stack.local import LocalStack
from tests.support import agree, until
from tests.support.switches import all_clear, set_switch

THEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
ARMED = "[data-view=armed]"
STATE = "[data-lab-state]"
# Notes what people hear who cannot see the page.
READ_OUT = """() => {
  window.said = [];
  const region = document.querySelector("[data-summary]");
  const observed = { childList: true, characterData: true, subtree: true };
  new MutationObserver(() => window.said.push(region.textContent)).observe(region, observed);
}"""
SUMMARY = "Consistent: reads show all that was acknowledged. "
SIZES = [(1280, 720), (1920, 1080), (820, 1180), (390, 844)]


@pytest.fixture
def host(looking: Page, stack: LocalStack) -> Iterator[Page]:
    """A page that knows the host key, with no switch on before and after."""
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    yield looking
    all_clear(stack, "relay", "projector")


@pytest.fixture
def guest(browser: Browser, stack: LocalStack) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    has_seen_the_tour(context)
    page = context.new_page()
    page.goto(stack.urls.web)
    expect(page.get_by_role("button", name="Lab", exact=True)).to_be_visible()
    yield page
    context.close()


def opened(page: Page, place: str, switch: str) -> Locator:
    """Open the lab at a switch, and return the panel."""
    page.get_by_role("button", name="Lab", exact=True).click()
    lab = page.get_by_role("complementary", name="The lab")
    lab.get_by_role("button", name=re.compile(f"^{place}: ")).click()
    lab.get_by_role("button", name=re.compile(f"^{switch}(, on)?$")).click()
    expect(lab.get_by_role("heading", level=3)).to_contain_text(switch)
    return lab


def test_a_hold_is_armed_fires_is_looked_at_and_released(
    host: Page, guest: Page, stack: LocalStack
) -> None:
    lab = opened(host, "Projector", "Hold")
    expect(lab.locator(STATE)).to_have_text(re.compile("^(off|cleared)"))
    lab.get_by_label("at", exact=True).select_option("before-write")
    lab.get_by_label("The same with curl").focus()
    expect(lab.get_by_label("The same in a terminal")).to_contain_text("set projector hold on")
    lab.get_by_role("button", name="Arm: Hold, Projector").click()
    expect(lab.locator("[data-lab-problem]")).to_have_text("")
    expect(lab.locator(STATE)).to_have_text(re.compile(r"^armed, 10 min left$"))
    # The room sees it, and what is left of its time.
    for page in (host, guest):
        expect(page.locator(ARMED)).to_contain_text("Projector")
        expect(page.locator(ARMED)).to_contain_text("hold before write")
        expect(page.locator(ARMED)).to_contain_text("10 min left")

    todo_id = add(stack, "Held up")
    expect(lab.locator(STATE)).to_contain_text("fired once", timeout=WITHIN_MS)
    held = lab.get_by_role("list", name="What is held")
    expect(held).to_contain_text(f"Held up (#{todo_id}), before write, for ")
    expect(truth(host, todo_id)).to_have_attribute("data-state", "missing", timeout=WITHIN_MS)

    held.get_by_role("button", name="Release").click()
    expect(held).to_be_hidden()
    expect(lab.locator(STATE)).to_contain_text("fired once, then cleared")
    expect(truth(host, todo_id)).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    for page in (host, guest):
        expect(page.locator(ARMED)).to_be_hidden(timeout=WITHIN_MS)

    # Going back shows that it was on; the panel goes on to show what is so now.
    host.locator("[data-loop]").focus()
    for _ in range(12):
        host.keyboard.press("ArrowLeft")
        if host.locator(ARMED).is_visible():
            break
    expect(host.locator(ARMED)).to_contain_text("hold before write")
    expect(lab.locator("[data-lab-moment]")).to_contain_text("As it is now; the stage shows")
    expect(lab.locator(STATE)).to_contain_text("cleared")


def test_a_guest_sees_all_of_it_and_changes_nothing(guest: Page, stack: LocalStack) -> None:
    lab = opened(guest, "Projector", "Pause")
    lab.get_by_role("button", name="Arm: Pause, Projector").click()
    dialog = guest.get_by_role("dialog", name="This needs the host key")
    dialog.get_by_role("button", name="Cancel").click()
    expect(lab).to_contain_text("Nothing was changed: this needs the host key.")
    try:
        set_switch(stack, "projector", "pause", on=True, for_s=490)
        expect(lab.locator(STATE)).to_have_text("fired once, 8 min left")
        expect(guest.locator(ARMED)).to_contain_text("Projector")
    finally:
        set_switch(stack, "projector", "pause", on=False)
    expect(lab.locator(STATE)).to_have_text("fired once, then cleared by hand")


def test_a_value_is_set_as_typed_and_what_is_not_right_is_said(
    host: Page, stack: LocalStack
) -> None:
    lab = opened(host, "Relay", "Slow")
    delay = lab.get_by_label("delay", exact=True)
    delay.fill("70000")
    lab.get_by_role("button", name="Arm: Slow, Relay").click()
    assert delay.evaluate("(field) => !field.validity.valid && field === document.activeElement")
    delay.fill("250")
    lab.get_by_role("button", name="Arm: Slow, Relay").click()
    expect(lab.locator(STATE)).to_have_attribute("data-state", "on")
    relay = host.locator("[data-node=relay] [data-lab-says]")
    expect(relay).to_contain_text("slowed 250 ms")
    # What is set elsewhere is shown here, and setting it again replaces it.
    set_switch(stack, "relay", "slow", on=True, delay_ms=300)
    expect(delay).to_have_value("300")
    delay.fill("200")
    lab.get_by_role("button", name="Arm again: Slow, Relay").click()
    expect(relay).to_contain_text("slowed 200 ms")
    lab.get_by_role("button", name="Clear: Slow, Relay").click()
    expect(lab.locator(STATE)).to_contain_text("cleared by hand")


def focused(page: Page) -> str:
    """Return the name of what has the focus."""
    name: str = page.evaluate(
        "() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? ''"
    )
    return name


def go_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press a key until something with that name has the focus, and then Enter."""
    for _ in range(40):
        if focused(page).startswith(name):
            page.keyboard.press("Enter")
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {name}, but to {focused(page)}")


def test_all_of_it_works_with_the_keyboard_and_is_read_out(host: Page) -> None:
    host.evaluate(READ_OUT)
    loop = host.locator("[data-loop]")
    loop.focus()
    host.keyboard.press("b")
    lab = host.get_by_role("complementary", name="The lab")
    expect(lab.get_by_role("heading", name="The lab")).to_be_focused()
    expect(lab.get_by_role("button", name=re.compile("^Projector: "))).to_be_visible()
    host.keyboard.press("Tab")
    host.keyboard.press("Tab")
    go_to(host, "Projector:", "ArrowDown")
    go_to(host, "Pause")
    go_to(host, "Arm: Pause, Projector")
    expect(lab.locator(STATE)).to_have_attribute("data-state", "on")
    go_to(host, "Clear: Pause, Projector")
    said = "Projector: pause, armed. Projector: pause, fired once, then cleared by hand."
    until(
        lambda: (
            host.evaluate("() => window.said.filter((it) => it.startsWith('Proj')).join(' ')")
            == said
        )
    )
    host.keyboard.press("Escape")
    expect(lab).to_be_hidden()
    expect(loop).to_be_focused()


def test_a_node_and_a_link_offer_what_can_be_broken_there(host: Page) -> None:
    host.locator("[data-node=projector]").dispatch_event("click")
    card = host.get_by_role("dialog", name="Projector")
    card.get_by_role("group", name="Break it here").get_by_role("button", name="Hold").click()
    expect(card).to_be_hidden()
    lab = host.get_by_role("complementary", name="The lab")
    expect(lab.get_by_role("heading", level=3)).to_have_text("Hold fault, projector")
    expect(lab.get_by_role("heading", level=3)).to_be_focused()
    host.locator("[data-pipe='relay queue']").dispatch_event("click")
    expect(host.get_by_role("dialog", name="From the relay to RabbitMQ")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_the_panel_can_be_read_and_axe_finds_nothing(
    host: Page, stack: LocalStack, size: tuple[int, int]
) -> None:
    host.set_viewport_size({"width": size[0], "height": size[1]})
    set_switch(stack, "relay", "pause", on=True)
    lab = opened(host, "Projector", "Crash")
    lab.get_by_text("Only for…").click()
    expect(host.locator(ARMED)).to_be_visible()
    box, loop = lab.bounding_box(), host.locator("[data-loop]").bounding_box()
    assert box is not None
    assert loop is not None
    if size[0] >= 1080:
        drawn(host)
        loop = host.locator("[data-loop]").bounding_box()
        assert loop is not None
        assert loop["y"] + loop["height"] <= box["y"] + 1
    for theme in THEMES:
        host.emulate_media(color_scheme=theme)
        drawn(host)
        assert_accessible(host)
    assert not left(lambda: legible.look(host).faults)
    assert not [text for text in legible.look(host).texts if text["size"] < 12]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_room_reads_what_is_armed_and_the_presenter_sets_it(
    host: Page, stack: LocalStack, size: tuple[int, int]
) -> None:
    host.set_viewport_size({"width": size[0], "height": size[1]})
    host.locator("[data-present-toggle]").click()
    drawn(host)
    before = host.locator("[data-loop]").bounding_box()
    set_switch(stack, "relay", "pause", on=True)
    armed = host.locator(ARMED)
    expect(armed).to_contain_text("Relay")
    drawn(host)
    # Nothing moves, and it can be read from the back row.
    assert host.locator("[data-loop]").bounding_box() == before
    least = min(t["size"] for t in legible.look(host).texts if t["text"] in {"Relay", "pause"})
    assert least >= 20
    assert not left(lambda: legible.look(host).faults)
    host.locator("[data-loop]").focus()
    host.keyboard.press("b")
    lab = host.get_by_role("complementary", name="The lab")
    lab.get_by_role("button", name=re.compile("^Relay: ")).click()
    lab.get_by_role("button", name="Pause, on").click()
    drawn(host)
    assert_accessible(host)
    box, loop = lab.bounding_box(), host.locator("[data-loop]").bounding_box()
    assert box is not None
    assert loop is not None
    assert loop["y"] + loop["height"] <= box["y"] + 1
    small = [t for t in legible.look(host).texts if t["size"] < 14]
    assert not small
    lab.get_by_role("button", name="Clear: Pause, Relay").click()
    expect(armed).to_be_hidden(timeout=WITHIN_MS)
    until(lambda: agree(stack))
