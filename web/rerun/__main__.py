"""A recorded run, played again as commands against the running stack.

python -m web.rerun run.json
python -m web.rerun run.json --set relay/cursor --longest-pause 2
python -m web.rerun --last 60 --again --without projector/slow
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from web.lab.client import LabClient, LabError
from web.lab.settings import BadWords, setting_of, the_one
from web.lab.terminal import add_page, carry_out, say
from web.lab.words import places_of
from web.rerun.words import left_said, plan_said, table_said

LOOKS_EVERY_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    asked = _parser().parse_args(arguments)
    return carry_out(_play, asked, needs_key=True)


def _parser() -> argparse.ArgumentParser:
    lines = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(prog="python -m web.rerun", description=lines[0])
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="the run, as the page exports it; - for stdin"
    )
    add_page(parser)
    parser.add_argument(
        "--last", type=seconds, metavar="S", help="without FILE: the last S seconds of the stack"
    )
    parser.add_argument(
        *("--set", "-s"),
        action="append",
        nargs="+",
        default=[],
        metavar=("PLACE/SWITCH", "name=value"),
        help="a switch that is on meanwhile",
    )
    parser.add_argument(
        "--again", action="store_true", help="with all that was on when it was recorded"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="PLACE/SWITCH",
        help="of --again, not this one",
    )
    parser.add_argument(
        "--longest-pause", type=seconds, metavar="S", help="shorten longer pauses to S seconds"
    )
    parser.add_argument(
        "--within", type=seconds, metavar="S", help="wait that long for the last to arrive (30)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be played")
    parser.add_argument("--json", action="store_true", help="print both runs as JSON")
    return parser


def _play(asked: argparse.Namespace, client: LabClient) -> None:
    wish = _wish(asked)
    if asked.again:
        then = client.ask("POST", "/rerun", {**wish, "dry_run": True})["on_then"]
        wish["switches"] = [
            it for it in then if f"{it['place']}/{it['switch']}" not in asked.without
        ]
    if asked.set:
        wish["switches"] = [*wish.get("switches", []), *_settings(asked.set, client)]
    if asked.dry_run:
        plan = client.ask("POST", "/rerun", {**wish, "dry_run": True})
        if asked.json:
            say(json.dumps(plan))
        else:
            say("\n".join(plan_said(plan)))
        return
    began = client.ask("POST", "/rerun", wish)
    try:
        over = _watched(client, began["run"], is_quiet=asked.json)
    except KeyboardInterrupt:
        client.ask("DELETE", "/rerun")
        raise
    if asked.json:
        say(json.dumps(over))
        return
    say("\n".join(left_said(over)))
    say("\n".join(table_said(over["table"])))


def _wish(asked: argparse.Namespace) -> dict[str, Any]:
    wish: dict[str, Any] = {}
    if asked.file is not None:
        wish["run"] = _run_in(asked.file)
    elif asked.last is not None:
        wish["last_s"] = asked.last
    if asked.longest_pause is not None:
        wish["longest_pause_ms"] = asked.longest_pause * 1000
    if asked.within is not None:
        wish["within_s"] = asked.within
    return wish


def _run_in(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise BadWords(
            f"{name} cannot be read: {(error.strerror or str(error)).lower()}."
        ) from error
    except ValueError as error:
        raise BadWords(f"{name} is not JSON.") from error


def _settings(given: Sequence[Sequence[str]], client: LabClient) -> list[Mapping[str, Any]]:
    lab = client.lab()
    found: list[Mapping[str, Any]] = []
    for named, *words in given:
        place, _, name = named.partition("/")
        place = the_one("place", place, places_of(lab))
        name = the_one(f"switch at {place}", name, lab[place]["descriptions"])
        setting = setting_of(lab[place]["descriptions"][name], words)
        del setting["on"]
        found.append({"place": place, "switch": name, "with": setting})
    return found


def _watched(client: LabClient, run: str, *, is_quiet: bool) -> Any:
    """Say how far it gets until it is over, and return what it came to."""
    said = ""
    while True:
        told = client.ask("GET", "/rerun")
        if told["run"] != run:
            raise LabError("Another run has been played since.")
        says = f"{told['says']} {told['sent']:,} of {told['wanted']:,}." if told["running"] else ""
        if says and says != said and not is_quiet:
            say(says)
            said = says
        if not told["running"]:
            if not is_quiet:
                say(told["says"])
            return told
        time.sleep(LOOKS_EVERY_S)


def seconds(text: str) -> float:
    """Return a time in seconds. Raises ValueError, of which argparse says what it was to be."""
    value = float(text)
    if value < 0:
        raise ValueError
    return value


if __name__ == "__main__":
    sys.exit(main())
