"""Both services keep to their OpenAPI documents, whatever they are asked.

They are asked along the documents' links. More of it: `FUZZ_EXAMPLES=300`.
"""

import os
import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from stack.local import LocalStack
from tests.support import Client
from tests.support.contracts import CONTRACTS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    stateful_step_count=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What may become of a request that the document allows: the todo may be gone or have changed.
ALLOWED = frozenset({200, 201, 304, 404, 412})
# Or the key may be taken, and a read model may be behind or not kept.
ALLOWED_PROBLEMS = frozenset({"idempotency-key-reused", "read-model-behind", "not-kept"})


def new_schema(stack: LocalStack, name: str, mode: GenerationMode) -> Any:
    urls = {"commands": stack.urls.command_service, "queries": stack.urls.query_service}
    schema = schemathesis.openapi.from_path(CONTRACTS / f"{name}.openapi.yaml")
    schema.config.update(base_url=urls[name])
    schema.config.generation.update(modes=[mode])
    return schema


def check(case: Any, answer: Any, mode: GenerationMode) -> None:
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if mode is GenerationMode.POSITIVE and answer.status_code not in ALLOWED:
        problem = answer.json()["type"].rpartition(":")[2]
        assert problem in ALLOWED_PROBLEMS, (case.as_curl_command(), answer.text)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", ["commands", "queries"])
def test_a_service_keeps_to_its_document(
    stack: LocalStack, client: Client, name: str, mode: GenerationMode
) -> None:
    # So that there is something to answer with.
    client.read_after(client.post("Whatever is asked"))
    machine: Any = new_schema(stack, name, mode).as_state_machine()

    class Asking(machine):  # type: ignore[misc]  # its class is made at run time
        def before_call(self, case: Any) -> None:
            # For a version that never comes a read would wait to its end.
            if prefers := (case.headers or {}).get("Prefer"):
                case.headers["Prefer"] = re.sub("wait=[0-9]+", "wait=0", str(prefers))

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            check(case, response, mode)

    Asking.run(settings=SETTINGS)
