"""The source of what runs here: a lesson shows the very line at which something has happened."""

import ast
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from flask import Flask, Response, request

from chassis.problems import Problem, json_response

# The packages of this process lie beside the chassis, here and in its image.
ROOT = Path(__file__).resolve().parents[2]
# More than anybody reads on a wall.
MOST_LINES = 120
MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Found:
    """Some source: the number of its first line, its lines, and how many more there are."""

    line: int
    lines: tuple[str, ...]
    more: int


def find(text: str, qualname: str) -> Found | None:
    """Return the source of what a module's text calls by this name; None if there is no such thing.

    Args:
        text: the module's source.
        qualname: a function, a class, a constant of the module, or what is within one of these:
            `Projector.run`.
    """
    node: ast.AST = ast.parse(text)
    for name in qualname.split("."):
        member = next((it for it in _within(node) if name in _names(it)), None)
        if member is None:
            return None
        node = member
    assert isinstance(node, ast.stmt)
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(it.lineno for it in decorators)])
    lines = text.split("\n")[first - 1 : node.end_lineno]
    return Found(first, tuple(lines[:MOST_LINES]), max(len(lines) - MOST_LINES, 0))


def add_source(app: Flask) -> None:
    """Give the app the route that shows the source of this process's own packages."""
    began_s = time.time()

    @app.get("/lab/source")
    def show_source() -> Response:
        asked = request.args.get("object", "")
        module, _, qualname = asked.partition(":")
        if not module or not qualname or len(asked) > MOST_CHARACTERS:
            detail = "Ask with ?object=module:name, as in ?object=chassis.lab.lab:Lab.fires."
            raise Problem(400, "bad-parameter", "The query has the wrong shape.", detail)
        spec = _loaded(module)
        path = Path(spec.origin) if spec and spec.origin else None
        if path is None or not _is_ours(module, path):
            raise _none(f"{module!r} is no module of its own that runs in this process.")
        if path.stat().st_mtime > began_s:
            title = "The file has changed since the process began."
            raise Problem(409, "source-changed", title, "Restart it to see what runs.")
        found = find(path.read_text(encoding="utf-8"), qualname)
        if found is None:
            raise _none(f"{module} has no {qualname!r}.")
        return json_response(
            {
                "object": asked,
                "file": path.relative_to(ROOT).as_posix(),
                "line": found.line,
                "text": "\n".join(found.lines),
                "more_lines": found.more,
            }
        )


def _within(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements in a node, but not those of what is defined in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _within(child)


def _names(node: ast.stmt) -> set[str]:
    """Return what a statement gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return {it.id for it in targets if isinstance(it, ast.Name)}


def _loaded(module: str) -> ModuleSpec | None:
    """Return the spec of a module that runs; what was started with `-m` is called `__main__`."""
    running: list[ModuleType | None] = [sys.modules.get(module), sys.modules.get("__main__")]
    specs = (getattr(it, "__spec__", None) for it in running)
    return next((it for it in specs if it is not None and it.name == module), None)


def _is_ours(module: str, path: Path) -> bool:
    place = ROOT.joinpath(*module.split("."))
    return path in {place.with_suffix(".py"), place / "__init__.py"}


def _none(detail: str) -> Problem:
    return Problem(404, "no-such-source", "There is no such source here.", detail[:300])
