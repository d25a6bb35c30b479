"""What the check before a workshop says of a machine."""

import socket
import sys
from pathlib import Path

import pytest

from stack import workshop
from stack.local import LocalStack
from stack.ports import LOOPBACK, Ports
from stack.workshop import Here, examine

XRANDR = """\
Screen 0: minimum 320 x 200, current 3840 x 1080, maximum 16384 x 16384
eDP-1 connected primary 1920x1080+0+0 (normal left inverted right x axis y axis) 344mm x 194mm
   1920x1080     60.01*+
HDMI-1 connected 1024x768+1920+0 (normal left inverted right x axis y axis) 0mm x 0mm
DP-1 disconnected (normal left inverted right x axis y axis)
"""
MAC = "        Displays:\n          Resolution: 2560 x 1600 Retina\n"


@pytest.mark.parametrize(
    ("finding", "verdict"),
    [
        (workshop.of_disk(100), "no"),
        (workshop.of_disk(1_000), "look"),
        (workshop.of_disk(50_000), "ok"),
        (workshop.of_memory(500, runs=False), "no"),
        (workshop.of_memory(500, runs=True), "ok"),
        (workshop.of_memory(1_500, runs=False), "look"),
        (workshop.of_memory(8_000, runs=False), "ok"),
        (workshop.of_cpus(1), "look"),
        (workshop.of_cpus(2), "ok"),
        (workshop.of_servers({"PostgreSQL": True, "RabbitMQ": False}), "look"),
        (workshop.of_servers({"PostgreSQL": True, "RabbitMQ": True}), "ok"),
        (workshop.of_browsers([]), "look"),
        (workshop.of_browsers(["firefox"]), "ok"),
        (workshop.of_screens([]), "look"),
        (workshop.of_screens([(1920, 1080), (1024, 768)]), "look"),
        (workshop.of_screens([(1280, 720)]), "ok"),
        (workshop.of_folder({"HOST_KEY": "open sesame"}), "ok"),
        (workshop.of_folder({"HOST_KEY": "schlüssel"}), "no"),
    ],
)
def test_each_thing_will_do_wants_a_look_or_will_not(
    finding: workshop.Finding, verdict: str
) -> None:
    assert finding.verdict == verdict
    assert finding.says.endswith(".")


def test_sizes_of_screens_are_read_as_each_system_tells_them() -> None:
    assert workshop.sizes_in(XRANDR, workshop._SCREENS["linux"][1]) == [(1920, 1080), (1024, 768)]
    assert workshop.sizes_in(MAC, workshop._SCREENS["darwin"][1]) == [(2560, 1600)]


def test_a_port_that_is_taken_is_named() -> None:
    free = Ports.free()
    assert workshop.of_ports(free).verdict == "ok"
    with socket.create_server((LOOPBACK, free.web)):
        finding = workshop.of_ports(free)
    assert finding.verdict == "no"
    assert f"{free.web} (web)" in finding.says


def test_without_page_host_only_this_machine_has_the_page(tmp_path: Path) -> None:
    here = Here(tmp_path, Ports.free(), runs=False)
    closed = workshop.of_address(here, {})
    assert closed.verdict == "look"
    url = workshop.page_url(here.ports.web, {})
    if url:
        assert f"{url}: PAGE_HOST=0.0.0.0 make up" in closed.says
        assert workshop.of_address(here, {"PAGE_HOST": "0.0.0.0"}).verdict == "ok"  # noqa: S104, what people set
    tunnel = {"PUBLIC_URL": "https://room.example/"}
    assert "https://room.example," in workshop.of_address(here, tunnel).says


def test_a_stack_that_runs_here_is_asked_how_it_does(stack: LocalStack) -> None:
    here = Here.of(stack.folder, {})
    assert (here.runs, here.ports) == (True, stack.ports)
    found = {it.what: it for it in examine(here, {})}
    assert found["stack"].verdict == "ok", found["stack"].says
    assert not any(it.verdict == "no" for it in found.values()), found
    # It listens on loopback only.
    assert found["room"].verdict == "look"


def test_all_of_it_is_said_with_one_line_each_and_where_the_room_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = Ports.free()
    monkeypatch.setattr(Ports, "named", lambda _environment: free)
    fits = workshop.check(tmp_path, {"PUBLIC_URL": "https://room.example"})
    said = capsys.readouterr().out
    assert fits, said
    for what in ("machine", "disk", "memory", "cpu", "servers", "ports", "browser", "screen"):
        assert any(line.split()[1:2] == [what] for line in said.splitlines()), what
    assert "The room comes to https://room.example" in said
    assert "This machine can hold the workshop." in said


def test_a_qr_code_is_drawn_if_something_is_there_that_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "draws.py").write_text(
        "class Made:\n"
        "    def __init__(self, text): self.text = text\n"
        "    def terminal(self, out, compact): out.write(f'[{self.text}]\\n')\n"
        "def make(text, micro): return Made(text)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(workshop, "QR", "draws")
    assert workshop.qr_code("http://here:5003") == "[http://here:5003]\nhttp://here:5003"
    sys.modules.pop("draws")
    monkeypatch.setattr(workshop, "QR", "nothing_of_that_name")
    assert workshop.qr_code("http://here:5003") is None
