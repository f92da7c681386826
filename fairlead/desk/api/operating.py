"""The operations, together: ninja's part of the REST API, and what it says when it refuses."""

from importlib.metadata import version
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer

from fairlead.desk.api import (
    agreed,
    clocks,
    cohorts,
    flows,
    gates,
    handoffs,
    happened,
    metrics,
    numbers,
    reasons,
    reconciliation,
    renewals,
    revenue,
    subjects,
    tree,
    waivers,
)
from fairlead.desk.api.door import Session, Token
from fairlead.desk.api.refusals import Missing, not_signed_in, refusal, refused, unreadable
from fairlead.desk.api.written import written
from fairlead.problem import Refused


class ExactRenderer(BaseRenderer):
    """Writes answers with all the digits their numbers have."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return written(data)


class Api(NinjaAPI):
    """Ninja, with operations named by their functions."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


api = Api(
    title="Fairlead",
    version=version("fairlead"),
    description="Every number, what it means and how it came about: the same answers as on the pages.",
    openapi_url=None,
    docs_url=None,  # ninja's own pages load scripts from elsewhere; reference.py has ours
    urls_namespace="api",
    auth=[Token(), Session()],
    renderer=ExactRenderer(),
)
ROOMS = (
    numbers,
    reasons,
    tree,
    metrics,
    agreed,
    subjects,
    happened,
    flows,
    handoffs,
    clocks,
    gates,
    waivers,
    revenue,
    cohorts,
    reconciliation,
    renewals,
)
for room in ROOMS:
    api.add_router("", room.router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, said: Refused) -> HttpResponse:
    return refused(said.problems)


@api.exception_handler(Missing)
def _missing(request: HttpRequest, said: Missing) -> HttpResponse:
    return refusal(said.problems, 404)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, said: ValidationError) -> HttpResponse:
    return unreadable([f"{_place(error['loc'])}: {error['msg']}" for error in said.errors])


@api.exception_handler(HttpError)
def _wrong(request: HttpRequest, said: HttpError) -> HttpResponse:
    """What ninja itself refuses: whoever is not let in, and a body that is no JSON."""
    return not_signed_in() if said.status_code in (401, 403) else unreadable(["The body is no JSON."])


def _place(loc: tuple[Any, ...]) -> str:
    """Where a fault is: `limit`, or `given.won` in a body."""
    return ".".join(str(part) for part in loc[1:] if part not in ("asked", "body")) or str(loc[0])
