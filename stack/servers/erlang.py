"""Where Erlang looks for the modules of RabbitMQ: only where it may find one.

Erlang tries each folder on its path in turn for each module that it loads. RabbitMQ comes with some
70 folders, most of them for plugins that are off; at each start, they take 50,000 attempts to open
a file that is not there, and a third of the CPU time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

BROKER = "rabbit"


def lean_plugins(script: Path, folder: Path) -> Path | None:
    """Fill a folder with links to the applications that the broker needs, and return it.

    Args:
        script: RabbitMQ's start script.
        folder: where the links go; whatever links are there are replaced.

    Returns:
        None if RabbitMQ keeps its applications where we do not expect them.

    Source: https://www.rabbitmq.com/docs/plugins#plugin-directories
    """
    applications = _applications(script.resolve().parent.parent / "plugins")
    if BROKER not in applications:
        return None
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name in needed(BROKER, {name: uses for name, (_, uses) in applications.items()}):
        place = applications[name][0]
        (folder / place.name).symlink_to(place)
    return folder


def needed(root: str, uses: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return an application and all that it uses, directly or not, of those that are known."""
    found: set[str] = set()
    left = {root}
    while left:
        name = left.pop()
        found.add(name)
        left |= (uses[name] & uses.keys()) - found
    return frozenset(found)


def uses_of(resource: str) -> frozenset[str]:
    """Return what an application says that it uses.

    Args:
        resource: the text of its `.app` file.

    Source: https://www.erlang.org/doc/apps/kernel/app.html
    """
    lists = re.findall(r"\{\s*(?:\w+_)?applications\s*,\s*\[([^\]]*)\]", resource)
    return frozenset(re.findall(r"\w+", " ".join(lists)))


def _applications(plugins: Path) -> dict[str, tuple[Path, frozenset[str]]]:
    """The folder of each application, and what it uses."""
    return {
        file.stem: (file.parent.parent, uses_of(file.read_text(encoding="utf-8", errors="replace")))
        for file in plugins.glob("*/ebin/*.app")
    }
