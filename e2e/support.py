"""What tests of the panels share: a connected page, and a few places on it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page

from stack.local import LocalStack
from tests.support import Client

# Slower machines get there too; a test that fails waits this long.
WITHIN_MS = 60_000


def has_seen_the_tour(context: BrowserContext) -> None:
    """Make a browser one that has been here before: the tour is for a first visit only."""
    context.add_init_script("try { localStorage.setItem('tour', 'done') } catch {}")


def assert_accessible(page: Page) -> None:
    """Fail with the faults that axe finds."""
    results = Axe().run(page)
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
