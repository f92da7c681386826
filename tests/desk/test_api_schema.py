"""The REST API against its own description: whatever is sent, no fault of ours and no answer that is not documented."""

import shutil
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from fairlead.desk import NewUser, add_user, new_token
from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from schemathesis import Case as AnyCase
    from schemathesis.schemas import BaseSchema

    Case = AnyCase[Any]

EXAMPLES = 12
FEW = 3

# What a program may well send: without them every question would fail at its first word.
LIKELY: dict[str, tuple[Any, ...]] = {
    "metrics": (["win_rate"], ["new_arr", "won"], ["pipeline_velocity"]),
    "metric": ("win_rate", "arpa", "pipeline_velocity"),
    "name": ("win_rate", "M10", "won", "arpa"),
    "per": ("month", "quarter", "year"),
    "by": ([], ["account.segment"], ["source", "owner.team"]),
    "where": ("is_won", "amount > 1e400", "name = '\u0000'", "((((((amount))))))> 0", "source = 'inbound'"),
    "from": ("2026-09", "2026-Q1", "2025", "1900"),
    "as_of": ("2026-10-31", "2999-12-31"),
    "known_at": ("2999-01-01", "1900-01-01T00:00:00+14:00"),
    "defined_on": ("2026-10-31",),
    "reported": ("2026", ""),
    "kind": ("metric", "stage"),
    "subject": ("lifecycle", "metrics", "decisions", "opportunity"),
    "record": ("salesforce:006Hc0000000238IAR", "nobody", "\u0000"),
    "to": ("2026-10", "2026-Q2", "2999", "2026-W05", "closed_won"),
    "flow": ("sales", "lifecycle"),
    "build": ("2026", "\u0000"),
    "a": ("2026",),
    "b": ("2026",),
    "policy": ("mql_to_sql", "kickoff"),
    "under": ("now", "2026-10-31", "2026", "/"),
}


@pytest.fixture(scope="module")
def own(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the demo company: disputes are written into it."""
    root = tmp_path_factory.mktemp("api") / "halyard"
    shutil.copytree(company.root, root, ignore=shutil.ignore_patterns("desk.sqlite3*"))
    workspace = open_workspace(root)
    add_user(workspace, NewUser("bob", "Bob Okafor", "bob@acme.com", "team"))
    return workspace


@pytest.fixture(scope="module")
def bearer(own: Workspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_token(own, 'bob')}"}


@pytest.fixture
def api(own: Workspace, bearer: dict[str, str]) -> Iterator["BaseSchema"]:
    """The API as Bob's program sees it."""
    open_desk(own)
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import override_settings

    with override_settings(ALLOWED_HOSTS=["localhost"]):
        schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application(), headers=bearer)
        schema.config.generation.update(with_security_parameters=False)
        yield schema


def likely(case: "Case") -> None:
    """Most of what is generated to be valid names things there are; the choice hangs on the case, to be repeatable."""
    for container in (case.path_parameters, case.query):
        for name in container or ():
            seed = zlib.crc32(f"{name} {sorted(map(str, container.items()))}".encode("utf-8", "replace"))
            if name in LIKELY and seed % 5:
                container[name] = LIKELY[name][seed // 5 % len(LIKELY[name])]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_documented(api: "BaseSchema", bearer: dict[str, str], mode: GenerationMode) -> None:
    """No 5xx, no status, type or shape that the description does not tell, no token that is not asked for."""
    faults = []
    for found in api.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue

        @settings(
            max_examples=FEW if "compare" in operation.label else EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: "Case") -> None:
            if mode is GenerationMode.POSITIVE:
                likely(case)
            case.call_and_validate(headers=bearer, excluded_checks=[positive_data_acceptance])

        try:
            holds()
        except (Exception, BaseExceptionGroup) as fault:  # schemathesis groups its failures
            faults.append(f"{operation.label}: {fault}")
    assert not faults, "\n\n".join(faults)


def test_a_dispute_is_written_into_the_model_and_tried(own: Workspace, bearer: dict[str, str]) -> None:
    open_desk(own)
    from django.test import Client

    program = Client(headers={**{name.lower(): value for name, value in bearer.items()}, "host": "localhost"})
    before = program.get("/api/disputes").json()["total"]
    said = {"term": "M10", "says": "A merged deal is not lost.", "given": {"won": 1, "closed": 4}, "gives": 0.3333}
    given = program.post("/api/disputes", said, content_type="application/json")
    assert given.status_code == 201, given.content
    made = given.json()
    assert (made["term"], made["raised_by"], made["found"], made["holds"]) == ("win_rate", "Bob Okafor", 0.25, False)
    page = program.get("/api/disputes?limit=500").json()
    assert page["total"] == before + 1
    assert page["items"][-1] == made
    assert "A merged deal is not lost." in (own.root / "model" / "decisions.yaml").read_text()
    again = program.post("/api/disputes", said, content_type="application/json")
    assert (again.status_code, again.json()["problems"][0]["code"]) == (400, "bad-dispute")
