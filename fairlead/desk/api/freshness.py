"""How long an answer is good: until a build is published, the model or a setting is edited, or a day is over.

    ETag = digest of (Fairlead's code, settings and model, published build, day, path and query, format)

It is known before any work is done, so a program that asks again with If-None-Match costs next to nothing. Nothing
of who asks is in it: the same question has one tag for everybody. What depends on more than the published build has
that in its tag too: which builds and models there are, when each source was seen and whether that is too long ago,
what of raw has been landed, what was decided at the desk since, and for ages the minute.
"""

import hashlib
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fairlead.actions.sources import sources
from fairlead.desk.grounds import OF_THE_PAST, decided, grounds
from fairlead.workspace import Workspace

Answer = TypeVar("Answer", bound=HttpResponseBase)

CSV = "text/csv"
JSON = "application/json"
OF_BUILDS = ("/api/builds", "/api/dictionary")
OF_AGES = ("/api/sources",)
OF_DECISIONS = ("/api/gate/",)
OF_SIGHT = (*OF_AGES, "/api/scoreboard", "/api/dictionary", "/api/metrics", "/api/tree")


def tag(request: HttpRequest, workspace: Workspace, now: datetime) -> str:
    """The strong ETag of the answer to this request."""
    builds, past = request.path.startswith(OF_BUILDS), bool(OF_THE_PAST & request.GET.keys())
    parts = list(grounds(workspace, now, builds=builds, past=past))
    if request.path.startswith(OF_SIGHT):
        parts += [f"{s.name} {s.seen_at} {s.changed_at} {s.is_stale}" for s in sources(workspace, now=now)]
    if request.path.startswith(OF_DECISIONS):
        parts += decided(workspace)
    if request.path.startswith(OF_AGES):
        parts.append(f"{now:%Y-%m-%dT%H:%M}")
    parts += [request.get_full_path(), CSV if wants_csv(request) else JSON]
    whole = "\n".join(parts).encode("utf-8", "surrogatepass")
    return f'"{hashlib.sha256(whole).hexdigest()[:32]}"'


def known(request: HttpRequest, current: str) -> bool:
    """Whether whoever asks has this answer already."""
    sent = [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]
    return current in sent or "*" in sent


def unchanged(current: str) -> HttpResponse:
    """304: what you have is still the answer."""
    answer = HttpResponse(status=304)
    del answer["Content-Type"]
    return stamped(answer, current)


def stamped(answer: Answer, current: str) -> Answer:
    """Say how long an answer is good: for this person only, and to be asked about before each use."""
    answer["ETag"] = current
    answer["Cache-Control"] = "private, no-cache"
    return answer


def wants_csv(request: HttpRequest) -> bool:
    """Whether CSV is preferred to JSON."""
    return request.get_preferred_type([JSON, CSV]) == CSV
