"""pgbench with the statements of a creation: the most that PostgreSQL can do here."""

import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.stores import UNSAMPLED
from command_service.store import PREPARED, values_of
from command_service.todo import Title, create
from stack.servers import postgresql


@dataclass(frozen=True)
class Result:
    """What pgbench measured."""

    per_s: float
    latencies_ms: list[float]

    def quantile_ms(self, share: float) -> float:
        """Return the latency that a share of the transactions did not exceed."""
        return statistics.quantiles(self.latencies_ms, n=1000)[round(share * 1000) - 1]


def run(database_url: str, seconds: int, *, per_s: float | None = None) -> Result:
    """Run pgbench with 16 clients and its default protocol.

    Args:
        database_url: where the command service's tables are.
        seconds: for how long.
        per_s: the rate, None for as fast as it goes.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "create.sql").write_text(_plain_creation())
        command = [
            str(_program()), "-n", "-c", "16", "-j", "1", "-T", str(seconds),
            "-f", "create.sql", "--log", "--log-prefix=latencies",
        ]  # fmt: skip
        if per_s is not None:
            command += ["--rate", f"{per_s:.0f}"]
        done = subprocess.run(
            [*command, database_url], cwd=folder, capture_output=True, text=True, check=True
        )
        per_second = re.search(r"tps = ([\d.]+)", done.stdout)
        log = "".join(path.read_text() for path in Path(folder).glob("latencies*"))
    latencies_ms = [int(each.split()[2]) / 1000 for each in log.splitlines()]
    return Result(float(per_second[1]) if per_second else 0.0, latencies_ms)


def _program() -> Path:
    for binaries in postgresql.found():
        if (binaries.folder / "pgbench").is_file():
            return binaries.folder / "pgbench"
    raise SystemExit("pgbench is missing; it comes with PostgreSQL (apt-get install postgresql).")


def _plain_creation() -> str:
    """Return the statement of a creation with its values in it, as a driver would send it."""
    statement = PREPARED.split("AS\n", 1)[1].split(";", 1)[0]
    values = values_of(create(Title("Learn CQRS")), UNSAMPLED)
    for number, value in enumerate(values, start=1):
        statement = statement.replace(f"${number}", f"'{value}'")
    return statement + ";\n"
