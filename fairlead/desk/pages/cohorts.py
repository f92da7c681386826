"""Cohorts: what is left of the customers who started in a month or quarter, and who they are."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.cohort_drawing import values
from fairlead.actions.cohort_rows import PAGE, Asking, CustomersTold, customers, customers_table
from fairlead.actions.cohorts import LOGOS, REVENUE, CohortsTold, cohorts, table
from fairlead.actions.drawing import NONE
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.revenue import LINES
from fairlead.actions.revenue_rows import has_lines
from fairlead.analysis.cohort import SIZES
from fairlead.desk import cohorting
from fairlead.desk.behind import asking
from fairlead.desk.cohorting import CUSTOMERS, Form, Told, cut_name
from fairlead.desk.downloads import MOST, download, long
from fairlead.desk.earlier import offered
from fairlead.desk.reading import moment_of, page_number
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import of_build
from fairlead.desk.uncounted import apart
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import period_words
from fairlead.problem import Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace

CUTS = ("segment", "product", "source", "account.country", "account.industry", "owner")


@require_safe
@refusing("Cohorts cannot be shown")
def cohorts_page(request: HttpRequest) -> HttpResponse:
    """The triangle, or the values of a dimension by age."""
    place, form = workspace(), _form(request)
    if place.lake.current() is None:
        return render(request, "cohorts.html", {"unbuilt": True})
    if offer := offered(request, form.as_of, "Cohorts"):
        return offer
    found = _told(place, form)
    stamp = of_build(place, found.build, found.as_of)
    if not has_lines(place, found.build):
        return render(request, "cohorts.html", {"no_lines": True, "stamp": stamp})
    return render(request, "cohorts.html", _page(place, Told(found, form, place.manner)) | {"stamp": stamp})


def _form(request: HttpRequest) -> Form:
    def one(name: str) -> str:
        return request.GET.get(name, "").strip()

    by = one("by")
    value = one("value") if by else ""
    return Form(one("from"), one("to"), one("per"), by, one("what"), value, one("as_of"), one("known_at"))


def _told(place: Workspace, form: Form) -> CohortsTold:
    return cohorts(
        place,
        per=form.per or Grain.MONTH,
        by=form.by or None,
        what=form.what or REVENUE,
        start=form.start or None,
        end=form.end or None,
        as_of=form.as_of or None,
        known_at=moment_of(form.known_at or None, place, datetime.now(UTC)),
    )


def _page(place: Workspace, told: Told) -> dict[str, object]:
    found, form = told.found, told.form
    shown = cohorting.drawn(told) if found.cohorts else None
    return {
        "page": found,
        "uncounted": apart(place, found.build, LINES),
        "asked": form,
        "grains": list(SIZES),
        "counted": [(REVENUE, "revenue"), (LOGOS, "customers")],
        "cuts": list(dict.fromkeys([*CUTS, *filter(None, [form.by])])),
        "cut_name": cut_name(form.by),
        "values": [one.value or NONE for one in values(found)] if form.by else [],
        "figure": shown,
        "young": cohorting.young(told),
        "sheet": cohorting.compared(told) if form.is_compared else shown and cohorting.together(told, shown),
        "churn": reverse("revenue") + asking({"as_of": form.as_of, "known_at": form.known_at}) + "#lost",
        "files": [(kind, reverse("cohorts-file", args=[kind]) + form.asking()) for kind in MOST],
    }


@require_safe
@refusing("They cannot be listed", "cohorts")
def customers_page(request: HttpRequest) -> HttpResponse:
    """The customers behind a share."""
    place, form, page = workspace(), _form(request), page_number(request)
    if offer := offered(request, form.as_of, "Cohorts"):
        return offer
    asked = _chosen(request, form, place)
    found = customers(place, asked, offset=PAGE * (page - 1))
    turned, pages = request.GET.dict(), max(1, -(-found.total // PAGE))
    return render(request, "cohort_customers.html", _customers(place, found, turned) | {
        "back": reverse("cohorts") + form.asking(),
        "number": min(page, pages),
        "pages": pages,
        "before": asking({**turned, "page": page - 1}) if page > 1 else "",
        "after": asking({**turned, "page": page + 1}) if page < pages else "",
    })  # fmt: skip


def _chosen(request: HttpRequest, form: Form, place: Workspace) -> Asking:
    age = request.GET.get("age", "").strip()
    if age and not (age.isascii() and age.isdigit() and len(age) < 4):
        raise Refused([BAD_QUESTION.broken(f"'{age[:40]}' is no age.", hint="Ages count periods from 0.")])
    return Asking(
        form.per or Grain.MONTH,
        form.by or None,
        form.start or None,
        form.end or None,
        form.as_of or None,
        moment_of(form.known_at or None, place, datetime.now(UTC)),
        request.GET.get("cohort", "").strip() or None,
        int(age or 0),
        form.chosen,
    )


def _customers(place: Workspace, found: CustomersTold, turned: dict[str, str]) -> dict[str, object]:
    manner, whole = place.manner, asking({**turned, "page": None})
    return {
        "page": found,
        "cohort": period_words(found.cohort, manner) if found.cohort else "",
        "cut_name": cut_name(found.by or ""),
        "lead": cohorting.lead(found, manner),
        "sheet": cohorting.customers(found, turned.get("known_at", "").strip(), manner),
        "files": [(kind, reverse("cohorts-customers-file", args=[kind]) + whole) for kind in MOST],
        "stamp": of_build(place, found.build, found.as_of),
    }


@require_safe
@refusing("There is no such file", "cohorts")
def cohorts_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The cells as CSV or Excel."""
    return download(table(_told(workspace(), _form(request))), "cohorts", form)


@require_safe
@refusing("There is no such file", "cohorts")
def customers_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The customers behind a share as CSV or Excel."""
    place = workspace()
    asked = _chosen(request, _form(request), place)
    return long(customers_table(place, asked, limit=MOST.get(form, 0)), "cohort-customers", form)


urls = [
    path("cohorts/", cohorts_page, name="cohorts"),
    path("cohorts/customers/", customers_page, name=CUSTOMERS),
    path("cohorts/table.<str:form>", cohorts_file, name="cohorts-file"),
    path("cohorts/customers.<str:form>", customers_file, name="cohorts-customers-file"),
]
