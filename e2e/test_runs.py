"""A run is exported, opened again and refused, in a real browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, assert_accessible, journeyed, lane
from stack.local import LocalStack


def test_a_run_can_be_saved_and_reopened_without_the_stack(
    looking: Page, stack: LocalStack, tmp_path: Path
) -> None:
    todo_id = journeyed(looking, stack, "Kept")
    with looking.expect_download() as download:
        looking.get_by_role("button", name="Export").click()
    file = tmp_path / "run.json"
    download.value.save_as(file)
    run: dict[str, Any] = json.loads(file.read_text())
    assert (run["format"], run["version"]) == ("eventually-run", 1)
    assert "Kept" in {journey["title"] for journey in run["journeys"]}

    looking.reload()
    # A connection that is only being made when the network goes would be an error on the page.
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    looking.context.set_offline(offline=True)
    with looking.expect_file_chooser() as chooser:
        looking.get_by_role("button", name="Open a run").click()
    chooser.value.set_files(file)
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    # Space now pauses, and does not press the button again.
    expect(looking.locator("[data-loop]")).to_be_focused()
    looking.keyboard.press("End")
    looking.get_by_label("The moment shown").press("End")
    expect(lane(looking, todo_id)).to_be_visible(timeout=WITHIN_MS)
    # The servers' health and contents are kept with it.
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


def test_a_run_opens_when_its_file_is_dropped_on_the_page(looking: Page, stack: LocalStack) -> None:
    add(stack, "Dropped")
    run = requests.get(f"{stack.urls.web}/export", timeout=60).json()
    # An old file, from before the servers' contents were kept.
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
    journeyed(looking, stack, "Untouched")
    file = tmp_path / "run.json"
    file.write_bytes(requests.get(f"{stack.urls.web}/export", timeout=60).content)
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
    expect(looking.locator("[data-view=burst] [data-burst-problem]")).to_have_text(why)
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
def test_a_file_that_is_not_a_run_is_refused(looking: Page, content: str, words: str) -> None:
    looking.locator("[data-run-file]").set_input_files(
        {"name": "run.json", "mimeType": "application/json", "buffer": content.encode()}
    )
    expect(looking.locator("[data-run-problem]")).to_contain_text(words)
    expect(looking.locator("[data-run-banner]")).to_be_hidden()
