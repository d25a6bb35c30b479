"""The functions by which every view changes the document, in a browser without the stack."""

import pytest
from playwright.sync_api import Page


def test_removing_an_item_from_a_list_moves_no_other(bare: Page) -> None:
    moved = bare.evaluate(
        """async () => {
          const { keyed, make } = await import("/static/js/page/dom.js");
          const list = make("ul");
          document.body.append(list);
          const button = (key) => make("button", {}, key);
          const show = (keys) => keyed(list, keys, String, button, () => {});
          show(["a", "b", "c", "d"]);
          list.children[2].focus();
          show(["b", "c", "e"]);
          return [document.activeElement.textContent, list.textContent];
        }"""
    )
    assert moved == ["c", "bce"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ('one(document, "name")', "INPUT"),
        ('one(document, "name", HTMLInputElement)', "INPUT"),
        ('one(document, "name", HTMLFormElement)', "[data-name] is no HTMLFormElement"),
        ('one(document, "shape", SVGElement)', "path"),
        ('one(document, "shape")', "[data-shape] is no HTMLElement"),
        ('one(document, "other")', "The page has no [data-other]"),
        ('oneOf(document, "view", "list")', "SECTION"),
        ('oneOf(document, "view", "stage")', 'The page has no [data-view="stage"]'),
    ],
)
def test_an_element_is_found_by_its_hook_and_has_the_right_type(
    bare: Page, asked: str, answer: str
) -> None:
    got = bare.evaluate(
        """async (asked) => {
          const { one, oneOf } = await import("/static/js/page/dom.js");
          document.body.innerHTML = `<section data-view="list"><input data-name>
            <svg><path data-shape></path></svg></section>`;
          try {
            return new Function("one", "oneOf", `return ${asked}`)(one, oneOf).tagName;
          } catch (error) {
            return error.message;
          }
        }""",
        asked,
    )
    assert got == answer
