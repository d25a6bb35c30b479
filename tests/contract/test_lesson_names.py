"""What lessons may name is what there is: hops of the contract, and parts of the stage."""

import re

from stack.programs import ROOT
from web.journeys.contract import parse_contract
from web.lessons.forms import HOPS, LINKS, NODES

STAGE = (ROOT / "web/static/js/stage/table.js").read_text()


def test_the_hops_are_those_of_the_contract() -> None:
    contract = parse_contract((ROOT / "contracts/hops.yaml").read_bytes())
    assert set(HOPS) == set(contract.all_hops)


def test_the_stage_has_what_a_lesson_points_at() -> None:
    drawn = set(re.findall(r'name: "([\w -]+)"', STAGE))
    drawn |= set(re.findall(r'link: "([\w -]+)"', STAGE))
    assert {*NODES, *LINKS} <= drawn
