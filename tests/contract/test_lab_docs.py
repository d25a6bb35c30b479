"""The commands in docs/lab.md work as they stand there, and its tables name what exists."""

import re
import shlex
import subprocess
from dataclasses import asdict

import requests
import yaml

from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import ROOT
from tests.support import agree, until

LAB = (ROOT / "docs/lab.md").read_text()


def commands() -> list[str]:
    """Return the commands that the page shows, in their order."""
    blocks = re.findall(r"```console\n(.*?)```", LAB, flags=re.DOTALL)
    found: list[str] = re.findall(r"^\$ (.*)$", "".join(blocks), flags=re.MULTILINE)
    return found


def here(stack: LocalStack, command: str) -> list[str]:
    """Return a command for this stack, on its own ports."""
    mine = asdict(stack.ports)
    ports = {str(port): str(mine[name]) for name, port in asdict(Ports.default()).items()}
    command = command.replace("$HOST_KEY", stack.host_key)
    key = (stack.folder / "lab-key").read_text().strip()
    command = command.replace("$(cat .stack/lab-key)", key)
    return shlex.split(re.sub(r"localhost:(\d+)", lambda it: f"127.0.0.1:{ports[it[1]]}", command))


def test_each_curl_command_is_answered(stack: LocalStack) -> None:
    curls = [command for command in commands() if command.startswith("curl ")]
    assert len(curls) > 5
    until(lambda: agree(stack))
    try:
        for command in curls:

            def is_answered(command: str = command) -> bool:
                arguments = [
                    "curl",
                    "-sS",
                    "--fail-with-body",
                    "-m",
                    "30",
                    *here(stack, command)[1:],
                ]
                done = subprocess.run(arguments, capture_output=True, text=True, check=False)
                assert done.returncode == 0, (command, done.stdout, done.stderr)
                return True

            # A process that one command has crashed is away for a moment.
            until(is_answered)
    finally:
        all_clear = here(stack, "curl -X POST http://localhost:5003/lab/all-clear")[3]
        key = {"Authorization": f"Bearer {stack.host_key}"}
        requests.post(all_clear, headers=key, timeout=60).raise_for_status()
    until(lambda: agree(stack))


def test_the_other_commands_name_services_that_exist() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    others = [command for command in commands() if not command.startswith("curl ")]
    for command in others:
        named = re.fullmatch(r"docker-compose exec (\S+) .*|\.venv/bin/python -m .*", command)
        assert named, command
        assert named[1] is None or named[1] in services
    for service in re.findall(r"`docker-compose (?:stop|kill|pause|unpause|start) (\S+)`", LAB):
        assert service in services


def test_each_switch_has_a_row(stack: LocalStack) -> None:
    table = LAB[LAB.index("## The switches") : LAB.index("## Points")]
    lab = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    switches = {name for place in lab.values() if place for name in place["descriptions"]}
    assert {"crash", "hold", "pause", "slow"} <= switches
    assert switches <= {*re.findall(r"`([\w-]+)`", table)}


def test_each_switch_says_what_it_does_and_teaches_and_so_does_its_row(stack: LocalStack) -> None:
    lab = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    described = [
        (place, name, it)
        for place, told in lab.items()
        for name, it in told["descriptions"].items()
    ]
    assert not [it[:2] for it in described if not (it[2]["does"] and it[2]["teaches"])]
    parameters = [(*it[:2], each) for it in described for each in it[2]["parameters"]]
    assert not [it for it in parameters if not it[2]["does"]]
    tables = LAB[: LAB.index("## Points")]
    rows = re.findall(r"^\| [^|]+\| `[^|]+\|([^|]+)\|([^|]+)\|", tables, flags=re.MULTILINE)
    assert len(rows) > 30
    assert not [does for does, teaches in rows if not (does.strip() and teaches.strip())]


def test_each_point_has_a_row(stack: LocalStack) -> None:
    lab = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    points = {
        choice["value"]
        for place in lab.values()
        if place
        for parameter in place["descriptions"].get("hold", {"parameters": []})["parameters"]
        if parameter["name"] == "at"
        for choice in parameter["choices"]
    }
    assert points
    assert points | {"before-swap"} <= {*re.findall(r"`([\w-]+)`", LAB[LAB.index("## Points") :])}
