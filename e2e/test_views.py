"""Views keep to a contract: each can be added, removed or fail, and the others go on."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.conftest import HOST_KEY
from e2e.crowd import crowd, show
from e2e.support import has_seen_the_tour
from web.routes.files import ENTRY, MODULES
from web.routes.joined import joined

STATIC = Path(__file__).parent.parent / "web" / "static"
SCRIPTS = {
    path.relative_to(STATIC).as_posix(): path.read_text() for path in STATIC.glob("js/**/*.js")
}
PANELS = re.findall(r"export \* as (\w+) ", SCRIPTS["js/panels.js"])
VIEWS = ["stage", "tabs", *PANELS]
# Three at a time, which takes a third of the time; without `keep`, no run can be opened.
MOST = [view for view in VIEWS if view != "keep"]
REMOVED = [["keep"], *(MOST[at :: len(MOST) // 3] for at in range(len(MOST) // 3))]

# A panel as a developer would add it: beside the stage, with a figure of its own.
LESSON = """
export function mount(root, { beside, controls }) {
  root.querySelector("button").addEventListener("click", () => beside.open(root));
  beside.open(root);
  controls.pause();
  return { root, draw: (scene) => { root.lastChild.textContent = `${scene.shown.size} shown`; } };
}
"""
LESSON_ROOT = """(() => {
  const root = document.createElement("aside");
  root.dataset.view = "lesson";
  root.hidden = true;
  root.append(document.createElement("button"), document.createElement("p"));
  return root;
})()"""
FAILS = """
export function mount(root) {
  return { root, draw() { throw new Error("as it was meant to"); } };
}
"""
FAILS_AT_ONCE = 'export function mount() { throw new Error("as it was meant to"); }'


@pytest.fixture
def run() -> str:
    """A run with marks that stand, and marks under way."""
    return crowd({"committed": 3, "delivered": 2}, {"projected": 2})


@pytest.fixture
def careless(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page in which errors are expected, and the list of its errors."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    has_seen_the_tour(context)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page, errors
    context.close()


def once_parsed(page: Page, change: str) -> None:
    """Change the document once it has been parsed, before any of its modules run."""
    page.add_init_script(
        f"document.addEventListener('readystatechange', () => {{ {change} }}, {{ once: true }})"
    )


def serve_with(page: Page, scripts: Mapping[str, str]) -> None:
    """Serve the page with these modules, added or in place of the real ones."""
    body = joined({**SCRIPTS, **scripts}, ENTRY, MODULES)
    page.route(
        f"**/{MODULES}", lambda route: route.fulfill(body=body, content_type="text/javascript")
    )


def assert_goes_on(page: Page, run: str, without: Collection[str] = ()) -> None:
    """Assert that the views left draw: a run if one can be opened, or that nothing is read yet."""
    expect(page.locator("[data-failures] li")).to_have_count(0)
    if "keep" in without:
        expect(page.locator("[data-verdict-words]")).to_have_text("unknown: reads fail")
        return
    file = {"name": "run.json", "mimeType": "application/json", "buffer": run.encode()}
    page.locator("[data-run-file]").set_input_files(file)  # type: ignore[arg-type]
    signs = {
        "opened": "[data-run-says]:not(:empty)",
        "timeline": "[data-lane]",
        "truths": "[data-truths-say]:not(:empty)",
        "clocks": "[data-live=paused]",
        "transport": "[data-moment-hop]:not(:empty)",
        "rule": "[data-view=rule]:not(:empty)",
        "stage": "[data-node=relay][aria-label*='not heard of']",
    }
    if "verdict" not in without:
        expect(page.locator("[data-verdict-words]")).not_to_have_text("connecting")
    for view, sign in signs.items():
        if view not in without:
            expect(page.locator(sign).first, f"{view} without {without}").to_be_attached()
    expect(page.locator("[data-failures] li")).to_have_count(0)


def test_the_unchanged_page_works(page: Page, web_alone: str, run: str) -> None:
    page.goto(web_alone)
    assert_goes_on(page, run)


@pytest.mark.parametrize("views", REMOVED, ids=" ".join)
def test_views_can_be_removed(page: Page, web_alone: str, run: str, views: list[str]) -> None:
    roots = ", ".join(f"[data-view={view}]" for view in views)
    remove = "(root) => root.removeAttribute('data-view')"
    once_parsed(page, f"document.querySelectorAll('{roots}').forEach({remove})")
    page.goto(web_alone)
    assert_goes_on(page, run, without=views)


def test_every_view_is_among_those_that_are_removed() -> None:
    assert sorted(view for views in REMOVED for view in views) == sorted(VIEWS)


def test_a_panel_is_added_with_its_folder_and_one_line(
    page: Page, web_alone: str, run: str
) -> None:
    once_parsed(page, f"document.querySelector('main').append({LESSON_ROOT})")
    line = 'export * as lesson from "./panels/lesson/lesson.js";'
    listed = f"{SCRIPTS['js/panels.js']}{line}\n"
    serve_with(page, {"js/panels.js": listed, "js/panels/lesson/lesson.js": LESSON})
    page.goto(web_alone)
    lesson = page.locator("[data-view=lesson]")
    expect(lesson).to_be_visible()
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "paused")
    show(page, run)
    expect(lesson).to_contain_text("7 shown")
    # There is room for one panel beside the stage: the inspector takes it, and gives it back.
    page.locator("[data-lane] button").first.click()
    expect(page.locator("[data-view=inspector]")).to_be_visible()
    expect(lesson).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("[data-view=inspector]")).to_be_hidden()
    lesson.locator("button").dispatch_event("click")
    expect(lesson).to_be_visible()


@pytest.mark.parametrize("fails", [FAILS, FAILS_AT_ONCE], ids=["while drawing", "at once"])
def test_a_view_that_fails_is_dropped_and_the_others_go_on(
    careless: tuple[Page, list[str]], web_alone: str, run: str, fails: str
) -> None:
    page, errors = careless
    serve_with(page, {"js/panels/bar/verdict.js": fails})
    page.goto(web_alone)
    failure = page.locator("[data-failures] li")
    expect(failure).to_have_text(re.compile("has failed and is no longer drawn: verdict"))
    show(page, run)
    expect(page.locator("[data-mark]")).not_to_have_count(0)
    expect(page.locator("[data-lane]")).not_to_have_count(0)
    expect(page.locator("[data-truths-say]")).not_to_be_empty()
    expect(failure).to_have_count(1)
    assert len(errors) == 1
    assert "as it was meant to" in errors[0]


def test_enter_in_a_burst_field_starts_the_burst_and_adds_no_todo(
    page: Page, web_with_lab: str
) -> None:
    page.goto(web_with_lab)
    page.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.get_by_label("Add a todo").fill("Not to be sent")
    page.get_by_text("Many at once").click()
    page.get_by_label("For how many seconds").fill("1")
    with page.expect_request("**/burst") as asked:
        page.get_by_label("For how many seconds").press("Enter")
    assert asked.value.post_data_json == {"per_second": 20, "seconds": 1}
    assert not [request for request in sent if "/commands/" in request]
    expect(page.get_by_label("Add a todo")).to_have_value("Not to be sent")


def test_an_out_of_range_burst_does_not_stop_a_todo_from_being_added(
    page: Page, web_with_lab: str
) -> None:
    page.goto(web_with_lab)
    page.get_by_text("Many at once").click()
    page.get_by_label("Todos a second").fill("999")
    page.get_by_label("Add a todo").fill("Sent all the same")
    with page.expect_request("**/commands/todos"):
        page.get_by_label("Add a todo").press("Enter")


def test_an_empty_todo_is_not_added_and_the_page_says_what_is_missing(
    page: Page, web_alone: str
) -> None:
    page.goto(web_alone)
    field = page.get_by_label("Add a todo")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Write what needs doing")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("a")
    expect(page.get_by_role("alert").filter(has_text="Write what needs doing")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_the_list_of_keys_comes_from_the_table_that_handles_them(
    page: Page, web_alone: str
) -> None:
    page.goto(web_alone)
    page.get_by_role("button", name="Help").click()
    page.get_by_role("tab", name="Keys").click()
    listed, acting = page.evaluate(
        """async () => {
          const { KEYS } = await import("/static/js/page/keys.js");
          const cells = [...document.querySelectorAll("[data-keys-of]")];
          return [cells.flatMap((cell) => cell.dataset.keysOf.split(" ")), Object.values(KEYS)];
        }"""
    )
    assert sorted(listed) == sorted(set(acting))
    keys = page.get_by_role("dialog", name="Help").get_by_role("row")
    expect(keys.filter(has_text="pause")).to_have_text(re.compile(r"^\s*Space k \.\s*pause"))
    both = re.compile(r"^\s*Shift → ?, Shift ←\s*forward or back by one second")
    expect(keys.filter(has_text="by one second")).to_have_text(both)
