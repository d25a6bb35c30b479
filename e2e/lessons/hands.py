"""How somebody works the page: with a mouse, or with the keys alone."""

from collections.abc import Sequence
from typing import Protocol

from playwright.sync_api import Locator, Page, expect

# More stops than there are from one end of the page to the other.
MOST_TABS = 300

# What is wrong with where the focus is: "" if it can be seen.
UNSEEN = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || !at.checkVisibility()) return "nothing has the focus";
  const what = `${at.localName} ${at.ariaLabel ?? at.textContent.trim().slice(0, 40)}`;
  const box = at.getBoundingClientRect();
  const isIn = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!isIn) return `${what} is out of sight`;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  const isRinged = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  return isRinged || boxShadow !== "none" ? "" : `${what} has no ring`;
}"""
IS_FOCUSED = "(it) => it === document.activeElement"
IS_BEFORE = """(it) => Boolean(
  document.activeElement.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_PRECEDING)"""


class Hands(Protocol):
    """What a lesson asks of somebody's hands."""

    def press(self, target: Locator) -> None:
        """Press a button."""

    def choose(self, choice: Locator) -> None:
        """Choose one of several answers."""

    def fill(self, field: Locator, text: str) -> None:
        """Write into a field."""

    def draw(self, curve: Locator, shares: Sequence[float]) -> None:
        """Draw a curve through these shares, each 0 or 1."""


class Mouse:
    """Works the page with a mouse, and types only into fields."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, target: Locator) -> None:
        target.click()

    def choose(self, choice: Locator) -> None:
        choice.check()

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def draw(self, curve: Locator, shares: Sequence[float]) -> None:
        curve.scroll_into_view_if_needed()
        points = [it.bounding_box() for it in curve.get_by_role("slider").all()]
        box = curve.locator("svg").bounding_box()
        assert box is not None
        # Where the axes are: web/static/js/panels/lessons/curve.js says so in units of 170.
        top, low = (box["y"] + box["height"] * at / 170 for at in (12, 126))
        for number, (point, share) in enumerate(zip(points, shares, strict=True)):
            assert point is not None
            self._page.mouse.move(point["x"] + point["width"] / 2, top if share else low)
            if not number:
                self._page.mouse.down()
        self._page.mouse.up()


class Keys:
    """Works the page with the keys alone; the focus is always somewhere, and can be seen."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, target: Locator) -> None:
        self._go_to(target)
        self._key("Enter")

    def choose(self, choice: Locator) -> None:
        group = choice.locator("xpath=ancestor::fieldset").get_by_role("radio")
        self._go_to(group.first)
        self._key("Space")
        for _ in range(group.count()):
            if choice.is_checked():
                return
            self._key("ArrowDown")
        raise AssertionError("the arrows do not lead to this choice")

    def fill(self, field: Locator, text: str) -> None:
        self._go_to(field)
        self._page.keyboard.type(text)

    def draw(self, curve: Locator, shares: Sequence[float]) -> None:
        self._go_to(curve.get_by_role("slider").first)
        for number, share in enumerate(shares):
            if number:
                self._key("ArrowRight")
            self._key("End" if share else "Home")

    def _go_to(self, target: Locator) -> None:
        expect(target).to_be_visible()
        key = "Shift+Tab" if target.evaluate(IS_BEFORE) else "Tab"
        for _ in range(MOST_TABS):
            self._sees_the_focus()
            if target.evaluate(IS_FOCUSED):
                return
            self._page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {target}")

    def _key(self, key: str) -> None:
        self._sees_the_focus()
        self._page.keyboard.press(key)

    def _sees_the_focus(self) -> None:
        assert not (wrong := self._page.evaluate(UNSEEN)), wrong
