"""What is in a stack's folder, and how all of it is removed."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from stack import passwords
from stack.errors import StackError
from stack.leftovers import LOCK
from stack.running import LAB_KEY, NOTE
from stack.servers import postgresql

DATA = ("postgresql", postgresql.ELSEWHERE_NOTE, "rabbitmq", "mongodb")
OURS = {*DATA, "log", "supervisord.conf", "supervisord.pid", LOCK, NOTE, LAB_KEY, passwords.KEPT}


def check_ours(folder: Path) -> None:
    """Raise if a folder has something in it that no stack puts there.

    Raises:
        StackError: names it.
    """
    others = sorted(path.name for path in folder.iterdir() if path.name not in OURS)
    if others:
        raise StackError(
            f"{folder} has {', '.join(others[:3])} in it, which the stack did not put there. "
            "Nothing was removed. Move that away, then try again."
        )


def check_owner(folder: Path) -> None:
    """Raise if a folder is another user's, who could not use it any more once we had.

    Raises:
        StackError: names the user.
    """
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise StackError(
            f"{folder} belongs to {_name(owner)}. Start the stack as that user, or remove the data "
            "with `sudo make clean`."
        )


def described(folder: Path) -> str:
    """What is in a folder, and how large it is."""
    places = [folder, *filter(None, [postgresql.elsewhere(folder)])]
    size = sum(path.lstat().st_size for place in places for path in place.rglob("*"))
    return f"the data and logs in {' and '.join(map(str, places))} ({size / 1e6:.0f} MB)"


def remove(folder: Path) -> None:
    """Remove the data and logs of a stopped stack. A folder that is a link stays, and is empty."""
    postgresql.remove(folder)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not folder.is_symlink():
        folder.rmdir()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
