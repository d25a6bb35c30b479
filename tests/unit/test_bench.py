"""The bench's own arithmetic: floors, what neighbours disturb, packets, and the documents."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bench import cpu
from bench.cost import over_rounds
from bench.documents import WRITTEN, Figures, refreshed
from bench.floors import against_floor, in_a_row
from bench.neighbours import Look, Neighbours, disturbance
from bench.packets import between, can_be_counted, counted, sent
from bench.report import Row, Run, Section, at_most, compare, full_name, table


def row(figure: float = 1.0, what: str = "a figure") -> Row:
    return compare(what, [figure], "ms", "wanted", [1.0], at_most(1))


def test_things_in_a_row_take_the_time_of_all_of_them() -> None:
    assert in_a_row(100.0, 100.0) == pytest.approx(50.0)
    assert in_a_row(7444, 9380) == pytest.approx(4150, abs=1)
    assert in_a_row(10.0) == 10.0
    assert in_a_row(10.0, 0.0) == 0.0


def test_a_floor_is_reckoned_for_each_turn_and_names_its_parts() -> None:
    parts = {"a constant": [100.0, 50.0, 20.0], "pgbench": [100.0, 50.0, 20.0]}
    found = against_floor("POST", [40.0, 20.0, 8.0], "both in a row", parts)
    assert (found.figure, found.limit, found.ratio) == (20.0, 25.0, 0.8)
    assert found.reached
    assert found.of_limit == {"a constant": 50.0, "pgbench": 50.0}
    assert "a constant 50, pgbench 50" in table(run([found]))


CALM = Look(at_s=0, stolen_s=0, busy_s=0, ours_s=0, loop_ms=30)


def later(
    stolen_s: float = 0, busy_s: float = 9, ours_s: float = 9, loop_ms: float = 30, at_s: float = 10
) -> Look:
    return Look(at_s, stolen_s, busy_s, ours_s, loop_ms)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (later(), ""),
        (later(busy_s=10.9), ""),
        (later(busy_s=14), "others used 0.5 cores"),
        (later(ours_s=9.5), ""),
        (later(stolen_s=0.4), ""),
        (later(stolen_s=2), "0.20 cores were stolen"),
        (later(loop_ms=37), ""),
        (later(loop_ms=60), "a loop took 2.0 times as long"),
    ],
)
def test_neighbours_show_in_what_the_kernel_counts_and_in_the_loop(after: Look, words: str) -> None:
    assert disturbance(CALM, after, 30) == words


class Machine:
    """Looks at a machine, which is disturbed during some measurements and calm during others."""

    def __init__(self, *disturbed: bool, each_s: float = 10) -> None:
        self._looks = self._all(disturbed, each_s)
        self.taken = 0

    def _all(self, disturbed: tuple[bool, ...], each_s: float) -> Iterator[Look]:
        yield CALM
        for number, is_disturbed in enumerate(disturbed):
            at_s = number * each_s
            yield Look(at_s, 0, 0, 0, 30)
            yield Look(at_s + each_s, 0, each_s if is_disturbed else 0, 0, 30)

    def look(self) -> Look:
        return next(self._looks)

    def take(self) -> list[Row]:
        self.taken += 1
        return [row(self.taken)]


def quiet(_text: str) -> None:
    pass


def calm(
    machine: Machine, again_s: float = 60, times: int = 3, tell: Callable[[str], None] = quiet
) -> list[Row]:
    neighbours = Neighbours(tell, again_s, machine.look)
    neighbours.begin()
    return neighbours.calm(machine.take, times)


def test_what_nobody_disturbs_is_measured_once() -> None:
    machine = Machine(False)
    assert calm(machine) == [row(1)]


def test_what_is_disturbed_is_measured_again_until_it_is_not() -> None:
    machine, told = Machine(True, False, False), list[str]()
    assert calm(machine, tell=told.append) == [row(2)]
    assert told == ["neighbours: others used 1.0 cores; once more"]


def test_what_is_always_disturbed_is_marked() -> None:
    machine = Machine(True, True, True, True)
    [found] = calm(machine)
    assert (machine.taken, found.disturbed) == (3, "others used 1.0 cores")
    assert "NOT~" in table(run([found]))


def test_measuring_again_ends_when_its_time_is_used_up() -> None:
    machine = Machine(True, True, True, each_s=10)
    [found] = calm(machine, again_s=15)
    assert (machine.taken, bool(found.disturbed)) == (2, True)
    machine = Machine(True, True)
    [found] = calm(machine, times=1)
    assert (machine.taken, bool(found.disturbed)) == (1, True)


def run(rows: list[Row]) -> Run:
    return Run(2, 7444.0, False, 60.0, 0.0, "others", [Section("Some", rows, (30.0, 31.0))])


def test_the_table_says_first_how_fast_the_machine_is_and_last_what_is_missed() -> None:
    same = compare("the same", [5.0], "ms", "another", [1.0], at_most(2))
    lines = table(run([row(), same.marked("others used 0.5 cores")])).splitlines()
    assert "2 cores" in lines[0]
    assert "7,444" in lines[0]
    assert "~ others used 0.5 cores" in "\n".join(lines)
    assert lines[-4].startswith("1 rows marked ~")
    assert lines[-3:] == [
        "1 of 2 figures are not as wanted:",
        "  Some: a figure: 5 ms, 5.00 x 1 another; wanted at most 2 times it",
        "It took 1.0 minutes.",
    ]
    assert full_name([row(), same], same) == "a figure"


def test_the_table_says_when_the_bench_kept_a_core_busy() -> None:
    busy = replace(run([row()]), kept_busy=True)
    assert "2 cores, one of them kept busy by another process;" in table(busy)


TOLD = """\
ESTAB 0 0 127.0.0.1:5011 127.0.0.1:41 users:(("postgres",pid=7,fd=6)) bbr data_segs_out:9
ESTAB 0 0 127.0.0.1:41 127.0.0.1:5011 users:(("python",pid=1,fd=6)) bbr data_segs_out:20 data_segs_in:3
ESTAB 0 0 [::1]:42 [::1]:5011 users:(("python",pid=1,fd=7)) bbr data_segs_out:2
ESTAB 0 0 127.0.0.1:43 127.0.0.1:5013 users:(("python",pid=2,fd=7)) bbr segs_in:2
ESTAB 0 0 127.0.0.1:44 127.0.0.1:5013 users:(("python",pid=3,fd=7)) bbr data_segs_out:5
ESTAB 0 0 127.0.0.1:45 127.0.0.1:9999 users:(("python",pid=1,fd=8)) bbr data_segs_out:5
"""  # noqa: E501, as ss writes it


def test_packets_are_counted_by_server_and_by_the_process_that_sent_them() -> None:
    servers, processes = {"postgresql": 5011, "mongodb": 5013}, {"relay": 1, "projector": 2}
    found = counted(TOLD, servers, processes)
    assert found == {"postgresql": {"relay": 22}, "mongodb": {}}
    before = {"postgresql": {"relay": 20}, "mongodb": {"projector": 4}}
    assert between(before, found) == {"postgresql": {"relay": 2}, "mongodb": {}}


@pytest.mark.skipif(not can_be_counted(), reason="ss is part of iproute2")
def test_the_kernel_counts_what_this_process_sends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0] as other:
            for _ in range(3):
                client.sendall(b"x")
                # Acknowledged, so that the next is a packet of its own.
                assert other.recv(1) == b"x"
            assert sent({"server": port}, {"us": os.getpid()}) == {"server": {"us": 3}}


def test_the_cpu_time_of_a_process_grows_with_its_work_and_is_none_when_it_is_gone() -> None:
    before_s = cpu.own_s(os.getpid())
    while time.process_time() - before_s < 0.02:
        pass
    assert cpu.own_s(os.getpid()) > before_s
    assert cpu.tree_s(os.getpid()) >= cpu.own_s(os.getpid()) - 1
    # Larger than any pid on Linux.
    assert (cpu.own_s(2**22 + 1), cpu.tree_s(2**22 + 1)) == (0.0, 0.0)


def test_several_rounds_are_one_row_with_their_spread() -> None:
    rounds = [[row(figure)] for figure in (3.0, 1.0, 2.0)]
    rounds[1] = [rounds[1][0].marked("others used 0.5 cores")]
    [found] = over_rounds(rounds)
    assert (found.figure, found.spread) == (2.0, (1.0, 3.0))
    assert found.disturbed == "others used 0.5 cores"


def test_a_document_keeps_all_but_the_table_between_the_marks() -> None:
    text = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n"
    assert refreshed(text, "| new |") == text.replace("old", "| new |")
    with pytest.raises(ValueError, match="no place"):
        refreshed("no marks", "| new |")


def test_the_documents_show_the_figures_of_the_run_beside_them() -> None:
    figures = Figures.of_docs()
    for path, of_document in WRITTEN.items():
        text = path.read_text()
        assert text == refreshed(text, of_document(figures)), f"{path}: python -m bench.documents"
