"""docs/metrics.md names what the processes tell Prometheus, and they tell it."""

import re
from collections.abc import Iterator

import requests
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from stack.local import LocalStack
from stack.programs import PROCESSES, ROOT
from tests.support import Client, until

PAGE = (ROOT / "docs/metrics.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| ([\w, -]+) \|", PAGE, re.MULTILINE)
# The rest is about Python itself, or says when a figure began.
NOT_OURS = re.compile("^(python|process)_|_created$")


def told(stack: LocalStack, process: str) -> Iterator[Metric]:
    text = requests.get(f"{stack.urls.base(process)}/metrics", timeout=60).text
    yield from text_string_to_metric_families(text)


def names(stack: LocalStack, process: str) -> set[str]:
    return {
        f"{it.name}_total" if it.type == "counter" else it.name
        for it in told(stack, process)
        if not NOT_OURS.search(it.name)
    }


def sample(stack: LocalStack, process: str, name: str, **labels: str) -> float:
    """Return the sum of a metric's samples that have these labels."""
    return sum(
        it.value
        for metric in told(stack, process)
        for it in metric.samples
        if it.name == name and labels.items() <= it.labels.items()
    )


def test_each_process_tells_what_the_page_says_of_it(stack: LocalStack) -> None:
    for process in PROCESSES:
        documented = {name for name, where in ROWS if {process, "all"} & {*where.split(", ")}}
        assert names(stack, process) == documented, process


def test_a_todo_is_counted_and_measured_on_its_whole_way(stack: LocalStack, client: Client) -> None:
    ways = {
        ("command-service", "http_server_request_duration_seconds_count"): {
            "http_request_method": "POST",
            "http_route": "/todos",
            "http_response_status_code": "201",
        },
        ("command-service", "events_written_total"): {"kind": "todo.created"},
        ("relay", "relay_batch_events_count"): {},
        ("relay", "events_published_total"): {"outcome": "confirmed"},
        ("relay", "messaging_client_operation_duration_seconds_count"): {
            "messaging_destination_name": "todo.events"
        },
        ("projector", "projection_batch_events_count"): {},
        ("projector", "projection_lag_seconds_count"): {},
        ("projector", "messaging_process_duration_seconds_count"): {
            "messaging_destination_name": "todo.projector"
        },
    }
    before = {way: sample(stack, *way, **labels) for way, labels in ways.items()}
    client.read_after(client.post("Measured"))

    def counted() -> bool:
        return all(sample(stack, *way, **labels) > before[way] for way, labels in ways.items())

    until(counted)


def test_a_request_of_a_strangers_making_makes_no_label_of_its_own(stack: LocalStack) -> None:
    base = stack.urls.command_service
    requests.request("PROPFIND", f"{base}/no/such/{'x' * 50}", timeout=60)
    requests.get(f"{base}/todos/{'y' * 50}", timeout=60)
    name = "http_server_request_duration_seconds_count"
    assert sample(stack, "command-service", name, http_request_method="_OTHER", http_route="") > 0
    text = requests.get(f"{base}/metrics", timeout=60).text
    assert not re.search("PROPFIND|yyy|xxx", text)
