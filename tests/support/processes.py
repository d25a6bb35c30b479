"""Another process of a kind, beside the one that the supervisor runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from stack.local import LocalStack
from stack.programs import ROOT


@contextmanager
def another(
    stack: LocalStack,
    module: str,
    name: str,
    port: int,
    further: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one more process of a kind beside the supervised one; it logs to the stack's log."""
    settings = stack.environment(name) | {"OPS_PORT": str(port), "PORT": str(port)}
    with (stack.log_folder / f"another-{name}.log").open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **settings, **further},
            stderr=told,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
