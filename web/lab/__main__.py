"""The lab in a terminal.

python -m web.lab list
python -m web.lab set projector crash on at=after-write
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from web.lab.client import LabClient
from web.lab.settings import BadWords, setting_of, the_one
from web.lab.terminal import add_page, carry_out, say
from web.lab.words import changes, described, held_in, listed, places_of, state_says

LOOKS_EVERY_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    return carry_out(asked.run, asked, needs_key=asked.needs_key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m web.lab", description=_first_line())
    add_page(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., None], says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(run=run, needs_key=name in {"set", "release", "kill", "all-clear"})
        return made

    command("list", _list, "every place, its switches, and how they stand")
    show = command("show", _show, "what a switch does, teaches and takes")
    set_ = command("set", _set, "switch something on or off")
    for made in (show, set_):
        made.add_argument("place", metavar="PLACE")
        made.add_argument("switch", metavar="SWITCH")
    set_.add_argument("on", choices=("on", "off"))
    set_.add_argument("parameters", metavar="name=value", nargs="*")
    for name, says in (
        ("release", "let go what is held, at one place or at all"),
        ("kill", "kill the process that is held, as a crash would at that line"),
    ):
        made = command(name, _let_go, says)
        made.add_argument("place", metavar="PLACE", nargs="?" if name == "release" else None)
        made.set_defaults(how=name)
    clear = command("all-clear", _all_clear, "lift everything, and say whether both stores agree")
    clear.add_argument(
        "--cure", action="store_true", help="retry dead letters and rebuild what differs"
    )
    command("watch", _watch, "say what is armed, fires and is cleared, until Ctrl-C")
    return parser


def _list(_asked: argparse.Namespace, client: LabClient) -> None:
    for line in listed(client.lab(), _now_ms()):
        say(line)


def _show(asked: argparse.Namespace, client: LabClient) -> None:
    lab = client.lab()
    place, name = _switch(lab, asked)
    for line in described(place, name, lab[place]["descriptions"][name]):
        say(line)
    say(f"It is {state_says((lab[place].get('switches') or {}).get(name), _now_ms())}.")


def _set(asked: argparse.Namespace, client: LabClient) -> None:
    lab = client.lab()
    place, name = _switch(lab, asked)
    setting: Mapping[str, Any] = {"on": False}
    if asked.on == "on":
        setting = setting_of(lab[place]["descriptions"][name], asked.parameters)
    elif asked.parameters:
        raise BadWords("What is switched off takes no parameters.")
    state = client.set(place, name, setting)
    say(f"{place} {name}: {state_says(state, _now_ms())}")


def _let_go(asked: argparse.Namespace, client: LabClient) -> None:
    lab = client.lab()
    places = places_of(lab)
    if asked.place is not None:
        places = [the_one("place", asked.place, places)]
    count = 0
    for place in places:
        for name, state in (lab[place].get("switches") or {}).items():
            held = held_in(state, _now_ms())
            if not held:
                continue
            client.let_go(place, name, asked.how)
            count += len(held)
            done = "released" if asked.how == "release" else "killed"
            say("\n".join(f"{place}: {done} {it}" for it in held))
    if not count:
        say("Nothing is held.")


def _all_clear(asked: argparse.Namespace, client: LabClient) -> None:
    say("Lifting everything. This may take a minute.")
    for line in _flat(client.all_clear(cure=asked.cure)):
        say(line)


def _watch(_asked: argparse.Namespace, client: LabClient) -> None:
    before = client.lab()
    for place in places_of(before):
        for name, state in (before[place].get("switches") or {}).items():
            if state.get("on"):
                _say_now(f"{place} {name}: {state_says(state, _now_ms())}")
    while True:
        time.sleep(LOOKS_EVERY_S)
        now = client.lab()
        for line in changes(before, now, _now_ms()):
            _say_now(line)
        # What does not answer just now is compared with what it said last.
        before = {**before, **{place: it for place, it in now.items() if it}}


def _say_now(line: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {line}")


def _switch(lab: Mapping[str, Any], asked: argparse.Namespace) -> tuple[str, str]:
    place = the_one("place", asked.place, places_of(lab))
    return place, the_one(f"switch at {place}", asked.switch, lab[place]["descriptions"])


def _flat(value: Any, name: str = "") -> list[str]:
    """Return an answer as lines, whatever it holds: `agree: true`."""
    if isinstance(value, dict):
        inner = [(f"{name} {key}".strip(), it) for key, it in value.items()]
        return [line for key, it in inner for line in _flat(it, key)]
    if isinstance(value, list):
        if all(not isinstance(it, dict | list) for it in value):
            return [f"{name}: {', '.join(map(str, value)) or 'none'}"]
        return [line for it in value for line in _flat(it, name)]
    says = {True: "yes", False: "no", None: "not known"}
    return [f"{name}: {says[value] if value is None or isinstance(value, bool) else value}"]


def _now_ms() -> float:
    return time.time() * 1000


def _first_line() -> str:
    return (__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
