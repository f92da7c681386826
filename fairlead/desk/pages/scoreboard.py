"""The first page: the few numbers everybody sees, each against its target; of today or of an earlier day."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from fairlead.actions.exporting import as_table
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.pasts import State, day_asked, make
from fairlead.actions.pasts import past as look
from fairlead.actions.scoreboard import Score, Scoreboard
from fairlead.actions.scoreboard import scoreboard as ask
from fairlead.desk.behind import asking
from fairlead.desk.board import tabs, worded_board
from fairlead.desk.downloads import download
from fairlead.desk.earlier import not_made, onward
from fairlead.desk.reading import one_of
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import TIERS
from fairlead.problem import Refused

if TYPE_CHECKING:
    import pyarrow as pa

FORMS = {"csv": "CSV", "xlsx": "Excel"}
COLUMNS = (
    *("metric", "label", "unit", "period", "value", "previous", "target", "status", "tier"),
    *("owner_role", "owner", "needs"),
)


@require_safe
def scoreboard(request: HttpRequest) -> HttpResponse:
    """The scoreboard of the published build, or as of an earlier day when there is a build of that day."""
    asked = request.GET.get("as_of", "")
    try:
        tier = _tier(request)
        shown = {"asked": asked, "tier": tier, "view": TIERS.get(tier or 0, ""), "tabs": tabs(tier, asked)}
        day = day_asked(workspace(), asked) if asked else None
        if day and (found := look(workspace(), day)).state is not State.READY:
            return not_made(request, found, shown)
        board = ask(workspace(), tier=tier, as_of=day)
    except Refused as refused:
        return _refused(request, refused)
    files = [(label, kept_as(form, tier, asked)) for form, label in FORMS.items()]
    labels = {metric.name: metric.title for metric in workspace().model.metrics.metrics.values()}
    return render(request, "scoreboard.html", {**shown, "files": files, "board": worded_board(board, tier, labels)})


@require_safe
def scoreboard_file(request: HttpRequest, form: str) -> HttpResponse:
    """The scores of the same view as CSV or Excel; a day without a build is offered by the page."""
    asked = request.GET.get("as_of", "")
    try:
        tier = _tier(request)
        day = day_asked(workspace(), asked) if asked else None
        if day and look(workspace(), day).state is not State.READY:
            return redirect(kept_as("", tier, asked))
        board = ask(workspace(), tier=tier, as_of=day)
    except Refused as refused:
        return _refused(request, refused)
    return download(_scores(board), "scoreboard" + (f"-tier-{tier}" if tier else ""), form)


def kept_as(form: str, tier: int | None, as_of: str) -> str:
    """The address of a view of the scoreboard as a file; without a form, as a page."""
    page = reverse("scoreboard-file", args=[form]) if form else reverse("scoreboard")
    return page + asking({"tier": tier, "as_of": as_of})


def _scores(board: Scoreboard) -> "pa.Table":
    """One row a score, in the order shown; shares are shares (0.25 is 25 %)."""

    def line(score: Score) -> tuple[str | float | None, ...]:
        names = (score.metric, score.label, score.unit, score.period)
        values = (None if value is None else float(value) for value in (score.value, score.previous))
        who = (score.owner_role, score.owner_name, ", ".join(score.needs))
        return (*names, *values, score.target, str(score.status), score.tier, *who)

    told = list(dict.fromkeys(score.metric for score in (*board.scores, *board.opened)))
    by_name = {score.metric: score for score in (*board.opened, *board.scores)}
    return as_table(COLUMNS, [line(by_name[name]) for name in told])


@require_http_methods(["GET", "HEAD", "POST"])
def past(request: HttpRequest) -> HttpResponse:
    """POST begins to make the build of a day; the page it is asked from says how far it is."""
    asked = request.POST.get("day", "")
    if request.method == "POST":
        try:
            make(workspace(), day_asked(workspace(), asked))
        except Refused as refused:
            return _refused(request, refused)
    return onward(request)


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    """What the verb said: 400 where the question is at fault, 503 where the workspace is."""
    asked_wrong = {problem.code for problem in refused.problems} == {BAD_QUESTION.code}
    title = "That cannot be shown" if asked_wrong else "The scoreboard cannot be shown yet"
    shown = {"problems": refused.problems, "title": title, "asked_wrong": asked_wrong}
    return render(request, "refused.html", shown, status=400 if asked_wrong else 503)


def _tier(request: HttpRequest) -> int | None:
    """The tier asked for, None being the board itself; raises Refused for what is no tier."""
    asked = one_of(request, "tier", map(str, TIERS))
    return int(asked) if asked else None


urls = [
    path("", scoreboard, name="scoreboard"),
    path("scoreboard.<str:form>", scoreboard_file, name="scoreboard-file"),
    path("as-of/", past, name="past"),
]
