"""Many events at once: the marks can be read, nothing overlaps, and the numbers are exact."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.crowd import AT_MS, WAY, crowd, journey, show
from e2e.support import drawn
from stack.local import LocalStack

SIZES = [(1280, 720), (1920, 1080), (390, 844), (3840, 2160)]
# 300 events in every possible place, with four-digit ids. And as many as fit, with two-digit ids.
BURST = (
    {"received": 3, "committed": 60, "picked-up": 28, "confirmed": 110, "delivered": 9}
    | {"projected": 50},
    {"committed": 8, "picked-up": 8, "confirmed": 8, "delivered": 8, "projected": 8},
)
FEW = (
    {"received": 1, "committed": 5, "confirmed": 26, "delivered": 1, "projected": 2},
    {"committed": 1, "picked-up": 1, "confirmed": 1, "delivered": 1, "projected": 1},
)
NONE: dict[str, int] = {}
ALL_MOVE = (NONE, dict.fromkeys(WAY[1:], 12))

# Everything drawn on the stage that overlaps by a pixel or more; how many marks are drawn, and how
# many are shown as numbers.
LOOK = """
() => {
  const found = [];
  const add = (name, box) => { if (box.width && box.height) found.push([name, box]); };
  const written = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const marks = [...document.querySelectorAll("[data-mark]:not([hidden])")];
  for (const mark of marks) {
    add(`mark ${mark.dataset.todoId}`, mark.querySelector("[data-body]").getBoundingClientRect());
    const word = mark.querySelector("[data-word]");
    if (word.textContent) add(`word of ${mark.dataset.todoId}`, written(word));
  }
  const folds = [...document.querySelectorAll("[data-undrawn]")].filter((fold) => fold.textContent);
  for (const fold of folds) add(`${fold.textContent} at ${fold.dataset.fold}`, written(fold));
  const texts = "[data-node] text, [data-label]:not([hidden]) text";
  for (const text of document.querySelectorAll(texts)) {
    if (text.textContent) add(`text ${text.textContent}`, text.getBoundingClientRect());
  }
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const overlaps = found.flatMap(([name, box], index) => found.slice(index + 1)
    .filter(([, other]) => meet(box, other)).map(([other]) => `${name} | ${other}`));
  const number = marks[0]?.querySelector("[data-number]");
  return {
    overlaps,
    marks: marks.length,
    counted: folds.reduce((sum, fold) => sum + Number(fold.textContent.replace(/[^0-9]/g, "")), 0),
    unsaid: folds.filter((fold) => !fold.title.includes(fold.textContent.slice(1))).length,
    type_px: number ? parseFloat(getComputedStyle(number).fontSize)
      * marks[0].querySelector("svg").getBoundingClientRect().height / 40 : 0,
    wide: document.documentElement.scrollWidth - innerWidth,
  };
}
"""


def looked(page: Page) -> dict[str, Any]:
    got: dict[str, Any] = page.evaluate(LOOK)
    return got


@pytest.fixture
def looking(page: Page, stack: LocalStack) -> Page:
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("standing", "moving", "first"),
    [(*BURST, 1180), (*FEW, 4), (*ALL_MOVE, 95), (*ALL_MOVE, 11000)],
)
def test_in_a_crowd_nothing_overlaps_and_every_event_is_drawn_or_counted(
    looking: Page,
    size: tuple[int, int],
    standing: dict[str, int],
    moving: dict[str, int],
    first: int,
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    show(looking, crowd(standing, moving, first=first))
    got = looked(looking)
    assert got["overlaps"] == []
    assert got["wide"] <= 0
    assert got["marks"] + got["counted"] == sum(standing.values()) + sum(moving.values())
    assert got["unsaid"] == 0
    assert 15 <= got["marks"] <= 60
    # A run does not depend on what the live stack holds.
    compared = looking.locator("[data-truth]").evaluate_all(
        "(rows) => rows.map((row) => Number(row.dataset.truth))"
    )
    assert all(todo_id >= first for todo_id in compared)


def test_four_digit_ids_are_large_enough_to_read(looking: Page, stack: LocalStack) -> None:
    show(looking, crowd({"confirmed": 3}, {}, first=1180))
    # A run's banner takes room from the stage; live, there is no banner.
    looking.locator("[data-run-banner]").evaluate("(banner) => { banner.hidden = true; }")
    looking.wait_for_function(f"() => ({LOOK})().type_px >= 15")


def test_the_queue_draws_as_many_marks_as_fit_in_the_order_they_wait(
    looking: Page,
) -> None:
    run = crowd({"confirmed": 26}, {}, first=10)
    show(looking, run)
    places = looking.evaluate(
        """() => [...document.querySelectorAll("[data-mark][data-place=queue]:not([hidden])")]
          .map((mark) => [mark.getBoundingClientRect(), mark])
          .sort(([a], [b]) => Math.round(b.bottom - a.bottom) || b.right - a.right)
          .map(([, mark]) => mark.dataset.eventId)"""
    )
    assert len(places) == 26
    # The event that was confirmed first stands nearest to the way out.
    waiting = [way for way in json.loads(run)["journeys"] if way["hops"][-1]["hop"] == "confirmed"]
    waiting.sort(key=lambda way: way["hops"][-1]["at_ms"])
    assert places == [way["event_id"] for way in waiting]


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)])
def test_a_resize_while_paused_puts_everything_back_in_its_place(
    looking: Page, size: tuple[int, int]
) -> None:
    show(looking, crowd(*BURST, first=1180))
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    looking.wait_for_function(f"() => ({LOOK})().overlaps.length === 0 && ({LOOK})().wide <= 0")
    got = looked(looking)
    assert got["marks"] + got["counted"] == sum(BURST[0].values()) + sum(BURST[1].values())


@pytest.mark.parametrize("size", SIZES)
def test_an_unknown_figure_is_a_dash_that_says_why(looking: Page, size: tuple[int, int]) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    show(looking, crowd({"confirmed": 1}, {}))
    for name in ("relay", "projector", "postgresql"):
        node = looking.locator(f"[data-node={name}]")
        expect(node.locator("[data-says]")).to_have_text("\N{EN DASH}")
        expect(node.locator("title")).to_have_text("not heard of yet")
        expect(node).to_have_accessible_name(re.compile("not heard of yet"))


@pytest.mark.parametrize("size", SIZES)
def test_a_lane_shows_its_id_and_each_figure_whole_or_not_at_all(
    looking: Page, size: tuple[int, int]
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    show(looking, crowd(*FEW, first=1180))
    looking.locator("[data-segment]:not(:empty)").first.wait_for()
    cut = looking.evaluate(
        """() => [...document.querySelectorAll(".lane .who b, [data-segment]:not(:empty)")]
          .filter((element) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            const frame = element.closest(".who") ?? element;
            const [text, room] = [range, frame].map((each) => each.getBoundingClientRect());
            return text.right > room.right + 0.5 || text.left < room.left - 0.5;
          }).map((element) => element.textContent)"""
    )
    assert cut == []


# How far each drawn segment in sight reaches beyond its lane, in px, and what the axis ends with.
BEYOND = """
() => {
  const list = document.querySelector("[data-lanes]").getBoundingClientRect();
  const inSight = [...document.querySelectorAll("[data-lane]")].filter((lane) => {
    const { top, bottom } = lane.getBoundingClientRect();
    return bottom > list.top + 1 && top < list.bottom - 1;
  });
  const beyond = inSight.flatMap((lane) => {
    const track = lane.querySelector("[data-track]").getBoundingClientRect();
    return [...lane.querySelectorAll("[data-segment]")].map((segment) =>
      Math.max(0, segment.getBoundingClientRect().right - track.right));
  });
  return { lanes: inSight.length, beyond: Math.max(...beyond) };
}
"""


def test_bars_fit_their_axis_however_far_the_lanes_are_scrolled(looking: Page) -> None:
    took_ms = [59_500.0] * 6 + [700.0] * 6 + [40.0] * 8
    ways = []
    for number, ms in enumerate(took_ms):
        at_ms = AT_MS + number * 60_000
        ways.append(journey(number + 1, [("received", at_ms), ("seen", at_ms + ms)]))
    run = {"format": "eventually-run", "version": 1, "at_ms": AT_MS, "journeys": ways}
    show(looking, json.dumps({**run, "reads": [], "probes": []}))
    looking.locator("[data-loop]").focus()
    looking.keyboard.press("End")
    lanes = looking.locator("[data-lanes]")
    newest = looking.get_by_role("button", name="Back to the newest")
    expect(newest).to_be_hidden()
    for to, axis in (
        ("0", "50.0 ms"),
        ("scrollHeight * 0.45", "700 ms"),
        ("scrollHeight", "70.0 s"),
    ):
        lanes.evaluate(f"(list) => {{ const {{ scrollHeight }} = list; list.scrollTop = {to}; }}")
        says = f"0 to {axis} after the command"
        expect(looking.locator("[data-axis-says]")).to_have_text(says)
        got = looking.evaluate(BEYOND)
        assert got["lanes"] >= 3
        assert got["beyond"] <= 1
    newest.click()
    expect(newest).to_be_hidden()
    assert lanes.evaluate("(list) => list.scrollTop") == 0


def test_the_text_of_list_and_lanes_grows_with_the_stage(looking: Page) -> None:
    show(looking, crowd(*FEW))
    sizes = []
    for width, height in ((1920, 1080), (3840, 2160)):
        looking.set_viewport_size({"width": width, "height": height})
        drawn(looking)
        sizes.append(
            looking.evaluate(
                """() => [".lane", "[data-todos]", ".read-now"].map((part) =>
                  parseFloat(getComputedStyle(document.querySelector(part)).fontSize))"""
            )
        )
    assert [large / small for small, large in zip(*sizes, strict=True)] == [
        pytest.approx(2, rel=0.01)
    ] * 3


# Where the scrubber is while a hop is named beside it, and where it is without.
WITHOUT_THE_HOP = """
() => {
  const place = () => document.querySelector("[data-scrub]").getBoundingClientRect().toJSON();
  const named = place();
  document.querySelector("[data-moment-hop]").textContent = "";
  document.querySelector("[data-moment]").textContent = "now";
  return [named, place()];
}
"""


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_scrubber_keeps_its_place_when_the_hop_is_named_beside_it(
    looking: Page, size: tuple[int, int]
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    show(looking, crowd(*FEW, first=1180))
    expect(looking.locator("[data-moment-hop]")).not_to_be_empty()
    # At once, as whatever else is on the page may change at any time.
    named, unnamed = looking.evaluate(WITHOUT_THE_HOP)
    assert unnamed == named


# In the presenter view: parts that overlap, and text that its box cuts off.
PARTS = """
() => {
  const seen = (element) => element.getClientRects().length > 0
    && getComputedStyle(element).clipPath === "none";
  const parts = [
    ...document.querySelectorAll(".bar > :not(.clocks), .clocks > *, .add, .time, .teach > *"),
    ...document.querySelectorAll("[data-node]:not([data-kind=part]) [data-shape], .centre"),
  ].filter(seen);
  const named = (part) => part.className.baseVal ?? part.className
    + (part.parentNode.dataset.node ?? part.outerHTML.slice(0, 40));
  const boxes = parts.map((part) => [named(part), part.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const words = [".verdict", ".live", "[data-moment]", ".centre", "[data-present-toggle]"];
  const cut = words
    .map((name) => document.querySelector(name))
    .filter(({ scrollWidth, scrollHeight, clientWidth, clientHeight }) =>
      scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1);
  return {
    overlaps: boxes.flatMap(([name, box], index) => boxes.slice(index + 1)
      .filter(([, other]) => meet(box, other)).map(([other]) => `${name} | ${other}`)),
    cut: cut.map(named),
    verdict: document.querySelector(".verdict").getBoundingClientRect().toJSON(),
    names_px: Math.min(...[...document.querySelectorAll("[data-kind=service] [data-name]")]
      .map((name) => name.getBoundingClientRect().height / 1.165)),
  };
}
"""


@pytest.mark.parametrize("size", [*SIZES, (1400, 1050), (1024, 768)])
def test_in_presenter_view_nothing_overlaps_and_nothing_is_cut(
    looking: Page, size: tuple[int, int]
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    looking.locator("[data-present-toggle]").click()
    show(looking, crowd(*BURST, first=1180))
    got = looked(looking)
    assert got["overlaps"] == []
    assert got["wide"] <= 0
    assert got["marks"] + got["counted"] == sum(BURST[0].values()) + sum(BURST[1].values())
    parts = looking.evaluate(PARTS)
    assert parts["overlaps"] == []
    assert parts["cut"] == []
    assert parts["verdict"]["width"] > 2 * parts["verdict"]["height"]
    # The teacher's bar takes the place of the time.
    looking.keyboard.press("c")
    expect(looking.locator(".teach")).to_be_visible()
    expect(looking.locator("[data-quick] button")).to_have_count(2)
    drawn(looking)
    parts = looking.evaluate(PARTS)
    assert parts["overlaps"] == []
    assert parts["cut"] == []


@pytest.mark.parametrize(("size", "least_px"), [((1280, 720), 24), ((1920, 1080), 36)])
def test_in_presenter_view_names_can_be_read_from_the_back_row(
    looking: Page, size: tuple[int, int], least_px: int
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    looking.locator("[data-present-toggle]").click()
    looking.wait_for_function(f"(least) => ({PARTS})().names_px >= least", arg=least_px)
