"""The contract of what can be done to programs names what there is, here and with Docker."""

import re

import yaml

from chassis.programs import parse_programs
from stack.__main__ import _parser
from stack.programs import ALL, NO_PLACES, ROOT, named
from web.settings import PROGRAMS

CONTRACT = parse_programs(PROGRAMS.read_bytes())
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_every_program_but_the_page_is_a_place() -> None:
    assert CONTRACT.places.keys() <= set(ALL)
    assert set(ALL) - CONTRACT.places.keys() - set(NO_PLACES) <= {"links"}


def test_each_place_has_words_only_for_what_it_has() -> None:
    for place, said in CONTRACT.places.items():
        assert said.teaches.keys() <= CONTRACT.switches_at(place).keys()


def test_each_command_of_make_up_can_be_parsed_and_names_programs() -> None:
    for place in CONTRACT.places:
        for name in CONTRACT.switches_at(place):
            for command in CONTRACT.by_hand(place, name, "make up").values():
                words = command.removeprefix(".venv/bin/python -m stack ").split()
                assert [named(it) for it in _parser().parse_args(words).program]


def test_each_command_of_docker_names_services() -> None:
    for place in CONTRACT.places:
        for name, described in CONTRACT.described_by_hand(place).items():
            for command in (described["by_hand"], described.get("by_hand_off", "")):
                assert not command or re.fullmatch(
                    r"docker-compose (stop|start|pause|unpause|kill|up -d --scale \S+) \S+", command
                ), name
                assert not command or command.split()[-1] in SERVICES
