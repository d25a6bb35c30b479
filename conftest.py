"""The stack that all tests of a run share: real servers, real processes, free ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from chassis.lifecycle import allow_files
from stack import foreign
from stack.local import LocalStack
from stack.ports import Ports

# Whatever proxies and servers the environment names: the tests talk to this machine.
foreign.leave_out(os.environ, proxies=True)

# A crowd of clients is many open files, and the usual limit on macOS is 256.
allow_files(4096)

# Let their failed assertions show as much detail as those of tests.
pytest.register_assert_rewrite("tests.support", "e2e.support")

# An example may take as long as the machine needs: what is asserted is what comes out.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The whole stack, started once per run."""
    folder: Path = tmp_path_factory.mktemp("stack")
    own = {"web": {"LESSONS": str(folder / "own-lessons")}}
    with LocalStack(folder, Ports.free(), host_key="open sesame", environment=own) as running:
        # A start does not wait for it.
        running.start_program("links")
        yield running
    running.remove()
