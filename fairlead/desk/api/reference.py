"""/api/openapi.json for programs, and /api/ for people: every operation, its parameters, answers and a curl line."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fairlead.desk.api.description import openapi
from fairlead.desk.api.refusals import wrong_method
from fairlead.desk.api.written import written


class Parameter(NamedTuple):
    """One parameter: where it stands (path, query), what it may be, and what it is for."""

    name: str
    place: str
    kind: str
    required: bool
    says: str


class Answer(NamedTuple):
    """One answer an operation may give."""

    status: str
    says: str
    kinds: str


class Operation(NamedTuple):
    """One operation as people read it; `curl` is a line to try it with."""

    name: str
    method: str
    path: str
    summary: str
    says: str
    parameters: tuple[Parameter, ...]
    answers: tuple[Answer, ...]
    curl: str


class Group(NamedTuple):
    """Operations about one thing."""

    name: str
    operations: tuple[Operation, ...]


def openapi_json(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description."""
    if request.method != "GET":
        return wrong_method(request, "GET, HEAD")
    return HttpResponse(written(openapi()), content_type="application/json; charset=utf-8")


def page(request: HttpRequest) -> HttpResponse:
    """The API for people to read."""
    if request.method not in ("GET", "HEAD"):
        return wrong_method(request, "GET, HEAD")
    site = f"{request.scheme}://{request.get_host()}"
    return render(request, "api.html", {"groups": groups(site), "site": site})


def groups(site: str) -> tuple[Group, ...]:
    """Every operation, by what it is about; `site` stands in the curl lines."""
    found: dict[str, list[Operation]] = {}
    for path, methods in openapi()["paths"].items():
        for method, said in methods.items():
            found.setdefault(said["tags"][0], []).append(_operation(path, method, said, site))
    return tuple(Group(name, tuple(operations)) for name, operations in found.items())


def _operation(path: str, method: str, said: Mapping[str, Any], site: str) -> Operation:
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        says=said.get("description", ""),
        parameters=tuple(_parameter(one) for one in said["parameters"]),
        answers=tuple(_answer(status, one) for status, one in sorted(said["responses"].items())),
        curl=_curl(path, method, said, site),
    )


def _parameter(said: Mapping[str, Any]) -> Parameter:
    return Parameter(
        said["name"], said["in"], _kind(said["schema"]), said["required"], said["schema"].get("description", "")
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value may be, in a word or two."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        return _kind(_referred(schema))
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        schema.get("type", ""), schema.get("type", "")
    )
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}, may be repeated"
    bounds = [str(schema[name]) for name in ("minimum", "maximum") if name in schema]
    return f"{kind}, {' to '.join(bounds)}" if bounds else kind


def _answer(status: int, said: Mapping[str, Any]) -> Answer:
    return Answer(str(status), said["description"], ", ".join(said.get("content", ())))


def _curl(path: str, method: str, said: Mapping[str, Any], site: str) -> str:
    """A line that works in a shell where TOKEN is set, with the examples of what is required."""
    shown = {one["name"]: _example(one) for one in said["parameters"] if one["required"] or "example" in one["schema"]}
    query = []
    for one in said["parameters"]:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(str(shown[one["name"]]), safe=""))
        elif one["name"] in shown:
            query.append((one["name"], shown[one["name"]]))
    address = site + path + (f"?{urlencode(query, doseq=True)}" if query else "")
    sent = "".join(f" \\\n  -H 'Content-Type: application/json' -d '{written(body)}'" for body in _bodies(said))
    verb = "" if method == "get" else f" -X {method.upper()}"
    return f'curl{verb} -H "Authorization: Bearer $TOKEN" "{address}"{sent}'


def _example(parameter: Mapping[str, Any]) -> Any:
    return parameter["schema"].get("example", parameter["name"].upper())


def _bodies(said: Mapping[str, Any]) -> Iterator[Any]:
    """The example of what is sent, where something is."""
    for content in said.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        yield (_referred(schema) if "$ref" in schema else schema).get("example", {})


def _referred(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that another one names."""
    found: Mapping[str, Any] = openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found
