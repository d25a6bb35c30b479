"""Other read models have places on the stage while the lab keeps them; each fault is seen there."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from e2e import legible
from e2e.conftest import HOST_KEY
from e2e.support import WITHIN_MS, add, drawn, stretched_by, truth
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
    for process in ("counter", "replica"):
        until(partial(stack.accepts, process))
    yield looking
    all_clear(stack, "command-service", "relay", "projector", "counter", "replica", "links")
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
    set_switch(stack, "counter", "count", on=False)
    expect(host.locator(SIDES)).to_have_count(0, timeout=WITHIN_MS)


# One of each kind: where it stands, its button, and what the stage then says where.
KINDS = [
    ("Command service", "Publish", "Switch on", "[data-node=command-service]", "publish"),
    ("Relay", "Publish again", "Arm", "[data-node=relay]", "publish again"),
    ("Projector", "Reorder", "Arm", "[data-node=projector]", "reorder"),
    ("Projector", "Poison", "Arm", "[data-node=projector]", "poison"),
    ("Projector", "No guard", "Switch on", "[data-node=projector]", "no guard"),
    ("Relay to RabbitMQ", "Latency", "Arm", "[data-link=relay-rabbitmq]", "latency"),
    ("Replica", "Replicate", "Switch on", "[data-node=replica]", "Replica"),
]


@pytest.mark.parametrize(("place", "switch", "button", "where", "says"), KINDS)
def test_each_kind_of_fault_is_seen_at_its_place_until_it_is_cleared(
    host: Page, place: str, switch: str, button: str, where: str, says: str
) -> None:
    lab = opened(host, place, switch)
    lab.get_by_role("button", name=f"{button}: {switch}, {place}").click()
    expect(lab.locator(STATE)).to_have_attribute("data-state", "on")
    expect(host.locator(ARMED)).to_contain_text(place)
    seen = host.locator(where)
    attribute = "aria-label" if place == "Replica" else "data-lab"
    expect(seen).to_have_attribute(attribute, re.compile(says), timeout=WITHIN_MS)
    off = "Switch off" if button == "Switch on" else "Clear"
    lab.get_by_role("button", name=f"{off}: {switch}, {place}").click()
    expect(host.locator(ARMED)).to_be_hidden(timeout=WITHIN_MS)
    expect(host.locator(f"{where}[data-lab]")).to_have_count(0)


def test_a_server_is_frozen_and_a_process_is_stopped_from_the_panel(host: Page) -> None:
    for place, node in (("Projector", "projector"), ("RabbitMQ", "rabbitmq")):
        lab = host.get_by_role("complementary", name="The lab")
        if not lab.is_visible():
            lab = opened(host, place, "Freeze")
        lab.get_by_role("button", name=re.compile(f"^{place}: ")).click()
        lab.get_by_role("button", name=re.compile("^Freeze(, on)?$")).click()
        lab.get_by_role("button", name=f"Arm: Freeze, {place}").click()
        acting = host.locator(f"[data-node={node}]")
        expect(acting).to_have_attribute("data-lab", re.compile("frozen"), timeout=WITHIN_MS)
        lab.get_by_role("button", name=f"Clear: Freeze, {place}").click()
        expect(host.locator(ARMED)).to_be_hidden(timeout=WITHIN_MS)
