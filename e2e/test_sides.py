"""Other read models have places on the stage while the lab keeps them; each fault is seen there."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from e2e import legible
from e2e.conftest import HOST_KEY
from e2e.support import WITHIN_MS, add, drawn, lane, stretched_by, truth
from e2e.test_lab import ARMED, STATE, opened
from e2e.test_legible import left
from stack.local import LocalStack
from tests.support import agree, until
from tests.support.switches import all_clear, set_switch

SIDES = "[data-side-nodes] [data-node]"


@pytest.fixture
def host(looking: Page, stack: LocalStack) -> Iterator[Page]:
    """A page that knows the host key, with nothing kept on demand before and after."""
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    for process in ("counter", "replica", "coordinator"):
        until(partial(stack.accepts, process))
    yield looking
    places = ("command-service", "relay", "projector", "counter", "replica", "coordinator")
    all_clear(stack, *places, "links")
    until(lambda: agree(stack))


def test_the_counter_has_its_place_while_it_is_kept_and_counts_twice_after_a_crash(
    host: Page, stack: LocalStack
) -> None:
    stretched_by(host, 1)
    expect(host.locator(SIDES)).to_have_count(0)
    lab = opened(host, "Counter", "Count")
    lab.get_by_role("button", name="Switch on: Count, Counter").click()
    expect(host.locator(SIDES)).to_have_count(3)
    drawn(host)
    assert not left(lambda: [it for it in legible.look(host).faults if "counts" in it])
    # The two truths have less room beside it: their titles are whole for the room as well.
    host.locator("[data-loop]").focus()
    host.keyboard.press("p")
    drawn(host)
    assert not left(lambda: cut_titles(host))
    host.locator("[data-loop]").focus()
    host.keyboard.press("p")
    counts = host.locator("[data-node=counts] [data-says]")
    expect(counts).to_have_text(re.compile("^[0-9,]+ created$"), timeout=WITHIN_MS)
    before = int((counts.text_content() or "").split()[0].replace(",", ""))

    lab.get_by_role("button", name=re.compile("^No inbox(, on)?$")).click()
    lab.get_by_role("button", name="Switch on: No inbox, Counter").click()
    expect(host.locator("[data-node=counter]")).to_have_attribute("data-lab", "no inbox by the lab")
    lab.get_by_role("button", name=re.compile("^Crash(, on)?$")).click()
    lab.get_by_label("at", exact=True).select_option("after-write")
    lab.get_by_role("button", name="Arm: Crash, Counter").click()
    expect(lab.locator(STATE)).to_have_attribute("data-state", "on")
    todo_id = add(stack, "Once, or twice")
    expect(counts).to_have_text(f"{before + 2:,} created", timeout=WITHIN_MS)
    expect(truth(host, todo_id)).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    copies = '[data-mark][data-branch="counter"]'
    host.locator("[data-loop]").focus()
    for _ in range(20):
        host.keyboard.press("ArrowLeft")
        if host.locator(copies).count():
            break
    expect(host.locator(copies).first).to_have_attribute("data-todo-id", str(todo_id))

    host.keyboard.press("l")
    host.locator("[data-node=counts]").dispatch_event("click")
    card = host.get_by_role("dialog", name="The counts")
    expect(card.get_by_role("row")).not_to_have_count(1)
    host.keyboard.press("Escape")

    # What a paused counter does not take yet is seen to wait in its queue.
    set_switch(stack, "counter", "pause", on=True)
    waiting = host.locator(f'{copies}[data-todo-id="{add(stack, "Waits")}"]')
    expect(waiting).to_have_attribute("data-place", "counter-queue", timeout=WITHIN_MS)
    expect(waiting).to_have_attribute("data-injected", "pause")
    set_switch(stack, "counter", "pause", on=False)
    expect(waiting).to_have_count(0, timeout=WITHIN_MS)
    set_switch(stack, "counter", "count", on=False)
    expect(host.locator(SIDES)).to_have_count(0, timeout=WITHIN_MS)


def cut_titles(page: Page) -> list[str]:
    """Return the titles of the two truths that are not whole."""
    titles: list[str] = page.locator(".centre thead [data-of]").evaluate_all(
        """(all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map((each) => each.textContent)"""
    )
    return titles


def test_the_coordinator_is_on_the_stage_while_it_has_a_saga_or_something_is_on(
    host: Page, stack: LocalStack
) -> None:
    expect(host.locator(SIDES)).to_have_count(0)
    lab = opened(host, "Coordinator", "Hold")
    lab.get_by_role("button", name="Arm: Hold, Coordinator").click()
    expect(host.locator(SIDES)).to_have_count(2)
    set_switch(stack, "coordinator", "book", on=True, first="The flight", second="The hotel")
    node = host.locator("[data-node=coordinator]")
    expect(node).to_have_attribute("aria-label", re.compile("1 saga open"), timeout=WITHIN_MS)
    expect(node).to_have_attribute("data-lab", re.compile("holding 1"), timeout=WITHIN_MS)
    expect(host.locator("[data-node=sagas]")).to_have_attribute("data-holding", "")
    for width, height in ((1280, 720), (390, 844)):
        host.set_viewport_size({"width": width, "height": height})
        drawn(host)
        texts = ("Coordinator", "its notes", "saga")
        faults = [it for it in legible.look(host).faults if any(each in str(it) for each in texts)]
        assert not faults
    host.set_viewport_size({"width": 1280, "height": 720})
    lab.get_by_role("button", name="Clear: Hold, Coordinator").click()
    expect(node).to_have_attribute("aria-label", re.compile("no saga open"), timeout=WITHIN_MS)
    node.dispatch_event("click")
    card = host.get_by_role("dialog", name="Coordinator")
    card.get_by_role("group", name="Break it here").get_by_role("button", name="Crash").click()
    expect(lab.get_by_role("heading", level=3)).to_contain_text("Crash")


# Of each kind: the place, the part of the stage where it is seen, and the switches. What acts from
# outside, holds and crashes have tests of their own.
KINDS = {
    "Command service": (
        "[data-node=command-service]",
        ["Publish", "Eat answer", "Newer events", "Wrong clock"],
    ),
    "Relay": ("[data-node=relay]", ["Publish again", "Cursor", "No confirms"]),
    "Projector": (
        "[data-node=projector]",
        ["Reorder", "Redeliver", "Poison", "Reader", "No guard", "No dead letters", "Prefetch"],
    ),
    "Relay to RabbitMQ": ("[data-link=relay-rabbitmq]", ["Latency", "Timeout", "Reset peer"]),
    "Replica": ("[data-node=replica]", ["Replicate"]),
}


@pytest.mark.parametrize("place", KINDS)
def test_each_kind_of_fault_is_seen_at_its_place_until_it_is_cleared(
    host: Page, place: str
) -> None:
    where, switches = KINDS[place]
    lab = opened(host, place, switches[0])
    for switch in switches:
        name = re.compile(f"^{switch}(, on)?$")
        lab.get_by_role("button", name=name).click()
        lab.get_by_role("button", name=re.compile(f"^(Arm|Switch on): {switch}, ")).click()
        expect(lab.locator(STATE)).to_have_attribute("data-state", "on")
        expect(host.locator(ARMED)).to_contain_text(place)
        attribute, says = ("aria-label", "Replica") if place == "Replica" else ("data-lab", switch)
        expect(host.locator(where)).to_have_attribute(
            attribute, re.compile(says, re.IGNORECASE), timeout=WITHIN_MS
        )
        lab.get_by_role("button", name=re.compile(f"^(Clear|Switch off): {switch}, ")).click()
        expect(host.locator(ARMED)).to_be_hidden(timeout=WITHIN_MS)
        expect(host.locator(f"{where}[data-lab]")).to_have_count(0)


def test_whoever_waits_for_a_process_that_is_stopped_or_killed_is_held_up_by_the_lab(
    host: Page, stack: LocalStack
) -> None:
    stretched_by(host, 1)
    lab = opened(host, "Projector", "Stop")
    projector = host.locator("[data-node=projector]")
    lab.get_by_role("button", name="Arm: Stop, Projector").click()
    try:
        expect(projector).to_have_attribute("data-lab", re.compile("stopped"), timeout=WITHIN_MS)
        waiting = add(stack, "Waits for it")
        mark = host.locator(f'[data-mark][data-todo-id="{waiting}"]')
        expect(mark).to_have_attribute("data-injected", "stop", timeout=WITHIN_MS)
        expect(mark).to_have_attribute("data-place", "queue")
        lab.get_by_role("button", name="Clear: Stop, Projector").click()
        expect(lab.locator(STATE)).to_have_text("fired once, then cleared by hand")
        injected_into(host, waiting, "stop")
    finally:
        stack.start_program("projector")
    lab.get_by_role("button", name="Kill", exact=True).click()
    lab.get_by_role("button", name="Do it: Kill, Projector").click()
    expect(lab.locator(STATE)).to_contain_text("fired once")
    injected_into(host, add(stack, "Waits for the next one"), "kill")


def injected_into(page: Page, todo_id: int, fault: str) -> None:
    """Expect the lane of a todo to have its time in the queue hatched."""
    of_todo = lane(page, todo_id)
    expect(of_todo).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    expect(of_todo.locator("[data-segment=queue] [data-injected]")).to_have_count(1)
    expect(of_todo.locator("[data-segment=queue]")).to_have_attribute("title", re.compile(fault))
    expect(of_todo.locator(".total")).to_contain_text("injected")


def test_servers_and_a_process_are_frozen_from_the_panel(host: Page) -> None:
    says = host.locator("[data-truths-say]")
    for place, node in (
        ("Projector", "projector"),
        ("RabbitMQ", "rabbitmq"),
        ("MongoDB", "mongodb"),
        ("PostgreSQL", "postgresql"),
    ):
        lab = host.get_by_role("complementary", name="The lab")
        if not lab.is_visible():
            lab = opened(host, place, "Freeze")
        lab.get_by_role("button", name=re.compile(f"^{place}: ")).click()
        lab.get_by_role("button", name=re.compile("^Freeze(, on)?$")).click()
        lab.get_by_role("button", name=f"Arm: Freeze, {place}").click()
        acting = host.locator(f"[data-node={node}]")
        expect(acting).to_have_attribute("data-lab", re.compile("frozen"), timeout=WITHIN_MS)
        if place in {"MongoDB", "PostgreSQL"}:
            # What it holds is what it held, and not what it holds now.
            expect(says).to_contain_text(f"{place} is frozen, as of ", timeout=WITHIN_MS)
        lab.get_by_role("button", name=f"Clear: Freeze, {place}").click()
        expect(host.locator(ARMED)).to_be_hidden(timeout=WITHIN_MS)
