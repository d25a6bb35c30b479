"""The page's modules in one file, so that a browser asks once and not 140 times.

There is no build step: web joins the files when it starts, in the order in which they need one
another, and without their doc comments, which are a third of the bytes. Each becomes a function,
whose names are its own, and which returns what the module exports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath, relpath

_IMPORT = re.compile(
    r"""^import\ (?: (?P<default>\w+) | \*\ as\ (?P<space>\w+) | \{ (?P<names>[^}]*) \} )
    \ from\ "(?P<file>[^"]+)";$""",
    re.MULTILINE | re.VERBOSE,
)
_PASSED_ON = re.compile(r'^export \* as (\w+) from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+)\b)", re.MULTILINE)
_NOTHING = re.compile(r"^export \{\};$", re.MULTILINE)
_DOC_COMMENT = re.compile(r"^[ ]*/\*\*(?:(?!\*/).)*\*/[ ]*\n", re.MULTILINE | re.DOTALL)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(modules: Mapping[str, str], entry: str, place: str) -> str:
    """Return one module that does what `entry` does.

    Args:
        modules: the text of each module, by its path; what is imported from elsewhere stays so.
        entry: the path of the module that imports the others.
        place: the path of what is returned.

    Raises:
        ValueError: modules import one another in a circle, or in a way that we do not know.
    """
    return _Joining(modules, place).whole(entry)


class _Joining:
    def __init__(self, modules: Mapping[str, str], place: str) -> None:
        self._modules = modules
        self._place = place
        self._numbers: dict[str, int] = {}
        self._under_way: list[str] = []
        self._outside: list[str] = []
        self._parts: list[str] = []

    def whole(self, entry: str) -> str:
        self._name_of(entry, "")
        return "\n".join([*self._outside, *self._parts])

    def _name_of(self, path: str, imported_by: str) -> str:
        """Return the name of what a module exports, once the module is there."""
        path = normpath(join(dirname(imported_by), path))
        if path in self._under_way:
            raise ValueError(f"{path} imports itself, by way of {imported_by}")
        if path not in self._numbers:
            if path in self._modules:
                self._add(path)
            else:
                file = relpath(path, dirname(self._place) or ".")
                self._number(path)
                self._outside.append(f'import * as m{self._numbers[path]} from "./{file}";')
        return f"m{self._numbers[path]}"

    def _number(self, path: str) -> None:
        self._numbers[path] = len(self._numbers)

    def _add(self, path: str) -> None:
        self._under_way.append(path)
        text = _DOC_COMMENT.sub("", self._modules[path])
        passed_on = {name: self._name_of(file, path) for name, file in _PASSED_ON.findall(text)}
        text = _PASSED_ON.sub("", text)
        text = _IMPORT.sub(lambda found: self._taken(found, path), text)
        exports = [*_EXPORT.findall(text), *(f"{name}: {it}" for name, it in passed_on.items())]
        text = _NOTHING.sub("", _EXPORT.sub("", text))
        left = _LEFT.search(text)
        if left:
            raise ValueError(f"{path}: {left.group()}")
        self._number(path)
        head = f"// {path}\nconst m{self._numbers[path]} = (() => {{"
        self._parts.append(f"{head}\n{text}\nreturn {{ {', '.join(exports)} }};\n}})();")
        self._under_way.pop()

    def _taken(self, found: re.Match[str], path: str) -> str:
        name = self._name_of(found["file"], path)
        if found["space"]:
            return f"const {found['space']} = {name};"
        if found["default"]:
            return f"const {{ default: {found['default']} }} = {name};"
        return f"const {{{found['names'].replace(' as ', ': ')}}} = {name};"
