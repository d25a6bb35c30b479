"""The merged log: lines as they come, whole, named, through rotation and restarts."""

from contextlib import closing
from pathlib import Path

from stack.logs import Follower, Growing, Restarts, labelled, wants_colour


def test_a_line_is_given_when_it_is_complete(tmp_path: Path) -> None:
    log = tmp_path / "relay.log"
    log.write_text("before\n")
    with closing(Growing(log)) as growing, log.open("a") as file:
        file.write("one\ntw")
        file.flush()
        assert list(growing.lines()) == ["one"]
        file.write("o\n")
        file.flush()
        assert list(growing.lines()) == ["two"]


def test_an_unfinished_line_is_given_at_the_end(tmp_path: Path) -> None:
    log = tmp_path / "relay.log"
    with closing(Growing(log)) as growing:
        log.write_text("Traceback")
        assert list(growing.lines()) == []
        assert list(growing.lines(final=True)) == ["Traceback"]


def test_nothing_is_lost_when_the_log_is_rotated(tmp_path: Path) -> None:
    log = tmp_path / "relay.log"
    log.write_text("")
    with closing(Growing(log)) as growing:
        log.write_text("last of the old\n")
        log.rename(tmp_path / "relay.log.1")
        log.write_text("first of the new\n")
        assert list(growing.lines()) == ["last of the old", "first of the new"]


def test_bytes_that_are_not_text_do_not_end_the_log(tmp_path: Path) -> None:
    log = tmp_path / "relay.log"
    with closing(Growing(log)) as growing:
        log.write_bytes(b"\xff\n")
        assert list(growing.lines()) == ["\N{REPLACEMENT CHARACTER}"]


def test_the_processes_are_merged_with_their_names(tmp_path: Path) -> None:
    written: list[str] = []
    follower = Follower(tmp_path, written.append, colour=False)
    (tmp_path / "relay.log").write_text("sent\n")
    (tmp_path / "web.log").write_text("shown\n")
    follower.start()
    follower.stop()
    assert written == ["relay           | sent", "web             | shown"]


def test_a_name_has_a_colour_only_if_wanted() -> None:
    assert "\033[" in labelled("web", "text", colour=True)
    assert "\033[" not in labelled("web", "text", colour=False)
    assert wants_colour({}, tty=True)
    assert not wants_colour({"NO_COLOR": "1"}, tty=True)
    assert not wants_colour({}, tty=False)


def test_deaths_stops_and_starts_are_announced() -> None:
    restarts = Restarts()
    lines = [
        "2026-11-23 06:25:11,701 INFO spawned: 'relay' with pid 10",
        "2026-11-23 06:25:11,701 WARN exited: relay (terminated by SIGKILL; not expected)",
        "2026-11-23 06:25:11,711 INFO spawned: 'relay' with pid 11",
        "2026-11-23 06:25:12,000 WARN exited: web (exit status 1; not expected)",
        "2026-11-23 06:25:12,713 INFO success: relay entered RUNNING state",
        "2026-11-23 06:25:13,000 INFO stopped: relay (exit status 0)",
        "2026-11-23 06:25:14,000 INFO spawned: 'relay' with pid 12",
    ]
    assert [restarts.of(line) for line in lines] == [
        None,
        "relay died (SIGKILL)",
        "relay restarted (pid 11)",
        "web died (exit status 1)",
        None,
        "relay stopped",
        "relay started (pid 12)",
    ]
