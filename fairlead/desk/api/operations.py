"""What every operation has in common: the answers it may give, and that it takes no parameter it does not know."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

from django.http import HttpRequest
from ninja import Router
from ninja.errors import ValidationError
from pydantic import BaseModel

from fairlead.desk.api.paging import Asking
from fairlead.desk.api.shapes import Problems
from fairlead.problem import did_you_mean

Operation = TypeVar("Operation", bound=Callable[..., Any])

REFUSALS: Mapping[int, str] = {
    400: "The question cannot be answered as it is put; the problems say why.",
    401: "No valid token, and nobody is signed in.",
    403: "Signed in without access to the workspace, a session's request without its form token, or a decision that "
    "is somebody else's: the hint says whose.",
    404: "What the address names is not there; the hint offers the nearest name.",
    405: "The address does not answer this method; the header Allow names those it does.",
    409: "Not yet: nothing has been built, a build is running, or there is none of that earlier day yet, and the "
    "hint says what makes it.",
    422: "A parameter is unknown, of the wrong type or outside its limits, or the body cannot be read.",
    503: "The workspace itself cannot be read until somebody mends it; the problems say where.",
}
ALWAYS = (401, 403, 405, 422, 503)
HEADERS = {
    "ETag": {
        "description": "Send it back as If-None-Match: 304 when nothing has changed.",
        "schema": {"type": "string"},
        "required": True,
    },
    "Cache-Control": {"description": "private, no-cache", "schema": {"type": "string"}, "required": True},
}
CSV_CONTENT = {"text/csv": {"schema": {"type": "string"}, "example": "metric,period,value,unit\n"}}


def reads(  # noqa: PLR0913 - what differs from one operation to the next
    router: Router, path: str, shown: Any, *, may: tuple[int, ...] = (), csv: bool = False, summary: str
) -> Callable[[Operation], Operation]:
    """Register a GET: it answers with `shown`, or refuses with what all may and with `may`."""
    extra: dict[int, Any] = {200: {"headers": HEADERS, "description": "The answer."}}
    extra[304] = {"description": "Nothing has changed since the answer whose ETag was sent.", "headers": HEADERS}
    if csv:
        extra[200]["content"] = CSV_CONTENT
    return _registered(router.get, path, {200: shown, 304: None}, (*ALWAYS, *may), extra, summary)


def changes(
    router: Router, path: str, shown: Any, *, may: tuple[int, ...] = (), summary: str
) -> Callable[[Operation], Operation]:
    """Register a POST that makes something: 201 with `shown`."""
    extra = {201: {"description": "Made."}}
    return _registered(router.post, path, {201: shown}, (*ALWAYS, *may), extra, summary)


def _registered(  # noqa: PLR0913, PLR0917 - what the two above have in common
    register: Any, path: str, answers: dict[int, Any], refusals: tuple[int, ...], extra: dict[int, Any], summary: str
) -> Callable[[Operation], Operation]:
    response = answers | dict.fromkeys(sorted(set(refusals)), Problems)
    told = extra | {status: {"description": REFUSALS[status]} for status in set(refusals)}
    if 401 in told:
        told[401]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
        told[405]["headers"] = {"Allow": {"schema": {"type": "string"}, "required": True}}

    def register_it(function: Operation) -> Operation:
        known = register(path, response=response, summary=summary, openapi_extra={"responses": told})
        registered: Operation = known(_strict(function))
        return registered

    return register_it


def _strict(function: Operation) -> Operation:
    """Refuse parameters that the function does not take: `form=` for `from=` would answer something else."""
    names = _names(function)

    @functools.wraps(function)
    def answer(request: HttpRequest, *arguments: Any, **values: Any) -> Any:
        if unknown := [name for name in request.GET if name not in names]:
            faults = [
                {"loc": ("query", name), "msg": f"there is no such parameter. {did_you_mean(name, names)}"}
                for name in unknown
            ]
            raise ValidationError(faults)
        return function(request, *arguments, **values)

    return answer  # type: ignore[return-value]


def _names(function: Callable[..., Any]) -> frozenset[str]:
    """The parameters of the query, by the names they are sent with."""
    found: set[str] = set()
    for parameter in inspect.signature(function).parameters.values():
        for kind in (parameter.annotation, *get_args(parameter.annotation)):
            if inspect.isclass(kind) and issubclass(kind, BaseModel) and issubclass(kind, Asking):
                found |= {field.alias or name for name, field in kind.model_fields.items()}
    return frozenset(found)
