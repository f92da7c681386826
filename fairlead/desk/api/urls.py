"""The addresses under /api/: the operations, their description for programs and for people, and nothing else."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from fairlead.desk.api import reference
from fairlead.desk.api.freshness import known, stamped, tag, unchanged
from fairlead.desk.api.operating import api
from fairlead.desk.api.refusals import not_found, refused, unavailable, wrong_method
from fairlead.desk.workplace import workspace
from fairlead.problem import Refused

View = Callable[..., HttpResponseBase]


def answered(view: View) -> View:
    """What all addresses share: HEAD where there is GET, a tag known before the work, JSON where ninja has none."""

    @csrf_exempt  # the door asks for the form token, where a session changes something
    @functools.wraps(view)
    def answer(request: HttpRequest, **values: Any) -> HttpResponseBase:
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        given = _given(view, request, values)
        if given.status_code == 405:
            given = wrong_method(request, given.headers["Allow"])
        patch_vary_headers(given, ("Accept", "Authorization", "Cookie"))
        return _without_body(given) if asked == "HEAD" else given

    return answer


def _given(view: View, request: HttpRequest, values: dict[str, Any]) -> HttpResponseBase:
    try:
        space = workspace()
    except Refused as said:
        return unavailable(said.problems)
    if request.method != "GET":
        return view(request, **values)
    try:
        current = tag(request, space, timezone.now())
    except Refused as said:
        return refused(said.problems)
    if known(request, current):
        return unchanged(current)
    given = view(request, **values)
    return stamped(given, current) if given.status_code == 200 else given


def _without_body(given: HttpResponseBase) -> HttpResponseBase:
    if isinstance(given, HttpResponse):
        given.headers.setdefault("Content-Length", str(len(given.content)))
        given.content = b""
    elif isinstance(given, StreamingHttpResponse):  # its length is not known before it is sent
        given.streaming_content = ()
    return given


def unknown(request: HttpRequest, **_: Any) -> HttpResponse:
    """Everything else under /api/."""
    return not_found(request.path)


def _urls() -> list[URLPattern | URLResolver]:
    """Ninja's own addresses, each answered as all are; its root, which only says not found, left out."""
    operations = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    return [
        path("", csrf_exempt(reference.page), name="reference"),
        path("openapi.json", answered(reference.openapi_json), name="openapi"),
        *(URLPattern(one.pattern, answered(one.callback), one.default_args, one.name) for one in operations),
        re_path(r"", csrf_exempt(unknown)),
    ]


urls = [path("api/", include((_urls(), "api")))]
