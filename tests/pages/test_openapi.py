"""The API keeps what its description promises, whatever is sent to it."""

from __future__ import annotations

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi import checks

from geoapp.city import City

PROMISES: list[CheckFunction] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_get_the_answers_described(app: APIFlask, filled: City, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 13
    for operation in operations:
        _ask(operation, mode)


def _ask(operation: APIOperation, mode: GenerationMode) -> None:  # type: ignore[type-arg]
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        # The stand-in for a server does not unpack what travels packed.
        case.call_and_validate(checks=PROMISES, headers={"Accept-Encoding": "identity"})

    ask()
