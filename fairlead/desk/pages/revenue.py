"""Revenue: what moved it, what was kept, as we count and as others would; each number with its accounts and lines."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.leaving import LeavingTold, leaving
from fairlead.actions.otherwise import differences_table
from fairlead.actions.revenue import LINES, RevenueTold, against, revenue, table
from fairlead.actions.revenue_drawing import named
from fairlead.actions.revenue_rows import PAGE, Asking, BehindTold, behind, behind_table, has_lines, year
from fairlead.analysis.revenue_rows import CLOSING, GONE, MOVEMENTS, OPENING, RETAINED, WHAT
from fairlead.desk import lost, otherwise, recurring
from fairlead.desk.behind import asking
from fairlead.desk.downloads import MOST, download, long
from fairlead.desk.earlier import offered
from fairlead.desk.grounds import grounds
from fairlead.desk.reading import moment_of, one_of, page_number
from fairlead.desk.recurring import ALL, TITLES, Form, Told, Whole
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import of_build
from fairlead.desk.uncounted import apart
from fairlead.desk.workplace import workspace
from fairlead.model.revenue import OURS, SameMonth
from fairlead.picture.wording import day_words, period_words, worded
from fairlead.values import Grain
from fairlead.workspace import Workspace

CUTS = ("segment", "product", "source", "account.country", "account.industry", "owner")
TABLE, DIFFERENCES = "table", "differences"
# What is said of a customer's movements within one month.
WITHIN_MONTH = {
    SameMonth.GROUPED: "Within a month a customer's movements are told as one.",
    SameMonth.HIDDEN: "Who came and left within a month is not told.",
    SameMonth.COUNTED: "",
}


@require_safe
@refusing("Revenue cannot be shown")
def revenue_page(request: HttpRequest) -> HttpResponse:
    """Recurring revenue over some time."""
    place = workspace()
    form = _form(request, place)
    if place.lake.current() is None:
        return render(request, "revenue.html", {"unbuilt": True})
    if offer := offered(request, form.as_of, "Revenue"):
        return offer
    found = _told(place, form)
    if not has_lines(place, found.told.build):
        stamp = of_build(place, found.told.build, found.told.as_of)
        return render(request, "revenue.html", {"no_lines": True, "stamp": stamp})
    return render(request, "revenue.html", _page(place, Told(found, form, place.manner)))


def _form(request: HttpRequest, place: Workspace) -> Form:
    def one(name: str) -> str:
        return request.GET.get(name, "").strip()

    lens = one_of(request, "lens", (OURS, *place.model.revenue.lenses, ALL))
    per = one_of(request, "per", list(Grain))
    return Form(one("from"), one("to"), per, one("by"), "" if lens == OURS else lens, one("as_of"), one("known_at"))


def _told(place: Workspace, form: Form) -> Whole:
    return _whole(place, _grounds(place, form), form)


@lru_cache(maxsize=16)
def _whole(place: Workspace, rests_on: tuple[str, ...], form: Form) -> Whole:
    """All that the page tells; the same question is asked once a process: other lenses take their time."""
    others = {"": (), ALL: tuple(place.model.revenue.lenses)}.get(form.lens, (form.lens,))
    asked = _asking(form, place)
    told = _report(place, asked, (OURS, *others), compare=True)
    uncut = _report(place, asked._replace(by=None), (OURS, *others)) if asked.by else told
    years = {one.lens: year(place, asked._replace(lens=one.lens)) for one in told.lenses}
    return Whole(told, uncut, years[OURS][0], {lens: line for lens, (_, line) in years.items()})


@lru_cache(maxsize=16)
def _lost(place: Workspace, rests_on: tuple[str, ...], form: Form) -> LeavingTold:
    """What was lost in the same time, as we count; asked once a process, too."""
    asked = _asking(form, place)
    return leaving(place, start=asked.start, end=asked.end, as_of=asked.as_of, known_at=asked.known_at)


def _grounds(place: Workspace, form: Form) -> tuple[str, ...]:
    return grounds(place, datetime.now(UTC), past=bool(form.as_of or form.known_at))


def _report(place: Workspace, asked: Asking, lenses: Sequence[str], *, compare: bool = False) -> RevenueTold:
    return revenue(
        place,
        start=asked.start,
        end=asked.end,
        per=asked.per,
        by=asked.by,
        lenses=lenses,
        as_of=asked.as_of,
        known_at=asked.known_at,
        compare=compare,
    )


def _asking(form: Form, place: Workspace) -> Asking:
    return Asking(
        form.start or None,
        form.end or None,
        form.per or Grain.MONTH,
        form.by or None,
        form.main,
        form.as_of or None,
        moment_of(form.known_at or None, place, datetime.now(UTC)),
    )


def _page(place: Workspace, told: Told) -> dict[str, object]:
    report, main, form = told.report, told.whole.main, told.form
    shown = recurring.kinds(main.lines)
    titles = {seen.lens: seen.title for seen in report.lenses}
    manner, periods = place.manner, len({line.period for line in main.lines})
    switches = place.model.revenue.lens(main.lens) or place.model.revenue.switches
    return {
        "page": report,
        "asked": form,
        "unbalanced": [one for one in report.notes if one.is_error],
        "uncounted": apart(place, report.build, LINES),
        "main": main,
        "is_ours": main.lens == OURS,
        "within_month": "" if report.per in {Grain.DAY, Grain.WEEK} else WITHIN_MONTH[switches.same_month],
        "wins_back": switches.reactivation_in_nrr,
        "against": against(main.lines),
        "grains": list(Grain),
        "cuts": list(dict.fromkeys([*CUTS, *filter(None, [form.by])])),
        "lens_names": [(name, lens.title) for name, lens in place.model.revenue.lenses.items()],
        "bigs": recurring.bigs(told, place.model),
        "balance": f"{periods} {report.per}{'' if periods == 1 else 's'}",
        "figures": recurring.figures(told, place.model),
        "kinds": [named(kind) for kind in shown],
        "lines": [recurring.period(told, line, shown) for line in main.lines],
        "cut_name": form.by.rpartition(".")[2],
        "lost": lost.section(_lost(place, _grounds(place, form), form), manner) if main.lens == OURS else None,
        "committed": recurring.committed(told) if main.lens == OURS else [],
        "lenses": recurring.lenses(told) if len(report.lenses) > 1 else None,
        "goals": recurring.goals(place.model, manner),
        "difference_files": [(kind, _file(DIFFERENCES, kind, form)) for kind in MOST],
        "differences": otherwise.differences(told, titles) if len(report.lenses) > 1 else None,
        "side_by_side": reverse("revenue") + form.asking(lens=ALL),
        "files": [(what, [(kind, _file(what, kind, form)) for kind in MOST]) for what in (TABLE, MOVEMENTS)],
        "span": f"{day_words(report.start, manner)} to {day_words(report.end, manner)}",
        "stamp": of_build(place, report.build, report.as_of),
    }


def _file(what: str, kind: str, form: Form) -> str:
    return reverse("revenue-file", args=[what, kind]) + form.asking()


@require_safe
@refusing("They cannot be listed", "revenue")
def rows(request: HttpRequest, what: str) -> HttpResponse:
    """The accounts and movements behind a number."""
    place = workspace()
    form, page = _form(request, place), page_number(request)
    if offer := offered(request, form.as_of, "Revenue"):
        return offer
    asked = _chosen(request, form, place)
    found = behind(place, what, asked, offset=PAGE * (page - 1))
    turned, pages = request.GET.dict(), max(1, -(-found.total // PAGE))
    both = asked.account and asked.lens != OURS
    ours = behind(place, what, asked._replace(lens=OURS), offset=PAGE * (page - 1)) if both else None
    pages = max(pages, -(-ours.total // PAGE)) if ours else pages
    return render(request, "revenue_rows.html", _rows_page(place, found, asked, turned) | {
        "ours": _rows_page(place, ours, asked, turned | {"lens": ""}) if ours else None,
        "number": min(page, pages),
        "pages": pages,
        "before": asking({**turned, "page": page - 1}) if page > 1 else "",
        "after": asking({**turned, "page": page + 1}) if page < pages else "",
    })  # fmt: skip


def _chosen(request: HttpRequest, form: Form, place: Workspace) -> Asking:
    """The question about one period, one value of the dimension and one account, where they are named."""
    named = {name: request.GET.get(name, "").strip() or None for name in ("period", "cut", "account")}
    return _asking(form, place)._replace(period=named["period"], value=named["cut"], account=named["account"])


def _rows_page(place: Workspace, found: BehindTold, asked: Asking, turned: dict[str, str]) -> dict[str, object]:
    manner = place.manner
    only = {key: value for key, value in turned.items() if key not in {"page", "cut"}}

    def movements(account: str) -> str:
        return reverse("revenue-rows", args=[MOVEMENTS]) + asking({**only, "by": None, "account": account})

    lens, whole = place.model.revenue.lenses.get(found.lens), asking({**turned, "page": None})
    of_cohort = found.what in {RETAINED, GONE}
    told = [recurring.row(found, one, manner, movements(one.account_id)) for one in found.rows]
    span = f"{day_words(found.start, manner)} to {day_words(found.end, manner)}"
    return {
        "page": found,
        "title": TITLES.get(found.what) or named(found.what),
        "lens": lens.title if lens else "",
        "period": period_words(asked.period, manner) if asked.period else span,
        "cut_name": (found.by or "").rpartition(".")[2],
        "account": found.name,
        "lines": told,
        "has": {name: any(getattr(one, name) for one in told) for name in ("product", "day", "reason")},
        "has_kind": len({one.kind for one in told}) > 1,
        "has_ends": any(one.before.text or one.after.text for one in told),
        "of_cohort": of_cohort,
        "of_day": found.what in {OPENING, CLOSING},
        "cohort": _cohort(found, place) if of_cohort and not (found.by or found.account) else "",
        "total": worded(found.total, "count", manner).full,
        "money": worded(found.money, "money", manner).full,
        "back": reverse("revenue") + asking({k: v for k, v in only.items() if k not in {"period", "account"}}),
        "files": [(kind, reverse("revenue-file", args=[found.what, kind]) + whole) for kind in MOST],
        "stamp": of_build(place, found.build, found.as_of),
    }  # fmt: skip


def _cohort(found: BehindTold, place: Workspace) -> str:
    """What was there at the start, and what is kept of it."""
    whole, manner = found.whole, place.manner
    opening, customers = worded(whole.opening, "money", manner).full, worded(whole.customers, "count", manner).full
    rates = [("NRR", whole.nrr), ("GRR", whole.grr), ("logo retention", whole.logo_retention)]
    said = ", ".join(f"{n} {'undefined' if v is None else worded(v, 'percent', manner).text}" for n, v in rates)
    return f"At the start {customers} customers, with {opening} a month: {said}."


@require_safe
@refusing("There is no such file", "revenue")
def revenue_file(request: HttpRequest, what: str, form: str) -> HttpResponseBase:
    """The table of the report, or the rows behind a number, as CSV or Excel."""
    if what not in (TABLE, DIFFERENCES, *WHAT) or form not in MOST:
        raise Http404
    place = workspace()
    asked = _form(request, place)
    if what == DIFFERENCES:
        return download(differences_table(_told(place, asked).told), "revenue-differences", form)
    if what != TABLE:
        found = behind_table(place, what, _chosen(request, asked, place), limit=MOST[form])
        return long(found, f"revenue-{what}", form)
    names = (OURS, *place.model.revenue.lenses) if asked.lens == ALL else (asked.main,)
    return download(table(_report(place, _asking(asked, place), names)), "revenue", form)


urls = [
    path("revenue/", revenue_page, name="revenue"),
    path("revenue/rows/<str:what>/", rows, name="revenue-rows"),
    path("revenue/<str:what>.<str:form>", revenue_file, name="revenue-file"),
]
