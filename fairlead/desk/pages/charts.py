"""Charts as pictures and as descriptions, and the program that draws descriptions in the browser."""

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from importlib.metadata import version
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

from fairlead.actions.drawing import Drawing, change, course, versions
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_METRIC
from fairlead.actions.why import why
from fairlead.desk import bundle
from fairlead.desk.reading import Typed, typed
from fairlead.desk.workplace import edition, workspace
from fairlead.picture.drawn import svg
from fairlead.picture.palette import PALETTES
from fairlead.picture.theme import WIDTHS, Look
from fairlead.problem import Problem, Refused

OWN = version("fairlead")
KEPT = "private, no-cache"
FOREVER = "private, max-age=31536000, immutable"
KINDS = ("metric", "why", "versions")
LETTERS = 'font-family="sans-serif" font-size="14" fill="#888"'


class Wanted(NamedTuple):
    """Which chart of which number, asked how; `edition` is what it is drawn from."""

    edition: str
    kind: str
    name: str
    form: Typed
    cut: str


def _edition() -> str:
    """What every chart depends on besides its question: the build, the model and settings, the day, the programs."""
    place = workspace()
    build = place.lake.current()
    day = place.as_of(datetime.now(UTC))
    return f"{build.name if build else ''} {edition(place.root)} {day} {OWN} {bundle.VERSION}"


def _etag(request: HttpRequest, **_: str) -> str | None:
    try:
        told = f"{_edition()} {request.get_full_path()}"
    except Refused:
        return None
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def chart(request: HttpRequest, kind: str, name: str, form: str) -> HttpResponse:
    """One chart, as SVG or as JSON; 400 with the message where the question cannot be answered."""
    if kind not in KINDS or form not in FORMS:
        raise Http404
    try:
        look = _look(request)
        wanted = Wanted(_edition(), kind, name, typed(request), request.GET.get("cut", ""))
        answer = HttpResponse(FORMS[form].draw(wanted, look), content_type=FORMS[form].content_type)
    except Refused as refused:
        answer = _refusal(refused.problems, form)
    answer["Cache-Control"] = KEPT
    return answer


def _look(request: HttpRequest) -> Look:
    """The scheme and size asked for; refused where there is no such one."""
    asked = request.GET.get("scheme", "light"), request.GET.get("size", "wide")
    looks = (Look(scheme, size) for scheme in PALETTES for size in WIDTHS)
    found = next((look for look in looks if (look.scheme, look.size) == asked), None)
    if found is None:
        said = ", ".join((*PALETTES, *WIDTHS))
        raise Refused([BAD_QUESTION.broken(f"no chart is drawn {' and '.join(asked)}.", hint=f"There is: {said}.")])
    return found


@lru_cache(maxsize=128)
def _drawn(wanted: Wanted) -> Drawing:
    """What is drawn; the same question is asked once a process, whatever it is drawn for."""
    place, form = workspace(), wanted.form
    if wanted.kind == "why":
        found = why(
            place,
            wanted.name,
            start=form.start,
            end=form.end,
            by=form.by,
            where=form.where or None,
            reported=form.reported or None,
            as_of=form.as_of or None,
        )
        drawing = change(found, place.manner, dimension=wanted.cut or None)
        if drawing is None:
            raise Refused([BAD_QUESTION.broken(f"there is no change to draw: {found.sentence}", hint="")])
        return drawing
    asked = form.asked(wanted.name)
    return versions(place, wanted.name, asked) if wanted.kind == "versions" else course(place, asked)


@lru_cache(maxsize=256)
def described(wanted: Wanted, look: Look) -> str:
    """A chart as the browser draws it: Vega-Lite."""
    return json.dumps(_drawn(wanted).chart(look).to_dict(), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def picture(wanted: Wanted, look: Look) -> str:
    """A chart as SVG, of a fixed width."""
    return svg(_drawn(wanted), look)


class Form(NamedTuple):
    """A way a chart is answered."""

    draw: Callable[[Wanted, Look], str]
    content_type: str


FORMS = {"svg": Form(picture, "image/svg+xml; charset=utf-8"), "json": Form(described, "application/json")}


def _refusal(problems: Sequence[Problem], form: str) -> HttpResponse:
    """What is wrong, in the form that was asked for: a picture of the words, or JSON."""
    status = 404 if problems[0].code == UNKNOWN_METRIC.code else 400
    said = [f"{problem.message} {problem.hint or ''}".strip() for problem in problems]
    if form == "json":
        return JsonResponse({"problems": said}, status=status)
    lines = "".join(f'<text x="8" y="{24 * at}">{escape(line)}</text>' for at, line in enumerate(said, 1))
    words = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {24 * len(said) + 12}" {LETTERS}>{lines}</svg>'
    return HttpResponse(words, content_type=FORMS["svg"].content_type, status=status)


@require_safe
def program(request: HttpRequest, version: str) -> HttpResponse:
    """The bundle that draws charts, compressed; made on first use. Its address changes with its version."""
    if version != bundle.VERSION:
        raise Http404
    packed = bundle.bundle(workspace().lake.root / "charts").read_bytes()
    plain = "gzip" not in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(gzip.decompress(packed) if plain else packed, content_type="text/javascript; charset=utf-8")
    if not plain:
        answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"] = FOREVER
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


urls = [
    path("charts/program-<str:version>.js", program, name="chart-program"),
    path("charts/<str:kind>/<str:name>.<str:form>", chart, name="chart"),
]
