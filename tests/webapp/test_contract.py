"""openapi.json against the real interface: any request meets a described answer, never an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from indexer import Config
from webapp import create_app
from webapp.openapi import description

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
checks = pytest.importorskip("schemathesis.checks")
checks.load_all_checks()
NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
QUIET = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def described(site_config: Config) -> Any:
    """The interface of the small real index, as it describes itself."""
    return schemathesis.openapi.from_wsgi(
        "/openapi.json", create_app(site_config), headers={"Accept-Encoding": "identity"}
    )


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.parametrize("path", description()["paths"])
def test_generated_requests(described: Any, path: str, mode: str) -> None:
    """Generated requests, valid and not, are answered as openapi.json says."""
    ((method, says),) = description()["paths"][path].items()
    operation = described[path][method.upper()]
    if mode == "NEGATIVE" and not says.keys() & {"parameters", "requestBody"}:
        pytest.skip("nothing to get wrong")
    strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode[mode])

    @QUIET
    @given(case=strategy)
    def answers_fit(case: Any) -> None:
        # Schemathesis asks a WSGI application for packed answers, and unpacks none.
        headers = {"Host": "localhost", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, checks=checks.CHECKS.get_by_names(NAMES))

    answers_fit()
