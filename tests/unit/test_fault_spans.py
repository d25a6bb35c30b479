"""A firing is two spans that keep to the contract, and that name the line which asked for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.clock import Clock
from chassis.lab.firings import Firings
from chassis.lab.lab import Lab
from chassis.lab.match import MATCH, Named, Subject
from chassis.lab.points import Hold, Point
from chassis.lab.switches import Pause, Slow, Switch
from stack.programs import ROOT
from tests.support.hops import contract

TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}
TRACE, PARENT = "ab" * 16, "cd" * 8
HERE = Point("here", "here")


class Lose(Switch):
    name, does, teaches, standing = "lose", "Loses it.", "It is gone.", False
    parameters = MATCH


class Told:
    """A lab, and the spans that it sends."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        firings = Firings(provider.get_tracer("test"), Clock(), provider.force_flush, "relay")
        self.lab = Lab(Pause(), Slow(), Lose(), Hold(HERE), firings=firings)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    @property
    def attributes(self) -> list[dict[str, Any]]:
        return [dict(span.attributes or {}) for span in self.spans]


def event(flags: str) -> Subject:
    named: Named = {"cloudevents.event_id": "e", "todo.id": 7, "todo.version": 1}
    return Subject(7, "Milk", traceparent=f"00-{TRACE}-{PARENT}-{flags}", named=named)


def test_a_firing_is_told_before_and_after_with_all_that_the_contract_names() -> None:
    told = Told()
    told.lab.set("lose", {"on": True})
    firing = told.lab.fires(Lose, event("01"), HERE)
    assert firing
    rule = contract()["fault"]
    [begins] = told.attributes
    firing.over()
    firing.over()
    begins, over = told.attributes
    assert begins.pop(rule["phase"]) == "begins"
    assert over.pop(rule["phase"]) == "over"
    assert begins == over
    assert {*rule["required"]} - {rule["phase"]} <= begins.keys()
    assert begins[rule["file"]] == str(Path(__file__).relative_to(ROOT))
    assert begins[rule["function"]].endswith("with_all_that_the_contract_names")
    for name, value in begins.items():
        assert type(value) is TYPES[contract()["attributes"][name]], name
    for span in told.spans:
        assert span.name == rule["span"]
        assert span.parent
        assert f"{span.parent.span_id:016x}" == PARENT
        assert span.start_time == told.spans[0].start_time


def test_a_firing_is_told_even_if_its_event_is_not_traced() -> None:
    told = Told()
    told.lab.set("lose", {"on": True})
    firing = told.lab.fires(Lose, event("00"))
    assert firing
    [span] = told.spans
    assert span.parent is None


@pytest.mark.parametrize("end", ["by hand", "all clear", "again"])
def test_a_switch_that_acts_while_it_is_on_has_one_firing(end: str) -> None:
    told = Told()
    told.lab.set("pause", {"on": True})
    [begins] = told.attributes
    assert not [name for name in begins if name.startswith("code.")], "it acts at no line"
    if end == "by hand":
        told.lab.set("pause", {"on": False})
    elif end == "all clear":
        told.lab.clear()
    else:
        told.lab.set("pause", {"on": True})
    phases = [it["eventually.fault.phase"] for it in told.attributes]
    assert phases == ["begins", "over", "begins"][: 3 if end == "again" else 2]
