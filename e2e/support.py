"""What tests of the panels share: a connected page, and a few places on it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from stack.local import LocalStack
from tests.support import Client

# Slower machines get there too; a test that fails waits this long.
WITHIN_MS = 60_000

# The page notices a new size in one frame, and draws everything again in the next.
FRAMES = """async (frames) => {
  for (let frame = 0; frame < frames; frame += 1) await new Promise(requestAnimationFrame);
}"""


def has_seen_the_tour(context: BrowserContext) -> None:
    """Make a browser one that has been here before: the tour is for a first visit only."""
    context.add_init_script("try { localStorage.setItem('tour', 'done') } catch {}")


# Presses the button in the frame in which enough is there: a driver may be told of it too late.
# The picture stops at the moment of the press. On a machine that draws slowly, something may have
# gone by then: it goes on.
PAUSE_ONCE = """async ([selector, least]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const isThere = () => document.querySelectorAll(selector).length >= least;
  for (;;) {
    while (!isThere()) await frame();
    document.querySelector("[data-play]").click();
    await frame();
    await frame();
    if (isThere()) return;
    document.querySelector("[data-play]").click();
  }
}"""


def stretched_by(page: Page, factor: int) -> None:
    """Stretch time by that factor; 1 is real time, in which a test does not wait for marks."""
    page.get_by_label("By how much time is stretched").select_option(str(factor))


def journeyed(page: Page, stack: LocalStack, title: str) -> int:
    """Create a todo, wait until the page has shown its journey to its end, and return its id."""
    usual = page.get_by_label("By how much time is stretched").input_value()
    stretched_by(page, 1)
    todo_id = add(stack, title)
    expect(lane(page, todo_id)).to_have_attribute("data-state", "ended")
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    stretched_by(page, int(usual))
    return todo_id


def pause_once(page: Page, selector: str, least: int = 1) -> None:
    """Pause the picture while at least so many of these are on it."""
    page.evaluate(PAUSE_ONCE, [selector, least])
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "paused")


def drawn(page: Page) -> None:
    """Wait until what has changed is drawn, however long this machine takes for a frame."""
    page.evaluate(FRAMES, 4)


def assert_accessible(page: Page, within: str | None = None) -> None:
    """Fail with the faults that axe finds, on the whole page or within what a selector finds."""
    results = Axe().run(page, within)
    assert results.violations_count == 0, results.generate_report()


def truth(page: Page, todo_id: int) -> Locator:
    """Return a todo's row in the table of the two truths."""
    return page.locator(f'[data-truth="{todo_id}"]')


def lane(page: Page, todo_id: int) -> Locator:
    """Return the lanes of a todo's journeys."""
    return page.locator(f'[data-lane][data-todo-id="{todo_id}"]')


def add(stack: LocalStack, title: str) -> int:
    """Create a todo, and return its id."""
    answer = Client(stack).post(title)
    assert answer.status_code == 201, answer.text
    todo_id: int = answer.json()["id"]
    return todo_id
