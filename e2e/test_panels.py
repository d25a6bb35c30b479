"""The panels on the real stack: two truths, inspector, staleness, read now, a run as a file."""

import json
import re
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from e2e.support import add, assert_accessible, looking, truth
from stack.local import LocalStack
from tests.support import Client, agree, rows, until
from tests.support.switches import paused_by_the_host

__all__ = ["looking"]

WITHIN_MS = 60_000
HOST_KEY = "open sesame"
HOSTILE = ["<script>alert('a')</script> & <b>", "שלום עולם, מה נשמע", "W" * 200]


def lane(page: Page, todo_id: int) -> Locator:
    return page.locator(f'[data-lane][data-todo-id="{todo_id}"]')


# The two truths


def test_what_mongodb_lacks_stands_out_until_it_is_there(looking: Page, stack: LocalStack) -> None:
    says = looking.locator("[data-truths-say]")
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Held up")
        row = truth(looking, todo_id)
        expect(row).to_have_attribute("data-state", "missing", timeout=WITHIN_MS)
        expect(row).to_contain_text(re.compile(r"Held up.*not there for [0-9.]+ m?s"))
        expect(says).to_contain_text(re.compile("^1 todo behind, for"), timeout=WITHIN_MS)
        said, repeated = looking.evaluate(
            """() => ["truths-say", "verdict-words"].map((name) =>
              document.querySelector(`[data-${name}]`).textContent.split(" · ")[0])"""
        )
        assert said == repeated, "the bar and the table speak of the same moment"
    expect(row).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    expect(says).to_contain_text("consistent", timeout=WITHIN_MS)


def test_a_change_that_is_under_way_is_stale_by_its_versions(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = add(stack, "Old name")
    expect(truth(looking, todo_id)).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    with paused_by_the_host(stack, "relay"):
        Client(stack).patch(todo_id, title="New name", completed=True)
        row = truth(looking, todo_id)
        expect(row).to_contain_text(
            re.compile(r"New name ✓v3.*stale by 2 versions"), timeout=WITHIN_MS
        )
    expect(row).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)


def test_a_row_whose_event_was_never_written_is_lost(looking: Page, stack: LocalStack) -> None:
    [[todo_id]] = rows(stack, "INSERT INTO todos (title) VALUES ('No event') RETURNING id")
    try:
        verdict = looking.locator("[data-verdict]")
        expect(truth(looking, todo_id)).to_have_attribute("data-lost", "", timeout=WITHIN_MS)
        words = "1 lost: no event is under way that could bring it"
        expect(looking.locator("[data-truths-say]")).to_contain_text(words)
        expect(verdict).to_have_attribute("data-verdict", "lost")
        expect(verdict).to_contain_text(words)
    finally:
        rows(stack, "DELETE FROM todos WHERE id = %s", todo_id)
    expect(truth(looking, todo_id)).to_have_count(0, timeout=WITHIN_MS)


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_shown_as_text_and_leaves_the_layout_alone(
    looking: Page, stack: LocalStack, title: str
) -> None:
    todo_id = add(stack, title)
    expect(truth(looking, todo_id)).to_contain_text(title, timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click()
    expect(looking.locator("[data-inspector-title]")).to_have_text(title)
    assert looking.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


# The inspector


def test_a_click_on_a_lane_opens_the_journey_and_pauses(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "Look at me")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click()
    panel = looking.get_by_role("complementary", name=f"Todo {todo_id} created")
    expect(panel).to_be_visible()
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    lines = panel.get_by_role("table").get_by_role("rowheader")
    for words in ("to commit", "in the outbox", "in the queue", "in the projector", "until a read"):
        expect(lines.filter(has_text=words)).to_have_count(1)
    expect(panel.locator("[data-trace-id]")).to_have_text(re.compile("^[0-9a-f]{32}$"))
    held = {}
    for name in ("event", "row", "document"):
        text = panel.locator(f"[data-held={name}] pre")
        expect(text).to_contain_text("Look at me")
        held[name] = json.loads(text.inner_text())
    assert held["event"]["data"]["id"] == held["row"]["id"] == held["document"]["_id"] == todo_id
    assert held["event"]["type"] == "todo.created.v1"


def test_every_stretch_of_a_real_journey_is_told_whichever_came_first_confirm_or_delivery(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = add(stack, "Every stretch")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click()
    lines = looking.get_by_role("complementary", name=f"Todo {todo_id} created")
    legs = ["outbox", "relay", "queue", "projector", "read"]
    for span in legs:
        line = lines.locator(f"[data-line][data-span={span}]:not([data-answer-line])")
        took = line.locator(".figure:not(.dim)")
        expect(took).to_have_count(1)
        # "~0 ms": a reader may see the write before the projector has MongoDB's answer to it.
        expect(took).to_have_text(re.compile(r"^(~0|[0-9.]+) m?s$"))
    segments = lane(looking, todo_id).locator("[data-segment]")
    drawn = segments.evaluate_all("(all) => all.map((each) => each.dataset.segment)")
    assert drawn == ["commit", *legs]


def test_a_journey_is_followed_by_keyboard_alone(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "By keyboard")
    button = lane(looking, todo_id).get_by_role("button")
    expect(button).to_be_visible(timeout=WITHIN_MS)
    button.focus()
    looking.keyboard.press("Enter")
    heading = looking.get_by_role("heading", name=f"Todo {todo_id} created")
    expect(heading).to_be_focused()
    looking.keyboard.press("Escape")
    expect(looking.locator("[data-view=inspector]")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_mark_opens_its_journey(looking: Page, stack: LocalStack) -> None:
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Waits in the queue")
        mark = looking.locator(f'[data-mark][data-todo-id="{todo_id}"][data-place=queue]')
        expect(mark).to_have_attribute("data-state", "waiting", timeout=WITHIN_MS)
        mark.focus()
        looking.keyboard.press("Enter")
        expect(looking.locator("[data-inspector-heading]")).to_have_text(f"Todo {todo_id} created")
        expect(looking.locator("[data-inspector-says]")).to_contain_text("in the queue")
        expect(looking.locator("[data-held=document] pre")).to_have_text("holds nothing")


def test_the_marks_are_one_tab_stop_and_arrows_go_from_one_to_the_next(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        waiting = []
        for title in ("Waits first", "Waits second"):
            todo_id = add(stack, title)
            mark = looking.locator(f'[data-mark][data-todo-id="{todo_id}"][data-place=queue]')
            expect(mark).to_have_attribute("data-state", "waiting", timeout=WITHIN_MS)
            waiting.append(mark)
        expect(looking.locator("[data-mark][tabindex='0']")).to_have_count(1)
        waiting[0].focus()
        looking.keyboard.press("ArrowDown")
        expect(waiting[1]).to_be_focused()
        expect(waiting[0]).to_have_attribute("tabindex", "-1")
        looking.keyboard.press("ArrowDown")
        expect(waiting[0]).to_be_focused()


def test_the_list_is_one_tab_stop_and_arrows_go_to_its_todos_and_their_buttons(
    looking: Page, stack: LocalStack
) -> None:
    first, second = (add(stack, title) for title in ("Listed first", "Listed second"))
    todos = looking.locator("[data-todos]")
    for title in ("Listed first", "Listed second"):
        expect(todos).to_contain_text(title, timeout=WITHIN_MS)
    expect(todos.locator("[tabindex='0']")).to_have_count(1)
    expect(todos.locator("button:not([tabindex='-1'])")).to_have_count(1)
    tick = looking.get_by_role("checkbox", name="Complete Listed second")
    remove = looking.get_by_role("button", name="Delete Listed second")
    todos.locator("[tabindex='0']").focus()
    looking.keyboard.press("End")
    expect(tick).to_be_focused()
    looking.keyboard.press("ArrowRight")
    expect(remove).to_be_focused()
    looking.keyboard.press("ArrowUp")
    expect(looking.get_by_role("button", name="Delete Listed first")).to_be_focused()
    looking.keyboard.press("ArrowDown")
    expect(todos.locator("[tabindex='0']")).to_have_count(1)
    looking.keyboard.press("Enter")
    # It goes, and the focus stays in the list.
    expect(todos.locator(f"[data-todo-id='{second}']")).to_have_count(0, timeout=WITHIN_MS)
    near = todos.locator(f"[data-todo-id='{first}'] [data-complete]")
    expect(near).to_be_focused()


def test_a_link_skips_to_the_stage(looking: Page) -> None:
    looking.reload()
    for name in ("Skip to the todo list", "Skip to the stage"):
        looking.keyboard.press("Tab")
        expect(looking.get_by_role("link", name=name)).to_be_focused()
    looking.keyboard.press("Enter")
    expect(looking.locator("[data-loop]")).to_be_focused()


def test_two_changes_of_one_todo_that_wait_say_which_they_are(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Changed twice")
        Client(stack).patch(todo_id, completed=True)
        ghosts = looking.locator(f"[data-ghost][data-todo-id='{todo_id}']")
        expect(ghosts).to_have_count(2, timeout=WITHIN_MS)
        expect(ghosts.first).to_contain_text("created", use_inner_text=True)
        expect(ghosts.last).to_contain_text("completed", use_inner_text=True)


def test_a_journey_is_copied_as_curl_and_as_json(looking: Page, stack: LocalStack) -> None:
    looking.context.grant_permissions(["clipboard-read", "clipboard-write"])
    todo_id = add(stack, "Copied")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click()
    panel = looking.locator("[data-view=inspector]")
    for name, words in (("curl", "curl -X POST http"), ("JSON", '"title": "Copied"')):
        panel.get_by_role("button", name=name, exact=True).click()
        expect(panel.get_by_role("button", name="Copied", exact=True)).to_be_visible()
        assert words in looking.evaluate("navigator.clipboard.readText()")
        expect(panel.get_by_role("button", name="Copied", exact=True)).to_be_hidden()


def test_a_journey_has_a_link_of_its_own(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "Linked")
    # One that is under way is only beginning to be shown when the page stands still.
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click(timeout=WITHIN_MS)
    link = looking.url
    assert "#journey=" in link
    looking.goto("about:blank")
    looking.goto(link)
    expect(looking.locator("[data-inspector-title]")).to_have_text("Linked", timeout=WITHIN_MS)
    # The page behind it has been told what it has to know, and only then stands still.
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    expect(looking.locator("[data-verdict]")).not_to_have_attribute("data-verdict", "offline")
    expect(looking.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    expect(lane(looking, todo_id)).to_be_visible()
    expect(truth(looking, todo_id)).to_be_visible()
    looking.get_by_role("button", name="Close the inspector").click()
    assert "#" not in looking.url


# Read now, and curl


def test_a_read_without_a_guarantee_may_be_stale_and_says_so(
    looking: Page, stack: LocalStack
) -> None:
    verdict = looking.locator("[data-read-now-verdict]")
    with paused_by_the_host(stack, "projector"):
        looking.get_by_label("Add a todo").fill("Not there yet")
        looking.get_by_label("Add a todo").press("Enter")
        expect(lane_of(looking, "Not there yet")).to_be_visible(timeout=WITHIN_MS)
        looking.get_by_role("button", name="GET /todos").click()
        expect(verdict).to_have_attribute("data-read-verdict", "stale", timeout=WITHIN_MS)
        expect(verdict).to_contain_text(re.compile(r"stale: lacks #\d+ created"))

        looking.get_by_label("wait at most", exact=False).first.check()
        looking.get_by_role("button", name="GET /todos").click()
        expect(verdict).to_have_attribute("data-read-verdict", "failed", timeout=WITHIN_MS)
        expect(looking.locator("[data-read-now-says]")).to_contain_text(re.compile("^503 after 1"))

    looking.get_by_label("read your writes").check()
    looking.get_by_role("button", name="GET /todos").click()
    expect(verdict).to_have_attribute("data-read-verdict", "fresh", timeout=WITHIN_MS)


def lane_of(page: Page, title: str) -> Locator:
    """Whatever shows that the page has heard of the todo."""
    return page.locator("[data-ghost], [data-todos] li").filter(has_text=title)


def test_every_action_shows_its_curl(looking: Page, stack: LocalStack) -> None:
    commands, queries = (
        f"localhost:{url.rpartition(':')[2]}"
        for url in (stack.urls.command_service, stack.urls.query_service)
    )
    looking.get_by_label("Add a todo").fill("It's curl")
    looking.get_by_label("Add a todo").press("Enter")
    expect(looking.locator("[data-command-curl]")).to_have_text(
        f'curl -X POST http://{commands}/todos -H "Content-Type: application/json"'
        """ -d '{"title": "It'\\''s curl"}'"""
    )
    looking.get_by_label("read your writes").check()
    expect(looking.locator("[data-read-curl]")).to_have_text(
        re.compile(
            rf"^curl http://{queries}/todos"
            r' -H "Consistency-Token: [\d.,]+" -H "Prefer: wait=10"$'
        )
    )
    expect(looking.locator("[data-hint-curl]")).to_have_text(
        f'curl -X POST http://{commands}/todos -H "Content-Type: application/json"'
        """ -d '{"title": "Learn CQRS"}'"""
    )


# Staleness


def test_the_charts_are_tabs_and_have_their_tables(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "Measured")
    expect(lane(looking, todo_id)).to_be_visible(timeout=WITHIN_MS)
    looking.get_by_role("tab", name="Journeys").focus()
    looking.keyboard.press("ArrowRight")
    expect(looking.get_by_role("tab", name="Staleness")).to_be_focused()
    projected = looking.locator("[data-row=projected] td")
    expect(projected.first).to_have_text(re.compile(r"^[0-9.]+ m?s$"), timeout=WITHIN_MS)
    curve = looking.get_by_role("img", name=re.compile("t-visibility curve. Half of"))
    expect(curve.locator("canvas")).to_be_visible()
    looking.get_by_role("button", name="What is measured").first.click()
    expect(looking.get_by_role("dialog")).to_contain_text("Probabilistically Bounded Staleness")
    looking.get_by_role("button", name="Close", exact=True).click()
    looking.get_by_role("tab", name="Queue and lag").click()
    expect(looking.locator("[data-row=queue] td").first).to_have_text(re.compile(r"^\d+$"))
    expect(looking.locator("[data-row=lag] td").first).to_have_text(re.compile(r"m?s$"))


def test_a_page_that_comes_later_shows_the_figures_of_those_that_were_there(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        for number in range(3):
            todo_id = add(stack, f"Waited {number}")
        queue = looking.locator("[data-row=queue] td").last
        looking.get_by_role("tab", name="Queue and lag").click()
        expect(queue).to_have_text(re.compile(r"^([3-9]|\d\d+)$"), timeout=WITHIN_MS)
    waited = queue.inner_text()
    through = {"title": "Probed"}
    requests.post(f"{stack.urls.web}/commands/todos", json=through, timeout=10).raise_for_status()
    looking.get_by_role("tab", name="Staleness").click()
    probes = looking.locator("[data-stale-shares]")
    expect(probes).to_contain_text(
        re.compile(r"Probe reads: \d+ of \d+ were stale"), timeout=30_000
    )
    until(lambda: agree(stack))
    expect(lane(looking, todo_id)).to_have_attribute(
        "data-hops", re.compile("seen"), timeout=WITHIN_MS
    )
    figures = """() => ["[data-windows]", "[data-stale-shares] li"].map((part) =>
      document.querySelector(part).textContent)"""

    later = looking.context.new_page()
    later.goto(stack.urls.web)
    later.get_by_role("tab", name="Queue and lag").click()
    expect(later.locator("[data-row=queue] td").last).to_have_text(waited, timeout=WITHIN_MS)
    later.get_by_role("tab", name="Staleness").click()
    until(lambda: later.evaluate(figures) == looking.evaluate(figures))


def test_the_host_changes_how_often_this_reader_polls(looking: Page) -> None:
    looking.get_by_role("tab", name="Staleness").click()
    interval = looking.get_by_label("This reader polls every")
    for asked_ms, key in ((100, "wrong"), (250, HOST_KEY)):
        before = interval.input_value()
        interval.fill(str(asked_ms))
        looking.get_by_role("button", name="Set").click()
        dialog = looking.get_by_role("dialog", name="This needs the host key")
        dialog.get_by_label("Host key").fill(key)
        dialog.get_by_role("button", name="Go on").click()
        if key == "wrong":
            expect(dialog).to_contain_text("That is not the host key.")
            dialog.get_by_role("button", name="Cancel").click()
            expect(looking.locator("[data-poll-problem]")).to_contain_text("needs the host key")
            assert before == "250"
    interval.fill("120")
    looking.get_by_role("button", name="Set").click()
    expect(looking.locator("[data-poll-says]")).to_contain_text("60.0 ms late on average")
    interval.fill("250")
    looking.get_by_role("button", name="Set").click()
    expect(looking.locator("[data-poll-says]")).to_contain_text("125 ms late on average")


# A run as a file


def test_a_run_is_kept_and_opened_again_without_the_stack(
    looking: Page, stack: LocalStack, tmp_path: Path
) -> None:
    todo_id = add(stack, "Kept")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    with looking.expect_download() as download:
        looking.get_by_role("button", name="Export").click()
    file = tmp_path / "run.json"
    download.value.save_as(file)
    run: dict[str, Any] = json.loads(file.read_text())
    assert (run["format"], run["version"]) == ("eventually-run", 1)
    assert "Kept" in {journey["title"] for journey in run["journeys"]}

    looking.reload()
    looking.context.set_offline(offline=True)
    looking.locator("[data-run-file]").set_input_files(file)
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    looking.keyboard.press("End")
    looking.get_by_label("The moment shown").press("End")
    expect(lane(looking, todo_id)).to_be_visible(timeout=WITHIN_MS)
    # What the servers were and held is kept with it.
    expect(looking.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    expect(looking.locator("[data-node=postgresql]")).to_contain_text(re.compile(r"\d todo"))
    expect(looking.locator("[data-node=rabbitmq]")).to_contain_text(re.compile(r"\d in the queue"))
    lane(looking, todo_id).get_by_role("button").click()
    expect(looking.locator("[data-inspector-title]")).to_have_text("Kept")
    looking.get_by_role("button", name="Back to the stack").click()
    expect(looking.locator("[data-leave-problem]")).to_contain_text("cannot reach web")
    expect(looking.locator("[data-inspector-title]")).to_have_text("Kept")
    looking.context.set_offline(offline=False)
    looking.get_by_role("button", name="Back to the stack").click()
    expect(looking.locator("[data-live]")).to_have_attribute(
        "data-live", re.compile("live|behind"), timeout=WITHIN_MS
    )
    expect(looking.locator("[data-run-banner]")).to_be_hidden()


def test_a_run_is_opened_by_dropping_it_on_the_page(looking: Page, stack: LocalStack) -> None:
    add(stack, "Dropped")
    run = requests.get(f"{stack.urls.web}/export", timeout=30).json()
    # As a file was before what the servers held was kept in it.
    del run["holds"], run["health"]
    looking.evaluate(
        """(run) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([run], "run.json", { type: "application/json" }));
          for (const type of ["dragover", "drop"]) {
            const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
          }
        }""",
        json.dumps(run),
    )
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    expect(looking.locator("[data-node=postgresql]")).to_contain_text("not heard of")


def test_while_a_run_is_open_nothing_is_sent_to_the_stack(
    looking: Page, stack: LocalStack, tmp_path: Path
) -> None:
    todo_id = add(stack, "Untouched")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    file = tmp_path / "run.json"
    file.write_bytes(requests.get(f"{stack.urls.web}/export", timeout=30).content)
    looking.locator("[data-run-file]").set_input_files(file)
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    sent: list[str] = []
    looking.on("request", lambda request: sent.append(request.url))
    why = re.compile("A run from a file is shown, so nothing is sent")
    looking.get_by_label("Add a todo").fill("Into the stack, unseen")
    looking.get_by_label("Add a todo").press("Enter")
    expect(looking.locator("[data-problem]")).to_have_text(why)
    expect(looking.get_by_label("Add a todo")).to_have_value("Into the stack, unseen")
    expect(looking.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    looking.get_by_role("button", name="GET /todos").dispatch_event("click")
    expect(looking.locator("[data-read-now-verdict]")).to_have_text(why)
    looking.get_by_text("Many at once").click()
    looking.get_by_role("button", name="10", exact=True).dispatch_event("click")
    expect(looking.locator("[data-burst-problem]")).to_have_text(why)
    looking.get_by_label("The moment shown").press("End")
    expect(looking.locator("[data-todos]")).to_contain_text("Untouched")
    looking.get_by_role("checkbox", name="Complete Untouched").last.click()
    expect(looking.locator("[data-problem]")).to_have_text(why)
    assert not sent
    assert_accessible(looking)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "no run of Eventually"),
        ('{"format": "eventually-run", "version": 2, "journeys": []}', "version 2"),
        ('{"format": "eventually-run", "version": 1, "journeys": []}', "no journey"),
    ],
)
def test_a_file_that_holds_no_run_is_refused(looking: Page, content: str, words: str) -> None:
    looking.locator("[data-run-file]").set_input_files(
        {"name": "run.json", "mimeType": "application/json", "buffer": content.encode()}
    )
    expect(looking.locator("[data-run-problem]")).to_contain_text(words)
    expect(looking.locator("[data-run-banner]")).to_be_hidden()


# What axe finds


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_the_panels(
    looking: Page, stack: LocalStack, theme: Literal["dark", "light"], size: tuple[int, int]
) -> None:
    looking.emulate_media(color_scheme=theme)
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    todo_id = add(stack, "Read me aloud")
    with paused_by_the_host(stack, "projector"):
        held_up = add(stack, "Held up")
        expect(truth(looking, held_up)).to_have_attribute(
            "data-state", "missing", timeout=WITHIN_MS
        )
        looking.get_by_role("button", name="GET /todos").click()
        expect(looking.locator("[data-read-now-verdict]")).not_to_be_empty(timeout=WITHIN_MS)
        for tab in ("Staleness", "Queue and lag", "Journeys"):
            looking.get_by_role("tab", name=tab).click()
            assert_accessible(looking)
    looking.get_by_role("tab", name="Staleness").click()
    looking.get_by_role("button", name="What is measured").first.click()
    assert_accessible(looking)
    looking.get_by_role("button", name="Close", exact=True).click()
    looking.get_by_role("tab", name="Journeys").click()
    lane(looking, todo_id).get_by_role("button").click(timeout=WITHIN_MS)
    expect(looking.locator("[data-held=row] pre")).to_contain_text("Read me", timeout=WITHIN_MS)
    assert_accessible(looking)
