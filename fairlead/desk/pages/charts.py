"""Charts as pictures and as descriptions, and the program that draws descriptions in the browser."""

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

from fairlead.actions.clocks import hours
from fairlead.actions.cohort_drawing import by_value, triangle
from fairlead.actions.cohorts import cohorts
from fairlead.actions.drawing import NONE, Drawing, change, course, versions
from fairlead.actions.hourly import kept, starts
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.revenue import revenue
from fairlead.actions.revenue_drawing import DRAWN
from fairlead.actions.timekeeping import Due
from fairlead.actions.why import why
from fairlead.desk import bundle
from fairlead.desk.grounds import OF_THE_PAST, grounds
from fairlead.desk.reading import Typed, moment_of, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.workplace import workspace
from fairlead.picture.drawn import svg
from fairlead.picture.palette import PALETTES
from fairlead.picture.theme import WIDTHS, Style
from fairlead.problem import Problem, Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace

KEPT = "private, no-cache"
FOREVER = "private, max-age=31536000, immutable"
EVERY = "-"  # instead of a name: of all policies; no name of the model can be it
HOURLY = {"starts": starts, "kept": kept}
COHORTS, COHORT_VALUES = "cohorts", "cohort-values"
KINDS = ("metric", "why", "versions", *HOURLY, *DRAWN, COHORTS, COHORT_VALUES)
LETTERS = 'font-family="sans-serif" font-size="14" fill="#888"'


class Wanted(NamedTuple):
    """Which chart of which number of which workspace, asked how; `rests_on` is what it is drawn from."""

    place: Workspace
    rests_on: tuple[str, ...]
    kind: str
    name: str
    form: Typed
    cut: str
    value: str
    known_at: str


def _rests_on(place: Workspace, request: HttpRequest) -> tuple[str, ...]:
    """What a chart depends on besides its question; the versions of a number are told by its builds."""
    kind = request.resolver_match.kwargs["kind"] if request.resolver_match else ""
    past = bool(OF_THE_PAST & request.GET.keys())
    return (*grounds(place, datetime.now(UTC), builds=kind == "versions", past=past), bundle.VERSION)


def _etag(request: HttpRequest, **_: str) -> str:
    told = "\n".join((*_rests_on(workspace(), request), request.get_full_path()))
    return f'"{hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def _refusal(request: HttpRequest, refused: Refused, status: int, *, form: str, **_: str) -> HttpResponse:
    """What is wrong, in the form that was asked for: a picture of the words, or JSON."""
    said = [" ".join(filter(None, (_place(one), one.says, one.hint))) for one in refused.problems]
    if form == "json":
        return _kept(JsonResponse({"problems": said}, status=status))
    lines = "".join(f'<text x="8" y="{24 * at}">{escape(line)}</text>' for at, line in enumerate(said, 1))
    words = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {24 * len(said) + 12}" {LETTERS}>{lines}</svg>'
    return _kept(HttpResponse(words, content_type=FORMS["svg"].content_type, status=status))


def _place(problem: Problem) -> str:
    return f"{problem.where}:" if problem.where else ""


def _kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = KEPT
    return answer


@require_safe
@refusing("That cannot be drawn", told=_refusal)
@condition(etag_func=_etag)
def chart(request: HttpRequest, kind: str, name: str, form: str) -> HttpResponse:
    """One chart, as SVG or as JSON; 400 with the message where the question cannot be answered."""
    if kind not in KINDS or form not in FORMS:
        raise Http404
    look, place = _look(request), workspace()
    wanted = Wanted(place, _rests_on(place, request), kind, name, typed(request), *_also(request))
    return _kept(HttpResponse(FORMS[form].draw(wanted, look), content_type=FORMS[form].content_type))


def _also(request: HttpRequest) -> tuple[str, str, str]:
    """The dimension that a change is cut by, the value of one, and the moment whose knowledge counts."""
    cut, value, known_at = (request.GET.get(name, "").strip() for name in ("cut", "value", "known_at"))
    return cut, value, known_at


def _look(request: HttpRequest) -> Style:
    """The scheme and size asked for; refused where there is no such one."""
    asked = request.GET.get("scheme", "light"), request.GET.get("size", "wide")
    looks = (Style(scheme, size) for scheme in PALETTES for size in WIDTHS)
    found = next((look for look in looks if (look.scheme, look.size) == asked), None)
    if found is None:
        said = ", ".join((*PALETTES, *WIDTHS))
        raise Refused([BAD_QUESTION.broken(f"no chart is drawn {' and '.join(asked)}.", hint=f"There is: {said}.")])
    return found


@lru_cache(maxsize=128)
def _drawn(wanted: Wanted) -> Drawing:
    """What is drawn; the same question is asked once a process, whatever it is drawn for."""
    place, form = wanted.place, wanted.form
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
    if wanted.kind in HOURLY:
        policy = None if wanted.name == EVERY else wanted.name
        due = Due(policy, form.start or None, form.end or None, form.as_of or None)
        return HOURLY[wanted.kind](hours(place, due), place.manner)
    if wanted.kind in DRAWN:
        return _revenue(wanted)
    if wanted.kind in {COHORTS, COHORT_VALUES}:
        return _cohorts(wanted)
    asked = form.asked(wanted.name)
    return versions(place, wanted.name, asked) if wanted.kind == "versions" else course(place, asked)


def _revenue(wanted: Wanted) -> Drawing:
    """A chart of recurring revenue; its name is the lens."""
    place, form = wanted.place, wanted.form
    told = revenue(
        place,
        start=form.start or None,
        end=form.end or None,
        per=form.per or Grain.MONTH,
        by=form.by[0] if form.by else None,
        lenses=(wanted.name,),
        as_of=form.as_of or None,
        known_at=moment_of(wanted.known_at or None, place, datetime.now(UTC)),
        compare=False,
    )
    return DRAWN[wanted.kind](told, place.model, place.manner)


def _cohorts(wanted: Wanted) -> Drawing:
    """Cohorts; the name is what they are of."""
    place, form = wanted.place, wanted.form
    told = cohorts(
        place,
        per=form.per or Grain.MONTH,
        by=form.by[0] if form.by else None,
        what=wanted.name,
        start=form.start or None,
        end=form.end or None,
        as_of=form.as_of or None,
        known_at=moment_of(wanted.known_at or None, place, datetime.now(UTC)),
    )
    if wanted.kind == COHORT_VALUES:
        return by_value(told, place.manner)
    return triangle(told, place.manner, None if wanted.value in ("", NONE) else wanted.value)


@lru_cache(maxsize=256)
def described(wanted: Wanted, look: Style) -> str:
    """A chart as the browser draws it: Vega-Lite."""
    return json.dumps(_drawn(wanted).chart(look).to_dict(), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def picture(wanted: Wanted, look: Style) -> str:
    """A chart as SVG, of a fixed width."""
    return svg(_drawn(wanted), look)


class ChartForm(NamedTuple):
    """A way a chart is answered."""

    draw: Callable[[Wanted, Style], str]
    content_type: str


FORMS = {"svg": ChartForm(picture, "image/svg+xml; charset=utf-8"), "json": ChartForm(described, "application/json")}


@require_safe
@refusing("Charts cannot be drawn")
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
